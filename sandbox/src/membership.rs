//! getMemberGroups and its like: the groups an object is in, as ids.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::links::view::groups_of;

const CHECKED: usize = 20;

pub(crate) fn is_action(name: &str) -> bool {
    matches!(
        name,
        "getmembergroups" | "getmemberobjects" | "checkmembergroups" | "checkmemberobjects"
    )
}

pub(crate) fn answer(graph: &Graph, id: Uuid, action: &str) -> Outcome<Reply> {
    let body = graph.body()?;
    let groups = groups_of(graph.store, id);
    let ids: Vec<String> = if action.starts_with("get") {
        let security = body.get("securityEnabledOnly").and_then(Value::as_bool);
        let security =
            security.ok_or_else(|| Failure::bad("The body must hold 'securityEnabledOnly'."))?;
        let wanted = groups
            .iter()
            .filter(|group| !security || group.flag("securityEnabled"));
        wanted.map(|group| group.id.to_string()).collect()
    } else {
        let name = if action == "checkmembergroups" {
            "groupIds"
        } else {
            "ids"
        };
        let asked = body.get(name).and_then(Value::as_array);
        let asked = asked.ok_or_else(|| Failure::bad(format!("The body must hold '{name}'.")))?;
        if asked.len() > CHECKED {
            return Err(Failure::bad(format!(
                "At most {CHECKED} groups can be checked."
            )));
        }
        let asked = asked.iter().filter_map(Value::as_str);
        asked
            .filter(|id| groups.iter().any(|group| group.id.to_string() == **id))
            .map(str::to_owned)
            .collect()
    };
    let context = format!("{}/$metadata#Collection(Edm.String)", graph.call.base);
    Ok(Reply::ok(json!({"@odata.context": context, "value": ids})))
}
