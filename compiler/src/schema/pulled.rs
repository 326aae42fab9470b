//! A schema read from a live directory, as `trib schema pull` writes it.

use serde::{Deserialize, Serialize};

/// The schema of a live directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PulledSchema {
    /// Kind of directory: `ad`.
    pub kind: String,
    /// All attributes.
    pub attributes: Vec<PulledAttribute>,
    /// All classes.
    pub classes: Vec<PulledClass>,
}

/// An attribute of a live directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PulledAttribute {
    /// LDAP display name.
    pub name: String,
    /// Type notation: `[string(64)]`.
    #[serde(rename = "type")]
    pub ty: String,
    /// Set by the directory itself only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub system: bool,
}

/// A class of a live directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PulledClass {
    /// LDAP display name.
    pub name: String,
    /// Entries can be of this class.
    pub structural: bool,
    /// The class it derives from.
    pub parent: String,
    /// Auxiliary classes.
    #[serde(default)]
    pub auxiliary: Vec<String>,
    /// Attributes of its own.
    #[serde(default)]
    pub attributes: Vec<String>,
}
