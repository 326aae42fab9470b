//! The order of rules: what the export leaves open is decided here, and equal precedences are told apart.

use std::collections::HashMap;

use super::model::{Direction, Rule};

/// The places of the rules by direction and strength, each with a precedence of its own in its direction.
pub(super) fn order(rules: &[Rule]) -> Vec<(usize, i64)> {
    let mut ordered = Vec::new();
    for direction in [Direction::Inbound, Direction::Outbound] {
        let numbered = rules.iter().enumerate();
        let here = numbered.filter(|(_, rule)| rule.direction == direction);
        let (mut placed, open): (Vec<_>, Vec<_>) = here
            .map(|(at, _)| at)
            .partition(|at| rules.get(*at).is_none_or(|rule| !is_open(rule)));
        placed.sort_by_key(|at| rules.get(*at).map(|rule| rule.precedence));
        for at in open {
            let place = rules.get(at).and_then(|rule| place(rule, &placed, rules));
            placed.insert(place.unwrap_or(0), at);
        }
        let mut least = 0;
        for at in placed {
            let own = rules.get(at).map_or(0, |rule| rule.precedence);
            let precedence = own.max(least);
            least = precedence + 1;
            ordered.push((at, precedence));
        }
    }
    ordered
}

/// Its precedence is still to be made.
fn is_open(rule: &Rule) -> bool {
    rule.precedence == 0 && (rule.after.is_some() || rule.before.is_some())
}

fn place(rule: &Rule, placed: &[usize], rules: &[Rule]) -> Option<usize> {
    let ids: HashMap<&str, usize> = placed
        .iter()
        .enumerate()
        .filter_map(|(place, at)| Some((rules.get(*at)?.id.as_str(), place)))
        .collect();
    let before = rule.before.as_deref().and_then(|id| ids.get(id)).copied();
    let after = rule.after.as_deref().and_then(|id| ids.get(id));
    before.or(after.map(|place| place + 1))
}
