//! Links between objects: `members`, `owners`, `manager` and the views they give.

pub(crate) mod add;
mod remove;
pub(crate) mod view;

use uuid::Uuid;

use crate::call::Reply;
use crate::deleted;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::{self, Kind};
use crate::store::Link;

/// Routes what follows an object's key; `rest` is `segments` in lower case.
pub(crate) fn route(
    graph: &mut Graph,
    owner: Uuid,
    segments: &[String],
    rest: &[&str],
) -> Outcome<Reply> {
    let kind = graph
        .store
        .get(owner)
        .map_or(Kind::User, |object| object.kind);
    let name = rest.first().copied().unwrap_or_default();
    let spelled = segments.first().map(String::as_str).unwrap_or_default();
    let known = model::properties(kind)
        .iter()
        .any(|property| property.ty.is_link() && property.name.eq_ignore_ascii_case(name));
    if !known {
        return Err(Failure::no_segment(spelled));
    }
    let link = Link::from_name(name).filter(|link| writable(kind, *link));
    match (graph.method(), rest, link) {
        ("PUT", [_, "$ref"], Some(Link::Manager)) => add::set_manager(graph, owner),
        ("DELETE", [_, "$ref"], Some(Link::Manager)) => remove::manager(graph, owner),
        ("POST", [_, "$ref"], Some(link)) if link != Link::Manager => add::one(graph, owner, link),
        ("DELETE", [_, id, "$ref"], Some(link)) if link != Link::Manager => {
            remove::one(graph, owner, link, id)
        }
        // without $ref it is the linked object itself that is deleted
        ("DELETE", [_, id], Some(link)) if link != Link::Manager => {
            let target = remove::target(graph, owner, link, id)?;
            deleted::delete(graph, target)
        }
        ("GET", [_, tail @ ..], _) => view::answer(graph, owner, name, tail),
        _ => Err(Failure::not_allowed()),
    }
}

fn writable(kind: Kind, link: Link) -> bool {
    match kind {
        Kind::Group => matches!(
            link,
            Link::Members | Link::Owners | Link::AcceptedSenders | Link::RejectedSenders
        ),
        Kind::User => matches!(link, Link::Manager | Link::Sponsors),
        Kind::Device => matches!(link, Link::RegisteredOwners | Link::RegisteredUsers),
        _ => false,
    }
}
