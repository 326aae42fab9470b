//! What is assumed of each term at once, and whether a value can be so.

use std::cmp::Ordering;

use super::atom::{Atom, scalar};
use super::formula::Literal;
use crate::ir::{Comparison, Constant, Expr};

/// Atoms that hold, or do not hold, of each term.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts<'e> {
    terms: Vec<(&'e Expr, Vec<(Atom<'e>, bool)>)>,
}

impl<'e> Facts<'e> {
    /// Adds a literal; false if no object can be as all of them say.
    pub fn assume(&mut self, literal: &Literal<'e>) -> bool {
        let fact = (literal.atom, literal.holds);
        let known = self
            .terms
            .iter_mut()
            .find(|(term, _)| *term == literal.term);
        let Some((_, facts)) = known else {
            self.terms.push((literal.term, vec![fact]));
            return true;
        };
        if facts.contains(&fact) {
            return true;
        }
        facts.push(fact);
        possible(facts)
    }
}

/// Some value, or absence, is as all facts say.
fn possible(facts: &[(Atom<'_>, bool)]) -> bool {
    // Absence is as every denial says.
    if facts.iter().all(|(_, holds)| !holds) {
        return true;
    }
    pairwise(facts) && truth_values(facts) && bits(facts) && numbers(facts) && order(facts)
}

/// No fact denies what another one says.
fn pairwise(facts: &[(Atom<'_>, bool)]) -> bool {
    let hold = facts.iter().filter(|(_, holds)| *holds);
    hold.into_iter().all(|(atom, _)| {
        let mut others = facts.iter();
        others.all(|(other, holds)| atom.decides(other).is_none_or(|says| says == *holds))
    })
}

/// A truth value that is present is one of two.
fn truth_values(facts: &[(Atom<'_>, bool)]) -> bool {
    let excluded = |value: bool| {
        facts.iter().any(|(atom, holds)| {
            !holds && matches!(atom, Atom::Equal(Constant::Bool(v), _) if *v == value)
        })
    };
    !(excluded(true) && excluded(false))
}

/// Of every mask that must have a bit set, a bit is left by the masks that must have none.
fn bits(facts: &[(Atom<'_>, bool)]) -> bool {
    let masks = |wanted: bool| {
        facts.iter().filter_map(move |(atom, holds)| match atom {
            Atom::Bits(mask) if *holds == wanted => Some(*mask),
            _ => None,
        })
    };
    let cleared = masks(false).fold(0, |all, mask| all | mask);
    masks(true).all(|mask| mask & !cleared != 0)
}

/// The comparison that holds where this one does not, of a present value.
fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        _ => Comparison::Less,
    }
}

/// The bounds that the facts set.
fn bounds<'f>(
    facts: &'f [(Atom<'_>, bool)],
) -> impl Iterator<Item = (Comparison, &'f Constant)> + Clone {
    facts.iter().filter_map(|(atom, holds)| match atom {
        Atom::Order(comparison, value) if *holds => Some((*comparison, *value)),
        Atom::Order(comparison, value) => Some((opposite(*comparison), *value)),
        _ => None,
    })
}

/// A range of integers or instants has a member that no fact excludes.
fn numbers(facts: &[(Atom<'_>, bool)]) -> bool {
    let number = |constant: &Constant| match constant {
        Constant::Int(number) | Constant::Time(number) => Some(*number),
        _ => None,
    };
    let (mut least, mut most) = (i64::MIN, i64::MAX);
    for (comparison, value) in bounds(facts) {
        let Some(bound) = number(value) else {
            return true;
        };
        match comparison {
            Comparison::Greater if bound == i64::MAX => return false,
            Comparison::Less if bound == i64::MIN => return false,
            Comparison::Greater => least = least.max(bound + 1),
            Comparison::GreaterOrEqual => least = least.max(bound),
            Comparison::Less => most = most.min(bound - 1),
            _ => most = most.min(bound),
        }
    }
    if least > most {
        return false;
    }
    let few = most.checked_sub(least).is_some_and(|range| range < 64);
    !few || (least..=most).any(|candidate| {
        let mut excluded = facts.iter().filter_map(|(atom, holds)| match atom {
            Atom::Equal(value, _) if !holds => number(value),
            _ => None,
        });
        excluded.all(|value| value != candidate)
    })
}

/// No upper bound of the texts (or others) lies below a lower one.
fn order(facts: &[(Atom<'_>, bool)]) -> bool {
    let lower = |comparison| matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual);
    let strict = |comparison| matches!(comparison, Comparison::Greater | Comparison::Less);
    let all = bounds(facts);
    let lowers = all.clone().filter(|(comparison, _)| lower(*comparison));
    lowers.into_iter().all(|(from, least)| {
        let uppers = all.clone().filter(|(comparison, _)| !lower(*comparison));
        uppers.into_iter().all(|(to, most)| {
            let (Some(least), Some(most)) = (scalar(least), scalar(most)) else {
                return true;
            };
            match least.compare(most) {
                Some(Ordering::Greater) => false,
                Some(Ordering::Equal) => !strict(from) && !strict(to),
                _ => true,
            }
        })
    })
}
