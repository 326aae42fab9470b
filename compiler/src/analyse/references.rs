//! References to what no rule brings to the directory they flow to.

use trib_grammar::Span;

use crate::checked::Rules;
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::End;
use crate::types::Base;

/// A reference flows to the cloud, and nothing brings its target there.
pub(super) fn check(rules: &Rules, diagnostics: &mut Vec<Diagnostic>) {
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
