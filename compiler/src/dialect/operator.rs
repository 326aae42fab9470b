//! Operators: conditions, comparisons, concatenation and arithmetic.

use trib_grammar::ast::BinaryOperator as Op;
use trib_grammar::{MAX_DEPTH, Span};

use super::Dialect;
use super::made::Made;
use super::parse::too_deep;
use super::syntax::{Node, NodeKind, Operator, Priority};
use super::translator::{Position, Translator};
use crate::diagnostics::codes;
use crate::types::Base;

impl Translator<'_> {
    pub fn chain(
        &mut self,
        first: &Node,
        others: &[(Operator, Node)],
        span: Span,
        at: Position<'_>,
    ) -> Made {
        let Some((operator, _)) = others.first() else {
            return self.node(first, at);
        };
        match operator.priority() {
            Priority::Or | Priority::And => {
                let mut parts = vec![self.part(first, *operator, at)];
                for (_, other) in others {
                    parts.push(self.part(other, *operator, at));
                }
                let operator = match operator {
                    Operator::Or => Op::Or,
                    _ => Op::And,
                };
                balanced(operator, parts, span)
            }
            Priority::Concat => {
                let nodes = std::iter::once(first).chain(others.iter().map(|(_, node)| node));
                let parts = nodes.map(|node| {
                    let part = self.node(node, at.inner().blank(true));
                    self.as_text(part)
                });
                let parts: Vec<Made> = parts.collect();
                concat(parts, span)
            }
            Priority::Comparison | Priority::Arithmetic => {
                if others.len() >= MAX_DEPTH {
                    self.errors.push(too_deep(span));
                    return Made::null(span);
                }
                let mut left = first;
                let mut made: Option<Made> = None;
                for (operator, right) in others {
                    let before = made.take();
                    made = Some(match operator.priority() {
                        Priority::Comparison => self.comparison(*operator, before, left, right, at),
                        _ => self.arithmetic(*operator, before, left, right, at),
                    });
                    left = right;
                }
                made.unwrap_or_else(|| Made::null(span))
            }
        }
    }

    /// A part of `&&` or `||`: what mixes the two without parentheses gets them.
    fn part(&mut self, node: &Node, operator: Operator, at: Position<'_>) -> Made {
        let made = self.condition(node, at);
        let mixed = match &node.kind {
            NodeKind::Chain(_, others) => others.first().map(|(inner, _)| *inner),
            _ => None,
        };
        if operator == Operator::Or && mixed == Some(Operator::And) {
            self.note(
                node.span,
                "`&&` and `||` are mixed without parentheses: `&&` was read first",
                "check that this is what was meant",
            );
            return made.grouped();
        }
        made
    }

    /// A condition: what is no truth is made one as `CBool` does.
    pub fn condition(&mut self, node: &Node, at: Position<'_>) -> Made {
        let made = self.node(node, at.inner());
        let span = made.expr.span;
        if made.is_text() || made.is(&Base::Int) {
            return Made::call("CBool", vec![made], span)
                .of(Base::Bool)
                .surely();
        }
        made
    }

    /// Both sides as they are compared; `before` is the left side where it is itself a comparison.
    fn comparison(
        &mut self,
        operator: Operator,
        before: Option<Made>,
        left: &Node,
        right: &Node,
        at: Position<'_>,
    ) -> Made {
        let span = left.span.to(right.span);
        if left.is_nothing() && before.is_none() || right.is_nothing() {
            let truth = operator == Operator::NotEqual;
            let word = if truth { "true" } else { "false" };
            self.note(
                span,
                format!("a comparison with `NULL` is always {word}"),
                "ask with `IsNull` or `IsPresent` whether there is a value",
            );
            return Made::bool(truth, span);
        }
        let empty = |node: &Node| node.literal() == Some("");
        let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        if self.dialect == Dialect::Cloud
            && before.is_none()
            && equality
            && (empty(left) || empty(right))
        {
            let asked = if empty(left) { right } else { left };
            let asked = self.node(asked, at.inner().blank(true));
            let test = Made::call("IsNullOrEmpty", vec![asked], span)
                .of(Base::Bool)
                .surely();
            return if operator == Operator::Equal {
                test
            } else {
                test.not()
            };
        }
        // Nothing equals a text that is not empty, and an attribute never holds the empty one.
        let tells =
            |node: &Node| matches!(&node.bare().kind, NodeKind::Text(text) if text.is_empty());
        let inner = at.inner().blank(equality && !tells(left) && !tells(right));
        let left = match before {
            Some(before) => before.grouped(),
            None => self.node(left, inner),
        };
        let right = self.node(right, inner);
        self.compared(operator, left, right, span)
    }

    /// A comparison of what is translated.
    pub fn compared(&mut self, operator: Operator, left: Made, right: Made, span: Span) -> Made {
        let (left, right) = (alike(left, &right), right);
        let (right, left) = (alike(right, &left), left);
        let equal = match operator {
            Operator::Equal => Some(true),
            Operator::NotEqual => Some(false),
            _ => None,
        };
        if let Some(equal) = equal {
            for (side, other) in [(&left, &right), (&right, &left)] {
                let Some(truth) = other.truth() else { continue };
                if side.is(&Base::Bool) && side.present && !side.many && side.truth().is_none() {
                    return if truth == equal {
                        side.clone()
                    } else {
                        side.clone().not()
                    };
                }
                if side.is_text() {
                    let text = Made::text(if truth { "true" } else { "false" }, other.expr.span);
                    let operator = if equal { Op::Equal } else { Op::NotEqual };
                    return Made::binary(operator, side.clone(), text, span)
                        .of(Base::Bool)
                        .surely();
                }
            }
        }
        let operator = match operator {
            Operator::NotEqual => Op::NotEqualExactly,
            Operator::Less => Op::Less,
            Operator::LessOrEqual => Op::LessOrEqual,
            Operator::Greater => Op::Greater,
            Operator::GreaterOrEqual => Op::GreaterOrEqual,
            _ => Op::EqualExactly,
        };
        Made::binary(operator, left, right, span)
            .of(Base::Bool)
            .surely()
    }

    fn arithmetic(
        &mut self,
        operator: Operator,
        before: Option<Made>,
        left: &Node,
        right: &Node,
        at: Position<'_>,
    ) -> Made {
        let span = left.span.to(right.span);
        let left = match before {
            // Equal priority, left to right: our own order would differ.
            Some(before) => before.grouped(),
            None => self.node(left, at.inner()),
        };
        let right = self.node(right, at.inner());
        if operator == Operator::Add && (left.is_text() || right.is_text()) {
            self.refuse(
                &codes::UNTRANSLATABLE,
                span,
                "`+` adds numbers, and one side is a text",
                "texts are joined with `&`",
            );
        }
        let operator = match operator {
            Operator::Subtract => Op::Subtract,
            Operator::Multiply => Op::Multiply,
            Operator::Divide => Op::Divide,
            _ => Op::Add,
        };
        let present = left.present && right.present;
        Made {
            present,
            ..Made::binary(operator, left, right, span).of(Base::Int)
        }
    }

    /// What the product would write where a text is needed; unknown types stay as they are.
    pub fn as_text(&mut self, made: Made) -> Made {
        let span = made.expr.span;
        let (present, many) = (made.present, made.many);
        let text = match (&made.base, self.dialect) {
            (Some(Base::Int | Base::Bool), _) => Made::call("CStr", vec![made], span),
            (Some(Base::Time), Dialect::Cloud) => Made::call(
                "FormatDateTime",
                vec![made, Made::text("M/d/yyyy h:mm:ss tt", span)],
                span,
            ),
            (Some(Base::Time | Base::Dn), Dialect::Connect) => Made::call("CStr", vec![made], span),
            _ => return made,
        };
        Made {
            present,
            many,
            ..text.of(Base::TEXT)
        }
    }
}

/// `&` where everything is there; otherwise `Concat`, for which nothing is "".
pub(super) fn concat(parts: Vec<Made>, span: Span) -> Made {
    let sure = parts
        .iter()
        .all(|part| part.present && part.is_text() && !part.many);
    if sure {
        return Made {
            present: true,
            ..balanced(Op::Concat, parts, span).of(Base::TEXT)
        };
    }
    let many = parts.iter().any(|part| part.many);
    Made {
        many,
        ..Made::call("Concat", parts, span).of(Base::TEXT).surely()
    }
}

/// One tree of many operands, no deeper than need be.
fn balanced(operator: Op, mut parts: Vec<Made>, span: Span) -> Made {
    if parts.len() <= 1 {
        return parts.pop().unwrap_or_else(|| Made::null(span));
    }
    let right = parts.split_off(parts.len().div_ceil(2));
    let left = balanced(operator, parts, span);
    let right = balanced(operator, right, span);
    let joined = left.expr.span.to(right.expr.span);
    Made::binary(operator, left, right, joined)
        .of(Base::Bool)
        .surely()
}

/// A literal of another type becomes one of the other side's, where that is certain.
fn alike(made: Made, other: &Made) -> Made {
    let span = made.expr.span;
    match (made.literal(), &other.base) {
        (Some(text), Some(Base::Bool)) if text.eq_ignore_ascii_case("true") => {
            Made::bool(true, span)
        }
        (Some(text), Some(Base::Bool)) if text.eq_ignore_ascii_case("false") => {
            Made::bool(false, span)
        }
        (Some(text), Some(Base::Int)) => match text.trim().parse() {
            Ok(number) => Made::int(number, span),
            Err(_) => made,
        },
        _ => made,
    }
}
