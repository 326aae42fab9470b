//! Parts of texts: every result is a piece of the input.

use super::arguments::{int, text};
use super::parameters::one;
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "Left",
        summary: "The first `count` characters of a text.",
        parameters: &[one("text", Kind::Text), one("count", Kind::Int)],
        result: Shape::One(Kind::Text),
        length: Length::Cut,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("Left(\"Ada\", 2)", "\"Ad\""),
            ("Left(\"Ada\", 0)", "\"\""),
            ("Left(\"Ada\", -1)", "\"Ada\""),
            ("Left(\"Ada\", 10)", "\"Ada\""),
            ("Left([\"Ada\", \"Bo\"], 2)", "[\"Ad\", \"Bo\"]"),
            ("Left(null, 2)", "null"),
        ],
        body: left,
    },
    Function {
        name: "Right",
        summary: "The last `count` characters of a text.",
        parameters: &[one("text", Kind::Text), one("count", Kind::Int)],
        result: Shape::One(Kind::Text),
        length: Length::Cut,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("Right(\"Ada\", 2)", "\"da\""),
            ("Right(\"Ada\", 0)", "\"\""),
            ("Right(\"Ada\", -1)", "\"Ada\""),
            ("Right(\"Ada\", 10)", "\"Ada\""),
        ],
        body: right,
    },
    Function {
        name: "Mid",
        summary: "The `count` characters of a text from position `start` on, counted from 1; a start outside gives the text.",
        parameters: &[
            one("text", Kind::Text),
            one("start", Kind::Int),
            one("count", Kind::Int),
        ],
        result: Shape::One(Kind::Text),
        length: Length::CutMid,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("Mid(\"John Doe\", 3, 4)", "\"hn D\""),
            ("Mid(\"John Doe\", 6, 999)", "\"Doe\""),
            ("Mid(\"John Doe\", 9, 2)", "\"John Doe\""),
            ("Mid(\"John Doe\", 0, 2)", "\"John Doe\""),
            ("Mid(\"John Doe\", 2, 0)", "\"\""),
            ("Mid(\"John Doe\", 2, -1)", "\"John Doe\""),
        ],
        body: mid,
    },
    Function {
        name: "Word",
        summary: "The word of a number, counted from 1, where each character of `delimiters` separates words; \"\" if there are fewer.",
        parameters: &[
            one("text", Kind::Text),
            one("number", Kind::Int),
            one("delimiters", Kind::Text),
        ],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("Word(\"The quick brown fox\", 3, \" \")", "\"brown\""),
            (
                "Word(\"This,string!has&many separators\", 3, \",!&#\")",
                "\"has\"",
            ),
            ("Word(\"a@contoso.com\", 2, \"@\")", "\"contoso.com\""),
            ("Word(\"a,,b\", 2, \",\")", "\"b\""),
            ("Word(\"The quick\", 0, \" \")", "\"\""),
            ("Word(\"The quick\", 3, \" \")", "\"\""),
        ],
        body: word,
    },
    Function {
        name: "Trim",
        summary: "A text without the white space round it.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("Trim(\" Test \")", "\"Test\""),
            (
                "Trim([\" smtp:a@x \", \"SMTP:b@x\"])",
                "[\"smtp:a@x\", \"SMTP:b@x\"]",
            ),
            ("Trim(\"  \")", "\"\""),
        ],
        body: trim,
    },
    Function {
        name: "LTrim",
        summary: "A text without the white space before it.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("LTrim(\" Test \")", "\"Test \""),
            ("LTrim(\"Test\")", "\"Test\""),
        ],
        body: trim_left,
    },
    Function {
        name: "RTrim",
        summary: "A text without the white space after it.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("RTrim(\" Test \")", "\" Test\""),
            ("RTrim(\"Test\")", "\"Test\""),
        ],
        body: trim_right,
    },
];

fn left<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (text, count) = (text(arguments, 0)?, int(arguments, 1)?);
    Ok(Value::Text(first(text, count)))
}

fn right<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (text, count) = (text(arguments, 0)?, int(arguments, 1)?);
    let piece = match usize::try_from(count) {
        Err(_) => text,
        Ok(0) => "",
        Ok(count) => text
            .char_indices()
            .nth_back(count - 1)
            .and_then(|(at, _)| text.get(at..))
            .unwrap_or(text),
    };
    Ok(Value::Text(piece))
}

fn mid<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (text, start, count) = (text(arguments, 0)?, int(arguments, 1)?, int(arguments, 2)?);
    if count <= 0 {
        return Ok(Value::Text(first(text, count)));
    }
    let tail = start
        .checked_sub(1)
        .and_then(|skipped| usize::try_from(skipped).ok())
        .and_then(|skipped| {
            let (at, _) = text.char_indices().nth(skipped)?;
            text.get(at..)
        });
    Ok(Value::Text(tail.map_or(text, |tail| first(tail, count))))
}

/// The first characters, all of them where `count` is negative.
fn first(text: &str, count: i64) -> &str {
    let Ok(count) = usize::try_from(count) else {
        return text;
    };
    text.char_indices()
        .nth(count)
        .and_then(|(end, _)| text.get(..end))
        .unwrap_or(text)
}

fn word<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (text, number, delimiters) = (text(arguments, 0)?, int(arguments, 1)?, text(arguments, 2)?);
    let mut words = text
        .split(|character| delimiters.contains(character))
        .filter(|word| !word.is_empty());
    let skipped = number
        .checked_sub(1)
        .and_then(|skipped| usize::try_from(skipped).ok());
    Ok(Value::Text(
        skipped.and_then(|skipped| words.nth(skipped)).unwrap_or(""),
    ))
}

fn trim<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Text(text(arguments, 0)?.trim()))
}

fn trim_left<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Text(text(arguments, 0)?.trim_start()))
}

fn trim_right<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Text(text(arguments, 0)?.trim_end()))
}
