//! Rules, extensions and flows.

use super::doc::Doc;
use super::{Formatter, names};
use crate::ast::{
    Clause, ClauseKind, Deprovision, Expr, ExprKind, Extend, ExtendItem, ExtendKind, Flow,
    FlowMode, JoinTerm, Rule, TypePath,
};
use crate::parse::Level;
use crate::span::Span;

impl Formatter<'_> {
    pub fn rule(&mut self, rule: &Rule) -> Doc {
        let head = format!("rule {} {{", self.text(&rule.name));
        let width = rule
            .clauses
            .iter()
            .filter_map(|clause| aligned_keyword(&clause.kind))
            .map(str::len)
            .max();
        let width = width.unwrap_or(0) + 1;
        self.block(
            head,
            &rule.clauses,
            rule.span.end,
            |clause| clause.span,
            |this, clause| this.clause(clause, width),
        )
    }

    fn clause(&mut self, clause: &Clause, width: usize) -> Doc {
        let keyword = match aligned_keyword(&clause.kind) {
            Some(keyword) => Doc::text(format!("{keyword:width$}")),
            None => Doc::text(""),
        };
        let value = match &clause.kind {
            ClauseKind::From(path) | ClauseKind::To(path) => Doc::text(type_path(path)),
            ClauseKind::Precedence(number) => {
                let written = clause
                    .span
                    .of(self.text)
                    .split_whitespace()
                    .last()
                    .unwrap_or_default();
                let start = clause.span.end.saturating_sub(written.len() as u32);
                Doc::text(self.integer(
                    Span {
                        start,
                        ..clause.span
                    },
                    *number,
                ))
            }
            ClauseKind::Link(kind) => Doc::text(names::plain(&kind.text)),
            ClauseKind::Scope(scope) => Doc::Align(vec![self.expression(scope)]),
            ClauseKind::Join(terms) => self.join(terms),
            ClauseKind::AmbiguousContinue => Doc::text("continue"),
            ClauseKind::Deprovision(Deprovision::Delete) => Doc::text("delete"),
            ClauseKind::Deprovision(Deprovision::Disconnect) => Doc::text("disconnect"),
            ClauseKind::Deprovision(Deprovision::Disable(flows)) => {
                self.flows("disable {", flows, clause.span.end)
            }
            ClauseKind::Disabled => Doc::text("disabled"),
            ClauseKind::Flow(flows) => self.flows("flow {", flows, clause.span.end),
        };
        Doc::Concat(vec![keyword, value])
    }

    fn join(&mut self, terms: &[JoinTerm]) -> Doc {
        let mut docs = Vec::new();
        for (at, term) in terms.iter().enumerate() {
            if at > 0 {
                docs.extend([
                    self.behind(term.span.start),
                    Doc::Line(" "),
                    Doc::text("and "),
                ]);
            }
            docs.push(self.closed_operand(&term.source, Level::Concat));
            docs.push(self.behind(term.target_type.span.start));
            let operator = if term.exact { "===" } else { "==" };
            let (target_type, attribute) = (
                names::plain(&term.target_type.text),
                names::plain(&term.target_attribute.text),
            );
            docs.push(Doc::text(format!(" {operator} {target_type}.{attribute}")));
        }
        Doc::Align(vec![Doc::Group(docs)])
    }

    pub fn extend(&mut self, extend: &Extend) -> Doc {
        let head = format!("extend rule {} {{", self.text(&extend.name));
        self.block(
            head,
            &extend.items,
            extend.span.end,
            |item| item.span,
            Self::extend_item,
        )
    }

    fn extend_item(&mut self, item: &ExtendItem) -> Doc {
        match &item.kind {
            ExtendKind::Flow(flows) => self.flows("flow {", flows, item.span.end),
            ExtendKind::WithoutFlow(targets) => Doc::text(format!(
                "without flow {}",
                names::list(targets, names::plain)
            )),
            ExtendKind::AndScope(scope) => {
                Doc::Concat(vec![Doc::text("and scope "), self.expression(scope)])
            }
            ExtendKind::Disabled => Doc::text("disabled"),
        }
    }

    fn flows(&mut self, head: &str, flows: &[Flow], end: u32) -> Doc {
        let widths = self.arrow_columns(flows);
        let mut widths = widths.into_iter();
        self.block(
            head.to_owned(),
            flows,
            end,
            |flow| flow.span,
            |this, flow| {
                let width = widths.next().unwrap_or(0);
                this.flow(flow, width)
            },
        )
    }

    fn flow(&mut self, flow: &Flow, width: usize) -> Doc {
        let targets = names::list(&flow.targets, names::plain);
        let Some(value) = &flow.value else {
            return self.target_list(flow);
        };
        let mode = match flow.mode {
            Some((FlowMode::Merge, _)) => "merge ",
            Some((FlowMode::MergeIgnoringCase, _)) => "merge ignoring case ",
            Some((FlowMode::Once, _)) => "once ",
            None => "",
        };
        let value = match flow.mode.is_none() && begins_with_mode(value) {
            true => Doc::Concat(vec![Doc::text("("), self.expression(value), Doc::text(")")]),
            false => self.expression(value),
        };
        let targets = Doc::text(format!("{targets:width$} <- {mode}"));
        Doc::Concat(vec![targets, Doc::Align(vec![value])])
    }

    /// Names without an arrow, as many to a line as fit.
    fn target_list(&mut self, flow: &Flow) -> Doc {
        let mut docs = Vec::new();
        for (at, target) in flow.targets.iter().enumerate() {
            let comma = if at + 1 < flow.targets.len() { "," } else { "" };
            let behind = self.at_line_end(target.span.start);
            let comments = self.before(target.span.start);
            let written = if flow.targets.len() == 1 {
                names::alone(&target.text)
            } else {
                names::plain(&target.text)
            };
            let name = Doc::text(written + comma);
            match at {
                0 => docs.extend([behind, comments, name]),
                _ => docs.extend([behind, Doc::Group(vec![Doc::Line(" "), comments, name])]),
            }
        }
        Doc::Align(docs)
    }

    /// How wide the target of each flow is written: alike in neighbouring lines with a single target.
    fn arrow_columns(&self, flows: &[Flow]) -> Vec<usize> {
        let mut columns = vec![0; flows.len()];
        let mut run = Vec::new();
        let mut before = None;
        for (at, flow) in flows.iter().enumerate() {
            if flow.value.is_none() || before.is_some_and(|end| self.is_apart(end, flow.span.start))
            {
                self.align(flows, &mut columns, std::mem::take(&mut run));
            }
            if flow.value.is_some() && flow.targets.len() == 1 {
                run.push(at);
            }
            before = Some(flow.span.end);
        }
        self.align(flows, &mut columns, run);
        columns
    }

    fn align(&self, flows: &[Flow], columns: &mut [usize], run: Vec<usize>) {
        let width = |at: &usize| {
            let target = flows.get(*at).and_then(|flow| flow.targets.first());
            target.map_or(0, |target| names::plain(&target.text).chars().count())
        };
        let widest = run.iter().map(width).max().unwrap_or(0);
        for at in run {
            columns
                .get_mut(at)
                .into_iter()
                .for_each(|column| *column = widest);
        }
    }

    /// Whether an empty line lies between two offsets.
    pub fn is_apart(&self, from: u32, to: u32) -> bool {
        let gap = self
            .text
            .get(from as usize..to as usize)
            .unwrap_or_default();
        let mut lines = gap.split('\n');
        let _edges = (lines.next(), lines.next_back());
        lines.any(|line| line.trim().is_empty())
    }
}

/// The keyword of a clause whose value stands in the column of values.
fn aligned_keyword(kind: &ClauseKind) -> Option<&'static str> {
    Some(match kind {
        ClauseKind::From(_) => "from",
        ClauseKind::To(_) => "to",
        ClauseKind::Precedence(_) => "precedence",
        ClauseKind::Link(_) => "link",
        ClauseKind::Scope(_) => "scope",
        ClauseKind::Join(_) => "join",
        ClauseKind::AmbiguousContinue => "ambiguous",
        ClauseKind::Deprovision(_) => "deprovision",
        ClauseKind::Disabled | ClauseKind::Flow(_) => return None,
    })
}

pub(super) fn type_path(path: &TypePath) -> String {
    let object_type = names::plain(&path.object_type.text);
    match &path.connector {
        Some(connector) => format!("{}.{object_type}", names::plain(&connector.text)),
        None => object_type,
    }
}

/// Whether the first word of an expression would be read as the mode of a flow.
fn begins_with_mode(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => matches!(name.as_str(), "merge" | "once"),
        ExprKind::Call { function, .. } => matches!(function.text.as_str(), "merge" | "once"),
        ExprKind::Binary { left, .. } => begins_with_mode(left),
        ExprKind::Presence { operand, .. } => begins_with_mode(operand),
        _ => false,
    }
}
