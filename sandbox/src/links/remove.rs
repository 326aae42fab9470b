//! Removing links.

use uuid::Uuid;

use super::add::check_open;
use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::Kind;
use crate::store::{Link, Record};

/// DELETE /groups/{id}/members/{target}/$ref
pub(crate) fn one(graph: &mut Graph, owner: Uuid, link: Link, id: &str) -> Outcome<Reply> {
    let target = target(graph, owner, link, id)?;
    let object = graph
        .store
        .get(owner)
        .ok_or_else(|| Failure::absent(&owner.to_string()))?;
    check_open(object)?;
    if link == Link::Members && object.is_dynamic() {
        return Err(Failure::bad(
            "Members of a group with dynamic membership cannot be changed by hand.",
        ));
    }
    if link == Link::Owners {
        let is_user = |id: Uuid| {
            graph
                .store
                .get(id)
                .is_some_and(|object| object.kind == Kind::User)
        };
        let users = graph
            .store
            .linked(object, link, 0)
            .filter(|(_, owner)| owner.kind == Kind::User)
            .count();
        if users == 1 && is_user(target) {
            return Err(Failure::bad(
                "The group must have at least one owner, hence this owner cannot be removed.",
            ));
        }
    }
    graph.commit(vec![Record::Unlink {
        owner,
        link,
        targets: vec![target],
    }])?;
    Ok(Reply::no_content())
}

/// DELETE /users/{id}/manager/$ref
pub(crate) fn manager(graph: &mut Graph, owner: Uuid) -> Outcome<Reply> {
    let object = graph
        .store
        .get(owner)
        .ok_or_else(|| Failure::absent(&owner.to_string()))?;
    check_open(object)?;
    let targets: Vec<Uuid> = graph
        .store
        .linked(object, Link::Manager, 0)
        .map(|(_, manager)| manager.id)
        .collect();
    if targets.is_empty() {
        return Err(Failure::absent("manager"));
    }
    graph.commit(vec![Record::Unlink {
        owner,
        link: Link::Manager,
        targets,
    }])?;
    Ok(Reply::no_content())
}

/// The linked object that `id` names, if it is linked.
pub(crate) fn target(graph: &Graph, owner: Uuid, link: Link, id: &str) -> Outcome<Uuid> {
    let target = Uuid::parse_str(id)
        .map_err(|_| Failure::bad(format!("Invalid object identifier '{id}'.")))?;
    let owner = graph.store.get(owner).filter(|owner| {
        owner
            .links
            .get(&link)
            .is_some_and(|links| links.contains(target))
    });
    match owner.and_then(|_| graph.store.get(target)) {
        Some(target) => Ok(target.id),
        None => Err(Failure::absent(id)),
    }
}
