//! Precedence: a flat run of operands and operators becomes a tree.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::Builder;
use crate::ast::{BinaryOperator, Expr, ExprKind, UnaryOperator};
use crate::error::SyntaxErrorKind;
use crate::span::Span;

/// A piece of an expression, as pest sees it.
pub(super) enum Item {
    Operand(Expr),
    Prefix(UnaryOperator, Span),
    Infix(BinaryOperator, Span),
    /// `is present` (true) or `is absent`
    Presence(bool, Span),
}

impl Item {
    pub fn span(&self) -> Span {
        match self {
            Item::Operand(operand) => operand.span,
            Item::Prefix(_, span) | Item::Infix(_, span) | Item::Presence(_, span) => *span,
        }
    }
}

type Items = Peekable<IntoIter<Item>>;

/// How tightly an operator binds; loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Coalesce,
    Or,
    And,
    Not,
    Comparison,
    Concat,
    Sum,
    Product,
    Negation,
}

impl BinaryOperator {
    pub(crate) fn level(self) -> Level {
        match self {
            BinaryOperator::Coalesce => Level::Coalesce,
            BinaryOperator::Or => Level::Or,
            BinaryOperator::And => Level::And,
            BinaryOperator::Concat => Level::Concat,
            BinaryOperator::Add | BinaryOperator::Subtract => Level::Sum,
            BinaryOperator::Multiply | BinaryOperator::Divide => Level::Product,
            _ => Level::Comparison,
        }
    }

    /// All operators; the words of one are separated by single spaces.
    const ALL: [BinaryOperator; 27] = [
        BinaryOperator::Coalesce,
        BinaryOperator::Or,
        BinaryOperator::And,
        BinaryOperator::Equal,
        BinaryOperator::NotEqual,
        BinaryOperator::EqualExactly,
        BinaryOperator::NotEqualExactly,
        BinaryOperator::Less,
        BinaryOperator::LessOrEqual,
        BinaryOperator::Greater,
        BinaryOperator::GreaterOrEqual,
        BinaryOperator::In,
        BinaryOperator::InExactly,
        BinaryOperator::Contains,
        BinaryOperator::ContainsExactly,
        BinaryOperator::StartsWith,
        BinaryOperator::StartsWithExactly,
        BinaryOperator::EndsWith,
        BinaryOperator::EndsWithExactly,
        BinaryOperator::Matches,
        BinaryOperator::Under,
        BinaryOperator::MemberOf,
        BinaryOperator::Concat,
        BinaryOperator::Add,
        BinaryOperator::Subtract,
        BinaryOperator::Multiply,
        BinaryOperator::Divide,
    ];
}

impl Builder<'_> {
    /// The operator that pest saw; comments may stand between its words.
    pub(super) fn infix(&mut self, written: &str, span: Span) -> Item {
        let named = |text: &str| {
            BinaryOperator::ALL
                .into_iter()
                .find(|operator| operator.text() == text)
        };
        let operator = named(written)
            .or_else(|| named(&self.words(span)))
            .unwrap_or(BinaryOperator::Equal);
        if operator == BinaryOperator::Subtract && !self.blank_before(span.start as usize) {
            let help =
                "write spaces on both sides of the minus: a hyphen belongs to the name it touches";
            self.report(
                SyntaxErrorKind::Unexpected,
                span,
                "a subtraction has spaces round its minus",
                Some(help),
            );
        }
        Item::Infix(operator, span)
    }

    fn words(&self, span: Span) -> String {
        let (first, last) = (
            self.tokens.index_from(span.start as usize),
            self.tokens.index_from(span.end as usize),
        );
        (first..last)
            .map(|index| self.tokens.at(index))
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn blank_before(&self, offset: usize) -> bool {
        let before = self
            .tokens
            .text
            .get(..offset)
            .and_then(|text| text.chars().next_back());
        before.is_none_or(|character| character.is_whitespace() || character == '/')
    }

    /// The tree of a whole expression.
    pub(super) fn combine(&mut self, items: Vec<Item>) -> Option<Expr> {
        self.chain(&mut items.into_iter().peekable(), Level::Coalesce)
    }

    fn chain(&mut self, items: &mut Items, level: Level) -> Option<Expr> {
        let tighter = match level {
            Level::Coalesce => Level::Or,
            Level::Or => Level::And,
            Level::And => Level::Not,
            Level::Not => return self.negated(items),
            Level::Comparison => return self.comparison(items),
            Level::Concat => Level::Sum,
            Level::Sum => Level::Product,
            Level::Product => Level::Negation,
            Level::Negation => return self.unary(items),
        };
        let first = self.chain(items, tighter)?;
        let mut rest = Vec::new();
        while let Some((operator, span)) = next_infix(items, level) {
            rest.push((operator, span, self.chain(items, tighter)?));
        }
        Some(fold(first, rest))
    }

    fn negated(&mut self, items: &mut Items) -> Option<Expr> {
        let signs = prefixes(items, UnaryOperator::Not);
        let operand = self.chain(items, Level::Comparison)?;
        Some(wrap(signs, operand))
    }

    fn unary(&mut self, items: &mut Items) -> Option<Expr> {
        let signs = prefixes(items, UnaryOperator::Negate);
        if let Some(Item::Prefix(UnaryOperator::Not, span)) = items.peek() {
            let help = "`not` binds looser than comparisons: write `(not …)`";
            self.report(
                SyntaxErrorKind::Unexpected,
                *span,
                "`not` needs parentheses here",
                Some(help),
            );
            let nots = prefixes(items, UnaryOperator::Not);
            let operand = self.unary(items)?;
            return Some(wrap(signs, wrap(nots, operand)));
        }
        match items.next()? {
            Item::Operand(operand) => Some(wrap(signs, operand)),
            _ => None,
        }
    }

    fn comparison(&mut self, items: &mut Items) -> Option<Expr> {
        let mut left = self.chain(items, Level::Concat)?;
        let mut compared = None;
        loop {
            let operator = match items.peek() {
                Some(Item::Infix(operator, span)) if operator.level() == Level::Comparison => {
                    Ok((*operator, *span))
                }
                Some(Item::Presence(present, span)) => Err((*present, *span)),
                _ => return Some(left),
            };
            items.next();
            let (Ok((_, operator_span)) | Err((_, operator_span))) = operator;
            match compared {
                None => compared = Some(false),
                Some(false) => {
                    let help = "join two comparisons with `and`, or put one in parentheses";
                    self.report(
                        SyntaxErrorKind::Unexpected,
                        operator_span,
                        "comparisons do not chain",
                        Some(help),
                    );
                    compared = Some(true);
                }
                Some(true) => {}
            }
            left = match operator {
                Ok((operator, operator_span)) => binary(
                    left,
                    operator,
                    operator_span,
                    self.chain(items, Level::Concat)?,
                ),
                Err((present, place)) => {
                    let span = left.span.to(place);
                    Expr {
                        span,
                        kind: ExprKind::Presence {
                            operand: Box::new(left),
                            present,
                        },
                    }
                }
            };
        }
    }
}

fn next_infix(items: &mut Items, level: Level) -> Option<(BinaryOperator, Span)> {
    match items
        .next_if(|item| matches!(item, Item::Infix(operator, _) if operator.level() == level))?
    {
        Item::Infix(operator, span) => Some((operator, span)),
        _ => None,
    }
}

fn prefixes(items: &mut Items, wanted: UnaryOperator) -> Vec<(UnaryOperator, Span)> {
    let mut found = Vec::new();
    while let Some(Item::Prefix(operator, span)) =
        items.next_if(|item| matches!(item, Item::Prefix(o, _) if *o == wanted))
    {
        found.push((operator, span));
    }
    found
}

fn wrap(signs: Vec<(UnaryOperator, Span)>, operand: Expr) -> Expr {
    signs
        .into_iter()
        .rev()
        .fold(operand, |operand, (operator, sign)| {
            let span = sign.to(operand.span);
            Expr {
                span,
                kind: ExprKind::Unary {
                    operator,
                    operand: Box::new(operand),
                },
            }
        })
}

fn binary(left: Expr, operator: BinaryOperator, operator_span: Span, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    let (left, right) = (Box::new(left), Box::new(right));
    Expr {
        span,
        kind: ExprKind::Binary {
            operator,
            operator_span,
            left,
            right,
        },
    }
}

/// Longer runs of one associative operator become a balanced tree, so that none is too deep to walk.
const LONG: usize = 16;

/// Operands joined from the left. The operators are of one level.
fn fold(first: Expr, rest: Vec<(BinaryOperator, Span, Expr)>) -> Expr {
    if rest.len() <= LONG
        || rest
            .iter()
            .any(|(operator, ..)| matches!(operator.level(), Level::Sum | Level::Product))
    {
        return rest
            .into_iter()
            .fold(first, |left, (operator, span, right)| {
                binary(left, operator, span, right)
            });
    }
    let mut before = rest;
    let mut after = before.split_off(before.len() / 2).into_iter();
    match after.next() {
        Some((operator, span, right)) => binary(
            fold(first, before),
            operator,
            span,
            fold(right, after.collect()),
        ),
        None => first,
    }
}
