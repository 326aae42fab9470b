//! The first page: what there is.

use trib_grammar::ast::Declaration;

use super::Page;
use super::book::{Book, rule_link};
use super::markdown::{anchor, cell, code, first_sentence, row, table};
use super::metaverse;
use crate::ir::Link;

/// Directories, metaverse types and rules, with links to the other pages.
pub fn page(book: &Book<'_>, pages: &[Page]) -> String {
    let mut out = format!(
        "# Rule set\n\n{}, {}, {}.\n",
        counted(book.rules.declared, "rule"),
        counted(book.files, "file"),
        counted(book.rules.tests.len(), "test")
    );
    out += &directories(book);
    out += &types(book);
    out += &rules(book);
    let more = pages.iter().filter_map(|page| {
        let what = match page.name {
            "attributes.md" => "Attributes, from a directory to a directory",
            "functions.md" => "Functions and constants",
            "tests.md" => "Tests",
            "default-rules.md" => "What became of Azure AD Connect's default rules",
            _ => return None,
        };
        Some(format!("- [{what}]({})\n", page.name))
    });
    let more: String = more.collect();
    if !more.is_empty() {
        out += &format!("\n## More\n\n{more}");
    }
    out
}

fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

fn directories(book: &Book<'_>) -> String {
    if book.rules.connectors.is_empty() {
        return String::new();
    }
    let mut out = "\n## Directories\n\n".to_owned();
    out += &table(["connector", "kind", "types", ""]);
    for connector in &book.rules.connectors {
        let types = connector.object_types.iter();
        let types: Vec<String> = types.map(|ty| code(&ty.name)).collect();
        let docs = book
            .declarations
            .iter()
            .filter_map(|declaration| match declaration {
                Declaration::Connector(found) if found.name.text == connector.name => {
                    Some(first_sentence(book.doc(found.name.span)))
                }
                _ => None,
            });
        let doc = docs.into_iter().find(|doc| !doc.is_empty());
        let (name, kind) = (code(&connector.name), code(connector.kind.name()));
        out += &row([
            &name,
            &kind,
            &types.join(", "),
            &cell(&doc.unwrap_or_default()),
        ]);
    }
    out
}

fn types(book: &Book<'_>) -> String {
    if book.rules.metaverse.is_empty() {
        return String::new();
    }
    let mut out = "\n## Metaverse\n\n".to_owned();
    out += &table(["type", "attributes", ""]);
    for ty in &book.rules.metaverse {
        let link = format!("[{}](metaverse.md#{})", ty.name, anchor(&ty.name));
        let docs = metaverse::docs(book, &ty.name);
        let doc = docs.first().map(|(_, doc)| first_sentence(doc));
        let count = ty.attributes.len().to_string();
        out += &row([&link, &count, &cell(&doc.unwrap_or_default())]);
    }
    out
}

fn rules(book: &Book<'_>) -> String {
    let mut out = String::new();
    for (title, outbound) in [("Into the metaverse", false), ("To the directories", true)] {
        let chapters = book.chapters(outbound);
        if chapters.is_empty() {
            continue;
        }
        out += &format!("\n## {title}\n\n");
        out += &table(["precedence", "rule", "from", "to", "link", ""]);
        for chapter in &chapters {
            let rule = chapter.rule;
            let from = chapter
                .rules
                .iter()
                .map(|rule| code(&book.end(rule.source)));
            let mut from: Vec<String> = from.collect();
            from.dedup();
            let link = match rule.link {
                _ if rule.disabled => "disabled",
                Link::Provision => "provision",
                Link::Join => "join",
                Link::Sticky => "sticky",
            };
            out += &row([
                &rule.precedence.to_string(),
                &rule_link(&rule.name),
                &from.join(", "),
                &code(&book.end(rule.target)),
                link,
                &cell(&first_sentence(book.doc(rule.span))),
            ]);
        }
    }
    out
}
