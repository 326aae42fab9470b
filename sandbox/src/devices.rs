//! Changing devices, which is nearly closed to apps.

use serde_json::Value;

use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::{self, Kind, Type};
use crate::path::Key;
use crate::rules::{value, write};
use crate::store::Record;

pub(crate) fn update(graph: &mut Graph, key: &Key) -> Outcome<Reply> {
    let mut body = graph.body()?;
    let object = graph.resolve(Kind::Device, key)?;
    let id = object.id;
    let extension = body.remove("extensionAttributes");
    if body.keys().any(|name| {
        model::property(Kind::Device, name).is_some_and(|property| property.write == "rw-mdm")
    }) {
        return Err(denied());
    }
    let mut values = write::read(graph.store, Kind::Device, Some(object), &body)?;
    let windows = object
        .text("operatingSystem")
        .is_some_and(|system| system.eq_ignore_ascii_case("windows"));
    if !values.is_empty() && !windows {
        return Err(denied());
    }
    if let Some(Value::Object(new)) = extension {
        let ty = Type::Record("onPremisesExtensionAttributes");
        value::check(
            "extensionAttributes",
            &ty,
            &Value::Object(new.clone()),
            "Device",
        )?;
        let mut merged = object
            .get("extensionAttributes")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        merged.extend(new);
        values.insert("extensionAttributes".into(), Value::Object(merged));
    } else if extension.is_some() {
        return Err(Failure::invalid("extensionAttributes", "Device"));
    }
    graph.commit(vec![Record::Set { id, values }])?;
    Ok(Reply::no_content())
}

fn denied() -> Failure {
    Failure::new(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    )
}
