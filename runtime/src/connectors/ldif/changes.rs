//! Change records: made to a small directory in memory, which is then delivered.

use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use trib_compiler::notation::dn::parent as parent_of;
use trib_compiler::notation::{dn_equal, dn_key, dn_under, guid, hex, rdns};

use super::Read;
use super::content::{Writer, text};
use super::record::{Field, Reader, Record, wrong};
use crate::connectors::decode::{self, Decoded};
use crate::connectors::entry::{Delivery, anchor};
use crate::connectors::{EntryChange, Imported, ReferenceChange, Sink};
use crate::error::Error;

/// Delivers what a file with change records says.
pub fn import(
    reader: &mut Reader<impl BufRead>,
    file: &str,
    delivery: &Delivery<'_>,
    sink: &mut dyn Sink,
) -> Result<Read, Error> {
    let mut directory = Directory {
        file: file.to_owned(),
        ..Directory::default()
    };
    while let Some(record) = reader.next()? {
        directory.read(record, delivery)?;
    }
    directory.deliver(delivery, sink)
}

#[derive(Default)]
struct Directory {
    file: String,
    has_content: bool,
    entries: Vec<Entry>,
    by_name: HashMap<String, usize>,
    by_guid: HashMap<[u8; 16], usize>,
}

#[derive(Default)]
struct Entry {
    /// "" where a change names the entry by its guid alone.
    dn: String,
    guid: Option<[u8; 16]>,
    /// The file has the whole entry.
    complete: bool,
    deleted: bool,
    /// By name in lower case, options included.
    attributes: BTreeMap<String, Attribute>,
}

enum Attribute {
    Values(Vec<Vec<u8>>),
    /// Relative to values that an earlier file had.
    Changed {
        added: Vec<Vec<u8>>,
        removed: Vec<Vec<u8>>,
    },
}

impl Directory {
    fn wrong(&self, line: u64, message: &str) -> Error {
        wrong(&self.file, line, message)
    }

    fn read(&mut self, record: &Record, delivery: &Delivery<'_>) -> Result<(), Error> {
        let mut fields = record.fields().peekable();
        let Some(first) = fields.next() else {
            return Ok(());
        };
        if !first.name.eq_ignore_ascii_case("dn") {
            return Err(self.wrong(first.line, "expected a record to begin with `dn:`"));
        }
        let Some(name) = text(&first) else {
            return Err(self.wrong(first.line, "the distinguished name is not UTF-8"));
        };
        while fields
            .next_if(|field| field.name.eq_ignore_ascii_case("control"))
            .is_some()
        {}
        let Some(kind) = fields.next_if(|field| field.name.eq_ignore_ascii_case("changetype"))
        else {
            self.has_content = true;
            return self.add(first.line, name, fields);
        };
        match text(&kind).unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "add" => self.add(first.line, name, fields),
            "delete" => {
                let at = self.find(first.line, name)?;
                self.by_name.remove(&dn_key(name));
                self.entry(at).deleted = true;
                Ok(())
            }
            "modify" => {
                let at = self.find(first.line, name)?;
                self.modify(at, fields)
            }
            "modrdn" | "moddn" => {
                let at = self.find(first.line, name)?;
                self.rename(at, first.line, fields, delivery)
            }
            other => Err(self.wrong(
                kind.line,
                &format!("expected `add`, `delete`, `modify`, `modrdn` or `moddn` after `changetype:`, found `{other}`"),
            )),
        }
    }

    fn entry(&mut self, at: usize) -> &mut Entry {
        if at >= self.entries.len() {
            self.entries.resize_with(at + 1, Entry::default);
        }
        #[allow(clippy::indexing_slicing)]
        &mut self.entries[at]
    }

    fn add<'a>(
        &mut self,
        line: u64,
        name: &str,
        fields: impl Iterator<Item = Field<'a>>,
    ) -> Result<(), Error> {
        let mut entry = Entry {
            dn: name.to_owned(),
            complete: true,
            ..Entry::default()
        };
        for field in fields {
            if field.name == "-" {
                return Err(self.wrong(field.line, "a line with `-` belongs to a modification"));
            }
            let attribute = field.name.to_ascii_lowercase();
            if attribute == "objectguid" {
                entry.guid = anchor(field.value);
            }
            let values = entry
                .attributes
                .entry(attribute)
                .or_insert(Attribute::Values(Vec::new()));
            values.add(field.value);
        }
        if self
            .by_name
            .insert(dn_key(name), self.entries.len())
            .is_some()
        {
            return Err(self.wrong(line, &format!("the entry `{name}` is in the file already")));
        }
        if let Some(guid) = entry.guid {
            self.by_guid.entry(guid).or_insert(self.entries.len());
        }
        self.entries.push(entry);
        Ok(())
    }

    /// The entry that a change is about, by its name or as `<GUID=…>`.
    fn find(&mut self, line: u64, name: &str) -> Result<usize, Error> {
        if let Some(at) = self.by_name.get(&dn_key(name)) {
            return Ok(*at);
        }
        let inner = name
            .trim()
            .strip_prefix('<')
            .and_then(|inner| inner.strip_suffix('>'));
        let Some((_, text)) = inner
            .and_then(|inner| inner.split_once('='))
            .filter(|(key, _)| key.eq_ignore_ascii_case("guid"))
        else {
            return Err(self
                .wrong(line, &format!("the entry `{name}` is not in the file"))
                .help("put its record before the change, or name it `<GUID=…>`, by its objectGUID, if it was imported earlier"));
        };
        let Some(guid) = guid::parse(text).or_else(|| hex::parse(text)?.try_into().ok()) else {
            return Err(self.wrong(line, "expected a guid in `<GUID=…>`"));
        };
        if let Some(at) = self.by_guid.get(&guid) {
            return Ok(*at);
        }
        let at = self.entries.len();
        self.entries.push(Entry {
            guid: Some(guid),
            ..Entry::default()
        });
        self.by_guid.insert(guid, at);
        Ok(at)
    }

    fn modify<'a>(
        &mut self,
        at: usize,
        mut fields: impl Iterator<Item = Field<'a>>,
    ) -> Result<(), Error> {
        while let Some(operation) = fields.next() {
            let attribute = text(&operation)
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase();
            let mut values = Vec::new();
            for field in fields.by_ref().take_while(|field| field.name != "-") {
                if !field.name.eq_ignore_ascii_case(&attribute) {
                    return Err(self.wrong(
                        field.line,
                        &format!("expected `{attribute}:` or a line with `-`"),
                    ));
                }
                values.push(field.value);
            }
            let operation_name = operation.name.to_ascii_lowercase();
            if !matches!(operation_name.as_str(), "add" | "delete" | "replace") {
                return Err(self.wrong(operation.line, "expected `add:`, `delete:` or `replace:`"));
            }
            let entry = self.entry(at);
            if operation_name == "replace" || (operation_name == "delete" && values.is_empty()) {
                entry.attributes.insert(
                    attribute,
                    Attribute::Values(values.iter().map(|value| value.to_vec()).collect()),
                );
                continue;
            }
            let initial = match entry.complete {
                true => Attribute::Values(Vec::new()),
                false => Attribute::Changed {
                    added: Vec::new(),
                    removed: Vec::new(),
                },
            };
            let target = entry.attributes.entry(attribute).or_insert(initial);
            for value in values {
                if operation_name == "add" {
                    target.add(value)
                } else {
                    target.remove(value)
                }
            }
        }
        Ok(())
    }

    fn rename<'a>(
        &mut self,
        at: usize,
        line: u64,
        fields: impl Iterator<Item = Field<'a>>,
        delivery: &Delivery<'_>,
    ) -> Result<(), Error> {
        let (mut rdn, mut superior, mut delete_old) = (None, None, true);
        for field in fields {
            match field.name.to_ascii_lowercase().as_str() {
                "newrdn" => rdn = text(&field),
                "newsuperior" => superior = text(&field),
                "deleteoldrdn" => delete_old = field.value != b"0",
                _ => {
                    return Err(self.wrong(
                        field.line,
                        "expected `newrdn:`, `deleteoldrdn:` or `newsuperior:`",
                    ));
                }
            }
        }
        let old = self.entry(at).dn.clone();
        let Some((rdn, (attribute, value))) = rdn.and_then(|rdn| Some((rdn, rdn.split_once('=')?)))
        else {
            return Err(self.wrong(
                line,
                "expected `newrdn:` with a relative name such as `CN=Ann`",
            ));
        };
        let new = match (superior, parent_of(&old)) {
            (Some(parent), _) | (None, Some(parent)) => format!("{rdn},{parent}"),
            (None, None) => {
                return Err(self.wrong(
                    line,
                    "expected `newsuperior:` for an entry whose name is not in the file",
                ));
            }
        };
        let value = unescaped(value.trim());
        let entry = self.entry(at);
        for name in [attribute.trim().to_ascii_lowercase(), "name".to_owned()] {
            let values = entry
                .attributes
                .entry(name)
                .or_insert(Attribute::Values(Vec::new()));
            match values {
                Attribute::Values(values) if !delete_old => values.push(value.clone().into_bytes()),
                _ => *values = Attribute::Values(vec![value.clone().into_bytes()]),
            }
        }
        if old.is_empty() {
            entry.dn = new
        } else {
            self.move_tree(&old, &new, delivery)
        }
        Ok(())
    }

    /// The entry, those below it and what refers to them get their new names.
    fn move_tree(&mut self, old: &str, new: &str, delivery: &Delivery<'_>) {
        let depth = rdns(old).count();
        let renamed = |name: &str| {
            if !dn_under(name, old) {
                return dn_equal(name, old).then(|| new.to_owned());
            }
            let above = rdns(name).take(rdns(name).count().saturating_sub(depth));
            Some(above.chain([new]).collect::<Vec<_>>().join(","))
        };
        for entry in &mut self.entries {
            if let Some(name) = renamed(&entry.dn) {
                entry.dn = name;
            }
            for (name, attribute) in &mut entry.attributes {
                let selected = delivery
                    .columns
                    .place(name)
                    .and_then(|place| delivery.columns.attribute(place, None));
                let Attribute::Values(values) = attribute else {
                    continue;
                };
                if selected.is_some_and(|selected| {
                    selected.reference || selected.ty.base == trib_compiler::types::Base::Dn
                }) {
                    for value in values {
                        if let Some(name) = std::str::from_utf8(value).ok().and_then(renamed) {
                            *value = name.into_bytes();
                        }
                    }
                }
            }
        }
        self.by_name = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| !entry.deleted && !entry.dn.is_empty())
            .map(|(at, entry)| (dn_key(&entry.dn), at))
            .collect();
    }

    fn deliver(&self, delivery: &Delivery<'_>, sink: &mut dyn Sink) -> Result<Read, Error> {
        let kind = if self.has_content {
            Imported::Full
        } else {
            Imported::Delta
        };
        let mut writer = Writer::new(delivery);
        let mut bump = Bump::new();
        for entry in &self.entries {
            let gone = entry.deleted || (!entry.dn.is_empty() && !delivery.covers(&entry.dn));
            match (&entry.guid, gone) {
                (Some(anchor), true) if kind == Imported::Delta => {
                    sink.entry(EntryChange::Delete { anchor })?
                }
                (_, true) if entry.deleted => {}
                (Some(anchor), false) if !entry.complete => {
                    entry.partial(anchor, &bump, delivery, sink)?
                }
                _ => {
                    let values = entry.attributes.iter().flat_map(|(name, attribute)| {
                        attribute
                            .values()
                            .iter()
                            .map(|value| (name.as_str(), value.as_slice()))
                    });
                    writer.entry(&bump, &entry.dn, values, sink)?;
                }
            }
            bump.reset();
        }
        let read = writer.finish(kind);
        Ok(Read {
            empty_base: read.empty_base.filter(|_| self.has_content),
            ..read
        })
    }
}

impl Entry {
    /// Delivers the changes of an entry that was imported earlier.
    fn partial(
        &self,
        anchor: &[u8],
        bump: &Bump,
        delivery: &Delivery<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let name = if self.dn.is_empty() {
            None
        } else {
            Some(self.dn.as_str())
        };
        match self.decoded(bump, delivery) {
            Ok(decoded) => delivery.upsert(anchor, name, None, false, &decoded, sink),
            Err(message) => sink.malformed(Some(anchor), &self.dn, &message),
        }
    }

    fn decoded<'a>(
        &'a self,
        bump: &'a Bump,
        delivery: &Delivery<'_>,
    ) -> Result<Decoded<'a>, String> {
        let columns = &delivery.columns;
        let mut decoded = Decoded::new(bump);
        for (name, change) in &self.attributes {
            let Some(place) = columns.place(name) else {
                continue;
            };
            let Some(attribute) = columns.attribute(place, None) else {
                continue;
            };
            let slices = |values: &'a [Vec<u8>]| values.iter().map(Vec::as_slice);
            match change {
                Attribute::Values(values) if values.is_empty() => decoded.absent(place, attribute),
                Attribute::Values(values) => {
                    let mut raw =
                        BumpVec::from_iter_in(slices(values).map(|value| (place, value)), bump);
                    let part = columns
                        .decode(bump, None, &mut raw)
                        .map_err(|malformed| malformed.to_string())?;
                    decoded.attributes.extend(part.attributes);
                    decoded.references.extend(part.references);
                }
                Attribute::Changed { added, removed } if attribute.reference => {
                    let targets = |values| {
                        decode::targets(bump, attribute, slices(values))
                            .map_err(|malformed| malformed.to_string())
                    };
                    decoded
                        .references
                        .push((place, ReferenceChange::Remove(targets(removed)?)));
                    decoded
                        .references
                        .push((place, ReferenceChange::Add(targets(added)?)));
                }
                Attribute::Changed { added, .. } if !attribute.ty.many => {
                    let value = decode::value(bump, attribute, slices(added))
                        .map_err(|malformed| malformed.to_string())?;
                    decoded.attributes.push((place, value));
                }
                Attribute::Changed { .. } => {
                    return Err(format!(
                        "the values that `{name}` had before are not in the file; change it with `replace`"
                    ));
                }
            }
        }
        Ok(decoded)
    }
}

impl Attribute {
    fn add(&mut self, value: &[u8]) {
        let (Attribute::Values(values) | Attribute::Changed { added: values, .. }) = self;
        if !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
        if let Attribute::Changed { removed, .. } = self {
            removed.retain(|known| known != value);
        }
    }

    fn remove(&mut self, value: &[u8]) {
        let (Attribute::Values(values) | Attribute::Changed { added: values, .. }) = self;
        values.retain(|known| !known.eq_ignore_ascii_case(value));
        if let Attribute::Changed { removed, .. } = self {
            removed.push(value.to_owned());
        }
    }

    fn values(&self) -> &[Vec<u8>] {
        let (Attribute::Values(values) | Attribute::Changed { added: values, .. }) = self;
        values
    }
}

/// A value of a relative name without its escapes.
fn unescaped(value: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), value.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        (bytes, rest) = match (first, hex, after.split_first()) {
            (b'\\', Some(byte), _) => (with(bytes, byte), after.get(2..).unwrap_or_default()),
            (b'\\', None, Some((escaped, after))) => (with(bytes, *escaped), after),
            _ => (with(bytes, *first), after),
        };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| value.to_owned())
}

fn with(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}
