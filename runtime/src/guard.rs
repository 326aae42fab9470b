//! Limits that a plan must not exceed without approval.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::config::{Guard, Limit};
use crate::plan::{AttributeChange, GuardResult};
use crate::store::Missing;

/// A guard never trips below so many.
const FLOOR: u64 = 5;

/// Causes that a guard names; the rest is summed up.
const CAUSES: usize = 5;

/// The limit that holds for a connector and type with so many objects.
pub fn limit(limit: &Limit, objects: u64) -> u64 {
    let percent = (objects as f64 * limit.percent / 100.0).floor();
    limit.count.min(percent as u64).max(FLOOR)
}

/// What a guard limits, per connector and object type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Deletes, against the objects that are linked.
    Deletes,
    /// References taken away from objects that stay, against all their references.
    MemberRemovals,
    /// Updates that take a value away without another in its place, against the objects that are linked.
    Clears,
    /// Updates that disable an account, against the objects that are linked.
    Disables,
}

impl Kind {
    /// All kinds, in the order of a plan.
    pub const ALL: [Kind; 4] = [
        Kind::Deletes,
        Kind::MemberRemovals,
        Kind::Clears,
        Kind::Disables,
    ];

    /// What people read before the object type.
    fn words(self) -> &'static str {
        match self {
            Kind::Deletes => "deletes of",
            Kind::MemberRemovals => "removals from",
            Kind::Clears => "values cleared of",
            Kind::Disables => "disabled accounts of",
        }
    }

    /// The limit that the configuration sets.
    pub fn limit(self, guard: &Guard) -> &Limit {
        match self {
            Kind::Deletes => &guard.deletes,
            Kind::MemberRemovals => &guard.member_removals,
            Kind::Clears => &guard.clears,
            Kind::Disables => &guard.disables,
        }
    }

    /// The name of the guard on an object type.
    pub fn name(self, object_type: &str) -> String {
        format!("{} {object_type}", self.words())
    }

    /// Whether it limits this update.
    pub fn limits(self, changes: &[AttributeChange]) -> bool {
        changes.iter().any(|change| self.limits_change(change))
    }

    /// Whether it limits this change of an update.
    pub fn limits_change(self, change: &AttributeChange) -> bool {
        match self {
            Kind::Deletes | Kind::MemberRemovals => false,
            Kind::Clears => !is_empty(&change.old) && is_empty(&change.new),
            Kind::Disables => {
                change.name == "accountEnabled"
                    && change.old != Json::Bool(false)
                    && change.new == Json::Bool(false)
            }
        }
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(values) => values.is_empty(),
        Json::String(text) => text.is_empty(),
        _ => false,
    }
}

/// How many there are of each cause.
pub type Causes = BTreeMap<String, u64>;

/// Checks what a plan has of one kind, for one object type of a connector with so many `of`.
pub fn check(
    kind: Kind,
    (connector, object_type): (&str, &str),
    guard: &Guard,
    of: u64,
    causes: &Causes,
) -> GuardResult {
    let limit = limit(kind.limit(guard), of);
    let would_be = causes.values().sum();
    let mut ordered: Vec<(&String, &u64)> = causes.iter().collect();
    ordered.sort_by_key(|(cause, count)| (std::cmp::Reverse(**count), *cause));
    let rest: u64 = ordered.iter().skip(CAUSES).map(|(_, count)| *count).sum();
    let mut because: Vec<String> = ordered
        .iter()
        .take(CAUSES)
        .map(|(cause, count)| format!("{count} × {cause}"))
        .collect();
    if rest > 0 {
        because.push(format!("{rest} × other causes"));
    }
    GuardResult {
        name: kind.name(object_type),
        connector: connector.to_owned(),
        limit,
        would_be,
        tripped: would_be > limit,
        because,
    }
}

/// Checks how many entries of one object type a full import did not return.
pub fn missing(missing: &Missing, guard: &Limit) -> GuardResult {
    let Missing {
        connector,
        object_type,
        known,
        missing,
    } = missing;
    let (limit, seen) = (limit(guard, *known), known - missing);
    GuardResult {
        name: format!("disappearances of {object_type}"),
        connector: connector.clone(),
        limit,
        would_be: *missing,
        tripped: *missing > limit,
        because: vec![format!(
            "`{connector}` returned {seen} of {known} {object_type}s"
        )],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_smaller_of_count_and_percent_but_never_below_five() {
        let guard = Limit {
            count: 500,
            percent: 10.0,
        };
        for (objects, wanted) in [(10, 5), (100, 10), (1_000, 100), (100_000, 500), (0, 5)] {
            assert_eq!(limit(&guard, objects), wanted, "{objects} objects");
        }
    }

    #[test]
    fn causes_are_counted() {
        let causes = Causes::from([("b".to_owned(), 2), ("a".to_owned(), 5)]);
        let ends = ("cloud", "user");
        let result = check(Kind::Deletes, ends, &Guard::default(), 50, &causes);
        assert!(result.tripped);
        assert_eq!(result.name, "deletes of user");
        assert_eq!(result.because, ["5 × a", "2 × b"]);
    }

    #[test]
    fn what_an_update_takes_away() {
        let change = |name: &str, old: Json, new: Json| AttributeChange {
            name: name.to_owned(),
            old,
            new,
            rule: String::new(),
            at: String::new(),
        };
        let of = |change: &AttributeChange| {
            let limits = |kind: &Kind| kind.limits(std::slice::from_ref(change));
            Kind::ALL.into_iter().filter(limits).collect::<Vec<_>>()
        };
        for (name, old, new, wanted) in [
            ("mail", json!("a@b"), Json::Null, vec![Kind::Clears]),
            ("phones", json!(["1"]), json!([]), vec![Kind::Clears]),
            ("mail", json!("a@b"), json!("c@d"), vec![]),
            ("mail", Json::Null, Json::Null, vec![]),
            (
                "accountEnabled",
                json!(true),
                json!(false),
                vec![Kind::Disables],
            ),
            (
                "accountEnabled",
                Json::Null,
                json!(false),
                vec![Kind::Disables],
            ),
            ("accountEnabled", json!(false), json!(true), vec![]),
        ] {
            assert_eq!(of(&change(name, old, new)), wanted, "{name}");
        }
    }
}
