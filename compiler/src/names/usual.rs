//! Names for expressions without rules: a connector of each kind, and the usual metaverse.

use trib_grammar::Span;

use super::{Connector, MetaverseAttribute, MetaverseType, Names};
use crate::schema::{Kind, Schema};
use crate::types::{Base, Type};

impl Names {
    /// A connector of each kind under the kind's own name, for `trib eval` without rules.
    pub(crate) fn add_builtin_connectors(&mut self) {
        for (name, kind) in [
            ("ad", Kind::Ad),
            ("entra", Kind::Entra),
            ("entra-connect", Kind::EntraConnect),
            ("cloud", Kind::Entra),
        ] {
            if self
                .connectors
                .iter()
                .all(|connector| connector.name != name)
            {
                self.connectors.push(Connector {
                    name: name.to_owned(),
                    kind,
                    schema: Schema::Builtin(kind),
                    schema_file: None,
                    priority: None,
                    span: Span::default(),
                });
            }
        }
    }

    /// The usual metaverse, for `trib eval` without rules.
    pub(crate) fn add_usual_metaverse(&mut self) {
        for (object_type, attribute, notation, indexed) in crate::schema::facts::metaverse() {
            let at = self.metaverse_type(object_type).unwrap_or_else(|| {
                self.metaverse.push(MetaverseType {
                    name: object_type.to_owned(),
                    attributes: Vec::new(),
                    broken: false,
                });
                self.metaverse.len() - 1
            });
            let Some(ty) = self.metaverse.get_mut(at) else {
                return;
            };
            if ty
                .attributes
                .iter()
                .all(|known| !known.name.eq_ignore_ascii_case(attribute))
            {
                ty.attributes.push(MetaverseAttribute {
                    name: attribute.to_owned(),
                    ty: Type::parse(notation)
                        .unwrap_or_else(|| Type::one(Base::TEXT))
                        .or_absent(),
                    indexed,
                    span: Span::default(),
                    whole: Span::default(),
                });
            }
        }
    }
}
