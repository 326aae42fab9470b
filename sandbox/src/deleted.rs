//! Deleting, and what can be done with what was deleted.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::Kind;
use crate::objects::entity;
use crate::organization;
use crate::path::Path;
use crate::query::list::Listing;
use crate::rules::{address, unique};
use crate::store::{Object, Record, State, Store, Values};

const RESTORABLE: [Kind; 3] = [Kind::User, Kind::Group, Kind::Application];

/// DELETE of a live object: into deletedItems where its kind allows that.
pub(crate) fn delete(graph: &mut Graph, id: Uuid) -> Outcome<Reply> {
    let restorable = graph
        .store
        .get(id)
        .is_some_and(|object| RESTORABLE.contains(&object.kind));
    let mut records = vec![Record::Delete {
        id,
        at: crate::now(),
    }];
    if !restorable {
        records.push(Record::Purge { id });
    }
    graph.commit(records)?;
    Ok(Reply::no_content())
}

/// `/directory/deletedItems/…`
pub(crate) fn route(graph: &mut Graph, path: &Path, rest: &[&str]) -> Outcome<Reply> {
    let ["deleteditems", tail @ ..] = rest else {
        return Err(Failure::no_segment(
            path.rest.first().map_or("directory", String::as_str),
        ));
    };
    let store: &Store = graph.store;
    match (graph.method(), tail) {
        ("GET", [cast]) if cast.starts_with("microsoft.graph.") => {
            listing(store, cast)?.page(store, graph.call, &graph.options)
        }
        ("GET", [cast, "$count"]) => listing(store, cast)?.count(store, &graph.options),
        ("GET", []) => Err(Failure::bad(
            "Name the type of the deleted items, as in /directory/deletedItems/microsoft.graph.user.",
        )),
        ("GET", [id]) => get(graph, id),
        ("DELETE", [id]) => {
            let id = find(store, id)?.id;
            graph.commit(vec![Record::Purge { id }])?;
            Ok(Reply::no_content())
        }
        ("POST", [id, "restore" | "microsoft.graph.restore"]) => restore(graph, id),
        (_, [_, segment, ..]) if *segment != "restore" => Err(Failure::no_segment(segment)),
        _ => Err(Failure::not_allowed()),
    }
}

fn listing<'a>(store: &'a Store, cast: &str) -> Outcome<Listing<'a>> {
    let kind = Kind::from_name(cast)
        .filter(|kind| RESTORABLE.contains(kind))
        .ok_or_else(|| Failure::no_segment(cast))?;
    let rows = store
        .list_deleted(kind, 0)
        .map(|object| (object.number, object));
    Ok(Listing {
        kind: Some(kind),
        set: kind.set(),
        rows: Box::new(rows),
        whole: false,
    })
}

fn find<'a>(store: &'a Store, id: &str) -> Outcome<&'a Object> {
    let parsed = Uuid::parse_str(id)
        .map_err(|_| Failure::bad(format!("Invalid object identifier '{id}'.")))?;
    store
        .any(parsed)
        .filter(|object| object.state == State::Deleted)
        .ok_or_else(|| Failure::absent(id))
}

fn get(graph: &Graph, id: &str) -> Outcome<Reply> {
    let object = find(graph.store, id)?;
    Ok(entity(graph, object))
}

fn restore(graph: &mut Graph, id: &str) -> Outcome<Reply> {
    let body = graph.call.optional_json()?;
    let object = find(graph.store, id)?;
    let id = object.id;
    let mut changed = Values::new();
    for (name, value) in &body {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("newUserPrincipalName", Value::String(new)) if object.kind == Kind::User => {
                address::user_principal_name(new, &organization::verified_domains(graph.store))?;
                changed.insert("userPrincipalName".into(), json!(new));
            }
            ("autoReconcileProxyConflict", Value::Bool(reconcile)) => {
                if *reconcile {
                    without_conflicts(graph.store, object, &mut changed);
                }
            }
            _ => {
                return Err(Failure::odata(format!(
                    "The parameter '{name}' is not known or has a wrong type."
                )));
            }
        }
    }
    let mut held: Values = object
        .values
        .iter()
        .map(|(name, stamped)| (name.clone(), stamped.value.clone()))
        .collect();
    held.extend(changed.clone());
    unique::check(graph.store, id, &held)?;
    let mut records = Vec::new();
    if !changed.is_empty() {
        records.push(Record::Set {
            id,
            values: changed,
        });
    }
    records.push(Record::Restore { id });
    graph.commit(records)?;
    match graph.store.get(id) {
        Some(object) => Ok(entity(graph, object)),
        None => Err(Failure::absent(&id.to_string())),
    }
}

/// Drops the mail addresses that others have taken meanwhile.
fn without_conflicts(store: &Store, object: &Object, changed: &mut Values) {
    let taken = |address: &str| unique::address_holder(store, object.id, address).is_some();
    let kept: Vec<&str> = object
        .texts("proxyAddresses")
        .filter(|proxy| {
            proxy
                .split_once(':')
                .is_none_or(|(_, address)| !taken(address))
        })
        .collect();
    if kept.len() != object.texts("proxyAddresses").count() {
        changed.insert("proxyAddresses".into(), json!(kept));
    }
    if object.text("mail").is_some_and(taken) {
        changed.insert("mail".into(), Value::Null);
    }
}
