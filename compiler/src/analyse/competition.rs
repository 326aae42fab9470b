//! Rules that flow the same attribute: precedence, merge modes, flows that can never win.

use std::collections::HashMap;

use crate::checked::{Flow, Rule, Rules, Typed};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{End, Expr, Mode, Slot};

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
    for ((end, slot), mut contest) in contests {
        let name = attribute_name(rules, end, slot);
        merge_modes(&contest, name, diagnostics);
        contest.sort_by_key(|(rule, _)| (rule.precedence, rule.priority));
        equals(&contest, name, &mut reported, diagnostics);
        shadowed(&contest, name, diagnostics);
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

pub(super) fn attribute_name(rules: &Rules, end: End, slot: Slot) -> &str {
    let object_type = match end {
        End::Directory(connector, at) => rules
            .connectors
            .get(connector)
            .and_then(|c| c.object_types.get(at)),
        End::Metaverse(at) => rules.metaverse.get(at),
        End::Any => None,
    };
    object_type
        .and_then(|ty| ty.attributes.get(slot))
        .map_or("", |attribute| &attribute.name)
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

/// A weaker flow never wins where a stronger rule of the same source takes every object that it takes
/// and surely has a value. The contest is in the order of strength.
fn shadowed(contest: &[Offer<'_>], name: &str, diagnostics: &mut Vec<Diagnostic>) {
    // Sure winners by source, and by one part of their scope where they have one.
    let mut winners: HashMap<(End, Option<String>), Vec<Offer<'_>>> = HashMap::new();
    for (rule, flow) in contest
        .iter()
        .filter(|(_, flow)| flow.mode == Mode::Replace)
    {
        let contested: &[Typed] = if winners.is_empty() { &[] } else { &rule.scope };
        let parts = contested.iter().map(|part| Some(key(&part.expr)));
        let stronger = std::iter::once(None).chain(parts).find_map(|part| {
            let candidates = winners.get(&(rule.source, part))?;
            candidates.iter().find(|(other, _)| {
                (other.precedence, other.priority) < (rule.precedence, rule.priority)
                    && covers(other, rule)
            })
        });
        if let Some((other, winner)) = stronger {
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
        let ty = &flow.value.ty;
        if !ty.optional && !ty.is_error() {
            let part = rule.scope.first().map(|part| key(&part.expr));
            winners
                .entry((rule.source, part))
                .or_default()
                .push((rule, flow));
        }
    }
}

fn key(expr: &Expr) -> String {
    format!("{expr:?}")
}

/// Every object in scope of `weaker` is in scope of `stronger`.
fn covers(stronger: &Rule, weaker: &Rule) -> bool {
    stronger
        .scope
        .iter()
        .all(|part| weaker.scope.iter().any(|other| other.expr == part.expr))
}
