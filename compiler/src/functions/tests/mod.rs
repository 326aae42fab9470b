mod binary;
mod certificates;
mod dates;
mod declarations;
mod limits;
mod lists;
mod properties;
mod random;
mod texts;

use bumpalo::Bump;

use super::{Context, Failure, find};
use crate::notation::time;
use crate::value::{Ticks, Value};

/// 2026-01-31T12:00:00Z
const NOW: Ticks = 134_143_344_000_000_000;

/// Calls a function as the evaluator does once arguments are single values.
fn call<'a>(bump: &'a Bump, name: &str, arguments: &[Value<'a>]) -> Result<Value<'a>, Failure> {
    (find(name).unwrap().body)(arguments, &Context { bump, now: NOW })
}

/// The call gives this value.
fn gives(name: &str, arguments: &[Value<'_>], expected: Value<'_>) {
    let bump = Bump::new();
    let given = call(&bump, name, arguments);
    assert!(
        given.as_ref().is_ok_and(|given| *given == expected),
        "{name} {arguments:?}: {given:?}, expected {expected:?}"
    );
}

/// The call fails with this code and a message that contains the text.
fn fails(name: &str, arguments: &[Value<'_>], code: &str, message: &str) {
    let bump = Bump::new();
    let failure = call(&bump, name, arguments).unwrap_err();
    assert_eq!(
        failure.code, code,
        "{name} {arguments:?}: {}",
        failure.message
    );
    assert!(
        failure.message.contains(message),
        "{name} {arguments:?}: {}",
        failure.message
    );
}

fn t(text: &str) -> Value<'_> {
    Value::Text(text)
}

fn i(number: i64) -> Value<'static> {
    Value::Int(number)
}

fn b(truth: bool) -> Value<'static> {
    Value::Bool(truth)
}

/// A time in RFC 3339.
fn at(text: &str) -> Value<'static> {
    Value::Time(time::parse(text).unwrap())
}

const ABSENT: Value<'static> = Value::Absent;
