//! The page of rules: a section each.

use trib_grammar::ast::ExtendKind;

use super::book::{Book, Chapter};
use super::markdown::{cell, code, one_line, row, table};
use super::reach::read;
use super::words::words;
use crate::checked::{Deprovision, Flow, Rule};
use crate::ir::{End, Link, Mode};

/// Every rule, the strongest first.
pub fn page(book: &Book<'_>) -> Option<String> {
    let mut out = "# Rules\n".to_owned();
    for (title, outbound) in [("Into the metaverse", false), ("To the directories", true)] {
        let chapters = book.chapters(outbound);
        if chapters.is_empty() {
            continue;
        }
        out += &format!("\n{title}, the strongest first.\n");
        for chapter in &chapters {
            out += &section(book, chapter);
        }
    }
    (!book.rules.rules.is_empty()).then_some(out)
}

fn section(book: &Book<'_>, chapter: &Chapter<'_>) -> String {
    let rule = chapter.rule;
    let mut out = format!("\n## {}\n\n{}\n", rule.name, book.at(rule.span));
    let doc = book.doc(rule.span);
    if !doc.is_empty() {
        out += &format!("\n{doc}\n");
    }
    out += &format!("\n{}", clauses(chapter, book));
    for extend in book.extensions(&rule.name) {
        let changes = extend.items.iter().map(|item| match &item.kind {
            ExtendKind::Flow(_) => "flows",
            ExtendKind::WithoutFlow(_) => "fewer flows",
            ExtendKind::AndScope(_) => "a further condition",
            ExtendKind::Disabled => "switched off",
        });
        let changes: Vec<&str> = changes.collect();
        let at = book.at(extend.name.span);
        out += &format!(
            "\nChanged at {at}: {}. {}\n",
            changes.join(", "),
            one_line(book.doc(extend.name.span))
        );
    }
    out += &scope(book, rule);
    out += &joins(book, rule);
    if !rule.flows.is_empty() {
        out += "\nFlows:\n\n";
        out += &flows(book, rule, &rule.flows);
    }
    if let Deprovision::Disable(list) = &rule.deprovision {
        out += "\nFlows from the moment the object leaves:\n\n";
        out += &flows(book, rule, list);
    }
    out
}

fn clauses(chapter: &Chapter<'_>, book: &Book<'_>) -> String {
    let rule = chapter.rule;
    let ends = |end: &dyn Fn(&Rule) -> End| {
        let mut names: Vec<String> = Vec::new();
        for rule in &chapter.rules {
            let name = code(&book.end(end(rule)));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    };
    let link = match rule.link {
        Link::Provision => "provision: makes the object if there is none, and keeps it alive",
        Link::Join => "join: adds to an object that is there",
        Link::Sticky => "sticky: adds to an object that is there, and keeps it alive",
    };
    let mut out = table(["", ""]);
    out += &row(["from", &ends(&|rule| rule.source)]);
    out += &row(["to", &ends(&|rule| rule.target)]);
    out += &row(["precedence", &rule.precedence.to_string()]);
    out += &row(["link", link]);
    if matches!(rule.target, End::Directory(..)) && rule.link != Link::Join {
        let end = match rule.deprovision {
            Deprovision::Delete => "the object is deleted",
            Deprovision::Disconnect => "the object stays as it is",
            Deprovision::Disable(_) => "the object stays, with other values",
        };
        out += &row(["who leaves scope", end]);
    }
    if rule.ambiguous_continue {
        out += &row(["several matches", "the next join line is tried"]);
    }
    if rule.disabled {
        out += &row(["disabled", "takes no part"]);
    }
    out
}

fn scope(book: &Book<'_>, rule: &Rule) -> String {
    if rule.scope.is_empty() {
        return "\nEvery object is in scope.\n".to_owned();
    }
    let mut out = "\nIn scope is an object of which all of this holds:\n\n".to_owned();
    for part in &rule.scope {
        out += &format!("- {}\n", words(book.sources.text(part.span)));
    }
    out
}

fn joins(book: &Book<'_>, rule: &Rule) -> String {
    if rule.joins.is_empty() {
        return String::new();
    }
    let mut out = "\nJoined is the first that is found:\n\n".to_owned();
    for (at, join) in rule.joins.iter().enumerate() {
        let text = one_line(book.sources.text(join.span));
        let text = text.strip_prefix("join ").unwrap_or(&text);
        out += &format!("{}. {}\n", at + 1, code(text.trim_start()));
    }
    out
}

fn flows(book: &Book<'_>, rule: &Rule, flows: &[Flow]) -> String {
    let mut out = table(["to", "value", "reads", "", "at"]);
    for flow in flows {
        let target = book.target(rule, flow);
        let text = one_line(book.sources.text(flow.value.span));
        let value = match text.eq_ignore_ascii_case(target) {
            true => "the same".to_owned(),
            false => code(&text),
        };
        let reads = read(&flow.value.expr).into_iter();
        let reads: Vec<String> = reads
            .map(|slot| code(book.attribute(rule.source, slot)))
            .collect();
        let mode = match flow.mode {
            Mode::Replace => "",
            Mode::Merge => "merged",
            Mode::MergeIgnoringCase => "merged, ignoring case",
            Mode::Once => "once",
        };
        let notes: Vec<String> = [mode.to_owned(), cell(book.doc(flow.span))]
            .into_iter()
            .filter(|note| !note.is_empty())
            .collect();
        let at = book.at(flow.span);
        out += &row([
            &code(target),
            &value,
            &reads.join(", "),
            &notes.join(": "),
            &at,
        ]);
    }
    out
}
