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
    /// What is never closed: the innermost of brackets that stand in each other, for they are one
    /// mistake, and what would close them all.
    unclosed: Vec<(usize, String)>,
    has_unclosed_token: bool,
}

struct Open {
    index: usize,
    indent: usize,
}

impl Brackets {
    /// Pairs the brackets. Where some are missing, the indentation of closing braces tells which, if it can.
    pub fn pair(tokens: &Tokens, range: Range<usize>) -> Brackets {
        let plain = Brackets::read(tokens, range.clone(), false);
        if plain.is_balanced() {
            return plain;
        }
        let by_indent = Brackets::read(tokens, range, true);
        if by_indent.broken.len() <= plain.broken.len() {
            by_indent
        } else {
            plain
        }
    }

    fn read(tokens: &Tokens, range: Range<usize>, by_indent: bool) -> Brackets {
        let mut brackets = Brackets {
            partners: HashMap::new(),
            broken: Vec::new(),
            unclosed: Vec::new(),
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
                let bracket = tokens.at(index);
                let aligned = by_indent && starts_line && bracket == "}";
                let near = open.len().saturating_sub(MAX_DEPTH);
                let closes = |opener: &Open| {
                    closing(tokens.at(opener.index)) == bracket
                        && (!aligned || opener.indent == indent)
                };
                match open.iter().skip(near).rposition(closes).map(|at| near + at) {
                    Some(at) => {
                        let inner: Vec<Open> = open.drain(at + 1..).collect();
                        brackets.never_closed(tokens, &inner);
                        brackets
                            .partners
                            .extend(open.pop().map(|opener| (opener.index, index)));
                    }
                    None => brackets.broken.push(index),
                }
            }
        }
        brackets.never_closed(tokens, &open);
        brackets.broken.sort_unstable();
        brackets.unclosed.sort_unstable();
        brackets
    }

    /// Remembers brackets that stand in each other and have no partner.
    fn never_closed(&mut self, tokens: &Tokens, nested: &[Open]) {
        self.broken.extend(nested.iter().map(|opener| opener.index));
        let outwards = nested.iter().rev();
        let closers: Vec<&str> = outwards
            .map(|opener| closing(tokens.at(opener.index)))
            .collect();
        self.unclosed
            .extend(nested.last().map(|last| (last.index, closers.join(" "))));
    }

    pub fn is_balanced(&self) -> bool {
        self.broken.is_empty()
    }

    /// The token that closes this one.
    pub fn partner(&self, open: usize) -> Option<usize> {
        self.partners.get(&open).copied()
    }

    /// The first token of the piece that has no partner, or is a text or comment that is never closed.
    pub fn first_broken(&self, piece: &Range<usize>) -> Option<usize> {
        let next = self.broken.partition_point(|index| *index < piece.start);
        self.broken
            .get(next)
            .copied()
            .filter(|index| piece.contains(index))
    }

    /// Whether there is such a token in the piece.
    pub fn spoils(&self, piece: &Range<usize>) -> bool {
        self.first_broken(piece).is_some()
    }

    /// Whether an unclosed text or comment may have swallowed brackets.
    pub fn is_swallowed(&self, tokens: &Tokens) -> bool {
        let is_bracket = |index: &usize| {
            tokens
                .code
                .get(*index)
                .is_some_and(|token| !token.kind.is_unclosed())
        };
        self.has_unclosed_token && self.broken.iter().any(is_bracket)
    }

    /// Reports what is never closed.
    pub fn report_unclosed(&self, builder: &mut Builder) {
        for (index, closing) in &self.unclosed {
            report(
                builder,
                *index,
                "is never closed",
                &format!("close it with `{closing}`"),
            );
        }
    }

    /// Reports what closes nothing.
    pub fn report_stray(&self, builder: &mut Builder) {
        for index in &self.broken {
            if builder.tokens.is(*index, TokenKind::Closing) {
                report(
                    builder,
                    *index,
                    "closes nothing",
                    "remove it, or open what it should close",
                );
            }
        }
    }
}

fn report(builder: &mut Builder, index: usize, what: &str, help: &str) {
    let Some(token) = builder.tokens.code.get(index).copied() else {
        return;
    };
    let message = format!("this `{}` {what}", builder.tokens.of(token));
    let span = Span::new(builder.file, token.start, token.end);
    builder.report(SyntaxErrorKind::Unclosed, span, message, Some(help));
}

fn closing(open: &str) -> &'static str {
    match open {
        "{" => "}",
        "(" => ")",
        _ => "]",
    }
}
