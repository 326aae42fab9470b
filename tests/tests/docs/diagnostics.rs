//! The index of diagnostics, from the one registry of codes.

use std::fmt::Write;

use trib_compiler::diagnostics::{Code, Severity, codes};
use trib_compiler::functions::codes as values;

use crate::NOTE;

const HEAD: &str = "# Diagnostics

What `trib check` may say. Each code has a page with a broken and a mended example, which `trib check --explain CODE` prints too.
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
            writeln!(out, "{}", row(code)).unwrap();
        }
    }
    out += "\n## Values\n\nWhat an object is in error for, when its values meet the rules.\n\n| code | what |\n|---|---|\n";
    for code in values::ALL {
        writeln!(out, "{}", row(code)).unwrap();
    }
    out
}

/// A line of a table: the code, with its page, and what it is about.
pub fn row(code: &Code) -> String {
    let page = format!("../compiler/src/diagnostics/pages/{}.md", code.id);
    format!("| [`{}`]({page}) | {} |", code.id, code.title)
}
