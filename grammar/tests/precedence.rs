//! How operators bind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

#[allow(dead_code)]
mod support;

use support::{report, shape};
use trib_grammar::ast::ExprKind;
use trib_grammar::{FileId, parse_expression};

fn shaped(text: &str) -> String {
    let (expression, errors) = parse_expression(FileId(0), text);
    assert!(errors.is_empty(), "{text}\n{}", report(text, &errors));
    shape(&expression.unwrap())
}

fn message(text: &str) -> String {
    let (_, errors) = parse_expression(FileId(0), text);
    let messages: Vec<String> = errors.into_iter().map(|error| error.message).collect();
    messages.join(" | ")
}

#[test]
fn operators_bind_as_the_language_page_says() {
    let table = [
        ("a ?? b or c", "(a ?? (b or c))"),
        ("a or b and c", "(a or (b and c))"),
        ("a and not b == c", "(a and (not (b == c)))"),
        ("not not a", "(not (not a))"),
        ("not a in b", "(not (a in b))"),
        ("a == b & c", "(a == (b & c))"),
        ("a & b + c", "(a & (b + c))"),
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b * c", "((a / b) * c)"),
        ("-a * b", "((-a) * b)"),
        ("- -5", "(--5)"),
        ("a - -5", "(a - -5)"),
        ("if a then b else c ?? d", "(if a then b else (c ?? d))"),
        ("if a then b ?? c", "(if a then (b ?? c))"),
        (
            "if a then if b then c else d",
            "(if a then (if b then c else d))",
        ),
        (
            "if a then b else if c then d",
            "(if a then b else (if c then d))",
        ),
        (
            "a ?? if b then c else d or e",
            "(a ?? (if b then c else (d or e)))",
        ),
        ("a & b is present and c", "(((a & b) is present) and c)"),
        ("not a is absent", "(not (a is absent))"),
        (
            "a starts with exactly \"x\" & y",
            "(a starts with exactly (\"x\" & y))",
        ),
        ("a ends  with b", "(a ends with b)"),
        (
            "a contains exactly b or c in exactly d",
            "((a contains exactly b) or (c in exactly d))",
        ),
        (
            "dn under \"OU=a\" and dn member of \"CN=g\"",
            "((dn under \"OU=a\") and (dn member of \"CN=g\"))",
        ),
        ("a matches \"^x\"", "(a matches \"^x\")"),
        ("a === b and c !== d", "((a === b) and (c !== d))"),
        ("a <= -1 or b >= 0x1F", "((a <= -1) or (b >= 31))"),
        ("error \"no \" & cn", "(error (\"no \" & cn))"),
        ("a ?? error (b)", "(a ?? (error b))"),
        ("a ?? b ?? c", "(a ?? b ?? c)"),
        ("(a + b) * c", "((a + b) * c)"),
    ];
    for (text, expected) in table {
        assert_eq!(shaped(text), expected, "{text}");
    }
}

#[test]
fn names_numbers_and_brackets() {
    let table = [
        ("ms-DS-ConsistencyGuid", "ms-DS-ConsistencyGuid"),
        ("a-1", "a-1"),
        ("größe", "größe"),
        ("[in]", "in"),
        ("[ odd name;binary ]", "odd name;binary"),
        ("[true]", "true"),
        ("[name,]", "[name]"),
        ("[]", "[]"),
        ("[a, b]", "[a, b]"),
        ("[\"a\"]", "[\"a\"]"),
        ("[1]", "[1]"),
        ("[-1]", "[-1]"),
        ("[f(x)]", "[f(x)]"),
        ("[%Domain.FQDN%]", "[%Domain.FQDN%]"),
        ("[x for x in y]", "[x for x in y]"),
        ("[f(x) for x in y if p(x)]", "[f(x) for x in y if p(x)]"),
        ("[[a], [b,]]", "[a, [b]]"),
        ("&H202 + 0x202", "(514 + 514)"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("&HFF", "255"),
        ("a &HFF", "(a & HFF)"),
        ("%Param.x-y%", "%Param.x-y%"),
        ("guid \"1\" ?? sid", "(Guid \"1\" ?? sid)"),
        (
            "flow == link and scope == from",
            "((flow == link) and (scope == from))",
        ),
        ("member is present", "(member is present)"),
        ("error", "error"),
        ("\"\\u{e9}\\n\\\"\\\\\"", "\"é\\n\\\"\\\\\""),
        (
            "match d { \"a\", \"b\" -> x  else -> y }",
            "(match d {\"a\", \"b\" -> x; else y})",
        ),
        (
            "match d { 1 -> if a then b  else -> c }",
            "(match d {1 -> (if a then b); else c})",
        ),
        ("match n { 1 -> a  -1 -> b }", "(match n {1 -> a; -1 -> b})"),
        ("{ a: 1, b: { }, }", "{a: 1, b: {}}"),
        ("// why\n a /* b */ & /* c */ d // e", "(a & d)"),
    ];
    for (text, expected) in table {
        assert_eq!(shaped(text), expected, "{text}");
    }
}

#[test]
fn mistakes_in_expressions() {
    let table = [
        ("a == b == c", "comparisons do not chain"),
        ("a < b < c < d", "comparisons do not chain"),
        ("a is present == true", "comparisons do not chain"),
        ("a == not b", "`not` needs parentheses here"),
        ("a -1", "a subtraction has spaces round its minus"),
        ("a- b", "a subtraction has spaces round its minus"),
        ("f(x)-1", "a subtraction has spaces round its minus"),
        ("5-3", "`5-3` is not a number"),
        ("12ab", "`12ab` is not a number"),
        ("1.5", "numbers are whole"),
        (
            "9223372036854775808",
            "the number `9223372036854775808` is too large",
        ),
        ("", "expected an expression, found the end of the text"),
        (
            "a +",
            "expected an expression after `+`, found the end of the text",
        ),
        ("(a", "this `(` is never closed"),
        ("a)", "this `)` closes nothing"),
        ("\"a", "this text is never closed"),
        ("/* a", "this comment is never closed"),
        ("a b", "expected an operator after `a`, found `b`"),
        ("f(a b)", "expected `)` or `,` after `a`, found `b`"),
        ("\"\\q\"", "unknown escape `\\q`"),
        ("\"\\u{110000}\"", "`\\u{110000}` is not a character"),
        ("\"\\u12\"", "`\\u` is not a character"),
    ];
    for (text, expected) in table {
        assert_eq!(message(text), expected, "{text}");
    }
}

#[test]
fn long_runs_are_not_deep() {
    for operator in ["and", "or", "&", "??"] {
        let text = vec!["a"; 20_000].join(&format!(" {operator} "));
        let (expression, errors) = parse_expression(FileId(0), &text);
        assert!(errors.is_empty());
        assert!(depth(&expression.unwrap()) < 40, "{operator}");
    }
    let conditions = vec!["not a == 1"; 5_000].join(" and ");
    assert_eq!(message(&conditions), "");
}

fn depth(expr: &trib_grammar::ast::Expr) -> usize {
    match &expr.kind {
        ExprKind::Binary { left, right, .. } => 1 + depth(left).max(depth(right)),
        _ => 1,
    }
}

#[test]
fn nesting_is_limited_before_it_is_read() {
    for (open, close) in [
        ("(", ")"),
        ("[\"\", ", "]"),
        ("f(", ")"),
        ("{ a: ", "}"),
        ("match a { 1 -> ", "}"),
    ] {
        let nested = |depth: usize| format!("{}a{}", open.repeat(depth), close.repeat(depth));
        assert_eq!(message(&nested(120)), "", "{open}");
        assert_eq!(
            message(&nested(200)),
            "this nests deeper than 128 levels",
            "{open}"
        );
        assert_eq!(
            message(&nested(10_000)),
            "this nests deeper than 128 levels",
            "{open}"
        );
        assert_ne!(message(&open.repeat(100)), "", "{open}");
        assert_ne!(message(&open.repeat(10_000)), "", "{open}");
    }
    for prefix in [
        "not ",
        "-",
        "if ",
        "if a then ",
        "if a then b else ",
        "a + ",
        "error \"\" & ",
        "(if ",
        "(not not ",
    ] {
        assert_eq!(
            message(&format!("{}a", prefix.repeat(10_000)))
                .matches("deeper")
                .count(),
            1,
            "{prefix}"
        );
    }
}
