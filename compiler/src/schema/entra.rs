//! Entra ID: the entities of Microsoft Graph v1.0, and the schema of Azure AD Connect's own connector.

use std::sync::Arc;

use super::{Attribute, ObjectType, Write, facts};
use crate::types::{Base, Record, Type};

const ENTITIES: [&str; 4] = ["user", "group", "orgContact", "device"];

/// `extension_` + the application's id without dashes + `_` + a name.
pub(super) fn is_directory_extension(name: &str) -> bool {
    let Some((application, name)) = name
        .strip_prefix("extension_")
        .and_then(|rest| rest.split_once('_'))
    else {
        return false;
    };
    application.len() == 32
        && application.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !name.is_empty()
}

fn base(notation: &str) -> Base {
    if let Some(name) = notation.strip_prefix("record ") {
        let fields = facts::graph_records().filter(|(record, ..)| *record == name);
        let fields = fields.map(|(_, field, ty)| (field.to_owned(), ty_of(ty).or_absent()));
        return Base::Record(Arc::new(Record {
            name: name.to_owned(),
            fields: fields.collect(),
        }));
    }
    if notation.starts_with("ref ") {
        return Base::Ref(None);
    }
    Type::parse(notation).map_or(Base::TEXT, |ty| ty.base)
}

fn ty_of(notation: &str) -> Type {
    match notation
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(inner) => Type::many(base(inner)),
        None => Type::one(base(notation)),
    }
}

fn write(hint: &str) -> Write {
    match hint {
        "rw" | "rw-permission" | "rw-separate" | "rw-cloud-only" | "rw-restricted" | "ref" => {
            Write::Yes
        }
        "create-only" => Write::Once,
        "undocumented" => Write::Unknown,
        "ro" => Write::No("Graph sets it itself"),
        "ro-link" => Write::No("the link is written from its other side"),
        "rw-mdm" => Write::No("only a device management service may write it"),
        "action" => Write::No("Graph changes it by an action, not by a write"),
        "do-not-use" => Write::No("Microsoft's documentation says not to use it"),
        _ => Write::No("Graph does not let applications write it"),
    }
}

pub(super) fn object_types() -> Vec<String> {
    ENTITIES.iter().map(|name| (*name).to_owned()).collect()
}

pub(super) fn object_type(name: &str) -> Option<ObjectType> {
    let entity = ENTITIES
        .iter()
        .find(|entity| entity.eq_ignore_ascii_case(name))?;
    let attributes = facts::graph_properties().filter(|row| row.entity == *entity);
    let attributes = attributes.map(|row| Attribute {
        name: row.name.to_owned(),
        ty: if row.name == "id" {
            ty_of(row.ty)
        } else {
            ty_of(row.ty).or_absent()
        },
        write: write(row.write),
        required: row.required,
        indexed: row.joinable,
        unique: row.unique,
    });
    let mut object_type = ObjectType::new(entity, attributes.collect());
    object_type.extensions = matches!(*entity, "user" | "group");
    object_type.creatable = match *entity {
        "user" | "group" => Ok(()),
        "orgContact" => Err("Graph has no way to create or change organizational contacts"),
        _ => Err("devices register themselves; Graph does not let a sync application create them"),
    };
    Some(object_type)
}

pub(super) fn connect_object_types() -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (object_type, ..) in facts::entra_connect() {
        if names.last().is_none_or(|last| last != object_type) {
            names.push(object_type.to_owned());
        }
    }
    names
}

pub(super) fn connect_object_type(name: &str) -> Option<ObjectType> {
    let rows = facts::entra_connect().filter(|row| row.0.eq_ignore_ascii_case(name));
    let rows: Vec<_> = rows.collect();
    let object_type = rows.first()?.0;
    let attributes = rows.iter().map(|(_, name, notation, anchor)| Attribute {
        name: (*name).to_owned(),
        ty: Type::parse(notation)
            .unwrap_or_else(|| Type::one(Base::TEXT))
            .or_absent(),
        write: if *anchor {
            Write::No("the directory sets its anchor itself")
        } else {
            Write::Yes
        },
        required: false,
        indexed: true,
        unique: *anchor,
    });
    let dn = Attribute {
        name: "dn".to_owned(),
        ty: Type::one(Base::Dn).or_absent(),
        write: Write::Yes,
        required: false,
        indexed: true,
        unique: true,
    };
    Some(ObjectType::new(
        object_type,
        attributes.chain(std::iter::once(dn)).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graph_says_what_can_be_written() {
        let user = object_type("user").unwrap();
        let write = |name: &str| user.attribute(name).unwrap().write;
        assert_eq!(write("jobTitle"), Write::Yes);
        assert!(matches!(write("proxyAddresses"), Write::No(_)));
        assert!(matches!(write("onPremisesSyncEnabled"), Write::No(_)));
        assert_eq!(write("manager"), Write::Yes);
        let required: Vec<_> = user.attributes().iter().filter(|a| a.required).collect();
        assert_eq!(required.len(), 5);
        let extension = format!("extension_{}_costKey", "9c1f".repeat(8));
        assert!(user.attribute(&extension).is_some());
        assert_eq!(
            object_type("group")
                .unwrap()
                .attribute("mailEnabled")
                .unwrap()
                .write,
            Write::Once
        );
        let profile = user.attribute("passwordProfile").unwrap().ty.base;
        assert!(
            matches!(profile, Base::Record(record) if record.fields.iter().any(|(n, _)| n == "password"))
        );
    }
}
