//! `/directoryObjects`: objects whatever their kind.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::applications;
use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::Kind;
use crate::path::Path;
use crate::query::show;
use crate::store::Object;
use crate::{deleted, delta, links, membership};

const ASKED: usize = 1000;

pub(crate) fn route(graph: &mut Graph, path: &Path, rest: &[&str]) -> Outcome<Reply> {
    let Some(key) = &path.key else {
        return match (graph.method(), rest) {
            ("GET", ["delta" | "delta()" | "microsoft.graph.delta()"]) => {
                delta::answer(graph, None)
            }
            ("POST", ["getbyids"]) => by_ids(graph),
            ("POST", ["getavailableextensionproperties"]) => applications::available(graph),
            (_, [] | ["delta" | "getbyids"]) => Err(Failure::not_allowed()),
            (_, [segment, ..]) => Err(Failure::no_segment(segment)),
        };
    };
    let id = graph.directory_object(key.text())?.id;
    match (graph.method(), rest) {
        ("GET", []) => Ok(entity(graph, graph.directory_object(key.text())?)),
        ("DELETE", []) => deleted::delete(graph, id),
        (_, []) => Err(Failure::not_allowed()),
        ("POST", [action]) if membership::is_action(action) => {
            membership::answer(graph, id, action)
        }
        _ => links::route(graph, id, &path.rest, rest),
    }
}

/// An object among others of unknown kind, so with its type.
pub(crate) fn entity(graph: &Graph, object: &Object) -> Reply {
    let mut body = Map::new();
    let context = show::context(&graph.call.base, "directoryObjects", &graph.options, true);
    body.insert("@odata.context".into(), context);
    if let Value::Object(shown) = show::linked(object, graph.options.select.as_deref()) {
        body.extend(shown);
    }
    Reply::ok(Value::Object(body))
}

/// POST /directoryObjects/getByIds: those of the ids that exist.
fn by_ids(graph: &Graph) -> Outcome<Reply> {
    let body = graph.body()?;
    let ids = body
        .get("ids")
        .and_then(Value::as_array)
        .ok_or_else(|| Failure::bad("The body must hold 'ids'."))?;
    if ids.len() > ASKED {
        return Err(Failure::bad(format!(
            "At most {ASKED} ids can be asked for."
        )));
    }
    let types: Vec<Kind> = body
        .get("types")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().and_then(Kind::from_name))
        .collect();
    let mut found = Vec::new();
    for id in ids {
        let text = id.as_str().unwrap_or_default();
        let id =
            Uuid::parse_str(text).map_err(|_| Failure::bad(format!("Invalid GUID: '{text}'.")))?;
        let object = graph
            .store
            .get(id)
            .filter(|object| Kind::DIRECTORY.contains(&object.kind));
        if let Some(object) =
            object.filter(|object| types.is_empty() || types.contains(&object.kind))
        {
            found.push(show::linked(object, graph.options.select.as_deref()));
        }
    }
    let context = format!("{}/$metadata#directoryObjects", graph.call.base);
    Ok(Reply::ok(
        json!({"@odata.context": context, "value": found}),
    ))
}
