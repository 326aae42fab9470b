//! The usual metaverse: what an attribute that a program did not declare would most likely be.

use super::facts;

/// The notation and index mark of a usual attribute, ignoring case.
pub fn usual(object_type: &str, attribute: &str) -> Option<(&'static str, &'static str, bool)> {
    facts::metaverse()
        .find(|(ty, name, ..)| *ty == object_type && name.eq_ignore_ascii_case(attribute))
        .map(|(_, name, notation, indexed)| (name, notation, indexed))
}
