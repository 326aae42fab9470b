//! Expressions: names become slots, every node gets a type, absence and lengths are followed.

use std::collections::HashSet;

use trib_grammar::Span;
use trib_grammar::ast::{self, BinaryOperator as Op, ExprKind, Tag, UnaryOperator};

use super::{Checker, facts, unknown};
use crate::checked::Typed;
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{Arithmetic, Comparison, Constant, End, Expr, Slot};
use crate::notation;
use crate::types::{Base, Record, Type};

/// What an expression can see, and what is known where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The object whose attributes bare names are.
    pub source: Option<End>,
    /// Attributes that are surely present here.
    pub present: HashSet<Slot>,
    /// Variables: name, type, number.
    pub locals: Vec<(String, Type, usize)>,
    /// The number of the next variable.
    pub next_local: usize,
    /// Name of the attribute that `it` is.
    pub it: Option<String>,
    /// The value here is the value of the flow, so `null`, `clear` and `skip` may stand.
    pub tail: bool,
    /// `null` may stand anywhere, as in an expression that is only looked at.
    pub loose: bool,
    /// Functions that depend on chance may be called.
    pub effects: bool,
    /// A function that depends on chance was called.
    pub random: bool,
    /// Functions being inlined, against recursion.
    pub calls: Vec<String>,
}

impl Scope {
    /// Sees no object.
    pub fn constant() -> Scope {
        Scope {
            source: None,
            present: HashSet::new(),
            locals: Vec::new(),
            next_local: 0,
            it: None,
            tail: false,
            loose: false,
            effects: false,
            random: false,
            calls: Vec::new(),
        }
    }

    /// Sees the attributes of an object type.
    pub fn over(source: End) -> Scope {
        Scope {
            source: Some(source),
            ..Scope::constant()
        }
    }

    /// A new variable.
    pub fn bind(&mut self, name: &str, ty: Type) -> usize {
        let local = self.next_local;
        self.next_local += 1;
        self.locals.push((name.to_owned(), ty, local));
        local
    }
}

fn typed(expr: Expr, ty: Type, span: Span) -> Typed {
    Typed { expr, ty, span }
}

fn failed(span: Span) -> Typed {
    typed(Expr::Constant(Constant::Absent), Type::error(), span)
}

impl Checker<'_> {
    /// Checks an expression.
    pub(crate) fn expr(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Typed {
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
                let condition = self.condition(condition, scope);
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
                let choice = Expr::If {
                    condition: Box::new(condition.expr),
                    then: Box::new(then.expr),
                    otherwise: Box::new(otherwise.expr),
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

    fn name(&mut self, name: &str, span: Span, scope: &mut Scope) -> Typed {
        if let Some((_, ty, local)) = scope.locals.iter().rev().find(|(known, ..)| known == name) {
            return typed(Expr::Local(*local), ty.clone(), span);
        }
        if let Some(constant) = self.names.lets.get(name) {
            self.used.insert(name.to_owned());
            self.shadow(name, span, scope, "constant");
            if scope.calls.iter().any(|call| call == name) {
                self.report(
                    Diagnostic::new(
                        &codes::RECURSION,
                        span,
                        format!("`{name}` is made of itself"),
                    )
                    .related(constant.name.span, "declared here")
                    .help("give it a value that does not depend on itself"),
                );
                return failed(span);
            }
            let mut inner = Scope::constant();
            inner.calls = scope.calls.clone();
            inner.calls.push(name.to_owned());
            inner.next_local = scope.next_local;
            let before = self.diagnostics.len();
            let value = self.expr(&constant.value, &mut inner);
            self.keep_recursion(before);
            scope.next_local = inner.next_local;
            return Typed { span, ..value };
        }
        self.source_attribute(name, span, scope)
    }

    /// The nearer name wins; that an attribute or a farther name is hidden is worth a word.
    fn shadow(&mut self, name: &str, span: Span, scope: &Scope, what: &str) {
        let local = scope.locals.iter().any(|(known, ..)| known == name);
        let attribute = scope
            .source
            .is_some_and(|end| self.objects.has_attribute(end, name));
        let constant = what == "variable" && self.names.lets.contains_key(name);
        if local || attribute || constant {
            let hidden = if attribute {
                "an attribute"
            } else {
                "a farther name"
            };
            self.report(
                Diagnostic::new(
                    &codes::SHADOWED_NAME,
                    span,
                    format!("{what} `{name}` hides {hidden} of the same name"),
                )
                .help(format!("give the {what} another name")),
            );
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

    /// What a constant or function says of itself is said once, where it is declared; only that it
    /// goes round in a circle shows through its uses.
    pub(crate) fn keep_recursion(&mut self, before: usize) -> bool {
        let new = self
            .diagnostics
            .split_off(before.min(self.diagnostics.len()));
        for diagnostic in new {
            let recursion = std::ptr::eq(diagnostic.code, &raw const codes::RECURSION);
            if recursion
                && self
                    .diagnostics
                    .iter()
                    .all(|known| known.span != diagnostic.span)
            {
                self.diagnostics.push(diagnostic);
            }
        }
        self.diagnostics.len() > before
    }

    fn source_attribute(&mut self, name: &str, span: Span, scope: &mut Scope) -> Typed {
        let Some(source) = scope.source else {
            self.report(
                Diagnostic::new(
                    &codes::NOT_CONSTANT,
                    span,
                    format!("`{name}` is neither a constant nor a parameter of the function"),
                )
                .help("no directory object is in sight here; pass the value as an argument"),
            );
            return failed(span);
        };
        let Some(found) = self.attribute(source, name, span) else {
            return failed(span);
        };
        let mut ty = found.ty;
        if scope.present.contains(&found.slot) {
            ty.optional = false;
        }
        typed(Expr::Attribute(found.slot), ty, span)
    }

    fn run_time_parameter(&mut self, name: &str, span: Span) -> Typed {
        const KNOWN: [&str; 7] = [
            "Domain.FQDN",
            "Domain.Netbios",
            "Domain.LDAP",
            "Forest.FQDN",
            "Forest.Netbios",
            "Forest.LDAP",
            "Connector.ID",
        ];
        if !KNOWN.contains(&name) && !name.starts_with("Param.") {
            let diagnostic = unknown(
                &codes::UNKNOWN_PARAMETER,
                span,
                format!("there is no parameter `%{name}%`"),
                name,
                KNOWN,
                "a deployment's own parameters are `%Param.name%`",
            );
            let diagnostic = Diagnostic {
                fix: None,
                ..diagnostic
            };
            self.report(diagnostic);
            return failed(span);
        }
        if name.starts_with("Param.") && !self.sources.sets_parameter(name) {
            self.report(
                Diagnostic::new(
                    &codes::UNDECLARED_PARAMETER,
                    span,
                    format!("no configuration at hand sets `%{name}%`"),
                )
                .help(format!(
                    "set it in `trib.toml`: [params] \"{name}\" = \"…\""
                )),
            );
        }
        let at = self.parameter(name);
        typed(Expr::Parameter(at), Type::one(Base::TEXT), span)
    }

    fn list(&mut self, items: &[ast::Expr], span: Span, scope: &mut Scope) -> Typed {
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

    fn each(
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
        let condition = condition.map(|condition| self.condition(condition, scope));
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

    fn choose(
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
        for arm in arms {
            let patterns: Vec<Typed> = arm
                .patterns
                .iter()
                .map(|pattern| self.expr(pattern, scope))
                .collect();
            for pattern in &patterns {
                self.comparable(&subject, pattern);
            }
            scope.tail = tail;
            let value = self.expr(&arm.value, scope);
            let ty = match &result {
                Some(before) => self.common(before, &value),
                None => value.ty.clone(),
            };
            compiled.push((
                patterns.into_iter().map(|p| p.expr).collect(),
                value.expr.clone(),
            ));
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
        let choice = Expr::Match {
            subject: Box::new(subject.expr),
            arms: compiled,
            otherwise: Box::new(otherwise.expr),
        };
        typed(choice, ty, span)
    }

    /// Checks a condition: a single truth value.
    pub(crate) fn condition(&mut self, expr: &ast::Expr, scope: &mut Scope) -> Typed {
        let tail = std::mem::replace(&mut scope.tail, false);
        let condition = self.expr(expr, scope);
        scope.tail = tail;
        if self.expect(&condition, &Base::Bool) {
            self.single(&condition);
        }
        condition
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one node")]
    fn binary(
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
                let left = self.expr(left, scope);
                scope.tail = tail;
                let right = self.expr(right, scope);
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
                for side in [left, right] {
                    let side = self.condition(side, scope);
                    scope
                        .present
                        .extend(facts::present(&side.expr, operator == Op::And));
                    match (operator, side.expr) {
                        (Op::And, Expr::And(inner)) | (Op::Or, Expr::Or(inner)) => {
                            parts.extend(inner);
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
                for side in [&left, &right] {
                    if self.expect(side, &Base::Int) {
                        self.single(side);
                    }
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

    fn member_of(&mut self, left: &ast::Expr, right: &ast::Expr, scope: &mut Scope) -> Expr {
        let subject = matches!(&left.kind, ExprKind::Name(name) if name.eq_ignore_ascii_case("dn"));
        if !subject {
            self.report(
                Diagnostic::new(
                    &codes::TYPE_MISMATCH,
                    left.span,
                    "only `dn` can be a member",
                )
                .help("write `dn member of \"CN=…\"`"),
            );
        }
        let group = self.expr(right, scope);
        match group.expr {
            Expr::Constant(Constant::Text(dn)) => Expr::MemberOf(dn),
            _ => {
                if !group.ty.is_error() {
                    self.report(
                        Diagnostic::new(
                            &codes::NOT_CONSTANT,
                            right.span,
                            "the group is named by its dn, as a text",
                        )
                        .help("write `dn member of \"CN=…\"`"),
                    );
                }
                Expr::Constant(Constant::Bool(false))
            }
        }
    }

    fn among(&mut self, left: &Typed, right: &Typed, exact: bool) -> Expr {
        if !right.ty.many && !right.ty.is_error() {
            self.report(
                Diagnostic::new(
                    &codes::CARDINALITY,
                    right.span,
                    format!("`{}` is a single value", self.sources.text(right.span)),
                )
                .help("`in` asks whether a value is in a list; use `==` here"),
            );
        }
        self.single(left);
        self.comparable(left, right);
        Expr::Compare {
            comparison: Comparison::In,
            exact,
            left: Box::new(left.expr.clone()),
            right: Box::new(right.expr.clone()),
        }
    }

    fn compare(&mut self, operator: Op, operator_span: Span, left: &Typed, right: &Typed) -> Expr {
        let (comparison, exact) = match operator {
            Op::EqualExactly => (Comparison::Equal, true),
            Op::NotEqual => (Comparison::NotEqual, false),
            Op::NotEqualExactly => (Comparison::NotEqual, true),
            Op::Less => (Comparison::Less, false),
            Op::LessOrEqual => (Comparison::LessOrEqual, false),
            Op::Greater => (Comparison::Greater, false),
            Op::GreaterOrEqual => (Comparison::GreaterOrEqual, false),
            Op::Contains => (Comparison::Contains, false),
            Op::ContainsExactly => (Comparison::Contains, true),
            Op::StartsWith => (Comparison::StartsWith, false),
            Op::StartsWithExactly => (Comparison::StartsWith, true),
            Op::EndsWith => (Comparison::EndsWith, false),
            Op::EndsWithExactly => (Comparison::EndsWith, true),
            Op::Matches => (Comparison::Matches, true),
            Op::Under => (Comparison::Under, false),
            _ => (Comparison::Equal, false),
        };
        let build = |comparison, left: &Typed, right: &Typed| Expr::Compare {
            comparison,
            exact,
            left: Box::new(left.expr.clone()),
            right: Box::new(right.expr.clone()),
        };
        if comparison == Comparison::Contains && left.ty.many {
            // A list contains a value: the mirror of `in`.
            self.single(right);
            self.comparable(left, right);
            return build(Comparison::In, right, left);
        }
        let many = left.ty.many || right.ty.many;
        if many {
            let list = if left.ty.many { left } else { right };
            let name = self.sources.text(list.span).to_owned();
            let mut diagnostic = Diagnostic::new(
                &codes::MULTI_COMPARE,
                list.span,
                format!("`{name}` has several values and cannot be compared with one"),
            )
            .help(format!(
                "ask `… in {name}`, or test each value: `[x for x in {name} if …] is present`"
            ));
            if comparison == Comparison::Equal && left.ty.many && !right.ty.many {
                let value = self.sources.text(right.span).to_owned();
                let word = if exact { "in exactly" } else { "in" };
                diagnostic = diagnostic.fix(
                    "ask whether the value is in the list",
                    left.span.to(right.span),
                    format!("{value} {word} {name}"),
                );
            }
            self.report(diagnostic);
        }
        match comparison {
            Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith => {
                for side in [left, right] {
                    if !matches!(side.ty.base, Base::Dn) {
                        self.expect(side, &Base::TEXT);
                    }
                }
            }
            Comparison::Matches => {
                if !matches!(left.ty.base, Base::Dn) {
                    self.expect(left, &Base::TEXT);
                }
                self.regex(right);
            }
            Comparison::Under => {
                if !matches!(left.ty.base, Base::Dn | Base::Error) {
                    self.report(
                        Diagnostic::new(
                            &codes::TYPE_MISMATCH,
                            left.span,
                            format!("`{}` is no dn", self.sources.text(left.span)),
                        )
                        .help("write `dn under \"OU=…\"`"),
                    );
                }
                self.expect(right, &Base::TEXT);
            }
            Comparison::Equal | Comparison::NotEqual => self.comparable(left, right),
            _ => {
                self.comparable(left, right);
                if matches!(left.ty.base, Base::Bool | Base::Record(_) | Base::Ref(_)) {
                    self.report(Diagnostic::new(
                        &codes::TYPE_MISMATCH,
                        operator_span,
                        format!("values of type `{}` have no order", left.ty.base),
                    ));
                }
            }
        }
        build(comparison, left, right)
    }

    /// A literal regular expression compiles.
    pub(crate) fn regex(&mut self, pattern: &Typed) {
        self.expect(pattern, &Base::TEXT);
        if let Expr::Constant(Constant::Text(text)) = &pattern.expr {
            let built = regex::RegexBuilder::new(text).size_limit(1 << 20).build();
            if let Err(error) = built {
                let text = error.to_string();
                let words = text
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                self.report(
                    Diagnostic::new(
                        &codes::BAD_REGEX,
                        pattern.span,
                        format!("the regular expression is not valid: {words}"),
                    )
                    .help(
                        "back-references and look-around are not part of linear-time expressions",
                    ),
                );
            }
        }
    }

    /// Both sides can be compared.
    fn comparable(&mut self, left: &Typed, right: &Typed) {
        let text_or_dn = |base: &Base| matches!(base, Base::Text(_) | Base::Dn);
        let (a, b) = (&left.ty.base, &right.ty.base);
        if a.fits(b) || b.fits(a) || (text_or_dn(a) && text_or_dn(b)) {
            return;
        }
        let mut diagnostic = Diagnostic::new(
            &codes::TYPE_MISMATCH,
            left.span.to(right.span),
            format!("`{a}` and `{b}` cannot be compared"),
        );
        let tagged = [(left, right), (right, left)]
            .into_iter()
            .find_map(|(side, other)| {
                let word = match other.ty.base {
                    Base::Guid => "guid",
                    Base::Sid => "sid",
                    Base::Time => "time",
                    Base::Binary => "hex",
                    _ => return None,
                };
                matches!(side.expr, Expr::Constant(Constant::Text(_))).then_some((side.span, word))
            });
        let number = [left, right]
            .into_iter()
            .find(|side| matches!(side.ty.base, Base::Int));
        let text = [left, right]
            .iter()
            .any(|side| matches!(side.ty.base, Base::Text(_)));
        if let Some((span, word)) = tagged {
            let literal = format!("{word} {}", self.sources.text(span));
            diagnostic = diagnostic
                .help(format!("write the value as {word}: `{literal}`"))
                .fix(format!("write it as {word}"), span, literal);
        } else if let (Some(number), true) = (number, text) {
            let converted = format!("CStr({})", self.sources.text(number.span));
            diagnostic = diagnostic
                .help(format!("convert the number: `{converted}`"))
                .fix("convert with `CStr`", number.span, converted);
        } else {
            diagnostic = diagnostic.help("nothing is converted silently");
        }
        self.report(diagnostic);
    }

    /// Reports a list where a single value is needed.
    pub(crate) fn single(&mut self, value: &Typed) {
        if value.ty.many && !value.ty.is_error() {
            let text = self.sources.text(value.span).to_owned();
            self.report(
                Diagnostic::new(
                    &codes::CARDINALITY,
                    value.span,
                    format!("`{text}` has several values where one is needed"),
                )
                .help(format!("choose one: `First({text})`"))
                .fix("take the first value", value.span, format!("First({text})")),
            );
        }
    }

    /// Reports a value of another type than is needed; true if it fits.
    pub(crate) fn expect(&mut self, value: &Typed, wanted: &Base) -> bool {
        if value.ty.base.fits(wanted) {
            return true;
        }
        let diagnostic = self.mismatch(value, wanted);
        self.report(diagnostic);
        false
    }

    /// The words for a value of another type than is needed, with the conversion if there is one.
    pub(crate) fn mismatch(&self, value: &Typed, wanted: &Base) -> Diagnostic {
        let text = self.sources.text(value.span);
        let ty = Type {
            optional: false,
            ..value.ty.clone()
        };
        let diagnostic = Diagnostic::new(
            &codes::TYPE_MISMATCH,
            value.span,
            format!("`{text}` is `{ty}` where `{wanted}` is needed"),
        );
        let conversion = match (&value.ty.base, wanted) {
            (Base::Int | Base::Bool | Base::Dn, Base::Text(_)) => "CStr",
            (Base::Guid, Base::Text(_)) => "StringFromGuid",
            (Base::Sid, Base::Text(_)) => "StringFromSid",
            (Base::Binary, Base::Text(_)) => "ConvertToBase64",
            (Base::Text(_), Base::Int) => "CNum",
            (Base::Text(_) | Base::Int, Base::Bool) => "CBool",
            (Base::Text(_), Base::Time) => "CDate",
            (Base::Int, Base::Time) => "DateFromNum",
            (Base::Time, Base::Int) => "NumFromDate",
            (Base::Time, Base::Text(_)) => {
                return diagnostic.help("give it a form: `FormatDateTime(…, \"yyyy-MM-dd\")`");
            }
            (Base::Text(_), Base::Guid | Base::Binary) => "CGuid",
            (_, Base::Bool) => {
                return diagnostic.help("a condition compares, or asks `is present`");
            }
            _ => return diagnostic.help("nothing is converted silently"),
        };
        let converted = format!("{conversion}({text})");
        diagnostic.help(format!("convert it: `{converted}`")).fix(
            format!("convert with `{conversion}`"),
            value.span,
            converted,
        )
    }

    /// The type of a choice between two values.
    pub(crate) fn common(&mut self, a: &Typed, b: &Typed) -> Type {
        let optional = a.ty.optional || b.ty.optional;
        let base = match (&a.ty.base, &b.ty.base) {
            (Base::Nothing, base) | (base, Base::Nothing) => base.clone(),
            (Base::Error, base) | (base, Base::Error) => base.clone(),
            (Base::Text(x), Base::Text(y)) => Base::Text(x.zip(*y).map(|(x, y)| x.max(y))),
            (x, y) if x == y => x.clone(),
            (x, y) if x.is_binary() && y.is_binary() => Base::Binary,
            (Base::Record(x), Base::Record(_)) => Base::Record(x.clone()),
            (Base::Ref(_), Base::Ref(_)) => Base::Ref(None),
            (x, _) => {
                let diagnostic = self.mismatch(b, x);
                self.report(diagnostic);
                return Type::error();
            }
        };
        let nothing = |side: &Typed| matches!(side.ty.base, Base::Nothing | Base::Error);
        let many = (a.ty.many && !nothing(a)) || (b.ty.many && !nothing(b));
        Type {
            base,
            many,
            optional,
        }
    }
}
