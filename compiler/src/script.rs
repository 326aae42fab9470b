//! The one sandboxed Rhai engine: checks scripts and runs them.

use rhai::{AST, Dynamic, Engine, Scope};

use crate::functions::{Context, Failure};
use crate::ir::Script;
use crate::value::Value;

/// The operations that a call may take.
pub const OPERATIONS: u64 = 100_000;
/// How deep calls within a script may nest.
pub const DEPTH: usize = 32;
/// The bytes of a text.
pub const TEXT: usize = 64 * 1024;
/// The items of an array or map.
pub const ITEMS: usize = 10_000;

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_max_operations(OPERATIONS);
    engine.set_max_call_levels(DEPTH);
    engine.set_max_expr_depths(64, 32);
    engine.set_max_string_size(TEXT);
    engine.set_max_array_size(ITEMS);
    engine.set_max_map_size(ITEMS);
    engine.set_max_variables(1_000);
    engine.set_max_functions(100);
    engine.set_max_modules(0);
    engine.disable_symbol("eval");
    engine.disable_symbol("import");
    engine.on_print(|_| {});
    engine.on_debug(|_, _, _| {});
    engine
}

fn wrapped<'a>(name: &str, parameters: impl Iterator<Item = &'a str>, source: &str) -> String {
    let parameters: Vec<&str> = parameters.collect();
    // On the script's own first line, so that positions stay those of the rule file.
    format!("fn {name}({}) {{{source}\n}}", parameters.join(", "))
}

/// Compiles a script; the error has the message and the place in bytes from the source's start.
pub fn check<'a>(
    name: &str,
    parameters: impl Iterator<Item = &'a str>,
    source: &str,
) -> Result<(), (String, Option<usize>)> {
    let text = wrapped(name, parameters, source);
    let prefix = text.len() - source.len() - 2;
    engine().compile(&text).map(|_| ()).map_err(|error| {
        let position = error.position();
        let line = position.line().unwrap_or(1);
        let start: usize = text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum();
        let at = start + position.position().unwrap_or(1).saturating_sub(1);
        let message = error.err_type().to_string();
        let at = at.checked_sub(prefix).filter(|at| *at < source.len());
        (
            format!("the script does not compile: {}", lower(&message)),
            at,
        )
    })
}

fn lower(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or(String::new(), |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

/// A script that is ready to run.
#[derive(Debug)]
pub struct Prepared {
    name: String,
    engine: Engine,
    ast: AST,
}

impl Prepared {
    /// Compiles a script of the IR.
    pub fn new(script: &Script) -> Result<Prepared, String> {
        let parameters = script.parameters.iter().map(String::as_str);
        let text = wrapped(&script.name, parameters, &script.source);
        let engine = engine();
        let ast = engine.compile(&text).map_err(|error| error.to_string())?;
        Ok(Prepared {
            name: script.name.clone(),
            engine,
            ast,
        })
    }

    /// Runs the script. Whatever it does, it ends: limits stop it, and that is a failure of the object.
    pub fn call<'a>(
        &self,
        arguments: &[Value<'a>],
        context: &Context<'a>,
    ) -> Result<Value<'a>, Failure> {
        let arguments: Vec<Dynamic> = arguments.iter().map(|value| to_script(*value)).collect();
        let mut scope = Scope::new();
        let result: Result<Dynamic, _> = self
            .engine
            .call_fn(&mut scope, &self.ast, &self.name, arguments);
        match result {
            Ok(value) => from_script(value, context),
            Err(error) => {
                let words: String = lower(&error.to_string()).chars().take(200).collect();
                Err(Failure::new(
                    "V0150",
                    format!("script `{}` failed: {words}", self.name),
                ))
            }
        }
    }
}

fn to_script(value: Value<'_>) -> Dynamic {
    match value {
        Value::Bool(value) => value.into(),
        Value::Int(number) | Value::Time(number) | Value::Reference(number) => number.into(),
        Value::Text(text) | Value::Dn(text) => text.into(),
        Value::Binary(bytes) => bytes.to_vec().into(),
        Value::List(items) => items
            .iter()
            .map(|item| to_script(*item))
            .collect::<Vec<Dynamic>>()
            .into(),
        Value::Record(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| ((*name).into(), to_script(*value)));
            Dynamic::from_map(fields.collect())
        }
        Value::Absent | Value::Clear | Value::Skip => Dynamic::UNIT,
    }
}

fn from_script<'a>(value: Dynamic, context: &Context<'a>) -> Result<Value<'a>, Failure> {
    if value.is_unit() {
        return Ok(Value::Absent);
    }
    if let Ok(value) = value.as_bool() {
        return Ok(Value::Bool(value));
    }
    if let Ok(number) = value.as_int() {
        return Ok(Value::Int(number));
    }
    if value.is_string() {
        return Ok(context.text(&value.into_string().unwrap_or_default()));
    }
    if value.is_array() {
        let items = value.into_array().unwrap_or_default();
        let items: Result<Vec<Value<'a>>, Failure> = items
            .into_iter()
            .map(|item| from_script(item, context))
            .collect();
        return Ok(Value::list(context.bump, items?));
    }
    Err(Failure::new(
        "V0151",
        "a script gives text, a number, a truth value or a list of them",
    ))
}
