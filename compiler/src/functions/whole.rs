//! Functions of values of any type.

use super::arguments::get;
use super::parameters::{repeated, whole};
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "Coalesce",
        summary: "The first argument that is present; the operator `??` does the same.",
        parameters: &[repeated("value", Shape::Whole(Kind::Any))],
        result: Shape::Whole(Kind::Any),
        length: Length::Unknown,
        absence: Absence::Body,
        effect: Effect::Pure,
        examples: &[
            (
                "Coalesce(null, \"John.Doe@contoso.com\")",
                "\"John.Doe@contoso.com\"",
            ),
            ("Coalesce(1, 2)", "1"),
            ("Coalesce(null, null)", "null"),
        ],
        body: coalesce,
    },
    Function {
        name: "FirstUnique",
        summary: "The first candidate that is present and that nobody in the target has; where there is no target, the first.",
        parameters: &[repeated("candidate", Shape::Whole(Kind::Text))],
        result: Shape::Whole(Kind::Text),
        length: Length::Unknown,
        absence: Absence::Body,
        effect: Effect::Random,
        examples: &[
            ("FirstUnique(\"john.smith\", \"j.smith\")", "\"john.smith\""),
            ("FirstUnique(null, \"j.smith\")", "\"j.smith\""),
            ("FirstUnique(null, null)", "null"),
        ],
        body: coalesce,
    },
    Function {
        name: "Redact",
        summary: "The value itself, which is not to be shown.",
        parameters: &[whole("value")],
        result: Shape::Whole(Kind::Any),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[("Redact(\"1234\")", "\"1234\""), ("Redact(null)", "null")],
        body: redact,
    },
];

fn coalesce<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(arguments
        .iter()
        .copied()
        .find(|value| value.is_present())
        .unwrap_or(Value::Absent))
}

fn redact<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(get(arguments, 0))
}
