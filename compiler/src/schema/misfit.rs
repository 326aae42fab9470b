//! Whether compiled rules still fit a schema.

use super::Schema;
use crate::ir;
use crate::types::{Base, Type};

/// What compiled rules use and a schema does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// An object type.
    ObjectType(String),
    /// An attribute of an object type.
    Attribute(String, String),
    /// An attribute with this type.
    Type {
        /// The object type.
        object_type: String,
        /// The attribute.
        attribute: String,
        /// Its type as the rules were compiled.
        compiled: String,
        /// Its type in the schema.
        now: String,
    },
}

impl Schema {
    /// The first thing in compiled object types that this schema does not have, or has otherwise.
    pub fn misfit(&self, compiled: &[ir::ObjectType]) -> Option<Misfit> {
        compiled.iter().find_map(|object_type| {
            let name = &object_type.name;
            let Some(known) = self.object_type(name) else {
                return Some(Misfit::ObjectType(name.clone()));
            };
            object_type.attributes.iter().find_map(|attribute| {
                let Some(now) = known.attribute(&attribute.name) else {
                    return Some(Misfit::Attribute(name.clone(), attribute.name.clone()));
                };
                (!same(&attribute.ty, &now.ty)).then(|| Misfit::Type {
                    object_type: name.clone(),
                    attribute: attribute.name.clone(),
                    compiled: attribute.ty.to_string(),
                    now: now.ty.to_string(),
                })
            })
        })
    }
}

/// The same kind of value and as many of them. Lengths may differ: they matter to warnings only.
fn same(a: &Type, b: &Type) -> bool {
    a.many == b.many
        && match (&a.base, &b.base) {
            (Base::Text(_), Base::Text(_)) => true,
            // Rules write the fields that they know; what a schema adds does not concern them.
            (Base::Record(a), Base::Record(b)) => a.fields.iter().all(|(name, ty)| {
                let mut fields = b.fields.iter();
                fields.any(|(known, now)| known == name && same(ty, now))
            }),
            (a, b) => a == b,
        }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    fn compiled(name: &str, attribute: &str, ty: &str) -> Vec<ir::ObjectType> {
        vec![ir::ObjectType {
            name: name.to_owned(),
            attributes: vec![ir::Attribute {
                name: attribute.to_owned(),
                ty: Type::parse(ty).unwrap(),
                indexed: false,
                unique: false,
                reference: false,
                required: false,
                read: false,
            }],
        }]
    }

    #[test]
    fn types_attributes_and_cardinality_must_be_there() {
        let schema = Schema::Builtin(Kind::Ad);
        let misfit = |name, attribute, ty| schema.misfit(&compiled(name, attribute, ty));
        assert_eq!(misfit("user", "displayName", "string(7)"), None);
        assert_eq!(
            misfit("robot", "cn", "string"),
            Some(Misfit::ObjectType("robot".to_owned()))
        );
        assert_eq!(
            misfit("user", "shoeSize", "int"),
            Some(Misfit::Attribute("user".to_owned(), "shoeSize".to_owned()))
        );
        for ty in ["int", "[string]"] {
            assert!(matches!(
                misfit("user", "displayName", ty),
                Some(Misfit::Type { now, .. }) if now == "string(256)?"
            ));
        }
    }
}
