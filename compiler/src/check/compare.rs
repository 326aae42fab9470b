//! Comparisons: of what can be compared, and of single values.

use trib_grammar::Span;
use trib_grammar::ast::{self, BinaryOperator as Op, ExprKind};

use super::{Checker, Scope};
use crate::checked::Typed;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions;
use crate::ir::{Comparison, Constant, Expr};
use crate::types::Base;

impl Checker<'_> {
    pub(super) fn member_of(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        scope: &mut Scope,
    ) -> Expr {
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

    pub(super) fn among(&mut self, left: &Typed, right: &Typed, exact: bool) -> Expr {
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

    pub(super) fn compare(
        &mut self,
        operator: Op,
        operator_span: Span,
        left: &Typed,
        right: &Typed,
    ) -> Expr {
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
        let Expr::Constant(Constant::Text(text)) = &pattern.expr else {
            return;
        };
        if self.patterns.contains(text) {
            return;
        }
        let Err(words) = functions::pattern::build(text) else {
            self.patterns.insert(text.clone());
            return;
        };
        self.report(
            Diagnostic::new(
                &codes::BAD_REGEX,
                pattern.span,
                format!("the regular expression is not valid: {words}"),
            )
            .help("back-references and look-around are not part of linear-time expressions"),
        );
    }
}
