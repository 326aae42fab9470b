//! Values of directory extensions.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::model::{Kind, is_extension};
use crate::store::{Object, Store, Values};

const LENGTH: usize = 256;
const PER_OBJECT: usize = 100;

/// Checks a value against the definition of its extension property.
pub(crate) fn check(store: &Store, kind: Kind, name: &str, value: &Value) -> Outcome<()> {
    let definition = store
        .find("name", name)
        .find(|object| object.kind == Kind::ExtensionProperty);
    let definition = definition.filter(|object| {
        object
            .texts("targetObjects")
            .any(|target| target == kind.title())
    });
    let definition = definition.ok_or_else(|| {
        Failure::bad(format!(
            "Property '{name}' does not exist as a declared property or extension property."
        ))
    })?;
    if definition.flag("isSyncedFromOnPremises") {
        return Err(Failure::read_only(name));
    }
    let ty = definition.text("dataType").unwrap_or_default();
    let fits = match value {
        Value::Null => true,
        Value::Array(items) => {
            definition.flag("isMultiValued") && items.iter().all(|item| is_of(ty, item))
        }
        one => !definition.flag("isMultiValued") && is_of(ty, one),
    };
    if fits {
        Ok(())
    } else {
        Err(Failure::invalid(name, kind.title()))
    }
}

fn is_of(ty: &str, value: &Value) -> bool {
    match (ty, value) {
        ("String", Value::String(text)) => !text.is_empty() && text.chars().count() <= LENGTH,
        ("Binary", Value::String(text)) => BASE64_STANDARD
            .decode(text)
            .is_ok_and(|bytes| bytes.len() <= LENGTH),
        ("DateTime", Value::String(time)) => time.parse::<jiff::Timestamp>().is_ok(),
        ("Boolean", Value::Bool(_)) => true,
        ("Integer", number) => number
            .as_i64()
            .is_some_and(|number| i32::try_from(number).is_ok()),
        ("LargeInteger", number) => number.is_i64(),
        _ => false,
    }
}

/// Refuses a write that leaves an object with too many extension values.
pub(crate) fn check_count(object: Option<&Object>, values: &Values) -> Outcome<()> {
    let set = |name: &str, value: &Value| is_extension(name) && !value.is_null();
    let new = values
        .iter()
        .filter(|(name, value)| set(name, value))
        .count();
    let old = object.into_iter().flat_map(|object| &object.values);
    let old = old
        .filter(|(name, old)| set(name, &old.value) && !values.contains_key(*name))
        .count();
    if new > 0 && new + old > PER_OBJECT {
        return Err(Failure::new(
            403,
            "Directory_QuotaExceeded",
            format!("An object holds at most {PER_OBJECT} extension values."),
        ));
    }
    Ok(())
}
