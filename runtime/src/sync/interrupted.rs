//! Writes of a run that did not live to see their answers: what a directory now shows of them is ours,
//! as if the answer had been kept.

use bumpalo::Bump;
use trib_compiler::ir::{End, Mode};
use trib_compiler::notation::dn::dn_key;
use trib_compiler::value::Value;

use super::flows::equal;
use super::{Program, SECRET, Synchronizer, keys, written};
use crate::connectors::graph::typed;
use crate::error::Error;
use crate::eval::Place;
use crate::object::Row;
use crate::plan::AttributeChange;
use crate::store::{Entry, Holder, PendingExport};

/// Attributes by which a create whose answer was lost is found again.
const FIND_BY: [&str; 3] = ["onPremisesImmutableId", "uniqueName", "userPrincipalName"];

/// Of the values of a new object, the one by which it is found again.
pub(crate) fn found_by(changes: &[AttributeChange]) -> Option<&AttributeChange> {
    FIND_BY.iter().find_map(|name| {
        let mut changes = changes.iter();
        changes.find(|change| change.name == *name && change.new.is_string())
    })
}

impl Synchronizer<'_> {
    /// Remembers the values that were on their way to an entry, as far as it shows them. An entry that
    /// was only planned gives way to what its create made, if that is known by now.
    pub(super) fn recall(&self, entry: Entry) -> Result<Entry, Error> {
        let attempted = self.store.pending_of(entry.id)?;
        let Some(export) = attempted.filter(|export| export.attempted) else {
            return Ok(entry);
        };
        if entry.anchor.is_some() {
            return self.recall_from(entry, &export);
        }
        let Some(made) = self.made_for(&entry, &export)? else {
            return Ok(entry);
        };
        self.store
            .link(made.id, entry.object, entry.link_rule.as_deref())?;
        self.store.mark_made(made.id)?;
        self.store.move_pending_links(entry.id, made.id)?;
        self.store.remove_entry(entry.id)?;
        if let Some(object) = entry.object {
            self.store.clean_object(object)?;
        }
        let made = Entry {
            object: entry.object,
            link_rule: entry.link_rule,
            ..made
        };
        self.recall_from(made, &export)
    }

    /// What the create of a planned entry made: nobody's, with the name or the value by which it is found.
    fn made_for(&self, planned: &Entry, export: &PendingExport) -> Result<Option<Entry>, Error> {
        let name = export.attributes.iter().find(|change| change.name == "dn");
        let made = match name.and_then(|name| name.new.as_str()) {
            Some(dn) => self.store.entry_by_dn(planned.connector, &dn_key(dn))?,
            None => self.holder_of(planned, export)?,
        };
        Ok(made.filter(|made| {
            made.object_type == planned.object_type
                && made.anchor.is_some()
                && made.object.is_none()
        }))
    }

    fn holder_of(&self, planned: &Entry, export: &PendingExport) -> Result<Option<Entry>, Error> {
        let end = planned.object_type.and_then(|ty| self.program.end(ty));
        let ty = end.and_then(|end| self.program.ir_type(end).zip(self.program.object_type(end)));
        let Some(((ir, ty), change)) = ty.zip(found_by(&export.attributes)) else {
            return Ok(None);
        };
        let at = ir.attributes.iter().position(|a| a.name == change.name);
        let number = at.and_then(|at| ty.layout.numbers.get(at));
        let value = Value::Text(change.new.as_str().unwrap_or_default());
        let (Some(number), Some(key)) = (number, keys(value).into_iter().next()) else {
            return Ok(None);
        };
        let bump = Bump::new();
        for id in self.store.lookup(Holder::Entry, *number, &key, false)? {
            let entry = self.store.entry(id)?;
            let shown = |entry: &Entry| self.shows(entry, change, &bump).is_some();
            if let Some(entry) = entry.filter(shown) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    fn recall_from(&self, entry: Entry, export: &PendingExport) -> Result<Entry, Error> {
        let bump = Bump::new();
        let slots: Vec<(usize, Value<'_>)> = export
            .attributes
            .iter()
            .filter(|change| change.new != SECRET)
            .filter_map(|change| self.shows(&entry, change, &bump))
            .collect();
        let width = entry.object_type.and_then(|ty| self.program.end(ty));
        let width = width.and_then(|end| self.program.object_type(end));
        let Some(width) = width.map(|ty| ty.width).filter(|_| !slots.is_empty()) else {
            return Ok(entry);
        };
        let shown: Vec<usize> = slots.iter().map(|(slot, _)| *slot).collect();
        let memory = written::remember(&entry.written, width, &slots);
        let written = written::confirm(&memory, &Row::new(&entry.row), &shown);
        self.store.set_written(entry.id, &written)?;
        Ok(Entry { written, ..entry })
    }

    /// The slot of a change and what we meant it to hold, if the entry shows the change.
    fn shows<'a>(
        &self,
        entry: &Entry,
        change: &'a AttributeChange,
        bump: &'a Bump,
    ) -> Option<(usize, Value<'a>)> {
        let end = self.program.end(entry.object_type?)?;
        let (ir, ty) = self
            .program
            .ir_type(end)
            .zip(self.program.object_type(end))?;
        let at = ir.attributes.iter().position(|a| a.name == change.name)?;
        let attribute = ir.attributes.get(at)?;
        let Some(Place::Slot(slot)) = ty.layout.places.get(at) else {
            return None;
        };
        let wanted = typed(&change.new, &attribute.ty, bump).ok()?;
        if !equal(wanted, Row::new(&entry.row).get(*slot, bump)) {
            return None;
        }
        let merges = matches!(
            self.program.mode(change, end),
            Some(Mode::Merge | Mode::MergeIgnoringCase)
        );
        let before = typed(&change.old, &attribute.ty, bump).unwrap_or(Value::Absent);
        let intended = match merges {
            true => written::contributed(&entry.written, *slot, before, wanted, bump),
            false => wanted,
        };
        Some((*slot, intended))
    }
}

impl Program {
    /// The mode of the flow that a change comes from.
    pub fn mode(&self, change: &AttributeChange, end: End) -> Option<Mode> {
        let target = self.ir_type(end)?;
        let target = target
            .attributes
            .iter()
            .position(|a| a.name == change.name)?;
        let mut rules = self.rules.outbound.iter();
        let rule = rules.find(|rule| rule.name == change.rule && rule.target == end)?;
        let flow = rule.flows.iter().find(|flow| flow.target == target)?;
        Some(flow.mode)
    }
}
