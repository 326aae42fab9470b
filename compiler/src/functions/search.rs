//! Looking for a text in a text or a set.

use super::arguments::{get, items, optional_int, optional_text, text, word, wrong_type};
use super::letters::{lower, mapped};
use super::parameters::{many, one, optional};
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape, codes};
use crate::notation::dn_equal;
use crate::value::Value;

const COMPARE: Kind = Kind::Word(&["vbTextCompare", "vbBinaryCompare"]);
const CASE: Kind = Kind::Word(&["CaseSensitive", "CaseInsensitive"]);

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "InStr",
        summary: "The position, counted from 1, at which a text holds another, from position `start` on; 0 if nowhere.",
        parameters: &[
            one("text", Kind::Text),
            one("find", Kind::Text),
            optional("start", Kind::Int),
            optional("compare", COMPARE),
        ],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Never,
        effect: Effect::Pure,
        examples: &[
            ("InStr(\"The quick brown fox\", \"quick\")", "5"),
            ("InStr(\"repEated\", \"e\", 3, \"vbBinaryCompare\")", "7"),
            ("InStr(\"repEated\", \"e\", 3, \"vbTextCompare\")", "4"),
            ("InStr(\"abc\", \"z\")", "0"),
            ("InStr(\"abc\", \"a\", 9)", "0"),
            ("InStr(null, \"z\")", "0"),
        ],
        body: in_str,
    },
    Function {
        name: "InStrRev",
        summary: "The position, counted from 1, of the last place where a text holds another, looking back from position `start`; 0 if nowhere.",
        parameters: &[
            one("text", Kind::Text),
            one("find", Kind::Text),
            optional("start", Kind::Int),
            optional("compare", COMPARE),
        ],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Never,
        effect: Effect::Pure,
        examples: &[
            ("InStrRev(\"abbcdbbbef\", \"bb\")", "7"),
            ("InStrRev(\"abbcdbbbef\", \"bb\", 6)", "2"),
            ("InStrRev(\"aBc\", \"b\", 3, \"vbTextCompare\")", "2"),
            ("InStrRev(\"abc\", \"z\")", "0"),
            ("InStrRev(null, \"z\")", "0"),
        ],
        body: in_str_rev,
    },
    Function {
        name: "Contains",
        summary: "The number, counted from 1, of the first value that holds a text or is that dn; 0 if none.",
        parameters: &[
            many("values", Kind::Any),
            one("find", Kind::Text),
            optional("compare", CASE),
        ],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Never,
        effect: Effect::Pure,
        examples: &[
            (
                "Contains([\"smtp:jd@contoso.com\", \"SMTP:john.doe@contoso.com\"], \"SMTP:\")",
                "2",
            ),
            (
                "Contains([\"smtp:jd@contoso.com\",], \"SMTP:\", \"CaseInsensitive\")",
                "1",
            ),
            ("Contains([\"smtp:jd@contoso.com\",], \"X500:\")", "0"),
            ("Contains(null, \"X500:\")", "0"),
        ],
        body: contains,
    },
];

/// What `InStr` and `InStrRev` look at: both texts, in the same case where case does not matter.
struct Search<'a> {
    text: &'a str,
    find: &'a str,
    /// Counted from 1.
    start: Option<usize>,
}

impl<'a> Search<'a> {
    /// `None` where there is no text to look in or for.
    fn read(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Option<Search<'a>>, Failure> {
        let start = match optional_int(arguments, 2)? {
            None => None,
            Some(start) if start >= 1 => Some(usize::try_from(start).unwrap_or(usize::MAX)),
            Some(start) => {
                let message = format!("the start counts from 1, it cannot be `{start}`");
                return Err(Failure::new(codes::OUT_OF_BOUNDS, message));
            }
        };
        let ignore_case = word(arguments, 3, COMPARE)? == Some("vbTextCompare");
        let (Some(text), Some(find)) = (optional_text(arguments, 0)?, optional_text(arguments, 1)?)
        else {
            return Ok(None);
        };
        Ok(Some(match ignore_case {
            true => Search {
                text: mapped(text, context, lower)?,
                find: mapped(find, context, lower)?,
                start,
            },
            false => Search { text, find, start },
        }))
    }
}

fn in_str<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let Some(Search { text, find, start }) = Search::read(arguments, context)? else {
        return Ok(Value::Int(0));
    };
    let skipped = start.unwrap_or(1) - 1;
    let tail = text
        .char_indices()
        .nth(skipped)
        .and_then(|(at, _)| text.get(at..));
    let found = tail.and_then(|tail| tail.get(..tail.find(find)?));
    Ok(Value::Int(
        found.map_or(0, |before| skipped + before.chars().count() + 1) as i64,
    ))
}

fn in_str_rev<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let Some(Search { text, find, start }) = Search::read(arguments, context)? else {
        return Ok(Value::Int(0));
    };
    let head = match start.and_then(|start| text.char_indices().nth(start)) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    };
    let found = head.get(..head.rfind(find).unwrap_or(usize::MAX));
    Ok(Value::Int(
        found.map_or(0, |before| before.chars().count() + 1) as i64,
    ))
}

fn contains<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let ignore_case = word(arguments, 2, CASE)? == Some("CaseInsensitive");
    let values = items(arguments, 0);
    if values.is_empty() || !get(arguments, 1).is_present() {
        return Ok(Value::Int(0));
    }
    let find = text(arguments, 1)?;
    let folded = if ignore_case {
        mapped(find, context, lower)?
    } else {
        find
    };
    for (number, value) in (1..).zip(values) {
        let found = match *value {
            Value::Text(text) if ignore_case => mapped(text, context, lower)?.contains(folded),
            Value::Text(text) => text.contains(find),
            Value::Dn(dn) => dn_equal(dn, find),
            other => return Err(wrong_type(other, 0, "a set of texts or dns")),
        };
        if found {
            return Ok(Value::Int(number));
        }
    }
    Ok(Value::Int(0))
}
