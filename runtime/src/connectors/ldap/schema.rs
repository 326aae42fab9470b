//! The schema of a live directory.

use std::collections::BTreeMap;

use ldap3::Scope;
use trib_compiler::schema::facts;
use trib_compiler::schema::pulled::{PulledAttribute, PulledClass, PulledSchema};

use super::entry::Entry;
use super::session::{Request, Session};
use crate::error::Error;

const ATTRIBUTE: [&str; 7] = [
    "lDAPDisplayName",
    "attributeSyntax",
    "oMSyntax",
    "isSingleValued",
    "rangeUpper",
    "systemOnly",
    "isDefunct",
];
const CLASS: [&str; 9] = [
    "lDAPDisplayName",
    "subClassOf",
    "objectClassCategory",
    "auxiliaryClass",
    "systemAuxiliaryClass",
    "mustContain",
    "systemMustContain",
    "mayContain",
    "systemMayContain",
];

/// Reads all attributes and classes.
pub async fn pull(session: &mut Session) -> Result<PulledSchema, Error> {
    let attributes = objects(session, "(objectClass=attributeSchema)", &ATTRIBUTE).await?;
    let classes = objects(
        session,
        "(objectClass=classSchema)",
        &[CLASS.as_slice(), &["isDefunct"]].concat(),
    )
    .await?;
    Ok(PulledSchema {
        kind: "ad".to_owned(),
        attributes: attributes.values().map(attribute).collect(),
        classes: classes.values().map(class).collect(),
    })
}

/// The definitions by name in lower case, without those that are no longer used.
async fn objects(
    session: &mut Session,
    filter: &str,
    attributes: &[&str],
) -> Result<BTreeMap<String, Entry>, Error> {
    let base = session.schema.clone();
    let request = Request {
        base: &base,
        scope: Scope::OneLevel,
        filter,
        attributes,
    };
    let (mut found, mut cookie) = (BTreeMap::new(), Some(Vec::new()));
    while let Some(at) = cookie {
        cookie = session
            .page(request, &at, &mut |entry| {
                if !is_true(&entry, "isDefunct") {
                    found.insert(text(&entry, "lDAPDisplayName").to_lowercase(), entry);
                }
                Ok(())
            })
            .await?;
    }
    if found.is_empty() {
        return Err(Error::directory(format!(
            "no schema in `{base}`: the directory has none, or we may not see it"
        ))
        .help("give the user of `bind` the right to read the schema"));
    }
    Ok(found)
}

fn attribute(entry: &Entry) -> PulledAttribute {
    let name = text(entry, "lDAPDisplayName");
    let single = notation(
        name,
        text(entry, "attributeSyntax"),
        text(entry, "oMSyntax"),
        text(entry, "rangeUpper"),
    );
    let ty = if is_true(entry, "isSingleValued") {
        single
    } else {
        format!("[{single}]")
    };
    PulledAttribute {
        name: name.to_owned(),
        ty,
        system: is_true(entry, "systemOnly"),
    }
}

/// The type of a single value by the directory's syntaxes.
fn notation(name: &str, syntax: &str, om_syntax: &str, range_upper: &str) -> String {
    let bounded = |base: &str| match range_upper.parse::<u32>() {
        Ok(length) if length > 0 => format!("{base}({length})"),
        _ => base.to_owned(),
    };
    match syntax.strip_prefix("2.5.5.") {
        Some("1" | "14") => "dn".to_owned(),
        Some("8") => "bool".to_owned(),
        Some("9" | "16") => "int".to_owned(),
        Some("10") if is_guid(name) => "guid".to_owned(),
        Some("10" | "15") => "binary".to_owned(),
        Some("11") => "time".to_owned(),
        Some("17") => "sid".to_owned(),
        // Names with binary data, unless they are Exchange's pairs of a name and an address.
        Some("7") if om_syntax == "127" && is_reference(name) => "dn".to_owned(),
        Some("7" | "2" | "13") => "string".to_owned(),
        _ => bounded("string"),
    }
}

fn known_type(name: &str) -> Option<&'static str> {
    facts::ad_attributes()
        .chain(facts::exchange_attributes())
        .find(|row| row.name == name)
        .map(|row| row.ty)
}

/// The directory has no syntax for guids: those we know.
fn is_guid(name: &str) -> bool {
    known_type(name) == Some("guid")
}

fn is_reference(name: &str) -> bool {
    known_type(name).is_some_and(|ty| ty.trim_matches(['[', ']']) == "dn")
}

fn class(entry: &Entry) -> PulledClass {
    let union = |names: &[&str]| {
        let mut all: Vec<String> = names
            .iter()
            .flat_map(|name| entry.texts(name))
            .map(str::to_owned)
            .collect();
        all.sort_by_cached_key(|name| name.to_lowercase());
        all.dedup();
        all
    };
    PulledClass {
        name: text(entry, "lDAPDisplayName").to_owned(),
        structural: matches!(text(entry, "objectClassCategory"), "0" | "1"),
        parent: text(entry, "subClassOf").to_owned(),
        auxiliary: union(&["auxiliaryClass", "systemAuxiliaryClass"]),
        attributes: union(&[
            "mustContain",
            "systemMustContain",
            "mayContain",
            "systemMayContain",
        ]),
    }
}

fn text<'a>(entry: &'a Entry, name: &str) -> &'a str {
    entry.texts(name).next().unwrap_or_default()
}

fn is_true(entry: &Entry, name: &str) -> bool {
    text(entry, name) == "TRUE"
}

#[cfg(test)]
mod tests {
    use super::notation;

    #[test]
    fn types_by_syntax() {
        for (name, syntax, om_syntax, upper, expected) in [
            ("cn", "2.5.5.12", "64", "64", "string(64)"),
            ("info", "2.5.5.12", "64", "", "string"),
            ("x", "2.5.5.5", "22", "-1", "string"),
            ("member", "2.5.5.1", "127", "", "dn"),
            ("objectGUID", "2.5.5.10", "4", "16", "guid"),
            ("thumbnailPhoto", "2.5.5.10", "4", "102400", "binary"),
            ("objectSid", "2.5.5.17", "4", "28", "sid"),
            ("accountExpires", "2.5.5.16", "65", "", "int"),
            ("isDeleted", "2.5.5.8", "1", "", "bool"),
            ("whenCreated", "2.5.5.11", "24", "", "time"),
            ("nTSecurityDescriptor", "2.5.5.15", "66", "132096", "binary"),
            ("authOrig", "2.5.5.7", "127", "", "dn"),
            ("msDS-KeyCredentialLink", "2.5.5.7", "127", "", "string"),
            ("objectClass", "2.5.5.2", "6", "", "string"),
        ] {
            assert_eq!(notation(name, syntax, om_syntax, upper), expected, "{name}");
        }
    }
}
