//! Metaverse types, and types as written.

use pest::iterators::Pair;

use super::{Builder, Rule, parts};
use crate::ast::{Metaverse, MetaverseAttribute, Name, TypeExpr, TypeExprKind};

impl<'t> Builder<'t> {
    pub fn metaverse(&mut self, pair: Pair<'t, Rule>) -> Option<Metaverse> {
        let (span, doc) = (self.span(&pair), self.doc(&pair));
        let mut inside = parts(pair.into_inner());
        let name = self.head_name(inside.next()?)?;
        let attributes = inside
            .filter_map(|attribute| self.attribute(attribute))
            .collect();
        Some(Metaverse {
            span,
            doc,
            name,
            attributes,
        })
    }

    /// The name in a `metaverse NAME {`.
    pub fn head_name(&mut self, head: Pair<'t, Rule>) -> Option<Name> {
        parts(head.into_inner()).next().map(|name| self.name(name))
    }

    pub fn attribute(&mut self, pair: Pair<'t, Rule>) -> Option<MetaverseAttribute> {
        let (span, doc) = (self.span(&pair), self.doc(&pair));
        let mut inside = parts(pair.into_inner());
        let name = self.name(inside.next()?);
        let ty = self.type_expr(inside.next()?)?;
        Some(MetaverseAttribute {
            span,
            doc,
            name,
            ty,
            indexed: inside.next().is_some(),
        })
    }

    pub fn type_expr(&mut self, pair: Pair<'t, Rule>) -> Option<TypeExpr> {
        let span = self.span(&pair);
        let form = pair.into_inner().next()?;
        let rule = form.as_rule();
        let mut inside = parts(form.into_inner());
        let kind = match rule {
            Rule::list_type => TypeExprKind::List(Box::new(self.type_expr(inside.next()?)?)),
            Rule::record_type => {
                TypeExprKind::Record(inside.filter_map(|field| self.field(field)).collect())
            }
            Rule::ref_type => TypeExprKind::Ref(self.name(inside.next()?)),
            _ => {
                let name = self.name(inside.next()?);
                TypeExprKind::Named {
                    name,
                    length: inside.next().map(|length| self.plain_integer(length)),
                }
            }
        };
        Some(TypeExpr { span, kind })
    }

    fn field(&mut self, pair: Pair<'t, Rule>) -> Option<(Name, TypeExpr)> {
        let mut inside = parts(pair.into_inner());
        Some((self.name(inside.next()?), self.type_expr(inside.next()?)?))
    }
}
