//! From rule text to a syntax tree and back to canonical text. Knows no schema, no types, and does no IO.
//!
//! ```text
//! text ─scan─► Tokens ─parse─► ast::File ─format─► canonical text
//!                 └─recover─┘   where a piece does not parse: its error in words, and everything else
//! ```

pub mod ast;
mod diagnose;
pub mod error;
mod format;
mod nesting;
mod parse;
mod recover;
mod scan;
pub mod span;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use format::{format, format_expression};
pub use parse::{parse, parse_expression};
pub use span::{FileId, LineIndex, Position, Span};

/// Expressions and blocks nested deeper than this are refused.
pub const MAX_DEPTH: usize = 128;

/// Files larger than this, in bytes, are refused.
pub const MAX_BYTES: usize = 16 << 20;

/// What parsing a file gave: always a tree, and the mistakes found on the way.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// Everything that could be understood.
    pub file: ast::File,
    /// What could not, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// Names of declarations of which nothing but the name could be understood; a `use` has none.
    pub unread: Vec<Option<String>>,
}
