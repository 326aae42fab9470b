//! Which attributes an expression reads, and where what a rule writes ends up.

use std::collections::BTreeSet;

use super::book::Book;
use crate::checked::{Deprovision, Rule};
use crate::ir::{End, Expr, JoinTarget, Slot};

/// The attributes that an expression reads.
pub fn read(expr: &Expr) -> BTreeSet<Slot> {
    let mut slots = BTreeSet::new();
    expr.walk(&mut |part| {
        if let Expr::Attribute(slot) = part {
            slots.insert(*slot);
        }
    });
    slots
}

/// The properties of directories that a rule decides about: those it writes itself, or those that other
/// rules make from what it writes into the metaverse: `user.jobTitle`.
pub fn properties(book: &Book<'_>, rule: &Rule) -> BTreeSet<String> {
    let named = |rule: &Rule, slot: Slot| {
        let object_type = book.rules.object_type(rule.target);
        let name = object_type.map_or("", |ty| ty.name.as_str());
        format!("{name}.{}", book.attribute(rule.target, slot))
    };
    if let End::Directory(..) = rule.target {
        return rule
            .flows
            .iter()
            .map(|flow| named(rule, flow.target))
            .collect();
    }
    let written: BTreeSet<Slot> = rule.flows.iter().map(|flow| flow.target).collect();
    let mut found = BTreeSet::new();
    for reader in readers(book, rule.target) {
        for flow in flows(reader) {
            if !read(&flow.value.expr).is_disjoint(&written) {
                found.insert(named(reader, flow.target));
            }
        }
    }
    found
}

/// What a rule decides without writing it anywhere: who is in scope, who is joined.
pub fn decides(book: &Book<'_>, rule: &Rule) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    if !rule.joins.is_empty() {
        found.insert("which entries are one");
    }
    let written: BTreeSet<Slot> = rule.flows.iter().map(|flow| flow.target).collect();
    if matches!(rule.target, End::Directory(..)) {
        return found;
    }
    let scopes = readers(book, rule.target).flat_map(|reader| &reader.scope);
    if scopes
        .into_iter()
        .any(|part| !read(&part.expr).is_disjoint(&written))
    {
        found.insert("who goes to a directory");
    }
    let rules = book
        .rules
        .rules
        .iter()
        .filter(|other| other.target == rule.target);
    let terms = rules
        .flat_map(|other| &other.joins)
        .flat_map(|join| &join.terms);
    let joined =
        |target: &JoinTarget| matches!(target, JoinTarget::Slot(slot) if written.contains(slot));
    if terms.into_iter().any(|term| joined(&term.target)) {
        found.insert("which entries are one");
    }
    found
}

/// The rules that read a metaverse type.
pub fn readers<'b>(book: &Book<'b>, end: End) -> impl Iterator<Item = &'b Rule> {
    let rules: &'b [Rule] = &book.rules.rules;
    rules
        .iter()
        .filter(move |rule| rule.source == end && !rule.disabled)
}

/// The flows of a rule, those of `disable` too.
pub fn flows(rule: &Rule) -> impl Iterator<Item = &crate::checked::Flow> {
    let disable: &[_] = match &rule.deprovision {
        Deprovision::Disable(flows) => flows,
        _ => &[],
    };
    rule.flows.iter().chain(disable)
}
