//! Tests: objects with values that their types can have, and expectations of them.

use trib_grammar::ast::{self, TestStepKind};
use trib_grammar::{Span, ast::Name};

use super::{Checker, Scope, unknown};
use crate::checked::{Step, StepKind, Test, Values};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{Constant, End, Expr};
use crate::notation;
use crate::types::{Base, Type};

impl Checker<'_> {
    /// Checks a test.
    pub(crate) fn test(&mut self, test: &ast::Test) -> Test {
        let mut labels: Vec<(String, End)> = Vec::new();
        let mut cycles = Vec::new();
        for cycle in &test.cycles {
            let mut steps = Vec::new();
            for step in &cycle.steps {
                if let Some(kind) = self.step(step, &mut labels) {
                    steps.push(Step {
                        span: step.span,
                        kind,
                    });
                }
            }
            cycles.push(steps);
        }
        Test {
            name: test.name.value.clone(),
            span: test.name.span,
            cycles,
        }
    }

    fn step(&mut self, step: &ast::TestStep, labels: &mut Vec<(String, End)>) -> Option<StepKind> {
        Some(match &step.kind {
            TestStepKind::Given {
                object_type,
                label,
                attributes,
            } => {
                let end = self.directory_end(object_type)?;
                let End::Directory(connector, _) = end else {
                    return None;
                };
                let values = self.values(end, attributes);
                if let Some(label) = label {
                    labels.push((label.value.clone(), end));
                }
                StepKind::Given {
                    connector,
                    object_type: self.objects.name(end).to_owned(),
                    label: label.as_ref().map(|label| label.value.clone()),
                    values,
                }
            }
            TestStepKind::GivenFile { connector, file } => {
                let known = self.names.connectors(connector.span.file, &connector.text);
                let Some(at) = known.first() else {
                    let names: Vec<&str> = self
                        .names
                        .connectors
                        .iter()
                        .map(|c| c.name.as_str())
                        .collect();
                    let diagnostic = unknown(
                        &codes::UNKNOWN_CONNECTOR,
                        connector.span,
                        format!("there is no connector `{}`", connector.text),
                        &connector.text,
                        names,
                        "declare it",
                    );
                    self.report(diagnostic);
                    return None;
                };
                StepKind::GivenFile {
                    connector: *at,
                    file: file.value.clone(),
                }
            }
            TestStepKind::Change { label, attributes } => {
                let end = self.labelled(label, labels)?;
                StepKind::Change {
                    label: label.value.clone(),
                    values: self.values(end, attributes),
                }
            }
            TestStepKind::Remove(label) => {
                self.labelled(label, labels)?;
                StepKind::Remove(label.value.clone())
            }
            TestStepKind::Expect {
                object_type,
                label,
                attributes,
            } => self.expectation(object_type, label.as_ref(), attributes, labels, false)?,
            TestStepKind::ExpectNo {
                object_type,
                label,
                attributes,
            } => self.expectation(object_type, label.as_ref(), attributes, labels, true)?,
            TestStepKind::ExpectError(text) => StepKind::ExpectError(text.value.clone()),
            TestStepKind::With { parameter, value } => {
                StepKind::With(parameter.text.clone(), value.value.clone())
            }
            TestStepKind::At(text) => match notation::time::parse(&text.value) {
                Some(ticks) => StepKind::At(ticks),
                None => {
                    let message = format!("`{}` is no time", text.value);
                    self.report(
                        Diagnostic::new(&codes::LITERAL, text.span, message)
                            .help("the form is `2026-01-31T00:00:00Z`"),
                    );
                    return None;
                }
            },
        })
    }

    fn expectation(
        &mut self,
        object_type: &ast::TypePath,
        label: Option<&ast::Text>,
        attributes: &[(Name, ast::Expr)],
        labels: &[(String, End)],
        none: bool,
    ) -> Option<StepKind> {
        let end = *self.ends(object_type).first()?;
        if let Some(label) = label {
            self.labelled(label, labels)?;
        }
        Some(StepKind::Expect {
            object_type: self.sources.text(object_type.span).to_owned(),
            end,
            label: label.map(|label| label.value.clone()),
            values: self.values(end, attributes),
            none,
        })
    }

    fn directory_end(&mut self, path: &ast::TypePath) -> Option<End> {
        let end = *self.ends(path).first()?;
        if matches!(end, End::Directory(..)) {
            return Some(end);
        }
        self.report(
            Diagnostic::new(
                &codes::TEST_OBJECT,
                path.span,
                "a test gives objects of connected directories",
            )
            .help("the metaverse is made by the rules; give the directory's object"),
        );
        None
    }

    fn labelled(&mut self, label: &ast::Text, labels: &[(String, End)]) -> Option<End> {
        if let Some((_, end)) = labels.iter().rev().find(|(known, _)| *known == label.value) {
            return Some(*end);
        }
        let diagnostic = unknown(
            &codes::TEST_OBJECT,
            label.span,
            format!("no object `{}` was given", label.value),
            &label.value,
            labels.iter().map(|(known, _)| known.as_str()),
            "objects are named by the label behind their type in `given`",
        );
        let diagnostic = Diagnostic {
            fix: None,
            ..diagnostic
        };
        self.report(diagnostic);
        None
    }

    fn values(&mut self, end: End, attributes: &[(Name, ast::Expr)]) -> Values {
        let mut values = Values::new();
        for (name, expr) in attributes {
            let found = self.attribute(end, &name.text, name.span);
            let mut scope = Scope::constant();
            scope.tail = true;
            let value = self.expr(expr, &mut scope);
            let Some(found) = found else { continue };
            if let Some(constant) = self.constant(&value.expr, &found.ty, expr.span) {
                values.push((found.name, constant));
            }
        }
        values
    }

    /// The constant that an attribute of type `ty` gets; texts may stand for dns and references.
    fn constant(&mut self, expr: &Expr, ty: &Type, span: Span) -> Option<Constant> {
        let constant = fold(expr);
        let Some(constant) = constant else {
            self.report(
                Diagnostic::new(
                    &codes::NOT_CONSTANT,
                    span,
                    "a value in a test is a constant",
                )
                .help("write the value itself"),
            );
            return None;
        };
        let fits = match &constant {
            Constant::Absent => true,
            Constant::List(items) => {
                (ty.many || items.len() <= 1) && items.iter().all(|item| fits(item, &ty.base))
            }
            single => fits(single, &ty.base),
        };
        if !fits {
            self.report(
                Diagnostic::new(
                    &codes::TEST_VALUE,
                    span,
                    format!(
                        "this is no value of type `{}`",
                        Type {
                            optional: false,
                            ..ty.clone()
                        }
                    ),
                )
                .help(match ty.base {
                    Base::Guid => "write `guid \"…\"`",
                    Base::Sid => "write `sid \"…\"`",
                    Base::Binary => "write `hex \"…\"`",
                    Base::Time => "write `time \"…\"`",
                    _ if !ty.many => "the attribute has a single value",
                    _ => "write a value of this type",
                }),
            );
            return None;
        }
        Some(constant)
    }
}

/// The constant that an expression of literals is.
pub(crate) fn fold(expr: &Expr) -> Option<Constant> {
    Some(match expr {
        Expr::Constant(constant) => constant.clone(),
        Expr::List(items) => Constant::List(items.iter().map(fold).collect::<Option<_>>()?),
        Expr::Record(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| Some((name.clone(), fold(value)?)));
            Constant::Record(fields.collect::<Option<_>>()?)
        }
        Expr::Arithmetic {
            operator: crate::ir::Arithmetic::Subtract,
            left,
            right,
        } => match (fold(left)?, fold(right)?) {
            (Constant::Int(a), Constant::Int(b)) => Constant::Int(a.checked_sub(b)?),
            _ => return None,
        },
        Expr::Concat(parts) => {
            let mut text = String::new();
            for part in parts {
                match fold(part)? {
                    Constant::Text(part) => text.push_str(&part),
                    _ => return None,
                }
            }
            Constant::Text(text)
        }
        _ => return None,
    })
}

fn fits(constant: &Constant, base: &Base) -> bool {
    match (constant, base) {
        (_, Base::Error) => true,
        (Constant::Text(_), Base::Text(_) | Base::Dn | Base::Ref(_)) => true,
        (Constant::Int(_), Base::Int) | (Constant::Bool(_), Base::Bool) => true,
        (Constant::Time(_), Base::Time) => true,
        (Constant::Binary(bytes), Base::Guid) => bytes.len() == 16,
        (Constant::Binary(_), Base::Binary | Base::Sid) => true,
        (Constant::Record(_), Base::Record(_)) => true,
        _ => false,
    }
}
