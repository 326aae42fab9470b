//! A configuration becomes a draft: the connectors, the metaverse, and every rule in its order.

mod flows;
mod metaverse;
mod rule;

use std::collections::HashSet;

use super::directory::{Directories, Directory};
use super::graph::{self, Mapped};
use super::model::{Configuration, Direction, Rule};
use super::order::order;
use super::{Target, clause, configuration};
use crate::import::draft::{Draft, ObjectType};
use crate::import::report::Remark;
use crate::import::write::quoted;
use crate::schema::Kind;
use crate::types::Type;

/// The draft of a project.
pub(super) fn draft(configuration: &Configuration, target: Target) -> Draft {
    let directories = Directories::of(configuration, target);
    let mut remarks = directories.remarks.clone();
    let types = metaverse::types(configuration, &directories, &mut remarks);
    let mut converter = Converter {
        directories: &directories,
        types: &types,
        names: HashSet::new(),
        parameters: Vec::new(),
        outbound: None,
    };
    let mut rules = Vec::new();
    for (at, precedence) in order(&configuration.rules) {
        if let Some(rule) = configuration.rules.get(at) {
            rules.push(converter.rule(rule, precedence));
        }
    }
    let parameters = converter.parameters;
    let mut others = vec![(
        "trib.toml".to_owned(),
        configuration::text(configuration, &directories, target, &parameters),
    )];
    for directory in &directories.known {
        if let Some((file, text)) = &directory.file {
            others.push((format!("rules/{file}"), text.clone()));
        }
    }
    remarks.extend(configuration::remarks(configuration));
    remarks.extend(configuration.unread.iter().map(|(file, what)| Remark {
        about: file.clone(),
        why: format!("{what}; left out"),
    }));
    let known = directories.known.iter();
    let mut draft = Draft {
        source: "aadconnect",
        target: match target {
            Target::EntraConnect => Kind::EntraConnect.name().to_owned(),
            Target::Graph => "graph".to_owned(),
        },
        connectors: known
            .clone()
            .map(|directory| directory.connector.clone())
            .collect(),
        types,
        rules,
        others,
        remarks,
        strangers: directories.strangers.clone(),
    };
    for directory in known.filter(|directory| directory.connector.kind == Kind::Entra) {
        graph::complete(&mut draft, &directory.connector.name);
    }
    draft
}

/// What rules are converted with.
struct Converter<'c> {
    directories: &'c Directories,
    types: &'c [ObjectType],
    /// Names that rules have.
    names: HashSet<String>,
    /// Parameters that the deployment has to set.
    parameters: Vec<String>,
    /// Where the rule at hand writes, if it is outbound.
    outbound: Option<&'c Directory>,
}

/// One end of a rule.
#[derive(Clone, Copy)]
enum Side<'c> {
    /// A type of the metaverse.
    Metaverse(&'c str),
    /// A type of a connector.
    Directory(&'c Directory, &'c str),
}

impl<'c> Converter<'c> {
    /// The two ends of a rule.
    fn sides(&self, rule: &'c Rule, directory: &'c Directory) -> (Side<'c>, Side<'c>) {
        match rule.direction {
            Direction::Inbound => (
                Side::Directory(directory, &rule.source),
                Side::Metaverse(&rule.target),
            ),
            Direction::Outbound => (
                Side::Metaverse(&rule.source),
                Side::Directory(directory, &rule.target),
            ),
        }
    }

    /// The type of an attribute, by its name in the project.
    fn attribute(&self, side: Side<'_>, name: &str) -> Option<Type> {
        match side {
            Side::Metaverse(ty) => {
                let ty = self
                    .types
                    .iter()
                    .find(|known| known.name.eq_ignore_ascii_case(ty))?;
                let mut attributes = ty.attributes.iter();
                let found = attributes.find(|known| known.name.eq_ignore_ascii_case(name))?;
                Some(Type::parse(&found.ty)?.or_absent())
            }
            Side::Directory(directory, ty) => {
                let ty = match directory.connector.kind {
                    Kind::Entra => graph::object_type(ty)?,
                    _ => ty,
                };
                Some(directory.schema.object_type(ty)?.attribute(name)?.ty)
            }
        }
    }

    /// What to say of an attribute that the connector does not read.
    fn unselected(&self, side: Side<'_>, name: &str) -> Option<String> {
        let Side::Directory(directory, _) = side else {
            return None;
        };
        let selected = &directory.selected;
        let known = selected
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name));
        let said = selected.is_empty() || known || name.eq_ignore_ascii_case("dn");
        (!said).then(|| {
            format!("`{name}` was not selected in the connector, and so never had a value there")
        })
    }

    /// What an attribute that is read is called in the project.
    fn read(&self, side: Side<'_>, name: &str) -> Mapped {
        match side {
            Side::Directory(directory, ty) if directory.connector.kind == Kind::Entra => {
                graph::read(ty, name)
            }
            _ => Mapped::Property(name.to_owned()),
        }
    }

    /// What an attribute that is written is called in the project.
    fn written(&self, side: Side<'_>, name: &str) -> Mapped {
        match side {
            Side::Directory(directory, ty) if directory.connector.kind == Kind::Entra => {
                graph::written(ty, name)
            }
            _ => Mapped::Property(name.to_owned()),
        }
    }

    /// A name that no rule before has.
    fn unique(&mut self, name: &str, connector: &str) -> String {
        let mut candidate = name.to_owned();
        let mut number = 1;
        while !self.names.insert(candidate.clone()) {
            candidate = match number {
                1 => format!("{name} ({connector})"),
                number => format!("{name} ({connector} {number})"),
            };
            number += 1;
        }
        candidate
    }

    /// A text as the rule can say it: in an outbound one the parameters of its directory have their values.
    /// The others are remembered.
    fn settled(&mut self, text: &str, quote: bool) -> String {
        let text = match self.outbound {
            None => text.to_owned(),
            Some(directory) => clause::replaced(text, |name| {
                let value = directory.parameter(name)?;
                Some(if quote { quoted(&value) } else { value })
            }),
        };
        let mut rest = text.as_str();
        while let Some((_, name, after)) = clause::parameter(rest) {
            let name = name.to_owned();
            if !configuration::is_own(&name) && !self.parameters.contains(&name) {
                self.parameters.push(name);
            }
            rest = after;
        }
        text
    }
}
