//! The files of an export: which is what, and what connectors, metaverse and rules say.

use super::model::{
    Configuration, Connector, ConnectorKind, Direction, Flow, JoinClause, Link, Mapping, Partition,
    Rule, ScopeClause,
};
use super::xml::{Element, parse};
use super::{powershell, schema};
use crate::import::Error;

/// The identifier of the tenant's connector: every installation has the same.
pub(super) const AZURE_AD: &str = "b891884f-051e-4a83-95af-2544101c9083";

/// What an identifier is when there is none.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Bytes of a file; a connector with the whole schema of a forest has a few million.
const MAX_BYTES: usize = 64 << 20;

/// Reads the files of an export: paths and texts.
pub fn read(files: &[(String, String)]) -> Result<Configuration, Error> {
    let mut found = Configuration::default();
    for (file, text) in files {
        if text.len() > MAX_BYTES {
            return Err(Error::new(
                format!("`{file}` is larger than {} MB", MAX_BYTES >> 20),
                "name the folder of the export alone",
            ));
        }
        if text.trim_start().starts_with('<') && !text.trim_start().starts_with("<#") {
            document(file, &parse(file, text)?, &mut found)?;
        } else if powershell::has_rules(text) {
            powershell::read(file, text, &mut found)?;
        } else {
            let what = "neither an XML file nor a script that makes rules".to_owned();
            found.unread.push((file.clone(), what));
        }
    }
    if found.rules.is_empty() {
        return Err(Error::new(
            "there is no synchronization rule in these files",
            "export the configuration with `Get-ADSyncServerConfiguration -Path FOLDER`",
        ));
    }
    Ok(found)
}

fn document(file: &str, root: &Element, found: &mut Configuration) -> Result<(), Error> {
    match root.name.as_str() {
        "synchronizationRule" => found.rules.push(rule(file, root, &mut found.unread)?),
        "synchronizationRules" => {
            for element in root.all("synchronizationRule") {
                found.rules.push(rule(file, element, &mut found.unread)?);
            }
        }
        "ma-data" | "saved-ma-configuration" => {
            let data = root.find("ma-data").unwrap_or(root);
            found.connectors.push(connector(file, data)?);
        }
        "mv-data" | "saved-mv-configuration" => {
            let data = root.find("mv-data").unwrap_or(root);
            if let Some(types) = data.find("directory-schema") {
                found.metaverse.extend(schema::object_types(types));
            }
            if let Some(values) = data.child("parameter-values") {
                found.settings.extend(parameters(values));
            }
        }
        other => {
            let what = format!("`<{other}>` is no part of a configuration that rules depend on");
            found.unread.push((file.to_owned(), what));
        }
    }
    Ok(())
}

/// An identifier in its plain form.
pub(super) fn identifier(text: &str) -> String {
    text.trim().trim_matches(['{', '}']).to_ascii_lowercase()
}

/// An identifier, unless it is that of nobody.
pub(super) fn somebody(text: &str) -> Option<String> {
    let id = identifier(text);
    (!id.is_empty() && id != NOBODY).then_some(id)
}

fn parameters(values: &Element) -> impl Iterator<Item = (String, String)> {
    values.all("parameter").filter_map(|parameter| {
        let name = parameter.attribute("name")?;
        let secret = parameter.attribute("encrypted") == Some("1");
        (!secret).then(|| (name.to_owned(), parameter.text.trim().to_owned()))
    })
}

fn connector(file: &str, data: &Element) -> Result<Connector, Error> {
    let id = identifier(data.text_of("id"));
    if id.is_empty() {
        return Err(Error::new(
            format!("`{file}`: the connector has no `<id>`"),
            "export the configuration again",
        ));
    }
    let (category, subtype) = (data.text_of("category"), data.text_of("subtype"));
    let kind = match category {
        "AD" => ConnectorKind::Ad,
        _ if id == AZURE_AD || subtype.starts_with("Windows Azure Active Directory") => {
            ConnectorKind::AzureAd
        }
        _ => ConnectorKind::Other(match subtype {
            "" => category.to_owned(),
            subtype => subtype.to_owned(),
        }),
    };
    let list = |of: &Element, name: &str, item: &str| -> Vec<String> {
        let found = of.find(name);
        let items = found.into_iter().flat_map(|list| list.all(item));
        items.map(|item| item.text.trim().to_owned()).collect()
    };
    let partitions = data.child("ma-partition-data");
    let partitions = partitions
        .into_iter()
        .flat_map(|data| data.all("partition"))
        .filter(|partition| partition.text_of("selected") == "1")
        .map(|partition| Partition {
            dn: partition.text_of("name").to_owned(),
            inclusions: list(partition, "inclusions", "inclusion"),
            exclusions: list(partition, "exclusions", "exclusion"),
            parameters: partition
                .child("parameter-values")
                .map(|values| parameters(values).collect())
                .unwrap_or_default(),
        });
    let private = data.child("private-configuration");
    let values = private.and_then(|private| private.find("parameter-values"));
    Ok(Connector {
        id,
        name: data.text_of("name").to_owned(),
        kind,
        attributes: list(data, "attribute-inclusion", "attribute"),
        schema: data
            .child("schema")
            .and_then(|found| found.find("directory-schema"))
            .map(schema::object_types)
            .unwrap_or_default(),
        partitions: partitions.collect(),
        parameters: values
            .map(|values| parameters(values).collect())
            .unwrap_or_default(),
    })
}

/// The elements of a rule, and what may stand in each.
const SHAPE: [(&str, &[&str]); 9] = [
    (
        "synchronizationRule",
        &[
            "id",
            "internal-id",
            "version",
            "name",
            "description",
            "immutable-tag",
            "direction",
            "disabled",
            "connector",
            "sourceObjectType",
            "targetObjectType",
            "linkType",
            "precedence",
            "precedence-after",
            "precedence-before",
            "softDeleteExpiryInterval",
            "EnablePasswordSync",
            "attribute-mappings",
            "relationshipCriteria",
            "synchronizationCriteria",
        ],
    ),
    ("attribute-mappings", &["mapping"]),
    ("mapping", &["dest", "src", "expression", "valueMergeType"]),
    ("src", &["attr"]),
    ("relationshipCriteria", &["conditions"]),
    ("synchronizationCriteria", &["conditions"]),
    ("conditions", &["condition", "scope"]),
    (
        "condition",
        &["csAttribute", "ilmAttribute", "caseSensitive"],
    ),
    ("scope", &["csAttribute", "csOperator", "csValue"]),
];

/// Notes the elements of a rule that have no place in the model.
fn odd(file: &str, rule: &Element, unread: &mut Vec<(String, String)>) {
    let mut queue = vec![rule];
    while let Some(element) = queue.pop() {
        let known = SHAPE.iter().find(|(name, _)| *name == element.name);
        let Some((_, inside)) = known else {
            continue;
        };
        let source = element
            .child("src")
            .map_or(0, |source| source.all("attr").count());
        if element.name == "mapping" && source > 1 && element.text_of("expression").is_empty() {
            let (flow, rule) = (element.text_of("dest"), rule.text_of("name"));
            let what = format!(
                "all but the first source of the flow to `{flow}` in rule `{rule}`, which has no expression"
            );
            unread.push((file.to_owned(), what));
        }
        for child in &element.children {
            match inside.contains(&child.name.as_str()) {
                true => queue.push(child),
                false => {
                    let rule = rule.text_of("name");
                    let what = format!("`<{}>` in rule `{rule}` is not known", child.name);
                    unread.push((file.to_owned(), what));
                }
            }
        }
    }
}

fn rule(file: &str, element: &Element, unread: &mut Vec<(String, String)>) -> Result<Rule, Error> {
    let text = |name: &'static str| element.text_of(name);
    let bad = |name: &'static str| {
        let message = match text(name) {
            "" => format!("`{file}`: the rule has no `<{name}>`"),
            value => format!("`{file}`: `{value}` is no `<{name}>`"),
        };
        Error::new(message, "export the configuration again")
    };
    odd(file, element, unread);
    let required = |name: &'static str| match text(name) {
        "" => Err(bad(name)),
        value => Ok(value.to_owned()),
    };
    Ok(Rule {
        file: file.to_owned(),
        id: identifier(text("id")),
        name: required("name")?,
        description: text("description").to_owned(),
        tag: text("immutable-tag").to_owned(),
        direction: direction(text("direction")).ok_or_else(|| bad("direction"))?,
        disabled: truth(text("disabled")),
        connector: identifier(&required("connector")?),
        source: required("sourceObjectType")?,
        target: required("targetObjectType")?,
        link: link(text("linkType")).ok_or_else(|| bad("linkType"))?,
        precedence: text("precedence").parse().map_err(|_| bad("precedence"))?,
        after: somebody(text("precedence-after")),
        before: somebody(text("precedence-before")),
        soft_delete: match text("softDeleteExpiryInterval") {
            "00:00:00" | "0" => String::new(),
            interval => interval.to_owned(),
        },
        password_sync: truth(text("EnablePasswordSync")),
        scope: groups(element, "synchronizationCriteria", "scope", |clause| {
            ScopeClause {
                attribute: clause.text_of("csAttribute").to_owned(),
                operator: clause.text_of("csOperator").to_owned(),
                value: value(clause, "csValue"),
            }
        }),
        joins: join_groups(element, direction(text("direction"))),
        mappings: mappings(element),
    })
}

/// The groups of a rule's clauses, without empty ones.
fn groups<T>(
    rule: &Element,
    criteria: &str,
    clause: &str,
    read: impl Fn(&Element) -> T,
) -> Vec<Vec<T>> {
    let criteria = rule.child(criteria).into_iter();
    let groups = criteria.flat_map(|criteria| criteria.all("conditions"));
    groups
        .map(|group| group.all(clause).map(&read).collect())
        .filter(|group: &Vec<T>| !group.is_empty())
        .collect()
}

/// A clause names the attribute of the directory and that of the metaverse; which is the source depends.
fn join_groups(element: &Element, direction: Option<Direction>) -> Vec<Vec<JoinClause>> {
    groups(element, "relationshipCriteria", "condition", |clause| {
        let directory = clause.text_of("csAttribute").to_owned();
        let metaverse = clause.text_of("ilmAttribute").to_owned();
        let (source, target) = match direction {
            Some(Direction::Outbound) => (metaverse, directory),
            _ => (directory, metaverse),
        };
        JoinClause {
            source,
            target,
            case_sensitive: truth(clause.text_of("caseSensitive")),
        }
    })
}

fn mappings(element: &Element) -> Vec<Mapping> {
    let list = element.child("attribute-mappings").into_iter();
    let list = list.flat_map(|mappings| mappings.all("mapping"));
    list.map(|mapping| {
        let source = mapping.child("src");
        let attribute = source.and_then(|source| source.child("attr"));
        Mapping {
            target: mapping.text_of("dest").to_owned(),
            value: match (mapping.text_of("expression"), attribute, source) {
                ("", Some(attribute), _) => Flow::Direct(attribute.text.trim().to_owned()),
                ("", None, Some(source)) if !source.text.trim().is_empty() => {
                    Flow::Constant(value(mapping, "src"))
                }
                ("", ..) => Flow::Nothing,
                (expression, ..) => Flow::Expression(expression.to_owned()),
            },
            once: mapping.attribute("execute-once").is_some_and(truth),
            merge: mapping.text_of("valueMergeType").to_owned(),
        }
    })
    .collect()
}

/// A value whose blanks at the ends may matter, unless it is nothing but the layout of the file.
fn value(of: &Element, name: &str) -> String {
    let text = of.child(name).map_or("", |child| child.text.as_str());
    match text.contains('\n') {
        true => text.trim().to_owned(),
        false => text.to_owned(),
    }
}

pub(super) fn truth(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text == "1"
}

pub(super) fn direction(text: &str) -> Option<Direction> {
    match text.to_ascii_lowercase().as_str() {
        "inbound" => Some(Direction::Inbound),
        "outbound" => Some(Direction::Outbound),
        _ => None,
    }
}

pub(super) fn link(text: &str) -> Option<Link> {
    match text.to_ascii_lowercase().as_str() {
        "provision" => Some(Link::Provision),
        "join" => Some(Link::Join),
        "stickyjoin" => Some(Link::Sticky),
        _ => None,
    }
}
