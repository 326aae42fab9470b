//! Writes of a run that did not live to see their answers: what a directory now shows of them is ours,
//! as if the answer had been kept.

use bumpalo::Bump;
use trib_compiler::ir::{End, Mode};
use trib_compiler::notation::dn_equal;
use trib_compiler::value::Value;

use super::flows::equal;
use super::{Program, SECRET, Synchronizer, written};
use crate::connectors::graph::typed;
use crate::error::Error;
use crate::eval::Place;
use crate::object::Row;
use crate::plan::AttributeChange;
use crate::store::{Entry, PendingExport};

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
    /// Remembers the values that were on their way to an entry, as far as it shows them.
    pub(super) fn recall(&self, entry: Entry) -> Result<Entry, Error> {
        match self.store.pending_of(entry.id)? {
            Some(export) if export.attempted && entry.anchor.is_some() => {
                self.recall_from(entry, &export)
            }
            _ => Ok(entry),
        }
    }

    /// The create that was on its way for a planned entry, if this entry is what it made.
    pub(super) fn made_for(
        &self,
        planned: &Entry,
        entry: &Entry,
    ) -> Result<Option<PendingExport>, Error> {
        let export = self.store.pending_of(planned.id)?;
        Ok(export.filter(|export| {
            let bump = Bump::new();
            let name = |change: &AttributeChange| {
                let name = change.new.as_str().filter(|_| change.name == "dn");
                name.is_some_and(|name| dn_equal(&entry.dn, name))
            };
            let found = found_by(&export.attributes);
            export.attempted
                && planned.object_type == entry.object_type
                && (export.attributes.iter().any(name)
                    || found.is_some_and(|change| self.shows(entry, change, &bump).is_some()))
        }))
    }

    /// The same for an entry and the changes that were on their way to it.
    pub(super) fn recall_from(&self, entry: Entry, export: &PendingExport) -> Result<Entry, Error> {
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
