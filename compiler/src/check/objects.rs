//! The object types that rules touch. An attribute gets its slot when it is first named.

use std::collections::HashMap;
use std::sync::Arc;

use crate::checked::Rules;
use crate::ir::{self, End, Slot};
use crate::names::Names;
use crate::schema::{ObjectType, Write};
use crate::types::{Base, Type};

/// An attribute as the checker sees it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub slot: Slot,
    pub ty: Type,
    pub name: String,
    pub write: Write,
    pub indexed: bool,
    pub unique: bool,
}

/// Object types that rules touch, with their attributes in the order of first use: the slots.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    directories: HashMap<(usize, String), (usize, Arc<ObjectType>)>,
    connectors: Vec<Vec<ir::ObjectType>>,
    metaverse: Vec<ir::ObjectType>,
}

impl Objects {
    pub(super) fn new(names: &Names) -> Objects {
        let metaverse = names.metaverse.iter().map(|ty| ir::ObjectType {
            name: ty.name.clone(),
            attributes: ty
                .attributes
                .iter()
                .map(|attribute| ir::Attribute {
                    name: attribute.name.clone(),
                    ty: attribute.ty.clone(),
                    indexed: attribute.indexed,
                    unique: false,
                    reference: matches!(attribute.ty.base, Base::Ref(_)),
                    required: false,
                    read: false,
                })
                .collect(),
        });
        Objects {
            directories: HashMap::new(),
            connectors: vec![Vec::new(); names.connectors.len()],
            metaverse: metaverse.collect(),
        }
    }

    /// The place of an object type of a directory, by its name ignoring case.
    pub fn directory(&mut self, names: &Names, connector: usize, name: &str) -> Option<End> {
        let key = (connector, name.to_lowercase());
        if let Some((at, _)) = self.directories.get(&key) {
            return Some(End::Directory(connector, *at));
        }
        let schema = &names.connectors.get(connector)?.schema;
        let object_type = schema.object_type(name)?;
        let list = self.connectors.get_mut(connector)?;
        list.push(ir::ObjectType {
            name: object_type.name.clone(),
            attributes: Vec::new(),
        });
        self.directories.insert(key, (list.len() - 1, object_type));
        Some(End::Directory(connector, list.len() - 1))
    }

    fn ir(&self, end: End) -> Option<&ir::ObjectType> {
        match end {
            End::Directory(connector, at) => self.connectors.get(connector)?.get(at),
            End::Metaverse(at) => self.metaverse.get(at),
            End::Any => None,
        }
    }

    fn ir_mut(&mut self, end: End) -> Option<&mut ir::ObjectType> {
        match end {
            End::Directory(connector, at) => self.connectors.get_mut(connector)?.get_mut(at),
            End::Metaverse(at) => self.metaverse.get_mut(at),
            End::Any => None,
        }
    }

    pub fn schema(&self, end: End) -> Option<&ObjectType> {
        let End::Directory(connector, _) = end else {
            return None;
        };
        let name = self.ir(end)?.name.to_lowercase();
        self.directories
            .get(&(connector, name))
            .map(|(_, object_type)| object_type.as_ref())
    }

    /// The name of the object type.
    pub fn name(&self, end: End) -> &str {
        self.ir(end).map_or("any", |ty| &ty.name)
    }

    /// The attribute of this name, ignoring case; it gets a slot if it has none yet.
    pub fn attribute(&mut self, end: End, name: &str) -> Option<Found> {
        let known = self.schema(end).map(|schema| schema.attribute(name));
        let known = match known {
            Some(None) => return None,
            Some(Some(attribute)) => Some(attribute),
            None => None,
        };
        let object_type = self.ir_mut(end)?;
        let at = object_type
            .attributes
            .iter()
            .position(|a| a.name.eq_ignore_ascii_case(name));
        let slot = match (at, &known) {
            (Some(at), _) => at,
            (None, None) => return None,
            (None, Some(attribute)) => {
                let own_name = ["dn", "distinguishedName"].contains(&attribute.name.as_str());
                object_type.attributes.push(ir::Attribute {
                    name: attribute.name.clone(),
                    ty: attribute.ty.clone(),
                    indexed: attribute.indexed,
                    unique: attribute.unique,
                    reference: matches!(attribute.ty.base, Base::Dn | Base::Ref(_)) && !own_name,
                    required: attribute.required || attribute.name == "usageLocation",
                    read: false,
                });
                object_type.attributes.len() - 1
            }
        };
        let attribute = object_type.attributes.get(slot)?;
        Some(Found {
            slot,
            ty: attribute.ty.clone(),
            name: attribute.name.clone(),
            write: known.as_ref().map_or(Write::Yes, |a| a.write),
            indexed: attribute.indexed,
            unique: attribute.unique,
        })
    }

    /// The object type has an attribute of this name, ignoring case.
    pub fn has_attribute(&self, end: End, name: &str) -> bool {
        match self.schema(end) {
            Some(schema) => schema.attribute(name).is_some(),
            None => self.ir(end).is_some_and(|ty| {
                ty.attributes
                    .iter()
                    .any(|attribute| attribute.name.eq_ignore_ascii_case(name))
            }),
        }
    }

    pub(super) fn attribute_names(&self, end: End) -> Vec<String> {
        match self.schema(end) {
            Some(schema) => schema.attributes().iter().map(|a| a.name.clone()).collect(),
            None => self.ir(end).map_or(Vec::new(), |ty| {
                ty.attributes.iter().map(|a| a.name.clone()).collect()
            }),
        }
    }

    pub(super) fn into_rules(self, names: &Names) -> Rules {
        let connectors = names.connectors.iter().zip(self.connectors);
        let connectors = connectors.map(|(connector, object_types)| ir::Connector {
            name: connector.name.clone(),
            kind: connector.kind,
            object_types,
        });
        Rules {
            connectors: connectors.collect(),
            metaverse: self.metaverse,
            ..Rules::default()
        }
    }
}
