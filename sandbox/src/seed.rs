//! `/_sandbox/…`: what tests need and Graph has no door for.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::call::{Call, Reply};
use crate::failure::{Failure, Outcome};
use crate::faults::{Fault, Faults};
use crate::model::{Kind, is_extension, other_names, property};
use crate::organization;
use crate::permissions;
use crate::replicas::Replicas;
use crate::rules::unique;
use crate::store::{Link, Record, Store, Values};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewObject {
    kind: Kind,
    id: Option<Uuid>,
    #[serde(default)]
    properties: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLinks {
    owner: Uuid,
    link: Link,
    targets: Vec<Uuid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDomain {
    name: String,
    #[serde(default)]
    federated: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lag {
    milliseconds: u64,
}

/// Answers `/_sandbox/{door}`.
pub(crate) fn answer(
    call: &Call,
    door: &str,
    store: &mut Store,
    faults: &mut Faults,
    replicas: &mut Replicas,
) -> Outcome<Reply> {
    let parts: Vec<&str> = door.split('/').collect();
    match (call.method.as_str(), parts.as_slice()) {
        ("POST", ["objects"]) => objects(call, store),
        ("PATCH", ["objects", id]) => change(call, store, id),
        ("DELETE", ["objects", id]) => {
            let id = id
                .parse()
                .map_err(|_| Failure::bad("the id is malformed"))?;
            commit(
                store,
                vec![
                    Record::Delete {
                        id,
                        at: crate::now(),
                    },
                    Record::Purge { id },
                ],
            )?;
            Ok(Reply::no_content())
        }
        ("POST", ["links"]) => links(call, store),
        ("POST", ["domains"]) => {
            let domain: NewDomain = read(call)?;
            commit(
                store,
                organization::with_domain(store, &domain.name, domain.federated)
                    .into_iter()
                    .collect(),
            )?;
            Ok(Reply::no_content())
        }
        ("PUT", ["permissions"]) => grant(call, store),
        ("PUT", ["lag"]) => {
            let lag: Lag = read(call)?;
            replicas.set_lag(Duration::from_millis(lag.milliseconds));
            Ok(Reply::no_content())
        }
        ("POST", ["faults"]) => {
            faults.add(read::<Fault>(call)?);
            Ok(Reply::no_content())
        }
        ("DELETE", ["faults"]) => {
            faults.clear();
            Ok(Reply::no_content())
        }
        ("POST", ["delta", "reset"]) => {
            commit(
                store,
                vec![Record::Meta {
                    name: "epoch".into(),
                    value: Uuid::new_v4().to_string(),
                }],
            )?;
            Ok(Reply::no_content())
        }
        ("GET", ["tenant"]) => {
            let id = organization::get(store).map(|organization| organization.id);
            let counts: Map<String, Value> = Kind::DIRECTORY
                .iter()
                .map(|kind| (kind.set().to_owned(), json!(store.count(*kind))))
                .collect();
            Ok(Reply::ok(
                json!({"id": id, "domains": organization::verified_domains(store), "counts": counts}),
            ))
        }
        _ => Err(Failure::no_segment(door)),
    }
}

fn read<T: serde::de::DeserializeOwned>(call: &Call) -> Outcome<T> {
    serde_json::from_slice(&call.body)
        .map_err(|error| Failure::bad(format!("the body is not understood: {error}")))
}

fn commit(store: &mut Store, records: Vec<Record>) -> Outcome<()> {
    store
        .commit(records)
        .map_err(|error| Failure::new(503, "ServiceUnavailable", error.to_string()))
}

/// Makes objects as given, read-only properties included. Answers their ids.
fn objects(call: &Call, store: &mut Store) -> Outcome<Reply> {
    let new: Vec<NewObject> = if call.body.trim_ascii_start().first() == Some(&b'[') {
        read(call)?
    } else {
        vec![read(call)?]
    };
    let mut ids = Vec::new();
    for object in new {
        let id = object.id.unwrap_or_else(Uuid::new_v4);
        if store.any(id).is_some() {
            return Err(Failure::bad(format!("the id '{id}' is taken")));
        }
        let mut values = values(object.kind, object.properties)?;
        values
            .entry("createdDateTime".into())
            .or_insert_with(|| json!(crate::now()));
        unique::check(store, id, &values)?;
        commit(
            store,
            vec![Record::Create {
                id,
                kind: object.kind,
                values,
            }],
        )?;
        ids.push(id);
    }
    Ok(Reply {
        status: 201,
        ..Reply::ok(json!({"ids": ids}))
    })
}

fn values(kind: Kind, properties: Map<String, Value>) -> Outcome<Values> {
    let known = |name: &str| {
        property(kind, name).is_some() || other_names(kind).contains(&name) || is_extension(name)
    };
    if let Some(name) = properties.keys().find(|name| !known(name)) {
        return Err(Failure::bad(format!(
            "'{name}' is no property of '{}'",
            kind.name()
        )));
    }
    Ok(properties
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect())
}

fn change(call: &Call, store: &mut Store, id: &str) -> Outcome<Reply> {
    let object = id
        .parse()
        .ok()
        .and_then(|id| store.get(id))
        .ok_or_else(|| Failure::absent(id))?;
    let id = object.id;
    let values = values(object.kind, read(call)?)?;
    unique::check(store, id, &values)?;
    commit(store, vec![Record::Set { id, values }])?;
    Ok(Reply::no_content())
}

fn links(call: &Call, store: &mut Store) -> Outcome<Reply> {
    let NewLinks {
        owner,
        link,
        targets,
    } = read(call)?;
    if let Some(missing) = targets
        .iter()
        .chain([&owner])
        .find(|id| store.get(**id).is_none())
    {
        return Err(Failure::absent(&missing.to_string()));
    }
    commit(
        store,
        vec![Record::Link {
            owner,
            link,
            targets,
        }],
    )?;
    Ok(Reply::no_content())
}

fn grant(call: &Call, store: &mut Store) -> Outcome<Reply> {
    let names: Vec<String> = read(call)?;
    if let Some(name) = names.iter().find(|name| !permissions::is_known(name)) {
        return Err(Failure::bad(format!(
            "the permission '{name}' is not known"
        )));
    }
    commit(
        store,
        vec![Record::Meta {
            name: "permissions".into(),
            value: names.join(" "),
        }],
    )?;
    Ok(Reply::no_content())
}
