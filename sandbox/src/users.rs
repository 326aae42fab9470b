//! Creating and changing users.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::Reply;
use crate::failure::Outcome;
use crate::graph::Graph;
use crate::model::Kind;
use crate::path::Key;
use crate::query::options::Options;
use crate::query::show;
use crate::rules::{unique, user};
use crate::store::Record;

pub(crate) fn create(graph: &mut Graph) -> Outcome<Reply> {
    let mut values = user::values(graph.store, None, &graph.body()?)?;
    let id = Uuid::new_v4();
    values.insert("securityIdentifier".into(), json!(security_identifier(id)));
    unique::check(graph.store, id, &values)?;
    graph.commit(vec![Record::Create {
        id,
        kind: Kind::User,
        values,
    }])?;
    Ok(created(graph, id))
}

pub(crate) fn update(graph: &mut Graph, key: &Key) -> Outcome<Reply> {
    let object = graph.resolve(Kind::User, key)?;
    let id = object.id;
    let values = user::values(graph.store, Some(object), &graph.body()?)?;
    unique::check(graph.store, id, &values)?;
    graph.commit(vec![Record::Set { id, values }])?;
    Ok(Reply::no_content())
}

/// The answer to a POST: the new object with its default properties.
pub(crate) fn created(graph: &Graph, id: Uuid) -> Reply {
    let Some(object) = graph.store.get(id) else {
        return Reply::no_content();
    };
    let set = object.kind.set();
    let mut body = serde_json::Map::new();
    body.insert(
        "@odata.context".into(),
        show::context(&graph.call.base, set, &Options::default(), true),
    );
    body.extend(show::object(object, None));
    Reply::created(
        Value::Object(body),
        format!("{}/{set}/{id}", graph.call.base),
    )
}

/// The cloud SID, which is made of the id.
pub(crate) fn security_identifier(id: Uuid) -> String {
    let bytes = id.to_bytes_le();
    let parts = bytes.chunks(4).map(|part| {
        let number = part
            .iter()
            .rev()
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        number.to_string()
    });
    format!("S-1-12-1-{}", parts.collect::<Vec<_>>().join("-"))
}
