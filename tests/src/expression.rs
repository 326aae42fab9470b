//! Expressions on their own, as `trib eval` takes them.

use bumpalo::Bump;
use serde_json::Value;
use trib_compiler::diagnostics::{Diagnostic, Severity};
use trib_compiler::{Sources, check_expression};
use trib_runtime::eval::{Env, Frame, Layout, Linker, Object};
use trib_runtime::json::to_json;
use trib_runtime::object::Row;

/// The value of an expression as JSON, or why there is none.
pub fn value(expression: &str) -> Result<Value, String> {
    let mut sources = Sources::default();
    let file = sources.add("example", "");
    let (parsed, errors) = trib_grammar::parse_expression(file, expression);
    let Some(parsed) = parsed.filter(|_| errors.is_empty()) else {
        return Err(format!("`{expression}` does not parse: {errors:?}"));
    };
    let (evaluable, found) = check_expression(&mut sources, file, &parsed, None);
    let error = |found: &&Diagnostic| found.severity() == Severity::Error;
    let errors: Vec<&str> = found
        .iter()
        .filter(error)
        .map(|found| found.message.as_str())
        .collect();
    let Some(evaluable) = evaluable.filter(|_| errors.is_empty()) else {
        return Err(errors.join("; "));
    };
    let layout = Layout::default();
    let linker = Linker { layout: &layout };
    let node = linker
        .link(&evaluable.typed.expr)
        .map_err(|error| error.to_string())?;
    let bump = Bump::new();
    let env = Env {
        object: Object::of(Row::default(), ""),
        bump: &bump,
        now: 0,
        parameters: &[],
        scripts: &[],
        counts: None,
        due: None,
    };
    let result = env.eval(&node, &mut Frame::default());
    result.map(to_json).map_err(|failure| failure.message)
}
