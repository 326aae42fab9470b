//! What rules reach: references to what nothing provisions, and everything going to the cloud.

use trib_grammar::Span;

use crate::checked::Rules;
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{End, Link};
use crate::schema::Kind;
use crate::types::Base;

pub(super) fn check(rules: &Rules, diagnostics: &mut Vec<Diagnostic>) {
    unscoped(rules, diagnostics);
    references(rules, diagnostics);
    tautologies(rules, diagnostics);
}

/// A scope that is a constant was surely not meant.
fn tautologies(rules: &Rules, diagnostics: &mut Vec<Diagnostic>) {
    for part in rules.rules.iter().flat_map(|rule| &rule.scope) {
        if let crate::ir::Expr::Constant(crate::ir::Constant::Bool(value)) = part.expr {
            let code = if value {
                &codes::ALWAYS_TRUE
            } else {
                &codes::ALWAYS_FALSE
            };
            let message = format!("this part of the scope is always {value}");
            diagnostics.push(Diagnostic::new(code, part.span, message).help(if value {
                "remove it"
            } else {
                "write `disabled` to take the rule out"
            }));
        }
    }
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

/// A reference flows to the cloud, and nothing brings its target there.
fn references(rules: &Rules, diagnostics: &mut Vec<Diagnostic>) {
    for rule in rules.rules.iter().filter(|rule| !rule.disabled) {
        let End::Directory(connector, _) = rule.target else {
            continue;
        };
        for flow in &rule.flows {
            let Base::Ref(Some(wanted)) = &flow.value.ty.base else {
                continue;
            };
            let provided = rules.rules.iter().any(|other| {
                let End::Metaverse(source) = other.source else {
                    return false;
                };
                let named = rules
                    .metaverse
                    .get(source)
                    .is_some_and(|ty| ty.name == *wanted);
                let there = matches!(other.target, End::Directory(to, _) if to == connector);
                !other.disabled && named && there
            });
            if !provided {
                diagnostics.push(unprovisioned(flow.span, wanted));
            }
        }
    }
}

fn unprovisioned(span: Span, wanted: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::UNPROVISIONED_REFERENCE,
        span,
        format!("no rule brings a `{wanted}` to this directory, so this never has a value"),
    )
    .help(format!("add a rule from `{wanted}`, or remove the flow"))
}
