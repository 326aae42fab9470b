//! `/users/{id}/onPremisesSyncBehavior`: who is master of an object.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::Kind;
use crate::store::{Record, Values};

pub(crate) fn answer(graph: &mut Graph, id: Uuid) -> Outcome<Reply> {
    let object = graph
        .store
        .get(id)
        .ok_or_else(|| Failure::absent(&id.to_string()))?;
    if !matches!(object.kind, Kind::User | Kind::Group | Kind::OrgContact) {
        return Err(Failure::no_segment("onPremisesSyncBehavior"));
    }
    match graph.method() {
        "GET" => Ok(Reply::ok(json!({
            "@odata.context": format!("{}/$metadata#onPremisesSyncBehavior/$entity", graph.call.base),
            "id": id,
            "isCloudManaged": object.flag("_isCloudManaged"),
        }))),
        "PATCH" => {
            let body = graph.body()?;
            let managed = body.get("isCloudManaged").and_then(Value::as_bool);
            let managed = managed.filter(|_| {
                body.keys()
                    .all(|name| name == "isCloudManaged" || name.starts_with("@odata."))
            });
            let managed = managed.ok_or_else(|| {
                Failure::bad(
                    "The body must hold 'isCloudManaged', true or false, and nothing else.",
                )
            })?;
            let values = Values::from([("_isCloudManaged".into(), json!(managed))]);
            graph.commit(vec![Record::Set { id, values }])?;
            Ok(Reply::no_content())
        }
        _ => Err(Failure::not_allowed()),
    }
}
