//! Diagnostics for people (miette) and for machines (JSON, as cli.md fixes it).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use miette::{GraphicalReportHandler, LabeledSpan, MietteError, MietteSpanContents, SourceCode};
use miette::{SourceSpan, SpanContents};
use serde_json::{Value, json};
use trib_grammar::{FileId, LineIndex, Span};

use super::{Diagnostic, Severity};
use crate::sources::Sources;

/// More findings than this are counted, not shown: nobody reads on.
const MOST: usize = 200;

/// Lines longer than this, in bytes, are named and not shown.
const WIDEST: usize = 2_000;

/// A file whose lines are known, so that an excerpt costs nothing but itself.
#[derive(Debug)]
struct Excerpts {
    path: String,
    text: String,
    lines: LineIndex,
}

impl Excerpts {
    /// A line beside the span is too wide to be shown.
    fn is_wide(&self, span: Span) -> bool {
        let line = |offset| self.lines.position(&self.text, offset).line as usize;
        let lines = line(span.start).saturating_sub(2)..line(span.end) + 1;
        lines.into_iter().any(|line| {
            let start = self.lines.start(line).unwrap_or(self.text.len());
            let end = self.lines.start(line + 1).unwrap_or(self.text.len());
            end.saturating_sub(start) > WIDEST
        })
    }
}

impl SourceCode for Excerpts {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let position = |offset: usize| {
            let offset = u32::try_from(offset).unwrap_or(u32::MAX);
            let position = self.lines.position(&self.text, offset);
            (position.line as usize - 1, position.column as usize - 1)
        };
        let (line, column) = position(span.offset());
        let first = line.saturating_sub(before);
        let last = position(span.offset() + span.len().saturating_sub(1)).0 + after;
        // Without lines before it, an excerpt begins where the span does: miette asks so for the
        // line and column of its heading.
        let (start, column) = match before {
            0 => (span.offset(), column),
            _ => (self.lines.start(first).unwrap_or(self.text.len()), 0),
        };
        let end = self.lines.start(last + 1).unwrap_or(self.text.len());
        let data = self
            .text
            .as_bytes()
            .get(start..end)
            .ok_or(MietteError::OutOfBounds)?;
        let whole = SourceSpan::from((start, end - start));
        let contents = MietteSpanContents::new_named(
            self.path.clone(),
            data,
            whole,
            first,
            column,
            last + 2 - first,
        );
        Ok(Box::new(contents))
    }
}

/// The files that diagnostics are in, each read once.
#[derive(Default)]
struct Files(HashMap<FileId, Arc<Excerpts>>);

impl Files {
    fn get(&mut self, file: FileId, sources: &Sources) -> Arc<Excerpts> {
        let known = self.0.entry(file).or_insert_with(|| {
            let (path, text) = sources.get(file);
            let lines = LineIndex::new(text);
            Arc::new(Excerpts {
                path: path.to_owned(),
                text: text.to_owned(),
                lines,
            })
        });
        known.clone()
    }
}

/// One diagnostic as miette wants it.
#[derive(Debug)]
struct Report<'a> {
    diagnostic: &'a Diagnostic,
    source: Arc<Excerpts>,
    /// Related places in other files, in words.
    elsewhere: Vec<String>,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)?;
        let span = self.diagnostic.span;
        if self.source.is_wide(span) {
            let at = self.source.lines.position(&self.source.text, span.start);
            write!(f, " ({}:{}:{})", self.source.path, at.line, at.column)?;
        }
        Ok(())
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
        let lines: Vec<&str> = self
            .diagnostic
            .help
            .iter()
            .chain(&self.elsewhere)
            .map(String::as_str)
            .collect();
        (!lines.is_empty()).then(|| Box::new(lines.join("\n")) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let source = self.source.as_ref();
        (!source.is_wide(self.diagnostic.span)).then_some(source as &dyn SourceCode)
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
    let mut files = Files::default();
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(MOST) {
        let related = diagnostic.related.iter();
        let elsewhere = related
            .filter(|(span, _)| span.file != diagnostic.span.file)
            .map(|(span, message)| format!("{message}: {}", sources.at(*span)));
        let report = Report {
            diagnostic,
            elsewhere: elsewhere.collect(),
            source: files.get(diagnostic.span.file, sources),
        };
        if handler.render_report(&mut out, &report).is_err() {
            out.push_str(&diagnostic.message);
        }
        out.push('\n');
    }
    if let Some(more) = diagnostics.len().checked_sub(MOST).filter(|more| *more > 0) {
        out.push_str(&format!("… and {more} more; --format json shows all\n"));
    }
    out
}

/// The document of `trib check --format json`.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources, rules: usize) -> Value {
    let mut files = Files::default();
    let mut place = |span: Span| {
        let file = files.get(span.file, sources);
        let at = |offset| {
            let position = file.lines.position(&file.text, offset);
            json!({ "line": position.line, "column": position.column })
        };
        (file.path.clone(), at(span.start), at(span.end))
    };
    let mut documents = Vec::new();
    for diagnostic in diagnostics {
        let (file, start, end) = place(diagnostic.span);
        let mut related = Vec::new();
        for (span, message) in &diagnostic.related {
            let (file, start, end) = place(*span);
            related.push(json!({ "message": message, "file": file, "start": start, "end": end }));
        }
        let fix = diagnostic.fix.as_ref().map(|fix| {
            let mut edits = Vec::new();
            for (span, text) in &fix.edits {
                let (file, start, end) = place(*span);
                edits.push(json!({ "file": file, "start": start, "end": end, "text": text }));
            }
            json!({ "title": fix.title, "edits": edits })
        });
        documents.push(json!({
            "code": diagnostic.code.id,
            "severity": diagnostic.severity(),
            "message": diagnostic.message,
            "help": diagnostic.help,
            "file": file,
            "start": start,
            "end": end,
            "related": related,
            "fix": fix,
        }));
    }
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity() == severity)
            .count()
    };
    json!({
        "diagnostics": documents,
        "summary": {
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "lints": count(Severity::Lint),
            "files": sources.len(),
            "rules": rules,
        },
    })
}
