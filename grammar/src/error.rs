//! Syntax errors: where, what, and what would be right there, in words of the language.

use crate::span::Span;

/// What kind of mistake a syntax error is; the compiler gives each a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// Something else was expected here.
    Unexpected,
    /// A brace, bracket, parenthesis, text or comment that is never closed; reported where it opens.
    Unclosed,
    /// An escape, number or character that a literal cannot hold.
    Literal,
    /// Nested deeper than [`crate::MAX_DEPTH`], or a file larger than [`crate::MAX_BYTES`].
    TooLarge,
}

/// A mistake that the parser found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What kind.
    pub kind: SyntaxErrorKind,
    /// Where.
    pub span: Span,
    /// One line: lower case, no final period, user text in backticks.
    pub message: String,
    /// What would be right, in one line.
    pub help: Option<String>,
}
