//! Rules in no one's reach: nothing brings objects of their type, nothing links their two ends, or their
//! scope asks for what nothing writes.

use std::collections::{HashMap, HashSet};

use super::logic::ensure;
use crate::checked::{Rule, Rules};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{End, Expr, Link, Slot};
use crate::names::Names;

pub(super) fn check(rules: &Rules, names: &Names, diagnostics: &mut Vec<Diagnostic>) {
    let enabled: Vec<&Rule> = rules.rules.iter().filter(|rule| !rule.disabled).collect();
    let inbound = |rule: &Rule| matches!(rule.source, End::Directory(..));
    // A program of one direction only is a part of one.
    let whole = enabled.iter().any(|rule| inbound(rule));
    let mut empty = HashSet::new();
    for at in 0..rules.metaverse.len() {
        let end = End::Metaverse(at);
        let brought = enabled
            .iter()
            .any(|rule| rule.target == end && rule.link == Link::Provision);
        if !brought && whole {
            empty.insert(end);
            diagnostics.extend(unpopulated(rules, end, &enabled));
        }
    }
    let mut pairs = HashSet::new();
    for rule in &enabled {
        let pair = match inbound(rule) {
            true => (rule.source, rule.target),
            false => (rule.target, rule.source),
        };
        if empty.contains(&pair.1) || !pairs.insert(pair) {
            continue;
        }
        let of_pair = |other: &&&Rule| {
            (other.source, other.target) == pair || (other.target, other.source) == pair
        };
        let members: Vec<&Rule> = enabled.iter().filter(of_pair).copied().collect();
        let linked = |rule: &&Rule| rule.link == Link::Provision || !rule.joins.is_empty();
        if !members.iter().any(linked) {
            diagnostics.push(unlinked(rules, rule, pair, members.len() - 1));
        }
    }
    let mut written: HashMap<End, HashSet<Slot>> = HashMap::new();
    for rule in &enabled {
        let slots = written.entry(rule.target).or_default();
        slots.extend(rule.flows.iter().map(|flow| flow.target));
    }
    for rule in enabled.iter().filter(|rule| !inbound(rule)) {
        if let (Some(written), false) = (written.get(&rule.source), empty.contains(&rule.source)) {
            diagnostics.extend(unwritten(names, rule, written));
        }
    }
}

/// ` and 3 others`
fn others(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => " and another one".to_owned(),
        count => format!(" and {count} others"),
    }
}

fn never(count: usize) -> &'static str {
    if count == 0 {
        "never takes"
    } else {
        "never take"
    }
}

fn unpopulated(rules: &Rules, end: End, enabled: &[&Rule]) -> Option<Diagnostic> {
    let mut readers = enabled
        .iter()
        .filter(|rule| rule.source == end || rule.target == end);
    let first = readers.next()?;
    let more = readers.count();
    let name = &rules.object_type(end)?.name;
    let message = format!(
        "no rule brings a `{name}` into the metaverse, so rule `{}`{} {} part",
        first.name,
        others(more),
        never(more),
    );
    Some(
        Diagnostic::new(&codes::UNREACHABLE, first.span, message).help(format!(
            "write a rule `to {name}` with `link provision`, from the directory where they are kept"
        )),
    )
}

fn unlinked(
    rules: &Rules,
    rule: &Rule,
    (directory, metaverse): (End, End),
    more: usize,
) -> Diagnostic {
    let name = |end: End| rules.object_type(end).map_or("any", |ty| ty.name.as_str());
    let connector = match directory {
        End::Directory(connector, _) => rules.connectors.get(connector),
        _ => None,
    };
    let connector = connector.map_or("", |connector| connector.name.as_str());
    let message = format!(
        "nothing links `{connector}.{}` and `{}`, so rule `{}`{} {} part",
        name(directory),
        name(metaverse),
        rule.name,
        others(more),
        never(more),
    );
    Diagnostic::new(&codes::UNREACHABLE, rule.span, message)
        .help("give one of the rules between them a `join`, or `link provision`")
}

/// The scope asks for a value of a metaverse attribute that no rule writes.
fn unwritten(names: &Names, rule: &Rule, written: &HashSet<Slot>) -> Option<Diagnostic> {
    let End::Metaverse(at) = rule.source else {
        return None;
    };
    rule.scope.iter().find_map(|part| {
        let mut read = Vec::new();
        part.expr.walk(&mut |expr| {
            if let Expr::Attribute(slot) = expr
                && !written.contains(slot)
                && !read.contains(slot)
            {
                read.push(*slot);
            }
        });
        let slot = read.into_iter().find(|slot| {
            let value = Expr::Attribute(*slot);
            ensure([&part.expr], &value)
        })?;
        let attribute = names.metaverse.get(at)?.attributes.get(slot)?;
        let message = format!(
            "no rule writes `{}`, so no object is in scope of rule `{}`",
            attribute.name, rule.name
        );
        Some(
            Diagnostic::new(&codes::UNREACHABLE, part.span, message)
                .related(attribute.span, "declared here")
                .help(format!("flow a value to `{}`", attribute.name)),
        )
    })
}
