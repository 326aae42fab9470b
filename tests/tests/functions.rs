//! Every example of a builtin gives what its declaration says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use trib_compiler::functions;
use trib_tests::expression::value;

#[test]
fn every_example_is_right() {
    let mut checked = 0;
    let mut wrong = Vec::new();
    for function in functions::all() {
        assert!(
            !function.examples.is_empty(),
            "{} has no example",
            function.name
        );
        for (expression, wanted) in function.examples {
            checked += 1;
            let (actual, wanted) = (value(expression), value(wanted));
            if actual.is_err() || actual != wanted {
                wrong.push(format!("{expression}: {actual:?} instead of {wanted:?}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {checked}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(checked > 100, "{checked} examples");
}

#[test]
fn operators_and_absence() {
    for (expression, wanted) in [
        ("1 + 2 * 3", "7"),
        ("7 / -2", "-3"),
        ("\"a\" & \"b\" & \"c\"", "\"abc\""),
        ("Word(null ?? \"a b\", 2, \" \")", "\"b\""),
        ("\"ABC\" == \"abc\"", "true"),
        ("\"ABC\" === \"abc\"", "false"),
        ("\"Straße\" contains \"STRASSE\"", "false"),
        ("\"ÅSA\" starts with \"ås\"", "true"),
        ("not \"x\" in [\"X\", \"y\"]", "false"),
        ("\"x\" in exactly [\"X\", \"y\"]", "false"),
        (
            "[UCase(x) for x in [\"a\", \"b\"] if x != \"a\"]",
            "[\"B\",]",
        ),
        ("match \"it\" { \"IT\", \"Ops\" -> 1  else -> 2 }", "1"),
        ("if \"abc\" matches \"^a\" then \"yes\"", "\"yes\""),
        ("if 1 > 2 then \"yes\"", "null"),
        ("Trim([\" a\", \"b \"])", "[\"a\", \"b\"]"),
        (
            "guid \"11111111-2222-3333-4444-555555555555\" == hex \"11111111222233334444555555555555\"",
            "true",
        ),
        (
            "time \"2026-01-31T00:00:00Z\" < time \"2026-02-01T00:00:00Z\"",
            "true",
        ),
        ("{ a: 1, b: null ?? \"x\" }", "{ a: 1, b: \"x\" }"),
    ] {
        let actual = value(expression);
        assert!(actual.is_ok(), "{expression}: {actual:?}");
        assert_eq!(actual, value(wanted), "{expression}");
    }
    for (expression, words) in [
        ("1 / 0", "divided by zero"),
        ("9223372036854775807 + 1", "too large"),
        (
            "PadLeft(\"a\", 8000000, \"a\") & PadLeft(\"b\", 8000000, \"b\")",
            "longer than",
        ),
    ] {
        let failure = value(expression).unwrap_err();
        assert!(failure.contains(words), "{expression}: {failure}");
    }
}

#[test]
fn a_password_is_strong_and_holds_nobodys_name() {
    for length in [8, 9, 24, 256] {
        let password = value(&format!("RandomPassword({length})")).unwrap();
        let password = password.as_str().unwrap();
        assert_eq!(password.len(), length);
        for kind in [
            char::is_ascii_digit,
            char::is_ascii_uppercase,
            char::is_ascii_lowercase,
            char::is_ascii_punctuation,
        ] {
            assert!(password.chars().any(|c| kind(&c)), "{password}");
        }
        let names = password.split(|c: char| c.is_ascii_punctuation());
        assert!(names.into_iter().all(|name| name.len() < 3), "{password}");
    }
    assert!(value("RandomPassword(7)").is_err());
    assert!(value("RandomPassword(257)").is_err());
}
