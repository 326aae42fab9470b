//! Lists, comprehensions and `match`.

use trib_grammar::Span;
use trib_grammar::ast;

use super::expr::typed;
use super::{Checker, Scope};
use crate::checked::Typed;
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{Constant, Expr};
use crate::probe::Construct;
use crate::types::{Base, Type};

impl Checker<'_> {
    pub(super) fn list(&mut self, items: &[ast::Expr], span: Span, scope: &mut Scope) -> Typed {
        let mut values = Vec::new();
        let mut base: Option<Typed> = None;
        for item in items {
            let item = self.expr(item, scope);
            if item.ty.many {
                self.report(Diagnostic::new(
                    &codes::CARDINALITY,
                    item.span,
                    "a list holds single values",
                ));
            }
            if let Some(first) = base.take() {
                let ty = self.common(&first, &item);
                base = Some(Typed { ty, ..first });
            } else {
                base = Some(item.clone());
            }
            values.push(item.expr);
        }
        let ty = match base {
            Some(first) => Type {
                many: true,
                optional: first.ty.optional,
                base: first.ty.base,
            },
            None => Type::many(Base::Nothing).or_absent(),
        };
        let constants: Option<Vec<Constant>> = values
            .iter()
            .map(|value| match value {
                Expr::Constant(constant) => Some(constant.clone()),
                _ => None,
            })
            .collect();
        match constants {
            Some(constants) => typed(Expr::Constant(Constant::List(constants)), ty, span),
            None => typed(Expr::List(values), ty, span),
        }
    }

    pub(super) fn each(
        &mut self,
        body: &ast::Expr,
        variable: &ast::Name,
        source: &ast::Expr,
        condition: Option<&ast::Expr>,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let source = self.expr(source, scope);
        if !source.ty.many && !source.ty.is_error() {
            self.report(
                Diagnostic::new(
                    &codes::CARDINALITY,
                    source.span,
                    format!("`{}` has a single value", self.sources.text(source.span)),
                )
                .help("a comprehension goes over a multi-valued attribute; use `if` here"),
            );
        }
        self.shadow(&variable.text, variable.span, scope, "variable");
        let element = Type::one(source.ty.base.clone());
        let local = scope.bind(&variable.text, element);
        let condition = condition.map(|condition| self.open_condition(condition, scope));
        let body = self.expr(body, scope);
        scope.locals.pop();
        let ty = Type {
            base: body.ty.base,
            many: true,
            // Every value may be filtered out.
            optional: source.ty.optional || condition.is_some() || body.ty.optional,
        };
        let each = Expr::Each {
            local,
            source: Box::new(source.expr),
            condition: condition.map(|condition| Box::new(condition.expr)),
            body: Box::new(body.expr),
        };
        typed(each, ty, span)
    }

    pub(super) fn choose(
        &mut self,
        subject: &ast::Expr,
        arms: &[ast::MatchArm],
        otherwise: Option<&ast::Expr>,
        tail: bool,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let subject = self.expr(subject, scope);
        self.single(&subject);
        let mut result: Option<Typed> = None;
        let mut compiled = Vec::new();
        let mut seen: Vec<Typed> = Vec::new();
        for arm in arms {
            scope.tail = false;
            let patterns: Vec<Typed> = arm
                .patterns
                .iter()
                .map(|pattern| self.expr(pattern, scope))
                .collect();
            for pattern in &patterns {
                self.comparable(&subject, pattern);
                self.taken(pattern, &mut seen);
            }
            scope.tail = tail;
            let value = self.expr(&arm.value, scope);
            let ty = match &result {
                Some(before) => self.common(before, &value),
                None => value.ty.clone(),
            };
            let words = patterns
                .iter()
                .map(|pattern| self.sources.text(pattern.span));
            let words = words.collect::<Vec<_>>().join(", ");
            let (of, expr) = (subject.span, value.expr.clone());
            let arm = self
                .points
                .side(Construct::Match, of, &words, value.span, expr);
            compiled.push((patterns.into_iter().map(|p| p.expr).collect(), arm));
            result = Some(Typed { ty, ..value });
        }
        scope.tail = tail;
        let otherwise = match otherwise {
            Some(otherwise) => self.expr(otherwise, scope),
            None => typed(
                Expr::Constant(Constant::Absent),
                Type::one(Base::Nothing).or_absent(),
                span,
            ),
        };
        let ty = match &result {
            Some(result) => self.common(result, &otherwise),
            None => otherwise.ty.clone(),
        };
        let otherwise = {
            let (of, at) = (subject.span, otherwise.span);
            let expr = self
                .points
                .side(Construct::Match, of, "else", at, otherwise.expr);
            Typed { expr, ..otherwise }
        };
        let choice = Expr::Match {
            subject: Box::new(subject.expr),
            arms: compiled,
            otherwise: Box::new(otherwise.expr),
        };
        typed(choice, ty, span)
    }

    /// A pattern that an earlier one takes already; texts compare apart from case.
    fn taken(&mut self, pattern: &Typed, seen: &mut Vec<Typed>) {
        let value = |pattern: &Typed| match &pattern.expr {
            Expr::Constant(Constant::Text(text)) => Some(text.to_lowercase()),
            Expr::Constant(Constant::Int(number)) => Some(number.to_string()),
            _ => None,
        };
        let Some(own) = value(pattern) else { return };
        match seen
            .iter()
            .find(|earlier| value(earlier).as_ref() == Some(&own))
        {
            Some(earlier) => self.report(
                Diagnostic::new(
                    &codes::CONSTANT_CONDITION,
                    pattern.span,
                    "this pattern never matches: an earlier one takes its values",
                )
                .related(earlier.span, "this one")
                .help("`match` compares as `==` does, apart from case; remove one of the two"),
            ),
            None => seen.push(pattern.clone()),
        }
    }
}
