//! Expressions of Azure AD Connect and cloud sync, translated, checked and evaluated: worked examples with
//! the decisions where their documentation is silent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::HashSet;

use bumpalo::Bump;
use proptest::prelude::*;
use serde_json::Value as Json;
use trib_compiler::diagnostics::{Diagnostic, Severity, codes};
use trib_compiler::dialect::{Dialect, Surroundings, Translated, translate};
use trib_compiler::ir::End;
use trib_compiler::types::Type;
use trib_compiler::value::Value;
use trib_compiler::{Sources, attribute_types, check_expression};
use trib_grammar::{FileId, parse_expression};
use trib_runtime::eval::{Env, Frame, Layout, Linker, Object, Place};
use trib_runtime::json::to_json;
use trib_runtime::object::{Row, encode_row};

use Dialect::{Cloud, Connect};

const CONNECT: &str = include_str!("../dialects/connect.json");
const CLOUD: &str = include_str!("../dialects/cloud.json");

/// Attributes of the examples below; all others are unknown.
fn attribute(name: &str) -> Option<Type> {
    Type::parse(match name {
        "addresses" | "phones" => "[string]",
        "number" => "int",
        "enabled" => "bool",
        "created" => "time",
        "title" => "string",
        _ => return None,
    })
    .map(Type::or_absent)
}

const SURROUNDINGS: Surroundings<'static> = Surroundings {
    attribute: &attribute,
    flow: true,
};

fn translated(dialect: Dialect, text: &str) -> Result<Translated, Vec<Diagnostic>> {
    translate(dialect, FileId(0), text, &SURROUNDINGS)
}

/// What an expression came to.
#[derive(Debug, PartialEq)]
enum Outcome {
    Value(Json),
    Flow(&'static str),
    Error(String),
}

/// The type of an attribute that has this value.
fn notation(value: &Json) -> &'static str {
    match value {
        Json::Bool(_) => "bool",
        Json::Number(_) => "int",
        Json::Array(_) => "[string]",
        _ => "string",
    }
}

fn value<'a>(json: &'a Json, bump: &'a Bump) -> Value<'a> {
    match json {
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => Value::Int(number.as_i64().unwrap()),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::list(bump, items.iter().map(|item| value(item, bump))),
        _ => Value::Absent,
    }
}

/// Translates, checks and evaluates over an object with the example's attributes.
fn run(dialect: Dialect, example: &Json) -> (String, Outcome) {
    let text = example["expression"].as_str().unwrap();
    let empty = serde_json::Map::new();
    let attributes = example["attributes"].as_object().unwrap_or(&empty);
    let mut rules = "metaverse example {\n  one : string\n".to_owned();
    for (name, value) in attributes {
        let ty = example["types"][name].as_str().unwrap_or(notation(value));
        rules.push_str(&format!("  {name} : {ty}\n"));
    }
    rules.push_str("}\n");
    let mut sources = Sources::default();
    sources.add("example.trib", rules);
    let translated = {
        let types = attribute_types(&mut sources, "example");
        let surroundings = Surroundings {
            attribute: &types,
            flow: false,
        };
        translate(dialect, FileId(1), text, &surroundings)
    };
    let translated = translated.unwrap_or_else(|errors| panic!("{text}: {errors:#?}"));
    let file = sources.add("expression", translated.text.as_str());
    let (parsed, errors) = parse_expression(file, &translated.text);
    assert_eq!(errors, [], "{text}: {}", translated.text);
    let (evaluable, found) =
        check_expression(&mut sources, file, &parsed.unwrap(), Some("example"));
    let errors: Vec<_> = found
        .iter()
        .filter(|found| {
            found.span.file == file
                && found.severity() == Severity::Error
                && !found.code.id.starts_with("E01")
        })
        .collect();
    assert!(
        errors.is_empty(),
        "{text}: {}: {errors:#?}",
        translated.text
    );
    let evaluable = evaluable.unwrap();
    let Some(End::Metaverse(at)) = evaluable.end else {
        panic!("{text}: no type");
    };
    let bump = Bump::new();
    let known = &evaluable.rules.metaverse[at].attributes;
    let values: Vec<Value<'_>> = known
        .iter()
        .map(|attribute| {
            attributes
                .get(&attribute.name)
                .map_or(Value::Absent, |json| value(json, &bump))
        })
        .collect();
    let layout = Layout {
        places: (0..values.len()).map(Place::Slot).collect(),
        ..Layout::default()
    };
    let node = Linker { layout: &layout }
        .link(&evaluable.typed.expr)
        .unwrap();
    let row = encode_row(&values);
    let parameters: Vec<Option<String>> = evaluable
        .rules
        .parameters
        .iter()
        .map(|name| {
            example["parameters"][name.trim_start_matches("Param.")]
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    let env = Env {
        object: Object::of(Row::new(&row), ""),
        bump: &bump,
        now: 0,
        parameters: &parameters,
        scripts: &[],
        counts: None,
        due: None,
    };
    let outcome = match env.eval(&node, &mut Frame::default()) {
        Ok(Value::Clear) => Outcome::Flow("clear"),
        Ok(Value::Skip) => Outcome::Flow("skip"),
        Ok(value) => Outcome::Value(to_json(value)),
        Err(failure) => Outcome::Error(failure.message),
    };
    (translated.text, outcome)
}

/// Whether the outcome is the one that the example says.
fn is_right(example: &Json, outcome: &Outcome) -> bool {
    let members = example.as_object().unwrap();
    let (key, wanted) = ["value", "flow", "error", "length", "between"]
        .into_iter()
        .find_map(|key| members.get(key).map(|wanted| (key, wanted)))
        .unwrap_or_else(|| panic!("{example}: says no outcome"));
    match (key, outcome) {
        ("value", Outcome::Value(value)) => value == wanted,
        ("flow", Outcome::Flow(word)) => wanted == word,
        ("error", Outcome::Error(message)) => wanted == message,
        ("length", Outcome::Value(Json::String(text))) => wanted == text.chars().count(),
        ("between", Outcome::Value(Json::Number(number))) => {
            (wanted[0].as_i64()..=wanted[1].as_i64()).contains(&number.as_i64())
        }
        _ => false,
    }
}

fn all_are_right(dialect: Dialect, examples: &str, least: usize) {
    let examples: Vec<Json> = serde_json::from_str(examples).unwrap();
    assert!(examples.len() >= least);
    let mut wrong = String::new();
    for example in &examples {
        let (ours, outcome) = run(dialect, example);
        if std::env::var_os("SHOW").is_some() {
            println!("{}\n    {ours}\n    {outcome:?}", example["expression"]);
        }
        if !is_right(example, &outcome) {
            wrong.push_str(&format!("{example}\n    {ours}\n    {outcome:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn examples_of_connect() {
    all_are_right(Dialect::Connect, CONNECT, 60);
}

#[test]
fn examples_of_cloud_sync() {
    all_are_right(Dialect::Cloud, CLOUD, 50);
}

#[test]
fn constructs_are_translated_by_rule() {
    for (dialect, foreign, ours) in [
        // Priorities: `+ - *` are one, then `&`, comparisons, `&&`, `||`.
        (Connect, "3+2*5", "(3 + 2) * 5"),
        (Connect, "10 - 2 - 3", "(10 - 2) - 3"),
        (
            Connect,
            "\"a\" & [title] = \"ab\"",
            "Concat(\"a\", title) === \"ab\"",
        ),
        (Connect, "\"a\" & %Domain.FQDN%", "\"a\" & %Domain.FQDN%"),
        (
            Connect,
            "[a] = 1 || [b] = 2 && [c] = 3",
            "a === 1 or (b === 2 and c === 3)",
        ),
        (Connect, "[number] <> -1", "number !== -1"),
        (
            Connect,
            "IsPresent([a]) = False || True",
            "IsNullOrEmpty(a) or true",
        ),
        // Literals and names.
        (
            Connect,
            "\"say \"\"hi\"\" \\\"x\\\" C:\\dir\"",
            "\"say \\\"hi\\\" \\\"x\\\" C:\\\\dir\"",
        ),
        (Connect, "&HFFFFFFFFFFFFFFFF", "-1"),
        (
            Connect,
            "Replace([a], CRLF, \"\")",
            "Replace(a, \"\\r\\n\", \"\")",
        ),
        (Connect, "[if]", "[if]"),
        (
            Connect,
            "%domain.netbios% & %Own%",
            "%Domain.Netbios% & %Param.Own%",
        ),
        (
            Connect,
            "ConvertFromBase64([a], utf8)",
            "ConvertFromBase64(a, \"UTF8\")",
        ),
        (
            Connect,
            "DNComponentRev([dn], 1, DC)",
            "DNComponentRev(dn, 1, \"DC\")",
        ),
        (
            Connect,
            "InStr([a], \"x\", , vbTextCompare)",
            "InStr(a, \"x\", 1, \"vbTextCompare\")",
        ),
        // Choices.
        (Connect, "IIF(IsNull([a]), [b], [a])", "a ?? b"),
        (
            Connect,
            "IIF(IsNullOrEmpty([a]), IgnoreThisFlow, [a])",
            "a ?? skip",
        ),
        (Connect, "IIF(IsPresent([a]), [a], NULL)", "a"),
        (
            Connect,
            "IIF(IsNullOrEmpty(Trim([a])), [b], Trim([a]))",
            "if IsNullOrEmpty(Trim(a)) then b else Trim(a)",
        ),
        (
            Connect,
            "IIF([a] = \"x\", NULL, [b])",
            "if a !== \"x\" then b",
        ),
        (
            Connect,
            "IIF([number], 1, 2)",
            "if CBool(number) then 1 else 2",
        ),
        (
            Connect,
            "IIF([enabled] = \"True\", 1, 2)",
            "if enabled === true then 1 else 2",
        ),
        (
            Connect,
            "IIF([title] = True, 1, 2)",
            "if title == \"true\" then 1 else 2",
        ),
        (Connect, "[a] = NULL", "false"),
        (
            Connect,
            "Switch([a] = 1, \"x\", True, AuthoritativeNull)",
            "if a === 1 then \"x\" else clear",
        ),
        // Several values.
        (
            Connect,
            "IIF(InStr([addresses], \"SIP:\") = 1, NULL, [addresses])",
            "[value for value in addresses if InStr(value, \"SIP:\") !== 1]",
        ),
        (
            Connect,
            "\"smtp:\" & [addresses]",
            "[\"smtp:\" & value for value in addresses]",
        ),
        (
            Connect,
            "IIF(Contains([addresses], \"x\") > 0, [addresses], NULL)",
            "if Contains(addresses, \"x\") > 0 then addresses",
        ),
        (
            Connect,
            "Where($item, [addresses], InStr($item, \"x\") > 0)",
            "[item for item in addresses if InStr(item, \"x\") > 0]",
        ),
        (
            Connect,
            "Select($title, [addresses], $title & [title])",
            "[Concat(title2, title) for title2 in addresses]",
        ),
        (
            Connect,
            "Select($if, [title], UCase($if))",
            "[UCase(value) for value in [title,]]",
        ),
        (
            Connect,
            "With($x, LCase([title]), $x & \"-\" & $x)",
            "Concat(LCase(title), \"-\", LCase(title))",
        ),
        (
            Connect,
            "With($x, [a] & [b], IIF($x = \"y\", 1, 2))",
            "if Concat(a, b) === \"y\" then 1 else 2",
        ),
        (Connect, "ValueCount(\"member\") > 3", "Count(member) > 3"),
        (
            Connect,
            "Join([addresses], Nothing)",
            "Join(addresses, \"\")",
        ),
        // Absence and \"\".
        (Connect, "Left([a], 3)", "Left(a, 3)"),
        (
            Connect,
            "Contains([addresses], Left([a], 3))",
            "Contains(addresses, Left(a, 3) ?? \"\")",
        ),
        (Connect, "\"n\" & Len([a])", "\"n\" & CStr(Len(a))"),
        // Cloud sync.
        (
            Cloud,
            "IIF([a]=\"\", \"x\", [a])",
            "if IsNullOrEmpty(a) then \"x\" else a",
        ),
        (Cloud, "IgnoreFlowIfNullOrEmpty([a])", "a ?? skip"),
        (
            Cloud,
            "IgnoreFlowIfNullOrEmpty(Trim([a]))",
            "if IsPresent(Trim(a)) then Trim(a) else skip",
        ),
        (Cloud, "Not([enabled])", "not enabled"),
        (Cloud, "Not([a])", "CStr(a) !== \"True\""),
        (Cloud, "Append([a], [number])", "Append(a, CStr(number))"),
        (
            Cloud,
            "Join(\"-\", [a], [created])",
            "Join([a, FormatDateTime(created, \"M/d/yyyy h:mm:ss tt\")], \"-\")",
        ),
        (Cloud, "Join(\"-\", [addresses])", "Join(addresses, \"-\")"),
        (
            Cloud,
            "DateAdd(\"d\", -1, [a])",
            "DateAdd(\"d\", -1, CDate(a))",
        ),
        (
            Cloud,
            "DateAdd(\"d\", 1, Now())",
            "DateAdd(\"d\", 1, Now())",
        ),
        (Cloud, "NumFromDate([a])", "NumFromDate(CDate(a))"),
        (Cloud, "Coalesce([a], [b], \"\")", "a ?? b"),
        (Cloud, "ToUpper([a], )", "UCase(a)"),
        (
            Cloud,
            "Switch([a], , \"1\", \"x\", \"2\", \"y\")",
            "match a { \"1\" -> \"x\"  \"2\" -> \"y\" }",
        ),
        (
            Cloud,
            "Switch([enabled], [a], \"True\", \"x\")",
            "if enabled === true then \"x\" else a",
        ),
        (
            Cloud,
            "Replace([a], \"o\", , , , , \"[o]\")",
            "Replace(\"[o]\", \"o\", a ?? \"\")",
        ),
        (
            Cloud,
            "Replace([a], , \"(x)(y)\", , \"$2y$1$\", , )",
            "RegexReplace(a, \"(x)(y)\", \"${2}y${1}$$\")",
        ),
        (
            Cloud,
            "Replace([a], , \"x(?<g>[)]y)$\", \"g\", \"$\", , )",
            "RegexReplace(a, \"(?<before>x)(?:[)]y)(?<after>$)\", \"${before}$$${after}\")",
        ),
        (
            Cloud,
            "Replace([a], , \"(?<g>x)\", \"g\", , [b], )",
            "a ?? RegexExtract(b, \"(?<g>x)\", \"g\")",
        ),
        (
            Cloud,
            "FormatDateTime([a], , \"dd/MM/yyyy\", \"yyyy\")",
            "FormatDateTime(\n  CDate(\n    RegexReplace(\n      a,\n      \"^(?<day>[0-9]{2})/(?<month>[0-9]{2})/(?<year>[0-9]{4})$\",\n      \"${year}-${month}-${day}\"\n    )\n  ),\n  \"yyyy\"\n)",
        ),
    ] {
        let made = translated(dialect, foreign);
        assert_eq!(
            made.as_ref().map(|made| made.text.as_str()),
            Ok(ours),
            "{foreign}"
        );
    }
}

#[test]
fn what_has_no_translation_is_an_error_at_its_place() {
    let mut told = HashSet::new();
    for (dialect, foreign, code, place, words) in [
        (
            Connect,
            "",
            &codes::FOREIGN_SYNTAX,
            "",
            "ends where a value is needed",
        ),
        (Connect, "Trim(", &codes::FOREIGN_SYNTAX, "", "ends where"),
        (
            Connect,
            "Trim(\"a\"",
            &codes::FOREIGN_SYNTAX,
            "(",
            "never closed",
        ),
        (
            Connect,
            "Trim(\"a\"))",
            &codes::FOREIGN_SYNTAX,
            ")",
            "closes nothing",
        ),
        (Connect, "[a] [b]", &codes::FOREIGN_SYNTAX, "[b]", "is over"),
        (Connect, "[a] + ", &codes::FOREIGN_SYNTAX, "", "ends where"),
        (
            Connect,
            "Trim(“a”)",
            &codes::FOREIGN_SYNTAX,
            "“",
            "no meaning",
        ),
        (Connect, "[a", &codes::FOREIGN_SYNTAX, "[a", "is missing"),
        (
            Connect,
            "1.5",
            &codes::FOREIGN_SYNTAX,
            "1.5",
            "not a number",
        ),
        (
            Connect,
            "99999999999999999999",
            &codes::FOREIGN_SYNTAX,
            "99999999999999999999",
            "not a number",
        ),
        (
            Connect,
            "trim([a])",
            &codes::FOREIGN_FUNCTION,
            "trim",
            "no function `trim`",
        ),
        (
            Connect,
            "Primary([addresses])",
            &codes::FOREIGN_FUNCTION,
            "Primary",
            "no function",
        ),
        (
            Cloud,
            "Select($i, [a], $i)",
            &codes::FOREIGN_FUNCTION,
            "Select",
            "cloud sync has no function",
        ),
        (
            Connect,
            "CBin([number])",
            &codes::UNTRANSLATABLE,
            "CBin",
            "no reference",
        ),
        (
            Connect,
            "Left([a])",
            &codes::FOREIGN_ARGUMENTS,
            "Left",
            "takes 2",
        ),
        (
            Connect,
            "IIF([a], 1)",
            &codes::FOREIGN_ARGUMENTS,
            "IIF",
            "not 2 arguments",
        ),
        (
            Connect,
            "Switch([a] = 1, 2, 3)",
            &codes::FOREIGN_ARGUMENTS,
            "Switch",
            "pairs",
        ),
        (
            Connect,
            "$x",
            &codes::FOREIGN_NAME,
            "$x",
            "nothing declares",
        ),
        (
            Connect,
            "Trim(Nowhere)",
            &codes::FOREIGN_NAME,
            "Nowhere",
            "no value",
        ),
        (
            Connect,
            "ConvertFromBase64([a], UTF9)",
            &codes::FOREIGN_NAME,
            "UTF9",
            "few words",
        ),
        (
            Connect,
            "Trim(IgnoreThisFlow)",
            &codes::UNTRANSLATABLE,
            "IgnoreThisFlow",
            "whole flow",
        ),
        (
            Connect,
            "[addresses] = [phones]",
            &codes::UNTRANSLATABLE,
            "[addresses] = [phones]",
            "at once",
        ),
        (
            Connect,
            "With($x, Guid(), $x & $x)",
            &codes::UNTRANSLATABLE,
            "Guid()",
            "by chance",
        ),
        (
            Cloud,
            "[a] & [b]",
            &codes::FOREIGN_SYNTAX,
            "&",
            "no such operator",
        ),
        (
            Cloud,
            "Trim(SelectUniqueValue([a], [b]))",
            &codes::UNTRANSLATABLE,
            "SelectUniqueValue([a], [b])",
            "top",
        ),
        (
            Cloud,
            "SingleAppRoleAssignment([appRoleAssignments])",
            &codes::UNTRANSLATABLE,
            "SingleAppRoleAssignment",
            "other applications",
        ),
        (
            Cloud,
            "Replace([a], \"x\", \"y\", , \"z\", , )",
            &codes::UNTRANSLATABLE,
            "Replace([a], \"x\", \"y\", , \"z\", , )",
            "no mode",
        ),
        (
            Cloud,
            "Replace([a], , \"(?=x)\", , \"y\", , )",
            &codes::UNTRANSLATABLE,
            "\"(?=x)\"",
            "cannot be used",
        ),
        (
            Cloud,
            "Replace([a], , \"((?<g>x)y)\", \"g\", \"z\", , )",
            &codes::UNTRANSLATABLE,
            "\"((?<g>x)y)\", \"g\"",
            "stands by itself",
        ),
        (
            Cloud,
            "FormatDateTime([a], \"dd MMM yyyy\", \"yyyy\")",
            &codes::UNTRANSLATABLE,
            "\"dd MMM yyyy\"",
            "by this format",
        ),
    ] {
        let errors = translated(dialect, foreign).unwrap_err();
        let first = &errors[0];
        assert_eq!(
            (first.code.id, first.span.of(foreign)),
            (code.id, place),
            "{foreign}: {errors:#?}"
        );
        assert!(
            first.message.contains(words),
            "{foreign}: {}",
            first.message
        );
        assert!(first.help.is_some(), "{foreign}");
        told.insert(first.code.id);
    }
    let foreign = codes::ALL.iter().map(|code| code.id);
    let untold: Vec<&str> = foreign
        .filter(|id| id.starts_with("E08") && !told.contains(id))
        .collect();
    assert_eq!(untold, [] as [&str; 0], "codes that nothing here shows");
    let several = translated(Connect, "Lefty([a]) & Nope([b])").unwrap_err();
    assert_eq!(several.len(), 2, "every mistake is told: {several:#?}");
}

#[test]
fn what_changes_its_meaning_is_noted() {
    for (dialect, foreign, place) in [
        (
            Connect,
            "[a] = 1 || [b] = 2 && [c] = 3",
            "[b] = 2 && [c] = 3",
        ),
        (Connect, "[a] <> NULL", "[a] <> NULL"),
        (Connect, "Switch(True, 1, [a] = 2, 3)", "[a] = 2"),
        (Connect, "With($x, [a], [b])", "[a]"),
        (Cloud, "ToLower([a], \"tr-TR\")", "\"tr-TR\""),
        (
            Cloud,
            "FormatDateTime([a], \"RoundtripKind\", \"yyyy-MM-dd\", \"d\")",
            "\"RoundtripKind\"",
        ),
    ] {
        let made = translated(dialect, foreign).unwrap();
        let places: Vec<&str> = made
            .notes
            .iter()
            .map(|note| note.span.of(foreign))
            .collect();
        assert_eq!(places, [place], "{foreign}");
        assert!(
            made.notes
                .iter()
                .all(|note| note.severity() == Severity::Lint)
        );
    }
}

#[test]
fn no_size_or_depth_is_too_much() {
    let many = |piece: &str, count: usize| piece.repeat(count);
    let doubling: String = (0..60)
        .map(|n| format!("With($v{}, $v{n} & $v{n}, ", n + 1))
        .collect();
    for text in [
        many("(", 200_000),
        many("Trim(", 200_000),
        many("-", 200_000) + "1",
        format!("{}1{}", many("IIF([a],", 127), many(",2)", 127)),
        format!("{}1{}", many("Trim(", 120), many(")", 120)),
        format!("{}{}", "1", many("+1", 100_000)),
        format!("{}{}", "[a]", many("=[a]", 5_000)),
        format!("{}{}", "[a]", many("&[a]", 5_000)),
        format!("{}{}", "[a]=1", many("||[a]=1", 5_000)),
        format!("Switch({}True,1)", many("[a]=1,2,", 4_000)),
        format!("With($v0, [a], {doubling}$v60{}", many(")", 61)),
        many("\"", 200_001),
        many("[a],", 100_000),
    ] {
        for dialect in [Connect, Cloud] {
            let started = std::time::Instant::now();
            let made = translated(dialect, &text);
            assert!(started.elapsed().as_secs() < 20, "{}…", &text[..20]);
            if let Err(errors) = made {
                assert!(!errors.is_empty());
            }
        }
    }
    let long = format!("{}{}", "[a]=1", many("||[a]=1", 5_000));
    assert!(translated(Connect, &long).is_ok());
    let deep = translated(Connect, &many("(", 200_000)).unwrap_err();
    assert_eq!(deep[0].code.id, codes::TOO_LARGE.id);
}

/// Pieces of foreign expressions in any order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = vec![
        "IIF(",
        "Switch(",
        "Select(",
        "Where(",
        "With(",
        "Left(",
        "Join(",
        "Replace(",
        "FormatDateTime(",
        "Not(",
        "Coalesce(",
        "InStr(",
        "CDate(",
        "Error(",
        "SelectUniqueValue(",
        "PCase(",
        "[addresses]",
        "[phones]",
        "[a]",
        "[number]",
        "[enabled]",
        "[created]",
        "$x",
        "$y",
        "%p%",
        "%Domain.FQDN%",
        "\"\"",
        "\"a\"",
        "\"(?<g>x)\"",
        "\"g\"",
        "\"yyyyMMdd\"",
        "1",
        "&H1F",
        "True",
        "NULL",
        "AuthoritativeNull",
        "IgnoreThisFlow",
        "UTF8",
        ",",
        ",",
        ",",
        ")",
        ")",
        "(",
        "=",
        "<>",
        ">",
        "&",
        "&&",
        "||",
        "+",
        "-",
        "*",
        "/",
        " ",
    ];
    proptest::collection::vec(proptest::sample::select(pieces), 0..25)
        .prop_map(|pieces| pieces.concat())
}

/// Expressions that parse, of both dialects.
fn sound() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec![
        "[addresses]",
        "[a]",
        "[number]",
        "[enabled]",
        "[created]",
        "[title]",
        "\"\"",
        "\"a\\\\b\"",
        "1",
        "&HFF",
        "True",
        "NULL",
        "%Domain.FQDN%",
        "IgnoreThisFlow",
        "CRLF",
        "$v",
    ]);
    leaf.prop_map(str::to_owned)
        .prop_recursive(6, 40, 4, |inner| {
            let names = proptest::sample::select(vec![
                "IIF",
                "Switch",
                "Left",
                "Join",
                "Replace",
                "Coalesce",
                "Trim",
                "IsPresent",
                "IsNull",
                "InStr",
                "Error",
                "Not",
                "Append",
                "CStr",
                "Word",
                "Split",
                "Item",
                "Count",
            ]);
            let operators =
                proptest::sample::select(vec!["=", "<>", "<", "&", "&&", "||", "+", "-", "*"]);
            prop_oneof![
                (names, proptest::collection::vec(inner.clone(), 1..5))
                    .prop_map(|(name, arguments)| format!("{name}({})", arguments.join(","))),
                (inner.clone(), operators, inner.clone())
                    .prop_map(|(a, operator, b)| format!("{a}{operator}{b}")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("With($v,{a},{b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("Select($v,{a},{b})")),
                inner.prop_map(|a| format!("({a})")),
            ]
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_the_translator(text in prop_oneof![any::<String>(), soup(), sound()]) {
        for dialect in [Connect, Cloud] {
            match translated(dialect, &text) {
                Ok(made) => {
                    let (parsed, errors) = parse_expression(FileId(0), &made.text);
                    prop_assert!(parsed.is_some() && errors.is_empty(), "{}", made.text);
                    let again = trib_grammar::format_expression(&parsed.unwrap(), &made.text);
                    prop_assert_eq!(again, made.text, "what is printed is canonical");
                }
                Err(errors) => {
                    prop_assert!(!errors.is_empty());
                    for error in errors {
                        let (start, end) = (error.span.start as usize, error.span.end as usize);
                        prop_assert!(start <= end && end <= text.len().max(1), "{:?}", error);
                        prop_assert!(!error.message.contains("cannot be written"), "{:?}", error);
                    }
                }
            }
        }
    }
}
