//! Conditions in words.

use trib_grammar::ast::{BinaryOperator, Expr, ExprKind, UnaryOperator};
use trib_grammar::{FileId, parse_expression};

use super::markdown::code;

/// A condition in words; as it was written, where there are none for it.
pub fn words(text: &str) -> String {
    match parse_expression(FileId::default(), text).0 {
        Some(expr) => holds(&expr, text, true),
        None => code(text),
    }
}

/// That a condition holds, or that it does not.
fn holds(expr: &Expr, text: &str, truth: bool) -> String {
    match &expr.kind {
        ExprKind::Parenthesized(inner) => holds(inner, text, truth),
        ExprKind::Unary {
            operator: UnaryOperator::Not,
            operand,
        } => holds(operand, text, !truth),
        ExprKind::Presence { operand, present } => {
            let word = if *present == truth {
                "present"
            } else {
                "absent"
            };
            format!("{} is {word}", part(operand, text))
        }
        ExprKind::Binary {
            operator: operator @ (BinaryOperator::And | BinaryOperator::Or),
            left,
            right,
            ..
        } => {
            let word = match (operator, truth) {
                (BinaryOperator::And, true) | (BinaryOperator::Or, false) => "and",
                _ => "or",
            };
            let side = |side: &Expr| match mixes(side, *operator) {
                true => format!("({})", holds(side, text, truth)),
                false => holds(side, text, truth),
            };
            format!("{} {word} {}", side(left), side(right))
        }
        ExprKind::Binary {
            operator,
            left,
            right,
            ..
        } => match verb(*operator, truth) {
            Some(verb) => format!("{} {verb} {}", part(left, text), part(right, text)),
            None => otherwise(expr, text, truth),
        },
        ExprKind::Call {
            function,
            arguments,
        } => match (function.text.as_str(), arguments.as_slice()) {
            ("IsBitSet", [value, bit]) => {
                let word = if truth { "is set" } else { "is not set" };
                format!("flag {} of {} {word}", part(bit, text), part(value, text))
            }
            _ => otherwise(expr, text, truth),
        },
        _ => otherwise(expr, text, truth),
    }
}

/// The other one of `and` and `or` stands inside.
fn mixes(expr: &Expr, outer: BinaryOperator) -> bool {
    match &expr.kind {
        ExprKind::Parenthesized(inner) => mixes(inner, outer),
        ExprKind::Unary {
            operator: UnaryOperator::Not,
            operand,
        } => mixes(operand, outer),
        ExprKind::Binary { operator, .. } => {
            matches!(operator, BinaryOperator::And | BinaryOperator::Or) && *operator != outer
        }
        _ => false,
    }
}

fn part(expr: &Expr, text: &str) -> String {
    code(expr.span.of(text))
}

fn otherwise(expr: &Expr, text: &str, truth: bool) -> String {
    let word = if truth { "holds" } else { "does not hold" };
    format!("{} {word}", part(expr, text))
}

/// What stands between the sides of a comparison.
fn verb(operator: BinaryOperator, truth: bool) -> Option<&'static str> {
    let (yes, no) = match operator {
        BinaryOperator::Equal => ("is", "is not"),
        BinaryOperator::NotEqual => ("is not", "is"),
        BinaryOperator::EqualExactly => ("is exactly", "is not exactly"),
        BinaryOperator::NotEqualExactly => ("is not exactly", "is exactly"),
        BinaryOperator::Less => ("is less than", "is not less than"),
        BinaryOperator::LessOrEqual => ("is at most", "is not at most"),
        BinaryOperator::Greater => ("is more than", "is not more than"),
        BinaryOperator::GreaterOrEqual => ("is at least", "is not at least"),
        BinaryOperator::In => ("is one of", "is none of"),
        BinaryOperator::InExactly => ("is exactly one of", "is exactly none of"),
        BinaryOperator::Contains => ("contains", "does not contain"),
        BinaryOperator::ContainsExactly => ("contains exactly", "does not contain exactly"),
        BinaryOperator::StartsWith => ("starts with", "does not start with"),
        BinaryOperator::StartsWithExactly => ("starts with exactly", "does not start with exactly"),
        BinaryOperator::EndsWith => ("ends with", "does not end with"),
        BinaryOperator::EndsWithExactly => ("ends with exactly", "does not end with exactly"),
        BinaryOperator::Matches => ("matches", "does not match"),
        BinaryOperator::Under => ("lies below", "does not lie below"),
        BinaryOperator::MemberOf => ("is a member of", "is not a member of"),
        _ => return None,
    };
    Some(if truth { yes } else { no })
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn conditions_read_as_sentences() {
        for (text, wanted) in [
            ("a != true", "`a` is not `true`"),
            (
                "not a starts with \"User_\"",
                "`a` does not start with `\"User_\"`",
            ),
            ("not a is present", "`a` is absent"),
            (
                "not (a == 1 and b is absent)",
                "`a` is not `1` or `b` is present",
            ),
            (
                "(a == 1 or b == 2) and c in [\"x\",]",
                "(`a` is `1` or `b` is `2`) and `c` is one of `[\"x\",]`",
            ),
            (
                "not (a == 1 or b == 2) and c",
                "(`a` is not `1` and `b` is not `2`) and `c` holds",
            ),
            (
                "not IsBitSet(userAccountControl, 2)",
                "flag `2` of `userAccountControl` is not set",
            ),
            ("dn under \"OU=A\"", "`dn` lies below `\"OU=A\"`"),
            (
                "not dn member of \"CN=A\"",
                "`dn` is not a member of `\"CN=A\"`",
            ),
            ("not IsGuid(a)", "`IsGuid(a)` does not hold"),
        ] {
            assert_eq!(words(text), wanted);
        }
    }
}
