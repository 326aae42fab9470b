//! From pending exports to the plan that people read.

use std::collections::BTreeMap;

use bumpalo::Bump;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::engine::{Engine, hex};
use crate::error::Error;
use crate::eval::Place;
use crate::guard::{self, Causes, Kind};
use crate::object::Row;
use crate::plan::{AttributeChange, Change, Counts, GuardResult, Op, Plan};
use crate::store::{Entry, PendingLink};

impl Engine {
    /// What is pending; `missing` are the guards on entries that did not come.
    pub(crate) fn plan_pending(&self, missing: Vec<GuardResult>) -> Result<Plan, Error> {
        let mut counts = Counts::default();
        let mut changes: BTreeMap<i64, Change> = BTreeMap::new();
        let mut causes: BTreeMap<(Kind, i64), Causes> = BTreeMap::new();
        for export in self.store.pending()? {
            let Some(entry) = self.store.entry(export.entry)? else {
                continue;
            };
            let Some((_, mut change)) = self.change_of(&entry) else {
                continue;
            };
            let object_type = entry.object_type.unwrap_or_default();
            let mut count = |kind, cause: String| {
                *causes
                    .entry((kind, object_type))
                    .or_default()
                    .entry(cause)
                    .or_default() += 1;
            };
            change.name = export.name;
            change.source = export.source;
            change.attributes = export.attributes;
            change.op = match export.op.as_str() {
                "create" => Op::Create,
                "delete" => Op::Delete,
                _ => Op::Update,
            };
            match change.op {
                Op::Create => counts.create += 1,
                Op::Update => {
                    counts.update += 1;
                    for kind in Kind::ALL {
                        let limited = |change: &&AttributeChange| kind.limits_change(change);
                        if let Some(change) = change.attributes.iter().find(limited) {
                            count(kind, cause(&change.rule, &change.at));
                        }
                    }
                }
                Op::Delete => {
                    counts.delete += 1;
                    change.because = Some(export.cause.clone());
                    count(Kind::Deletes, export.cause);
                }
            }
            changes.insert(entry.id, change);
        }
        self.add_links(&mut changes, &mut counts, &mut causes)?;
        let errors = self.store.errors()?;
        counts.errors = errors.len() as u64;
        let mut changed_existing = 0;
        for change in changes.values() {
            changed_existing += u64::from(change.op != Op::Create);
        }
        let mut linked = 0;
        let mut guards = Vec::new();
        for (at, (_, types)) in self.program.connectors.iter().enumerate() {
            let connector = self.program.rules.connectors.get(at);
            for (ty_at, ty) in types.iter().enumerate() {
                let end = trib_compiler::ir::End::Directory(at, ty_at);
                if !self
                    .program
                    .rules
                    .outbound
                    .iter()
                    .any(|rule| rule.target == end)
                {
                    continue;
                }
                let objects = self.store.count_linked(ty.number)?;
                linked += objects;
                let name = connector
                    .and_then(|c| c.object_types.get(ty_at))
                    .map(|ty| &ty.name);
                let ends = (
                    self.program.connector_name(at),
                    name.map_or("", String::as_str),
                );
                for kind in Kind::ALL {
                    let none = Causes::new();
                    let of = causes.get(&(kind, ty.number));
                    if of.is_none() && kind != Kind::Deletes {
                        continue;
                    }
                    let all = match kind {
                        Kind::MemberRemovals => self.store.count_references(ty.number)?,
                        _ => objects,
                    };
                    guards.push(guard::check(
                        kind,
                        ends,
                        &self.guard,
                        all,
                        of.unwrap_or(&none),
                    ));
                }
            }
        }
        guards.extend(missing);
        counts.unchanged = linked.saturating_sub(changed_existing);
        let mut changes: Vec<Change> = changes.into_values().collect();
        changes.sort_by(|a, b| {
            let key = |c: &Change| (c.connector.clone(), c.op, c.object_type.clone());
            (key(a), &a.name, &a.source).cmp(&(key(b), &b.name, &b.source))
        });
        let mut hash = Sha256::new();
        hash.update(&self.rules_hash);
        serde_json::to_writer(&mut hash, &(&changes, &guards, &errors))
            .map_err(|error| Error::internal(error.to_string()))?;
        Ok(Plan {
            plan: hex(&hash.finalize()),
            counts,
            guards,
            changes,
            errors,
        })
    }

    fn change_of(&self, entry: &Entry) -> Option<(usize, Change)> {
        let connector = self.program.connector(entry.connector)?;
        let end = entry.object_type.and_then(|ty| self.program.end(ty))?;
        let anchor = entry
            .anchor
            .as_deref()
            .map(|anchor| self.program.anchor_text(connector, anchor));
        let change = Change {
            connector: self.program.connector_name(connector).to_owned(),
            object_type: self.program.ir_type(end)?.name.clone(),
            op: Op::Update,
            anchor,
            name: String::new(),
            source: String::new(),
            attributes: Vec::new(),
            because: None,
        };
        Some((connector, change))
    }

    fn add_links(
        &self,
        changes: &mut BTreeMap<i64, Change>,
        counts: &mut Counts,
        causes: &mut BTreeMap<(Kind, i64), Causes>,
    ) -> Result<(), Error> {
        let links = self.store.pending_links()?;
        let mut names: BTreeMap<i64, String> = BTreeMap::new();
        for group in links.chunk_by(|a, b| (a.entry, a.attribute) == (b.entry, b.attribute)) {
            let Some(first) = group.first() else { continue };
            let mut sides: [Vec<Json>; 2] = [Vec::new(), Vec::new()];
            for link in group {
                counts.link_add += u64::from(link.adding);
                counts.link_remove += u64::from(!link.adding);
                let name = match names.get(&link.target) {
                    Some(name) => name.clone(),
                    None => self.name_of(link.target)?,
                };
                names.insert(link.target, name.clone());
                let [gone, come] = &mut sides;
                if link.adding {
                    come.push(json!(name))
                } else {
                    gone.push(json!(name))
                }
            }
            let change = match changes.get_mut(&first.entry) {
                Some(change) => change,
                None => {
                    let Some(entry) = self.store.entry(first.entry)? else {
                        continue;
                    };
                    let Some((_, mut change)) = self.change_of(&entry) else {
                        continue;
                    };
                    change.name = self.name_of(entry.id)?;
                    change.source = self.source_of(&entry)?;
                    changes.entry(entry.id).or_insert(change)
                }
            };
            let [old, new] = sides;
            // A single-valued reference that is replaced takes nothing away.
            let replaced = !new.is_empty() && !self.is_many(first)?;
            if !old.is_empty()
                && !replaced
                && let Some(ty) = self.store.entry(first.entry)?.and_then(|e| e.object_type)
            {
                let causes = causes.entry((Kind::MemberRemovals, ty)).or_default();
                *causes.entry(cause(&first.rule, &first.at)).or_default() += old.len() as u64;
            }
            change.attributes.push(AttributeChange {
                name: self.link_name(first)?,
                old: Json::Array(old),
                new: Json::Array(new),
                rule: first.rule.clone(),
                at: first.at.clone(),
            });
        }
        Ok(())
    }

    /// The name of the attribute that a link is of.
    pub(crate) fn link_name(&self, link: &PendingLink) -> Result<String, Error> {
        let entry = self.store.entry(link.entry)?;
        let end = entry
            .and_then(|entry| entry.object_type)
            .and_then(|ty| self.program.end(ty));
        let Some(end) = end else {
            return Ok(String::new());
        };
        let ty = self.program.object_type(end);
        let slot = ty.and_then(|ty| {
            ty.layout
                .places
                .iter()
                .position(|place| *place == Place::Reference(link.attribute))
        });
        let ir = self.program.ir_type(end);
        let attribute = slot.and_then(|slot| ir.and_then(|ir| ir.attributes.get(slot)));
        Ok(attribute
            .map(|attribute| attribute.name.clone())
            .unwrap_or_default())
    }

    /// Whether the attribute of a link holds many references.
    pub(crate) fn is_many(&self, link: &PendingLink) -> Result<bool, Error> {
        let name = self.link_name(link)?;
        let entry = self.store.entry(link.entry)?;
        let end = entry
            .and_then(|entry| entry.object_type)
            .and_then(|ty| self.program.end(ty));
        let ir = end.and_then(|end| self.program.ir_type(end));
        let attribute = ir.and_then(|ty| ty.attributes.iter().find(|a| a.name == name));
        Ok(attribute.is_none_or(|attribute| attribute.ty.many))
    }

    /// A name for people of a target entry.
    pub(crate) fn name_of(&self, id: i64) -> Result<String, Error> {
        let Some(entry) = self.store.entry(id)? else {
            return Ok(String::new());
        };
        if let Some(object) = entry
            .object
            .map(|id| self.store.object(id))
            .transpose()?
            .flatten()
            && let Some(end) = self.program.end(object.object_type)
            && let Some(name) = self.display_name(end, &object.row)
        {
            return Ok(name);
        }
        if let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty))
            && let Some(name) = self.display_name(end, &entry.row)
        {
            return Ok(name);
        }
        let connector = self.program.connector(entry.connector);
        match connector.zip(entry.anchor.as_deref()) {
            _ if !entry.dn.is_empty() => Ok(entry.dn),
            Some((connector, anchor)) => Ok(self.program.anchor_text(connector, anchor)),
            None => self.source_of(&entry),
        }
    }

    fn display_name(&self, end: trib_compiler::ir::End, row: &[u8]) -> Option<String> {
        let (ir, ty) = self
            .program
            .ir_type(end)
            .zip(self.program.object_type(end))?;
        let bump = Bump::new();
        ["displayName", "userPrincipalName", "cn"]
            .iter()
            .find_map(|wanted| {
                let slot = ir
                    .attributes
                    .iter()
                    .position(|a| a.name.eq_ignore_ascii_case(wanted))?;
                let Some(Place::Slot(slot)) = ty.layout.places.get(slot) else {
                    return None;
                };
                Row::new(row).get(*slot, &bump).as_text().map(str::to_owned)
            })
    }

    /// The dn of the main source entry of the object that a target entry belongs to.
    pub(crate) fn source_of(&self, entry: &Entry) -> Result<String, Error> {
        let Some(object) = entry.object else {
            return Ok(String::new());
        };
        let entries = self.store.entries_of(object)?;
        let main = self.program.main_source(&entries, entry.connector);
        Ok(main.map(|entry| entry.dn.clone()).unwrap_or_default())
    }
}

/// A rule as the cause of what it asks for.
fn cause(rule: &str, at: &str) -> String {
    match rule {
        "" => "no rule asks for it any more".to_owned(),
        rule => format!("rule \"{rule}\" ({at})"),
    }
}
