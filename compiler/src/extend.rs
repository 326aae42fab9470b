//! `extend rule`: changes a rule's tree before it is checked, and reports what is no longer there.

use std::collections::HashMap;

use trib_grammar::Span;
use trib_grammar::ast::{
    BinaryOperator, Clause, ClauseKind, Expr, ExprKind, Extend, ExtendKind, Flow, Name, Rule, Text,
};

use crate::diagnostics::{Diagnostic, codes, nearest};

/// Applies every extension to the rule that it names.
pub(crate) fn apply(rules: &mut [Rule], extends: Vec<Extend>, diagnostics: &mut Vec<Diagnostic>) {
    let mut touched = Touched::default();
    let mut places = HashMap::new();
    for (place, rule) in rules.iter().enumerate() {
        places.entry(rule.name.value.clone()).or_insert(place);
    }
    for extend in extends {
        let name = extend.name.value.clone();
        let Some(rule) = places.get(&name).and_then(|place| rules.get_mut(*place)) else {
            diagnostics.push(missing_rule(rules, &extend.name));
            continue;
        };
        for item in extend.items {
            match item.kind {
                ExtendKind::Disabled => {
                    touched.touch(&name, "disabled", item.span, diagnostics);
                    rule.clauses.push(clause(item.span, ClauseKind::Disabled));
                }
                ExtendKind::AndScope(scope) => and_scope(rule, scope),
                ExtendKind::WithoutFlow(targets) => {
                    for target in targets {
                        let first = touched.touch(&name, &target.text, target.span, diagnostics);
                        if !remove_flow(rule, &target) && first {
                            diagnostics.push(missing_flow(rule, &target));
                        }
                    }
                }
                ExtendKind::Flow(flows) => {
                    for target in flows.iter().flat_map(|flow| &flow.targets) {
                        touched.touch(&name, &target.text, target.span, diagnostics);
                        remove_flow(rule, target);
                    }
                    rule.clauses
                        .push(clause(item.span, ClauseKind::Flow(flows)));
                }
            }
        }
    }
}

fn missing_rule(rules: &[Rule], name: &Text) -> Diagnostic {
    let message = format!("there is no rule `{}` to extend", name.value);
    let diagnostic = Diagnostic::new(&codes::EXTEND_NOTHING, name.span, message);
    let known = rules.iter().map(|rule| rule.name.value.as_str());
    match nearest(&name.value, known) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(
            format!("extend `{near}`"),
            name.span,
            format!("{near:?}"),
        ),
        None => diagnostic.help("bring the rule in with `use`, or remove the extension"),
    }
}

/// What extensions changed so far, by rule and target.
#[derive(Default)]
struct Touched(HashMap<(String, String), Span>);

impl Touched {
    /// False, with a report, if an extension changed the same before.
    fn touch(
        &mut self,
        rule: &str,
        what: &str,
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> bool {
        let Some(first) = self.0.insert((rule.to_owned(), what.to_lowercase()), span) else {
            return true;
        };
        let message = format!("`{what}` of rule `{rule}` is changed by two extensions");
        diagnostics.push(
            Diagnostic::new(&codes::EXTEND_CONFLICT, span, message)
                .related(first, "the other change")
                .help("keep one of the two"),
        );
        false
    }
}

fn clause(span: Span, kind: ClauseKind) -> Clause {
    Clause {
        span,
        keyword: span,
        kind,
    }
}

fn and_scope(rule: &mut Rule, added: Expr) {
    let old = rule
        .clauses
        .iter_mut()
        .find_map(|clause| match &mut clause.kind {
            ClauseKind::Scope(scope) => Some(scope),
            _ => None,
        });
    let parenthesized = |expr: Expr| Expr {
        span: expr.span,
        kind: ExprKind::Parenthesized(Box::new(expr)),
    };
    match old {
        None => rule
            .clauses
            .push(clause(added.span, ClauseKind::Scope(added))),
        Some(scope) => {
            let old = std::mem::replace(
                scope,
                Expr {
                    span: added.span,
                    kind: ExprKind::Bad,
                },
            );
            scope.span = old.span;
            scope.kind = ExprKind::Binary {
                operator: BinaryOperator::And,
                operator_span: added.span,
                left: Box::new(parenthesized(old)),
                right: Box::new(parenthesized(added)),
            };
        }
    }
}

fn flow_lists(rule: &mut Rule) -> impl Iterator<Item = &mut Vec<Flow>> {
    rule.clauses
        .iter_mut()
        .filter_map(|clause| match &mut clause.kind {
            ClauseKind::Flow(flows) => Some(flows),
            _ => None,
        })
}

fn remove_flow(rule: &mut Rule, target: &Name) -> bool {
    let mut removed = false;
    for flows in flow_lists(rule) {
        for flow in flows.iter_mut() {
            let before = flow.targets.len();
            flow.targets
                .retain(|name| !name.text.eq_ignore_ascii_case(&target.text));
            removed |= flow.targets.len() < before;
        }
        flows.retain(|flow| !flow.targets.is_empty());
    }
    removed
}

fn missing_flow(rule: &mut Rule, target: &Name) -> Diagnostic {
    let message = format!(
        "rule `{}` has no flow to `{}`",
        rule.name.value, target.text
    );
    let diagnostic = Diagnostic::new(&codes::EXTEND_NOTHING, target.span, message);
    let flowed = flow_lists(rule).flat_map(|flows| flows.iter().flat_map(|flow| &flow.targets));
    let flowed: Vec<String> = flowed.map(|name| name.text.clone()).collect();
    match nearest(&target.text, flowed.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(
            format!("write `{near}`"),
            target.span,
            near,
        ),
        None => diagnostic.help("remove this line"),
    }
}
