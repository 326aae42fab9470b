//! A lone expression, as `trib eval` takes it.

use std::cell::RefCell;

use trib_grammar::ast::{Name, TypePath};
use trib_grammar::{FileId, Span};

use super::{Checker, Scope};
use crate::checked::{Rules, Typed};
use crate::diagnostics::Diagnostic;
use crate::ir::End;
use crate::names::collect;
use crate::sources::Sources;
use crate::types::Type;

/// An expression of `trib eval`, checked against the attributes of one object type.
#[derive(Debug)]
pub struct Evaluable {
    /// The expression.
    pub typed: Typed,
    /// The object types it was checked against.
    pub rules: Rules,
    /// The end that its attributes belong to.
    pub end: Option<End>,
}

/// The types of the attributes of `from`, by name; it knows none where `from` names nothing.
pub fn attribute_types(sources: &mut Sources, from: &str) -> impl Fn(&str) -> Option<Type> + use<> {
    let mut diagnostics = Vec::new();
    let mut names = collect(sources, &mut trib_grammar::parse, &mut diagnostics);
    names.add_builtin_connectors();
    names.add_usual_metaverse();
    let span = Span::new(FileId(0), 0, 0);
    let mut checker = Checker::new(&names, sources);
    let end = checker.ends(&path(from, span)).first().copied();
    let objects = RefCell::new(checker.objects);
    move |name| Some(objects.borrow_mut().attribute(end?, name)?.ty)
}

fn path(from: &str, span: Span) -> TypePath {
    let name = |text: &str| Name {
        text: text.to_owned(),
        span,
    };
    let (connector, object_type) = match from.split_once('.') {
        Some((connector, object_type)) => (Some(name(connector)), name(object_type)),
        None => (None, name(from)),
    };
    TypePath {
        span,
        connector,
        object_type,
    }
}

/// Checks a lone expression over `from` (`ad.user`, `person`, `cloud.user`), with the builtin schemas
/// of the kinds at hand beside what `sources` declare.
pub fn check_expression(
    sources: &mut Sources,
    file: FileId,
    expression: &trib_grammar::ast::Expr,
    from: Option<&str>,
) -> (Option<Evaluable>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut names = collect(sources, &mut trib_grammar::parse, &mut diagnostics);
    names.add_builtin_connectors();
    names.add_usual_metaverse();
    let mut checker = Checker::new(&names, sources);
    checker.scripts();
    checker.diagnostics = diagnostics;
    let span = Span::new(file, 0, 0);
    let end = from.map(|from| checker.ends(&path(from, span)).first().copied());
    let end = match end {
        Some(None) => return (None, checker.diagnostics),
        Some(Some(end)) => Some(end),
        None => None,
    };
    let mut scope = match end {
        Some(end) => Scope::over(end),
        None => Scope::constant(),
    };
    scope.effects = true;
    scope.tail = true;
    scope.loose = true;
    let typed = checker.expr(expression, &mut scope);
    let Checker {
        objects,
        scripts,
        parameters,
        diagnostics,
        ..
    } = checker;
    let mut rules = objects.into_rules(&names);
    rules.scripts = scripts;
    rules.parameters = parameters;
    (Some(Evaluable { typed, rules, end }), diagnostics)
}
