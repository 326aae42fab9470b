//! Reading links, also the ones that others hold and the ones reached through groups.

use std::collections::HashSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::Kind;
use crate::objects::entity;
use crate::query::list::{Listing, start};
use crate::store::{Link, Object, Store};

type Rows<'a> = Box<dyn Iterator<Item = (u64, &'a Object)> + 'a>;

/// GET /groups/{id}/members and its like; `tail` is what follows the link's name.
pub(crate) fn answer(graph: &Graph, owner: Uuid, name: &str, tail: &[&str]) -> Outcome<Reply> {
    let store: &Store = graph.store;
    let object = store
        .get(owner)
        .ok_or_else(|| Failure::absent(&owner.to_string()))?;
    if name == "manager" {
        return manager(graph, object, tail);
    }
    let rows =
        rows(store, object, name, start(&graph.options)?).ok_or_else(Failure::not_allowed)?;
    match tail {
        [] => page(graph, rows, None),
        ["$ref"] => references(graph, rows),
        ["$count"] => listing(rows, None).count(store, &graph.options),
        [cast] if cast.starts_with("microsoft.graph.") => page(graph, rows, Some(kind(cast)?)),
        [cast, "$count"] if cast.starts_with("microsoft.graph.") => {
            listing(rows, Some(kind(cast)?)).count(store, &graph.options)
        }
        [id] => single(graph, rows, id),
        _ => Err(Failure::no_segment(
            tail.last().copied().unwrap_or_default(),
        )),
    }
}

fn kind(cast: &str) -> Outcome<Kind> {
    Kind::from_name(cast).ok_or_else(|| Failure::no_segment(cast))
}

fn rows<'a>(store: &'a Store, object: &'a Object, name: &str, after: u64) -> Option<Rows<'a>> {
    if let Some(link) = Link::from_name(name) {
        return Some(Box::new(store.linked(object, link, after)));
    }
    let by_number = |object: &'a Object| (object.number, object);
    Some(match name {
        "memberof" => sorted(store.linking(object.id, Link::Members).map(by_number)),
        "directreports" => sorted(store.linking(object.id, Link::Manager).map(by_number)),
        "sponsorof" => sorted(store.linking(object.id, Link::Sponsors).map(by_number)),
        "ownedobjects" => sorted(store.linking(object.id, Link::Owners).map(by_number)),
        "owneddevices" => sorted(
            store
                .linking(object.id, Link::RegisteredOwners)
                .map(by_number),
        ),
        "registereddevices" => sorted(
            store
                .linking(object.id, Link::RegisteredUsers)
                .map(by_number),
        ),
        "transitivememberof" => sorted(groups_of(store, object.id).into_iter().map(by_number)),
        "transitivemembers" => sorted(members_of(store, object).into_iter().map(by_number)),
        "createdobjects" | "oauth2permissiongrants" | "memberswithlicenseerrors" => {
            Box::new(std::iter::empty())
        }
        _ => return None,
    })
}

fn sorted<'a>(rows: impl Iterator<Item = (u64, &'a Object)>) -> Rows<'a> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable_by_key(|(number, _)| *number);
    Box::new(rows.into_iter())
}

/// Groups that hold an object, directly or through other groups.
pub(crate) fn groups_of(store: &Store, id: Uuid) -> Vec<&Object> {
    let mut seen = HashSet::new();
    let mut queue = vec![id];
    let mut found = Vec::new();
    while let Some(next) = queue.pop() {
        for group in store.linking(next, Link::Members) {
            if seen.insert(group.id) {
                queue.push(group.id);
                found.push(group);
            }
        }
    }
    found
}

fn members_of<'a>(store: &'a Store, group: &'a Object) -> Vec<&'a Object> {
    let mut seen = HashSet::new();
    let mut queue = vec![group];
    let mut found = Vec::new();
    while let Some(next) = queue.pop() {
        for (_, member) in store.linked(next, Link::Members, 0) {
            if seen.insert(member.id) {
                queue.push(member);
                found.push(member);
            }
        }
    }
    found
}

fn listing<'a>(rows: Rows<'a>, kind: Option<Kind>) -> Listing<'a> {
    let rows: Rows = match kind {
        Some(kind) => Box::new(rows.filter(move |(_, object)| object.kind == kind)),
        None => rows,
    };
    Listing {
        kind,
        set: kind.map_or("directoryObjects", Kind::set),
        rows,
        whole: false,
    }
}

fn page<'a>(graph: &'a Graph, rows: Rows<'a>, kind: Option<Kind>) -> Outcome<Reply> {
    listing(rows, kind).page(graph.store, graph.call, &graph.options)
}

/// `members/$ref`: the URLs only.
fn references<'a>(graph: &'a Graph, rows: Rows<'a>) -> Outcome<Reply> {
    let options = crate::query::options::Options {
        select: Some(vec!["id".into()]),
        ..graph.options.clone()
    };
    let mut reply = listing(rows, None).page(graph.store, graph.call, &options)?;
    if let crate::call::Body::Json(body) = &mut reply.body {
        let base = &graph.call.base;
        body["@odata.context"] = json!(format!("{base}/$metadata#Collection($ref)"));
        for item in body
            .get_mut("value")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
            *item = json!({"@odata.id": format!("{base}/directoryObjects/{id}")});
        }
    }
    Ok(reply)
}

/// `members/{id}`
fn single(graph: &Graph, mut rows: Rows, id: &str) -> Outcome<Reply> {
    let found = rows.find(|(_, object)| object.id.to_string() == id);
    let (_, object) = found.ok_or_else(|| Failure::absent(id))?;
    Ok(entity(graph, object))
}

fn manager(graph: &Graph, user: &Object, tail: &[&str]) -> Outcome<Reply> {
    let manager = graph.store.linked(user, Link::Manager, 0).next();
    let (_, manager) = manager.ok_or_else(|| Failure::absent("manager"))?;
    let base = &graph.call.base;
    match tail {
        [] => Ok(entity(graph, manager)),
        ["$ref"] => Ok(Reply::ok(json!({
            "@odata.context": format!("{base}/$metadata#$ref"),
            "@odata.id": format!("{base}/directoryObjects/{}", manager.id),
        }))),
        _ => Err(Failure::no_segment(
            tail.last().copied().unwrap_or_default(),
        )),
    }
}
