//! Flows: targets that may be written, values that fit them.

use trib_grammar::Span;
use trib_grammar::ast;

use super::{Checker, Found, Scope};
use crate::checked::{Flow, Typed};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{End, Mode};
use crate::schema::Write;
use crate::types::{Base, Type};

/// Graph takes a password and never shows it; it is made when the object is written.
const SECRET: &str = "passwordProfile";

impl Checker<'_> {
    /// Checks a flow and adds one for each of its targets.
    pub(super) fn flow(
        &mut self,
        flow: &ast::Flow,
        target: End,
        scope: &Scope,
        out: &mut Vec<Flow>,
    ) {
        if target == End::Any {
            return;
        }
        for name in &flow.targets {
            let mode = Self::mode(flow.mode);
            let found = self.attribute(target, &name.text, name.span);
            if found.is_none() && flow.value.is_none() {
                self.copied(name, flow, scope);
                continue;
            }
            let mut inner = scope.clone();
            inner.it = Some(match found {
                Some(_) => name.text.clone(),
                None => String::new(),
            });
            inner.tail = true;
            inner.effects = mode == Mode::Once || found.as_ref().is_some_and(only_once);
            let value = match &flow.value {
                Some(expr) => self.expr(expr, &mut inner),
                None => {
                    let kind = ast::ExprKind::Name(name.text.clone());
                    let mut bare = scope.clone();
                    bare.locals.clear();
                    self.expr(
                        &ast::Expr {
                            span: name.span,
                            kind,
                        },
                        &mut bare,
                    )
                }
            };
            let Some(found) = found else { continue };
            if !value.ty.is_error() {
                self.writable(&found, mode, flow, name.span);
            }
            self.fits(&found, &value, target, flow, mode);
            if let Some(first) = out.iter().find(|other| other.target == found.slot) {
                let message = format!("the rule flows `{}` twice", found.name);
                let diagnostic = Diagnostic::new(&codes::FLOW_TWICE, name.span, message)
                    .related(first.span, "first here")
                    .help("remove one of the two, or join them with `??` or `if`");
                self.report(diagnostic);
                continue;
            }
            let deferred = inner.random || found.name == SECRET;
            out.push(Flow {
                target: found.slot,
                span: name.span,
                mode,
                value,
                deferred,
            });
        }
    }

    /// A plain copy whose target is unknown: if the source has the name, only the target gets another.
    fn copied(&mut self, name: &ast::Name, flow: &ast::Flow, scope: &Scope) {
        let named = |end| self.objects.has_attribute(end, &name.text);
        if !scope.source.is_some_and(named) {
            return;
        }
        let Some(last) = self.diagnostics.last_mut() else {
            return;
        };
        last.fix = match (last.fix.take(), flow.targets.as_slice()) {
            (Some(fix), [_]) if last.span == name.span => {
                let edits = fix.edits.into_iter();
                let edits = edits.map(|(span, near)| (span, format!("{near} <- {}", name.text)));
                Some(crate::diagnostics::Fix {
                    title: fix.title,
                    edits: edits.collect(),
                })
            }
            _ => None,
        };
    }

    fn writable(&mut self, found: &Found, mode: Mode, flow: &ast::Flow, span: Span) {
        if found.name == SECRET && mode != Mode::Once {
            let message = format!("`{SECRET}` can be written and never read, so it cannot be kept");
            self.report(write_once(span, message, flow));
            return;
        }
        match found.write {
            Write::Yes => {}
            Write::Unknown => self.report(
                Diagnostic::new(
                    &codes::WRITE_UNKNOWN,
                    span,
                    format!(
                        "Graph's reference does not say that `{}` can be written",
                        found.name
                    ),
                )
                .help("try it on the sandbox tenant of the organization first"),
            ),
            Write::No(why) => self.report(
                Diagnostic::new(
                    &codes::READ_ONLY,
                    span,
                    format!("`{}` is read-only: {why}", found.name),
                )
                .help("remove the flow, or flow to an attribute that can be written"),
            ),
            Write::Once if mode == Mode::Once => {}
            Write::Once => {
                let message = format!(
                    "`{}` can be set only when the object is created",
                    found.name
                );
                self.report(write_once(span, message, flow));
            }
        }
    }

    fn fits(&mut self, found: &Found, value: &Typed, target: End, flow: &ast::Flow, mode: Mode) {
        if value.ty.is_error() || matches!(value.ty.base, Base::Nothing) {
            return;
        }
        if matches!(mode, Mode::Merge | Mode::MergeIgnoringCase) && !found.ty.many {
            self.report(
                Diagnostic::new(
                    &codes::CARDINALITY,
                    value.span,
                    format!(
                        "`{}` has a single value, so there is nothing to merge",
                        found.name
                    ),
                )
                .help("remove `merge`"),
            );
        }
        if let (Base::Record(given), Base::Record(wanted)) = (&value.ty.base, &found.ty.base) {
            self.record(given, wanted, value.span, flow);
            return;
        }
        // A text may stand for the name of an entry; what refers to others takes references.
        let own_name = ["dn", "distinguishedName"].contains(&found.name.as_str());
        let refers = matches!(target, End::Directory(..)) && !own_name;
        let fits = match (&value.ty.base, &found.ty.base) {
            (Base::Ref(_), Base::Dn) if refers => true,
            (Base::Text(_) | Base::Dn, Base::Dn) if refers => {
                self.names_nobody(found, value);
                return;
            }
            (Base::Text(_), Base::Dn) => true,
            (_, wanted) => self.expect(value, wanted),
        };
        if !fits {
            return;
        }
        if value.ty.many && !found.ty.many {
            let text = self.sources.text(value.span).to_owned();
            let shown = if flow.value.is_some() {
                text.clone()
            } else {
                found.name.clone()
            };
            let replacement = match &flow.value {
                Some(_) => format!("First({text})"),
                None => format!("{text} <- First({text})"),
            };
            let mut diagnostic = Diagnostic::new(
                &codes::CARDINALITY,
                value.span,
                format!(
                    "`{shown}` has several values and `{}` takes one",
                    found.name
                ),
            )
            .help(format!(
                "choose one: `First({shown})` or `Item({shown}, 1)`"
            ));
            if flow.targets.len() == 1 {
                diagnostic = diagnostic.fix("take the first value", value.span, replacement);
            }
            self.report(diagnostic);
            return;
        }
        self.length(found, value, target, flow);
    }

    /// A dn where the object behind it is needed: the engine writes only links between objects it knows.
    fn names_nobody(&mut self, found: &Found, value: &Typed) {
        let message = format!(
            "`{}` refers to objects, and a dn only names one",
            found.name
        );
        let diagnostic = Diagnostic::new(&codes::TYPE_MISMATCH, value.span, message)
            .help("flow a metaverse attribute of type `ref any` or `[ref any]`");
        self.report(diagnostic);
    }

    fn length(&mut self, found: &Found, value: &Typed, target: End, flow: &ast::Flow) {
        let (Base::Text(given), Base::Text(Some(most))) = (&value.ty.base, &found.ty.base) else {
            return;
        };
        if given.is_some_and(|given| given <= *most) {
            return;
        }
        let text = self.sources.text(value.span);
        let object_type = self.objects.name(target);
        let can = given.map_or("any length".to_owned(), |given| {
            format!("{given} characters")
        });
        let mut diagnostic = Diagnostic::new(
            &codes::TOO_LONG,
            value.span,
            format!(
                "`{text}` can have {can}; `{object_type}.{}` takes {most}",
                found.name
            ),
        )
        .help(format!("cut it: `Left({text}, {most})`"));
        match flow.value {
            Some(_) => {
                let cut = format!("Left({text}, {most})");
                if !text.contains("it") || flow.targets.len() == 1 {
                    diagnostic = diagnostic.fix(format!("cut at {most}"), value.span, cut);
                }
            }
            None if flow.targets.len() == 1 => {
                let cut = format!("{text} <- Left({text}, {most})");
                diagnostic = diagnostic.fix(format!("cut at {most}"), value.span, cut);
            }
            None => {}
        }
        self.report(diagnostic);
    }

    fn record(
        &mut self,
        given: &crate::types::Record,
        wanted: &crate::types::Record,
        whole: Span,
        flow: &ast::Flow,
    ) {
        for (name, ty) in &given.fields {
            let span = field(flow, name).unwrap_or(whole);
            let known = wanted.fields.iter().find(|(known, _)| known == name);
            match known {
                None => {
                    let names = wanted.fields.iter().map(|(known, _)| known.as_str());
                    let help = match crate::diagnostics::nearest(name, names.clone()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("it has {}", crate::names::list(names)),
                    };
                    let message = format!("`{}` has no field `{name}`", wanted.name);
                    self.report(
                        Diagnostic::new(&codes::UNKNOWN_ATTRIBUTE, span, message).help(help),
                    );
                }
                Some((_, wanted)) if !ty.base.fits(&wanted.base) || (ty.many && !wanted.many) => {
                    let message = format!(
                        "field `{name}` is `{}` where `{}` is needed",
                        Type {
                            optional: false,
                            ..ty.clone()
                        },
                        Type {
                            optional: false,
                            ..wanted.clone()
                        },
                    );
                    self.report(Diagnostic::new(&codes::TYPE_MISMATCH, span, message));
                }
                Some(_) => {}
            }
        }
    }
}

/// The directory takes the attribute when the object is created, and never again.
fn only_once(found: &Found) -> bool {
    found.name == SECRET || matches!(found.write, Write::Once)
}

/// Where a flow's record literal names a field.
fn field(flow: &ast::Flow, name: &str) -> Option<Span> {
    let ast::ExprKind::Record(fields) = &flow.value.as_ref()?.kind else {
        return None;
    };
    let named = fields.iter().find(|(field, _)| field.text == name);
    named.map(|(field, _)| field.span)
}

fn write_once(span: Span, message: String, flow: &ast::Flow) -> Diagnostic {
    let diagnostic = Diagnostic::new(&codes::CREATE_ONLY, span, message)
        .help("write `once` before the expression");
    match (&flow.value, flow.mode, flow.targets.as_slice()) {
        (Some(value), None, [_]) => {
            let before = Span {
                end: value.span.start,
                ..value.span
            };
            diagnostic.fix("write `once`", before, "once ")
        }
        _ => diagnostic,
    }
}
