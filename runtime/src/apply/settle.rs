//! The outcome of a write becomes confirmed state, or the error of an object.

use bumpalo::Bump;
use serde_json::Value as Json;
use trib_compiler::ir::Mode;
use trib_compiler::value::Value;

use super::{Job, Run, count};
use crate::connectors::graph;
use crate::connectors::{Outcome, WriteFailure};
use crate::engine::Engine;
use crate::error::Error;
use crate::eval::Place;
use crate::object::{Row, encode_row};
use crate::plan::{AttributeChange, ObjectError};
use crate::store::{Entry, PendingExport, PendingLink, Refused};
use crate::sync::{SECRET, keys, written};

impl Engine {
    pub(super) fn settle(
        &self,
        connector: usize,
        job: &Job,
        outcome: &Outcome,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        match (job, &outcome.result) {
            (Job::Export(export), Ok(anchor)) => {
                self.exported(connector, export, anchor.as_deref())?;
                count(&mut run.written, &export.op);
            }
            (Job::Export(export), Err(failure)) => {
                if self.program.is_forest(connector) && !failure.transient {
                    self.store.forget_attempt(export.entry)?;
                }
                let change = export.change();
                let refused = Refused {
                    entry: export.entry,
                    part: "",
                    change: &change,
                    delayed: is_delayed(failure),
                };
                self.failed(connector, &refused, failure, &export.attributes, run)?;
                if failure.conflicts.is_empty() {
                    count(&mut run.failed, &export.op);
                } else {
                    run.rivals.push(export.clone());
                }
            }
            (Job::Link(link), Ok(_)) => {
                match link.adding {
                    true => self
                        .store
                        .own_reference(link.entry, link.attribute, link.target)?,
                    false => {
                        self.store
                            .set_reference(link.entry, link.attribute, link.target, false)?
                    }
                }
                self.store
                    .clear_pending_link(link.entry, link.attribute, link.target)?;
                self.store.accept(link.entry, &link.part())?;
                if link.adding {
                    run.written.link_add += 1;
                    self.forget_replaced(link, run)?;
                } else {
                    run.written.link_remove += 1;
                }
            }
            (Job::Link(link), Err(failure)) => {
                if link.adding {
                    run.failed.link_add += 1
                } else {
                    run.failed.link_remove += 1
                }
                let refused = Refused {
                    entry: link.entry,
                    part: &link.part(),
                    change: "",
                    delayed: is_delayed(failure),
                };
                let change = AttributeChange {
                    name: self.link_name(link)?,
                    old: Json::Null,
                    new: Json::Null,
                    rule: link.rule.clone(),
                    at: link.at.clone(),
                };
                self.failed(connector, &refused, failure, &[change], run)?;
            }
        }
        Ok(())
    }

    /// A single-valued reference that was set has taken the place of the one before.
    pub(super) fn forget_replaced(
        &self,
        link: &PendingLink,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        if self.is_many(link)? {
            return Ok(());
        }
        for other in self.store.references(link.entry, link.attribute)? {
            if other != link.target {
                self.store
                    .set_reference(link.entry, link.attribute, other, false)?;
                self.store
                    .clear_pending_link(link.entry, link.attribute, other)?;
                run.written.link_remove += 1;
            }
        }
        Ok(())
    }

    pub(super) fn failed(
        &self,
        connector: usize,
        refused: &Refused<'_>,
        failure: &WriteFailure,
        attributes: &[AttributeChange],
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        let entry = self.store.entry(refused.entry)?;
        let source = entry
            .as_ref()
            .map(|entry| self.source_of(entry))
            .transpose()?;
        let conflicts = failure.conflicts.iter();
        let concerned = conflicts.filter_map(|name| attributes.iter().find(|c| c.name == *name));
        let concerned: Vec<&AttributeChange> = concerned.collect();
        let blame = concerned.first().copied().or(attributes.first());
        let rival = concerned
            .iter()
            .map(|change| format!("{} {}", change.name, change.new));
        let rival: Vec<String> = rival.collect();
        let message = match rival.is_empty() {
            true => failure.message.clone(),
            false => format!(
                "another object has {}: {}",
                rival.join(", "),
                failure.message
            ),
        };
        let error = ObjectError {
            connector: self.program.connector_name(connector).to_owned(),
            object: match source.filter(|source| !source.is_empty()) {
                Some(source) => source,
                None => self.name_of(refused.entry)?,
            },
            code: match failure.conflicts.is_empty() {
                true => failure.code.clone(),
                false => "ObjectConflict".to_owned(),
            },
            message,
            rule: blame.map(|change| change.rule.clone()).unwrap_or_default(),
            at: blame.map(|change| change.at.clone()).unwrap_or_default(),
        };
        self.store.refuse(refused, &error)?;
        // Rights in a forest are given container by container: others may go through.
        run.stopped |= failure.configuration && !self.program.is_forest(connector);
        run.errors.push(error);
        Ok(())
    }

    /// Keeps what a successful export did.
    pub(super) fn exported(
        &self,
        connector: usize,
        export: &PendingExport,
        anchor: Option<&str>,
    ) -> Result<(), Error> {
        let Some(entry) = self.store.entry(export.entry)? else {
            return Ok(());
        };
        if let Some(object) = entry.object {
            self.store.set_error(0, object, None)?;
        }
        self.store.accept(export.entry, "")?;
        if export.op == "delete" {
            return self.store.remove_entry(entry.id);
        }
        let entry = match anchor.filter(|_| export.op == "create") {
            Some(anchor) => {
                let anchor = self.program.anchor_bytes(connector, anchor);
                let entry = self.store.anchor_entry(&entry, &anchor)?;
                self.store.mark_made(entry.id)?;
                entry
            }
            None => entry,
        };
        self.store.set_pending(export.entry, None)?;
        if let Some(Json::String(dn)) = name(export).filter(|_| self.program.is_forest(connector)) {
            self.store.name_entry(entry.id, dn)?;
        }
        self.remember(&entry, &export.attributes)
    }

    /// The written values are what the directory has until an import shows others.
    pub(super) fn remember(
        &self,
        entry: &Entry,
        attributes: &[AttributeChange],
    ) -> Result<(), Error> {
        let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty)) else {
            return Ok(());
        };
        let Some((ir, ty)) = self.program.ir_type(end).zip(self.program.object_type(end)) else {
            return Ok(());
        };
        let bump = Bump::new();
        let row = Row::new(&entry.row);
        let mut values: Vec<Value<'_>> = (0..ty.width).map(|slot| row.get(slot, &bump)).collect();
        let mut slots = Vec::new();
        for change in attributes.iter().filter(|change| change.new != SECRET) {
            let Some(at) = ir.attributes.iter().position(|a| a.name == change.name) else {
                continue;
            };
            let (Some(attribute), Some(Place::Slot(slot))) =
                (ir.attributes.get(at), ty.layout.places.get(at))
            else {
                continue;
            };
            let value = graph::typed(&change.new, &attribute.ty, &bump).unwrap_or(Value::Absent);
            let value = match (value, row.get(*slot, &bump)) {
                (Value::Record(new), Value::Record(old)) => {
                    let kept = old
                        .iter()
                        .filter(|(name, _)| !change_names(&change.new, name));
                    let all: Vec<_> = kept.chain(new).copied().collect();
                    Value::Record(bump.alloc_slice_copy(&all))
                }
                (value, _) => value,
            };
            if let Some(place) = values.get_mut(*slot) {
                *place = value;
            }
            let merges = matches!(
                self.program.mode(change, end),
                Some(Mode::Merge | Mode::MergeIgnoringCase)
            );
            let intended = match merges {
                true => {
                    written::contributed(&entry.written, *slot, row.get(*slot, &bump), value, &bump)
                }
                false => value,
            };
            slots.push((*slot, intended));
        }
        let memory = written::remember(&entry.written, ty.width, &slots);
        let indexed: Vec<(i64, Vec<u8>)> = ty
            .indexed
            .iter()
            .flat_map(|(slot, number)| {
                let value = values.get(*slot).copied().unwrap_or(Value::Absent);
                keys(value).into_iter().map(|key| (*number, key))
            })
            .collect();
        self.store
            .update_entry(entry.id, &encode_row(&values), &memory, &indexed)
    }
}

/// The name that an export gives an entry.
fn name(export: &PendingExport) -> Option<&Json> {
    let mut changes = export.attributes.iter();
    changes
        .find(|change| change.name == "dn")
        .map(|change| &change.new)
}

/// It is the object's own fault. A value that another object has may be free at any time; outages and
/// missing permissions are not the object's.
fn is_delayed(failure: &WriteFailure) -> bool {
    !failure.transient && !failure.configuration && failure.conflicts.is_empty()
}

fn change_names(json: &Json, name: &str) -> bool {
    json.as_object()
        .is_some_and(|fields| fields.contains_key(name))
}
