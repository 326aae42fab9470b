//! Which bracket closes which, when some do not.

use std::collections::HashMap;
use std::ops::Range;

use crate::MAX_DEPTH;
use crate::error::SyntaxErrorKind;
use crate::parse::Builder;
use crate::scan::{TokenKind, Tokens};
use crate::span::Span;

/// The brackets of a range of tokens.
pub(super) struct Brackets {
    partners: HashMap<usize, usize>,
    /// Brackets without a partner, and tokens that are never closed, in the order of the text.
    broken: Vec<usize>,
    has_unclosed_token: bool,
}

struct Open {
    index: usize,
    indent: usize,
}

impl Brackets {
    /// Pairs the brackets. Where braces are missing, the indentation tells which ones.
    pub fn pair(tokens: &Tokens, range: Range<usize>) -> Brackets {
        let plain = Brackets::read(tokens, range.clone(), false);
        let missing_brace = plain.broken.iter().any(|index| tokens.at(*index) == "{");
        if missing_brace {
            Brackets::read(tokens, range, true)
        } else {
            plain
        }
    }

    fn read(tokens: &Tokens, range: Range<usize>, by_indent: bool) -> Brackets {
        let mut brackets = Brackets {
            partners: HashMap::new(),
            broken: Vec::new(),
            has_unclosed_token: false,
        };
        let mut open: Vec<Open> = Vec::new();
        let mut indent = 0;
        for index in range {
            let starts_line = tokens.starts_line(index);
            if starts_line {
                indent = tokens.indent(index);
            }
            if tokens
                .code
                .get(index)
                .is_some_and(|token| token.kind.is_unclosed())
            {
                brackets.has_unclosed_token = true;
                brackets.broken.push(index);
            } else if tokens.is(index, TokenKind::Opening) {
                open.push(Open { index, indent });
            } else if tokens.is(index, TokenKind::Closing) {
                let near = open.len().saturating_sub(MAX_DEPTH);
                let mut nearest = open.iter().enumerate().skip(near).rev();
                let fits = |(_, opener): &(usize, &Open)| {
                    closing(tokens.at(opener.index)) == tokens.at(index)
                };
                let aligned = nearest.clone().find(|opener| {
                    by_indent && starts_line && fits(opener) && opener.1.indent == indent
                });
                match aligned.or_else(|| nearest.find(fits)).map(|(at, _)| at) {
                    Some(at) => {
                        brackets
                            .broken
                            .extend(open.drain(at + 1..).map(|opener| opener.index));
                        brackets
                            .partners
                            .extend(open.pop().map(|opener| (opener.index, index)));
                    }
                    None => brackets.broken.push(index),
                }
            }
        }
        brackets
            .broken
            .extend(open.into_iter().map(|opener| opener.index));
        brackets.broken.sort_unstable();
        brackets
    }

    pub fn is_balanced(&self) -> bool {
        self.broken.is_empty()
    }

    /// The token that closes this one.
    pub fn partner(&self, open: usize) -> Option<usize> {
        self.partners.get(&open).copied()
    }

    /// Whether an error about the piece would only be a consequence of a bracket or quote in it.
    pub fn spoils(&self, piece: &Range<usize>) -> bool {
        let next = self.broken.partition_point(|index| *index < piece.start);
        self.broken
            .get(next)
            .is_some_and(|index| piece.contains(index))
    }

    /// Reports what is never closed or closes nothing, unless an unclosed text may have swallowed the other half.
    pub fn report(&self, builder: &mut Builder) {
        if self.has_unclosed_token {
            return;
        }
        for index in &self.broken {
            let Some(token) = builder.tokens.code.get(*index).copied() else {
                continue;
            };
            let bracket = builder.tokens.of(token);
            let (message, help) = match token.kind {
                TokenKind::Opening => (
                    format!("this `{bracket}` is never closed"),
                    format!("close it with `{}`", closing(bracket)),
                ),
                _ => (
                    format!("this `{bracket}` closes nothing"),
                    "remove it, or open what it should close".to_owned(),
                ),
            };
            let span = Span::new(builder.file, token.start, token.end);
            builder.report(SyntaxErrorKind::Unclosed, span, message, Some(&help));
        }
    }
}

fn closing(open: &str) -> &'static str {
    match open {
        "{" => "}",
        "(" => ")",
        _ => "]",
    }
}
