//! Questions about a value.

use super::arguments::get;
use super::convert::number;
use super::date_read;
use super::parameters::{one, whole};
use super::{Absence, Body, Context, Effect, Failure, Function, Kind, Length, Parameter, Shape};
use crate::notation::guid;
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    test(
        "IsPresent",
        "Whether there is a value, and it is not \"\".",
        &[whole("value")],
        &[
            ("IsPresent(\"a\")", "true"),
            ("IsPresent(false)", "true"),
            ("IsPresent(\"\")", "false"),
            ("IsPresent(null)", "false"),
        ],
        is_present,
    ),
    test(
        "IsNullOrEmpty",
        "Whether there is no value, or it is \"\".",
        &[whole("value")],
        &[
            ("IsNullOrEmpty(null)", "true"),
            ("IsNullOrEmpty(\"\")", "true"),
            ("IsNullOrEmpty(\" \")", "false"),
            ("IsNullOrEmpty([\"a\", \"b\"])", "false"),
        ],
        is_null_or_empty,
    ),
    test(
        "IsNull",
        "Whether there is no value.",
        &[whole("value")],
        &[
            ("IsNull(null)", "true"),
            ("IsNull(\"\")", "false"),
            ("IsNull(0)", "false"),
        ],
        is_null,
    ),
    test(
        "IsEmpty",
        "Whether there is a value and it is \"\".",
        &[whole("value")],
        &[
            ("IsEmpty(\"\")", "true"),
            ("IsEmpty(\"a\")", "false"),
            ("IsEmpty(null)", "false"),
        ],
        is_empty,
    ),
    test(
        "IsString",
        "Whether a value is a text.",
        &[whole("value")],
        &[
            ("IsString(\"a\")", "true"),
            ("IsString(hex \"00ff\")", "false"),
            ("IsString(1)", "false"),
            ("IsString(null)", "false"),
        ],
        is_string,
    ),
    test(
        "IsNumeric",
        "Whether a value is a number, or a text that `CNum` reads.",
        &[one("value", Kind::Any)],
        &[
            ("IsNumeric(\"42\")", "true"),
            ("IsNumeric(42)", "true"),
            ("IsNumeric(\"4b\")", "false"),
            ("IsNumeric(null)", "false"),
        ],
        is_numeric,
    ),
    test(
        "IsDate",
        "Whether a value is a time, or a text that `CDate` reads.",
        &[one("value", Kind::Any)],
        &[
            ("IsDate(\"12/25/2007\")", "true"),
            ("IsDate(\"25/12/2007\")", "false"),
            ("IsDate(time \"2026-01-31T00:00:00Z\")", "true"),
            ("IsDate(null)", "false"),
        ],
        is_date,
    ),
    test(
        "IsGuid",
        "Whether a text is a guid, with or without braces.",
        &[one("text", Kind::Text)],
        &[
            ("IsGuid(\"{03020100-0504-0706-0809-0a0b0c0d0e0f}\")", "true"),
            ("IsGuid(\"not-a-guid\")", "false"),
            ("IsGuid(null)", "false"),
        ],
        is_guid,
    ),
];

/// A function that answers with true or false, of absence too.
const fn test(
    name: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    examples: &'static [(&'static str, &'static str)],
    body: Body,
) -> Function {
    let result = Shape::One(Kind::Bool);
    let (length, absence, effect) = (Length::Unknown, Absence::Never, Effect::Pure);
    Function {
        name,
        summary,
        parameters,
        result,
        length,
        absence,
        effect,
        examples,
        body,
    }
}

fn is_present<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let value = get(arguments, 0);
    Ok(Value::Bool(value.is_present() && value != Value::Text("")))
}

fn is_null_or_empty<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let value = get(arguments, 0);
    Ok(Value::Bool(!value.is_present() || value == Value::Text("")))
}

fn is_null<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Bool(!get(arguments, 0).is_present()))
}

fn is_empty<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Bool(get(arguments, 0) == Value::Text("")))
}

fn is_string<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let value = get(arguments, 0);
    let texts = value
        .items()
        .iter()
        .all(|item| matches!(item, Value::Text(_)));
    Ok(Value::Bool(value.is_present() && texts))
}

fn is_numeric<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Bool(match get(arguments, 0) {
        Value::Int(_) => true,
        Value::Text(text) => number(text).is_some(),
        _ => false,
    }))
}

fn is_date<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Bool(match get(arguments, 0) {
        Value::Time(_) => true,
        Value::Text(text) => date_read::read(text).is_some(),
        _ => false,
    }))
}

fn is_guid<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = get(arguments, 0).as_text();
    Ok(Value::Bool(
        text.is_some_and(|text| guid::parse(text).is_some()),
    ))
}
