//! Writes as requests: pure, nothing is sent here.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use trib_compiler::schema::facts;

/// Members that one request can add.
pub(super) const MEMBERS_PER_REQUEST: usize = 20;

/// A request below `/v1.0`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub method: &'static str,
    /// Path and query, with the leading slash.
    pub path: String,
    pub prefer: Option<&'static str>,
    pub body: Option<Value>,
}

impl Request {
    fn bare(method: &'static str, path: String) -> Request {
        Request {
            method,
            path,
            prefer: None,
            body: None,
        }
    }

    fn with(method: &'static str, path: String, body: Value) -> Request {
        Request {
            method,
            path,
            prefer: None,
            body: Some(body),
        }
    }
}

/// Name of the entity set that holds an object type.
pub(super) fn entity_set(object_type: &str) -> String {
    match object_type {
        "orgContact" => "contacts".to_owned(),
        other => format!("{other}s"),
    }
}

pub(super) fn create(object_type: &str, attributes: &Map<String, Value>) -> Request {
    Request::with(
        "POST",
        format!("/{}", entity_set(object_type)),
        Value::Object(attributes.clone()),
    )
}

/// Makes the group with this name, or changes it where it is there: safe to repeat.
pub(super) fn upsert(unique_name: &str, attributes: &Map<String, Value>) -> Request {
    let request = Request::with(
        "PATCH",
        by_unique_name(unique_name),
        Value::Object(attributes.clone()),
    );
    Request {
        prefer: Some("create-if-missing"),
        ..request
    }
}

/// Asks for the id of the group with this name.
pub(super) fn resolve(unique_name: &str) -> Request {
    Request::bare("GET", format!("{}?$select=id", by_unique_name(unique_name)))
}

fn by_unique_name(unique_name: &str) -> String {
    format!("/groups(uniqueName='{}')", encode(&quoted(unique_name)))
}

pub(super) fn change(object_type: &str, anchor: &str, attributes: &Map<String, Value>) -> Request {
    Request::with(
        "PATCH",
        object(object_type, anchor),
        Value::Object(attributes.clone()),
    )
}

pub(super) fn delete(object_type: &str, anchor: &str) -> Request {
    Request::bare("DELETE", object(object_type, anchor))
}

pub(super) fn restore(anchor: &str) -> Request {
    Request::with(
        "POST",
        format!("/directory/deletedItems/{}/restore", encode(anchor)),
        json!({}),
    )
}

/// Adds several members at once: all or none.
pub(super) fn add_members(
    base: &str,
    object_type: &str,
    anchor: &str,
    attribute: &str,
    targets: &[String],
) -> Request {
    let urls: Vec<Value> = targets
        .iter()
        .map(|target| Value::String(reference(base, target)))
        .collect();
    let mut body = Map::new();
    body.insert(format!("{attribute}@odata.bind"), Value::Array(urls));
    change(object_type, anchor, &body)
}

pub(super) fn add_link(
    base: &str,
    object_type: &str,
    anchor: &str,
    attribute: &str,
    target: &str,
) -> Request {
    let path = format!("{}/{attribute}/$ref", object(object_type, anchor));
    Request::with(
        "POST",
        path,
        json!({ "@odata.id": reference(base, target) }),
    )
}

/// Takes a link away. Without the `$ref` at its end this path is the object referred to.
pub(super) fn remove_link(
    object_type: &str,
    anchor: &str,
    attribute: &str,
    target: &str,
) -> Request {
    let path = format!(
        "{}/{attribute}/{}/$ref",
        object(object_type, anchor),
        encode(target)
    );
    Request::bare("DELETE", path)
}

pub(super) fn set_link(
    base: &str,
    object_type: &str,
    anchor: &str,
    attribute: &str,
    target: Option<&str>,
) -> Request {
    let path = format!("{}/{attribute}/$ref", object(object_type, anchor));
    match target {
        Some(target) => Request::with("PUT", path, json!({ "@odata.id": reference(base, target) })),
        None => Request::bare("DELETE", path),
    }
}

/// Looks for the objects that have a value.
pub(super) fn find(object_type: &str, property: &str, value: &str) -> Request {
    let filter = encode(&filter(object_type, property, value));
    Request::bare(
        "GET",
        format!("/{}?$filter={filter}&$select=id", entity_set(object_type)),
    )
}

/// The condition that a property has a value.
pub(super) fn filter(object_type: &str, property: &str, value: &str) -> String {
    let ty = facts::graph_properties()
        .find(|row| row.entity == object_type && row.name == property)
        .map(|row| row.ty)
        .unwrap_or_default();
    match ty {
        "bool" | "int" | "time" => format!("{property} eq {value}"),
        list if list.starts_with('[') => format!("{property}/any(p:p eq '{}')", quoted(value)),
        _ => format!("{property} eq '{}'", quoted(value)),
    }
}

/// Attributes for one request, then those that each need a request of their own.
pub(super) fn separate(
    object_type: &str,
    attributes: Map<String, Value>,
) -> (Map<String, Value>, Vec<Map<String, Value>>) {
    let (alone, together): (Vec<_>, Vec<_>) = attributes
        .into_iter()
        .partition(|(name, _)| is_separate(object_type, name));
    let alone = alone
        .into_iter()
        .map(|attribute| Map::from_iter([attribute]))
        .collect();
    (together.into_iter().collect(), alone)
}

/// The attributes that an object takes after it was made.
pub(super) fn changeable(
    object_type: &str,
    mut attributes: Map<String, Value>,
) -> Map<String, Value> {
    let is_fixed = |name: &str| {
        facts::graph_properties()
            .any(|row| row.entity == object_type && row.name == name && row.write == "create-only")
    };
    attributes.retain(|name, _| !is_fixed(name));
    attributes
}

/// The property is kept outside the directory: written alone, and not told in lists and deltas.
pub(super) fn is_separate(object_type: &str, name: &str) -> bool {
    facts::graph_properties()
        .any(|row| row.entity == object_type && row.name == name && row.write == "rw-separate")
}

fn object(object_type: &str, anchor: &str) -> String {
    format!("/{}/{}", entity_set(object_type), encode(anchor))
}

fn reference(base: &str, target: &str) -> String {
    format!("{base}/directoryObjects/{}", encode(target))
}

fn quoted(value: &str) -> String {
    value.replace('\'', "''")
}

const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Text as a part of a path or query.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://graph.microsoft.com/v1.0";

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn every_write_has_its_request() {
        let name = map(json!({"displayName": "Ada"}));
        let ada = json!({"displayName": "Ada"});
        let link = |id: &str| json!({"@odata.id": format!("{BASE}/directoryObjects/{id}")});
        let table = [
            (create("user", &name), "POST", "/users", Some(ada.clone())),
            (
                create("orgContact", &name),
                "POST",
                "/contacts",
                Some(ada.clone()),
            ),
            (
                change("user", "u1", &name),
                "PATCH",
                "/users/u1",
                Some(ada.clone()),
            ),
            (delete("group", "g1"), "DELETE", "/groups/g1", None),
            (
                restore("u1"),
                "POST",
                "/directory/deletedItems/u1/restore",
                Some(json!({})),
            ),
            (
                upsert("it's", &name),
                "PATCH",
                "/groups(uniqueName='it%27%27s')",
                Some(ada),
            ),
            (
                resolve("ad-1"),
                "GET",
                "/groups(uniqueName='ad-1')?$select=id",
                None,
            ),
            (
                add_members(
                    BASE,
                    "group",
                    "g1",
                    "members",
                    &["u1".to_owned(), "u2".to_owned()],
                ),
                "PATCH",
                "/groups/g1",
                Some(json!({"members@odata.bind": [
                    format!("{BASE}/directoryObjects/u1"), format!("{BASE}/directoryObjects/u2"),
                ]})),
            ),
            (
                add_link(BASE, "group", "g1", "owners", "u1"),
                "POST",
                "/groups/g1/owners/$ref",
                Some(link("u1")),
            ),
            (
                remove_link("group", "g1", "members", "u1"),
                "DELETE",
                "/groups/g1/members/u1/$ref",
                None,
            ),
            (
                set_link(BASE, "user", "u1", "manager", Some("u2")),
                "PUT",
                "/users/u1/manager/$ref",
                Some(link("u2")),
            ),
            (
                set_link(BASE, "user", "u1", "manager", None),
                "DELETE",
                "/users/u1/manager/$ref",
                None,
            ),
            (
                change("user", "a/../b", &Map::new()),
                "PATCH",
                "/users/a%2F..%2Fb",
                Some(json!({})),
            ),
        ];
        for (request, method, path, body) in table {
            assert_eq!(
                (request.method, request.path.as_str(), request.body),
                (method, path, body)
            );
        }
        assert_eq!(upsert("x", &name).prefer, Some("create-if-missing"));
    }

    #[test]
    fn filters_follow_the_property_s_type() {
        let table = [
            (
                ("user", "userPrincipalName", "o'neil@x.y"),
                "userPrincipalName eq 'o''neil@x.y'",
            ),
            (
                ("user", "proxyAddresses", "smtp:a@x.y"),
                "proxyAddresses/any(p:p eq 'smtp:a@x.y')",
            ),
            (("user", "accountEnabled", "true"), "accountEnabled eq true"),
            (
                ("group", "extension_0123_key", "k"),
                "extension_0123_key eq 'k'",
            ),
        ];
        for ((object_type, property, value), expected) in table {
            assert_eq!(filter(object_type, property, value), expected);
        }
        assert_eq!(
            find("user", "mail", "a+b@x.y").path,
            "/users?$filter=mail%20eq%20%27a%2Bb%40x.y%27&$select=id"
        );
    }

    #[test]
    fn properties_outside_the_directory_go_alone() {
        let attributes =
            map(json!({"displayName": "Ada", "aboutMe": "x", "skills": ["y"], "city": null}));
        let (together, alone) = separate("user", attributes);
        assert_eq!(
            Value::Object(together),
            json!({"displayName": "Ada", "city": null})
        );
        let alone: Vec<Value> = alone.into_iter().map(Value::Object).collect();
        assert_eq!(alone, [json!({"aboutMe": "x"}), json!({"skills": ["y"]})]);
    }
}
