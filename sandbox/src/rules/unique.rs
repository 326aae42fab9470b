//! Values that only one object may hold, and one address space for all objects with mail.

use serde_json::Value;
use uuid::Uuid;

use crate::failure::{Failure, Outcome};
use crate::store::{Store, Values};

const EXCLUSIVE: [&str; 3] = ["userPrincipalName", "onPremisesImmutableId", "uniqueName"];

/// Refuses values of `id` that a live object other than `id` holds.
pub(crate) fn check(store: &Store, id: Uuid, values: &Values) -> Outcome<()> {
    for name in EXCLUSIVE {
        if let Some(value) = values.get(name).and_then(Value::as_str)
            && let Some(holder) = store.find(name, value).find(|other| other.id != id)
        {
            return Err(Failure::conflict(name, &holder.id.to_string()));
        }
    }
    if let Some(name) = values.get("userPrincipalName").and_then(Value::as_str)
        && let Some(holder) = address_holder(store, id, name)
    {
        return Err(Failure::conflict("userPrincipalName", &holder.to_string()));
    }
    for address in addresses(values) {
        if let Some(holder) = address_holder(store, id, &address) {
            return Err(Failure::conflict("proxyAddresses", &holder.to_string()));
        }
    }
    Ok(())
}

/// The object other than `id` that has this mail address in any form.
pub(crate) fn address_holder(store: &Store, id: Uuid, address: &str) -> Option<Uuid> {
    let proxy = format!("smtp:{address}");
    store
        .find("proxyAddresses", &proxy)
        .chain(store.find("mail", address))
        .chain(store.find("userPrincipalName", address))
        .map(|other| other.id)
        .find(|other| *other != id)
}

fn addresses(values: &Values) -> impl Iterator<Item = String> {
    let mail = values
        .get("mail")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let proxies = values
        .get("proxyAddresses")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let proxies = proxies.filter_map(Value::as_str).filter_map(|proxy| {
        let (kind, address) = proxy.split_once(':')?;
        kind.eq_ignore_ascii_case("smtp")
            .then(|| address.to_owned())
    });
    mail.into_iter().chain(proxies)
}
