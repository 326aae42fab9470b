//! The tenant: its id and its verified domains.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::Kind;
use crate::store::{Object, Record, Store, Values};

/// The tenant of a store that has none yet.
pub(crate) fn create(tenant: &str, domains: &[String]) -> Record {
    let mut verified = vec![domain(tenant, true, "Managed")];
    let others = domains
        .iter()
        .filter(|name| !name.eq_ignore_ascii_case(tenant));
    verified.extend(others.map(|name| domain(name, false, "Managed")));
    let values = Values::from([
        ("displayName".into(), json!("Contoso")),
        ("tenantType".into(), json!("AAD")),
        ("createdDateTime".into(), json!(crate::now())),
        ("verifiedDomains".into(), json!(verified)),
    ]);
    Record::Create {
        id: Uuid::new_v4(),
        kind: Kind::Organization,
        values,
    }
}

fn domain(name: &str, initial: bool, kind: &str) -> Value {
    json!({
        "capabilities": "Email, OfficeCommunicationsOnline", "isDefault": initial, "isInitial": initial,
        "name": name, "type": kind,
    })
}

/// The change that adds a verified domain, or changes how one signs in.
pub(crate) fn with_domain(store: &Store, name: &str, federated: bool) -> Option<Record> {
    let organization = get(store)?;
    let mut domains: Vec<Value> = domains(store).cloned().collect();
    let kind = if federated { "Federated" } else { "Managed" };
    let same = |known: &&mut Value| {
        known
            .get("name")
            .and_then(Value::as_str)
            .is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    match domains.iter_mut().find(same) {
        Some(known) => known["type"] = json!(kind),
        None => domains.push(domain(name, false, kind)),
    }
    Some(Record::Set {
        id: organization.id,
        values: Values::from([("verifiedDomains".into(), json!(domains))]),
    })
}

pub(crate) fn get(store: &Store) -> Option<&Object> {
    store.list(Kind::Organization, 0).next()
}

fn domains(store: &Store) -> impl Iterator<Item = &Value> {
    get(store)
        .and_then(|organization| organization.get("verifiedDomains")?.as_array())
        .into_iter()
        .flatten()
}

fn name(domain: &Value) -> Option<&str> {
    domain.get("name")?.as_str()
}

pub(crate) fn verified_domains(store: &Store) -> Vec<String> {
    domains(store).filter_map(name).map(str::to_owned).collect()
}

pub(crate) fn default_domain(store: &Store) -> &str {
    let is_default =
        |domain: &&Value| domain.get("isDefault").and_then(Value::as_bool) == Some(true);
    domains(store)
        .find(is_default)
        .and_then(name)
        .unwrap_or_default()
}

/// Users of this name sign in at another identity provider.
pub(crate) fn is_federated(store: &Store, user_principal_name: &str) -> bool {
    let (_, suffix) = user_principal_name.rsplit_once('@').unwrap_or_default();
    let same = |domain: &&Value| name(domain).is_some_and(|name| name.eq_ignore_ascii_case(suffix));
    domains(store)
        .find(same)
        .is_some_and(|domain| domain.get("type").and_then(Value::as_str) == Some("Federated"))
}
