//! Expressions of Azure AD Connect and cloud sync, translated, checked and evaluated: worked examples with
//! the decisions where their documentation is silent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bumpalo::Bump;
use serde_json::Value as Json;
use trib_compiler::diagnostics::Severity;
use trib_compiler::dialect::{Dialect, Surroundings, translate};
use trib_compiler::ir::End;
use trib_compiler::value::Value;
use trib_compiler::{Sources, attribute_types, check_expression};
use trib_runtime::eval::{Env, Frame, Layout, Linker, Object, Place};
use trib_runtime::json::to_json;
use trib_runtime::object::{Row, encode_row};

const CONNECT: &str = include_str!("../dialects/connect.json");
const CLOUD: &str = include_str!("../dialects/cloud.json");

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
        translate(dialect, trib_grammar::FileId(1), text, &surroundings)
    };
    let translated = translated.unwrap_or_else(|errors| panic!("{text}: {errors:#?}"));
    let file = sources.add("expression", translated.text.as_str());
    let (parsed, errors) = trib_grammar::parse_expression(file, &translated.text);
    assert_eq!(errors, [], "{text}: {}", translated.text);
    let (evaluable, found) = check_expression(&mut sources, file, &parsed.unwrap(), Some("example"));
    let errors: Vec<_> = found
        .iter()
        .filter(|found| found.span.file == file && found.severity() == Severity::Error && !found.code.id.starts_with("E01"))
        .collect();
    assert!(errors.is_empty(), "{text}: {}: {errors:#?}", translated.text);
    let evaluable = evaluable.unwrap();
    let Some(End::Metaverse(at)) = evaluable.end else {
        panic!("{text}: no type");
    };
    let bump = Bump::new();
    let known = &evaluable.rules.metaverse[at].attributes;
    let values: Vec<Value<'_>> = known
        .iter()
        .map(|attribute| attributes.get(&attribute.name).map_or(Value::Absent, |json| value(json, &bump)))
        .collect();
    let layout = Layout {
        places: (0..values.len()).map(Place::Slot).collect(),
        ..Layout::default()
    };
    let node = Linker { layout: &layout }.link(&evaluable.typed.expr).unwrap();
    let row = encode_row(&values);
    let parameters: Vec<Option<String>> = evaluable
        .rules
        .parameters
        .iter()
        .map(|name| example["parameters"][name.trim_start_matches("Param.")].as_str().map(str::to_owned))
        .collect();
    let env = Env {
        object: Object::of(Row::new(&row), ""),
        bump: &bump,
        now: 0,
        parameters: &parameters,
        scripts: &[],
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
