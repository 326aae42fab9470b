//! The page of attributes: what becomes of each attribute that rules read from a directory.

use std::collections::{BTreeMap, BTreeSet};

use super::book::{Book, rule_link};
use super::markdown::{code, row, table};
use super::reach::{flows, read, readers};
use crate::checked::{Flow, Rule};
use crate::ir::{End, Slot};

/// Where an attribute goes, by its name: the metaverse attribute with its rule, and what is made of that.
type Ways = BTreeMap<String, Vec<(String, String)>>;

/// A section for each type of object that is read.
pub fn page(book: &Book<'_>) -> Option<String> {
    let mut sources: BTreeMap<String, Ways> = BTreeMap::new();
    for chapter in book.chapters(false) {
        for rule in chapter.rules.iter().filter(|rule| !rule.disabled) {
            let ways = sources.entry(book.end(rule.source)).or_default();
            rule.flows
                .iter()
                .for_each(|flow| add(book, rule, flow, ways));
        }
    }
    let mut out =
        "# Attributes\n\nFrom a directory through the metaverse to a directory.\n".to_owned();
    let mut any = false;
    for (source, ways) in sources.iter().filter(|(_, ways)| !ways.is_empty()) {
        any = true;
        out += &format!("\n## {source}\n\n");
        out += &table(["attribute", "metaverse", "ends in"]);
        for (attribute, ways) in ways {
            for (through, ends) in ways {
                out += &row([&code(attribute), through, ends]);
            }
        }
    }
    any.then_some(out)
}

fn add(book: &Book<'_>, rule: &Rule, flow: &Flow, ways: &mut Ways) {
    let target = format!("{}.{}", book.end(rule.target), book.target(rule, flow));
    let through = format!("{} by {}", code(&target), rule_link(&rule.name));
    let ends = ends(book, rule.target, flow.target);
    for slot in read(&flow.value.expr) {
        let name = book.attribute(rule.source, slot).to_owned();
        let known = ways.entry(name).or_default();
        known.push((through.clone(), ends.clone()));
    }
}

/// What other rules make of a metaverse attribute.
fn ends(book: &Book<'_>, end: End, slot: Slot) -> String {
    let mut ends: BTreeSet<String> = BTreeSet::new();
    for reader in readers(book, end) {
        for flow in flows(reader).filter(|flow| read(&flow.value.expr).contains(&slot)) {
            let target = format!("{}.{}", book.end(reader.target), book.target(reader, flow));
            ends.insert(code(&target));
        }
        if reader
            .scope
            .iter()
            .any(|part| read(&part.expr).contains(&slot))
        {
            ends.insert(format!("scope of {}", rule_link(&reader.name)));
        }
    }
    ends.into_iter().collect::<Vec<_>>().join("<br>")
}
