//! Object types as the export writes them: classes that refer to attribute types by number.

use std::collections::HashMap;

use super::model::{Attribute, ObjectType};
use super::xml::Element;

/// The syntaxes of LDAP that have a type of ours; all others are texts.
const SYNTAXES: [(&str, &str); 12] = [
    ("1.3.6.1.4.1.1466.115.121.1.5", "binary"),
    ("1.3.6.1.4.1.1466.115.121.1.7", "bool"),
    ("1.3.6.1.4.1.1466.115.121.1.12", "ref any"),
    ("1.3.6.1.4.1.1466.115.121.1.24", "time"),
    ("1.3.6.1.4.1.1466.115.121.1.27", "int"),
    ("1.3.6.1.4.1.1466.115.121.1.40", "binary"),
    ("1.3.6.1.4.1.1466.115.121.1.53", "time"),
    ("1.2.840.113556.1.4.903", "ref any"),
    ("1.2.840.113556.1.4.904", "ref any"),
    ("1.2.840.113556.1.4.906", "int"),
    ("1.2.840.113556.1.4.907", "binary"),
    ("1.2.840.113556.1.4.1221", "ref any"),
];

/// The types of a `directory-schema`, each with its own attributes.
pub(super) fn object_types(schema: &Element) -> Vec<ObjectType> {
    let mut known: HashMap<&str, Attribute> = HashMap::new();
    for found in schema.all("attribute-type") {
        let Some(id) = found.attribute("id") else {
            continue;
        };
        let syntax = found.text_of("syntax");
        let base = SYNTAXES.iter().find(|(known, _)| *known == syntax);
        let base = base.map_or("string", |(_, base)| *base);
        let ty = match found.attribute("single-value") {
            Some("true") => base.to_owned(),
            _ => format!("[{base}]"),
        };
        let attribute = Attribute {
            name: found.text_of("name").to_owned(),
            ty,
            indexed: found.attribute("indexable") == Some("true"),
            system: found.attribute("user-modification") == Some("false"),
        };
        known.insert(id, attribute);
    }
    let types = schema.all("class").map(|class| ObjectType {
        name: class.text_of("name").to_owned(),
        attributes: class
            .all("attribute")
            .filter_map(|reference| reference.attribute("ref"))
            .filter_map(|reference| known.get(reference.trim_start_matches('#')).cloned())
            .collect(),
    });
    types.filter(|ty| !ty.name.is_empty()).collect()
}
