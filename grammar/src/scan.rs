//! Cuts any text into tokens: for comments and their attachment, for nesting, and for recovery.

use pest::Parser;
use pest::iterators::Pair;

use crate::parse::{Rule, TribParser};

/// A piece of text between white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Comment,
    UnclosedComment,
    Text,
    UnclosedText,
    Script,
    UnclosedScript,
    Word,
    Quoted,
    Number,
    Parameter,
    Opening,
    Closing,
    Symbol,
    Stray,
}

impl TokenKind {
    fn of(rule: Rule) -> Option<TokenKind> {
        Some(match rule {
            Rule::comment => TokenKind::Comment,
            Rule::unclosed_comment => TokenKind::UnclosedComment,
            Rule::text => TokenKind::Text,
            Rule::unclosed_text => TokenKind::UnclosedText,
            Rule::script_text => TokenKind::Script,
            Rule::unclosed_script => TokenKind::UnclosedScript,
            Rule::word => TokenKind::Word,
            Rule::quoted_name => TokenKind::Quoted,
            Rule::number => TokenKind::Number,
            Rule::parameter => TokenKind::Parameter,
            Rule::opening => TokenKind::Opening,
            Rule::closing => TokenKind::Closing,
            Rule::symbol => TokenKind::Symbol,
            Rule::stray => TokenKind::Stray,
            _ => return None,
        })
    }

    /// A text, comment or script that is never closed.
    pub fn is_unclosed(self) -> bool {
        matches!(
            self,
            TokenKind::UnclosedComment | TokenKind::UnclosedText | TokenKind::UnclosedScript
        )
    }
}

/// The tokens of a file, comments apart, both in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct Tokens<'t> {
    pub text: &'t str,
    pub code: Vec<Token>,
    pub comments: Vec<Token>,
}

/// Finds the tokens of `text`; there is no text without.
pub(crate) fn scan(text: &str) -> Tokens<'_> {
    let mut tokens = Tokens {
        text,
        ..Tokens::default()
    };
    let pairs = TribParser::parse(Rule::tokens, text).into_iter().flatten();
    for pair in pairs.flat_map(Pair::into_inner) {
        let Some(kind) = TokenKind::of(pair.as_rule()) else {
            continue;
        };
        let span = pair.as_span();
        let token = Token {
            kind,
            start: span.start(),
            end: span.end(),
        };
        match kind {
            TokenKind::Comment => tokens.comments.push(token),
            _ => tokens.code.push(token),
        }
    }
    tokens
}

impl<'t> Tokens<'t> {
    /// The text of a token.
    pub fn of(&self, token: Token) -> &'t str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    /// The text of the token at `index`, or "".
    pub fn at(&self, index: usize) -> &'t str {
        self.code
            .get(index)
            .map(|token| self.of(*token))
            .unwrap_or_default()
    }

    /// Whether the token at `index` is of this kind.
    pub fn is(&self, index: usize, kind: TokenKind) -> bool {
        self.code.get(index).is_some_and(|token| token.kind == kind)
    }

    /// Number of the first token that starts at `offset` or behind it.
    pub fn index_from(&self, offset: usize) -> usize {
        self.code.partition_point(|token| token.start < offset)
    }

    /// Where the last token that starts before `offset` ends.
    pub fn end_before(&self, offset: usize) -> usize {
        let index = self.index_from(offset);
        index
            .checked_sub(1)
            .and_then(|last| self.code.get(last))
            .map_or(0, |token| token.end)
    }

    /// Whether the token at `index` is the first of its line.
    pub fn starts_line(&self, index: usize) -> bool {
        self.line_break_before(index).is_some()
    }

    /// How far the token at `index`, the first of its line, stands from the start of the line.
    pub fn indent(&self, index: usize) -> usize {
        let start = self.code.get(index).map_or(0, |token| token.start);
        start - self.line_break_before(index).unwrap_or(start)
    }

    /// The start of the line of a token, where no other token stands before it.
    fn line_break_before(&self, index: usize) -> Option<usize> {
        let start = self.code.get(index)?.start;
        let end = index
            .checked_sub(1)
            .and_then(|before| self.code.get(before))
            .map(|token| token.end);
        let gap = self.text.get(end.unwrap_or(0)..start)?;
        let line = gap.rfind('\n').map(|at| end.unwrap_or(0) + at + 1);
        line.or(end.is_none().then_some(0))
    }

    /// The `///` lines that stand directly before `offset`, without their marks.
    pub fn doc_before(&self, offset: usize) -> Option<String> {
        let after = self.end_before(offset);
        let first = self
            .comments
            .partition_point(|comment| comment.start < after);
        let last = self
            .comments
            .partition_point(|comment| comment.start < offset);
        let lines: Vec<&str> = self
            .comments
            .get(first..last)?
            .iter()
            .filter_map(|c| self.doc_line(*c))
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn doc_line(&self, comment: Token) -> Option<&'t str> {
        let line = self.of(comment).strip_prefix("///")?.trim_end();
        let before = self.text.get(..comment.start)?.rsplit('\n').next()?;
        let documents = !line.starts_with('/') && before.trim().is_empty();
        documents.then(|| line.strip_prefix(' ').unwrap_or(line))
    }
}
