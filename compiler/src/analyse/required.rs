//! A rule that provisions surely produces what the directory needs to create the object.

use super::{covers, surely_contributes};
use crate::checked::{Rule, Rules};
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{End, Link};
use crate::names::{Names, list};
use crate::schema::{Kind, Schema};

pub(super) fn check(rules: &Rules, names: &Names, diagnostics: &mut Vec<Diagnostic>) {
    for rule in rules
        .rules
        .iter()
        .filter(|rule| !rule.disabled && rule.link == Link::Provision)
    {
        let End::Directory(connector, at) = rule.target else {
            continue;
        };
        let Some(connector) = rules.connectors.get(connector) else {
            continue;
        };
        let Some(object_type) = connector.object_types.get(at) else {
            continue;
        };
        if connector.kind == Kind::EntraConnect {
            continue;
        }
        let Some(schema) = Schema::Builtin(connector.kind).object_type(&object_type.name) else {
            continue;
        };
        if schema.creatable.is_err() {
            continue;
        }
        let mut missing = Vec::new();
        let mut possibly = Vec::new();
        for attribute in schema
            .attributes()
            .iter()
            .filter(|attribute| attribute.required)
        {
            let slot = object_type
                .attributes
                .iter()
                .position(|a| a.name == attribute.name);
            let flows = contributors(rules, rule).flat_map(|rule| &rule.flows);
            let flows = flows
                .filter(|flow| Some(flow.target) == slot)
                .collect::<Vec<_>>();
            if flows.is_empty() {
                missing.push(attribute.name.as_str());
            } else if flows
                .iter()
                .all(|flow| !flow.value.ty.is_error() && !surely_contributes(flow, rule))
            {
                possibly.push((attribute.name.as_str(), flows.first().map(|flow| flow.span)));
            }
        }
        if (missing.is_empty() && possibly.is_empty()) || misread(rule, names, diagnostics) {
            continue;
        }
        let mut words = Vec::new();
        if !missing.is_empty() {
            words.push(format!(
                "{} {} missing",
                list(missing.iter().copied()),
                are(missing.len())
            ));
        }
        if !possibly.is_empty() {
            let names = list(possibly.iter().map(|(name, _)| *name));
            words.push(format!("{names} may be absent"));
        }
        let mut diagnostic = Diagnostic::new(
            &codes::REQUIRED,
            rule.span,
            format!(
                "rule `{}` cannot surely create a `{}`: {}",
                rule.name,
                object_type.name,
                words.join(", and ")
            ),
        );
        for (name, span) in &possibly {
            if let Some(span) = span {
                diagnostic = diagnostic.related(*span, format!("`{name}` may be absent here"));
            }
        }
        diagnostics.push(diagnostic.help(match possibly.first() {
            Some(_) => "ask for `… is present` in the scope, or end the expression in `?? value`",
            None => "add a flow for each of them",
        }));
    }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// The rule itself, and the rules whose scope holds wherever its own does.
fn contributors<'a>(rules: &'a Rules, rule: &'a Rule) -> impl Iterator<Item = &'a Rule> {
    rules.rules.iter().filter(move |other| {
        !other.disabled
            && other.source == rule.source
            && other.target == rule.target
            && covers(other, rule)
    })
}

/// Part of the rule could not be read, or flows to an unknown name: that may be what is missing.
fn misread(rule: &Rule, names: &Names, diagnostics: &[Diagnostic]) -> bool {
    let declared = names
        .rules
        .iter()
        .find(|known| known.name.span == rule.span);
    declared.is_some_and(|declared| {
        let span = declared.span;
        diagnostics.iter().any(|found| {
            let id = found.code.id;
            (id.starts_with("E01") || id == codes::UNKNOWN_ATTRIBUTE.id)
                && found.span.file == span.file
                && (span.start..=span.end).contains(&found.span.start)
        })
    })
}
