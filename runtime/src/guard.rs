//! Limits that a plan must not exceed without approval.

use std::collections::BTreeMap;

use crate::config::Limit;
use crate::plan::GuardResult;
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

/// Checks deletes of one object type of a connector, given their causes.
pub fn deletes(
    connector: &str,
    object_type: &str,
    guard: &Limit,
    objects: u64,
    causes: &[String],
) -> GuardResult {
    let limit = limit(guard, objects);
    let would_be = causes.len() as u64;
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    for cause in causes {
        *counted.entry(cause).or_default() += 1;
    }
    let mut ordered: Vec<(&str, u64)> = counted.into_iter().collect();
    ordered.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), *cause));
    let rest: u64 = ordered.iter().skip(CAUSES).map(|(_, count)| count).sum();
    let mut because: Vec<String> = ordered
        .iter()
        .take(CAUSES)
        .map(|(cause, count)| format!("{count} × {cause}"))
        .collect();
    if rest > 0 {
        because.push(format!("{rest} × other causes"));
    }
    GuardResult {
        name: format!("deletes of {object_type}"),
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
        let causes: Vec<String> = (0..7)
            .map(|at| {
                if at < 5 {
                    "a".to_owned()
                } else {
                    "b".to_owned()
                }
            })
            .collect();
        let result = deletes(
            "cloud",
            "user",
            &Limit {
                count: 500,
                percent: 10.0,
            },
            50,
            &causes,
        );
        assert!(result.tripped);
        assert_eq!(result.because, ["5 × a", "2 × b"]);
    }
}
