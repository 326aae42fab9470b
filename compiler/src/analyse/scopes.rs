//! Scopes that no object meets, that every object meets, or that hand everything to the cloud.

use super::logic::{contradict, implies};
use crate::checked::{Rule, Rules, Typed};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{Constant, End, Expr, Link};
use crate::schema::Kind;

/// How many parts of a scope are held against each other one by one.
const COMPARED: usize = 64;

pub(super) fn check(rules: &Rules, diagnostics: &mut Vec<Diagnostic>) {
    let sound = |rule: &&Rule| !rule.scope.iter().any(|part| part.ty.is_error());
    let enabled = rules.rules.iter().filter(|rule| !rule.disabled);
    for rule in enabled.filter(sound) {
        diagnostics.extend(contradiction(rule).or_else(|| tautology(rule)));
    }
    unscoped(rules, diagnostics);
}

/// No object meets the scope: because of one part, of two that exclude each other, or of all together.
fn contradiction(rule: &Rule) -> Option<Diagnostic> {
    let parts = &rule.scope;
    if let Some(part) = parts.iter().find(|part| contradict([(&part.expr, true)])) {
        let message = format!(
            "this is never true, so no object is in scope of rule `{}`",
            rule.name
        );
        let help = match part.expr {
            Expr::Constant(_) => "write `disabled` to take the rule out",
            _ => "no value can meet all of it; was `or` meant where it says `and`?",
        };
        return Some(Diagnostic::new(&codes::ALWAYS_FALSE, part.span, message).help(help));
    }
    for (at, later) in parts.iter().enumerate().take(COMPARED) {
        let mut earlier = parts.iter().take(at);
        let opposed = earlier.find(|part| contradict([(&part.expr, true), (&later.expr, true)]));
        if let Some(earlier) = opposed {
            let message = format!(
                "this excludes another part of the scope, so no object is in scope of rule `{}`",
                rule.name
            );
            return Some(
                Diagnostic::new(&codes::ALWAYS_FALSE, later.span, message)
                    .related(earlier.span, "no object meets this as well")
                    .help("remove one of the two, or join them with `or`"),
            );
        }
    }
    let all = parts.iter().map(|part| (&part.expr, true));
    let (first, last) = (parts.first()?, parts.last()?);
    contradict(all).then(|| {
        let message = format!(
            "no object meets all of this, so none is in scope of rule `{}`",
            rule.name
        );
        Diagnostic::new(&codes::ALWAYS_FALSE, first.span.to(last.span), message)
            .help("its parts exclude each other; was `or` meant where it says `and`?")
    })
}

/// A part of the scope that every object meets, or that another part says already.
fn tautology(rule: &Rule) -> Option<Diagnostic> {
    let parts = &rule.scope;
    if let Some(part) = parts.iter().find(|part| contradict([(&part.expr, false)])) {
        let message = "this part of the scope is always true, so it says nothing";
        return Some(
            Diagnostic::new(&codes::ALWAYS_TRUE, part.span, message).help(match part.expr {
                Expr::Constant(Constant::Bool(_)) => "remove it",
                _ => "remove it; was `and` meant where it says `or`?",
            }),
        );
    }
    // `x is present` beside a comparison of `x` is a way to be clear.
    let clear = |part: &Typed| matches!(part.expr, Expr::Present(_) | Expr::Not(_));
    let parts = parts.iter().enumerate().take(COMPARED);
    parts.clone().find_map(|(at, part)| {
        let mut others = parts.clone().filter(|(other, _)| *other != at);
        let same = |other: &Typed| other.expr == part.expr;
        let (_, other) = others.find(|(place, other)| match same(other) {
            true => *place < at,
            false => !clear(part) && implies([&other.expr], &part.expr),
        })?;
        Some(
            Diagnostic::new(
                &codes::ALWAYS_TRUE,
                part.span,
                "another part of the scope says this already",
            )
            .related(other.span, "what meets this meets both")
            .help("remove it"),
        )
    })
}

/// Everything of a forest goes to the cloud: no scope on the way in, none on the way out.
fn unscoped(rules: &Rules, diagnostics: &mut Vec<Diagnostic>) {
    let enabled = || rules.rules.iter().filter(|rule| !rule.disabled);
    let kind = |end: End| match end {
        End::Directory(connector, _) => rules.connectors.get(connector).map(|c| c.kind),
        _ => None,
    };
    for rule in enabled() {
        let to_cloud = kind(rule.target) == Some(Kind::Entra) && rule.link == Link::Provision;
        if !to_cloud || !rule.scope.is_empty() {
            continue;
        }
        let inbound = enabled().find(|other| {
            kind(other.source) == Some(Kind::Ad)
                && other.target == rule.source
                && other.link == Link::Provision
                && other.scope.is_empty()
        });
        if let Some(inbound) = inbound {
            diagnostics.push(
                Diagnostic::new(
                    &codes::UNSCOPED,
                    rule.span,
                    format!(
                        "every object that rule `{}` reads goes to the cloud through rule `{}`",
                        inbound.name, rule.name
                    ),
                )
                .related(inbound.span, "this rule has no scope either")
                .help("give one of them a `scope`"),
            );
        }
    }
}
