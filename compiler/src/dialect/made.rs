//! Pieces of the translation with what is known of their values.

use trib_grammar::Span;
use trib_grammar::ast::{BinaryOperator, Expr, ExprKind, Name, UnaryOperator};

use crate::types::Base;

/// A translated piece.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub expr: Expr,
    /// What its values are, where that is known.
    pub base: Option<Base>,
    /// It has several values.
    pub many: bool,
    /// It surely has a value.
    pub present: bool,
}

impl Made {
    pub fn new(kind: ExprKind, span: Span) -> Made {
        Made {
            expr: Expr { span, kind },
            base: None,
            many: false,
            present: false,
        }
    }

    pub fn text(value: &str, span: Span) -> Made {
        Made::new(ExprKind::Text(value.to_owned()), span)
            .of(Base::TEXT)
            .surely()
    }

    pub fn int(value: i64, span: Span) -> Made {
        Made::new(ExprKind::Int(value), span).of(Base::Int).surely()
    }

    pub fn bool(value: bool, span: Span) -> Made {
        Made::new(ExprKind::Bool(value), span)
            .of(Base::Bool)
            .surely()
    }

    pub fn null(span: Span) -> Made {
        Made::new(ExprKind::Null, span)
    }

    pub fn call(function: &str, arguments: Vec<Made>, span: Span) -> Made {
        let function = Name {
            text: function.to_owned(),
            span,
        };
        let kind = ExprKind::Call {
            function,
            arguments: arguments.into_iter().map(|made| made.expr).collect(),
        };
        Made::new(kind, span)
    }

    pub fn binary(operator: BinaryOperator, left: Made, right: Made, span: Span) -> Made {
        let kind = ExprKind::Binary {
            operator,
            operator_span: Span {
                start: left.expr.span.end,
                end: left.expr.span.end,
                ..span
            },
            left: Box::new(left.expr),
            right: Box::new(right.expr),
        };
        Made::new(kind, span)
    }

    /// `if`; a branch that is `null` is left out.
    pub fn choice(condition: Made, then: Made, otherwise: Made, span: Span) -> Made {
        let (condition, then, otherwise) = match (&then.expr.kind, &otherwise.expr.kind) {
            (ExprKind::Null, ExprKind::Null) => (condition, then, otherwise),
            (ExprKind::Null, _) => (condition.not(), otherwise, then),
            _ => (condition, then, otherwise),
        };
        let base = match (&then.base, &otherwise.base) {
            (Some(a), Some(b)) if a == b => Some(a.clone()),
            (Some(one), None) if otherwise.is_nothing() => Some(one.clone()),
            (None, Some(one)) if then.is_nothing() => Some(one.clone()),
            _ => None,
        };
        let many = then.many || otherwise.many;
        let present = then.present && otherwise.present;
        let otherwise = match otherwise.expr.kind {
            ExprKind::Null => None,
            _ => Some(Box::new(otherwise.expr)),
        };
        let kind = ExprKind::If {
            condition: Box::new(condition.expr),
            then: Box::new(then.expr),
            otherwise,
        };
        Made {
            base,
            many,
            present,
            ..Made::new(kind, span)
        }
    }

    /// `null`, `clear`, `skip` and `error` fit beside every type.
    fn is_nothing(&self) -> bool {
        matches!(
            self.expr.kind,
            ExprKind::Null | ExprKind::Clear | ExprKind::Skip | ExprKind::Error(_)
        )
    }

    /// Whether it does not hold; nothing counts as false, on either side.
    pub fn not(self) -> Made {
        let span = self.expr.span;
        let kind = match self.expr.kind {
            ExprKind::Unary {
                operator: UnaryOperator::Not,
                operand,
            } => operand.kind,
            ExprKind::Binary {
                operator:
                    operator @ (BinaryOperator::EqualExactly | BinaryOperator::NotEqualExactly),
                operator_span,
                left,
                right,
            } => ExprKind::Binary {
                operator: match operator {
                    BinaryOperator::EqualExactly => BinaryOperator::NotEqualExactly,
                    _ => BinaryOperator::EqualExactly,
                },
                operator_span,
                left,
                right,
            },
            ExprKind::Call {
                mut function,
                arguments,
            } if matches!(function.text.as_str(), "IsPresent" | "IsNullOrEmpty") => {
                let opposite = match function.text.as_str() {
                    "IsPresent" => "IsNullOrEmpty",
                    _ => "IsPresent",
                };
                function.text = opposite.to_owned();
                ExprKind::Call {
                    function,
                    arguments,
                }
            }
            kind => ExprKind::Unary {
                operator: UnaryOperator::Not,
                operand: Box::new(Expr { span, kind }),
            },
        };
        Made::new(kind, span).of(Base::Bool).surely()
    }

    /// In parentheses.
    pub fn grouped(self) -> Made {
        let span = self.expr.span;
        let kind = match self.expr.kind {
            kind @ ExprKind::Parenthesized(_) => kind,
            kind => ExprKind::Parenthesized(Box::new(Expr { span, kind })),
        };
        Made {
            expr: Expr { span, kind },
            ..self
        }
    }

    /// The same, of this type.
    pub fn of(mut self, base: Base) -> Made {
        self.base = Some(base);
        self
    }

    /// The same, surely present.
    pub fn surely(mut self) -> Made {
        self.present = true;
        self
    }

    /// The value, or `other` where there is none.
    pub fn or(self, other: Made) -> Made {
        let span = self.expr.span;
        let base = self.base.clone().or_else(|| other.base.clone());
        let (many, present) = (self.many || other.many, other.present);
        Made {
            base,
            many,
            present,
            ..Made::binary(BinaryOperator::Coalesce, self, other, span)
        }
    }

    /// It is a text, as far as is known.
    pub fn is_text(&self) -> bool {
        matches!(self.base, Some(Base::Text(_)))
    }

    /// It is of this type, for sure.
    pub fn is(&self, base: &Base) -> bool {
        self.base.as_ref() == Some(base)
    }

    /// The text, if it is a text literal.
    pub fn literal(&self) -> Option<&str> {
        match &self.expr.kind {
            ExprKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// `true` or `false`, if it is that literal.
    pub fn truth(&self) -> Option<bool> {
        match self.expr.kind {
            ExprKind::Bool(truth) => Some(truth),
            _ => None,
        }
    }
}
