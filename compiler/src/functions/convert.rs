//! From one type to another.

use super::arguments::{get, text, unreadable, wrong_type};
use super::date_read;
use super::parameters::one;
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape};
use crate::notation::{guid, time};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CStr",
        summary: "A value as text: numbers in decimal, `True` or `False`, times in RFC 3339.",
        parameters: &[one("value", Kind::Any)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("CStr(42)", "\"42\""),
            ("CStr(true)", "\"True\""),
            ("CStr(\"a\")", "\"a\""),
            (
                "CStr(time \"2026-01-31T00:00:00Z\")",
                "\"2026-01-31T00:00:00Z\"",
            ),
            ("CStr(null)", "null"),
        ],
        body: to_text,
    },
    Function {
        name: "CNum",
        summary: "The number that a text spells in decimal.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("CNum(\"42\")", "42"),
            ("CNum(\" -7 \")", "-7"),
            ("CNum(null)", "null"),
        ],
        body: to_number,
    },
    Function {
        name: "CBool",
        summary: "Whether a value is true, a number other than 0, or a text that spells one of them; false if it is absent.",
        parameters: &[one("value", Kind::Any)],
        result: Shape::One(Kind::Bool),
        length: Length::Unknown,
        absence: Absence::Never,
        effect: Effect::Pure,
        examples: &[
            ("CBool(1)", "true"),
            ("CBool(0)", "false"),
            ("CBool(\"True\")", "true"),
            ("CBool(1 == 2)", "false"),
            ("CBool(null)", "false"),
        ],
        body: to_bool,
    },
    Function {
        name: "CDate",
        summary: "The time that a text spells, such as `2013-01-10 4:00 PM -8` or `12/25/2007`; UTC if it names no zone.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Time),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "CDate(\"2013-01-10 4:00 PM -8\")",
                "time \"2013-01-11T00:00:00Z\"",
            ),
            ("CDate(\"12/25/2007\")", "time \"2007-12-25T00:00:00Z\""),
            (
                "CDate(\"2021-06-30+08:00\")",
                "time \"2021-06-29T16:00:00Z\"",
            ),
            ("CDate(null)", "null"),
        ],
        body: to_time,
    },
    Function {
        name: "CGuid",
        summary: "The guid that a text spells, with or without braces.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Guid),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "CGuid(\"{03020100-0504-0706-0809-0A0B0C0D0E0F}\")",
                "guid \"03020100-0504-0706-0809-0a0b0c0d0e0f\"",
            ),
            (
                "CGuid(\"03020100-0504-0706-0809-0a0b0c0d0e0f\") == hex \"000102030405060708090a0b0c0d0e0f\"",
                "true",
            ),
            ("CGuid(null)", "null"),
        ],
        body: to_guid,
    },
];

/// The number that a text spells.
pub(super) fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn to_text<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(match get(arguments, 0) {
        Value::Text(text) | Value::Dn(text) => Value::Text(text),
        Value::Bool(true) => Value::Text("True"),
        Value::Bool(false) => Value::Text("False"),
        Value::Int(number) => context.text(&number.to_string()),
        Value::Time(ticks) => context.text(&time::print(ticks)),
        other => return Err(wrong_type(other, 0, "a text, number, truth, time or dn")),
    })
}

fn to_number<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    number(text)
        .map(Value::Int)
        .ok_or_else(|| unreadable(text, "a whole number of 64 bits"))
}

fn to_bool<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let truth = match get(arguments, 0) {
        Value::Absent | Value::Clear | Value::Skip => false,
        Value::Bool(truth) => truth,
        Value::Int(number) => number != 0,
        Value::Text(text) => match text.trim() {
            spelled if spelled.eq_ignore_ascii_case("true") => true,
            spelled if spelled.eq_ignore_ascii_case("false") => false,
            other => number(other).ok_or_else(|| unreadable(text, "true, false or a number"))? != 0,
        },
        other => return Err(wrong_type(other, 0, "a truth, number or text")),
    };
    Ok(Value::Bool(truth))
}

fn to_time<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    date_read::read(text)
        .map(Value::Time)
        .ok_or_else(|| unreadable(text, "a time"))
}

fn to_guid<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    let bytes = guid::parse(text).ok_or_else(|| unreadable(text, "a guid"))?;
    Ok(context.binary(&bytes))
}
