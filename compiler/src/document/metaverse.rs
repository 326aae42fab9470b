//! The page of the metaverse: where every attribute comes from, the strongest first, and where it goes.

use trib_grammar::ast::Declaration;

use super::book::{Book, rule_link};
use super::markdown::{cell, code, row, table};
use super::reach::{flows, read, readers};
use crate::checked::Rule;
use crate::ir::{End, Slot};

/// Every type with its attributes.
pub fn page(book: &Book<'_>) -> Option<String> {
    let mut out =
        "# Metaverse\n\nWhere several rules give a value, the first one named wins.\n".to_owned();
    for (at, ty) in book.rules.metaverse.iter().enumerate() {
        out += &format!("\n## {}\n", ty.name);
        for (span, doc) in docs(book, &ty.name) {
            out += &format!("\n{doc} ({})\n", book.at(span));
        }
        out += "\n";
        out += &table(["attribute", "type", "comes from", "goes to", ""]);
        let mut slots: Vec<Slot> = (0..ty.attributes.len()).collect();
        slots.sort_by_key(|slot| book.attribute(End::Metaverse(at), *slot).to_lowercase());
        for slot in slots {
            out += &attribute(book, at, slot);
        }
    }
    (!book.rules.metaverse.is_empty()).then_some(out)
}

/// What the declarations of a type say about it.
pub fn docs<'b>(book: &'b Book<'_>, name: &str) -> Vec<(trib_grammar::Span, &'b str)> {
    let declared = book
        .declarations
        .iter()
        .filter_map(|declaration| match declaration {
            Declaration::Metaverse(ty) if ty.name.text.eq_ignore_ascii_case(name) => {
                Some(ty.name.span)
            }
            _ => None,
        });
    let docs = declared.map(|span| (span, book.doc(span)));
    docs.filter(|(_, doc)| !doc.is_empty()).collect()
}

fn attribute(book: &Book<'_>, at: usize, slot: Slot) -> String {
    let end = End::Metaverse(at);
    let ty = book.rules.metaverse.get(at);
    let Some(attribute) = ty.and_then(|ty| ty.attributes.get(slot)) else {
        return String::new();
    };
    let mut contributors: Vec<&Rule> = book.rules.rules.iter().collect();
    contributors.retain(|rule| rule.target == end && !rule.disabled);
    contributors.sort_by_key(|rule| (rule.precedence, rule.priority));
    let mut sources: Vec<String> = Vec::new();
    for rule in contributors {
        for flow in rule.flows.iter().filter(|flow| flow.target == slot) {
            let source = code(&book.end(rule.source));
            let reads = read(&flow.value.expr).into_iter();
            let reads: Vec<String> = reads
                .map(|slot| code(book.attribute(rule.source, slot)))
                .collect();
            let of = match reads.is_empty() {
                true => source,
                false => format!("{} of {source}", reads.join(", ")),
            };
            sources.push(format!(
                "{} {}: {of}",
                rule.precedence,
                rule_link(&rule.name)
            ));
        }
    }
    let mut targets: Vec<String> = Vec::new();
    for rule in readers(book, end) {
        for flow in flows(rule).filter(|flow| read(&flow.value.expr).contains(&slot)) {
            let target = format!("{}.{}", book.end(rule.target), book.target(rule, flow));
            targets.push(format!("{} by {}", code(&target), rule_link(&rule.name)));
        }
        if rule
            .scope
            .iter()
            .any(|part| read(&part.expr).contains(&slot))
        {
            targets.push(format!("scope of {}", rule_link(&rule.name)));
        }
    }
    targets.dedup();
    let mut notes = Vec::new();
    if attribute.indexed {
        notes.push("indexed".to_owned());
    }
    notes.extend(comment(book, at, &attribute.name));
    row([
        &code(&attribute.name),
        &code(&attribute.ty.clone().present().to_string()),
        &sources.join("<br>"),
        &targets.join("<br>"),
        &notes.join(": "),
    ])
}

/// The comment of an attribute where it is declared.
fn comment(book: &Book<'_>, at: usize, attribute: &str) -> Option<String> {
    let ty = book.rules.metaverse.get(at)?;
    let declared = book
        .declarations
        .iter()
        .filter_map(|declaration| match declaration {
            Declaration::Metaverse(found) if found.name.text.eq_ignore_ascii_case(&ty.name) => {
                Some(&found.attributes)
            }
            _ => None,
        });
    let named = declared
        .flatten()
        .filter(|found| found.name.text.eq_ignore_ascii_case(attribute));
    let docs = named.map(|found| cell(book.doc(found.name.span)));
    docs.into_iter().find(|doc| !doc.is_empty())
}
