//! Clauses of broken rules and extensions.

use std::ops::Range;

use super::brackets::Brackets;
use super::{Block, block, broken, pieces, starts, unknown};
use crate::ast::{
    self, Clause, ClauseKind, Deprovision, Expr, ExprKind, Extend, ExtendItem, ExtendKind, Flow,
};
use crate::diagnose;
use crate::parse::{Builder, Rule};

const CLAUSES: [&str; 10] = [
    "from",
    "to",
    "precedence",
    "link",
    "scope",
    "join",
    "ambiguous",
    "deprovision",
    "disabled",
    "flow",
];
const CHANGES: [&str; 4] = ["flow", "without flow", "and scope", "disabled"];

pub(super) fn rule(
    builder: &mut Builder,
    brackets: &Brackets,
    piece: Range<usize>,
) -> Option<ast::Rule> {
    let Block { span, name, body } = block(builder, brackets, Rule::only_rule_head, &piece)?;
    let doc = builder.tokens.doc_before(span.start as usize);
    let mut clauses = Vec::new();
    for piece in starts::split(brackets, body, |index, _| {
        starts::clause(&builder.tokens, index)
    }) {
        clauses.extend(clause(builder, brackets, piece));
    }
    Some(ast::Rule {
        span,
        doc,
        name,
        clauses,
    })
}

pub(super) fn extend(
    builder: &mut Builder,
    brackets: &Brackets,
    piece: Range<usize>,
) -> Option<Extend> {
    let Block { span, name, body } = block(builder, brackets, Rule::only_extend_head, &piece)?;
    let doc = builder.tokens.doc_before(span.start as usize);
    let mut items = Vec::new();
    for piece in starts::split(brackets, body, |index, _| {
        starts::extend_item(&builder.tokens, index)
    }) {
        items.extend(extend_item(builder, brackets, piece));
    }
    Some(Extend {
        span,
        doc,
        name,
        items,
    })
}

fn clause(builder: &mut Builder, brackets: &Brackets, piece: Range<usize>) -> Option<Clause> {
    let good = |builder: &mut Builder, rule, piece: &Range<usize>| {
        let pair = pieces::parse(builder, rule, piece)?.next()?;
        builder.clause(pair)
    };
    if let Some(clause) = good(builder, Rule::only_clause, &piece) {
        return Some(clause);
    }
    let piece = without_strangers(builder, brackets, piece, "clause", &CLAUSES)?;
    if let Some(clause) = good(builder, Rule::only_clause, &piece) {
        return Some(clause);
    }
    let (span, keyword) = (
        pieces::span(builder, &piece),
        pieces::span(builder, &(piece.start..piece.start + 1)),
    );
    let kind = match flows(builder, brackets, &piece) {
        Some(flows) if builder.tokens.at(piece.start) == "flow" => ClauseKind::Flow(flows),
        Some(flows) => ClauseKind::Deprovision(Deprovision::Disable(flows)),
        None => {
            broken(builder, brackets, Rule::only_clause, piece.clone());
            match builder.tokens.at(piece.start) {
                "scope" => ClauseKind::Scope(Expr {
                    span,
                    kind: ExprKind::Bad,
                }),
                "join" => ClauseKind::Join(Vec::new()),
                "flow" => ClauseKind::Flow(Vec::new()),
                _ => return None,
            }
        }
    };
    Some(Clause {
        span,
        keyword,
        kind,
    })
}

fn extend_item(
    builder: &mut Builder,
    brackets: &Brackets,
    piece: Range<usize>,
) -> Option<ExtendItem> {
    let good = |builder: &mut Builder, piece: &Range<usize>| {
        let pair = pieces::parse(builder, Rule::only_extend_item, piece)?.next()?;
        builder.extend_item(pair)
    };
    if let Some(item) = good(builder, &piece) {
        return Some(item);
    }
    let piece = without_strangers(builder, brackets, piece, "change of a rule", &CHANGES)?;
    if let Some(item) = good(builder, &piece) {
        return Some(item);
    }
    let span = pieces::span(builder, &piece);
    let kind = match flows(builder, brackets, &piece) {
        Some(flows) => ExtendKind::Flow(flows),
        None => {
            broken(builder, brackets, Rule::only_extend_item, piece.clone());
            match builder.tokens.at(piece.start) {
                "and" => ExtendKind::AndScope(Expr {
                    span,
                    kind: ExprKind::Bad,
                }),
                _ => return None,
            }
        }
    };
    Some(ExtendItem { span, kind })
}

/// Cuts lines off that start with a word unknown here, and reports them; what remains may be good.
fn without_strangers(
    builder: &mut Builder,
    brackets: &Brackets,
    piece: Range<usize>,
    what: &str,
    known: &[&str],
) -> Option<Range<usize>> {
    let first = builder.tokens.at(piece.start);
    let begins = known
        .iter()
        .any(|known| known.split(' ').next() == Some(first));
    if brackets.spoils(&piece) || first == "flow" {
        return Some(piece);
    }
    let lines = starts::split(brackets, piece.clone(), |index, _| {
        starts::stranger(&builder.tokens, index)
    });
    let good = match begins {
        true => lines.first().cloned().unwrap_or(piece.clone()),
        false => piece.start..piece.start,
    };
    for line in lines.iter().filter(|line| line.start >= good.end) {
        unknown(builder, line.start, what, known);
    }
    (!good.is_empty()).then_some(good)
}

/// The flows of a broken `flow { … }` or `deprovision disable { … }`, where the piece is one.
fn flows(builder: &mut Builder, brackets: &Brackets, piece: &Range<usize>) -> Option<Vec<Flow>> {
    let open = match (
        builder.tokens.at(piece.start),
        builder.tokens.at(piece.start + 1),
    ) {
        ("flow", _) => piece.start + 1,
        ("deprovision", "disable") => piece.start + 2,
        _ => return None,
    };
    let opens = open < piece.end && builder.tokens.at(open) == "{";
    let body = match opens {
        true => open + 1..brackets.partner(open).unwrap_or(piece.end),
        false => {
            let error = diagnose::error(builder, Rule::clause, piece.clone());
            builder.errors.push(error);
            open..piece.end
        }
    };
    let after = body.end + 1;
    let flows = starts::flows(&builder.tokens, brackets, body);
    let flows = flows
        .into_iter()
        .filter_map(|piece| flow(builder, brackets, piece))
        .collect();
    if opens && after < piece.end && !brackets.spoils(&(after..after + 1)) {
        unknown(builder, after, "clause", &CLAUSES);
    }
    Some(flows)
}

fn flow(builder: &mut Builder, brackets: &Brackets, piece: Range<usize>) -> Option<Flow> {
    if let Some(pair) =
        pieces::parse(builder, Rule::only_flow, &piece).and_then(|mut pairs| pairs.next())
    {
        return builder.flow(pair);
    }
    broken(builder, brackets, Rule::only_flow, piece.clone());
    let span = pieces::span(builder, &piece);
    let names = pieces::parse(builder, Rule::targets, &piece)?;
    let targets = crate::parse::parts(names)
        .map(|name| builder.name(name))
        .collect();
    let doc = builder.tokens.doc_before(span.start as usize);
    Some(Flow {
        span,
        doc,
        targets,
        mode: None,
        value: Some(Expr {
            span,
            kind: ExprKind::Bad,
        }),
    })
}
