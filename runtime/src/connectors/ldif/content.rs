//! Content records: streamed, one entry at a time.

use std::collections::HashSet;
use std::io::BufRead;

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use sha2::{Digest, Sha256};
use trib_compiler::notation::dn::dn_key;

use super::Read;
use super::record::{Field, Reader};
use crate::connectors::entry::{Delivery, Raw, anchor};
use crate::connectors::{Imported, Sink};
use crate::error::Error;

/// Delivers all entries of a file.
pub fn import(
    reader: &mut Reader<impl BufRead>,
    delivery: &Delivery<'_>,
    sink: &mut dyn Sink,
) -> Result<Read, Error> {
    let mut writer = Writer::new(delivery);
    let mut bump = Bump::new();
    loop {
        let misplaced = {
            let Some(record) = reader.next()? else { break };
            let mut fields = record.fields();
            match fields.next() {
                Some(first) if first.name.eq_ignore_ascii_case("dn") => {
                    let name = text(&first);
                    let misplaced = record
                        .fields()
                        .skip(1)
                        .find(|field| !is_attribute(field.name));
                    match (name, misplaced) {
                        (Some(name), None) => {
                            let values = fields.map(|field| (field.name, field.value));
                            writer.entry(&bump, name, values, sink)?;
                            None
                        }
                        (None, _) => Some((first.line, "the distinguished name is not UTF-8")),
                        (_, Some(field)) => {
                            Some((field.line, "a line with `-` belongs to a change record"))
                        }
                    }
                }
                other => Some((
                    other.map_or(0, |field| field.line),
                    "expected a record to begin with `dn:`",
                )),
            }
        };
        if let Some((line, message)) = misplaced {
            return Err(reader.wrong(line, message));
        }
        bump.reset();
    }
    Ok(writer.finish(Imported::Full))
}

/// The text of a value.
pub fn text<'a>(field: &Field<'a>) -> Option<&'a str> {
    std::str::from_utf8(field.value).ok()
}

/// Not the end of a modification.
pub fn is_attribute(name: &str) -> bool {
    name != "-"
}

/// Delivers entries that are given by attribute names and raw values.
pub struct Writer<'d, 's> {
    delivery: &'d Delivery<'s>,
    anchors: HashSet<[u8; 16]>,
    /// Digests of the names, which are much shorter.
    names: HashSet<[u8; 32]>,
    entries: bool,
    used_bases: HashSet<usize>,
}

impl<'d, 's> Writer<'d, 's> {
    /// For one file.
    pub fn new(delivery: &'d Delivery<'s>) -> Writer<'d, 's> {
        Writer {
            delivery,
            anchors: HashSet::new(),
            names: HashSet::new(),
            entries: false,
            used_bases: HashSet::new(),
        }
    }

    /// One entry.
    pub fn entry<'a>(
        &mut self,
        bump: &'a Bump,
        name: &'a str,
        fields: impl Iterator<Item = (&'a str, &'a [u8])>,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        self.entries = true;
        self.used_bases.extend(self.delivery.bases(name));
        if !self.delivery.covers(name) {
            return Ok(());
        }
        let columns = &self.delivery.columns;
        let mut values = BumpVec::new_in(bump);
        let mut classes = BumpVec::new_in(bump);
        let mut unended = BumpVec::new_in(bump);
        let (mut guid, mut has_name) = (None, false);
        for (described, value) in fields {
            let (attribute, options) = described.split_once(';').unwrap_or((described, ""));
            if !options.is_empty() && !is_plain(options) {
                continue;
            }
            if attribute.eq_ignore_ascii_case("objectClass") {
                classes.push(std::str::from_utf8(value).unwrap_or_default());
            } else if attribute.eq_ignore_ascii_case("objectGUID") {
                guid = Some(value);
            }
            let Some(place) = columns.place(attribute) else {
                continue;
            };
            has_name |= Some(place) == columns.distinguished_name;
            values.push((place, value));
            match range(options) {
                Some(range) if range.ends_with("-*") => unended.retain(|(open, _)| *open != place),
                Some(range) if !unended.iter().any(|(open, _)| *open == place) => {
                    unended.push((place, range))
                }
                _ => {}
            }
        }
        if let Some((place, range)) = unended.first() {
            let attribute = self
                .delivery
                .columns
                .attribute(*place, None)
                .map_or("", |known| known.name.as_str());
            let message = format!(
                "`{attribute}` is not complete: values after the range `{range}` are missing"
            );
            return sink.malformed(
                guid.and_then(anchor).as_ref().map(<[u8; 16]>::as_slice),
                name,
                &message,
            );
        }
        if let Some(anchor) = guid.and_then(anchor)
            && !self.anchors.insert(anchor)
        {
            return sink.malformed(
                None,
                name,
                "an earlier entry of the file has the same `objectGUID`",
            );
        }
        if !self.names.insert(Sha256::digest(dn_key(name)).into()) {
            return sink.malformed(
                guid.and_then(anchor).as_ref().map(<[u8; 16]>::as_slice),
                name,
                "an earlier entry of the file has the same dn",
            );
        }
        if let Some(place) = columns.distinguished_name
            && !has_name
        {
            values.push((place, name.as_bytes()));
        }
        let raw = Raw {
            dn: name,
            anchor: guid,
            classes,
            values,
        };
        self.delivery.complete(bump, raw, sink).map(drop)
    }

    /// After the last entry.
    pub fn finish(self, kind: Imported) -> Read {
        let empty = |base: &usize| !self.used_bases.contains(base);
        let empty_base = (0..self.delivery.base_count())
            .find(empty)
            .filter(|_| self.entries);
        Read { kind, empty_base }
    }
}

/// Options that leave an attribute what it is.
fn is_plain(options: &str) -> bool {
    options
        .split(';')
        .all(|option| option.eq_ignore_ascii_case("binary") || range(option).is_some())
}

/// Which of its values a line is from, where the directory sent them in several parts: `0-1499`, `1500-*`.
fn range(options: &str) -> Option<&str> {
    options.split(';').find_map(|option| {
        let (name, range) = option.split_once('=')?;
        name.eq_ignore_ascii_case("range").then_some(range)
    })
}
