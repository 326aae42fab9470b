//! Tests: objects with values that their types can have, and expectations of them.

use trib_grammar::ast::{self, TestStepKind};
use trib_grammar::{Span, ast::Name};

use super::{Checker, Scope, unknown};
use crate::checked::{Step, StepKind, Test, Values};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{Constant, End, Expr};
use crate::notation;
use crate::schema::Kind;
use crate::types::{Base, Type};

/// What names the objects of a test.
#[derive(Default)]
struct Labels {
    /// Labels, and dns of objects without one, of the objects given so far, with their types.
    given: Vec<(String, End)>,
    /// Labels of the whole test: references may point ahead.
    all: Vec<String>,
    /// A file was given: its objects go by their dns, which are known when the test runs.
    files: bool,
}

impl Labels {
    fn of(test: &ast::Test) -> Labels {
        let steps = test.cycles.iter().flat_map(|cycle| &cycle.steps);
        let labels = steps.filter_map(|step| match &step.kind {
            TestStepKind::Given { label, .. } => label.as_ref().map(|label| label.value.clone()),
            _ => None,
        });
        Labels {
            all: labels.collect(),
            ..Labels::default()
        }
    }

    fn end(&self, label: &str) -> Option<End> {
        let mut given = self.given.iter().rev();
        given.find(|(known, _)| known == label).map(|(_, end)| *end)
    }
}

impl Checker<'_> {
    /// Checks a test.
    pub(crate) fn test(&mut self, test: &ast::Test) -> Test {
        let mut labels = Labels::of(test);
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

    fn step(&mut self, step: &ast::TestStep, labels: &mut Labels) -> Option<StepKind> {
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
                let values = self.values(end, attributes, labels);
                match label {
                    Some(label) => self.label(label, end, labels),
                    None => {
                        let dn = own_dn(&values).map(str::to_owned);
                        labels.given.extend(dn.map(|dn| (dn, end)));
                    }
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
                let kind = self.names.connectors.get(*at).map(|known| known.kind);
                if kind == Some(Kind::Entra) {
                    self.report(
                        Diagnostic::new(
                            &codes::TEST_OBJECT,
                            connector.span,
                            format!(
                                "`{}` is no directory that a file can stand for",
                                connector.text
                            ),
                        )
                        .help("LDIF is of Active Directory; give the cloud's objects one by one"),
                    );
                    return None;
                }
                labels.files = true;
                StepKind::GivenFile {
                    connector: *at,
                    file: file.value.clone(),
                }
            }
            TestStepKind::Change { label, attributes } => {
                let Some(end) = self.labelled(label, labels)? else {
                    self.report(
                        Diagnostic::new(
                            &codes::TEST_OBJECT,
                            label.span,
                            format!("`{}` is an object of a file", label.value),
                        )
                        .help(
                            "a file of change records changes it: `given corp from \"later.ldif\"`",
                        ),
                    );
                    return None;
                };
                StepKind::Change {
                    label: label.value.clone(),
                    values: self.values(end, attributes, labels),
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
        labels: &Labels,
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
            values: self.values(end, attributes, labels),
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

    /// A label names one object. Given again, in a `then`, it is the same one that comes back.
    fn label(&mut self, label: &ast::Text, end: End, labels: &mut Labels) {
        if labels.end(&label.value).is_some_and(|known| known != end) {
            self.report(
                Diagnostic::new(
                    &codes::TEST_OBJECT,
                    label.span,
                    format!("`{}` is another object already", label.value),
                )
                .help("give each object a label of its own"),
            );
        }
        labels.given.push((label.value.clone(), end));
    }

    /// The type of the object that a label names; inside, nothing for the object of a file.
    fn labelled(&mut self, label: &ast::Text, labels: &Labels) -> Option<Option<End>> {
        if let Some(end) = labels.end(&label.value) {
            return Some(Some(end));
        }
        if labels.files && is_dn(&label.value) {
            return Some(None);
        }
        let known = labels.given.iter().map(|(known, _)| known.as_str());
        self.no_object(label.span, &label.value, known);
        None
    }

    fn no_object<'a>(&mut self, span: Span, name: &str, known: impl Iterator<Item = &'a str>) {
        let diagnostic = unknown(
            &codes::TEST_OBJECT,
            span,
            format!("no object `{name}` was given"),
            name,
            known,
            "objects are named by the label behind their type in `given`",
        );
        self.report(Diagnostic {
            fix: None,
            ..diagnostic
        });
    }

    /// A reference names an object of the test: by its label, ahead too, or by a dn.
    fn referred(&mut self, constant: &Constant, base: &Base, span: Span, labels: &Labels) {
        if !matches!(base, Base::Dn | Base::Ref(_)) {
            return;
        }
        match constant {
            Constant::List(items) => items
                .iter()
                .for_each(|item| self.referred(item, base, span, labels)),
            Constant::Text(name) if !is_dn(name) && !labels.all.contains(name) => {
                self.no_object(span, name, labels.all.iter().map(String::as_str));
            }
            _ => {}
        }
    }

    fn values(&mut self, end: End, attributes: &[(Name, ast::Expr)], labels: &Labels) -> Values {
        let mut values = Values::new();
        for (name, expr) in attributes {
            let found = self.attribute(end, &name.text, name.span);
            let mut scope = Scope::constant();
            scope.loose = true;
            let value = self.expr(expr, &mut scope);
            let Some(found) = found else { continue };
            if let Some(constant) = self.constant(&value.expr, &found.ty, expr.span) {
                self.referred(&constant, &found.ty.base, expr.span, labels);
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
                .help(match &ty.base {
                    Base::Guid => "write `guid \"…\"`".to_owned(),
                    Base::Sid => "write `sid \"…\"`".to_owned(),
                    Base::Binary => "write `hex \"…\"`".to_owned(),
                    Base::Time => "write `time \"…\"`".to_owned(),
                    Base::Record(record) => {
                        let fields = record.fields.iter();
                        let fields = fields.map(|(name, ty)| format!("{name}: {ty}"));
                        let fields: Vec<String> = fields.take(8).collect();
                        format!("its fields are `{{ {} }}`", fields.join(", "))
                    }
                    _ if !ty.many && matches!(constant, Constant::List(_)) => {
                        "the attribute has a single value".to_owned()
                    }
                    _ => "write a value of this type".to_owned(),
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
        (Constant::Record(fields), Base::Record(record)) => fields.iter().all(|(name, value)| {
            let known = record.fields.iter().find(|(known, _)| known == name);
            known.is_some_and(|(_, ty)| match value {
                Constant::Absent => true,
                Constant::List(items) => ty.many && items.iter().all(|item| fits(item, &ty.base)),
                single => fits(single, &ty.base),
            })
        }),
        _ => false,
    }
}

/// The dn that an object says it has.
fn own_dn(values: &Values) -> Option<&str> {
    let named = |name: &str| name == "dn" || name == "distinguishedName";
    values.iter().find_map(|(name, value)| match value {
        Constant::Text(dn) if named(name) => Some(dn.as_str()),
        _ => None,
    })
}

fn is_dn(text: &str) -> bool {
    text.contains('=')
}
