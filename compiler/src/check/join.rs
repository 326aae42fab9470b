//! Joins: what objects are looked up by.

use trib_grammar::Span;
use trib_grammar::ast;

use super::{Checker, Scope, unknown};
use crate::checked::{Join, Typed};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{End, JoinTarget, JoinTerm};
use crate::names::MetaverseAttribute;
use crate::schema::Kind;
use crate::types::Base;

impl Checker<'_> {
    pub(super) fn join(
        &mut self,
        terms: &[ast::JoinTerm],
        span: Span,
        target: End,
        scope: &Scope,
    ) -> Option<Join> {
        let mut checked = Vec::new();
        for term in terms {
            let mut inner = scope.clone();
            let source = self.expr(&term.source, &mut inner);
            self.single(&source);
            let wanted = self.objects.name(target).to_owned();
            if !term.target_type.text.eq_ignore_ascii_case(&wanted) {
                self.report(
                    Diagnostic::new(
                        &codes::JOIN_TARGET,
                        term.target_type.span,
                        format!(
                            "the rule's target is `{wanted}`, not `{}`",
                            term.target_type.text
                        ),
                    )
                    .help(format!("write `{wanted}.{}`", term.target_attribute.text))
                    .fix(
                        format!("write `{wanted}`"),
                        term.target_type.span,
                        wanted,
                    ),
                );
                return None;
            }
            let target = match target {
                End::Any => self.join_any(term)?,
                _ => self.join_attribute(term, target, &source)?,
            };
            checked.push(JoinTerm {
                source: source.expr,
                target,
                exact: term.exact,
            });
        }
        Some(Join {
            terms: checked,
            span,
        })
    }

    fn join_any(&mut self, term: &ast::JoinTerm) -> Option<JoinTarget> {
        let name = &term.target_attribute;
        let known = self.names.metaverse.iter().flat_map(|ty| &ty.attributes);
        let known: Vec<_> = known
            .filter(|a| a.name.eq_ignore_ascii_case(&name.text))
            .collect();
        if known.is_empty() {
            let all = self.names.metaverse.iter().flat_map(|ty| &ty.attributes);
            let all: Vec<&str> = all.map(|attribute| attribute.name.as_str()).collect();
            let diagnostic = unknown(
                &codes::UNKNOWN_ATTRIBUTE,
                name.span,
                format!("no metaverse type has an attribute `{}`", name.text),
                &name.text,
                all,
                "declare it with `metaverse`",
            );
            self.report(diagnostic);
            return None;
        }
        if let Some(unindexed) = known.iter().find(|attribute| !attribute.indexed) {
            if self.unindexed.insert(unindexed.span) {
                let diagnostic = unindexed_metaverse(&name.text, name.span, unindexed);
                self.report(diagnostic);
            }
            return None;
        }
        known
            .first()
            .map(|attribute| JoinTarget::Named(attribute.name.clone()))
    }

    fn join_attribute(
        &mut self,
        term: &ast::JoinTerm,
        target: End,
        source: &Typed,
    ) -> Option<JoinTarget> {
        let name = &term.target_attribute;
        let found = self.attribute(target, &name.text, name.span)?;
        if !found.indexed {
            let declared = match target {
                End::Metaverse(at) => self.names.metaverse.get(at).and_then(|ty| {
                    ty.attributes
                        .iter()
                        .find(|a| a.name.eq_ignore_ascii_case(&name.text))
                }),
                _ => None,
            };
            let diagnostic = match declared {
                Some(declared) => {
                    if self.unindexed.insert(declared.span) {
                        let diagnostic = unindexed_metaverse(&name.text, name.span, declared);
                        self.report(diagnostic);
                    }
                    return None;
                }
                None => Diagnostic::new(
                    &codes::UNINDEXED,
                    name.span,
                    format!("the directory cannot look objects up by `{}`", found.name),
                )
                .help(self.joinable(target)),
            };
            self.report(diagnostic);
            return None;
        }
        if self.kind(target) == Some(Kind::Entra) && !found.unique {
            self.report(
                Diagnostic::new(
                    &codes::NOT_UNIQUE,
                    name.span,
                    format!("several objects can have the same `{}`", found.name),
                )
                .help("an object that finds several is reported as ambiguous and not provisioned"),
            );
        }
        let fits = source.ty.base.fits(&found.ty.base)
            || matches!((&source.ty.base, &found.ty.base), (Base::Dn, Base::Text(_)));
        if !fits {
            let diagnostic = self.mismatch(source, &found.ty.base);
            self.report(diagnostic);
        }
        Some(JoinTarget::Slot(found.slot))
    }

    fn kind(&self, target: End) -> Option<Kind> {
        match target {
            End::Directory(connector, _) => self.names.connectors.get(connector).map(|c| c.kind),
            _ => None,
        }
    }

    fn joinable(&self, target: End) -> String {
        if self.kind(target) == Some(Kind::Ad) {
            return "join on a value that stays with the object: `objectGUID`, or one that rules \
                    write, such as `adminDescription`"
                .to_owned();
        }
        let names: Vec<String> = self.objects.schema(target).map_or(Vec::new(), |schema| {
            schema
                .attributes()
                .iter()
                .filter(|a| a.indexed)
                .map(|a| a.name.clone())
                .collect()
        });
        format!("{} can be joined on", super::words(&names))
    }
}

fn unindexed_metaverse(name: &str, span: Span, declared: &MetaverseAttribute) -> Diagnostic {
    let end = Span {
        start: declared.whole.end,
        ..declared.whole
    };
    Diagnostic::new(&codes::UNINDEXED, span, format!("`{name}` is not indexed"))
        .related(declared.span, "declared here without `indexed`")
        .help("write `indexed` behind its type: only indexed attributes can be joined on")
        .fix("declare it `indexed`", end, "  indexed")
}
