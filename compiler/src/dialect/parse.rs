//! Tokens of a foreign dialect become its tree.

use trib_grammar::{MAX_DEPTH, Span};

use super::Dialect;
use super::lex::{Token, TokenKind};
use super::syntax::{Call, Node, NodeKind, Operator, Priority};
use crate::diagnostics::{Diagnostic, codes};

/// Parses the tokens of one expression; `end` is where the text ends.
pub(super) fn parse(
    dialect: Dialect,
    tokens: Vec<Token>,
    end: Span,
) -> Result<Node, Box<Diagnostic>> {
    let mut parser = Parser {
        dialect,
        tokens: tokens.into_iter().peekable(),
        end,
        depth: 0,
    };
    let node = parser.chain(Priority::Or)?;
    match parser.tokens.next() {
        None => Ok(node),
        Some(extra) => Err(match extra.kind {
            TokenKind::Close => wrong(extra.span, "this parenthesis closes nothing", "remove it"),
            _ => wrong(
                extra.span,
                "the expression is over before this",
                "an operator or comma may be missing",
            ),
        }),
    }
}

struct Parser {
    dialect: Dialect,
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    end: Span,
    depth: usize,
}

fn wrong(span: Span, message: &str, help: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(&codes::FOREIGN_SYNTAX, span, message).help(help))
}

impl Parser {
    fn chain(&mut self, priority: Priority) -> Result<Node, Box<Diagnostic>> {
        let first = self.tighter(priority)?;
        let mut others = Vec::new();
        while let Some((operator, span)) = self.operator(priority) {
            let foreign = operator.priority() != Priority::Comparison;
            if self.dialect == Dialect::Cloud && foreign {
                return Err(wrong(
                    span,
                    "cloud sync has no such operator",
                    "it has comparisons; nest `IIF` for conditions and use `Join` or `Append` for texts",
                ));
            }
            others.push((operator, self.tighter(priority)?));
        }
        let Some((_, last)) = others.last() else {
            return Ok(first);
        };
        Ok(Node {
            span: first.span.to(last.span),
            kind: NodeKind::Chain(Box::new(first), others),
        })
    }

    fn tighter(&mut self, priority: Priority) -> Result<Node, Box<Diagnostic>> {
        match priority.tighter() {
            Some(tighter) => self.chain(tighter),
            None => self.operand(),
        }
    }

    fn operator(&mut self, priority: Priority) -> Option<(Operator, Span)> {
        let is_it = |token: &Token| matches!(token.kind, TokenKind::Operator(operator) if operator.priority() == priority);
        let token = self.tokens.next_if(is_it)?;
        match token.kind {
            TokenKind::Operator(operator) => Some((operator, token.span)),
            _ => None,
        }
    }

    fn operand(&mut self) -> Result<Node, Box<Diagnostic>> {
        let Some(token) = self.tokens.next() else {
            return Err(wrong(
                self.end,
                "the expression ends where a value is needed",
                "complete it",
            ));
        };
        let span = token.span;
        let node = |kind| Ok(Node { span, kind });
        match token.kind {
            TokenKind::Text(text) => node(NodeKind::Text(text)),
            TokenKind::Number(number) => node(NodeKind::Number(number)),
            TokenKind::Attribute(name) => node(NodeKind::Attribute(name)),
            TokenKind::Parameter(name) => node(NodeKind::Parameter(name)),
            TokenKind::Variable(name) => node(NodeKind::Variable(name)),
            TokenKind::Word(word) => match self.tokens.next_if(|next| next.kind == TokenKind::Open)
            {
                Some(open) => self.deeper(span, |parser| parser.call(word, span, open.span)),
                None => node(constant(word)),
            },
            TokenKind::Open => self.deeper(span, |parser| {
                let inside = parser.chain(Priority::Or)?;
                let close = parser.close(span)?;
                Ok(Node {
                    span: span.to(close),
                    kind: NodeKind::Group(Box::new(inside)),
                })
            }),
            TokenKind::Operator(Operator::Subtract) => self.deeper(span, |parser| {
                let operand = parser.operand()?;
                let span = span.to(operand.span);
                let kind = match operand.kind {
                    NodeKind::Number(number) => NodeKind::Number(number.wrapping_neg()),
                    _ => NodeKind::Negative(Box::new(operand)),
                };
                Ok(Node { span, kind })
            }),
            TokenKind::Close | TokenKind::Comma | TokenKind::Operator(_) => Err(wrong(
                span,
                "a value is needed here",
                "write a value, an attribute in brackets or a call",
            )),
        }
    }

    fn deeper(
        &mut self,
        span: Span,
        parse: impl FnOnce(&mut Parser) -> Result<Node, Box<Diagnostic>>,
    ) -> Result<Node, Box<Diagnostic>> {
        if self.depth >= MAX_DEPTH {
            return Err(Box::new(too_deep(span)));
        }
        self.depth += 1;
        let node = parse(self);
        self.depth -= 1;
        node
    }

    fn call(&mut self, name: String, name_span: Span, open: Span) -> Result<Node, Box<Diagnostic>> {
        let mut arguments = Vec::new();
        let mut between = open;
        loop {
            match self.tokens.peek() {
                Some(token) if token.kind == TokenKind::Close && arguments.is_empty() => {}
                Some(token) if matches!(token.kind, TokenKind::Comma | TokenKind::Close) => {
                    arguments.push(Node {
                        span: between.to(token.span),
                        kind: NodeKind::Omitted,
                    });
                }
                _ => arguments.push(self.chain(Priority::Or)?),
            }
            match self.tokens.next_if(|token| token.kind == TokenKind::Comma) {
                Some(comma) => between = comma.span,
                None => break,
            }
        }
        let close = self.close(open)?;
        Ok(Node {
            span: name_span.to(close),
            kind: NodeKind::Call(Call {
                name,
                name_span,
                arguments,
            }),
        })
    }

    fn close(&mut self, open: Span) -> Result<Span, Box<Diagnostic>> {
        match self.tokens.next() {
            Some(token) if token.kind == TokenKind::Close => Ok(token.span),
            None => Err(wrong(
                open,
                "this parenthesis is never closed",
                "close it with `)`",
            )),
            Some(token) => Err(wrong(
                token.span,
                "a comma or `)` is needed here",
                "an operator, comma or parenthesis may be missing",
            )),
        }
    }
}

/// The failure of what nests too deeply, or grows too large.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::TOO_LARGE,
        span,
        "the expression is nested too deeply or too large",
    )
    .help("divide it into several flows")
}

fn constant(word: String) -> NodeKind {
    match word.as_str() {
        "NULL" => NodeKind::Null,
        "AuthoritativeNull" => NodeKind::AuthoritativeNull,
        "IgnoreThisFlow" => NodeKind::IgnoreThisFlow,
        "CRLF" => NodeKind::Text("\r\n".to_owned()),
        _ if word.eq_ignore_ascii_case("true") => NodeKind::Bool(true),
        _ if word.eq_ignore_ascii_case("false") => NodeKind::Bool(false),
        _ => NodeKind::Word(word),
    }
}
