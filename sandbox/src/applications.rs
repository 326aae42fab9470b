//! Applications and the directory extensions they define.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::Kind;
use crate::query::show;
use crate::rules::unique;
use crate::store::{Object, Record, Store, Values};
use crate::users::created;

const TYPES: [&str; 6] = [
    "Binary",
    "Boolean",
    "DateTime",
    "Integer",
    "LargeInteger",
    "String",
];
const TARGETS: [&str; 6] = [
    "User",
    "Group",
    "AdministrativeUnit",
    "Application",
    "Device",
    "Organization",
];

/// The application and service principal of a client that has none yet.
pub(crate) fn register(store: &Store, app: &str) -> Vec<Record> {
    if store
        .find("appId", app)
        .any(|object| object.kind == Kind::ServicePrincipal)
    {
        return Vec::new();
    }
    let create = |kind, name: &str, value: &str| {
        let values = Values::from([
            ("appId".into(), json!(app)),
            ("displayName".into(), json!("Directory synchronization")),
            (name.into(), json!(value)),
        ]);
        let id = Uuid::new_v4();
        Record::Create { id, kind, values }
    };
    vec![
        create(Kind::Application, "signInAudience", "AzureADMyOrg"),
        create(
            Kind::ServicePrincipal,
            "servicePrincipalType",
            "Application",
        ),
    ]
}

pub(crate) fn create(graph: &mut Graph) -> Outcome<Reply> {
    let body = graph.body()?;
    let name = body
        .get("displayName")
        .and_then(Value::as_str)
        .filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Failure::invalid("displayName", "Application"))?;
    if let Some(other) = body
        .keys()
        .find(|name| *name != "displayName" && *name != "@odata.type")
    {
        return Err(Failure::bad(format!(
            "Property '{other}' cannot be set here."
        )));
    }
    let values = Values::from([
        ("appId".into(), json!(Uuid::new_v4())),
        ("displayName".into(), json!(name)),
        ("createdDateTime".into(), json!(crate::now())),
        ("signInAudience".into(), json!("AzureADMyOrg")),
    ]);
    let id = Uuid::new_v4();
    graph.commit(vec![Record::Create {
        id,
        kind: Kind::Application,
        values,
    }])?;
    Ok(created(graph, id))
}

/// `/applications/{id}/extensionProperties`
pub(crate) fn extension_properties(
    graph: &mut Graph,
    application: Uuid,
    tail: &[&str],
) -> Outcome<Reply> {
    match (graph.method(), tail) {
        ("GET", []) => Ok(listed(graph, |property| belongs(property, application))),
        ("POST", []) => define(graph, application),
        ("GET", [id]) => {
            let property = find(graph, application, id)?;
            Ok(Reply::ok(Value::Object(show::object(property, None))))
        }
        ("DELETE", [id]) => {
            let id = find(graph, application, id)?.id;
            graph.commit(vec![
                Record::Delete {
                    id,
                    at: crate::now(),
                },
                Record::Purge { id },
            ])?;
            Ok(Reply::no_content())
        }
        _ => Err(Failure::not_allowed()),
    }
}

/// POST /directoryObjects/getAvailableExtensionProperties
pub(crate) fn available(graph: &Graph) -> Outcome<Reply> {
    let body = graph.call.optional_json()?;
    let synced = body.get("isSyncedFromOnPremises").and_then(Value::as_bool);
    Ok(listed(graph, |property| {
        synced.is_none_or(|synced| property.flag("isSyncedFromOnPremises") == synced)
    }))
}

fn listed(graph: &Graph, wanted: impl Fn(&Object) -> bool) -> Reply {
    let all = graph
        .store
        .list(Kind::ExtensionProperty, 0)
        .filter(|property| wanted(property));
    let shown: Vec<Value> = all
        .map(|property| Value::Object(show::object(property, None)))
        .collect();
    let context = format!("{}/$metadata#extensionProperties", graph.call.base);
    Reply::ok(json!({"@odata.context": context, "value": shown}))
}

fn belongs(property: &Object, application: Uuid) -> bool {
    property.text("_application") == Some(application.to_string().as_str())
}

fn find<'a>(graph: &'a Graph, application: Uuid, id: &str) -> Outcome<&'a Object> {
    let property = Uuid::parse_str(id).ok().and_then(|id| graph.store.get(id));
    property
        .filter(|property| belongs(property, application))
        .ok_or_else(|| Failure::absent(id))
}

fn define(graph: &mut Graph, application: Uuid) -> Outcome<Reply> {
    let body = graph.body()?;
    let invalid = |name: &str| Failure::invalid(name, "ExtensionProperty");
    let known = [
        "name",
        "dataType",
        "targetObjects",
        "isMultiValued",
        "@odata.type",
    ];
    if let Some(other) = body.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(Failure::bad(format!(
            "Property '{other}' does not exist as a declared property or extension property."
        )));
    }
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty()
        || name.len() > 64
        || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        return Err(invalid("name"));
    }
    let ty = body
        .get("dataType")
        .and_then(Value::as_str)
        .filter(|ty| TYPES.contains(ty))
        .ok_or_else(|| invalid("dataType"))?;
    let targets = body
        .get("targetObjects")
        .and_then(Value::as_array)
        .filter(|targets| !targets.is_empty());
    let targets = targets.ok_or_else(|| invalid("targetObjects"))?;
    if !targets.iter().all(|target| {
        target
            .as_str()
            .is_some_and(|target| TARGETS.contains(&target))
    }) {
        return Err(invalid("targetObjects"));
    }
    let multi = match body.get("isMultiValued") {
        None => false,
        Some(flag) => flag.as_bool().ok_or_else(|| invalid("isMultiValued"))?,
    };
    let owner = graph.store.get(application);
    let app = owner
        .and_then(|owner| owner.text("appId"))
        .unwrap_or_default();
    let full = format!("extension_{}_{name}", compact(app));
    if graph
        .store
        .find("name", &full)
        .any(|other| other.kind == Kind::ExtensionProperty)
    {
        return Err(Failure::conflict("name", &full));
    }
    let values = Values::from([
        ("name".into(), json!(full)),
        ("dataType".into(), json!(ty)),
        ("targetObjects".into(), json!(targets)),
        ("isMultiValued".into(), json!(multi)),
        ("isSyncedFromOnPremises".into(), json!(false)),
        (
            "appDisplayName".into(),
            json!(owner.and_then(|owner| owner.text("displayName"))),
        ),
        ("_application".into(), json!(application)),
    ]);
    let id = Uuid::new_v4();
    unique::check(graph.store, id, &values)?;
    graph.commit(vec![Record::Create {
        id,
        kind: Kind::ExtensionProperty,
        values,
    }])?;
    Ok(created(graph, id))
}

/// The 32 digits of an app id; a client id that is no guid gets digits of its own.
fn compact(app: &str) -> String {
    match Uuid::parse_str(app) {
        Ok(id) => id.simple().to_string(),
        Err(_) => Sha256::digest(app)
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    }
}
