//! Says in words what is wrong with a piece: where pest got stuck, what it would have taken there, and
//! which habit from another language explains it.

mod expected;
mod mistakes;

use std::ops::Range;

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::parse::{Builder, Rule, TribParser};
use crate::scan::Tokens;
use crate::span::Span;

/// Where a piece is stuck, in numbers of tokens: it understood everything before `found`.
pub(crate) struct Stuck<'a, 't> {
    tokens: &'a Tokens<'t>,
    piece: Range<usize>,
    found: usize,
    expected: Vec<Rule>,
}

/// What is wrong with a piece that `rule` does not fit.
pub(crate) fn error(builder: &Builder, rule: Rule, piece: Range<usize>) -> SyntaxError {
    let code = builder.tokens.code.get(piece.clone()).unwrap_or_default();
    let start = code
        .first()
        .map_or(builder.tokens.text.len(), |token| token.start);
    let end = code.last().map_or(start, |token| token.end);
    let part = builder.tokens.text.get(start..end).unwrap_or_default();
    let (offset, expected) = match TribParser::parse(rule, part) {
        Err(error) => tried(error),
        Ok(_) => (part.len(), Vec::new()),
    };
    let found = builder
        .tokens
        .index_from(start + offset)
        .clamp(piece.start, piece.end);
    let stuck = Stuck {
        tokens: &builder.tokens,
        piece,
        found,
        expected,
    };
    let (message, help) = stuck.words();
    SyntaxError {
        kind: SyntaxErrorKind::Unexpected,
        span: stuck.span(builder),
        message,
        help,
    }
}

/// Where pest gave up, and the rules it tried there.
fn tried(error: Error<Rule>) -> (usize, Vec<Rule>) {
    let (InputLocation::Pos(offset) | InputLocation::Span((offset, _))) = error.location;
    match error.variant {
        ErrorVariant::ParsingError { positives, .. } => (offset, positives),
        ErrorVariant::CustomError { .. } => (offset, Vec::new()),
    }
}

impl<'t> Stuck<'_, 't> {
    fn words(&self) -> (String, Option<String>) {
        if let Some(mistake) = mistakes::known(self) {
            return mistake;
        }
        let mut expected = expected::words(&self.expected);
        let wants_type = matches!(
            self.before(),
            Some("from" | "to" | "given" | "expect" | "no")
        );
        if wants_type && expected.first() == Some(&"a name") {
            expected = vec!["an object type"];
        }
        let after = self
            .before()
            .map(|before| format!(" after {}", quote(before)))
            .unwrap_or_default();
        if expected.is_empty() {
            let message = format!("{} is not expected{after}", self.found_words());
            return (message, Some("remove it".to_owned()));
        }
        let message = format!(
            "expected {}{after}, found {}",
            one_of(&expected),
            self.found_words()
        );
        (message, None)
    }

    /// The text of the token `distance` behind the one found; "" behind the piece.
    fn ahead(&self, distance: usize) -> &'t str {
        let index = self.found + distance;
        if index < self.piece.end {
            self.tokens.at(index)
        } else {
            ""
        }
    }

    /// The text of the last token that was understood.
    fn before(&self) -> Option<&'t str> {
        (self.found > self.piece.start).then(|| self.tokens.at(self.found - 1))
    }

    fn found_words(&self) -> String {
        match self.tokens.at(self.found) {
            "" => "the end of the text".to_owned(),
            text => quote(text),
        }
    }

    /// The token found, or the one before it where the text breaks off: the next line is not to blame.
    fn span(&self, builder: &Builder) -> Span {
        let breaks_off = self.found >= self.piece.end
            || self.tokens.starts_line(self.found) && !self.is_operator();
        let index = if breaks_off && self.found > self.piece.start {
            self.found - 1
        } else {
            self.found
        };
        let token = self.tokens.code.get(index);
        token.map_or(Span::new(builder.file, 0, 0), |token| {
            Span::new(builder.file, token.start, token.end)
        })
    }

    fn is_operator(&self) -> bool {
        use crate::scan::TokenKind::{Stray, Symbol};
        self.tokens.is(self.found, Symbol) || self.tokens.is(self.found, Stray)
    }
}

/// User text in backticks, on one line and not too long.
pub(crate) fn quote(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("`{}…`", line.get(..end).unwrap_or_default()),
        None => format!("`{line}`"),
    }
}

/// `a`, `b` or `c`; what is not a phrase of its own is put in backticks.
pub(crate) fn one_of(choices: &[impl AsRef<str>]) -> String {
    let phrase = |choice: &str| match choice.starts_with("a ")
        || choice.starts_with("an ")
        || choice.starts_with('`')
    {
        true => choice.to_owned(),
        false => format!("`{choice}`"),
    };
    let choices: Vec<String> = choices
        .iter()
        .map(|choice| phrase(choice.as_ref()))
        .collect();
    match choices.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
        None => String::new(),
    }
}

/// The known word that this one is a slip of, if any.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = word.to_lowercase();
    let distance = |known: &&str| strsim::osa_distance(&lower, known);
    let close = |known: &&str| distance(known) <= if known.len() > 5 { 2 } else { 1 };
    known.iter().copied().filter(close).min_by_key(distance)
}
