//! Expressions: every node gets a type; absence and lengths are followed.

use trib_grammar::Span;
use trib_grammar::ast::{self, ExprKind, Tag, UnaryOperator};

use super::{Checker, Scope, facts};
use crate::analyse::logic::contradict;
use crate::checked::Typed;
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{Arithmetic, Constant, Expr};
use crate::notation;
use crate::probe::Construct;
use crate::types::{Base, Record, Type};

pub(super) fn typed(expr: Expr, ty: Type, span: Span) -> Typed {
    Typed { expr, ty, span }
}

pub(super) fn failed(span: Span) -> Typed {
    typed(Expr::Constant(Constant::Absent), Type::error(), span)
}

impl Checker<'_> {
    /// Checks an expression.
    pub(crate) fn expr(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Typed {
        if !self.unfolding.enter(!scope.calls.is_empty()) {
            self.unfolds_too_far(expr.span, scope);
            return failed(expr.span);
        }
        let found = self.expr_within_limits(expr, scope);
        self.unfolding.leave();
        found
    }

    fn expr_within_limits(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Typed {
        let span = expr.span;
        let tail = std::mem::replace(&mut scope.tail, false);
        let constant = |constant, base| typed(Expr::Constant(constant), Type::one(base), span);
        let found = match &expr.kind {
            ExprKind::Text(text) => {
                let length = u32::try_from(text.chars().count()).ok();
                constant(Constant::Text(text.clone()), Base::Text(length))
            }
            ExprKind::Int(number) => constant(Constant::Int(*number), Base::Int),
            ExprKind::Bool(value) => constant(Constant::Bool(*value), Base::Bool),
            ExprKind::Tagged(tag, text) => self.tagged(*tag, text, span),
            ExprKind::Null | ExprKind::Clear | ExprKind::Skip => {
                if !tail && !matches!(expr.kind, ExprKind::Null) {
                    self.misplaced(span, self.sources.text(span).to_owned());
                    return failed(span);
                } else if !tail && !scope.loose {
                    self.misplaced_null(span);
                    return failed(span);
                }
                let value = match expr.kind {
                    ExprKind::Clear => Expr::Clear,
                    ExprKind::Skip => Expr::Skip,
                    _ => Expr::Constant(Constant::Absent),
                };
                typed(value, Type::one(Base::Nothing).or_absent(), span)
            }
            ExprKind::It => match scope.it.clone() {
                // The target is unknown, which was reported.
                Some(name) if name.is_empty() => failed(span),
                Some(name) => self.source_attribute(&name, span, scope),
                None => {
                    self.report(
                        Diagnostic::new(&codes::MISPLACED, span, "`it` stands outside a flow")
                            .help("`it` is the source attribute of a flow's own target"),
                    );
                    failed(span)
                }
            },
            ExprKind::Name(name) => self.name(name, span, scope),
            ExprKind::Parameter(name) => self.run_time_parameter(name, span),
            ExprKind::List(items) => self.list(items, span, scope),
            ExprKind::Record(fields) => {
                let fields: Vec<(String, Typed)> = fields
                    .iter()
                    .map(|(name, value)| (name.text.clone(), self.expr(value, scope)))
                    .collect();
                let types = fields
                    .iter()
                    .map(|(name, value)| (name.clone(), value.ty.clone()));
                let record = Record {
                    name: String::new(),
                    fields: types.collect(),
                };
                let values = fields
                    .into_iter()
                    .map(|(name, value)| (name, value.expr))
                    .collect();
                typed(
                    Expr::Record(values),
                    Type::one(Base::Record(record.into())),
                    span,
                )
            }
            ExprKind::Comprehension {
                body,
                variable,
                source,
                condition,
            } => self.each(body, variable, source, condition.as_deref(), span, scope),
            ExprKind::Call {
                function,
                arguments,
            } => self.call(function, arguments, span, scope),
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                let condition = self.open_condition(condition, scope);
                let of = condition.span;
                let before = scope.present.clone();
                scope.present.extend(facts::present(&condition.expr, true));
                scope.tail = tail;
                let then = self.expr(then, scope);
                scope.present = before.clone();
                scope.present.extend(facts::present(&condition.expr, false));
                scope.tail = tail;
                let otherwise = match otherwise {
                    Some(otherwise) => self.expr(otherwise, scope),
                    None => typed(
                        Expr::Constant(Constant::Absent),
                        Type::one(Base::Nothing).or_absent(),
                        span,
                    ),
                };
                scope.present = before;
                let ty = self.common(&then, &otherwise);
                let mut side = |word, side: Typed| {
                    let expr = self
                        .points
                        .side(Construct::If, of, word, side.span, side.expr);
                    Box::new(expr)
                };
                let choice = Expr::If {
                    condition: Box::new(condition.expr),
                    then: side("then", then),
                    otherwise: side("else", otherwise),
                };
                typed(choice, ty, span)
            }
            ExprKind::Match {
                subject,
                arms,
                otherwise,
            } => self.choose(subject, arms, otherwise.as_deref(), tail, span, scope),
            ExprKind::Binary {
                operator,
                operator_span,
                left,
                right,
            } => self.binary(*operator, *operator_span, left, right, tail, span, scope),
            ExprKind::Unary {
                operator: UnaryOperator::Not,
                operand,
            } => {
                let operand = self.condition(operand, scope);
                typed(
                    Expr::Not(Box::new(operand.expr)),
                    Type::one(Base::Bool),
                    span,
                )
            }
            ExprKind::Unary {
                operator: UnaryOperator::Negate,
                operand,
            } => {
                let operand = self.expr(operand, scope);
                self.expect(&operand, &Base::Int);
                let zero = Expr::Constant(Constant::Int(0));
                let negative = Expr::Arithmetic {
                    operator: Arithmetic::Subtract,
                    left: Box::new(zero),
                    right: Box::new(operand.expr),
                };
                typed(
                    negative,
                    Type {
                        base: Base::Int,
                        many: false,
                        ..operand.ty
                    },
                    span,
                )
            }
            ExprKind::Presence { operand, present } => {
                let operand = self.expr(operand, scope);
                let test = Expr::Present(Box::new(operand.expr));
                let test = if *present {
                    test
                } else {
                    Expr::Not(Box::new(test))
                };
                typed(test, Type::one(Base::Bool), span)
            }
            ExprKind::Parenthesized(inner) => {
                scope.tail = tail;
                let inner = self.expr(inner, scope);
                Typed { span, ..inner }
            }
            ExprKind::Error(message) => {
                let message = self.expr(message, scope);
                self.expect(&message, &Base::TEXT);
                typed(
                    Expr::Error(Box::new(message.expr)),
                    Type::one(Base::Nothing),
                    span,
                )
            }
            ExprKind::Bad => failed(span),
        };
        scope.tail = tail;
        found
    }

    fn misplaced(&mut self, span: Span, word: String) {
        self.report(
            Diagnostic::new(
                &codes::MISPLACED,
                span,
                format!("`{word}` stands where it would not be the value of the flow"),
            )
            .help("it may stand behind `<-`, `then`, `else`, `->` and `??`"),
        );
    }

    fn misplaced_null(&mut self, span: Span) {
        self.report(
            Diagnostic::new(
                &codes::MISPLACED,
                span,
                "`null` stands where it would not be the value of the flow",
            )
            .help("`is absent` and `is present` ask whether there is a value"),
        );
    }

    fn tagged(&mut self, tag: Tag, text: &ast::Text, span: Span) -> Typed {
        let value = &text.value;
        let constant = match tag {
            Tag::Guid => {
                notation::guid::parse(value).map(|b| (Constant::Binary(b.to_vec()), Base::Guid))
            }
            Tag::Sid => notation::sid::parse(value).map(|b| (Constant::Binary(b), Base::Sid)),
            Tag::Hex => notation::hex::parse(value).map(|b| (Constant::Binary(b), Base::Binary)),
            Tag::Time => notation::time::parse(value).map(|t| (Constant::Time(t), Base::Time)),
        };
        match constant {
            Some((constant, base)) => typed(Expr::Constant(constant), Type::one(base), span),
            None => {
                let (word, form) = match tag {
                    Tag::Guid => ("guid", "11111111-2222-3333-4444-555555555555"),
                    Tag::Sid => ("sid", "S-1-5-21-1-2-3-1104"),
                    Tag::Hex => ("hex number", "00FF"),
                    Tag::Time => ("time", "2026-01-31T00:00:00Z"),
                };
                self.report(
                    Diagnostic::new(
                        &codes::LITERAL,
                        text.span,
                        format!("`{value}` is no {word}"),
                    )
                    .help(format!("the form is `{form}`")),
                );
                failed(span)
            }
        }
    }

    /// Checks the condition of a choice; one that is the same for every object is worth a word, unless
    /// it is a constant by name, as a switch is.
    pub(super) fn open_condition(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Typed {
        let condition = self.condition(expr, scope);
        let switch = matches!(expr.kind, ExprKind::Name(_));
        if !switch && !condition.ty.is_error() {
            for truth in [true, false] {
                if contradict([(&condition.expr, truth)]) {
                    let message = format!("this condition is always {}", !truth);
                    self.report(
                        Diagnostic::new(&codes::CONSTANT_CONDITION, condition.span, message)
                            .help("keep the branch that is taken, or mend the condition"),
                    );
                }
            }
        }
        condition
    }

    /// A value stands where something is true or false.
    pub(super) fn no_condition(&self, value: &Typed) -> Diagnostic {
        let text = self.sources.text(value.span).to_owned();
        let ty = value.ty.clone().present();
        let diagnostic = Diagnostic::new(
            &codes::TYPE_MISMATCH,
            value.span,
            format!("`{text}` is `{ty}` where a condition is needed"),
        );
        match value.ty.base {
            Base::Int => diagnostic.help(format!(
                "compare it, as in `{text} != 0`, or test its bits with `IsBitSet({text}, 2)`"
            )),
            _ => diagnostic
                .help(format!("ask `{text} is present`, or compare it"))
                .fix(
                    "ask whether it is present",
                    value.span,
                    format!("{text} is present"),
                ),
        }
    }

    /// Checks a condition: a single truth value.
    pub(crate) fn condition(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Typed {
        let tail = std::mem::replace(&mut scope.tail, false);
        let condition = self.expr(expr, scope);
        scope.tail = tail;
        if condition.ty.base.fits(&Base::Bool) {
            self.single(&condition);
        } else {
            let diagnostic = self.no_condition(&condition);
            self.report(diagnostic);
        }
        condition
    }
}
