//! What a synchronization would write: the document of `trib plan`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A plan, as cli.md fixes its JSON form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// SHA-256 over the changes and the state they were computed from, in hex.
    pub plan: String,
    /// How much it would write.
    pub counts: Counts,
    /// The limits that were checked.
    pub guards: Vec<GuardResult>,
    /// Every object that would be written.
    pub changes: Vec<Change>,
    /// Objects that cannot be synchronized as they are.
    pub errors: Vec<ObjectError>,
}

/// Objects with changed values, and single references, by what happens to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Objects made.
    pub create: u64,
    /// Objects with changed values.
    pub update: u64,
    /// Objects deleted.
    pub delete: u64,
    /// References added.
    pub link_add: u64,
    /// References taken away.
    pub link_remove: u64,
    /// Linked objects of target directories that stay as they are.
    pub unchanged: u64,
    /// Objects with errors.
    pub errors: u64,
}

impl Counts {
    /// Nothing to write.
    pub fn is_empty(&self) -> bool {
        self.create + self.update + self.delete + self.link_add + self.link_remove == 0
    }
}

/// A limit and what the plan would do against it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuardResult {
    /// What is limited: `deletes`.
    pub name: String,
    /// The connector.
    pub connector: String,
    /// The limit that holds.
    pub limit: u64,
    /// What the plan would do.
    pub would_be: u64,
    /// More than the limit.
    pub tripped: bool,
    /// The rules and source events that cause it, with their counts.
    pub because: Vec<String>,
}

/// What would be done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is deleted.
    Delete,
}

/// An object that would be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The target connector.
    pub connector: String,
    /// Object type.
    #[serde(rename = "type")]
    pub object_type: String,
    /// What is done.
    pub op: Op,
    /// Its anchor in the target; none before it is made.
    pub anchor: Option<String>,
    /// A name for people.
    pub name: String,
    /// The source object it comes from: its dn.
    pub source: String,
    /// What changes.
    pub attributes: Vec<AttributeChange>,
    /// Why it is deleted: the rule that stopped matching, or that its source is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// A value that changes, and the rule that says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeChange {
    /// Attribute.
    pub name: String,
    /// The value in the target; for references the ones that go.
    pub old: Value,
    /// The value to be written; for references the ones that come. Secrets read `(secret)`.
    pub new: Value,
    /// The rule.
    pub rule: String,
    /// Where its flow stands: `file:line`.
    pub at: String,
}

/// An object that cannot be synchronized as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectError {
    /// The connector whose object it is.
    pub connector: String,
    /// The object: its dn, or what else names it.
    pub object: String,
    /// Stable code, such as `ambiguous-join`.
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
    /// The rule, "" where none is concerned.
    pub rule: String,
    /// Where the rule stands.
    pub at: String,
}

/// How an apply ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// What was planned.
    pub planned: Counts,
    /// What was written.
    pub written: Counts,
    /// What failed.
    pub failed: Counts,
    /// What waits: held back by a guard, or for an object that failed.
    pub waiting: Counts,
    /// Objects that failed.
    pub errors: Vec<ObjectError>,
}
