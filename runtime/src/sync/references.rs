//! References of target entries, compared one by one where that is possible, else as sets: one member more
//! costs one pending link.

use std::collections::{BTreeMap, BTreeSet};

use bumpalo::Bump;
use trib_compiler::ir::Mode;
use trib_compiler::value::Value;

use super::changes::Changes;
use super::outbound::{Taking, Target};
use super::{Failed, Synchronizer, Trouble};
use crate::error::Error;
use crate::eval::{Frame, Place};
use crate::progress::Progress;
use crate::store::{Entry, PendingLink, Reference};

/// The references of one object that are compared.
enum Part {
    All,
    /// Some of the object, some of its target entries.
    Some {
        references: Vec<Reference>,
        links: Vec<Reference>,
    },
}

impl Default for Part {
    fn default() -> Part {
        Part::Some {
            references: Vec::new(),
            links: Vec::new(),
        }
    }
}

impl Synchronizer<'_> {
    /// Computes the pending links of all that changed; every entry has its object by now.
    pub(super) fn compare_references(
        &self,
        changes: &mut Changes,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        // Entries of targets came and went in the meantime.
        changes.links.extend(self.store.take_reference_changes()?);
        let references = self.store.take_object_reference_changes()?;
        changes.references.extend(references);
        let mut parts: BTreeMap<i64, Part> = BTreeMap::new();
        for id in &changes.objects {
            parts.insert(*id, Part::All);
        }
        for reference in &changes.references {
            let part = parts.entry(reference.owner).or_default();
            if let Part::Some { references, .. } = part {
                references.push(*reference);
            }
        }
        for link in &changes.links {
            let Some((connector, object)) = self.store.link_of(link.owner)? else {
                continue;
            };
            if !self.is_target(connector) {
                continue;
            }
            if let Part::Some { links, .. } = parts.entry(object).or_default() {
                links.push(*link);
            }
        }
        progress.begin("comparing references", Some(parts.len() as u64));
        for (id, part) in &parts {
            self.export_references(*id, part)?;
            progress.advance(1);
        }
        progress.end();
        Ok(())
    }

    /// Computes the pending links of an object's target entries.
    fn export_references(&self, id: i64, part: &Part) -> Result<(), Error> {
        let Some(object) = self.store.object(id)? else {
            return Ok(());
        };
        let Some(source) = self.program.end(object.object_type) else {
            return Ok(());
        };
        let entries = self.store.entries_of(id)?;
        for entry in &entries {
            let Some(connector) = self.program.connector(entry.connector) else {
                continue;
            };
            let writes = self.program.rules.outbound.iter().any(|rule| {
                rule.source == source
                    && rule.flows.iter().any(|flow| {
                        let end = self.program.ir_type(rule.target);
                        end.and_then(|ty| ty.attributes.get(flow.target))
                            .is_some_and(|attribute| attribute.reference)
                    })
            });
            // Of attributes that no rule writes any more nothing waits.
            if matches!(part, Part::All) {
                self.store.own_awaited_references(entry.id)?;
                self.store.clear_pending_links(entry.id)?;
            }
            if !writes {
                continue;
            }
            let bump = Bump::new();
            let Some(target) = self.target(&object, source, connector, &entries, &bump)? else {
                continue;
            };
            match self.links(&target, entry, part) {
                Ok(()) => {}
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Object(failed)) => {
                    self.object_error(&target, failed.error("", &target.source_dn))?;
                }
            }
        }
        Ok(())
    }

    fn links<'a>(&'a self, target: &Target<'a>, entry: &Entry, part: &Part) -> Result<(), Trouble> {
        let in_scope = self.outbound_in_scope(target)?;
        let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty)) else {
            return Ok(());
        };
        let taking = self.taking(&in_scope, end);
        let mut attributes: Vec<i64> = taking
            .iter()
            .filter_map(|take| match take.linked.target {
                Place::Reference(attribute) => Some(attribute),
                _ => None,
            })
            .collect();
        attributes.sort_unstable();
        attributes.dedup();
        for attribute in attributes {
            let flows = taking
                .iter()
                .filter(|take| take.linked.target == Place::Reference(attribute));
            let flows: Vec<&Taking<'a>> = flows.collect();
            match (part, one_by_one(&flows)) {
                (Part::Some { references, links }, true) => {
                    for id in
                        self.candidates(target, entry, attribute, &flows, references, links)?
                    {
                        self.link_one(target, entry, attribute, id, &flows)?;
                    }
                }
                _ => self.links_of(target, entry, attribute, &flows)?,
            }
        }
        Ok(())
    }

    /// The entries that changed references may refer to.
    fn candidates(
        &self,
        target: &Target<'_>,
        entry: &Entry,
        attribute: i64,
        flows: &[&Taking<'_>],
        references: &[Reference],
        links: &[Reference],
    ) -> Result<BTreeSet<i64>, Error> {
        let here = |link: &&Reference| link.owner == entry.id && link.attribute == attribute;
        let mut found: BTreeSet<i64> = links.iter().filter(here).map(|link| link.target).collect();
        for reference in references {
            let copied = |take: &&Taking<'_>| take.linked.copy == Some(reference.attribute);
            if flows.iter().any(copied) {
                let entries = self.store.linked_entries(reference.target, target.number)?;
                found.extend(entries);
            }
        }
        Ok(found)
    }

    /// What one reference of an entry waits for, when flows that copy decide.
    fn link_one(
        &self,
        target: &Target<'_>,
        entry: &Entry,
        attribute: i64,
        id: i64,
        flows: &[&Taking<'_>],
    ) -> Result<(), Error> {
        let object = self.store.link_of(id)?;
        let object = object.filter(|(connector, _)| *connector == target.number);
        let mut wanted = None;
        for take in flows {
            if let (Some((_, object)), Some(copied)) = (object, take.linked.copy)
                && wanted.is_none()
                && self.store.has_object_reference(Reference {
                    owner: target.object.id,
                    attribute: copied,
                    target: object,
                })?
            {
                wanted = Some(*take);
            }
        }
        let owned = !flows.iter().any(|take| is_merge(take));
        let reference = Reference {
            owner: entry.id,
            attribute,
            target: id,
        };
        self.store.own_awaited_reference(reference)?;
        let known = self.store.reference(reference)?;
        let pending = match (wanted, known) {
            (Some(take), None) => Some((true, take)),
            // A merge takes out only what it brought.
            (None, Some(ours)) if owned || ours => flows.first().map(|first| (false, *first)),
            _ => None,
        };
        let Some((adding, take)) = pending else {
            return self.store.clear_pending_link(entry.id, attribute, id);
        };
        self.store.set_pending_link(&PendingLink {
            entry: entry.id,
            attribute,
            target: id,
            adding,
            rule: take.rule.name.clone(),
            at: take.flow.origin.to_string(),
        })
    }

    fn links_of<'a>(
        &'a self,
        target: &Target<'a>,
        entry: &Entry,
        attribute: i64,
        flows: &[&Taking<'a>],
    ) -> Result<(), Trouble> {
        let mut wanted: Vec<(i64, &Taking<'a>)> = Vec::new();
        let mut owned = true;
        let mut skipped = 0;
        for take in flows {
            let merge = is_merge(take);
            owned &= !merge;
            let Some(targets) = self.link_targets(target, take)? else {
                skipped += 1;
                continue;
            };
            let found = !targets.is_empty();
            wanted.extend(targets.into_iter().map(|id| (id, *take)));
            if found && !merge {
                break;
            }
        }
        let Some(first) = flows.first().filter(|_| skipped < flows.len()) else {
            return Ok(());
        };
        wanted.sort_by_key(|(id, _)| *id);
        wanted.dedup_by_key(|(id, _)| *id);
        self.store.own_awaited_references(entry.id)?;
        let known = self.store.references(entry.id, attribute)?;
        let ours = match owned {
            true => Vec::new(),
            false => self.store.own_references(entry.id, attribute)?,
        };
        let link = |id: i64, adding: bool, take: &Taking<'a>| PendingLink {
            entry: entry.id,
            attribute,
            target: id,
            adding,
            rule: take.rule.name.clone(),
            at: take.flow.origin.to_string(),
        };
        let mut links = Vec::new();
        for id in &known {
            let gone = wanted.binary_search_by_key(id, |(id, _)| *id).is_err();
            // A merge takes out only what it brought.
            if gone && (owned || ours.contains(id)) {
                links.push(link(*id, false, first));
            }
        }
        for (id, take) in &wanted {
            if known.binary_search(id).is_err() {
                links.push(link(*id, true, take));
            }
        }
        self.store.set_pending_links(entry.id, attribute, &links)?;
        Ok(())
    }

    /// The entries of the target connector that a flow refers to; none for `skip`.
    fn link_targets<'a>(
        &'a self,
        target: &Target<'a>,
        take: &Taking<'a>,
    ) -> Result<Option<Vec<i64>>, Trouble> {
        if let Some(attribute) = take.linked.copy {
            let id = target.object.id;
            return Ok(Some(self.store.referenced_entries(
                id,
                attribute,
                target.number,
            )?));
        }
        let value = target
            .env
            .eval(&take.linked.node, &mut Frame::default())
            .map_err(|failure| {
                Failed::trouble(failure, take.rule, take.flow.origin.to_string(), None)
            })?;
        if matches!(value, Value::Skip) {
            return Ok(None);
        }
        let mut found = Vec::new();
        for item in value.items() {
            if let Value::Reference(object) = item {
                let entries = self.store.entries_of(*object)?;
                let here = entries
                    .iter()
                    .filter(|entry| entry.connector == target.number);
                found.extend(here.map(|entry| entry.id));
            }
        }
        Ok(Some(found))
    }
}

fn is_merge(take: &Taking<'_>) -> bool {
    matches!(take.flow.mode, Mode::Merge | Mode::MergeIgnoringCase)
}

/// Whether an entry is referred to, whatever else is: the flows copy, and no flow hides another one.
fn one_by_one(flows: &[&Taking<'_>]) -> bool {
    let copies = flows.iter().all(|take| take.linked.copy.is_some());
    copies && (flows.len() == 1 || flows.iter().all(|take| is_merge(take)))
}
