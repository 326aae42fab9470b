//! Names in expressions: variables, constants, attributes, run-time parameters; the nearer one wins.

use trib_grammar::Span;

use super::expr::{failed, typed};
use super::{Checker, Scope, unknown};
use crate::checked::Typed;
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::Expr;
use crate::types::{Base, Type};

/// Parameters that every run knows; the others are the deployment's own.
pub(crate) const PARAMETERS: [&str; 7] = [
    "Domain.FQDN",
    "Domain.Netbios",
    "Domain.LDAP",
    "Forest.FQDN",
    "Forest.Netbios",
    "Forest.LDAP",
    "Connector.ID",
];

impl Checker<'_> {
    pub(super) fn name(&mut self, name: &str, span: Span, scope: &mut Scope) -> Typed {
        if let Some((_, ty, local)) = scope.locals.iter().rev().find(|(known, ..)| known == name) {
            return typed(Expr::Local(*local), ty.clone(), span);
        }
        if let Some(constant) = self.names.lets.get(name) {
            self.used.insert(name.to_owned());
            self.shadow(name, span, scope, "constant");
            if scope.calls.iter().any(|call| call == name) {
                if !self.closes_circle(name, scope) {
                    return failed(span);
                }
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
    pub(super) fn shadow(&mut self, name: &str, span: Span, scope: &Scope, what: &str) {
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

    /// Whether this circle of calls is not yet known; it is from now on.
    pub(super) fn closes_circle(&mut self, name: &str, scope: &Scope) -> bool {
        let known = self.circular.contains(name);
        let circle = scope.calls.iter().skip_while(|call| *call != name);
        self.circular.extend(circle.cloned());
        !known
    }

    /// What a constant or function says of itself is said once, where it is declared; only that it
    /// goes round in a circle or unfolds without end shows through its uses.
    pub(crate) fn keep_recursion(&mut self, before: usize) -> bool {
        let new = self
            .diagnostics
            .split_off(before.min(self.diagnostics.len()));
        for diagnostic in new {
            let shows = [codes::RECURSION.id, codes::TOO_LARGE.id].contains(&diagnostic.code.id);
            if shows
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

    pub(super) fn source_attribute(&mut self, name: &str, span: Span, scope: &mut Scope) -> Typed {
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

    pub(super) fn run_time_parameter(&mut self, name: &str, span: Span) -> Typed {
        if !PARAMETERS.contains(&name) && !name.starts_with("Param.") {
            let diagnostic = unknown(
                &codes::UNKNOWN_PARAMETER,
                span,
                format!("there is no parameter `%{name}%`"),
                name,
                PARAMETERS,
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
}
