//! Operators of two operands.

use trib_grammar::Span;
use trib_grammar::ast::{self, BinaryOperator as Op, ExprKind};

use super::expr::{failed, typed};
use super::{Checker, Scope, facts};
use crate::checked::Typed;
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{Arithmetic, Expr};
use crate::probe::Construct;
use crate::types::{Base, Type};

impl Checker<'_> {
    #[expect(clippy::too_many_arguments, reason = "the parts of one node")]
    pub(super) fn binary(
        &mut self,
        operator: Op,
        operator_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        tail: bool,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let boolean = |expr| typed(expr, Type::one(Base::Bool), span);
        self.mixed(operator, left);
        self.mixed(operator, right);
        match operator {
            Op::Coalesce => {
                let mut left = self.expr(left, scope);
                scope.tail = tail;
                let mut right = self.expr(right, scope);
                let mut side = |word, expr, at| {
                    let of = Construct::Coalesce;
                    self.points.side(of, span, word, at, expr)
                };
                left.expr = side("left", left.expr, left.span);
                right.expr = side("right", right.expr, right.span);
                let mut ty = self.common(&left, &right);
                ty.optional = right.ty.optional;
                let mut parts = Vec::new();
                for side in [left.expr, right.expr] {
                    match side {
                        Expr::Coalesce(inner) => parts.extend(inner),
                        other => parts.push(other),
                    }
                }
                typed(Expr::Coalesce(parts), ty, span)
            }
            Op::And | Op::Or => {
                let mut parts = Vec::new();
                let before = scope.present.clone();
                for (at, side) in [left, right].into_iter().enumerate() {
                    let side = self.expr(side, scope);
                    if !side.ty.base.fits(&Base::Bool) {
                        let diagnostic = self.no_condition(&side);
                        // Other languages mean the first value that is there.
                        self.report(match (at, operator) {
                            (0, Op::Or) => diagnostic
                                .help("for the first value that is there, write `??`")
                                .fix("write `??`", operator_span, "??"),
                            _ => diagnostic,
                        });
                    }
                    // The other side is likely as mistaken.
                    if side.ty.is_error() || !side.ty.base.fits(&Base::Bool) {
                        scope.present = before;
                        return failed(span);
                    }
                    self.single(&side);
                    scope
                        .present
                        .extend(facts::present(&side.expr, operator == Op::And));
                    match (operator, side.expr) {
                        (Op::And, Expr::And(inner)) | (Op::Or, Expr::Or(inner)) => {
                            parts.extend(inner);
                        }
                        (_, other) if scope.clause => {
                            parts.push(self.points.outcome(side.span, other));
                        }
                        (_, other) => parts.push(other),
                    }
                }
                scope.present = before;
                boolean(if operator == Op::And {
                    Expr::And(parts)
                } else {
                    Expr::Or(parts)
                })
            }
            Op::Concat => {
                let mut parts = Vec::new();
                let mut length = Some(0u32);
                let mut optional = false;
                let mut known = true;
                for side in [left, right] {
                    let side = self.expr(side, scope);
                    if self.expect(&side, &Base::TEXT) {
                        self.single(&side);
                    }
                    optional |= side.ty.optional;
                    known &= !side.ty.is_error();
                    let bound = match side.ty.base {
                        Base::Text(bound) => bound,
                        _ => None,
                    };
                    length = length.zip(bound).map(|(a, b)| a.saturating_add(b));
                    match side.expr {
                        Expr::Concat(inner) => parts.extend(inner),
                        other => parts.push(other),
                    }
                }
                let base = if known {
                    Base::Text(length)
                } else {
                    Base::Error
                };
                typed(
                    Expr::Concat(parts),
                    Type {
                        base,
                        many: false,
                        optional,
                    },
                    span,
                )
            }
            Op::Add | Op::Subtract | Op::Multiply | Op::Divide => {
                let left = self.expr(left, scope);
                let right = self.expr(right, scope);
                let text = |side: &Typed| matches!(side.ty.base, Base::Text(_));
                if operator == Op::Add && (text(&left) || text(&right)) {
                    self.report(
                        Diagnostic::new(
                            &codes::TYPE_MISMATCH,
                            operator_span,
                            "`+` adds numbers, and here are texts",
                        )
                        .help("texts are joined with `&`")
                        .fix("write `&`", operator_span, "&"),
                    );
                    return failed(span);
                }
                for side in [&left, &right] {
                    if !self.expect(side, &Base::Int) {
                        return failed(span);
                    }
                    self.single(side);
                }
                let operator = match operator {
                    Op::Add => Arithmetic::Add,
                    Op::Subtract => Arithmetic::Subtract,
                    Op::Multiply => Arithmetic::Multiply,
                    _ => Arithmetic::Divide,
                };
                let optional = left.ty.optional || right.ty.optional;
                let ty = Type {
                    base: Base::Int,
                    many: false,
                    optional,
                };
                let (left, right) = (Box::new(left.expr), Box::new(right.expr));
                typed(
                    Expr::Arithmetic {
                        operator,
                        left,
                        right,
                    },
                    ty,
                    span,
                )
            }
            Op::MemberOf => boolean(self.member_of(left, right, scope)),
            Op::In | Op::InExactly => {
                let left = self.expr(left, scope);
                let right = self.expr(right, scope);
                boolean(self.among(&left, &right, operator == Op::InExactly))
            }
            _ => {
                let left = self.expr(left, scope);
                let right = self.expr(right, scope);
                boolean(self.compare(operator, operator_span, &left, &right))
            }
        }
    }

    /// Operators whose order people read differently want parentheses.
    fn mixed(&mut self, operator: Op, side: &ast::Expr) {
        let ExprKind::Binary {
            operator: inner,
            operator_span,
            ..
        } = &side.kind
        else {
            return;
        };
        let additive = |op: Op| matches!(op, Op::Add | Op::Subtract);
        let product = |op: Op| matches!(op, Op::Multiply | Op::Divide);
        let mixed = (operator == Op::Or && *inner == Op::And)
            || (operator == Op::And && *inner == Op::Or)
            || (additive(operator) && product(*inner));
        if !mixed {
            return;
        }
        let text = self.sources.text(side.span);
        let diagnostic = Diagnostic::new(
            &codes::MIXED_OPERATORS,
            *operator_span,
            format!(
                "`{}` and `{}` are mixed without parentheses",
                inner.text(),
                operator.text()
            ),
        )
        .help(format!("this means `({text})`"))
        .fix("write the parentheses", side.span, format!("({text})"));
        self.report(diagnostic);
    }
}
