//! A plan as people read it.

use std::collections::BTreeMap;
use std::fmt::Write;

use trib_runtime::plan::{Change, Counts, GuardResult, Op, Plan};

use super::{errors, value};
use crate::output::counted;
use crate::style::Style;

/// How the objects that are not shown in full appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// As a number.
    Counted,
    /// By their names, under the rule that brings them.
    Named,
}

/// The plan, with at most so many objects of each operation and type in full.
pub fn plan(plan: &Plan, most: Option<usize>, rest: Rest, style: Style) -> String {
    let mut out = String::new();
    let mut groups: BTreeMap<(Op, &str, &str), Vec<&Change>> = BTreeMap::new();
    for change in &plan.changes {
        let key = (
            change.op,
            change.connector.as_str(),
            change.object_type.as_str(),
        );
        groups.entry(key).or_default().push(change);
    }
    for ((op, connector, object_type), changes) in groups {
        let count = changes.len();
        let head = format!("{} {count} {connector}.{object_type}", word(op));
        let _ = writeln!(out, "{}", paint(op, &head, style));
        let shown = most.unwrap_or(count).min(count);
        let (full, others) = changes.split_at(shown);
        for change in full {
            object(change, style, &mut out);
        }
        if rest == Rest::Named {
            names(others, style, &mut out);
        } else if shown < count {
            let _ = writeln!(
                out,
                "  … {} more; --all shows them, --format json has everything",
                count - shown
            );
        }
        out.push('\n');
    }
    out.push_str(&errors(&plan.errors, most, style));
    out.push_str(&guards(plan, style));
    let _ = writeln!(out, "{} {}", style.strong("Plan:"), counts(&plan.counts));
    let _ = writeln!(out, "{}", style.dim(&format!("plan {}", plan.plan)));
    out
}

/// Width of a line of names.
const WIDTH: usize = 110;

/// Objects by their names, under the rule that brings them.
fn names(changes: &[&Change], style: Style, out: &mut String) {
    let mut by_rule: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for change in changes {
        let rule = change.attributes.first();
        let key = rule.map_or(("", ""), |first| {
            let file = first
                .at
                .rsplit_once(':')
                .map_or(first.at.as_str(), |(file, _)| file);
            (first.rule.as_str(), file)
        });
        by_rule.entry(key).or_default().push(&change.name);
    }
    for ((rule, file), names) in by_rule {
        let head = format!("{} more by rule \"{rule}\" {file}:", names.len());
        let _ = writeln!(out, "  {}", style.dim(&head));
        let mut line = String::new();
        for name in names {
            if !line.is_empty() && line.chars().count() + name.chars().count() + 3 > WIDTH {
                let _ = writeln!(out, "    {line}");
                line.clear();
            }
            let _ = write!(line, "{}{name}", if line.is_empty() { "" } else { " · " });
        }
        if !line.is_empty() {
            let _ = writeln!(out, "    {line}");
        }
    }
}

/// What would be, or was, written: in one line.
pub fn counts(counts: &Counts) -> String {
    let mut parts = Vec::new();
    for (count, what) in [
        (counts.create, "create"),
        (counts.update, "update"),
        (counts.delete, "delete"),
    ] {
        if count > 0 {
            parts.push(format!("{what} {count}"));
        }
    }
    for (count, what) in [(counts.link_add, "add"), (counts.link_remove, "remove")] {
        if count > 0 {
            parts.push(format!("{what} {}", counted(count, "reference")));
        }
    }
    if parts.is_empty() {
        parts.push("nothing to write".to_owned());
    }
    if counts.unchanged > 0 {
        parts.push(format!("{} unchanged", counts.unchanged));
    }
    if counts.errors > 0 {
        parts.push(format!("{} with errors", counted(counts.errors, "object")));
    }
    parts.join(", ")
}

fn word(op: Op) -> &'static str {
    match op {
        Op::Create => "create",
        Op::Update => "update",
        Op::Delete => "delete",
    }
}

fn paint(op: Op, text: &str, style: Style) -> String {
    match op {
        Op::Create => style.good(text),
        Op::Update => style.changed(text),
        Op::Delete => style.bad(text),
    }
}

fn object(change: &Change, style: Style, out: &mut String) {
    let sign = match change.op {
        Op::Create => "+",
        Op::Update => "~",
        Op::Delete => "-",
    };
    let head = format!(
        "{sign} {} {}.{} \"{}\"",
        word(change.op),
        change.connector,
        change.object_type,
        change.name
    );
    let source = match change.source.as_str() {
        "" => String::new(),
        source => style.dim(&format!("  ({source})")),
    };
    let _ = writeln!(out, "  {}{source}", paint(change.op, &head, style));
    if let Some(because) = &change.because {
        let _ = writeln!(out, "      {}", style.dim(because));
    }
    let widest = change
        .attributes
        .iter()
        .map(|attribute| attribute.name.chars().count())
        .max();
    let widest = widest.unwrap_or_default();
    for attribute in &change.attributes {
        let shown = match change.op {
            Op::Create => value(&attribute.new),
            Op::Update | Op::Delete => value::change(&attribute.old, &attribute.new),
        };
        let cause = match (attribute.rule.as_str(), attribute.at.as_str()) {
            ("", _) => String::new(),
            (rule, at) => style.dim(&format!("   rule \"{rule}\" {at}")),
        };
        let _ = writeln!(out, "      {:widest$}  {shown}{cause}", attribute.name);
    }
}

/// The guards that stop a part of the plan, with their causes and what to do.
pub fn guards(plan: &Plan, style: Style) -> String {
    let mut out = String::new();
    for guard in plan.guards.iter().filter(|guard| guard.tripped) {
        let GuardResult {
            name,
            connector,
            limit,
            would_be,
            ..
        } = guard;
        let head =
            format!("STOPPED: {would_be} {name} in `{connector}`, and the guard allows {limit}");
        let _ = writeln!(out, "{}", style.bad(&head));
        for cause in &guard.because {
            let _ = writeln!(out, "  {cause}");
        }
    }
    if !out.is_empty() {
        let _ = writeln!(
            out,
            "  Not meant? Mend the rules or the source, and plan again."
        );
        let _ = writeln!(out, "  Meant? Approve exactly this plan:");
        let approve = format!("trib apply --approve {}", plan.plan);
        let _ = writeln!(out, "    {}\n", style.strong(&approve));
    }
    out
}
