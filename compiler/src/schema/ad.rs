//! Active Directory: classes inherit attributes from their parents and auxiliary classes.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::OnceLock;

use super::facts::{self, AttributeRow, ClassRow};
use super::pulled::PulledSchema;
use super::{Attribute, ObjectType, Write};
use crate::types::{Base, Type};

/// Classes that Exchange's schema hangs on every mail recipient.
const RECIPIENT_CLASSES: [&str; 6] = [
    "mailRecipient",
    "msExchBaseClass",
    "msExchCustomAttributes",
    "msExchMailStorage",
    "msExchCertificateInformation",
    "msExchMultiMediaUser",
];

fn ignoring_case(a: &str, b: &str) -> Ordering {
    a.bytes()
        .map(|b| b.to_ascii_lowercase())
        .cmp(b.bytes().map(|b| b.to_ascii_lowercase()))
}

fn attributes() -> &'static [AttributeRow] {
    static TABLE: OnceLock<Vec<AttributeRow>> = OnceLock::new();
    TABLE.get_or_init(|| facts::ad_attributes().collect())
}

fn exchange() -> &'static [AttributeRow] {
    static TABLE: OnceLock<Vec<AttributeRow>> = OnceLock::new();
    TABLE.get_or_init(|| facts::exchange_attributes().collect())
}

fn classes() -> &'static [ClassRow] {
    static TABLE: OnceLock<Vec<ClassRow>> = OnceLock::new();
    TABLE.get_or_init(|| facts::ad_classes().collect())
}

fn find(table: &'static [AttributeRow], name: &str) -> Option<&'static AttributeRow> {
    let at = table
        .binary_search_by(|row| ignoring_case(row.name, name))
        .ok()?;
    table.get(at)
}

fn class(name: &str) -> Option<&'static ClassRow> {
    let table = classes();
    let at = table
        .binary_search_by(|row| ignoring_case(row.name, name))
        .ok()?;
    table.get(at)
}

fn attribute(name: &str, ty: &str, system: bool, computed: bool) -> Attribute {
    let ty = Type::parse(ty).unwrap_or_else(|| Type::one(Base::TEXT));
    Attribute {
        name: name.to_owned(),
        // References and names change with every move of what they name.
        indexed: !matches!(ty.base, Base::Dn),
        ty: ty.or_absent(),
        write: match (system, computed) {
            (_, true) => Write::No("the directory computes it"),
            (true, _) => Write::No("the directory sets it itself"),
            _ => Write::Yes,
        },
        required: false,
        unique: false,
    }
}

/// The name of an entry: every directory entry has one, though it is no attribute of the schema. A flow
/// to it makes the entry there, and moves it when it changes.
fn dn() -> Attribute {
    Attribute {
        name: "dn".to_owned(),
        ty: Type::one(Base::Dn),
        write: Write::Yes,
        required: true,
        indexed: false,
        unique: true,
    }
}

fn always_present(mut attribute: Attribute) -> Attribute {
    if ["objectGUID", "objectClass", "distinguishedName"].contains(&attribute.name.as_str()) {
        attribute.ty.optional = false;
    }
    attribute
}

/// The names of the classes that entries can be of.
pub(super) fn object_types() -> Vec<String> {
    classes()
        .iter()
        .filter(|class| class.structural)
        .map(|class| class.name.to_owned())
        .collect()
}

/// A class with everything it inherits; mail recipients with Exchange's attributes too.
pub(super) fn object_type(name: &str) -> Option<ObjectType> {
    let row = class(name).filter(|class| class.structural)?;
    let mut seen = HashSet::new();
    let mut queue = vec![row.name];
    let mut all = vec![dn()];
    let mut names = HashSet::new();
    while let Some(class_name) = queue.pop() {
        if !seen.insert(class_name) {
            continue;
        }
        let Some(class) = class(class_name) else {
            continue;
        };
        queue.extend((class.parent != class.name).then_some(class.parent));
        queue.extend(class.auxiliary.split(' ').filter(|name| !name.is_empty()));
        for word in class.attributes.split(' ') {
            if let Some(row) = find(attributes(), word).or_else(|| find(exchange(), word))
                && names.insert(row.name)
            {
                let flags = row.flags;
                all.push(always_present(attribute(
                    row.name,
                    row.ty,
                    flags.contains('s'),
                    flags.contains('c') || flags.contains('b'),
                )));
            }
        }
    }
    let recipient = seen.contains("mailRecipient");
    for row in exchange() {
        let declared = row
            .classes
            .split(' ')
            .any(|class| seen.contains(class) || (recipient && RECIPIENT_CLASSES.contains(&class)));
        if (declared || (recipient && row.flags.contains('r'))) && names.insert(row.name) {
            all.push(attribute(row.name, row.ty, false, false));
        }
    }
    require_account_name(&mut all, seen.contains("securityPrincipal"));
    Some(ObjectType::new(row.name, all))
}

/// Without an account name the directory would make one up.
fn require_account_name(attributes: &mut [Attribute], principal: bool) {
    for attribute in attributes {
        attribute.required |= principal && attribute.name == "sAMAccountName";
    }
}

/// A class of a pulled schema with everything it inherits.
pub(super) fn pulled_object_type(schema: &PulledSchema, name: &str) -> Option<ObjectType> {
    let class = |name: &str| {
        schema
            .classes
            .iter()
            .find(|c| c.name.eq_ignore_ascii_case(name))
    };
    let row = class(name).filter(|class| class.structural)?;
    let mut seen = HashSet::new();
    let mut queue = vec![row.name.as_str()];
    let mut wanted = HashSet::new();
    while let Some(class_name) = queue.pop() {
        if !seen.insert(class_name.to_lowercase()) {
            continue;
        }
        let Some(class) = class(class_name) else {
            continue;
        };
        queue.push(&class.parent);
        queue.extend(class.auxiliary.iter().map(String::as_str));
        wanted.extend(class.attributes.iter().map(|name| name.to_lowercase()));
    }
    let mut all = vec![dn()];
    for row in schema
        .attributes
        .iter()
        .filter(|row| wanted.contains(&row.name.to_lowercase()))
    {
        // A pulled schema does not tell what is computed.
        let computed =
            find(attributes(), &row.name).is_some_and(|known| known.flags.contains(['c', 'b']));
        let attribute = attribute(&row.name, &row.ty, row.system, computed);
        all.push(always_present(attribute));
    }
    require_account_name(&mut all, seen.contains("securityprincipal"));
    Some(ObjectType::new(&row.name, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_inherits_and_has_exchange_attributes() {
        let user = object_type("USER").unwrap();
        for (name, ty) in [
            ("samaccountname", "string(256)?"),
            ("proxyAddresses", "[string(1123)]?"),
            ("objectguid", "guid"),
            ("msExchMasterAccountSid", "sid?"),
            ("extensionAttribute7", "string(1024)?"),
            ("ms-DS-consistencyguid", "binary?"),
            ("manager", "dn?"),
            ("dn", "dn"),
        ] {
            assert_eq!(
                user.attribute(name).map(|a| a.ty.to_string()).as_deref(),
                Some(ty),
                "{name}"
            );
        }
        assert!(user.attribute("groupType").is_none());
        assert!(
            object_type("mailRecipient").is_none(),
            "nothing is only an auxiliary class"
        );
    }
}
