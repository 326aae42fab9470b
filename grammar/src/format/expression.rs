//! Expressions: parentheses where the tree needs them, line breaks where the width does.

use super::binding::{begins_error, flatten, is_open, lacks_else, level_of, tighter};
use super::doc::{Doc, first_text};
use super::{Formatter, names};
use crate::ast::{Expr, ExprKind, MatchArm, Name, Tag, UnaryOperator};
use crate::parse::Level;

impl Formatter<'_> {
    /// An expression with the comments before it.
    pub fn expression(&mut self, expr: &Expr) -> Doc {
        let comments = self.before(expr.span.start);
        let doc = match &expr.kind {
            ExprKind::Text(value) => Doc::text(self.text_at(expr.span, value)),
            ExprKind::Int(value) => Doc::text(self.integer(expr.span, *value)),
            ExprKind::Bool(true) => Doc::text("true"),
            ExprKind::Bool(false) => Doc::text("false"),
            ExprKind::Null => Doc::text("null"),
            ExprKind::It => Doc::text("it"),
            ExprKind::Clear => Doc::text("clear"),
            ExprKind::Skip => Doc::text("skip"),
            ExprKind::Bad => Doc::text(expr.span.of(self.text)),
            ExprKind::Name(name) => Doc::text(names::operand(name)),
            ExprKind::Parameter(name) => Doc::text(format!("%{name}%")),
            ExprKind::Tagged(tag, text) => {
                Doc::text(format!("{} {}", tag_word(*tag), self.text(text)))
            }
            ExprKind::List(items) => self.list(expr, items),
            ExprKind::Record(entries) => self.record(entries, expr.span.end),
            ExprKind::Call {
                function,
                arguments,
            } => {
                let open = format!("{}(", function.text);
                self.enclosed(open, arguments, ")", expr.span.end)
            }
            ExprKind::Comprehension {
                body,
                variable,
                source,
                condition,
            } => self.comprehension(body, variable, source, condition.as_deref(), expr.span.end),
            ExprKind::If { .. } => self.conditional(expr),
            ExprKind::Match {
                subject,
                arms,
                otherwise,
            } => self.matching(subject, arms, otherwise.as_deref(), expr.span.end),
            ExprKind::Binary { operator, .. } => self.chain(expr, operator.level()),
            ExprKind::Unary { operator, operand } => {
                let (sign, level) = match operator {
                    UnaryOperator::Not => ("not ", Level::Not),
                    UnaryOperator::Negate => ("-", Level::Negation),
                };
                Doc::Concat(vec![Doc::text(sign), self.operand_at_end(operand, level)])
            }
            ExprKind::Presence { operand, present } => {
                let word = if *present {
                    " is present"
                } else {
                    " is absent"
                };
                let operand = self.closed_operand(operand, Level::Concat);
                Doc::Concat(vec![operand, self.behind(expr.span.end), Doc::text(word)])
            }
            ExprKind::Parenthesized(inside) => self.parenthesized(inside, expr.span.end),
            ExprKind::Error(text) => {
                let bare = begins_error(text);
                let text = if bare {
                    self.expression(text)
                } else {
                    self.parenthesized(text, text.span.end)
                };
                Doc::Concat(vec![Doc::text("error "), text])
            }
        };
        Doc::Concat(vec![comments, doc])
    }

    /// An operand of an operator of this level: in parentheses where it binds looser.
    fn operand(&mut self, expr: &Expr, level: Level) -> Doc {
        match level_of(expr) < level {
            true => self.parenthesized(expr, expr.span.end),
            false => self.expression(expr),
        }
    }

    /// The same, where more follows: what would swallow it needs parentheses too.
    pub fn closed_operand(&mut self, expr: &Expr, level: Level) -> Doc {
        match is_open(expr) {
            true => self.parenthesized(expr, expr.span.end),
            false => self.operand(expr, level),
        }
    }

    fn parenthesized(&mut self, expr: &Expr, end: u32) -> Doc {
        let inside = self.expression(expr);
        let end = self.behind(end);
        Doc::Concat(vec![
            Doc::text("("),
            Doc::Align(vec![inside, end]),
            Doc::text(")"),
        ])
    }

    /// Operators of one level: all in a line, or each operand with its operator on a line.
    fn chain(&mut self, expr: &Expr, level: Level) -> Doc {
        let mut links = Vec::new();
        let first = flatten(expr, level, &mut links);
        let tighter = tighter(level);
        let mut docs = vec![self.closed_operand(first, tighter)];
        let count = links.len();
        for (at, (operator, start, operand)) in links.into_iter().enumerate() {
            docs.push(self.behind(start));
            let line = if level == Level::Comparison {
                Doc::text(" ")
            } else {
                Doc::Line(" ")
            };
            docs.extend([line, Doc::text(format!("{} ", operator.text()))]);
            docs.push(match at + 1 < count {
                true => self.closed_operand(operand, tighter),
                false => self.operand_at_end(operand, tighter),
            });
        }
        Doc::Align(vec![Doc::Group(docs)])
    }

    /// The last operand: an `if` or `error` there needs no parentheses, nothing follows that it could swallow.
    fn operand_at_end(&mut self, expr: &Expr, level: Level) -> Doc {
        match &expr.kind {
            ExprKind::If { .. } | ExprKind::Error(_) => self.expression(expr),
            _ => self.operand(expr, level),
        }
    }

    fn list(&mut self, expr: &Expr, items: &[Expr]) -> Doc {
        let close = match items {
            [only] if !shows_list(only) => ",]",
            _ => "]",
        };
        self.enclosed("[".to_owned(), items, close, expr.span.end)
    }

    fn enclosed(&mut self, open: String, items: &[Expr], close: &str, end: u32) -> Doc {
        let mut inside = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let line = if at == 0 {
                Doc::Line("")
            } else {
                Doc::Line(" ")
            };
            let comma = if at + 1 < items.len() { "," } else { "" };
            inside.extend([
                self.at_line_end(item.span.start),
                line,
                self.expression(item),
                Doc::text(comma),
            ]);
        }
        inside.push(self.behind(end.saturating_sub(1)));
        let tail = if items.is_empty() {
            Doc::text("")
        } else {
            Doc::Line("")
        };
        Doc::Group(vec![
            Doc::text(open),
            Doc::Nest(inside),
            tail,
            Doc::text(close),
        ])
    }

    /// `{ name: value, … }`, as many to a line as fit.
    pub fn record(&mut self, entries: &[(Name, Expr)], end: u32) -> Doc {
        let mut inside = Vec::new();
        for (at, (name, value)) in entries.iter().enumerate() {
            let comma = if at + 1 < entries.len() { "," } else { "" };
            let behind = self.at_line_end(name.span.start);
            let comments = self.before(name.span.start);
            let name = Doc::text(format!("{}: ", names::plain(&name.text)));
            let entry = vec![
                Doc::Line(" "),
                comments,
                name,
                self.expression(value),
                Doc::text(comma),
            ];
            inside.extend([
                behind,
                if at == 0 {
                    Doc::Concat(entry)
                } else {
                    Doc::Group(entry)
                },
            ]);
        }
        inside.push(self.behind(end.saturating_sub(1)));
        let tail = if entries.is_empty() {
            Doc::text("")
        } else {
            Doc::Line(" ")
        };
        Doc::Group(vec![
            Doc::text("{"),
            Doc::Nest(inside),
            tail,
            Doc::text("}"),
        ])
    }

    fn comprehension(
        &mut self,
        body: &Expr,
        variable: &Name,
        source: &Expr,
        condition: Option<&Expr>,
        end: u32,
    ) -> Doc {
        let body = self.expression(body);
        let each = Doc::Concat(vec![
            Doc::Line(" "),
            self.before(variable.span.start),
            Doc::text(format!("for {} in ", names::plain(&variable.text))),
            self.expression(source),
        ]);
        let condition = match condition {
            Some(condition) => Doc::Concat(vec![
                Doc::Line(" "),
                Doc::text("if "),
                self.expression(condition),
            ]),
            None => Doc::text(""),
        };
        let end = self.behind(end.saturating_sub(1));
        Doc::Group(vec![
            Doc::text("["),
            Doc::Align(vec![body, each, condition, end]),
            Doc::text("]"),
        ])
    }

    /// `if … then …`, `else if … then …`, `else …`: in one line, or one line each.
    fn conditional(&mut self, expr: &Expr) -> Doc {
        let mut docs = Vec::new();
        let (mut current, mut word) = (expr, "if ");
        loop {
            let start = current.span.start;
            if word != "if " {
                docs.extend([self.at_line_end(start), Doc::Line(" "), self.before(start)]);
            }
            let ExprKind::If {
                condition,
                then,
                otherwise,
            } = &current.kind
            else {
                docs.extend([Doc::text("else "), self.expression(current)]);
                break;
            };
            let condition = self.expression(condition);
            let behind = self.behind(then.span.start);
            let then = match otherwise.is_some() && lacks_else(then) {
                true => self.parenthesized(then, then.span.end),
                false => self.expression(then),
            };
            let branch = Doc::Nest(vec![behind, Doc::Line(" "), Doc::text("then "), then]);
            docs.push(Doc::Group(vec![Doc::text(word), condition, branch]));
            match otherwise {
                Some(otherwise) => (current, word) = (otherwise, "else if "),
                None => break,
            }
        }
        Doc::Align(vec![Doc::Group(docs)])
    }

    fn matching(
        &mut self,
        subject: &Expr,
        arms: &[MatchArm],
        otherwise: Option<&Expr>,
        end: u32,
    ) -> Doc {
        let subject = self.expression(subject);
        let mut inside = Vec::new();
        let mut before: Option<&MatchArm> = None;
        for (at, arm) in arms.iter().enumerate() {
            let (behind, comments) = (
                self.at_line_end(arm.span.start),
                self.before(arm.span.start),
            );
            let patterns: Vec<Doc> = arm
                .patterns
                .iter()
                .map(|pattern| self.expression(pattern))
                .collect();
            let joins = before.is_some_and(|before| {
                patterns
                    .first()
                    .is_some_and(|next| may_join(&before.value, next))
            });
            inside.extend([
                Doc::text(if joins { "," } else { "" }),
                behind,
                separator(at),
                comments,
            ]);
            for (at, pattern) in patterns.into_iter().enumerate() {
                inside.extend([Doc::text(if at == 0 { "" } else { ", " }), pattern]);
            }
            inside.extend([Doc::text(" -> "), self.expression(&arm.value)]);
            before = Some(arm);
        }
        if let Some(otherwise) = otherwise {
            let start = otherwise.span.start;
            inside.extend([
                self.at_line_end(start),
                separator(arms.len()),
                self.before(start),
            ]);
            inside.extend([Doc::text("else -> "), self.expression(otherwise)]);
        }
        inside.push(self.behind(end.saturating_sub(1)));
        Doc::Group(vec![
            Doc::text("match "),
            subject,
            Doc::text(" {"),
            Doc::Nest(inside),
            Doc::Line(" "),
            Doc::text("}"),
        ])
    }
}

fn separator(at: usize) -> Doc {
    if at == 0 {
        Doc::Line(" ")
    } else {
        Doc::Line("  ")
    }
}

fn tag_word(tag: Tag) -> &'static str {
    match tag {
        Tag::Guid => "guid",
        Tag::Sid => "sid",
        Tag::Hex => "hex",
        Tag::Time => "time",
    }
}

/// Whether brackets around this alone are a list and not a quoted name.
fn shows_list(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Text(_)
            | ExprKind::Int(_)
            | ExprKind::Tagged(..)
            | ExprKind::Call { .. }
            | ExprKind::List(_)
            | ExprKind::Record(_)
            | ExprKind::Parenthesized(_)
            | ExprKind::Parameter(_)
            | ExprKind::Match { .. }
    )
}

/// Whether the value of an arm and the next pattern would read as one expression.
fn may_join(value: &Expr, next: &Doc) -> bool {
    let next = first_text(next).unwrap_or_default();
    next.starts_with('(')
        || names::goes_on(next.split('(').next().unwrap_or_default())
        || next.starts_with('"') && ends_in_tag(value)
}

fn ends_in_tag(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => matches!(name.as_str(), "guid" | "sid" | "hex" | "time" | "error"),
        ExprKind::Binary { right: last, .. }
        | ExprKind::Unary { operand: last, .. }
        | ExprKind::Error(last) => ends_in_tag(last),
        ExprKind::If {
            then, otherwise, ..
        } => ends_in_tag(otherwise.as_ref().unwrap_or(then)),
        _ => false,
    }
}
