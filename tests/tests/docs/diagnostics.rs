//! The index of diagnostics, from the one registry of codes.

use std::fmt::Write;

use trib_compiler::diagnostics::{Severity, codes};

use crate::NOTE;

const HEAD: &str = "# Diagnostics

What `trib check` may say. `trib check --explain CODE` tells more about each.
Errors keep rules from running, warnings (`--deny-warnings` makes them count) are likely mistakes, lints are matters of tidiness.
Codes are stable: a number is never used again for something else.
";

pub fn page() -> String {
    let mut out = format!("{HEAD}\n{NOTE}\n");
    for (title, severity) in [
        ("Errors", Severity::Error),
        ("Warnings", Severity::Warning),
        ("Lints", Severity::Lint),
    ] {
        write!(out, "\n## {title}\n\n| code | what |\n|---|---|\n").unwrap();
        for code in codes::ALL.iter().filter(|code| code.severity == severity) {
            writeln!(out, "| `{}` | {} |", code.id, code.title).unwrap();
        }
    }
    out
}
