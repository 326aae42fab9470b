//! Writes in short, and how they ended.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use trib_runtime::connectors::graph::GraphConnector;
use trib_runtime::connectors::{Operation, Outcome, Write, WriteFailure};
use trib_runtime::error::Error;

use crate::tenant::new_user;

pub fn map(value: Json) -> Map<String, Json> {
    value.as_object().unwrap().clone()
}

pub fn create(id: u64, name: &str) -> Write {
    let find_by = Some(("onPremisesImmutableId".to_owned(), format!("key-{name}")));
    write(
        id,
        "user",
        Operation::Create {
            attributes: new_user(name),
            find_by,
        },
    )
}

pub fn update(id: u64, anchor: &str, attributes: Json) -> Write {
    write(
        id,
        "user",
        Operation::Update {
            anchor: anchor.to_owned(),
            attributes: map(attributes),
        },
    )
}

pub fn add(id: u64, group: &str, target: &str) -> Write {
    let (anchor, attribute, target) = (group.to_owned(), "members".to_owned(), target.to_owned());
    write(
        id,
        "group",
        Operation::AddLink {
            anchor,
            attribute,
            target,
        },
    )
}

pub fn remove(id: u64, group: &str, target: &str) -> Write {
    let (anchor, attribute, target) = (group.to_owned(), "members".to_owned(), target.to_owned());
    write(
        id,
        "group",
        Operation::RemoveLink {
            anchor,
            attribute,
            target,
        },
    )
}

pub fn manager(id: u64, anchor: &str, target: Option<&str>) -> Write {
    let (anchor, attribute) = (anchor.to_owned(), "manager".to_owned());
    write(
        id,
        "user",
        Operation::SetLink {
            anchor,
            attribute,
            target: target.map(str::to_owned),
        },
    )
}

pub fn delete(id: u64, object_type: &str, anchor: &str) -> Write {
    write(
        id,
        object_type,
        Operation::Delete {
            anchor: anchor.to_owned(),
        },
    )
}

pub fn write(id: u64, object_type: &str, operation: Operation) -> Write {
    Write {
        id,
        object_type: object_type.to_owned(),
        operation,
    }
}

pub type Results = BTreeMap<u64, Result<Option<String>, WriteFailure>>;

/// Carries writes out and checks that each has exactly one outcome.
pub async fn try_write(
    connector: &mut GraphConnector,
    writes: Vec<Write>,
) -> (Results, Result<(), Error>) {
    let asked: BTreeSet<u64> = writes.iter().map(|write| write.id).collect();
    let mut results = Results::new();
    let ended = connector
        .write(writes, &mut |Outcome { id, result }| {
            assert!(
                results.insert(id, result).is_none(),
                "two outcomes for {id}"
            );
        })
        .await;
    assert_eq!(results.keys().copied().collect::<BTreeSet<_>>(), asked);
    (results, ended)
}

pub async fn write_all(connector: &mut GraphConnector, writes: Vec<Write>) -> Vec<String> {
    let (results, ended) = try_write(connector, writes).await;
    ended.unwrap();
    results
        .into_iter()
        .map(|(id, result)| {
            result
                .unwrap_or_else(|failure| panic!("{id}: {failure:?}"))
                .unwrap()
        })
        .collect()
}
