//! The connectors of the project, with the schemas that rules are read by.

use std::collections::{BTreeMap, BTreeSet};

use super::filter;
use super::model::Direction;
use super::model::{Configuration, Connector, ConnectorKind, Flow, Rule};
use super::read::AZURE_AD;
use super::{Target, attributes, names};
use crate::import::draft;
use crate::import::report::{ConnectorReport, Remark};
use crate::schema::pulled::{PulledAttribute, PulledClass, PulledSchema};
use crate::schema::{Kind, Schema};
use crate::types::Type;

/// The parameter that names the group of a pilot.
const GROUP: &str = "Connector.GroupFilteringGroupDn";

/// A connector of the project.
pub(super) struct Directory {
    pub id: String,
    pub connector: draft::Connector,
    pub schema: Schema,
    /// The attributes that are read; all where there are none.
    pub selected: Vec<String>,
    /// Parameters and their values, of the first of its parts too.
    parameters: Vec<(String, String)>,
    /// The group whose members alone are read.
    pub group: Option<String>,
    /// The name of its schema's file, and the text.
    pub file: Option<(String, String)>,
}

/// The connectors, what is worth knowing about them, and those that the project cannot have.
#[derive(Default)]
pub(super) struct Directories {
    pub known: Vec<Directory>,
    pub remarks: Vec<Remark>,
    pub strangers: Vec<ConnectorReport>,
}

impl Directories {
    /// The connector of this identifier.
    pub fn get(&self, id: &str) -> Option<&Directory> {
        self.known.iter().find(|directory| directory.id == id)
    }

    /// All connectors of a configuration, those that only its rules name too.
    pub fn of(configuration: &Configuration, target: Target) -> Directories {
        let mut found = Directories::default();
        let mut connectors: Vec<Connector> = configuration.connectors.clone();
        for rule in &configuration.rules {
            if !connectors.iter().any(|known| known.id == rule.connector) {
                let tenant = rule.connector == AZURE_AD;
                connectors.push(Connector {
                    id: rule.connector.clone(),
                    kind: if tenant {
                        ConnectorKind::AzureAd
                    } else {
                        ConnectorKind::Ad
                    },
                    ..Connector::default()
                });
                let what = if tenant {
                    "the tenant"
                } else {
                    "a forest of Active Directory"
                };
                found.remarks.push(Remark {
                    about: format!("connector {}", rule.connector),
                    why: format!("the export does not have it; it is taken to be {what}"),
                });
            }
        }
        for connector in &connectors {
            let rules = configuration.rules.iter();
            let rules: Vec<&Rule> = rules
                .filter(|rule| rule.connector == connector.id)
                .collect();
            found.add(connector, &rules, target);
        }
        found
    }

    fn add(&mut self, connector: &Connector, rules: &[&Rule], target: Target) {
        let taken: Vec<String> = self
            .known
            .iter()
            .map(|known| known.connector.name.clone())
            .collect();
        let (kind, otherwise) = match (&connector.kind, target) {
            (ConnectorKind::Ad, _) => (Kind::Ad, "forest"),
            (ConnectorKind::AzureAd, Target::EntraConnect) => (Kind::EntraConnect, "cloud"),
            (ConnectorKind::AzureAd, Target::Graph) => (Kind::Entra, "cloud"),
            (ConnectorKind::Other(what), _) => {
                self.strangers.push(ConnectorReport {
                    id: connector.id.clone(),
                    name: connector.name.clone(),
                    connector: None,
                    kind: what.clone(),
                    why: vec!["only Active Directory and Entra ID can be connected".to_owned()],
                });
                return;
            }
        };
        let name = match kind {
            Kind::Ad => names::connector(&connector.name, otherwise, &taken),
            _ => names::connector(otherwise, otherwise, &taken),
        };
        let mut why = Vec::new();
        let pulled = match kind {
            Kind::Entra => None,
            _ => missing(connector, rules, kind, &mut why),
        };
        let schema = pulled.as_ref().map_or(Schema::Builtin(kind), |pulled| {
            Schema::Pulled(Box::new(pulled.clone()))
        });
        let file = pulled.and_then(|pulled| {
            let text = serde_json::to_string_pretty(&pulled).ok()?;
            Some((format!("{name}.schema.json"), text + "\n"))
        });
        let filter = filter::of(connector, &name);
        if let Some((_, words)) = &filter {
            why.push(words.clone());
        }
        let group = connector.parameters.iter();
        let group = group.filter(|(name, value)| name == GROUP && !value.is_empty());
        let group = group.map(|(_, value)| value.clone()).next();
        if let Some(group) = &group {
            why.push(format!(
                "only members of `{group}` are read: every scope asks for that, of nested members too"
            ));
        }
        let parts = connector.partitions.iter().take(1);
        let parts = parts.flat_map(|part| &part.parameters);
        let parameters = connector.parameters.iter().chain(parts);
        let doc = match (connector.name.as_str(), kind) {
            ("", Kind::Ad) => {
                "A forest of Active Directory, by the identifier of its connector".to_owned()
            }
            ("", _) => "The tenant".to_owned(),
            (name, _) => format!("`{name}` in Azure AD Connect"),
        };
        self.known.push(Directory {
            id: connector.id.clone(),
            schema,
            selected: connector.attributes.clone(),
            parameters: parameters.cloned().collect(),
            group,
            connector: draft::Connector {
                name: name.clone(),
                kind,
                schema: file.as_ref().map(|(file, _)| file.clone()),
                doc: format!("{doc}, {{{}}}.", connector.id),
                filter: filter.map(|(function, _)| function),
                report: ConnectorReport {
                    id: connector.id.clone(),
                    name: connector.name.clone(),
                    connector: Some(name),
                    kind: kind.name().to_owned(),
                    why,
                },
            },
            file,
        });
    }
}

impl Directory {
    /// The value of a parameter in rules to this directory, where no entry says which domain is meant.
    pub fn parameter(&self, name: &str) -> Option<String> {
        if name.eq_ignore_ascii_case("Connector.ID") {
            return Some(self.connector.name.clone());
        }
        let place = ["Domain.", "Forest."]
            .iter()
            .any(|place| name.starts_with(place));
        let mut known = self.parameters.iter().filter(|_| place);
        let found = known.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(found.1.clone())
    }
}

/// The object type of the connector that a rule is about.
pub(super) fn object_type(rule: &Rule) -> &str {
    match rule.direction {
        Direction::Inbound => &rule.source,
        Direction::Outbound => &rule.target,
    }
}

/// The attributes of the connector that a rule names.
fn used(rule: &Rule) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let joins = rule.joins.iter().flatten();
    match rule.direction {
        Direction::Inbound => {
            used.extend(
                rule.scope
                    .iter()
                    .flatten()
                    .map(|clause| clause.attribute.clone()),
            );
            used.extend(joins.map(|clause| clause.source.clone()));
            for mapping in &rule.mappings {
                match &mapping.value {
                    Flow::Direct(name) => used.extend([name.clone()]),
                    Flow::Expression(text) => used.extend(attributes::named(text)),
                    Flow::Constant(_) | Flow::Nothing => {}
                }
            }
        }
        Direction::Outbound => {
            used.extend(joins.map(|clause| clause.target.clone()));
            used.extend(rule.mappings.iter().map(|mapping| mapping.target.clone()));
        }
    }
    used
}

/// A schema with what rules name and ours lacks; none where it lacks nothing.
fn missing(
    connector: &Connector,
    rules: &[&Rule],
    kind: Kind,
    why: &mut Vec<String>,
) -> Option<PulledSchema> {
    let builtin = Schema::Builtin(kind);
    let mut classes: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for rule in rules {
        classes
            .entry(object_type(rule))
            .or_default()
            .extend(used(rule));
    }
    let lacking = classes.iter().any(|(class, names)| {
        let known = builtin.object_type(class);
        names.iter().any(|name| {
            known
                .as_ref()
                .is_none_or(|known| known.attribute(name).is_none())
        })
    });
    if !lacking {
        return None;
    }
    let mut schema = PulledSchema {
        kind: kind.name().to_owned(),
        attributes: Vec::new(),
        classes: Vec::new(),
    };
    for (class, names) in classes {
        let known = builtin.object_type(class);
        let mut own: Vec<String> = Vec::new();
        for attribute in known.iter().flat_map(|known| known.attributes()) {
            own.push(attribute.name.clone());
            let ty = attribute.ty.clone().present().to_string();
            add(&mut schema, &attribute.name, ty, false);
        }
        for name in names {
            if own.iter().any(|known| known.eq_ignore_ascii_case(&name)) || name == "dn" {
                continue;
            }
            let exported = connector.schema.iter().flat_map(|ty| &ty.attributes);
            let exported = exported
                .into_iter()
                .find(|known| known.name.eq_ignore_ascii_case(&name));
            let ty = match exported {
                Some(known) if kind == Kind::Ad => known.ty.replace("ref any", "dn"),
                Some(known) => known.ty.clone(),
                None => {
                    why.push(format!(
                        "the export does not say what `{name}` of `{class}` is; it is taken to be a text"
                    ));
                    "string".to_owned()
                }
            };
            add(
                &mut schema,
                &name,
                ty,
                exported.is_some_and(|known| known.system),
            );
            own.push(name);
        }
        own.retain(|name| name != "dn");
        let principal = known.is_some_and(|known| {
            known
                .attribute("sAMAccountName")
                .is_some_and(|name| name.required)
        });
        schema.classes.push(PulledClass {
            name: class.to_owned(),
            structural: true,
            parent: String::new(),
            auxiliary: principal
                .then(|| "securityPrincipal".to_owned())
                .into_iter()
                .collect(),
            attributes: own,
        });
    }
    why.push(
        "its rules name what the shipped schema lacks, so it has a schema of its own".to_owned(),
    );
    Some(schema)
}

fn add(schema: &mut PulledSchema, name: &str, ty: String, system: bool) {
    let known = |known: &PulledAttribute| known.name.eq_ignore_ascii_case(name);
    if name != "dn" && Type::parse(&ty).is_some() && !schema.attributes.iter().any(known) {
        schema.attributes.push(PulledAttribute {
            name: name.to_owned(),
            ty,
            system,
        });
    }
}
