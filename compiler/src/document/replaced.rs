//! The page of Azure AD Connect's default rules: what became of each.
//!
//! The rules themselves say so in their comments: a paragraph that begins with `Replaces` names default
//! rules in backticks, one that begins with `Leaves out` names them and, after a colon, the reason.

use std::collections::BTreeSet;

use trib_grammar::Span;
use trib_grammar::ast::Declaration;

use super::book::{Book, rule_link};
use super::markdown::{code, one_line, row, table};
use super::reach::{decides, properties};
use crate::checked::Rule;

/// The table, if any comment names a default rule.
pub fn page(book: &Book<'_>) -> Option<String> {
    let replaced = replaced(book);
    let left = left_out(book);
    if replaced.is_empty() && left.is_empty() {
        return None;
    }
    let mut out = "# What became of Azure AD Connect's default rules\n".to_owned();
    if !replaced.is_empty() {
        out += "\n";
        out += &table(["default rule", "ours", "properties in the directory"]);
    }
    for (name, rules) in &replaced {
        let ours: Vec<String> = rules.iter().map(|rule| rule_link(&rule.name)).collect();
        let properties: BTreeSet<String> = rules
            .iter()
            .flat_map(|rule| properties(book, rule))
            .collect();
        let mut cells: Vec<String> = properties.iter().map(|name| code(name)).collect();
        if cells.is_empty() {
            let decides: BTreeSet<&str> =
                rules.iter().flat_map(|rule| decides(book, rule)).collect();
            let decides: Vec<&str> = decides.into_iter().collect();
            cells.push(match decides.is_empty() {
                true => "none".to_owned(),
                false => format!("none; decides {}", decides.join(" and ")),
            });
        }
        out += &row([&code(name), &ours.join("<br>"), &cells.join(", ")]);
    }
    if !left.is_empty() {
        out += "\n## Left out\n\n";
        out += &table(["default rule", "because", "said at"]);
        for (names, reason, at) in &left {
            let names: Vec<String> = names.iter().map(|name| code(name)).collect();
            out += &row([&names.join("<br>"), reason, &book.at(*at)]);
        }
    }
    Some(out)
}

/// Default rules and the rules that stand for them, in the order of the latter.
fn replaced<'b>(book: &Book<'b>) -> Vec<(String, Vec<&'b Rule>)> {
    let mut found: Vec<(String, Vec<&Rule>)> = Vec::new();
    for chapter in [book.chapters(false), book.chapters(true)].iter().flatten() {
        let rule = chapter.rule;
        for name in paragraphs(book.doc(rule.span), "Replaces ").flat_map(|text| names(&text)) {
            match found.iter_mut().find(|(known, _)| *known == name) {
                Some((_, rules)) => rules.push(rule),
                None => found.push((name, vec![rule])),
            }
        }
    }
    found
}

/// Default rules that nothing stands for, why, and where it is said.
fn left_out(book: &Book<'_>) -> Vec<(Vec<String>, String, Span)> {
    let mut found = Vec::new();
    for declaration in &book.declarations {
        let at = match declaration {
            Declaration::Rule(it) => it.name.span,
            Declaration::Metaverse(it) => it.name.span,
            Declaration::Connector(it) => it.name.span,
            _ => continue,
        };
        for text in paragraphs(book.doc(at), "Leaves out ") {
            let (named, reason) = text.split_once("`: ").unwrap_or((&text, ""));
            let reason = reason.trim_end_matches('.');
            found.push((names(&format!("{named}`")), reason.to_owned(), at));
        }
    }
    found
}

/// The paragraphs of a comment that begin so, each on one line.
fn paragraphs<'d>(doc: &'d str, start: &'d str) -> impl Iterator<Item = String> + 'd {
    let paragraphs = doc.split("\n\n").map(one_line);
    paragraphs.filter(move |paragraph| paragraph.starts_with(start))
}

/// What stands in backticks.
fn names(text: &str) -> Vec<String> {
    let pieces = text.split('`').skip(1).step_by(2);
    pieces
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_name_default_rules() {
        let doc =
            "What it does.\n\nReplaces `A` and\n`B`, which do less.\n\nLeaves out `C`: no `way`.";
        let replaced: Vec<String> = paragraphs(doc, "Replaces ").collect();
        assert_eq!(replaced, ["Replaces `A` and `B`, which do less."]);
        assert_eq!(names(&replaced[0]), ["A", "B"]);
        assert_eq!(paragraphs(doc, "Leaves out ").count(), 1);
    }
}
