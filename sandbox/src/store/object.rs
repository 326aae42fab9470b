//! One object as the directory keeps it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::links::{Link, Links};
use crate::model::Kind;

/// A property's name, shared by all objects that carry it.
pub(crate) type Name = Arc<str>;

/// Values by name, as a record carries them.
pub(crate) type Values = BTreeMap<Name, Value>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Live,
    /// In deletedItems, can be restored.
    Deleted,
    /// Gone for good; only the trace that delta needs is left.
    Purged,
}

#[derive(Debug)]
pub(crate) struct Stamped {
    pub value: Value,
    pub changed: u64,
}

#[derive(Debug)]
pub(crate) struct Object {
    pub id: Uuid,
    pub kind: Kind,
    pub state: State,
    /// Place in lists: the sequence number of its creation.
    pub number: u64,
    /// When it was created or last restored.
    pub appeared: u64,
    /// When it last changed in any way.
    pub changed: u64,
    pub values: BTreeMap<Name, Stamped>,
    pub links: BTreeMap<Link, Links>,
}

impl Object {
    /// A value that is set and not null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values
            .get(name)
            .map(|stamped| &stamped.value)
            .filter(|value| !value.is_null())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }

    pub fn is_live(&self) -> bool {
        self.state == State::Live
    }

    /// Mastered on premises, so closed to ordinary writes.
    pub fn is_synced(&self) -> bool {
        self.flag("onPremisesSyncEnabled") && !self.flag("_isCloudManaged")
    }

    pub fn is_dynamic(&self) -> bool {
        self.texts("groupTypes")
            .any(|kind| kind == "DynamicMembership")
    }

    pub fn is_unified(&self) -> bool {
        self.texts("groupTypes").any(|kind| kind == "Unified")
    }
}
