//! The one sandboxed Rhai engine: checks scripts and runs them.

use std::cell::Cell;

use rhai::{AST, Dynamic, Engine, EvalAltResult, Scope};

use crate::functions::{Context, Failure, codes};
use crate::ir::Script;
use crate::types::{Base, Type};
use crate::value::Value;

/// The operations that a call may take.
pub const OPERATIONS: u64 = 100_000;
/// The operations of all script calls that one rule makes for one object.
pub const OPERATIONS_OF_RULE: u64 = 1_000_000;
/// How deep calls within a script may nest.
pub const DEPTH: usize = 32;
/// The bytes of a text.
pub const TEXT: usize = 64 * 1024;
/// The items of an array or map.
pub const ITEMS: usize = 10_000;

thread_local! {
    /// Operations of the call that runs on this thread.
    static SPENT: Cell<u64> = const { Cell::new(0) };
}

/// What is left of the operations that a rule has for an object.
#[derive(Debug)]
pub struct Allowance(u64);

impl Default for Allowance {
    fn default() -> Allowance {
        Allowance(OPERATIONS_OF_RULE)
    }
}

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
    for symbol in ["print", "debug"] {
        engine.disable_symbol(symbol);
    }
    // Limits count operations, and a sleeping script makes none.
    engine.register_fn("sleep", |_: rhai::INT| awake());
    engine.register_fn("sleep", |_: rhai::FLOAT| awake());
    engine.on_progress(|operations| {
        SPENT.set(operations);
        None
    });
    engine
}

fn awake() -> Result<(), Box<EvalAltResult>> {
    Err("scripts do not sleep".into())
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
        let lines = text.split_inclusive('\n');
        let start: usize = lines.clone().take(line - 1).map(str::len).sum();
        // Rhai counts characters.
        let before = position.position().unwrap_or(1).saturating_sub(1);
        let line = lines.clone().nth(line - 1).unwrap_or_default();
        let column = line.char_indices().nth(before);
        let at = start + column.map_or(line.len(), |(at, _)| at);
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
    result: Type,
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
            result: script.result.clone(),
            engine,
            ast,
        })
    }

    /// Runs the script. Whatever it does, it ends: limits stop it, and that is a failure of the object.
    pub fn call<'a>(
        &self,
        arguments: &[Value<'a>],
        context: &Context<'a>,
        allowance: &mut Allowance,
    ) -> Result<Value<'a>, Failure> {
        if allowance.0 == 0 {
            let message = format!(
                "script `{}` failed: scripts took more than {OPERATIONS_OF_RULE} operations for this object",
                self.name
            );
            return Err(Failure::new(codes::SCRIPT_FAILED, message));
        }
        SPENT.set(0);
        let arguments: Vec<Dynamic> = arguments.iter().map(|value| to_script(*value)).collect();
        let mut scope = Scope::new();
        let result: Result<Dynamic, _> = self
            .engine
            .call_fn(&mut scope, &self.ast, &self.name, arguments);
        allowance.0 = allowance.0.saturating_sub(SPENT.get());
        match result {
            Ok(value) => self.result(value, context),
            Err(error) => {
                let words: String = lower(&error.to_string()).chars().take(200).collect();
                Err(Failure::new(
                    codes::SCRIPT_FAILED,
                    format!("script `{}` failed: {words}", self.name),
                ))
            }
        }
    }

    /// What the script gave, if it is of the declared type.
    fn result<'a>(&self, value: Dynamic, context: &Context<'a>) -> Result<Value<'a>, Failure> {
        if value.is_unit() {
            return Ok(Value::Absent);
        }
        let base = &self.result.base;
        let given = value.type_name();
        let found = match (self.result.many, value.is_array()) {
            (false, false) => from_script(value, base, context),
            (true, true) => {
                let items = value.into_array().unwrap_or_default().into_iter();
                let items: Option<Vec<Value<'a>>> =
                    items.map(|item| from_script(item, base, context)).collect();
                items.map(|items| Value::list(context.bump, items))
            }
            _ => None,
        };
        found.ok_or_else(|| {
            let message = format!(
                "script `{}` gave a value of Rhai's type `{given}` that is no `{}`",
                self.name, self.result
            );
            Failure::new(codes::SCRIPT_RESULT, message)
        })
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

/// A single value of the declared type, or none where the script gave another.
fn from_script<'a>(value: Dynamic, base: &Base, context: &Context<'a>) -> Option<Value<'a>> {
    Some(match base {
        Base::Bool => Value::Bool(value.as_bool().ok()?),
        Base::Int => Value::Int(value.as_int().ok()?),
        Base::Time => Value::Time(value.as_int().ok()?),
        Base::Text(longest) => {
            let text = value.into_string().ok()?;
            let fits = longest.is_none_or(|longest| text.chars().count() <= longest as usize);
            fits.then(|| context.text(&text))?
        }
        Base::Dn => Value::Dn(context.bump.alloc_str(&value.into_string().ok()?)),
        Base::Binary | Base::Guid | Base::Sid => {
            Value::Binary(context.bump.alloc_slice_copy(&value.into_blob().ok()?))
        }
        Base::Ref(_) | Base::Record(_) | Base::Nothing | Base::Error => return None,
    })
}
