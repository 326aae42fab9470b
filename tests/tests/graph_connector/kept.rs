//! Keeps what an import delivers, as the engine would.

use std::collections::{BTreeMap, BTreeSet};

use trib_compiler::types::{Base, Type};
use trib_compiler::value::Value;
use trib_runtime::connectors::graph::GraphConnector;
use trib_runtime::connectors::{
    EntryChange, Imported, ReferenceChange, SelectedAttribute, Selection, Sink, Target,
};
use trib_runtime::error::Error;

pub fn attribute(name: &str, ty: Type, object_types: &[usize]) -> SelectedAttribute {
    let reference = matches!(ty.base, Base::Ref(_));
    SelectedAttribute {
        name: name.to_owned(),
        ty,
        reference,
        object_types: object_types.to_vec(),
    }
}

pub fn selection() -> Selection {
    Selection {
        object_types: vec!["user".to_owned(), "group".to_owned()],
        attributes: vec![
            attribute("displayName", Type::one(Base::TEXT), &[0, 1]),
            attribute("accountEnabled", Type::one(Base::Bool), &[0]),
            attribute("businessPhones", Type::many(Base::TEXT), &[0]),
            attribute("createdDateTime", Type::one(Base::Time), &[0]),
            attribute("manager", Type::one(Base::Ref(None)), &[0]),
            attribute("members", Type::many(Base::Ref(None)), &[1]),
            attribute("owners", Type::many(Base::Ref(None)), &[1]),
            attribute("department", Type::one(Base::TEXT), &[0]),
            attribute("passwordProfile", Type::one(Base::TEXT), &[0]),
            attribute("aboutMe", Type::one(Base::TEXT), &[0]),
        ],
    }
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Entry {
    pub object_type: String,
    pub attributes: BTreeMap<usize, String>,
    pub references: BTreeMap<usize, BTreeSet<String>>,
}

/// Keeps what an import delivers, as the engine would.
#[derive(Default)]
pub struct Kept {
    pub entries: BTreeMap<String, Entry>,
    pub watermark: Option<Vec<u8>>,
    seen: BTreeSet<String>,
    pub malformed: Vec<String>,
    pub changes: usize,
    pub pages: usize,
}

impl Kept {
    pub async fn import(
        &mut self,
        connector: &mut GraphConnector,
        selection: &Selection,
    ) -> Result<Imported, Error> {
        (self.changes, self.pages) = (0, 0);
        self.seen.clear();
        let watermark = self.watermark.clone();
        let imported = connector
            .import(selection, watermark.as_deref(), self)
            .await?;
        if imported == Imported::Full {
            let seen = std::mem::take(&mut self.seen);
            self.entries.retain(|id, _| seen.contains(id));
        }
        Ok(imported)
    }

    pub fn members(&self, group: &str) -> &BTreeSet<String> {
        &self.entries[group].references[&5]
    }
}

impl Sink for Kept {
    fn entry(&mut self, change: EntryChange<'_>) -> Result<(), Error> {
        self.changes += 1;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let upsert = match change {
            EntryChange::Delete { anchor } => {
                self.entries.remove(&text(anchor));
                return Ok(());
            }
            EntryChange::Upsert(upsert) => upsert,
        };
        self.seen.insert(text(upsert.anchor));
        let entry = self.entries.entry(text(upsert.anchor)).or_default();
        entry.object_type = upsert.object_type.unwrap().to_owned();
        if upsert.complete {
            entry.attributes.clear();
        }
        for (place, value) in upsert.attributes {
            match value {
                Value::Absent => entry.attributes.remove(place),
                value => entry.attributes.insert(*place, format!("{value:?}")),
            };
        }
        for (place, change) in upsert.references {
            let held = entry.references.entry(*place).or_default();
            let ids = |targets: &[Target<'_>]| -> BTreeSet<String> {
                let id = |target: &Target<'_>| match target {
                    Target::Anchor(anchor) => text(anchor),
                    Target::Dn(dn) => panic!("{dn}"),
                };
                targets.iter().map(id).collect()
            };
            match change {
                ReferenceChange::Replace(targets) => *held = ids(targets),
                ReferenceChange::Add(targets) => held.extend(ids(targets)),
                ReferenceChange::Remove(targets) => held.retain(|id| !ids(targets).contains(id)),
            }
        }
        Ok(())
    }

    fn malformed(&mut self, _: Option<&[u8]>, name: &str, message: &str) -> Result<(), Error> {
        self.malformed.push(format!("{name}: {message}"));
        Ok(())
    }

    fn page(&mut self, watermark: Option<&[u8]>) -> Result<(), Error> {
        self.pages += 1;
        if let Some(watermark) = watermark {
            self.watermark = Some(watermark.to_vec());
        }
        Ok(())
    }
}

pub fn set<'a>(ids: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
    ids.into_iter().cloned().collect()
}
