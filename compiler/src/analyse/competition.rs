//! Rules that flow the same attribute: precedence, merge modes, flows that can never win.

use std::collections::HashMap;

use crate::checked::{Flow, Rule, Rules};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{End, Mode, Slot};

pub(super) fn check(rules: &Rules, diagnostics: &mut Vec<Diagnostic>) {
    let mut contests: HashMap<(End, Slot), Vec<(&Rule, &Flow)>> = HashMap::new();
    for rule in rules.rules.iter().filter(|rule| !rule.disabled) {
        for flow in &rule.flows {
            contests
                .entry((rule.target, flow.target))
                .or_default()
                .push((rule, flow));
        }
    }
    let mut reported: Vec<(&str, &str)> = Vec::new();
    for ((end, slot), contest) in &contests {
        let name = attribute_name(rules, *end, *slot);
        for (at, (rule, flow)) in contest.iter().enumerate() {
            for (other, earlier) in contest.iter().take(at) {
                // One rule of a kind stands for several connectors: their priorities decide.
                let same = rule.precedence == other.precedence;
                let decided = rule.priority != other.priority && rule.name == other.name;
                let pair = (rule.name.as_str(), other.name.as_str());
                if same && !decided && !reported.contains(&pair) && contributes(flow, earlier) {
                    reported.push(pair);
                    diagnostics.push(equal_precedence(rule, other, name));
                }
                if disagree(flow.mode, earlier.mode) {
                    diagnostics.push(
                        Diagnostic::new(
                            &codes::MERGE_DISAGREEMENT,
                            flow.span,
                            format!(
                                "`{name}` is flowed in different modes by rules `{}` and `{}`",
                                rule.name, other.name
                            ),
                        )
                        .related(earlier.span, "the other flow")
                        .help("either all rules merge an attribute, in the same way, or none does"),
                    );
                }
            }
        }
        shadowed(contest, name, diagnostics);
    }
}

fn contributes(a: &Flow, b: &Flow) -> bool {
    let merges = |flow: &Flow| matches!(flow.mode, Mode::Merge | Mode::MergeIgnoringCase);
    !(merges(a) && merges(b))
}

fn disagree(a: Mode, b: Mode) -> bool {
    let kind = |mode| match mode {
        Mode::Replace | Mode::Once => 0,
        Mode::Merge => 1,
        Mode::MergeIgnoringCase => 2,
    };
    kind(a) != kind(b)
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

/// A weaker flow never wins where a stronger rule of the same source takes every object of its type
/// and surely has a value.
fn shadowed(contest: &[(&Rule, &Flow)], name: &str, diagnostics: &mut Vec<Diagnostic>) {
    for (rule, flow) in contest {
        let stronger = contest.iter().find(|(other, winner)| {
            (other.precedence, other.priority) < (rule.precedence, rule.priority)
                && other.source == rule.source
                && covers(other, rule)
                && winner.mode == Mode::Replace
                && flow.mode == Mode::Replace
                && !winner.value.ty.optional
                && !winner.value.ty.is_error()
        });
        if let Some((other, winner)) = stronger {
            diagnostics.push(
                Diagnostic::new(
                    &codes::SHADOWED,
                    flow.span,
                    format!(
                        "this flow to `{name}` never wins: rule `{}` always does",
                        other.name
                    ),
                )
                .related(winner.span, "the stronger flow always has a value")
                .help("remove this flow, or give this rule the smaller precedence"),
            );
        }
    }
}

/// Every object in scope of `weaker` is in scope of `stronger`.
fn covers(stronger: &Rule, weaker: &Rule) -> bool {
    stronger
        .scope
        .iter()
        .all(|part| weaker.scope.iter().any(|other| other.expr == part.expr))
}
