//! Rules that flow the same attribute: precedence, merge modes, flows that can never win.

use std::collections::HashMap;

use super::{covers, surely_contributes};
use crate::checked::{Flow, Rule, Rules};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{End, Mode, Slot};

/// A flow with its rule.
type Offer<'r> = (&'r Rule, &'r Flow);

pub(super) fn check(rules: &Rules, diagnostics: &mut Vec<Diagnostic>) {
    let mut contests: HashMap<(End, Slot), Vec<Offer<'_>>> = HashMap::new();
    for rule in rules.rules.iter().filter(|rule| !rule.disabled) {
        for flow in &rule.flows {
            contests
                .entry((rule.target, flow.target))
                .or_default()
                .push((rule, flow));
        }
    }
    let mut contests: Vec<_> = contests.into_iter().collect();
    contests.sort_by_key(|(_, contest)| contest.first().map(|(_, flow)| flow.span));
    let mut reported = HashMap::new();
    let mut covered = Covered::default();
    for ((end, slot), mut contest) in contests {
        let object_type = rules.object_type(end);
        let name = object_type
            .and_then(|ty| ty.attributes.get(slot))
            .map_or("", |attribute| attribute.name.as_str());
        merge_modes(&contest, name, diagnostics);
        contest.sort_by_key(|(rule, _)| (rule.precedence, rule.priority));
        equals(&contest, name, &mut reported, diagnostics);
        shadowed(&contest, name, &mut covered, diagnostics);
    }
}

/// All flows to an attribute merge in the same way as the first one, or do not.
fn merge_modes(contest: &[Offer<'_>], name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let kind = |mode| match mode {
        Mode::Replace | Mode::Once => 0,
        Mode::Merge => 1,
        Mode::MergeIgnoringCase => 2,
    };
    let Some((first_rule, first)) = contest.first() else {
        return;
    };
    for (rule, flow) in contest.iter().skip(1) {
        if kind(flow.mode) == kind(first.mode) {
            continue;
        }
        let message = format!(
            "`{name}` is flowed in different modes by rules `{}` and `{}`",
            rule.name, first_rule.name
        );
        diagnostics.push(
            Diagnostic::new(&codes::MERGE_DISAGREEMENT, flow.span, message)
                .related(first.span, "the other flow")
                .help("either all rules merge an attribute, in the same way, or none does"),
        );
    }
}

/// Neighbours in the order of strength must differ; a pair of rules is reported once.
fn equals<'r>(
    contest: &[Offer<'r>],
    name: &str,
    reported: &mut HashMap<(&'r str, &'r str), ()>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let merges = |flow: &Flow| matches!(flow.mode, Mode::Merge | Mode::MergeIgnoringCase);
    for pair in contest.windows(2) {
        let [(earlier, one), (later, other)] = pair else {
            continue;
        };
        // One rule of a kind stands for several connectors: their priorities decide.
        let decided = earlier.priority != later.priority && earlier.name == later.name;
        // Two rules of one name are reported as that.
        let twice = earlier.name == later.name && earlier.span != later.span;
        let equal = earlier.precedence == later.precedence && !decided && !twice;
        if !equal || (merges(one) && merges(other)) {
            continue;
        }
        let (first, second) = match earlier.span <= later.span {
            true => (earlier, later),
            false => (later, earlier),
        };
        if reported.insert((&first.name, &second.name), ()).is_none() {
            diagnostics.push(equal_precedence(second, first, name));
        }
    }
}

fn equal_precedence(rule: &Rule, other: &Rule, attribute: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &codes::EQUAL_PRECEDENCE,
        rule.precedence_span,
        format!(
            "rules `{}` and `{}` flow `{attribute}` with the same precedence {}",
            other.name, rule.name, rule.precedence
        ),
    );
    if rule.name == other.name {
        return diagnostic.help(
            "the rule stands for several connectors: give each a `priority` in its declaration",
        );
    }
    diagnostic
        .related(other.precedence_span, "the other rule")
        .help("give one of them another number; the smaller one wins")
}

/// How many stronger flows each flow is held against; more than these contest one attribute only in
/// generated rules.
const RIVALS: usize = 32;

/// A weaker flow never wins where a stronger rule of the same source takes every object that it takes
/// and surely has a value for it. The contest is in the order of strength.
fn shadowed(
    contest: &[Offer<'_>],
    name: &str,
    covered: &mut Covered,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let replacing = contest
        .iter()
        .filter(|(_, flow)| flow.mode == Mode::Replace);
    let mut stronger: HashMap<End, Vec<Offer<'_>>> = HashMap::new();
    for (rule, flow) in replacing {
        let rivals = stronger.entry(rule.source).or_default();
        let winner = rivals.iter().find(|(other, winner)| {
            (other.precedence, other.priority) < (rule.precedence, rule.priority)
                && covered.by(other, rule)
                && surely_contributes(winner, rule)
        });
        if let Some((other, winner)) = winner {
            let message = format!(
                "this flow to `{name}` never wins: rule `{}` always does",
                other.name
            );
            diagnostics.push(
                Diagnostic::new(&codes::SHADOWED, flow.span, message)
                    .related(winner.span, "the stronger flow always has a value")
                    .help("remove this flow, or give this rule the smaller precedence"),
            );
        }
        if rivals.len() < RIVALS && !flow.value.ty.is_error() {
            rivals.push((rule, flow));
        }
    }
}

/// Which rules take every object that another one takes, asked once for each pair.
#[derive(Default)]
struct Covered(HashMap<(*const Rule, *const Rule), bool>);

impl Covered {
    fn by(&mut self, stronger: &Rule, weaker: &Rule) -> bool {
        let pair = (std::ptr::from_ref(stronger), std::ptr::from_ref(weaker));
        *self
            .0
            .entry(pair)
            .or_insert_with(|| covers(stronger, weaker))
    }
}
