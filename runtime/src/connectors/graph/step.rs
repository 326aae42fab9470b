//! The single requests that a write takes.

use serde_json::{Map, Value};

use super::error::Refusal;
use super::request::{self, Request};
use crate::connectors::Operation;

/// One request of a write.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Create {
        attributes: Map<String, Value>,
        find_by: Option<(String, String)>,
    },
    Upsert {
        unique_name: String,
        attributes: Map<String, Value>,
    },
    /// Asks for the id of a group that was there.
    Resolve {
        unique_name: String,
    },
    /// Looks whether an upsert was refused because the group is there; else this is why it failed.
    FindExisting {
        unique_name: String,
        refusal: Refusal,
    },
    /// Looks for an object that may have been made.
    FindMade {
        property: String,
        value: String,
        lookups: u32,
    },
    Restore,
    Change(Map<String, Value>),
    Delete,
    SetLink {
        attribute: String,
        target: Option<String>,
    },
    AddMembers {
        attribute: String,
        targets: Vec<String>,
    },
    AddLink {
        attribute: String,
        target: String,
    },
    RemoveLink {
        attribute: String,
        target: String,
    },
}

impl Step {
    /// What an operation takes, in order: nothing where nothing is to change.
    pub fn of(object_type: &str, operation: Operation) -> Vec<Step> {
        match operation {
            Operation::Create {
                attributes,
                find_by,
            } => creation(object_type, attributes, find_by),
            Operation::Restore { attributes, .. } => {
                let mut steps = vec![Step::Restore];
                steps.extend(changes(object_type, attributes));
                steps
            }
            Operation::Update { attributes, .. } => changes(object_type, attributes),
            Operation::Delete { .. } => vec![Step::Delete],
            Operation::SetLink {
                attribute, target, ..
            } => vec![Step::SetLink { attribute, target }],
            Operation::AddLink {
                attribute, target, ..
            } if attribute == "members" => {
                vec![Step::AddMembers {
                    attribute,
                    targets: vec![target],
                }]
            }
            Operation::AddLink {
                attribute, target, ..
            } => vec![Step::AddLink { attribute, target }],
            Operation::RemoveLink {
                attribute, target, ..
            } => vec![Step::RemoveLink { attribute, target }],
        }
    }

    /// The request for an object, as far as there is one yet.
    pub fn request(&self, base: &str, ty: &str, anchor: &str) -> Request {
        match self {
            Step::Create { attributes, .. } => request::create(ty, attributes),
            Step::Upsert {
                unique_name,
                attributes,
            } => request::upsert(unique_name, attributes),
            Step::Resolve { unique_name } | Step::FindExisting { unique_name, .. } => {
                request::resolve(unique_name)
            }
            Step::FindMade {
                property, value, ..
            } => request::find(ty, property, value),
            Step::Restore => request::restore(anchor),
            Step::Change(attributes) => request::change(ty, anchor, attributes),
            Step::Delete => request::delete(ty, anchor),
            Step::SetLink { attribute, target } => {
                request::set_link(base, ty, anchor, attribute, target.as_deref())
            }
            Step::AddMembers { attribute, targets } => {
                request::add_members(base, ty, anchor, attribute, targets)
            }
            Step::AddLink { attribute, target } => {
                request::add_link(base, ty, anchor, attribute, target)
            }
            Step::RemoveLink { attribute, target } => {
                request::remove_link(ty, anchor, attribute, target)
            }
        }
    }

    /// The reference that it changes.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Step::SetLink { attribute, .. }
            | Step::AddMembers { attribute, .. }
            | Step::AddLink { attribute, .. }
            | Step::RemoveLink { attribute, .. } => Some(attribute),
            _ => None,
        }
    }

    /// The objects that are to be referred to.
    pub fn targets(&self) -> &[String] {
        match self {
            Step::AddMembers { targets, .. } => targets,
            Step::AddLink { target, .. }
            | Step::SetLink {
                target: Some(target),
                ..
            } => std::slice::from_ref(target),
            _ => &[],
        }
    }
}

fn creation(
    object_type: &str,
    attributes: Map<String, Value>,
    find_by: Option<(String, String)>,
) -> Vec<Step> {
    let (mut attributes, alone) = request::separate(object_type, attributes);
    let unique_name = attributes.get("uniqueName").and_then(Value::as_str);
    let first = match unique_name
        .filter(|_| object_type == "group")
        .map(str::to_owned)
    {
        Some(unique_name) => {
            attributes.shift_remove("uniqueName");
            Step::Upsert {
                unique_name,
                attributes,
            }
        }
        None => Step::Create {
            attributes,
            find_by,
        },
    };
    std::iter::once(first)
        .chain(alone.into_iter().map(Step::Change))
        .collect()
}

fn changes(object_type: &str, attributes: Map<String, Value>) -> Vec<Step> {
    let (together, alone) = request::separate(object_type, attributes);
    let together = Some(together).filter(|attributes| !attributes.is_empty());
    together
        .into_iter()
        .chain(alone)
        .map(Step::Change)
        .collect()
}
