//! The files as people read them: with the grouped flows, and the reasons of what is not there.

use trib_grammar::ast::{BinaryOperator, ExprKind};
use trib_grammar::{FileId, format_expression, parse_expression};

use super::{CONNECTORS, METAVERSE, connectors, files, head, line, metaverse, quoted, sugar};
use crate::import::draft::{Clause, Draft, Rule};
use crate::import::report::Outcome;

/// Columns of a comment.
const WIDTH: usize = 96;

/// Every file of the project but the report.
pub(in crate::import) fn files_of(draft: &Draft) -> Vec<(String, String)> {
    let mut written = vec![
        (CONNECTORS.to_owned(), canonical(&connectors(draft))),
        (METAVERSE.to_owned(), canonical(&metaverse(draft))),
    ];
    for (file, rules) in files(draft) {
        let texts: Vec<String> = rules.iter().map(|(_, rule)| pretty(rule)).collect();
        written.push((file.to_owned(), canonical(&texts.join("\n"))));
    }
    written.extend(draft.others.iter().cloned());
    written
}

/// The layout of `trib fmt`.
fn canonical(text: &str) -> String {
    let parsed = trib_grammar::parse(FileId(0), text);
    match parsed.errors.is_empty() {
        true => trib_grammar::format(&parsed.file, text),
        false => text.to_owned(),
    }
}

/// The layout of an expression; what is none stays.
pub(in crate::import) fn canonical_expression(text: &str) -> String {
    let (parsed, errors) = parse_expression(FileId(0), text);
    match parsed.filter(|_| errors.is_empty()) {
        Some(expr) => format_expression(&expr, text),
        None => text.to_owned(),
    }
}

/// A value with another behind it, for where it is absent.
pub(in crate::import) fn or(value: &str, otherwise: &str) -> String {
    let (parsed, _) = parse_expression(FileId(0), value);
    let alone = parsed.is_some_and(|expr| match expr.kind {
        ExprKind::If { .. } | ExprKind::Unary { .. } | ExprKind::Presence { .. } => false,
        ExprKind::Binary { operator, .. } => operator == BinaryOperator::Coalesce,
        _ => true,
    });
    match alone {
        true => canonical_expression(&format!("{value} ?? {otherwise}")),
        false => canonical_expression(&format!("({value}) ?? {otherwise}")),
    }
}

fn pretty(rule: &Rule) -> String {
    if rule.is_out() {
        let why: Vec<String> = rule.report.why.iter().map(|why| sentence(why)).collect();
        let words = format!(
            "Left out: rule {}. {}",
            quoted(&rule.report.name),
            why.join(" ")
        );
        return wrapped("// ", &words);
    }
    let mut text = String::new();
    for doc in &rule.docs {
        text.push_str(&wrapped("/// ", doc));
    }
    if !rule.report.why.is_empty() {
        text.push_str("///\n");
        for why in &rule.report.why {
            text.push_str(&wrapped("/// ", &sentence(why)));
        }
    }
    text.push_str(&head(rule));
    let scope = scope(rule);
    if !scope.is_empty() {
        text.push_str(&format!("  scope {scope}\n"));
    }
    for group in &rule.joins {
        let clauses: Vec<&str> = group.iter().map(|clause| clause.text.as_str()).collect();
        text.push_str(&format!("  join {}\n", clauses.join(" and ")));
    }
    let missing = left_out(rule);
    if !rule.flows.is_empty() || !missing.is_empty() {
        text.push_str("  flow {\n");
        text.push_str(&sugar::flows(rule));
        text.push_str(&missing);
        text.push_str("  }\n");
    }
    text.push_str("}\n");
    text
}

/// What all groups of a scope say is said once; if one of them says nothing else, no other matters.
fn scope(rule: &Rule) -> String {
    let texts = |group: &Vec<Clause>| -> Vec<String> {
        group.iter().map(|clause| clause.text.clone()).collect()
    };
    let groups: Vec<Vec<String>> = rule.scope.iter().map(texts).collect();
    let common = |clause: &&String| groups.iter().all(|group| group.contains(clause));
    let mut all: Vec<String> = rule.conditions.clone();
    let shared: Vec<String> = groups
        .iter()
        .take(1)
        .flatten()
        .filter(common)
        .cloned()
        .collect();
    all.extend(
        shared
            .into_iter()
            .filter(|clause| !rule.conditions.contains(clause)),
    );
    let rest = groups.iter().map(|group| {
        let own = group.iter().filter(|clause| !common(clause)).cloned();
        own.collect::<Vec<_>>()
    });
    let rest: Vec<Vec<String>> = rest.collect();
    if rest.len() > 1 && rest.iter().all(|group| !group.is_empty()) {
        let rest = rest.iter().map(|group| match group.as_slice() {
            [only] => only.clone(),
            group => format!("({})", group.join(" and ")),
        });
        let rest = rest.collect::<Vec<_>>().join(" or ");
        match all.is_empty() {
            true => all.push(rest),
            false => all.push(format!("({rest})")),
        }
    }
    all.join(" and ")
}

/// What is not there, as comments: each reason with all that it is the reason of.
fn left_out(rule: &Rule) -> String {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    let parts = rule.report.parts.iter();
    for part in parts.filter(|part| part.outcome == Outcome::LeftOut) {
        let why = part.why.last().map_or("", String::as_str);
        let what = match part.part {
            "flow" => part.name.clone(),
            what => format!("{what} `{}`", part.was),
        };
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, list)) => list.push(what),
            None => reasons.push((why, vec![what])),
        }
    }
    let mut text = String::new();
    for (why, list) in reasons {
        let words = format!("Left out ({why}): {}", list.join(", "));
        text.push_str(&wrapped("    // ", &words));
    }
    text
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let text = format!("{}{}", first.unwrap_or_default(), letters.as_str());
    match text.ends_with(['.', '!', '?']) {
        true => text,
        false => text + ".",
    }
}

/// Lines of a comment, whatever the text holds.
pub(super) fn wrapped(mark: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut current = String::new();
    for word in line(text).split(' ') {
        if !current.is_empty()
            && mark.len() + current.chars().count() + word.chars().count() > WIDTH
        {
            lines.push_str(&format!("{mark}{current}\n"));
            current.clear();
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines + format!("{mark}{current}").trim_end() + "\n"
}
