//! Limits of inlining: a function that calls another twice, which calls another twice, and so on, would
//! unfold to more than any machine holds, and long chains of them to more than a stack.

use trib_grammar::{MAX_DEPTH, Span};

use super::{Checker, Scope};
use crate::diagnostics::{Diagnostic, codes};

/// All functions and constants of a program together unfold to at most so many expressions.
const MOST: usize = 1_000_000;

/// Expressions with everything inlined nest at most so deep.
const DEEPEST: usize = 2 * MAX_DEPTH;

/// How far functions and constants unfolded.
#[derive(Debug, Default)]
pub(crate) struct Unfolding {
    depth: usize,
    count: usize,
    reported: bool,
}

impl Unfolding {
    /// Goes into an expression, or not if that would be too much.
    pub(super) fn enter(&mut self, inlined: bool) -> bool {
        if self.depth >= DEEPEST || self.count >= MOST {
            return false;
        }
        self.depth += 1;
        self.count += usize::from(inlined);
        true
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }
}

impl Checker<'_> {
    /// Says so, once.
    pub(super) fn unfolds_too_far(&mut self, span: Span, scope: &Scope) {
        if std::mem::replace(&mut self.unfolding.reported, true) {
            return;
        }
        let message = match scope.calls.first() {
            Some(name) if self.unfolding.count >= MOST => {
                format!("`{name}` and what it calls unfold to more than {MOST} expressions")
            }
            Some(name) => {
                format!("`{name}` and what it calls nest deeper than {DEEPEST} levels")
            }
            None => format!("this nests deeper than {DEEPEST} levels"),
        };
        self.report(Diagnostic::new(&codes::TOO_LARGE, span, message).help(
            "functions and constants are inlined; call them less often, or fewer from one another",
        ));
    }
}
