//! References of target entries, compared as sets: one member more costs one pending link.

use bumpalo::Bump;
use trib_compiler::ir::Mode;
use trib_compiler::value::Value;

use super::outbound::{Taking, Target};
use super::{Failed, Synchronizer, Trouble};
use crate::error::Error;
use crate::eval::{Frame, Place};
use crate::store::{Entry, PendingLink};

impl Synchronizer<'_> {
    /// Computes the pending links of an object's target entries.
    pub(super) fn export_references(&self, id: i64) -> Result<(), Error> {
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
            if !writes {
                continue;
            }
            let bump = Bump::new();
            let Some(target) = self.target(&object, source, connector, &entries, &bump)? else {
                continue;
            };
            match self.links(&target, entry) {
                Ok(()) => {}
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Object(failed)) => {
                    self.object_error(&target, failed.error("", &target.source_dn))?;
                }
            }
        }
        Ok(())
    }

    fn links<'a>(&'a self, target: &Target<'a>, entry: &Entry) -> Result<(), Trouble> {
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
        attributes.dedup();
        for attribute in attributes {
            let flows = taking
                .iter()
                .filter(|take| take.linked.target == Place::Reference(attribute));
            let flows: Vec<&Taking<'a>> = flows.collect();
            self.links_of(target, entry, attribute, &flows)?;
        }
        Ok(())
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
            let merge = matches!(take.flow.mode, Mode::Merge | Mode::MergeIgnoringCase);
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
        self.store.own_awaited_references(entry.id, attribute)?;
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
