//! Arguments read as what a function takes.

use super::{Failure, Kind, codes};
use crate::notation;
use crate::value::{Ticks, Value};

/// A value in a message, cut to a length that fits one line.
pub(super) fn shown(text: &str) -> String {
    const LENGTH: usize = 60;
    match text.char_indices().nth(LENGTH) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The text at `at`.
pub(super) fn text<'a>(arguments: &[Value<'a>], at: usize) -> Result<&'a str, Failure> {
    let value = get(arguments, at);
    value
        .as_text()
        .ok_or_else(|| wrong_type(value, at, "a text"))
}

/// The integer at `at`.
pub(super) fn int(arguments: &[Value<'_>], at: usize) -> Result<i64, Failure> {
    match get(arguments, at) {
        Value::Int(number) => Ok(number),
        other => Err(wrong_type(other, at, "a number")),
    }
}

/// The instant at `at`.
pub(super) fn time(arguments: &[Value<'_>], at: usize) -> Result<Ticks, Failure> {
    match get(arguments, at) {
        Value::Time(ticks) => Ok(ticks),
        other => Err(wrong_type(other, at, "a time")),
    }
}

/// The bytes at `at`.
pub(super) fn binary<'a>(arguments: &[Value<'a>], at: usize) -> Result<&'a [u8], Failure> {
    match get(arguments, at) {
        Value::Binary(bytes) => Ok(bytes),
        other => Err(wrong_type(other, at, "a binary")),
    }
}

/// The text at `at`, unless it was left out.
pub(super) fn optional_text<'a>(
    arguments: &[Value<'a>],
    at: usize,
) -> Result<Option<&'a str>, Failure> {
    if get(arguments, at).is_present() {
        text(arguments, at).map(Some)
    } else {
        Ok(None)
    }
}

/// The integer at `at`, unless it was left out.
pub(super) fn optional_int(arguments: &[Value<'_>], at: usize) -> Result<Option<i64>, Failure> {
    if get(arguments, at).is_present() {
        int(arguments, at).map(Some)
    } else {
        Ok(None)
    }
}

/// The argument at `at`, absent where it was left out.
pub(super) fn get<'a>(arguments: &[Value<'a>], at: usize) -> Value<'a> {
    arguments.get(at).copied().unwrap_or(Value::Absent)
}

/// The values of the set at `at`.
pub(super) fn items<'v, 'a>(arguments: &'v [Value<'a>], at: usize) -> &'v [Value<'a>] {
    arguments.get(at).map_or(&[], Value::items)
}

/// The word at `at` in the spelling of `kind`, which lists what it may be; case does not matter.
pub(super) fn word<'a>(
    arguments: &[Value<'a>],
    at: usize,
    kind: Kind,
) -> Result<Option<&'a str>, Failure> {
    let Some(word) = optional_text(arguments, at)? else {
        return Ok(None);
    };
    let Kind::Word(words) = kind else {
        return Ok(Some(word));
    };
    match words.iter().find(|known| known.eq_ignore_ascii_case(word)) {
        Some(known) => Ok(Some(known)),
        None => {
            let message = format!("`{}` is not one of `{}`", shown(word), words.join("`, `"));
            Err(Failure::new(codes::BAD_ARGUMENT, message))
        }
    }
}

/// The failure of a value that does not read as `wanted`.
pub(super) fn unreadable(text: &str, wanted: &str) -> Failure {
    Failure::new(
        codes::UNREADABLE,
        format!("`{}` is not {wanted}", shown(text)),
    )
}

/// The failure of a value of the wrong type.
pub(super) fn wrong_type(value: Value<'_>, at: usize, wanted: &str) -> Failure {
    let message = format!(
        "argument {} is `{}`, but {wanted} is wanted",
        at + 1,
        described(value)
    );
    Failure::new(codes::WRONG_TYPE, message)
}

/// A value of any type in a message.
pub(super) fn described(value: Value<'_>) -> String {
    match value {
        Value::Absent => "null".to_owned(),
        Value::Clear => "clear".to_owned(),
        Value::Skip => "skip".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) | Value::Dn(text) => shown(text),
        Value::Binary(bytes) => shown(&notation::hex::print(bytes.get(..40).unwrap_or(bytes))),
        Value::Time(ticks) => notation::time::print(ticks),
        Value::Reference(_) => "a reference".to_owned(),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Record(_) => "a record".to_owned(),
    }
}
