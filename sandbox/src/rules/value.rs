//! A JSON value against the type of its property.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::model::{self, Type};

/// Checks a value that is not null. `resource` is the entity's name in messages.
pub(crate) fn check(property: &str, ty: &Type, value: &Value, resource: &str) -> Outcome<()> {
    let wrong_type = || {
        Failure::odata(format!(
            "Cannot convert the literal given for '{property}' to the expected type of the property."
        ))
    };
    match ty {
        Type::Text(limit) => text(
            property,
            *limit,
            value.as_str().ok_or_else(wrong_type)?,
            resource,
        ),
        Type::Bool => value.is_boolean().then_some(()).ok_or_else(wrong_type),
        Type::Int => {
            let fits = value
                .as_i64()
                .is_some_and(|number| i32::try_from(number).is_ok());
            fits.then_some(()).ok_or_else(wrong_type)
        }
        Type::Time => {
            let time = value.as_str().ok_or_else(wrong_type)?;
            time.parse::<jiff::Timestamp>()
                .map(|_| ())
                .map_err(|_| wrong_type())
        }
        Type::Binary => {
            let text = value.as_str().ok_or_else(wrong_type)?;
            BASE64_STANDARD
                .decode(text)
                .map(|_| ())
                .map_err(|_| wrong_type())
        }
        Type::Enum(name) => {
            let member = value.as_str().ok_or_else(wrong_type)?;
            model::is_enum_member(name, member)
                .then_some(())
                .ok_or_else(wrong_type)
        }
        Type::Record(name) => record(property, name, value, resource),
        Type::List(item) => {
            let items = value.as_array().ok_or_else(wrong_type)?;
            items
                .iter()
                .try_for_each(|value| check(property, item, value, resource))
        }
        Type::Reference => Err(Failure::bad(format!(
            "Property '{property}' is a link: change it through its $ref."
        ))),
    }
}

fn text(property: &str, limit: Option<usize>, text: &str, resource: &str) -> Outcome<()> {
    if text.is_empty() {
        return Err(Failure::invalid(property, resource));
    }
    let limit = limit.unwrap_or(usize::MAX);
    if text.encode_utf16().count() > limit {
        return Err(Failure::invalid_because(
            property,
            format!("Property '{property}' exceeds its maximum length of {limit} characters."),
        ));
    }
    Ok(())
}

fn record(property: &str, name: &str, value: &Value, resource: &str) -> Outcome<()> {
    let Some(members) = value.as_object() else {
        return Err(Failure::odata(format!(
            "The value of '{property}' must be an object."
        )));
    };
    let known = model::record(name);
    for (member, value) in members {
        if member.starts_with("@odata.") {
            continue;
        }
        let Some(found) = known.iter().find(|candidate| candidate.name == member) else {
            // customSecurityAttributeValue is an open type: its members are defined per tenant
            if known.is_empty() {
                continue;
            }
            return Err(Failure::odata(format!(
                "The property '{member}' does not exist on type 'microsoft.graph.{name}'."
            )));
        };
        if !value.is_null() {
            check(&format!("{property}/{member}"), &found.ty, value, resource)?;
        }
    }
    Ok(())
}
