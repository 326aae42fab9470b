//! What a change of rules does to the stored directory: the document of `trib impact`.
//!
//! Both rule sets are evaluated over copies of the store; what differs between their plans is the
//! impact. Values are those after each plan: `old` under the old rules, `new` under the new ones.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::engine::Engine;
use crate::error::Error;
use crate::plan::{AttributeChange, Change, ObjectError, Op, Plan};
use crate::progress::Progress;

/// Objects shown of each group.
const SAMPLES: usize = 3;

/// What a change of rules does.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Impact {
    /// Objects that the new rules make, change or delete and the old ones do not, by connector and type.
    pub groups: Vec<Group>,
    /// Objects by the attribute that differs.
    pub attributes: Vec<Counted>,
    /// Objects by the rule that makes the difference.
    pub rules: Vec<Counted>,
    /// Errors that the old rules do not have.
    pub errors: Vec<ObjectError>,
    /// Errors that the new rules do not have any more.
    pub mended: u64,
    /// Attributes that only the new rules read: the store does not have them yet, so their values are
    /// missing in the impact.
    pub unread: Vec<String>,
}

/// Objects of one type with which the same happens.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// The connector.
    pub connector: String,
    /// Object type.
    #[serde(rename = "type")]
    pub object_type: String,
    /// What happens to them.
    pub op: Op,
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub samples: Vec<Change>,
}

/// A name and the number of objects it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// `cloud.user.department`, or a rule.
    pub name: String,
    /// Objects.
    pub count: u64,
}

impl Impact {
    /// Objects with which this happens; without an operation, all.
    pub fn count(&self, op: Option<Op>) -> u64 {
        let groups = self
            .groups
            .iter()
            .filter(|group| op.is_none_or(|op| group.op == op));
        groups.map(|group| group.count).sum()
    }

    /// Compares two engines, each over a copy of the same store.
    pub fn of(
        old: &mut Engine,
        new: &mut Engine,
        progress: &dyn Progress,
    ) -> Result<Impact, Error> {
        old.synchronize(progress)?;
        new.synchronize(progress)?;
        let known = old.read_names();
        let unread = new.read_names().difference(&known).cloned().collect();
        Ok(Impact {
            unread,
            ..between(&old.plan()?, &new.plan()?)
        })
    }
}

impl Engine {
    /// All attributes that are asked for: `corp.user.title`.
    fn read_names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for at in 0..self.program.connectors.len() {
            let connector = self.program.connector_name(at);
            let selection = self.selection(at);
            for attribute in &selection.attributes {
                for ty in &attribute.object_types {
                    if let Some(ty) = selection.object_types.get(*ty) {
                        names.insert(format!("{connector}.{ty}.{}", attribute.name));
                    }
                }
            }
        }
        names
    }
}

/// What tells one object from another in both plans.
type Key<'p> = (&'p str, &'p str, &'p str);

fn key(change: &Change) -> Key<'_> {
    let own = match (&change.anchor, change.source.as_str()) {
        (Some(anchor), _) => anchor,
        (None, "") => change.name.as_str(),
        (None, source) => source,
    };
    (&change.connector, &change.object_type, own)
}

fn between(old: &Plan, new: &Plan) -> Impact {
    let mut both: BTreeMap<Key<'_>, (Option<&Change>, Option<&Change>)> = BTreeMap::new();
    for change in &old.changes {
        both.entry(key(change)).or_default().0 = Some(change);
    }
    for change in &new.changes {
        both.entry(key(change)).or_default().1 = Some(change);
    }
    let mut groups: BTreeMap<(String, String, Op), Group> = BTreeMap::new();
    let mut attributes: BTreeMap<String, u64> = BTreeMap::new();
    let mut rules: BTreeMap<String, u64> = BTreeMap::new();
    for effect in both.values().filter_map(|(old, new)| effect(*old, *new)) {
        let mut by: BTreeSet<String> = BTreeSet::new();
        for change in &effect.attributes {
            let name = format!(
                "{}.{}.{}",
                effect.connector, effect.object_type, change.name
            );
            *attributes.entry(name).or_default() += 1;
            if !change.rule.is_empty() {
                by.insert(change.rule.clone());
            }
        }
        by.extend(effect.because.clone());
        for rule in by {
            *rules.entry(rule).or_default() += 1;
        }
        let key = (
            effect.connector.clone(),
            effect.object_type.clone(),
            effect.op,
        );
        let group = groups.entry(key).or_insert_with(|| Group {
            connector: effect.connector.clone(),
            object_type: effect.object_type.clone(),
            op: effect.op,
            count: 0,
            samples: Vec::new(),
        });
        group.count += 1;
        if group.samples.len() < SAMPLES {
            group.samples.push(effect);
        }
    }
    let only = |here: &[ObjectError], there: &[ObjectError]| -> Vec<ObjectError> {
        let known: BTreeSet<_> = there
            .iter()
            .map(|e| (&e.connector, &e.object, &e.code))
            .collect();
        let news = here
            .iter()
            .filter(|e| !known.contains(&(&e.connector, &e.object, &e.code)));
        news.cloned().collect()
    };
    Impact {
        groups: groups.into_values().collect(),
        attributes: ordered(attributes),
        rules: ordered(rules),
        errors: only(&new.errors, &old.errors),
        mended: only(&old.errors, &new.errors).len() as u64,
        unread: Vec::new(),
    }
}

/// The most frequent first.
fn ordered(counts: BTreeMap<String, u64>) -> Vec<Counted> {
    let mut list: Vec<Counted> = counts
        .into_iter()
        .map(|(name, count)| Counted { name, count })
        .collect();
    list.sort_by(|a, b| (b.count, &a.name).cmp(&(a.count, &b.name)));
    list
}

/// What becomes of an object under the new rules, seen from what becomes of it under the old ones.
fn effect(old: Option<&Change>, new: Option<&Change>) -> Option<Change> {
    let shown = new.or(old)?;
    let exists = |change: Option<&Change>| match change {
        Some(change) => change.op != Op::Delete,
        None => shown.anchor.is_some(),
    };
    let op = match (exists(old), exists(new)) {
        (false, false) => return None,
        (false, true) => Op::Create,
        (true, false) => Op::Delete,
        (true, true) => Op::Update,
    };
    let attributes = match op {
        Op::Delete => Vec::new(),
        _ => differences(old, new),
    };
    if op == Op::Update && attributes.is_empty() {
        return None;
    }
    Some(Change {
        op,
        attributes,
        because: (op == Op::Delete).then(|| {
            let because = new.and_then(|change| change.because.clone());
            because.unwrap_or_else(|| "the new rules do not make it".to_owned())
        }),
        ..shown.clone()
    })
}

fn differences(old: Option<&Change>, new: Option<&Change>) -> Vec<AttributeChange> {
    let of = |change: Option<&Change>| -> BTreeMap<String, AttributeChange> {
        let attributes = change.map_or(&[][..], |change| &change.attributes);
        attributes
            .iter()
            .map(|a| (a.name.clone(), a.clone()))
            .collect()
    };
    let (before, after) = (of(old), of(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut differences = Vec::new();
    for name in names {
        let change = match (before.get(name), after.get(name)) {
            // Without a plan for it, the value stays as it is.
            (None, Some(new)) => new.clone(),
            (Some(old), None) => AttributeChange {
                old: old.new.clone(),
                new: old.old.clone(),
                ..old.clone()
            },
            // References: the lists of what goes and what comes.
            (Some(old), Some(new)) if old.old != new.old => new.clone(),
            (Some(old), Some(new)) => AttributeChange {
                old: old.new.clone(),
                ..new.clone()
            },
            (None, None) => continue,
        };
        if change.old != change.new {
            differences.push(change);
        }
    }
    differences
}
