//! The types of the metaverse: those of the export, or the usual ones with what the rules name besides.

use crate::import::aadconnect::directory::Directories;
use crate::import::aadconnect::model::{Configuration, Direction, Flow, Rule};
use crate::import::aadconnect::names::is_name;
use crate::import::draft::{Attribute, ObjectType};
use crate::import::report::Remark;
use crate::schema::facts;
use crate::types::Base;

pub(super) fn types(
    configuration: &Configuration,
    directories: &Directories,
    remarks: &mut Vec<Remark>,
) -> Vec<ObjectType> {
    let mut types: Vec<ObjectType> = Vec::new();
    for ty in configuration
        .metaverse
        .iter()
        .filter(|ty| is_name(&ty.name))
    {
        let named = ty
            .attributes
            .iter()
            .filter(|attribute| is_name(&attribute.name));
        let attributes = named.map(|attribute| Attribute {
            name: attribute.name.clone(),
            ty: attribute.ty.clone(),
            indexed: attribute.indexed,
        });
        types.push(ObjectType {
            name: ty.name.clone(),
            attributes: attributes.collect(),
        });
    }
    if types.is_empty() {
        usual(&mut types);
        remarks.push(Remark {
            about: "metaverse".to_owned(),
            why: "the export does not have it; it is taken to be the usual one, with what rules name besides".to_owned(),
        });
        for rule in &configuration.rules {
            complete(&mut types, rule, directories, remarks);
        }
    }
    for rule in configuration
        .rules
        .iter()
        .filter(|rule| rule.direction == Direction::Inbound)
    {
        for clause in rule.joins.iter().flatten() {
            index(&mut types, &rule.target, &clause.target, remarks);
        }
    }
    types
}

fn usual(types: &mut Vec<ObjectType>) {
    for (name, attribute, ty, indexed) in facts::metaverse() {
        let attribute = Attribute {
            name: attribute.to_owned(),
            ty: ty.to_owned(),
            indexed,
        };
        match types.iter_mut().find(|known| known.name == name) {
            Some(known) => known.attributes.push(attribute),
            None => types.push(ObjectType {
                name: name.to_owned(),
                attributes: vec![attribute],
            }),
        }
    }
}

/// Declares what a rule brings to the metaverse and the usual one does not have.
fn complete(
    types: &mut [ObjectType],
    rule: &Rule,
    directories: &Directories,
    remarks: &mut Vec<Remark>,
) {
    if rule.direction != Direction::Inbound {
        return;
    }
    let Some(ty) = types
        .iter_mut()
        .find(|ty| ty.name.eq_ignore_ascii_case(&rule.target))
    else {
        return;
    };
    for mapping in &rule.mappings {
        let name = &mapping.target;
        if !is_name(name) {
            continue;
        }
        if ty
            .attributes
            .iter()
            .any(|known| known.name.eq_ignore_ascii_case(name))
        {
            continue;
        }
        let source = match &mapping.value {
            Flow::Direct(source) => directories
                .get(&rule.connector)
                .and_then(|directory| directory.schema.object_type(&rule.source))
                .and_then(|ty| ty.attribute(source)),
            _ => None,
        };
        let notation = source.map_or_else(
            || "string".to_owned(),
            |mut source| {
                if source.ty.base == Base::Dn {
                    source.ty.base = Base::Ref(None);
                }
                source.ty.present().to_string()
            },
        );
        remarks.push(Remark {
            about: format!("metaverse attribute {}.{name}", ty.name),
            why: format!("the export does not say what it is; it is taken to be `{notation}`"),
        });
        ty.attributes.push(Attribute {
            name: name.clone(),
            ty: notation,
            indexed: false,
        });
    }
}

/// What rules join by is indexed; by an attribute of any type, in all of them.
fn index(types: &mut [ObjectType], target: &str, name: &str, remarks: &mut Vec<Remark>) {
    let here = types.iter_mut();
    for ty in here.filter(|ty| target == "*" || ty.name.eq_ignore_ascii_case(target)) {
        let attributes = ty.attributes.iter_mut();
        let same =
            attributes.filter(|known| known.name.eq_ignore_ascii_case(name) && !known.indexed);
        for attribute in same {
            attribute.indexed = true;
            remarks.push(Remark {
                about: format!("metaverse attribute {}.{}", ty.name, attribute.name),
                why: "it is indexed now, since a rule joins by it".to_owned(),
            });
        }
    }
}
