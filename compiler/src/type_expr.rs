//! Types as rules write them.

use trib_grammar::ast;

use crate::diagnostics::{Diagnostic, codes, nearest};
use crate::names::list;
use crate::types::{Base, Record, Type};

const TYPE_WORDS: [&str; 9] = [
    "string", "int", "bool", "binary", "guid", "sid", "time", "dn", "ref",
];

/// The type that was written; an unknown one is reported and becomes the type that fits everywhere.
pub(crate) fn resolve_type(expr: &ast::TypeExpr, diagnostics: &mut Vec<Diagnostic>) -> Type {
    match &expr.kind {
        ast::TypeExprKind::List(inner) => {
            let inner = resolve_type(inner, diagnostics);
            if inner.many {
                diagnostics.push(Diagnostic::new(
                    &codes::TYPE_MISMATCH,
                    expr.span,
                    "a list of lists is no type of an attribute",
                ));
            }
            Type {
                many: true,
                ..inner
            }
        }
        ast::TypeExprKind::Ref(name) if name.text == "any" => Type::one(Base::Ref(None)),
        ast::TypeExprKind::Ref(name) => Type::one(Base::Ref(Some(name.text.clone()))),
        ast::TypeExprKind::Record(fields) => {
            let fields = fields
                .iter()
                .map(|(name, ty)| (name.text.clone(), resolve_type(ty, diagnostics).or_absent()));
            let record = Record {
                name: String::new(),
                fields: fields.collect(),
            };
            Type::one(Base::Record(std::sync::Arc::new(record)))
        }
        ast::TypeExprKind::Named { name, length } => {
            let base = Type::parse(&name.text).filter(|ty| !matches!(ty.base, Base::Ref(_)));
            let Some(ty) = base else {
                let mut diagnostic = Diagnostic::new(
                    &codes::UNKNOWN_WORD,
                    name.span,
                    format!("`{}` is no type", name.text),
                )
                .help(format!("the types are {}", list(TYPE_WORDS)));
                if let Some(near) = nearest(&name.text, TYPE_WORDS) {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(
                        format!("write `{near}`"),
                        name.span,
                        near,
                    );
                }
                diagnostics.push(diagnostic);
                return Type::error();
            };
            match (length, &ty.base) {
                (None, _) => ty,
                (Some((length, span)), Base::Text(_)) => match u32::try_from(*length) {
                    Ok(length) if length > 0 => Type::one(Base::Text(Some(length))),
                    _ => {
                        diagnostics.push(Diagnostic::new(
                            &codes::LITERAL,
                            *span,
                            "the length of a string is a positive number",
                        ));
                        Type::one(Base::TEXT)
                    }
                },
                (Some((_, span)), _) => {
                    diagnostics.push(Diagnostic::new(
                        &codes::LITERAL,
                        *span,
                        format!("only `string` has a length, not `{}`", name.text),
                    ));
                    ty
                }
            }
        }
    }
}
