//! What holds an expression together when it is written: which operands need parentheses.

use crate::ast::{BinaryOperator, Expr, ExprKind, UnaryOperator};
use crate::parse::Level;

/// The operands of a run of operators of one level: the first, and the others with their operators.
pub(super) fn flatten<'e>(
    expr: &'e Expr,
    level: Level,
    links: &mut Vec<(BinaryOperator, u32, &'e Expr)>,
) -> &'e Expr {
    match &expr.kind {
        ExprKind::Binary {
            operator,
            operator_span,
            left,
            right,
        } if operator.level() == level => {
            let first = match level {
                Level::Comparison => left,
                _ => flatten(left, level, links),
            };
            let at = links.len();
            let associative = !matches!(level, Level::Comparison | Level::Sum | Level::Product);
            let right = if associative {
                flatten(right, level, links)
            } else {
                right
            };
            links.insert(at, (*operator, operator_span.start, right));
            first
        }
        _ => expr,
    }
}

pub(super) fn tighter(level: Level) -> Level {
    match level {
        Level::Coalesce => Level::Or,
        Level::Or => Level::And,
        Level::And => Level::Not,
        Level::Not => Level::Comparison,
        Level::Comparison => Level::Concat,
        Level::Concat => Level::Sum,
        Level::Sum => Level::Product,
        Level::Product | Level::Negation => Level::Negation,
    }
}

/// How tightly an expression holds together; `if` and `error` hold nothing together to their right.
pub(super) fn level_of(expr: &Expr) -> Level {
    match &expr.kind {
        ExprKind::If { .. } | ExprKind::Error(_) => Level::Coalesce,
        ExprKind::Binary { operator, .. } => operator.level(),
        ExprKind::Presence { .. } => Level::Comparison,
        ExprKind::Unary {
            operator: UnaryOperator::Not,
            ..
        } => Level::Not,
        _ => Level::Negation,
    }
}

/// Whether an expression ends in an `if` or `error`, which would swallow an operator behind it.
pub(super) fn is_open(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::If { .. } | ExprKind::Error(_) => true,
        ExprKind::Binary { right, .. } => is_open(right),
        ExprKind::Unary { operand, .. } => is_open(operand),
        _ => false,
    }
}

/// Whether an expression ends in an `if` without `else`, which would swallow one behind it.
pub(super) fn lacks_else(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::If {
            otherwise: Some(last),
            ..
        } => lacks_else(last),
        ExprKind::If {
            otherwise: None, ..
        } => true,
        ExprKind::Error(last)
        | ExprKind::Binary { right: last, .. }
        | ExprKind::Unary { operand: last, .. } => lacks_else(last),
        _ => false,
    }
}

/// Whether `error` can stand before this without parentheses.
pub(super) fn begins_error(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Text(_) | ExprKind::Call { .. } | ExprKind::Parenthesized(_) => true,
        ExprKind::Binary { left, .. } => begins_error(left) && !is_open(left),
        ExprKind::Presence { operand, .. } => begins_error(operand),
        _ => false,
    }
}
