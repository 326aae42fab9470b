//! Adding links.

use serde_json::Value;
use uuid::Uuid;

use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::Kind;
use crate::path::{Key, Path};
use crate::rules::user::synced;
use crate::store::{Link, Object, Record, Store};

const OWNERS: usize = 100;
const PUBLIC: [&str; 2] = [
    "https://graph.microsoft.com/v1.0",
    "https://graph.microsoft.com/beta",
];

/// POST /groups/{id}/members/$ref
pub(crate) fn one(graph: &mut Graph, owner: Uuid, link: Link) -> Outcome<Reply> {
    let body = graph.body()?;
    let url = body
        .get("@odata.id")
        .ok_or_else(|| Failure::bad("The body must hold '@odata.id'."))?;
    let target = reference(graph, url)?;
    let object = graph
        .store
        .get(owner)
        .ok_or_else(|| Failure::absent(&owner.to_string()))?;
    check_open(object)?;
    match link {
        Link::Members => check_member(
            graph.store,
            object.is_unified(),
            object.is_dynamic(),
            target,
        )?,
        Link::Owners => {
            check_owner(graph.store, target)?;
            if graph.store.linked(object, link, 0).count() >= OWNERS {
                return Err(Failure::bad(format!(
                    "A group has at most {OWNERS} owners."
                )));
            }
        }
        _ => {}
    }
    if object
        .links
        .get(&link)
        .is_some_and(|links| links.contains(target))
    {
        return Err(already_there(link));
    }
    graph.commit(vec![Record::Link {
        owner,
        link,
        targets: vec![target],
    }])?;
    Ok(Reply::no_content())
}

/// PUT /users/{id}/manager/$ref
pub(crate) fn set_manager(graph: &mut Graph, owner: Uuid) -> Outcome<Reply> {
    let body = graph.body()?;
    let url = body
        .get("@odata.id")
        .ok_or_else(|| Failure::bad("The body must hold '@odata.id'."))?;
    let target = reference(graph, url)?;
    let object = graph
        .store
        .get(owner)
        .ok_or_else(|| Failure::absent(&owner.to_string()))?;
    check_open(object)?;
    let kind = graph.store.get(target).map(|target| target.kind);
    if !matches!(kind, Some(Kind::User | Kind::OrgContact)) {
        return Err(Failure::bad(
            "A manager must be a user or an organizational contact.",
        ));
    }
    let old: Vec<Uuid> = object
        .links
        .get(&Link::Manager)
        .into_iter()
        .flat_map(|links| links.present())
        .map(|linked| linked.target)
        .collect();
    if old == [target] {
        return Ok(Reply::no_content());
    }
    let mut records = Vec::new();
    if !old.is_empty() {
        records.push(Record::Unlink {
            owner,
            link: Link::Manager,
            targets: old,
        });
    }
    records.push(Record::Link {
        owner,
        link: Link::Manager,
        targets: vec![target],
    });
    graph.commit(records)?;
    Ok(Reply::no_content())
}

/// Links of an object mastered on premises are closed, too.
pub(crate) fn check_open(owner: &Object) -> Outcome<()> {
    if owner.is_synced() {
        Err(synced())
    } else {
        Ok(())
    }
}

pub(crate) fn check_member(
    store: &Store,
    unified: bool,
    dynamic: bool,
    target: Uuid,
) -> Outcome<()> {
    if dynamic {
        return Err(Failure::bad(
            "Members of a group with dynamic membership cannot be changed by hand.",
        ));
    }
    let kind = store.get(target).map(|target| target.kind);
    let allowed = match kind {
        Some(Kind::User) => true,
        Some(Kind::Group | Kind::Device | Kind::ServicePrincipal | Kind::OrgContact) => !unified,
        _ => false,
    };
    if allowed {
        return Ok(());
    }
    let name = kind.map_or("object", Kind::title);
    Err(Failure::bad(format!(
        "Unsupported reference: an object of type '{name}' cannot be a member of this group."
    )))
}

pub(crate) fn check_owner(store: &Store, target: Uuid) -> Outcome<()> {
    match store.get(target).map(|target| target.kind) {
        Some(Kind::User | Kind::ServicePrincipal) => Ok(()),
        _ => Err(Failure::bad(
            "Unsupported reference: an owner must be a user or a service principal.",
        )),
    }
}

pub(crate) fn already_there(link: Link) -> Failure {
    Failure::bad(format!(
        "One or more added object references already exist for the following modified properties: '{}'.",
        link.name()
    ))
}

/// The live object that a URL such as `https://graph.microsoft.com/v1.0/users/{id}` names.
pub(crate) fn reference(graph: &Graph, url: &Value) -> Outcome<Uuid> {
    let malformed = || Failure::bad(format!("Invalid URL format specified in payload: {url}."));
    let text = url.as_str().ok_or_else(malformed)?;
    let path = PUBLIC
        .into_iter()
        .chain([graph.call.base.as_str()])
        .find_map(|base| text.strip_prefix(base))
        .filter(|path| path.starts_with('/'))
        .ok_or_else(malformed)?;
    let path = Path::parse(path).map_err(|_| malformed())?;
    let key = path
        .key
        .filter(|_| path.rest.is_empty())
        .ok_or_else(malformed)?;
    if path.root != "directoryobjects" {
        let kind = Kind::from_set(&path.root).ok_or_else(malformed)?;
        return Ok(graph.resolve(kind, &key)?.id);
    }
    let Key::Plain(id) = &key else {
        return Err(malformed());
    };
    Ok(graph.directory_object(id)?.id)
}
