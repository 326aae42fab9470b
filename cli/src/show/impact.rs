//! The impact of a change of rules, for people and for a pull request.

use std::fmt::Write;

use trib_runtime::impact::{Counted, Impact};
use trib_runtime::plan::{Change, Op};

use super::value;
use crate::output::counted;
use crate::style::Style;

/// Lines shown of a list.
const MOST: usize = 10;

/// For a terminal.
pub fn impact(impact: &Impact, over: &[String], style: Style) -> String {
    let mut out = String::new();
    for group in &impact.groups {
        let head = format!(
            "{} {} {}.{}",
            word(group.op),
            group.count,
            group.connector,
            group.object_type
        );
        let _ = writeln!(out, "{}", style.strong(&head));
        for change in &group.samples {
            sample(change, style, &mut out);
        }
        let more = group.count - group.samples.len() as u64;
        if more > 0 {
            let _ = writeln!(out, "  … {more} more");
        }
    }
    for (title, list) in [
        ("By attribute", &impact.attributes),
        ("By rule", &impact.rules),
    ] {
        if !list.is_empty() {
            let _ = writeln!(out, "{}", style.strong(title));
        }
        for Counted { name, count } in list.iter().take(MOST) {
            let _ = writeln!(out, "  {count:>6}  {name}");
        }
    }
    out.push_str(&super::errors(&impact.errors, Some(MOST), style));
    for line in notes(impact) {
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out, "{} {}", style.strong("Impact:"), sum(impact));
    for line in over {
        let _ = writeln!(out, "{} {line}", style.bad("OVER BUDGET:"));
    }
    out
}

/// For a pull request.
pub fn impact_markdown(impact: &Impact, over: &[String]) -> String {
    let mut out = format!("### Impact of the rule change\n\n{}\n", sum(impact));
    for line in over {
        let _ = writeln!(out, "\n**Over budget:** {line}");
    }
    if !impact.groups.is_empty() {
        out.push_str("\n| operation | type | objects |\n| --- | --- | ---: |\n");
    }
    for group in &impact.groups {
        let _ = writeln!(
            out,
            "| {} | {}.{} | {} |",
            word(group.op),
            group.connector,
            group.object_type,
            group.count
        );
    }
    for (title, list) in [("attribute", &impact.attributes), ("rule", &impact.rules)] {
        if !list.is_empty() {
            let _ = writeln!(out, "\n| {title} | objects |\n| --- | ---: |");
        }
        for Counted { name, count } in list.iter().take(MOST) {
            let _ = writeln!(out, "| {} | {count} |", cell(name));
        }
    }
    for line in notes(impact) {
        let _ = writeln!(out, "\n{line}");
    }
    for error in impact.errors.iter().take(MOST) {
        let _ = writeln!(
            out,
            "- `{}`: {} ({})",
            error.object, error.message, error.code
        );
    }
    if !impact.groups.is_empty() {
        out.push_str("\n<details><summary>Samples</summary>\n\n```\n");
        for group in &impact.groups {
            for change in &group.samples {
                sample(change, Style::plain(), &mut out);
            }
        }
        out.push_str("```\n\n</details>\n");
    }
    out
}

fn notes(impact: &Impact) -> Vec<String> {
    let mut notes = Vec::new();
    if !impact.errors.is_empty() {
        let count = counted(impact.errors.len() as u64, "object");
        notes.push(format!("{count} with new errors"));
    }
    if impact.mended > 0 {
        notes.push(format!("{} less", counted(impact.mended, "error")));
    }
    if !impact.unread.is_empty() {
        notes.push(format!(
            "The new rules read {} for the first time; the values are not in the store yet and count as absent here",
            impact.unread.join(", ")
        ));
    }
    notes
}

fn sum(impact: &Impact) -> String {
    let counts = [Op::Create, Op::Update, Op::Delete].map(|op| (op, impact.count(Some(op))));
    let parts = counts.iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(op, count)| format!("{} {count}", word(*op)))
        .collect();
    match parts.is_empty() {
        true => "nothing changes".to_owned(),
        false => parts.join(", "),
    }
}

fn sample(change: &Change, style: Style, out: &mut String) {
    let source = match change.source.as_str() {
        "" => String::new(),
        source => style.dim(&format!("  ({source})")),
    };
    let _ = writeln!(out, "  {} \"{}\"{source}", word(change.op), change.name);
    if let Some(because) = &change.because {
        let _ = writeln!(out, "      {}", style.dim(because));
    }
    for attribute in &change.attributes {
        let shown = match change.op {
            Op::Create => value(&attribute.new),
            _ => value::change(&attribute.old, &attribute.new),
        };
        let cause = style.dim(&format!("   rule \"{}\" {}", attribute.rule, attribute.at));
        let _ = writeln!(out, "      {}  {shown}{cause}", attribute.name);
    }
}

/// Text that stays in one cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn word(op: Op) -> &'static str {
    match op {
        Op::Create => "create",
        Op::Update => "update",
        Op::Delete => "delete",
    }
}
