//! Metaverse attributes that are written and never read, or read and never written.

use std::collections::HashSet;

use crate::checked::{Deprovision, Flow, Rules};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{End, Expr, JoinTarget, Slot};
use crate::names::Names;

pub(super) fn check(rules: &Rules, names: &Names, diagnostics: &mut Vec<Diagnostic>) {
    for (at, ty) in names.metaverse.iter().enumerate() {
        let end = End::Metaverse(at);
        let (read, written) = (read(rules, end), written(rules, end));
        // A program of one direction only is a part of one.
        let directions = [
            rules.rules.iter().any(|rule| rule.target == end),
            rules.rules.iter().any(|rule| rule.source == end),
        ];
        if directions != [true, true] {
            continue;
        }
        for (slot, attribute) in ty.attributes.iter().enumerate() {
            // A rule that waits for it was reported already.
            let reported = diagnostics.iter().any(|found| {
                let mut related = found.related.iter();
                std::ptr::eq(found.code, &raw const codes::UNREACHABLE)
                    && related.any(|(span, _)| *span == attribute.span)
            });
            if names.packs.contains(&attribute.span.file) || reported {
                continue;
            }
            let (message, help) = match (read.contains(&slot), written.contains(&slot)) {
                (true, true) | (false, false) => continue,
                (false, true) => (
                    "is written and never read",
                    "flow it to a directory, or remove it",
                ),
                (true, false) => (
                    "is read and never written",
                    "flow a value to it, or remove it",
                ),
            };
            diagnostics.push(
                Diagnostic::new(
                    &codes::UNUSED,
                    attribute.span,
                    format!("`{}.{}` {message}", ty.name, attribute.name),
                )
                .help(help),
            );
        }
    }
}

fn written(rules: &Rules, end: End) -> HashSet<Slot> {
    let rules = rules.rules.iter().filter(|rule| rule.target == end);
    rules
        .flat_map(|rule| &rule.flows)
        .map(|flow| flow.target)
        .collect()
}

fn read(rules: &Rules, end: End) -> HashSet<Slot> {
    let mut read = HashSet::new();
    let mut all = |expr: &Expr| {
        expr.walk(&mut |expr| {
            if let Expr::Attribute(slot) = expr {
                read.insert(*slot);
            }
        });
    };
    let mut joined = Vec::new();
    for rule in &rules.rules {
        let terms = || rule.joins.iter().flat_map(|join| &join.terms);
        if rule.target == end {
            joined.extend(terms().filter_map(|term| match term.target {
                JoinTarget::Slot(slot) => Some(slot),
                JoinTarget::Named(_) => None,
            }));
        }
        if rule.target == End::Any {
            joined.extend(terms().filter_map(|term| match &term.target {
                JoinTarget::Named(name) => slot_of(rules, end, name),
                JoinTarget::Slot(_) => None,
            }));
        }
        if rule.source == end {
            rule.scope.iter().for_each(|part| all(&part.expr));
            terms().for_each(|term| all(&term.source));
            let disable: &[Flow] = match &rule.deprovision {
                Deprovision::Disable(flows) => flows,
                _ => &[],
            };
            rule.flows
                .iter()
                .chain(disable)
                .for_each(|flow| all(&flow.value.expr));
        }
    }
    read.extend(joined);
    read
}

fn slot_of(rules: &Rules, end: End, name: &str) -> Option<Slot> {
    let End::Metaverse(at) = end else { return None };
    rules
        .metaverse
        .get(at)?
        .attributes
        .iter()
        .position(|attribute| attribute.name == name)
}
