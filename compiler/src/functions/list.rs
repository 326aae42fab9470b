//! Sets of values.

use std::collections::HashSet;

use super::arguments::{get, int, items, optional_int, optional_text, shown, text, wrong_type};
use super::building::{Building, reserve};
use super::parameters::{many, one, optional};
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape, codes};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "Count",
        summary: "The number of values, 0 if there are none.",
        parameters: &[many("values", Kind::Any)],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Never,
        effect: Effect::Pure,
        examples: &[
            ("Count([\"a\", \"b\"])", "2"),
            ("Count(\"a\")", "1"),
            ("Count(null)", "0"),
        ],
        body: count,
    },
    Function {
        name: "First",
        summary: "The first value.",
        parameters: &[many("values", Kind::Any)],
        result: Shape::One(Kind::Any),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("First([\"a\", \"b\"])", "\"a\""),
            ("First([1,])", "1"),
            ("First(null)", "null"),
        ],
        body: first,
    },
    Function {
        name: "Last",
        summary: "The last value.",
        parameters: &[many("values", Kind::Any)],
        result: Shape::One(Kind::Any),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[("Last([\"a\", \"b\"])", "\"b\""), ("Last(null)", "null")],
        body: last,
    },
    Function {
        name: "Item",
        summary: "The value of a number, counted from 1; an error if there is none.",
        parameters: &[many("values", Kind::Any), one("number", Kind::Int)],
        result: Shape::One(Kind::Any),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("Item([\"first\", \"second\"], 1)", "\"first\""),
            ("Item([10, 20], 2)", "20"),
            ("Item(null, 1)", "null"),
        ],
        body: item,
    },
    Function {
        name: "ItemOrNull",
        summary: "The value of a number, counted from 1; absent if there is none.",
        parameters: &[many("values", Kind::Any), one("number", Kind::Int)],
        result: Shape::One(Kind::Any),
        length: Length::Argument(0),
        absence: Absence::StrictOrAbsent,
        effect: Effect::Pure,
        examples: &[
            ("ItemOrNull([\"first\", \"second\"], 2)", "\"second\""),
            ("ItemOrNull([\"first\", \"second\"], 3)", "null"),
            ("ItemOrNull([\"first\", \"second\"], 0)", "null"),
        ],
        body: item_or_null,
    },
    Function {
        name: "Join",
        summary: "All values in one text, with a delimiter between them, otherwise a space.",
        parameters: &[
            many("values", Kind::Text),
            optional("delimiter", Kind::Text),
        ],
        result: Shape::One(Kind::Text),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("Join([\"a\", \"b\"])", "\"a b\""),
            ("Join([\"a\", \"b\", \"c\"], \", \")", "\"a, b, c\""),
            ("Join([\"a\", \"b\"], \"\")", "\"ab\""),
            ("Join(\"a\", \", \")", "\"a\""),
        ],
        body: join,
    },
    Function {
        name: "Split",
        summary: "The pieces of a text between the places of one character; of at most `limit` pieces the last has the rest.",
        parameters: &[
            one("text", Kind::Text),
            one("delimiter", Kind::Text),
            optional("limit", Kind::Int),
        ],
        result: Shape::Many(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("Split(\"a;b\", \";\")", "[\"a\", \"b\"]"),
            ("Split(\"a;b;c\", \";\", 2)", "[\"a\", \"b;c\"]"),
            ("Split(\"a;;b\", \";\")", "[\"a\", \"\", \"b\"]"),
            ("Split(\"a\", \";\")", "[\"a\",]"),
        ],
        body: split,
    },
    Function {
        name: "RemoveDuplicates",
        summary: "The values without those that are exactly like an earlier one.",
        parameters: &[many("values", Kind::Any)],
        result: Shape::Many(Kind::Any),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("RemoveDuplicates([\"a\", \"b\", \"a\"])", "[\"a\", \"b\"]"),
            ("RemoveDuplicates([\"a\", \"A\"])", "[\"a\", \"A\"]"),
            ("RemoveDuplicates(null)", "null"),
        ],
        body: remove_duplicates,
    },
    Function {
        name: "Primary",
        summary: "The primary address of `proxyAddresses`: what stands behind `SMTP:`; absent if there is none.",
        parameters: &[many("addresses", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::StrictOrAbsent,
        effect: Effect::Pure,
        examples: &[
            (
                "Primary([\"smtp:jd@contoso.com\", \"SMTP:john.doe@contoso.com\"])",
                "\"john.doe@contoso.com\"",
            ),
            ("Primary([\"smtp:jd@contoso.com\",])", "null"),
            ("Primary(null)", "null"),
        ],
        body: primary,
    },
];

fn count<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Int(items(arguments, 0).len() as i64))
}

fn first<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(items(arguments, 0)
        .first()
        .copied()
        .unwrap_or(Value::Absent))
}

fn last<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(items(arguments, 0).last().copied().unwrap_or(Value::Absent))
}

fn item<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let found = item_or_null(arguments, context)?;
    if found.is_present() {
        return Ok(found);
    }
    let (number, count) = (int(arguments, 1)?, items(arguments, 0).len());
    let message = format!("there is no value `{number}`, they count from 1 to {count}");
    Err(Failure::new(codes::OUT_OF_BOUNDS, message))
}

fn item_or_null<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let at = int(arguments, 1)?
        .checked_sub(1)
        .and_then(|at| usize::try_from(at).ok());
    Ok(at
        .and_then(|at| items(arguments, 0).get(at).copied())
        .unwrap_or(Value::Absent))
}

fn join<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let delimiter = optional_text(arguments, 1)?.unwrap_or(" ");
    if let [Value::Text(only)] = items(arguments, 0) {
        return Ok(Value::Text(only));
    }
    let mut joined = Building::new(context, 0);
    for (at, value) in items(arguments, 0).iter().enumerate() {
        if at > 0 {
            joined.push_str(delimiter)?;
        }
        joined.push_str(
            value
                .as_text()
                .ok_or_else(|| wrong_type(*value, 0, "a set of texts"))?,
        )?;
    }
    Ok(joined.finish())
}

fn split<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (text, delimiter) = (text(arguments, 0)?, text(arguments, 1)?);
    let mut characters = delimiter.chars();
    let (Some(delimiter), None) = (characters.next(), characters.next()) else {
        let message = format!("the delimiter is one character, not `{}`", shown(delimiter));
        return Err(Failure::new(codes::BAD_ARGUMENT, message));
    };
    let limit = match optional_int(arguments, 2)? {
        None => usize::MAX,
        Some(limit) if limit >= 1 => usize::try_from(limit).unwrap_or(usize::MAX),
        Some(limit) => {
            let message = format!("the limit is at least 1, not `{limit}`");
            return Err(Failure::new(codes::OUT_OF_BOUNDS, message));
        }
    };
    let pieces = text.matches(delimiter).count().min(limit);
    reserve(0, pieces.saturating_mul(size_of::<Value<'_>>()))?;
    Ok(Value::list(
        context.bump,
        text.splitn(limit, delimiter).map(Value::Text),
    ))
}

/// A value by which equal ones are found fast.
#[derive(PartialEq, Eq, Hash)]
enum Key<'v> {
    Bool(bool),
    Int(i64),
    Text(&'v str),
    Binary(&'v [u8]),
    Time(i64),
    Dn(&'v str),
    Reference(i64),
}

fn key<'v>(value: &Value<'v>) -> Option<Key<'v>> {
    match *value {
        Value::Bool(truth) => Some(Key::Bool(truth)),
        Value::Int(number) => Some(Key::Int(number)),
        Value::Text(text) => Some(Key::Text(text)),
        Value::Binary(bytes) => Some(Key::Binary(bytes)),
        Value::Time(ticks) => Some(Key::Time(ticks)),
        Value::Dn(dn) => Some(Key::Dn(dn)),
        Value::Reference(id) => Some(Key::Reference(id)),
        Value::Absent | Value::Clear | Value::Skip | Value::List(_) | Value::Record(_) => None,
    }
}

fn remove_duplicates<'a>(
    arguments: &[Value<'a>],
    context: &Context<'a>,
) -> Result<Value<'a>, Failure> {
    let mut seen = HashSet::new();
    let mut compound: Vec<Value<'a>> = Vec::new();
    let unique = items(arguments, 0)
        .iter()
        .copied()
        .filter(|value| match key(value) {
            Some(key) => seen.insert(key),
            None => {
                let new = !compound.contains(value);
                if new {
                    compound.push(*value);
                }
                new
            }
        });
    match get(arguments, 0) {
        list @ Value::List(_) => {
            let unique = Value::list(context.bump, unique);
            Ok(if unique.items().len() == list.items().len() {
                list
            } else {
                unique
            })
        }
        single => Ok(single),
    }
}

fn primary<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    for value in items(arguments, 0) {
        let address = value
            .as_text()
            .ok_or_else(|| wrong_type(*value, 0, "a set of texts"))?;
        if let Some(primary) = address.strip_prefix("SMTP:") {
            return Ok(Value::Text(primary));
        }
    }
    Ok(Value::Absent)
}
