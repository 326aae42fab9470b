//! What the compiler has to say: data first; terminal, JSON and editors render it.

pub mod codes;
mod render;

pub use codes::Code;
pub use render::{human, json};

use serde::Serialize;
use trib_grammar::Span;

/// How serious a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The rules cannot run.
    Error,
    /// The rules can run, and likely do not do what was meant.
    Warning,
    /// Could be clearer.
    Lint,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of finding.
    pub code: &'static Code,
    /// One line: lower case, no final period, user text in backticks.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to do, in one line.
    pub help: Option<String>,
    /// Other places that matter, with a word on each.
    pub related: Vec<(Span, String)>,
    /// The certain edit, where there is one.
    pub fix: Option<Fix>,
}

/// An edit that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words.
    pub title: String,
    /// Texts that replace spans; they do not overlap.
    pub edits: Vec<(Span, String)>,
}

/// The text with edits made that do not overlap. They are made from the end, so that offsets stay right;
/// one that lies outside of the text, or within a character, is left out.
pub fn edited<'e>(text: &str, edits: impl IntoIterator<Item = &'e (Span, String)>) -> String {
    let mut edits: Vec<_> = edits.into_iter().collect();
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = text.to_owned();
    for (span, new) in edits {
        let range = span.start as usize..span.end as usize;
        if text.get(range.clone()).is_some() {
            text.replace_range(range, new);
        }
    }
    text
}

impl Diagnostic {
    /// A finding.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Diagnostic {
        let message = message.into();
        Diagnostic {
            code,
            message,
            span,
            help: None,
            related: Vec::new(),
            fix: None,
        }
    }

    /// The same, with what to do.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The same, with another place.
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.related.push((span, message.into()));
        self
    }

    /// The same, with an edit that replaces `span` by `text`.
    pub fn fix(
        mut self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
    ) -> Diagnostic {
        self.fix = Some(Fix {
            title: title.into(),
            edits: vec![(span, text.into())],
        });
        self
    }

    /// How serious it is.
    pub fn severity(&self) -> Severity {
        self.code.severity
    }
}

/// The nearest of `candidates` to a word, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            *distance <= (word.chars().count().max(candidate.chars().count()) / 3).max(1)
        })
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()))
        .map(|(_, candidate)| candidate)
}

/// Line and column of a byte of a text, both from 1.
pub fn position(text: &str, offset: u32) -> trib_grammar::Position {
    trib_grammar::LineIndex::new(text).position(text, offset)
}
