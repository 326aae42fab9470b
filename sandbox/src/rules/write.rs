//! The rules every write of properties obeys, whatever the kind of object.

use serde_json::{Map, Value};

use super::value;
use crate::extensions;
use crate::failure::{Failure, Outcome};
use crate::model::{self, Kind, Property, is_extension};
use crate::store::{Object, Store, Values};

/// Reads the properties of a body for a POST (`object` is absent) or a PATCH.
/// Annotations (`members@odata.bind` and the like) are the caller's business.
pub(crate) fn read(
    store: &Store,
    kind: Kind,
    object: Option<&Object>,
    body: &Map<String, Value>,
) -> Outcome<Values> {
    let mut values = Values::new();
    for (name, value) in body {
        if name == "@odata.type" {
            check_type(kind, value)?;
        } else if is_extension(name) {
            extensions::check(store, kind, name, value)?;
            values.insert(name.as_str().into(), value.clone());
        } else if !name.contains('@') {
            let property = known(kind, name)?;
            check(kind, object, property, value)?;
            values.insert(name.as_str().into(), value.clone());
        }
    }
    extensions::check_count(object, &values)?;
    check_separate(kind, object, &values)?;
    if object.is_none() {
        values.retain(|_, value| !value.is_null());
    }
    Ok(values)
}

fn known(kind: Kind, name: &str) -> Outcome<&'static Property> {
    model::property(kind, name).ok_or_else(|| {
        Failure::bad(format!(
            "Property '{name}' does not exist as a declared property or extension property."
        ))
    })
}

fn check(kind: Kind, object: Option<&Object>, property: &Property, value: &Value) -> Outcome<()> {
    let name = property.name;
    match property.write {
        "rw" | "rw-permission" | "rw-separate" | "rw-cloud-only" | "rw-restricted" => {}
        "create-only" if object.is_none() => {}
        "ref" | "ro-link" => {
            return Err(Failure::bad(format!(
                "Property '{name}' is a link: change it through its $ref."
            )));
        }
        _ => return Err(Failure::read_only(name)),
    }
    if value.is_null() {
        return check_null(kind, object, property);
    }
    value::check(name, &property.ty, value, kind.title())
}

fn check_null(kind: Kind, object: Option<&Object>, property: &Property) -> Outcome<()> {
    if object.is_none() && !property.required {
        return Ok(());
    }
    let never_null =
        property.required || !property.nullable || matches!(property.ty, model::Type::List(_));
    if never_null || property.name == "usageLocation" {
        return Err(Failure::invalid(property.name, kind.title()));
    }
    Ok(())
}

fn check_type(kind: Kind, value: &Value) -> Outcome<()> {
    if value.as_str().and_then(Kind::from_name) == Some(kind) {
        return Ok(());
    }
    Err(Failure::odata(format!(
        "A value of type '{value}' cannot be used for a '{}'.",
        kind.name()
    )))
}

/// Properties kept outside the directory must travel alone and never in a POST.
fn check_separate(kind: Kind, object: Option<&Object>, values: &Values) -> Outcome<()> {
    let is_separate = |name: &str| model::property(kind, name).is_some_and(Property::is_separate);
    let separate = values.keys().filter(|name| is_separate(name)).count();
    if separate > 0 && (object.is_none() || separate < values.len()) {
        return Err(Failure::bad(
            "Properties that are stored outside the directory must be updated in a request of their own.",
        ));
    }
    Ok(())
}

/// Properties that a POST must carry, in the order of Graph's metadata.
pub(crate) fn check_required(kind: Kind, values: &Values) -> Outcome<()> {
    let missing = model::properties(kind)
        .iter()
        .find(|property| property.required && values.get(property.name).is_none_or(Value::is_null));
    match missing {
        Some(property) => Err(Failure::invalid_because(
            property.name,
            format!(
                "A value is required for property '{}' of resource '{}'.",
                property.name,
                kind.title()
            ),
        )),
        None => Ok(()),
    }
}

/// The value after the write: the new one, else the object's.
pub(crate) fn after<'a>(
    object: Option<&'a Object>,
    values: &'a Values,
    name: &str,
) -> Option<&'a Value> {
    let new = values.get(name);
    new.or_else(|| object?.get(name))
        .filter(|value| !value.is_null())
}
