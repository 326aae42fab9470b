//! Pass 3: what shows only when all rules are seen together.

mod competition;
mod reach;
mod required;
mod unused;

use crate::checked::Rules;
use crate::diagnostics::{Diagnostic, Severity};
use crate::names::Names;

/// Runs every analysis over the checked rules.
pub(crate) fn analyse(rules: &Rules, names: &Names, diagnostics: &mut Vec<Diagnostic>) {
    competition::check(rules, diagnostics);
    required::check(rules, names, diagnostics);
    reach::check(rules, diagnostics);
    // What is broken elsewhere may be what would read or write it.
    if diagnostics.iter().all(|d| d.severity() != Severity::Error) {
        unused::check(rules, names, diagnostics);
    }
}
