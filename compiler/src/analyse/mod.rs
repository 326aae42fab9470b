//! Pass 3: what shows only when all rules are seen together.

mod competition;
pub(crate) mod logic;
mod reach;
mod references;
mod required;
mod scopes;
mod unused;

use crate::checked::{Flow, Rule, Rules};
use crate::diagnostics::{Diagnostic, Severity};
use crate::names::Names;

/// Runs every analysis over the checked rules.
pub(crate) fn analyse(rules: &Rules, names: &Names, diagnostics: &mut Vec<Diagnostic>) {
    competition::check(rules, diagnostics);
    required::check(rules, names, diagnostics);
    scopes::check(rules, diagnostics);
    // What is broken elsewhere may be what would link, bring, read or write.
    if diagnostics.iter().all(|d| d.severity() != Severity::Error) {
        references::check(rules, diagnostics);
        reach::check(rules, names, diagnostics);
        unused::check(rules, names, diagnostics);
    }
}

/// Every object in scope of `weaker` is in scope of `stronger`.
fn covers(stronger: &Rule, weaker: &Rule) -> bool {
    stronger.scope.iter().all(|part| {
        let scope = || weaker.scope.iter().map(|part| &part.expr);
        scope().any(|own| *own == part.expr) || logic::implies(scope(), &part.expr)
    })
}

/// The flow has a value, or `clear`, for every object in scope of `rule`.
fn surely_contributes(flow: &Flow, rule: &Rule) -> bool {
    let value = &flow.value;
    let scope = rule.scope.iter().map(|part| &part.expr);
    !value.ty.is_error() && (!value.ty.optional || logic::ensure(scope, &value.expr))
}
