//! Calls: builtins by their declarations, `fn` inlined, `script fn` typed at the boundary.

use trib_grammar::Span;
use trib_grammar::ast;

use super::expr::failed;
use super::{Checker, Scope, unknown};
use crate::checked::Typed;
use crate::diagnostics::{Diagnostic, codes};
use crate::functions::{self, Absence, Effect, Function, Kind, Length, Occurs, Shape};
use crate::ir::{Constant, Expr};
use crate::type_expr::resolve_type;
use crate::types::{Base, Type};

impl Checker<'_> {
    pub(crate) fn call(
        &mut self,
        name: &ast::Name,
        arguments: &[ast::Expr],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        if let Some(function) = self.names.functions.get(&name.text) {
            self.used.insert(name.text.clone());
            return self.inline(function, name.span, arguments, span, scope);
        }
        let values: Vec<Typed> = arguments.iter().map(|a| self.expr(a, scope)).collect();
        if let Some(at) = self
            .names
            .scripts
            .iter()
            .position(|s| s.name.text == name.text)
        {
            self.used.insert(name.text.clone());
            return self.script_call(at, values, span);
        }
        if let Some(function) = functions::find(&name.text) {
            return self.builtin(function, name.span, values, span, scope);
        }
        if self.names.may_know(&name.text) {
            return failed(span);
        }
        let own = self.names.functions.keys().map(String::as_str);
        let own = own.chain(
            self.names
                .scripts
                .iter()
                .map(|script| script.name.text.as_str()),
        );
        let candidates = own.chain(functions::all().map(|function| function.name));
        let message = format!("there is no function `{}`", name.text);
        let diagnostic = match elsewhere(&name.text) {
            Some(help) => Diagnostic::new(&codes::UNKNOWN_FUNCTION, name.span, message).help(help),
            None => unknown(
                &codes::UNKNOWN_FUNCTION,
                name.span,
                message,
                &name.text,
                candidates,
                "declare it with `fn`, or see the reference of functions",
            ),
        };
        self.report(diagnostic);
        failed(span)
    }

    fn count(&mut self, name: &str, span: Span, wanted: (usize, usize), given: usize) -> bool {
        let (least, most) = wanted;
        if given >= least && given <= most {
            return true;
        }
        let how_many = match (least, most) {
            (1, 1) => "1 argument".to_owned(),
            (a, b) if a == b => format!("{a} arguments"),
            (a, usize::MAX) => format!("at least {a} arguments"),
            (a, b) => format!("{a} to {b} arguments"),
        };
        self.report(
            Diagnostic::new(
                &codes::ARGUMENTS,
                span,
                format!("`{name}` takes {how_many}, not {given}"),
            )
            .help(functions::find(name).map_or_else(
                || "see its declaration".to_owned(),
                |function| format!("its form is `{}`", signature(function)),
            )),
        );
        false
    }

    fn builtin(
        &mut self,
        function: &'static Function,
        name_span: Span,
        values: Vec<Typed>,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let parameters = function.parameters;
        let least = parameters
            .iter()
            .filter(|p| p.occurs != Occurs::Optional)
            .count();
        let repeated = parameters
            .last()
            .is_some_and(|p| p.occurs == Occurs::Repeated);
        let most = if repeated {
            usize::MAX
        } else {
            parameters.len()
        };
        if !self.count(function.name, name_span, (least, most), values.len()) {
            return failed(span);
        }
        if function.name == "FirstUnique" && !scope.loose {
            let message =
                "`FirstUnique` cannot be asked of a target yet, only be tried with `trib eval`";
            self.report(
                Diagnostic::new(&codes::IMPURE, span, message)
                    .help("flow the first candidate, and let the directory refuse what is taken"),
            );
        } else if function.effect == Effect::Random {
            if !scope.effects {
                self.report(impure(function.name, span));
            }
            scope.random = true;
        }
        let mut over = None;
        let mut any: Option<Typed> = None;
        let mut sound = values.iter().all(|value| !value.ty.is_error());
        for (at, value) in values.iter().enumerate() {
            let Some(parameter) = parameters.get(at).or(parameters.last()) else {
                continue;
            };
            let kind = match parameter.shape {
                Shape::One(kind) => {
                    if value.ty.many && over.is_none() {
                        over = Some(at);
                    } else if value.ty.many {
                        self.report(
                            Diagnostic::new(
                                &codes::CARDINALITY,
                                value.span,
                                format!("`{}` can map over one list only", function.name),
                            )
                            .help("use a comprehension to say how the lists go together"),
                        );
                        sound = false;
                    }
                    kind
                }
                Shape::Many(kind) | Shape::Whole(kind) => kind,
            };
            // A second argument of a wrong type is often the first one's place.
            if sound && !self.argument(function, kind, parameter.name, value) {
                sound = false;
                if swapped(function, &values, at)
                    && let Some(last) = self.diagnostics.last_mut()
                {
                    last.help = Some(format!("its form is `{}`", signature(function)));
                    last.fix = None;
                }
            }
            if kind == Kind::Any {
                any = Some(match any {
                    Some(before) => {
                        let ty = self.common(&before, value);
                        Typed { ty, ..before }
                    }
                    None => value.clone(),
                });
            }
        }
        let result = match function.result {
            Shape::One(kind) | Shape::Many(kind) | Shape::Whole(kind) => kind,
        };
        let base = match result {
            Kind::Text | Kind::Word(_) => Base::Text(length(function, &values)),
            Kind::Int => Base::Int,
            Kind::Bool => Base::Bool,
            Kind::Binary => Base::Binary,
            Kind::Guid => Base::Guid,
            Kind::Time => Base::Time,
            Kind::Dn => Base::Dn,
            Kind::TextOrBinary | Kind::Any => {
                let base = any
                    .or_else(|| values.first().cloned())
                    .map(|value| value.ty.base);
                base.unwrap_or(Base::Error)
            }
        };
        let absent_argument = values.iter().any(|value| value.ty.optional);
        let optional = match function.absence {
            Absence::Strict => absent_argument,
            Absence::Never => false,
            Absence::StrictOrAbsent => true,
            // `Coalesce` is absent only if its last argument is.
            Absence::Body if function.name == "Coalesce" => {
                values.last().is_none_or(|value| value.ty.optional)
            }
            Absence::Body => true,
        };
        let many = over.is_some() || matches!(function.result, Shape::Many(_));
        let ty = if sound {
            Type {
                base,
                many,
                optional,
            }
        } else {
            Type::error()
        };
        let expr = Expr::Call {
            function: function.name.to_owned(),
            arguments: values.into_iter().map(|value| value.expr).collect(),
            over,
        };
        Typed { expr, ty, span }
    }

    fn argument(
        &mut self,
        function: &'static Function,
        kind: Kind,
        parameter: &str,
        value: &Typed,
    ) -> bool {
        let base = &value.ty.base;
        let wanted = match kind {
            Kind::Any => return true,
            Kind::Dn if matches!(base, Base::Dn | Base::Text(_)) => return true,
            Kind::TextOrBinary if matches!(base, Base::Text(_)) || base.is_binary() => return true,
            Kind::Word(words) => {
                let word = match &value.expr {
                    Expr::Constant(Constant::Text(word)) => Some(word.as_str()),
                    _ => None,
                };
                if word.is_some_and(|word| words.iter().any(|w| w.eq_ignore_ascii_case(word))) {
                    return true;
                }
                let diagnostic = unknown(
                    &codes::UNKNOWN_WORD,
                    value.span,
                    format!("`{parameter}` of `{}` is one of a few words", function.name),
                    "",
                    [],
                    &format!("write one of {}", crate::names::list(words.iter().copied())),
                );
                self.report(diagnostic);
                return false;
            }
            Kind::Text | Kind::TextOrBinary => Base::TEXT,
            Kind::Int => Base::Int,
            Kind::Bool => Base::Bool,
            Kind::Binary => Base::Binary,
            Kind::Guid => Base::Guid,
            Kind::Time => Base::Time,
            Kind::Dn => Base::Dn,
        };
        if !self.expect(value, &wanted) {
            return false;
        }
        if parameter == "regex" {
            self.regex(value);
        }
        true
    }

    fn script_call(&mut self, at: usize, values: Vec<Typed>, span: Span) -> Typed {
        let Some(script) = self.names.scripts.get(at) else {
            return failed(span);
        };
        let count = script.parameters.len();
        if !self.count(&script.name.text, span, (count, count), values.len()) {
            return failed(span);
        }
        let mut over = None;
        let mut arguments = Vec::new();
        for (at, (value, parameter)) in values.into_iter().zip(&script.parameters).enumerate() {
            let mut ignored = Vec::new();
            let wanted = resolve_type(&parameter.ty, &mut ignored);
            self.expect(&value, &wanted.base);
            if value.ty.many && !wanted.many {
                if over.is_some() {
                    self.single(&value);
                }
                over = over.or(Some(at));
            }
            // Rhai tells a text from a list of one text.
            arguments.push(match wanted.many && !value.ty.many {
                true => Expr::List(vec![value.expr]),
                false => value.expr,
            });
        }
        let mut ignored = Vec::new();
        let result = resolve_type(&script.result, &mut ignored);
        let ty = Type {
            many: result.many || over.is_some(),
            optional: true,
            base: result.base,
        };
        Typed {
            expr: Expr::Script {
                script: at,
                arguments,
                over,
            },
            ty,
            span,
        }
    }

    /// Puts the body of a `fn` in place of its call; arguments become variables.
    fn inline(
        &mut self,
        function: &ast::Function,
        name_span: Span,
        arguments: &[ast::Expr],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let name = &function.name.text;
        if scope.calls.contains(name) {
            if !self.closes_circle(name, scope) {
                return failed(span);
            }
            self.report(
                Diagnostic::new(&codes::RECURSION, span, format!("`{name}` calls itself"))
                    .related(function.name.span, "declared here")
                    .help("functions are inlined; use a comprehension to go over several values"),
            );
            return failed(span);
        }
        let count = function.parameters.len();
        if !self.count(name, name_span, (count, count), arguments.len()) {
            return failed(span);
        }
        let mut bound = Vec::new();
        let mut inner = Scope::constant();
        inner.effects = scope.effects;
        inner.calls = scope.calls.clone();
        inner.calls.push(name.clone());
        let mut over = None;
        for (argument, parameter) in arguments.iter().zip(&function.parameters) {
            let value = self.expr(argument, scope);
            let mut ignored = Vec::new();
            let wanted = resolve_type(&parameter.ty, &mut ignored);
            self.expect(&value, &wanted.base);
            let mut ty = Type {
                many: wanted.many,
                ..value.ty.clone()
            };
            if value.ty.many && !wanted.many {
                if over.is_some() {
                    self.single(&value);
                }
                over = Some(bound.len());
                ty.optional = false;
            }
            bound.push((parameter.name.text.clone(), ty, value));
        }
        inner.next_local = scope.next_local;
        let locals: Vec<usize> = bound
            .iter()
            .map(|(name, ty, _)| inner.bind(name, ty.clone()))
            .collect();
        let before = self.diagnostics.len();
        let body = self.expr(&function.body, &mut inner);
        if self.keep_recursion(before) {
            return failed(span);
        }
        if inner.random && !scope.effects {
            self.report(impure(name, span));
        }
        scope.next_local = inner.next_local;
        scope.random |= inner.random;
        let mut expr = body.expr;
        let mut many = body.ty.many;
        let mut optional = body.ty.optional;
        for (at, ((_, _, value), local)) in bound.into_iter().zip(locals).enumerate().rev() {
            expr = if over == Some(at) {
                many = true;
                optional |= value.ty.optional;
                Expr::Each {
                    local,
                    source: Box::new(value.expr),
                    condition: None,
                    body: Box::new(expr),
                }
            } else {
                Expr::Bind {
                    local,
                    value: Box::new(value.expr),
                    body: Box::new(expr),
                }
            };
        }
        if body.ty.is_error() {
            return failed(span);
        }
        let mut ignored = Vec::new();
        let declared = resolve_type(&function.result, &mut ignored);
        let base = match (body.ty.base, declared.base) {
            (Base::Text(Some(length)), Base::Text(None)) => Base::Text(Some(length)),
            (_, declared) => declared,
        };
        Typed {
            expr,
            ty: Type {
                base,
                many,
                optional,
            },
            span,
        }
    }

    /// Checks a `fn` on its own.
    pub(crate) fn function(&mut self, function: &ast::Function) {
        let mut scope = Scope::constant();
        scope.effects = true;
        scope.calls.push(function.name.text.clone());
        for parameter in &function.parameters {
            let ty = resolve_type(&parameter.ty, &mut self.diagnostics).or_absent();
            scope.bind(&parameter.name.text, ty);
        }
        let body = self.expr(&function.body, &mut scope);
        let result = resolve_type(&function.result, &mut self.diagnostics);
        if self.expect(&body, &result.base) && body.ty.many && !result.many {
            self.single(&body);
        }
    }
}

/// The argument at `at` fits another parameter whose own argument would fit here.
fn swapped(function: &Function, values: &[Typed], at: usize) -> bool {
    let base = |at: usize| match function.parameters.get(at)?.shape {
        Shape::One(Kind::Text) => Some(Base::TEXT),
        Shape::One(Kind::Int) => Some(Base::Int),
        Shape::One(Kind::Time) => Some(Base::Time),
        _ => None,
    };
    let fits = |value: usize, parameter: usize| {
        let value = values.get(value);
        value
            .zip(base(parameter))
            .is_some_and(|(value, base)| value.ty.base.fits(&base))
    };
    (0..values.len()).any(|other| other != at && fits(at, other) && fits(other, at))
}

fn impure(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` gives another value in every cycle");
    Diagnostic::new(&codes::IMPURE, span, message)
        .help("flow it `once`: the value is made when the target object is created")
}

/// What to write instead of a function that other dialects have.
fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "IIF" => "write `if … then … else …`",
        "Switch" => "write `match … { … -> …  else -> … }`",
        "Select" | "Where" => "write a comprehension: `[f(x) for x in attribute if p(x)]`",
        "With" => "name the value with `let` or a `fn`",
        "ImportedValue" => "write the attribute itself: rules read confirmed values only",
        "Error" => "write `error \"text\"`",
        "NULL" => "write `null`",
        "ToLower" => "write `LCase(…)`",
        "ToUpper" => "write `UCase(…)`",
        _ => return None,
    })
}

/// The form of a call: `Left(text, count)`.
pub fn signature(function: &Function) -> String {
    let parameters = function
        .parameters
        .iter()
        .map(|parameter| match parameter.occurs {
            Occurs::Once => parameter.name.to_owned(),
            Occurs::Optional => format!("[{}]", parameter.name),
            Occurs::Repeated => format!("{}, …", parameter.name),
        });
    format!(
        "{}({})",
        function.name,
        parameters.collect::<Vec<_>>().join(", ")
    )
}

fn bound(value: Option<&Typed>) -> Option<u32> {
    match value?.ty.base {
        Base::Text(bound) => bound,
        Base::Guid => Some(16),
        Base::Bool => Some(5),
        Base::Int => Some(20),
        _ => None,
    }
}

fn number(value: Option<&Typed>) -> Option<u32> {
    match &value?.expr {
        Expr::Constant(Constant::Int(number)) => u32::try_from(*number).ok(),
        _ => None,
    }
}

fn length(function: &Function, values: &[Typed]) -> Option<u32> {
    let first = bound(values.first());
    let smaller = |a: Option<u32>, b: Option<u32>| match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    match function.length {
        Length::Unknown => None,
        Length::Argument(at) => bound(values.get(at)),
        Length::Cut => smaller(first, number(values.get(1))),
        // A start behind the end gives the whole text, which is then shorter than the start.
        Length::CutMid => match number(values.get(1)) {
            Some(start) if start > 0 => {
                let count = number(values.get(2)).filter(|count| *count > 0);
                smaller(first, count.map(|count| count.max(start - 1)))
            }
            _ => first,
        },
        Length::AtMost(most) => Some(most),
        Length::Sum => values.iter().try_fold(0u32, |sum, value| {
            bound(Some(value)).map(|b| sum.saturating_add(b))
        }),
        Length::Base64 => match values.first().map(|value| &value.ty.base) {
            Some(Base::Guid) => Some(24),
            Some(Base::Text(Some(length))) => Some(length.saturating_mul(4).div_ceil(3) * 4),
            _ => None,
        },
        Length::Times(times) => first.map(|length| length.saturating_mul(times)),
        Length::Pad => first
            .zip(number(values.get(1)))
            .map(|(length, pad)| length.max(pad)),
    }
}
