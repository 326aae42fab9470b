//! Filters against objects: what may be asked, and whether an object fits.

use serde_json::Value;

use super::filter::{Compare, Filter};
use super::options::Options;
use crate::failure::{Failure, Outcome};
use crate::model::{self, Kind, Type, is_extension};
use crate::store::{Object, Store, fold, is_indexed};

/// Properties that no filter may name.
const NEVER: [&str; 10] = [
    "passwordProfile",
    "authorizationInfo",
    "employeeOrgData",
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "onPremisesUserPrincipalName",
    "customSecurityAttributes",
    "theme",
    "isArchived",
    "resourceBehaviorOptions",
];

const ENDS_WITH: [&str; 4] = ["mail", "otherMails", "userPrincipalName", "proxyAddresses"];

/// Reads the filter and refuses what this kind of object cannot be asked.
pub(crate) fn parse(text: &str, kind: Kind, options: &Options) -> Outcome<Filter> {
    let filter = Filter::parse(text)?;
    for leaf in filter.leaves() {
        check(leaf, kind)?;
    }
    if needs_index(&filter) && !options.advanced() {
        return Err(Failure::unsupported_query(
            "Unsupported query: it needs the header 'ConsistencyLevel: eventual' and $count=true.",
        ));
    }
    Ok(filter)
}

fn needs_index(filter: &Filter) -> bool {
    filter.has_not()
        || filter.leaves().iter().any(|leaf| match leaf {
            Filter::Test { compare, .. } | Filter::Any { compare, .. } => {
                matches!(compare, Compare::NotEqual | Compare::EndsWith)
            }
            Filter::Count { .. } => true,
            _ => false,
        })
}

fn check(leaf: &Filter, kind: Kind) -> Outcome<()> {
    let (path, compare, value, many) = match leaf {
        Filter::Test {
            path,
            compare,
            value,
        } => (path, *compare, value, false),
        Filter::Any {
            path,
            compare,
            value,
            ..
        } => (path, *compare, value, true),
        Filter::Count {
            path,
            compare,
            value,
        } => {
            let supported = matches!(compare, Compare::Equal | Compare::NotEqual) && *value == 0;
            let list = model::property(kind, path)
                .is_some_and(|property| matches!(property.ty, Type::List(_)));
            return if supported && list {
                Ok(())
            } else {
                Err(unsupported(path))
            };
        }
        _ => return Ok(()),
    };
    let name = path.split('/').next().unwrap_or_default();
    let others = model::other_names(kind);
    if is_extension(name) || others.contains(&name) {
        return Ok(());
    }
    let property = model::property(kind, name).ok_or_else(|| {
        Failure::bad(format!("Invalid filter clause: Could not find a property named '{name}' on type 'microsoft.graph.{}'.", kind.name()))
    })?;
    let list = matches!(property.ty, Type::List(_));
    if NEVER.contains(&name) || property.is_separate() || property.ty.is_link() || list != many {
        return Err(unsupported(name));
    }
    if compare == Compare::EndsWith && !ENDS_WITH.contains(&name) {
        return Err(unsupported(name));
    }
    let fits = match &property.ty {
        Type::Bool => value.is_boolean() || value.is_null(),
        Type::Int => value.is_number() || value.is_null(),
        Type::Text(_) => value.is_string() || value.is_null(),
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(Failure::bad(format!(
            "Invalid filter clause: A binary operator with incompatible types was detected for '{name}'."
        )))
    }
}

fn unsupported(name: &str) -> Failure {
    Failure::unsupported_query(format!(
        "Unsupported or invalid query filter clause specified for property '{name}'."
    ))
}

/// Objects that can fit, by an index where one of the joined terms allows it; `None`: all must be looked at.
pub(crate) fn candidates<'a>(store: &'a Store, filter: &Filter) -> Option<Vec<&'a Object>> {
    filter
        .conjuncts()
        .into_iter()
        .find_map(|term| by_index(store, term))
}

fn by_index<'a>(store: &'a Store, term: &Filter) -> Option<Vec<&'a Object>> {
    match term {
        Filter::Or(left, right) => {
            let mut found = by_index(store, left)?;
            found.extend(by_index(store, right)?);
            Some(found)
        }
        Filter::And(..) => candidates(store, term),
        Filter::Test {
            path,
            compare,
            value,
        }
        | Filter::Any {
            path,
            compare,
            value,
            ..
        } => {
            let text = value.as_str()?;
            match compare {
                Compare::Equal if path == "id" => Some(
                    text.parse()
                        .ok()
                        .and_then(|id| store.get(id))
                        .into_iter()
                        .collect(),
                ),
                Compare::Equal if is_indexed(path) => Some(store.find(path, text).collect()),
                Compare::StartsWith if is_indexed(path) => {
                    Some(store.find_prefix(path, text).collect())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

pub(crate) fn fits(filter: &Filter, object: &Object) -> bool {
    match filter {
        Filter::And(left, right) => fits(left, object) && fits(right, object),
        Filter::Or(left, right) => fits(left, object) || fits(right, object),
        Filter::Not(inner) => !fits(inner, object),
        Filter::Test {
            path,
            compare,
            value,
        } => {
            if path == "id" {
                return holds(path, *compare, &Value::String(object.id.to_string()), value);
            }
            let (name, member) = path.split_once('/').unwrap_or((path, ""));
            let found = object.get(name).unwrap_or(&Value::Null);
            let found = if member.is_empty() {
                found
            } else {
                found.get(member).unwrap_or(&Value::Null)
            };
            holds(name, *compare, found, value)
        }
        Filter::Any {
            path,
            item,
            compare,
            value,
        } => {
            let items = object
                .get(path)
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            items.into_iter().any(|found| {
                let found = if item.is_empty() {
                    found
                } else {
                    found.get(item).unwrap_or(&Value::Null)
                };
                holds(path, *compare, found, value)
            })
        }
        Filter::Count { path, compare, .. } => {
            let empty = object
                .get(path)
                .and_then(Value::as_array)
                .is_none_or(Vec::is_empty);
            empty == (*compare == Compare::Equal)
        }
    }
}

fn holds(name: &str, compare: Compare, found: &Value, wanted: &Value) -> bool {
    let (Some(found_text), Some(wanted_text)) = (found.as_str(), wanted.as_str()) else {
        return holds_plain(compare, found, wanted);
    };
    let (found, wanted) = (fold(name, found_text), fold(name, wanted_text));
    match compare {
        Compare::Equal => found == wanted,
        Compare::NotEqual => found != wanted,
        Compare::Less => found < wanted,
        Compare::LessOrEqual => found <= wanted,
        Compare::Greater => found > wanted,
        Compare::GreaterOrEqual => found >= wanted,
        Compare::StartsWith => found.starts_with(&wanted),
        Compare::EndsWith => found.ends_with(&wanted),
    }
}

fn holds_plain(compare: Compare, found: &Value, wanted: &Value) -> bool {
    let order = found
        .as_i64()
        .zip(wanted.as_i64())
        .map(|(found, wanted)| found.cmp(&wanted));
    match compare {
        Compare::Equal => found == wanted,
        Compare::NotEqual => found != wanted,
        Compare::Less => order.is_some_and(|order| order.is_lt()),
        Compare::LessOrEqual => order.is_some_and(|order| order.is_le()),
        Compare::Greater => order.is_some_and(|order| order.is_gt()),
        Compare::GreaterOrEqual => order.is_some_and(|order| order.is_ge()),
        Compare::StartsWith | Compare::EndsWith => false,
    }
}
