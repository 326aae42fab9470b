//! Bits of numbers.

use super::arguments::int;
use super::parameters::one;
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "BitAnd",
        summary: "The bits that both numbers have.",
        parameters: &[one("a", Kind::Int), one("b", Kind::Int)],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("BitAnd(0xF, 0xF7)", "7"),
            ("BitAnd(-2147483646, -2147483648)", "-2147483648"),
            ("BitAnd(null, 1)", "null"),
        ],
        body: bit_and,
    },
    Function {
        name: "BitOr",
        summary: "The bits that either number has.",
        parameters: &[one("a", Kind::Int), one("b", Kind::Int)],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("BitOr(512, 2)", "514"),
            ("BitOr(514, 2)", "514"),
            ("BitOr(1, null)", "null"),
        ],
        body: bit_or,
    },
    Function {
        name: "IsBitSet",
        summary: "Whether a number has any bit of `mask`.",
        parameters: &[one("number", Kind::Int), one("mask", Kind::Int)],
        result: Shape::One(Kind::Bool),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("IsBitSet(0xF, 4)", "true"),
            ("IsBitSet(512, 2)", "false"),
            ("IsBitSet(2, 3)", "true"),
            ("IsBitSet(null, 2)", "null"),
        ],
        body: is_bit_set,
    },
];

fn bit_and<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Int(int(arguments, 0)? & int(arguments, 1)?))
}

fn bit_or<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Int(int(arguments, 0)? | int(arguments, 1)?))
}

fn is_bit_set<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Bool(int(arguments, 0)? & int(arguments, 1)? != 0))
}
