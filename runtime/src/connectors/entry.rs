//! A raw entry becomes what the engine takes.

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use trib_compiler::notation::{dn_equal, dn_under, guid};

use super::classes::object_type;
use super::decode::{Columns, Decoded};
use super::{EntryChange, Selection, Sink, Upsert};
use crate::error::Error;

/// Delivers entries of the selected types below the bases.
pub struct Delivery<'s> {
    /// Attributes by name.
    pub columns: Columns<'s>,
    selection: &'s Selection,
    bases: &'s [String],
}

/// An entry as the directory has it.
pub struct Raw<'a> {
    /// Distinguished name.
    pub dn: &'a str,
    /// `objectGUID`, bytes or text.
    pub anchor: Option<&'a [u8]>,
    /// Its object classes.
    pub classes: BumpVec<'a, &'a str>,
    /// Values of selected attributes by place; in a partial entry, of those that changed.
    pub values: BumpVec<'a, (usize, &'a [u8])>,
}

impl<'s> Delivery<'s> {
    /// For one import; without bases all entries are wanted.
    pub fn new(selection: &'s Selection, bases: &'s [String]) -> Delivery<'s> {
        Delivery {
            columns: Columns::new(selection),
            selection,
            bases,
        }
    }

    /// Places of the bases that the entry is at or below.
    pub fn bases<'d>(&'d self, name: &'d str) -> impl Iterator<Item = usize> + 'd {
        let covers = move |base: &str| dn_under(name, base) || dn_equal(name, base);
        self.bases
            .iter()
            .enumerate()
            .filter(move |(_, base)| covers(base))
            .map(|(at, _)| at)
    }

    /// How many bases there are.
    pub fn base_count(&self) -> usize {
        self.bases.len()
    }

    /// The entry is wanted as far as its name goes.
    pub fn covers(&self, name: &str) -> bool {
        self.bases.is_empty() || self.bases(name).next().is_some()
    }

    /// Delivers a complete entry if its type is selected.
    pub fn complete<'a>(
        &self,
        bump: &'a Bump,
        mut raw: Raw<'a>,
        sink: &mut dyn Sink,
    ) -> Result<Delivered, Error> {
        if raw.classes.is_empty() {
            sink.malformed(None, raw.dn, "it has no `objectClass`")?;
            return Ok(Delivered::Malformed);
        }
        let class = object_type(raw.classes.iter().copied());
        let Some(ty) = class.and_then(|class| self.columns.object_type(class)) else {
            return Ok(Delivered::Unselected);
        };
        let Some(anchor) = raw.anchor.and_then(anchor) else {
            let message = match raw.anchor {
                None => "it has no `objectGUID`",
                Some(_) => "its `objectGUID` has not the 16 bytes of a guid",
            };
            sink.malformed(None, raw.dn, message)?;
            return Ok(Delivered::Malformed);
        };
        let decoded = match self.columns.decode(bump, Some(ty), &mut raw.values) {
            Ok(decoded) => decoded,
            Err(malformed) => {
                sink.malformed(Some(&anchor), raw.dn, &malformed.to_string())?;
                return Ok(Delivered::Malformed);
            }
        };
        let object_type = self.selection.object_types.get(ty).map(String::as_str);
        self.upsert(&anchor, Some(raw.dn), object_type, true, &decoded, sink)?;
        Ok(Delivered::Entry(anchor))
    }

    /// Delivers what is typed already.
    pub fn upsert(
        &self,
        anchor: &[u8],
        dn: Option<&str>,
        object_type: Option<&str>,
        complete: bool,
        decoded: &Decoded<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        sink.entry(EntryChange::Upsert(Upsert {
            anchor,
            dn,
            object_type,
            complete,
            attributes: &decoded.attributes,
            references: &decoded.references,
        }))
    }
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// It was delivered, with this anchor.
    Entry([u8; 16]),
    /// No rule reads entries of its type.
    Unselected,
    /// It was reported.
    Malformed,
}

/// An anchor from its bytes or its text.
pub fn anchor(raw: &[u8]) -> Option<[u8; 16]> {
    raw.try_into()
        .ok()
        .or_else(|| guid::parse(std::str::from_utf8(raw).ok()?.trim()))
}
