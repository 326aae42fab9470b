//! Where values come from: the document of `trib explain`.

use serde::Serialize;
use serde_json::Value;

use crate::plan::ObjectError;

/// Lineage of an object, as cli.md fixes its JSON form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// What the object is: metaverse id and type, the entries linked to it.
    pub object: Value,
    /// Its attributes.
    pub attributes: Vec<AttributeLineage>,
    /// The rules that could concern it.
    pub scopes: Vec<ScopeResult>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ObjectError>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttributeLineage {
    /// `person.displayName` or `cloud.user.displayName`.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// The rule that gave it.
    pub winner: Option<Contribution>,
    /// Weaker rules that had a value too.
    pub losers: Vec<Contribution>,
    /// Why there is no value.
    pub absent_because: Option<String>,
}

/// What a rule contributed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contribution {
    /// The rule.
    pub rule: String,
    /// Where its flow stands.
    pub at: String,
    /// The connector it reads, or "metaverse".
    pub connector: String,
    /// The object it reads.
    pub source: String,
    /// The attributes that the flow reads, with their values.
    pub inputs: Value,
    /// The value contributed.
    pub value: Value,
}

/// Whether a rule applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScopeResult {
    /// The rule.
    pub rule: String,
    /// Its scope holds.
    pub in_scope: bool,
    /// Text of the first part of the scope that does not hold.
    pub failed: Option<String>,
}
