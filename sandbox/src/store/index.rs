//! Look-up of live objects by the value of a property.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde_json::Value;
use uuid::Uuid;

use super::object::Name;
use crate::model::is_extension;

const INDEXED: [&str; 11] = [
    "userPrincipalName",
    "mail",
    "proxyAddresses",
    "onPremisesImmutableId",
    "uniqueName",
    "displayName",
    "mailNickname",
    "employeeId",
    "deviceId",
    "appId",
    "name",
];

pub(crate) fn is_indexed(name: &str) -> bool {
    INDEXED.contains(&name) || is_extension(name)
}

/// The form in which two values of a property are compared.
pub(crate) fn fold(name: &str, text: &str) -> String {
    if name == "onPremisesImmutableId" {
        text.to_owned()
    } else {
        text.to_lowercase()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: BTreeMap<Name, BTreeSet<(String, Uuid)>>,
}

impl Index {
    pub fn add(&mut self, name: &Name, value: &Value, id: Uuid) {
        if is_indexed(name) {
            let entries = self.entries.entry(name.clone()).or_default();
            entries.extend(keys(name, value).map(|key| (key, id)));
        }
    }

    pub fn remove(&mut self, name: &Name, value: &Value, id: Uuid) {
        if let Some(entries) = self.entries.get_mut(name) {
            for key in keys(name, value) {
                entries.remove(&(key, id));
            }
        }
    }

    pub fn equal(&self, name: &str, value: &str) -> impl Iterator<Item = Uuid> {
        let key = fold(name, value);
        self.starting(name, value)
            .take_while(move |(found, _)| *found == key)
            .map(|(_, id)| *id)
    }

    pub fn prefix(&self, name: &str, value: &str) -> impl Iterator<Item = Uuid> {
        let key = fold(name, value);
        self.starting(name, value)
            .take_while(move |(found, _)| found.starts_with(&key))
            .map(|(_, id)| *id)
    }

    fn starting(&self, name: &str, value: &str) -> impl Iterator<Item = &(String, Uuid)> {
        let from = (fold(name, value), Uuid::nil());
        let entries = self.entries.get(name).into_iter();
        entries.flat_map(move |set| set.range((Bound::Included(from.clone()), Bound::Unbounded)))
    }
}

fn keys(name: &str, value: &Value) -> impl Iterator<Item = String> {
    let many = value.as_array().into_iter().flatten();
    let one = value.as_str().map(|text| fold(name, text));
    one.into_iter()
        .chain(many.filter_map(Value::as_str).map(|text| fold(name, text)))
}
