//! The containers that a connector leaves out.

use super::directory::Directory;
use super::model::{Connector, Partition, Rule};
use crate::import::write::quoted;

/// A function that says which entries are read, and what it does; none where all below the bases are.
pub(super) fn of(connector: &Connector, name: &str) -> Option<(String, String)> {
    let holes: Vec<String> = connector.partitions.iter().flat_map(holes).collect();
    if holes.is_empty() {
        return None;
    }
    let function = function(name);
    let body = holes.join("\n  and ");
    let text = format!(
        "/// The containers of `{name}` that are read.\nfn {function}(entry: dn) -> bool =\n  {body}"
    );
    let words = format!(
        "containers that are not read are in the function `{function}`, which every scope asks"
    );
    Some((text, words))
}

/// What every object of an inbound rule has to be.
pub(super) fn conditions(rule: &Rule, directory: &Directory) -> Vec<String> {
    let name = &directory.connector.name;
    let containers = directory.connector.filter.iter();
    let mut conditions: Vec<String> = containers
        .map(|_| format!("{}(dn)", function(name)))
        .collect();
    // What only lets references resolve is nobody's member.
    if let Some(group) = directory.group.as_ref().filter(|_| rule.target != "*") {
        conditions.push(format!("dn member of {}", quoted(group)));
    }
    conditions
}

/// The name of the function.
fn function(name: &str) -> String {
    format!("IsReadIn_{name}")
}

/// Where reading begins: the containers that are in, without those within others.
pub(super) fn bases(partition: &Partition) -> Vec<&str> {
    let root = !excluded(partition, &partition.dn);
    let mut bases: Vec<&str> = Vec::new();
    if root {
        return vec![&partition.dn];
    }
    for inclusion in &partition.inclusions {
        let within = partition
            .inclusions
            .iter()
            .any(|other| below(inclusion, other));
        if !within && !bases.contains(&inclusion.as_str()) {
            bases.push(inclusion);
        }
    }
    bases
}

fn excluded(partition: &Partition, dn: &str) -> bool {
    partition
        .exclusions
        .iter()
        .any(|known| known.eq_ignore_ascii_case(dn))
}

/// What says that an entry is not in one of the containers left out, unless it is in one of those within that are in.
fn holes(partition: &Partition) -> Vec<String> {
    let bases = bases(partition);
    let mut holes = Vec::new();
    for exclusion in &partition.exclusions {
        if !bases.iter().any(|base| below(exclusion, base)) {
            continue;
        }
        let mut islands: Vec<String> = Vec::new();
        for inclusion in partition
            .inclusions
            .iter()
            .filter(|inner| below(inner, exclusion))
        {
            islands.push(under(inclusion));
        }
        let out = format!("not {}", under(exclusion));
        holes.push(match islands.is_empty() {
            true => out,
            false => format!("({out} or {})", islands.join(" or ")),
        });
    }
    holes
}

fn under(container: &str) -> String {
    format!("entry under {}", quoted(container))
}

/// `inner` lies within `outer`.
fn below(inner: &str, outer: &str) -> bool {
    let (inner, outer) = (inner.to_lowercase(), outer.to_lowercase());
    inner
        .strip_suffix(&outer)
        .is_some_and(|rest| rest.ends_with(','))
}
