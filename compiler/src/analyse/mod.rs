//! Pass 3: what shows only when all rules are seen together.

mod competition;
mod reach;
mod required;

use crate::checked::Rules;
use crate::diagnostics::Diagnostic;

/// Runs every analysis over the checked rules.
pub(crate) fn analyse(rules: &Rules, diagnostics: &mut Vec<Diagnostic>) {
    competition::check(rules, diagnostics);
    required::check(rules, diagnostics);
    reach::check(rules, diagnostics);
}
