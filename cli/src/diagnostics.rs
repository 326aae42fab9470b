//! What the compiler found, in the forms of `trib check`.

use std::fmt::Write;

use serde_json::{Value, json};
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

/// Workflow commands of GitHub Actions, one a line.
pub fn github(list: &[Diagnostic], sources: &Sources) -> String {
    let escape = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for diagnostic in list {
        let level = match diagnostic.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Lint => "notice",
        };
        let Place { path, start, end } = place(diagnostic.span, sources);
        let help = diagnostic.help.as_ref().map(|help| format!("\n{help}"));
        let _ = writeln!(
            out,
            "::{level} file={},line={},endLine={},col={},endColumn={},title={}::{}",
            property(path),
            start.line,
            end.line,
            start.column,
            end.column,
            property(&format!("{} {}", diagnostic.code.id, diagnostic.code.title)),
            escape(&format!(
                "{}{}",
                diagnostic.message,
                help.unwrap_or_default()
            )),
        );
    }
    out
}

/// A SARIF 2.1.0 log.
pub fn sarif(list: &[Diagnostic], sources: &Sources) -> Value {
    let level = |severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Lint => "note",
    };
    let location = |span| {
        let Place { path, start, end } = place(span, sources);
        json!({ "physicalLocation": {
            "artifactLocation": { "uri": path.replace('%', "%25").replace(' ', "%20") },
            "region": {
                "startLine": start.line, "startColumn": start.column,
                "endLine": end.line, "endColumn": end.column,
            },
        }})
    };
    let rules = codes::ALL.iter().map(|code| {
        json!({
            "id": code.id,
            "shortDescription": { "text": code.title },
            "fullDescription": { "text": code.summary() },
            "defaultConfiguration": { "level": level(code.severity) },
        })
    });
    let results = list.iter().map(|diagnostic| {
        let help = diagnostic.help.as_ref().map(|help| format!("\n{help}"));
        let related = diagnostic.related.iter().map(|(span, message)| {
            let mut related = location(*span);
            if let Some(members) = related.as_object_mut() {
                members.insert("message".to_owned(), json!({ "text": message }));
            }
            related
        });
        json!({
            "ruleId": diagnostic.code.id,
            "level": level(diagnostic.severity()),
            "message": { "text": format!("{}{}", diagnostic.message, help.unwrap_or_default()) },
            "locations": [location(diagnostic.span)],
            "relatedLocations": related.collect::<Vec<_>>(),
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "trib",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}
