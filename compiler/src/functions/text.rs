//! Length, padding and joining of texts.

use super::arguments::{int, optional_text, shown, text};
use super::building::{Building, reserve};
use super::parameters::{one, repeated};
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape, codes};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "Len",
        summary: "The number of characters of a text, 0 if there is none.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Never,
        effect: Effect::Pure,
        examples: &[
            ("Len(\"John Doe\")", "8"),
            ("Len(\"Zoë\")", "3"),
            ("Len(\"\")", "0"),
            ("Len(null)", "0"),
        ],
        body: len,
    },
    Function {
        name: "PadLeft",
        summary: "A text with `filler` before it, so that it has at least `length` characters.",
        parameters: &[
            one("text", Kind::Text),
            one("length", Kind::Int),
            one("filler", Kind::Text),
        ],
        result: Shape::One(Kind::Text),
        length: Length::Pad,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("PadLeft(\"42\", 5, \"0\")", "\"00042\""),
            ("PadLeft(\"123456\", 5, \"0\")", "\"123456\""),
            ("PadLeft(null, 5, \"0\")", "null"),
        ],
        body: pad_left,
    },
    Function {
        name: "PadRight",
        summary: "A text with `filler` after it, so that it has at least `length` characters.",
        parameters: &[
            one("text", Kind::Text),
            one("length", Kind::Int),
            one("filler", Kind::Text),
        ],
        result: Shape::One(Kind::Text),
        length: Length::Pad,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("PadRight(\"User\", 8, \"0\")", "\"User0000\""),
            ("PadRight(\"User\", -1, \"0\")", "\"User\""),
        ],
        body: pad_right,
    },
    Function {
        name: "Append",
        summary: "A text with a suffix.",
        parameters: &[one("text", Kind::Text), one("suffix", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Sum,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "Append(\"John.Doe@contoso.com\", \".test\")",
                "\"John.Doe@contoso.com.test\"",
            ),
            ("Append(null, \".test\")", "null"),
        ],
        body: concat,
    },
    Function {
        name: "Concat",
        summary: "All texts one after the other; an absent one counts as \"\".",
        parameters: &[repeated("text", Shape::One(Kind::Text))],
        result: Shape::One(Kind::Text),
        length: Length::Sum,
        absence: Absence::Never,
        effect: Effect::Pure,
        examples: &[
            ("Concat(\"Ada\", \" \", \"Lovelace\")", "\"Ada Lovelace\""),
            ("Concat(\"Ada\", null)", "\"Ada\""),
            ("Concat(null)", "\"\""),
        ],
        body: concat,
    },
];

fn len<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let count = optional_text(arguments, 0)?.map_or(0, |text| text.chars().count());
    Ok(Value::Int(count as i64))
}

fn pad_left<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let Some((text, filler, missing)) = padding(arguments)? else {
        return text(arguments, 0).map(Value::Text);
    };
    let mut padded = Building::new(context, text.len() + missing * filler.len_utf8());
    for _ in 0..missing {
        padded.push(filler)?;
    }
    padded.push_str(text)?;
    Ok(padded.finish())
}

fn pad_right<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let Some((text, filler, missing)) = padding(arguments)? else {
        return text(arguments, 0).map(Value::Text);
    };
    let mut padded = Building::new(context, text.len() + missing * filler.len_utf8());
    padded.push_str(text)?;
    for _ in 0..missing {
        padded.push(filler)?;
    }
    Ok(padded.finish())
}

/// Text, filler and how many of it are missing; `None` where the text is long enough.
fn padding<'a>(arguments: &[Value<'a>]) -> Result<Option<(&'a str, char, usize)>, Failure> {
    let (text, length, filler) = (text(arguments, 0)?, int(arguments, 1)?, text(arguments, 2)?);
    let mut characters = filler.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else {
        let message = format!("the filler is one character, not `{}`", shown(filler));
        return Err(Failure::new(codes::BAD_ARGUMENT, message));
    };
    let present = text.chars().count();
    match usize::try_from(length)
        .ok()
        .and_then(|length| length.checked_sub(present))
    {
        None | Some(0) => Ok(None),
        Some(missing) => {
            reserve(text.len(), missing.saturating_mul(character.len_utf8()))?;
            Ok(Some((text, character, missing)))
        }
    }
}

fn concat<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let mut length = 0;
    for at in 0..arguments.len() {
        let more = optional_text(arguments, at)?.map_or(0, str::len);
        reserve(length, more)?;
        length += more;
    }
    let mut all = Building::new(context, length);
    for at in 0..arguments.len() {
        all.push_str(optional_text(arguments, at)?.unwrap_or(""))?;
    }
    Ok(all.finish())
}
