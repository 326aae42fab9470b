//! Which attributes are surely present where a condition is known to hold, or not to hold.

use std::collections::HashSet;

use crate::functions::{self, Absence};
use crate::ir::{Comparison, Expr, Slot};

/// The attributes that are present if `condition` has the value `truth`.
pub(crate) fn present(condition: &Expr, truth: bool) -> HashSet<Slot> {
    match condition {
        Expr::Attribute(slot) if truth => HashSet::from([*slot]),
        Expr::Present(inner) if truth => needed(inner),
        Expr::Not(inner) => present(inner, !truth),
        Expr::Probe { value, .. } => present(value, truth),
        Expr::And(parts) if truth => parts.iter().flat_map(|part| present(part, true)).collect(),
        Expr::Or(parts) if !truth => parts.iter().flat_map(|part| present(part, false)).collect(),
        Expr::And(parts) | Expr::Or(parts) => parts
            .iter()
            .map(|part| present(part, truth))
            .reduce(|a, b| a.intersection(&b).copied().collect())
            .unwrap_or_default(),
        Expr::Compare {
            comparison,
            left,
            right,
            ..
        } => {
            if (*comparison != Comparison::NotEqual) == truth {
                needed(left).into_iter().chain(needed(right)).collect()
            } else {
                HashSet::new()
            }
        }
        Expr::Call {
            function,
            arguments,
            ..
        } => {
            let says = match function.as_str() {
                "IsPresent" | "IsString" | "IsNumeric" | "IsDate" | "IsGuid" => truth,
                "IsNullOrEmpty" | "IsNull" => !truth,
                "IsBitSet" => truth,
                _ => false,
            };
            if says {
                arguments.first().map(needed).unwrap_or_default()
            } else {
                HashSet::new()
            }
        }
        _ => HashSet::new(),
    }
}

/// The attributes without which an expression is absent.
fn needed(expr: &Expr) -> HashSet<Slot> {
    match expr {
        Expr::Attribute(slot) => HashSet::from([*slot]),
        Expr::Concat(parts) => parts.iter().flat_map(needed).collect(),
        Expr::Arithmetic { left, right, .. } => {
            needed(left).into_iter().chain(needed(right)).collect()
        }
        Expr::Each { source, .. } => needed(source),
        Expr::Call {
            function,
            arguments,
            ..
        } => {
            let strict = functions::find(function).is_some_and(|function| {
                matches!(function.absence, Absence::Strict | Absence::StrictOrAbsent)
            });
            if strict {
                arguments.iter().flat_map(needed).collect()
            } else {
                HashSet::new()
            }
        }
        _ => HashSet::new(),
    }
}
