//! Creating and changing groups.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::links::add;
use crate::model::{self, Kind, Property};
use crate::path::Key;
use crate::rules::{group, unique};
use crate::store::{Link, Object, Record};
use crate::users::{created, security_identifier};

/// Links that one request may carry.
const BOUND: usize = 20;

pub(crate) fn create(graph: &mut Graph) -> Outcome<Reply> {
    let body = graph.body()?;
    create_from(graph, &body)
}

fn create_from(graph: &mut Graph, body: &Map<String, Value>) -> Outcome<Reply> {
    let mut values = group::values(graph.store, None, body)?;
    let id = Uuid::new_v4();
    values.insert("securityIdentifier".into(), json!(security_identifier(id)));
    unique::check(graph.store, id, &values)?;
    let types = values.get("groupTypes").and_then(Value::as_array);
    let is = |kind: &str| types.is_some_and(|types| types.iter().any(|other| other == kind));
    let (unified, dynamic) = (is("Unified"), is("DynamicMembership"));
    let members = bound(graph, body, "members@odata.bind")?;
    let owners = bound(graph, body, "owners@odata.bind")?;
    if members.len() + owners.len() > BOUND {
        return Err(too_many());
    }
    for target in &members {
        add::check_member(graph.store, unified, dynamic, *target)?;
    }
    for target in &owners {
        add::check_owner(graph.store, *target)?;
    }
    let mut records = vec![Record::Create {
        id,
        kind: Kind::Group,
        values,
    }];
    for (link, targets) in [(Link::Members, members), (Link::Owners, owners)] {
        if !targets.is_empty() {
            records.push(Record::Link {
                owner: id,
                link,
                targets,
            });
        }
    }
    graph.commit(records)?;
    Ok(created(graph, id))
}

/// PATCH by uniqueName: with `Prefer: create-if-missing` it creates the group that is not there.
pub(crate) fn upsert(graph: &mut Graph, key: &Key) -> Outcome<Reply> {
    let create = graph
        .call
        .prefers()
        .any(|prefer| prefer.eq_ignore_ascii_case("create-if-missing"));
    match graph.resolve(Kind::Group, key) {
        Err(failure) if failure.status == 404 && create => {
            let mut body = graph.body()?;
            let name = json!(key.text());
            if body.get("uniqueName").is_some_and(|given| *given != name) {
                return Err(Failure::invalid("uniqueName", "Group"));
            }
            body.insert("uniqueName".into(), name);
            create_from(graph, &body)
        }
        Err(failure) => Err(failure),
        Ok(_) => update(graph, key),
    }
}

pub(crate) fn update(graph: &mut Graph, key: &Key) -> Outcome<Reply> {
    let mut body = graph.body()?;
    let object = graph.resolve(Kind::Group, key)?;
    let id = object.id;
    if matches!(key, Key::Named(name, value) if body.get(name).is_some_and(|given| given == value))
    {
        body.remove("uniqueName");
    }
    if body.contains_key("owners@odata.bind") {
        return Err(Failure::bad(
            "owners@odata.bind is not supported in an update: add owners through owners/$ref.",
        ));
    }
    let values = group::values(graph.store, Some(object), &body)?;
    unique::check(graph.store, id, &values)?;
    let members = bound(graph, &body, "members@odata.bind")?;
    if members.len() > BOUND {
        return Err(too_many());
    }
    check_new_members(graph, object, &members)?;
    let separate = values
        .keys()
        .any(|name| model::property(Kind::Group, name).is_some_and(Property::is_separate));
    let mut records = Vec::new();
    if !values.is_empty() {
        records.push(Record::Set { id, values });
    }
    if !members.is_empty() {
        records.push(Record::Link {
            owner: id,
            link: Link::Members,
            targets: members,
        });
    }
    graph.commit(records)?;
    Ok(if separate {
        Reply {
            status: 200,
            ..Reply::default()
        }
    } else {
        Reply::no_content()
    })
}

fn check_new_members(graph: &Graph, group: &Object, members: &[Uuid]) -> Outcome<()> {
    if !members.is_empty() {
        add::check_open(group)?;
    }
    for target in members {
        add::check_member(graph.store, group.is_unified(), group.is_dynamic(), *target)?;
        if group
            .links
            .get(&Link::Members)
            .is_some_and(|links| links.contains(*target))
        {
            return Err(add::already_there(Link::Members));
        }
    }
    Ok(())
}

fn too_many() -> Failure {
    Failure::bad(format!(
        "The number of links in one request exceeds the maximum of {BOUND}."
    ))
}

/// The objects behind `members@odata.bind`, each of them once.
fn bound(graph: &Graph, body: &Map<String, Value>, name: &str) -> Outcome<Vec<Uuid>> {
    let Some(value) = body.get(name) else {
        return Ok(Vec::new());
    };
    let urls = value
        .as_array()
        .ok_or_else(|| Failure::odata(format!("'{name}' must be a list of URLs.")))?;
    let mut targets = Vec::new();
    for url in urls {
        let target = add::reference(graph, url)?;
        if targets.contains(&target) {
            let property = name.split('@').next().unwrap_or_default();
            return Err(Failure::bad(format!(
                "The same object is named twice in '{property}'."
            )));
        }
        targets.push(target);
    }
    Ok(targets)
}
