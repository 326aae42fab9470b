//! Diagnostics for people (miette) and for machines (JSON, as cli.md fixes it).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use miette::{GraphicalReportHandler, LabeledSpan, NamedSource};
use serde_json::{Value, json};
use trib_grammar::{LineIndex, Span};

use super::{Diagnostic, Severity};
use crate::sources::Sources;

/// One diagnostic as miette wants it.
#[derive(Debug)]
struct Report<'a> {
    diagnostic: &'a Diagnostic,
    source: NamedSource<Arc<str>>,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)
    }
}

impl std::error::Error for Report<'_> {}

fn label(span: Span, text: Option<String>) -> LabeledSpan {
    LabeledSpan::new(text, span.start as usize, (span.end - span.start) as usize)
}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.code.id))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity() {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Lint => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let mut help = self.diagnostic.help.clone();
        for (span, message) in &self.diagnostic.related {
            if span.file != self.diagnostic.span.file {
                help = Some(help.map_or(message.clone(), |help| format!("{help}\n{message}")));
            }
        }
        help.map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let here = std::iter::once(label(self.diagnostic.span, None));
        let others = self.diagnostic.related.iter();
        let others = others.filter(|(span, _)| span.file == self.diagnostic.span.file);
        Some(Box::new(here.chain(
            others.map(|(span, text)| label(*span, Some(text.clone()))),
        )))
    }
}

/// The diagnostics as text with source excerpts; `colour` for terminals.
pub fn human(diagnostics: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let theme = match colour {
        true => miette::GraphicalTheme::unicode(),
        false => miette::GraphicalTheme::unicode_nocolor(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(110);
    let mut texts: HashMap<_, Arc<str>> = HashMap::new();
    let mut out = String::new();
    for diagnostic in diagnostics {
        let (path, text) = sources.get(diagnostic.span.file);
        let text = texts
            .entry(diagnostic.span.file)
            .or_insert_with(|| Arc::from(text));
        let source = NamedSource::new(path, text.clone());
        let report = Report { diagnostic, source };
        if handler.render_report(&mut out, &report).is_err() {
            out.push_str(&diagnostic.message);
        }
        out.push('\n');
    }
    out
}

/// The document of `trib check --format json`.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources, rules: usize) -> Value {
    let place = |span: Span| {
        let (path, text) = sources.get(span.file);
        let index = LineIndex::new(text);
        let at = |offset| {
            let position = index.position(text, offset);
            json!({ "line": position.line, "column": position.column })
        };
        (path.to_owned(), at(span.start), at(span.end))
    };
    let document = |diagnostic: &Diagnostic| {
        let (file, start, end) = place(diagnostic.span);
        let related = diagnostic.related.iter().map(|(span, message)| {
            let (file, start, end) = place(*span);
            json!({ "message": message, "file": file, "start": start, "end": end })
        });
        let fix = diagnostic.fix.as_ref().map(|fix| {
            let edits = fix.edits.iter().map(|(span, text)| {
                let (file, start, end) = place(*span);
                json!({ "file": file, "start": start, "end": end, "text": text })
            });
            json!({ "title": fix.title, "edits": edits.collect::<Vec<_>>() })
        });
        json!({
            "code": diagnostic.code.id,
            "severity": diagnostic.severity(),
            "message": diagnostic.message,
            "help": diagnostic.help,
            "file": file,
            "start": start,
            "end": end,
            "related": related.collect::<Vec<_>>(),
            "fix": fix,
        })
    };
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity() == severity)
            .count()
    };
    json!({
        "diagnostics": diagnostics.iter().map(document).collect::<Vec<_>>(),
        "summary": {
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "lints": count(Severity::Lint),
            "files": sources.len(),
            "rules": rules,
        },
    })
}
