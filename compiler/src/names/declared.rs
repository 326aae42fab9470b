//! Declarations, one kind after the other: what is declared twice or in two ways is reported.

use trib_grammar::Span;
use trib_grammar::ast;

use super::{Connector, MetaverseAttribute, MetaverseType, Names, list, twice};
use crate::bundle::sha256;
use crate::diagnostics::{Diagnostic, codes, nearest};
use crate::schema::pulled::PulledSchema;
use crate::schema::{Kind, Schema};
use crate::sources::Sources;
use crate::type_expr::resolve_type;
use crate::types::Base;

pub(super) fn add_connector(
    connector: ast::Connector,
    sources: &Sources,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let file = connector.span.file;
    let bound = names.bound(file, &connector.name.text);
    let Some(kind) = Kind::parse(&connector.kind.text) else {
        names.unread.extend(bound);
        let word = &connector.kind;
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_WORD,
            word.span,
            format!("`{}` is no kind of connector", word.text),
        )
        .help(format!("the kinds are {}", list(Kind::NAMES)));
        if let Some(near) = nearest(&word.text, Kind::NAMES) {
            diagnostic = diagnostic.fix(format!("write `{near}`"), word.span, near);
        }
        diagnostics.push(diagnostic);
        return;
    };
    let mut schema = Schema::Builtin(kind);
    let mut schema_file = None;
    if let Some(path) = &connector.schema {
        let text = sources.schema(file, &path.value);
        schema_file = text.map(|text| (path.value.clone(), sha256(text.as_bytes())));
        match text.map(serde_json::from_str::<PulledSchema>) {
            Some(Ok(pulled)) => schema = Schema::Pulled(Box::new(pulled)),
            Some(Err(error)) => diagnostics.push(
                Diagnostic::new(
                    &codes::SYNTAX,
                    path.span,
                    format!("`{}` is not a schema file: {error}", path.value),
                )
                .help("`trib schema pull` writes such a file"),
            ),
            None => diagnostics.push(
                Diagnostic::new(
                    &codes::SYNTAX,
                    path.span,
                    format!("there is no schema file `{}`", path.value),
                )
                .help("the path is relative to this file; `trib schema pull` writes such a file"),
            ),
        }
    }
    for name in bound {
        let declared = Connector {
            name,
            kind,
            schema: schema.clone(),
            schema_file: schema_file.clone(),
            priority: connector.priority.map(|(number, _)| number),
            span: connector.name.span,
        };
        declare(declared, connector.schema.is_some(), names, diagnostics);
    }
}

/// A pack declares the connectors it needs, and the program its own: they are the same.
fn declare(new: Connector, has_schema: bool, names: &mut Names, diagnostics: &mut Vec<Diagnostic>) {
    let mut known = names.connectors.iter_mut();
    let Some(first) = known.find(|first| first.name == new.name) else {
        names.connectors.push(new);
        return;
    };
    if first.kind != new.kind || first.span.file == new.span.file {
        diagnostics.push(twice("connector", &new.name, new.span, first.span));
        return;
    }
    first.priority = first.priority.or(new.priority);
    if has_schema {
        first.schema = new.schema;
        first.schema_file = new.schema_file;
    }
}

pub(super) fn add_metaverse(
    ty: ast::Metaverse,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let at = names.metaverse_type(&ty.name.text).unwrap_or_else(|| {
        names.metaverse.push(MetaverseType {
            name: ty.name.text.clone(),
            attributes: Vec::new(),
            broken: false,
        });
        names.metaverse.len() - 1
    });
    let within = |span: Span| {
        span.file == ty.span.file && span.start >= ty.span.start && span.start <= ty.span.end
    };
    if diagnostics
        .iter()
        .any(|found| found.code.id.starts_with("E01") && within(found.span))
        && let Some(known) = names.metaverse.get_mut(at)
    {
        known.broken = true;
    }
    for attribute in ty.attributes {
        let new = MetaverseAttribute {
            name: attribute.name.text.clone(),
            ty: resolve_type(&attribute.ty, diagnostics).or_absent(),
            indexed: attribute.indexed,
            span: attribute.name.span,
            whole: attribute.span,
        };
        let Some(known) = names.metaverse.get_mut(at) else {
            return;
        };
        let first = known
            .attributes
            .iter_mut()
            .find(|a| a.name.eq_ignore_ascii_case(&new.name));
        match first {
            None => known.attributes.push(new),
            Some(first) if first.ty == new.ty && first.span.file != new.span.file => {
                first.indexed |= new.indexed;
            }
            Some(first) if first.ty == new.ty => {
                diagnostics.push(twice("attribute", &new.name, new.span, first.span))
            }
            Some(first) => diagnostics.push(
                Diagnostic::new(
                    &codes::DUPLICATE,
                    attribute.span,
                    format!(
                        "`{}` is `{}` here and `{}` elsewhere",
                        new.name, new.ty, first.ty
                    ),
                )
                .related(first.span, "first declared here")
                .help("the same attribute has the same type in all files"),
            ),
        }
    }
}

/// A `ref` names a metaverse type that exists.
pub(super) fn check_references(names: &Names, diagnostics: &mut Vec<Diagnostic>) {
    for attribute in names.metaverse.iter().flat_map(|ty| &ty.attributes) {
        if let Base::Ref(Some(target)) = &attribute.ty.base
            && names.metaverse_type(target).is_none()
        {
            let types = names.metaverse.iter().map(|ty| ty.name.as_str());
            let help = match nearest(target, types.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the metaverse types are {}", list(types)),
            };
            diagnostics.push(
                Diagnostic::new(
                    &codes::UNKNOWN_TYPE,
                    attribute.span,
                    format!(
                        "`{}` refers to `{target}`, which is no metaverse type",
                        attribute.name
                    ),
                )
                .help(help),
            );
        }
    }
}

/// Reports a function with the name of a builtin, which goes on to be meant where it is called.
fn reserved(name: &ast::Name, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let reserved = crate::functions::find(&name.text).is_some();
    if reserved {
        diagnostics.push(
            Diagnostic::new(
                &codes::RESERVED,
                name.span,
                format!("`{}` is a builtin function", name.text),
            )
            .help("choose another name"),
        );
    }
    reserved
}

pub(super) fn add_function(
    function: ast::Function,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if reserved(&function.name, diagnostics) {
        return;
    }
    let (name, span) = (function.name.text.clone(), function.name.span);
    let script = names.scripts.iter().find(|script| script.name.text == name);
    let first = names.functions.get(&name).map(|first| first.name.span);
    match first.or(script.map(|script| script.name.span)) {
        Some(first) => diagnostics.push(twice("function", &name, span, first)),
        None => {
            names.functions.insert(name, function);
        }
    }
}

pub(super) fn add_script(
    script: ast::Script,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if reserved(&script.name, diagnostics) {
        return;
    }
    let (name, span) = (&script.name.text, script.name.span);
    let first = names.functions.get(name).map(|first| first.name.span);
    let other = names.scripts.iter().find(|other| other.name.text == *name);
    match first.or(other.map(|other| other.name.span)) {
        Some(first) => diagnostics.push(twice("function", name, span, first)),
        None => names.scripts.push(script),
    }
}
