//! What the compiler found, in the forms of `trib check`.

mod github;
mod sarif;

pub use github::github;
pub use sarif::sarif;

use std::fmt::Write;

use serde_json::Value;
use trib_compiler::diagnostics::{self, Diagnostic, Severity, codes};
use trib_compiler::{Checked, Sources};
use trib_grammar::{LineIndex, Position, Span, SyntaxError, SyntaxErrorKind};

use crate::output::{Exit, Failure, counted, note};
use crate::style::Style;

/// How many of each severity.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// The rules cannot run.
    pub errors: u64,
    /// They can, and likely do not do what was meant.
    pub warnings: u64,
    /// They could be clearer.
    pub lints: u64,
}

impl Counts {
    /// Counts them.
    pub fn of(checked: &Checked) -> Counts {
        let count = |severity| {
            let all = checked.diagnostics.iter();
            all.filter(|diagnostic| diagnostic.severity() == severity)
                .count() as u64
        };
        Counts {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            lints: count(Severity::Lint),
        }
    }
}

/// Syntax errors as the compiler would report them.
pub fn syntax(errors: &[SyntaxError]) -> Vec<Diagnostic> {
    let diagnostics = errors.iter().map(|error| {
        let code = match error.kind {
            SyntaxErrorKind::Unexpected => &codes::SYNTAX,
            SyntaxErrorKind::Unclosed => &codes::UNCLOSED,
            SyntaxErrorKind::Literal => &codes::LITERAL,
            SyntaxErrorKind::TooLarge => &codes::TOO_LARGE,
        };
        let mut diagnostic = Diagnostic::new(code, error.span, &error.message);
        diagnostic.help = error.help.clone();
        diagnostic
    });
    diagnostics.collect()
}

/// Shows diagnostics to people.
pub fn show(list: &[Diagnostic], sources: &Sources) {
    if !list.is_empty() {
        note(diagnostics::human(list, sources, Style::stderr().colour).trim_end());
        note("");
    }
}

/// `12 rules in 3 files: no errors, 1 warning`.
pub fn summary(sources: &Sources, checked: &Checked) -> String {
    let counts = Counts::of(checked);
    let style = Style::stderr();
    let errors = match counts.errors {
        0 => style.good("no errors"),
        errors => style.bad(&counted(errors, "error")),
    };
    let mut line = format!(
        "{} in {}: {errors}",
        counted(checked.rules.declared as u64, "rule"),
        counted(sources.len() as u64, "file"),
    );
    for (count, word) in [(counts.warnings, "warning"), (counts.lints, "lint")] {
        if count > 0 {
            let _ = write!(line, ", {}", style.changed(&counted(count, word)));
        }
    }
    line
}

/// The JSON document.
pub fn document(sources: &Sources, checked: &Checked) -> Value {
    diagnostics::json(&checked.diagnostics, sources, checked.rules.declared)
}

/// Stops at rules with errors, which are shown; otherwise says that there are warnings.
pub fn require_sound(sources: &Sources, checked: &Checked) -> Result<(), Failure> {
    let counts = Counts::of(checked);
    let json = crate::output::json_wanted();
    if counts.errors > 0 {
        if !json {
            show(&checked.diagnostics, sources);
        }
        let message = format!("the rules have {}", counted(counts.errors, "error"));
        return Err(Failure::new(Exit::Refused, message)
            .help("`trib check` shows them")
            .details(document(sources, checked)));
    }
    if counts.warnings > 0 && !json {
        let warnings = Style::stderr().changed(&counted(counts.warnings, "warning"));
        note(format_args!(
            "{warnings} in the rules: `trib check` shows them"
        ));
    }
    Ok(())
}

struct Place<'s> {
    path: &'s str,
    start: Position,
    end: Position,
}

fn place(span: Span, sources: &Sources) -> Place<'_> {
    let (path, text) = sources.get(span.file);
    let index = LineIndex::new(text);
    Place {
        path,
        start: index.position(text, span.start),
        end: index.position(text, span.end),
    }
}

/// What is wrong, and what to do in a second line.
fn words(diagnostic: &Diagnostic) -> String {
    match &diagnostic.help {
        Some(help) => format!("{}\n{help}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}
