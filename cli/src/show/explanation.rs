//! The lineage of an object as people read it.

use std::fmt::Write;

use serde_json::Value;
use trib_runtime::explain::{AttributeLineage, Contribution, Explanation, ScopeResult};

use super::value;
use crate::style::Style;

/// The whole explanation.
pub fn explanation(explanation: &Explanation, style: Style) -> String {
    let mut out = String::new();
    object(&explanation.object, style, &mut out);
    out.push_str(&super::errors(&explanation.errors, None, style));
    // Of a single attribute, absence is the answer; of a whole object, it would hide the values.
    let whole = explanation.attributes.len() > 1;
    let absent = |lineage: &&AttributeLineage| whole && lineage.value.is_null();
    for lineage in explanation
        .attributes
        .iter()
        .filter(|lineage| !absent(lineage))
    {
        attribute(lineage, style, &mut out);
    }
    let names = explanation
        .attributes
        .iter()
        .filter(absent)
        .map(|lineage| lineage.name.as_str());
    let names: Vec<&str> = names.collect();
    if !names.is_empty() {
        let _ = writeln!(
            out,
            "\n{} {}",
            style.strong("Without a value:"),
            names.join(", ")
        );
        let _ = writeln!(out, "  `trib explain OBJECT ATTRIBUTE` says why");
    }
    if !explanation.scopes.is_empty() {
        let _ = writeln!(out, "\n{}", style.strong("Rules"));
    }
    for result in &explanation.scopes {
        scope(result, style, &mut out);
    }
    out
}

fn object(object: &Value, style: Style, out: &mut String) {
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    match (
        text(object, "type"),
        object.get("id").and_then(Value::as_i64),
    ) {
        (Some(object_type), Some(id)) => {
            let _ = writeln!(out, "{}", style.strong(&format!("{object_type} {id}")));
        }
        _ => {
            let _ = writeln!(out, "{}", style.strong("linked to no metaverse object"));
        }
    }
    for entry in object
        .get("entries")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let connector = text(entry, "connector").unwrap_or_default();
        let object_type = text(entry, "type").unwrap_or_default();
        let name = text(entry, "dn")
            .or_else(|| text(entry, "anchor"))
            .unwrap_or_else(|| "(not made yet)".to_owned());
        let rule = text(entry, "rule").filter(|rule| !rule.is_empty());
        let rule = rule.map(|rule| style.dim(&format!("   by rule \"{rule}\"")));
        let _ = writeln!(
            out,
            "  {connector}.{object_type} {name}{}",
            rule.unwrap_or_default()
        );
    }
}

fn attribute(lineage: &AttributeLineage, style: Style, out: &mut String) {
    let _ = writeln!(
        out,
        "\n{} = {}",
        style.strong(&lineage.name),
        value(&lineage.value)
    );
    if let Some(winner) = &lineage.winner {
        contribution("from", winner, style, out);
    }
    for loser in &lineage.losers {
        let word = if loser.value.is_null() {
            "nothing from"
        } else {
            "over"
        };
        contribution(word, loser, style, out);
        if !loser.value.is_null() {
            let _ = writeln!(out, "         which says {}", value(&loser.value));
        }
    }
    if let Some(because) = &lineage.absent_because {
        let _ = writeln!(out, "    {because}");
    }
}

fn contribution(word: &str, contribution: &Contribution, style: Style, out: &mut String) {
    let Contribution {
        rule,
        at,
        connector,
        source,
        ..
    } = contribution;
    let _ = writeln!(out, "    {word} rule \"{rule}\" {}", style.dim(at));
    let _ = writeln!(out, "         reading {connector} {source}");
    for (name, input) in contribution.inputs.as_object().into_iter().flatten() {
        let _ = writeln!(out, "           {name} = {}", value(input));
    }
}

fn scope(result: &ScopeResult, style: Style, out: &mut String) {
    match (result.in_scope, &result.failed) {
        (true, _) => {
            let _ = writeln!(out, "  {} \"{}\"", style.good("applies      "), result.rule);
        }
        (false, failed) => {
            let failed = failed
                .as_ref()
                .map(|part| format!(": not {}", style.changed(part)));
            let word = style.dim("does not apply");
            let _ = writeln!(
                out,
                "  {word} \"{}\"{}",
                result.rule,
                failed.unwrap_or_default()
            );
        }
    }
}
