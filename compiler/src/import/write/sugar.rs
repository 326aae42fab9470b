//! Flows that say the same of several attributes are written as one.

use trib_grammar::ast::{Expr, ExprKind};
use trib_grammar::{FileId, Span, parse_expression};

use super::pretty::wrapped;
use crate::diagnostics::edited;
use crate::import::draft::{Flow, Rule};
use crate::import::report::Outcome;

/// Columns for the targets of a flow and its value.
const WIDTH: usize = 92;

/// The flows of a rule, one in a line: copies first in their order, the others as they come.
pub(super) fn flows(rule: &Rule) -> String {
    let mut groups: Vec<(Shape, Vec<&Flow>)> = Vec::new();
    for flow in &rule.flows {
        let shape = Shape::of(flow);
        let same = groups.iter_mut().find(|(known, _)| {
            known.mode == shape.mode && known.of_it && shape.of_it && known.value == shape.value
        });
        match same {
            Some((_, flows)) => flows.push(flow),
            None => groups.push((shape, vec![flow])),
        }
    }
    let mut text = String::new();
    for (shape, flows) in groups {
        for flow in &flows {
            text.push_str(&remark(rule, flow));
        }
        let mode = shape.mode.map_or(String::new(), |mode| format!("{mode} "));
        if let [flow] = flows.as_slice()
            && shape.value != "it"
        {
            text.push_str(&format!("    [{}] <- {mode}{}\n", flow.target, flow.value));
            continue;
        }
        let copies = shape.value == "it" && shape.mode.is_none();
        let value = match copies {
            true => String::new(),
            false => format!(" <- {mode}{}", shape.value),
        };
        for targets in lines(&flows, copies, value.len()) {
            text.push_str(&format!("    {targets}{value}\n"));
        }
    }
    text
}

/// The targets, as many in a line as fit before the arrow; copies are broken by the layout itself.
fn lines(flows: &[&Flow], copies: bool, value: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for flow in flows {
        let target = format!("[{}]", flow.target);
        used += flow.target.len() + 2;
        match lines.last_mut() {
            Some(last) if copies || used + value <= WIDTH => {
                last.push_str(", ");
                last.push_str(&target);
            }
            _ => {
                used = flow.target.len() + 2;
                lines.push(target);
            }
        }
    }
    lines
}

/// What the value of a flow is, with `it` for the source attribute of the target's own name.
struct Shape {
    mode: Option<&'static str>,
    value: String,
    /// It is made from that attribute.
    of_it: bool,
}

impl Shape {
    fn of(flow: &Flow) -> Shape {
        let (parsed, errors) = parse_expression(FileId(0), &flow.value);
        let mut own = Vec::new();
        let mut bound = false;
        if let Some(expr) = parsed.filter(|_| errors.is_empty()) {
            names(
                &expr,
                &mut |name, span| {
                    if name.eq_ignore_ascii_case(&flow.target) {
                        own.push((span, "it".to_owned()));
                    }
                },
                &mut |variable| bound |= variable.eq_ignore_ascii_case(&flow.target),
            );
        }
        let of_it = !own.is_empty() && !bound;
        Shape {
            mode: flow.mode,
            value: match of_it {
                true => edited(&flow.value, &own),
                false => flow.value.clone(),
            },
            of_it,
        }
    }
}

/// Why a flow means something else.
fn remark(rule: &Rule, flow: &Flow) -> String {
    let parts = flow
        .parts
        .iter()
        .filter_map(|part| rule.report.parts.get(*part));
    let mut changed: Vec<&str> = Vec::new();
    for part in parts.filter(|part| part.outcome == Outcome::Changed) {
        changed.extend(part.why.iter().map(String::as_str));
    }
    changed.dedup();
    let own = format!("{} <- ", flow.target);
    let mut added = rule.report.added.iter();
    let added = added.find(|added| flow.parts.is_empty() && added.is.starts_with(&own));
    let why = match changed.is_empty() {
        true => added.map(|added| added.why.clone()),
        false => Some(changed.join("; ")),
    };
    why.map_or(String::new(), |why| {
        wrapped("    // ", &format!("{}: {why}", flow.target))
    })
}

/// Calls `name` for every name in an expression, and `variable` for every variable it declares.
fn names(expr: &Expr, name: &mut impl FnMut(&str, Span), variable: &mut impl FnMut(&str)) {
    let mut queue = vec![expr];
    while let Some(expr) = queue.pop() {
        match &expr.kind {
            ExprKind::Name(found) => name(found, expr.span),
            ExprKind::List(items) => queue.extend(items),
            ExprKind::Record(fields) => queue.extend(fields.iter().map(|(_, value)| value)),
            ExprKind::Comprehension {
                body,
                variable: declared,
                source,
                condition,
            } => {
                variable(&declared.text);
                queue.extend([&**body, &**source]);
                queue.extend(condition.as_deref());
            }
            ExprKind::Call { arguments, .. } => queue.extend(arguments),
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                queue.extend([&**condition, &**then]);
                queue.extend(otherwise.as_deref());
            }
            ExprKind::Match {
                subject,
                arms,
                otherwise,
            } => {
                queue.push(subject);
                for arm in arms {
                    queue.extend(&arm.patterns);
                    queue.push(&arm.value);
                }
                queue.extend(otherwise.as_deref());
            }
            ExprKind::Binary { left, right, .. } => queue.extend([&**left, &**right]),
            ExprKind::Unary { operand, .. } | ExprKind::Presence { operand, .. } => {
                queue.push(operand);
            }
            ExprKind::Parenthesized(inner) | ExprKind::Error(inner) => queue.push(inner),
            ExprKind::Text(_)
            | ExprKind::Int(_)
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Tagged(..)
            | ExprKind::It
            | ExprKind::Parameter(_)
            | ExprKind::Clear
            | ExprKind::Skip
            | ExprKind::Bad => {}
        }
    }
}
