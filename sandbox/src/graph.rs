//! One Graph request from path to answer.

use std::collections::HashSet;

use serde_json::Value;
use uuid::Uuid;

use crate::auth::Caller;
use crate::call::{Call, Reply};
use crate::failure::{Failure, Outcome};
use crate::model::Kind;
use crate::path::{Key, Path};
use crate::query::options::Options;
use crate::store::{Object, Record, Store};
use crate::{
    applications, deleted, delta, devices, groups, links, lists, membership, objects, permissions,
    sync_behavior, users,
};

/// A request with what it needs to be answered.
pub(crate) struct Graph<'a> {
    pub call: &'a Call,
    pub store: &'a mut Store,
    pub options: Options,
    /// Objects so new that not every replica has them.
    pub young: &'a HashSet<Uuid>,
}

/// Answers a request below `/v1.0`.
pub(crate) fn answer(
    call: &Call,
    store: &mut Store,
    caller: &Caller,
    young: &HashSet<Uuid>,
) -> Outcome<Reply> {
    let path = Path::parse(&call.path)?;
    permissions::check(caller, &call.method, &path)?;
    let options = Options::read(call)?;
    let mut graph = Graph {
        call,
        store,
        options,
        young,
    };
    let rest = path.rest();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match path.root.as_str() {
        "directory" => deleted::route(&mut graph, &path, &rest),
        "directoryobjects" => objects::route(&mut graph, &path, &rest),
        "me" => Err(Failure::odata(
            "/me request is only valid with delegated authentication flow.",
        )),
        root => match Kind::from_set(root) {
            Some(kind) => route(&mut graph, kind, &path, &rest),
            None => Err(Failure::no_segment(root)),
        },
    }
}

fn route(graph: &mut Graph, kind: Kind, path: &Path, rest: &[&str]) -> Outcome<Reply> {
    let Some(key) = &path.key else {
        return route_set(graph, kind, rest);
    };
    if rest.is_empty() {
        return route_object(graph, kind, key);
    }
    let object = graph.resolve(kind, key)?.id;
    match (graph.method(), rest) {
        ("POST", [action]) if membership::is_action(action) => {
            membership::answer(graph, object, action)
        }
        (_, ["onpremisessyncbehavior"]) => sync_behavior::answer(graph, object),
        (_, ["extensionproperties", tail @ ..]) if kind == Kind::Application => {
            applications::extension_properties(graph, object, tail)
        }
        (_, ["approleassignments"]) if kind == Kind::ServicePrincipal => {
            permissions::assignments(graph, object)
        }
        _ => links::route(graph, object, &path.rest, rest),
    }
}

fn route_set(graph: &mut Graph, kind: Kind, rest: &[&str]) -> Outcome<Reply> {
    match (graph.method(), rest) {
        ("GET", []) => lists::page(graph, kind),
        ("POST", []) => match kind {
            Kind::User => users::create(graph),
            Kind::Group => groups::create(graph),
            Kind::Application => applications::create(graph),
            _ => Err(Failure::not_allowed()),
        },
        ("GET", ["$count"]) => lists::count(graph, kind),
        ("GET", ["delta" | "delta()" | "microsoft.graph.delta()"]) if delta::serves(kind) => {
            delta::answer(graph, Some(kind))
        }
        (_, [] | ["$count" | "delta" | "delta()"]) => Err(Failure::not_allowed()),
        (_, [segment, ..]) => Err(Failure::no_segment(segment)),
    }
}

fn route_object(graph: &mut Graph, kind: Kind, key: &Key) -> Outcome<Reply> {
    match (graph.method(), kind) {
        ("PATCH", Kind::Group) if matches!(key, Key::Named(..)) => groups::upsert(graph, key),
        ("GET", _) => lists::single(graph, kind, key),
        ("PATCH", Kind::User) => users::update(graph, key),
        ("PATCH", Kind::Group) => groups::update(graph, key),
        ("PATCH", Kind::Device) => devices::update(graph, key),
        ("DELETE", Kind::User | Kind::Group | Kind::Device | Kind::Application) => {
            let id = graph.resolve(kind, key)?.id;
            deleted::delete(graph, id)
        }
        _ => Err(Failure::not_allowed()),
    }
}

impl Graph<'_> {
    pub fn method(&self) -> &'static str {
        match self.call.method.as_str() {
            "GET" => "GET",
            "POST" => "POST",
            "PATCH" => "PATCH",
            "PUT" => "PUT",
            "DELETE" => "DELETE",
            _ => "",
        }
    }

    pub fn commit(&mut self, records: Vec<Record>) -> Outcome<()> {
        self.store.commit(records).map_err(|error| {
            Failure::new(
                503,
                "ServiceUnavailable",
                format!("the data file cannot be written: {error}"),
            )
        })
    }

    /// The live object of a kind that a key names.
    pub fn resolve(&self, kind: Kind, key: &Key) -> Outcome<&Object> {
        let absent = || Failure::absent(key.text());
        let found = match key {
            Key::Plain(text) => match Uuid::parse_str(text) {
                Ok(id) => self.store.get(id),
                Err(_) if kind == Kind::User => self.store.find("userPrincipalName", text).next(),
                Err(_) => return Err(Failure::bad(format!("Invalid object identifier '{text}'."))),
            },
            Key::Named(name, value) if alternate(kind) == Some(name.as_str()) => self
                .store
                .find(name, value)
                .find(|object| object.kind == kind),
            Key::Named(name, _) => {
                return Err(Failure::odata(format!(
                    "The property '{name}' is not a key of '{}'.",
                    kind.name()
                )));
            }
        };
        found
            .filter(|object| object.kind == kind && !self.young.contains(&object.id))
            .ok_or_else(absent)
    }

    /// The live object of any kind with this id.
    pub fn directory_object(&self, text: &str) -> Outcome<&Object> {
        let id = Uuid::parse_str(text)
            .map_err(|_| Failure::bad(format!("Invalid object identifier '{text}'.")))?;
        let found = self.store.get(id);
        found
            .filter(|object| Kind::DIRECTORY.contains(&object.kind) && !self.young.contains(&id))
            .ok_or_else(|| Failure::absent(text))
    }

    /// The body of a write.
    pub fn body(&self) -> Outcome<serde_json::Map<String, Value>> {
        self.call.json()
    }
}

/// The property that can stand for the id in a URL.
fn alternate(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Group => Some("uniqueName"),
        Kind::Device => Some("deviceId"),
        Kind::Application | Kind::ServicePrincipal => Some("appId"),
        _ => None,
    }
}
