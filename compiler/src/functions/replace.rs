//! Replacing and extracting, by texts, characters and regular expressions.

use super::arguments::{get, shown, text, wrong_type};
use super::building::{Building, reserve};
use super::parameters::{one, optional};
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape, codes, pattern};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "Replace",
        summary: "A text with every `old` replaced by `new`; in both, a backslash with n, r or t is a line feed, return or tab.",
        parameters: &[
            one("text", Kind::Text),
            one("old", Kind::Text),
            one("new", Kind::Text),
        ],
        result: Shape::One(Kind::Text),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("Replace(\"555-01-02\", \"-\", \"\")", "\"5550102\""),
            (
                "Replace(\"1 Main St\\r\\nParis\", \"\\\\r\\\\n\", \", \")",
                "\"1 Main St, Paris\"",
            ),
            ("Replace(\"Ada\", \"a\", \"o\")", "\"Ado\""),
            ("Replace(\"Ada\", \"\", \"x\")", "\"Ada\""),
        ],
        body: replace,
    },
    Function {
        name: "ReplaceChars",
        summary: "A text with characters replaced as `pattern` says: `source:target` pairs, joined by commas; white space in it is ignored.",
        parameters: &[one("text", Kind::Text), one("pattern", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "ReplaceChars(\"Räksmörgås\", \"Å:A,Ä:A,Ö:O,å:a,ä:a,ö:o\")",
                "\"Raksmorgas\"",
            ),
            ("ReplaceChars(\"O’Brien\", \"’:\")", "\"OBrien\""),
            ("ReplaceChars(\"Jörg\", \"ö:oe, ü:ue\")", "\"Joerg\""),
        ],
        body: replace_chars,
    },
    Function {
        name: "RegexReplace",
        summary: "A text with every match of a regular expression replaced; `$1` and `${name}` stand for groups.",
        parameters: &[
            one("text", Kind::Text),
            one("regex", Kind::Text),
            one("replacement", Kind::Text),
        ],
        result: Shape::One(Kind::Text),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "RegexReplace(\"+1 (425) 555-0100\", \"[^0-9]\", \"\")",
                "\"14255550100\"",
            ),
            (
                "RegexReplace(\"Doe, John\", \"^(\\\\w+), (?P<given>\\\\w+)$\", \"${given} $1\")",
                "\"John Doe\"",
            ),
            ("RegexReplace(\"Ada\", \"x\", \"y\")", "\"Ada\""),
        ],
        body: regex_replace,
    },
    Function {
        name: "RegexExtract",
        summary: "What a regular expression, or the group of a number or name, matches first; absent if nothing.",
        parameters: &[
            one("text", Kind::Text),
            one("regex", Kind::Text),
            optional("group", Kind::Any),
        ],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::StrictOrAbsent,
        effect: Effect::Pure,
        examples: &[
            ("RegexExtract(\"room 12b\", \"[0-9]+\")", "\"12\""),
            (
                "RegexExtract(\"John.Doe@contoso.com\", \"@(.+)$\", 1)",
                "\"contoso.com\"",
            ),
            (
                "RegexExtract(\"ext 42\", \"ext (?P<number>[0-9]+)\", \"number\")",
                "\"42\"",
            ),
            ("RegexExtract(\"lobby\", \"[0-9]+\")", "null"),
        ],
        body: regex_extract,
    },
];

fn replace<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    let (old, new) = (monikers(arguments, 1)?, monikers(arguments, 2)?);
    if old.is_empty() || !text.contains(old.as_ref()) {
        return Ok(Value::Text(text));
    }
    let mut result = Building::new(context, text.len());
    for (at, piece) in text.split(old.as_ref()).enumerate() {
        if at > 0 {
            result.push_str(&new)?;
        }
        result.push_str(piece)?;
    }
    Ok(result.finish())
}

/// The text at `at` with `\n`, `\r` and `\t` read.
fn monikers<'a>(arguments: &[Value<'a>], at: usize) -> Result<std::borrow::Cow<'a, str>, Failure> {
    let text = text(arguments, at)?;
    if !text.contains('\\') {
        return Ok(text.into());
    }
    Ok(text
        .replace("\\n", "\n")
        .replace("\\r", "\r")
        .replace("\\t", "\t")
        .into())
}

fn replace_chars<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (text, pattern) = (text(arguments, 0)?, text(arguments, 1)?);
    let compact: String = pattern.split_whitespace().collect();
    let Some(pairs) = pairs(&compact) else {
        let message = format!(
            "`{}` is not a list of `source:target` pairs with one source character",
            shown(pattern)
        );
        return Err(Failure::new(codes::BAD_ARGUMENT, message));
    };
    let target = |character| {
        pairs
            .iter()
            .find(|(source, _)| *source == character)
            .map(|(_, target)| *target)
    };
    if !text.chars().any(|character| target(character).is_some()) {
        return Ok(Value::Text(text));
    }
    let mut result = Building::new(context, text.len());
    for character in text.chars() {
        match target(character) {
            Some(target) => result.push_str(target)?,
            None => result.push(character)?,
        }
    }
    Ok(result.finish())
}

/// The pairs of a character map; `None` where it is malformed.
fn pairs(pattern: &str) -> Option<Vec<(char, &str)>> {
    if pattern.is_empty() {
        return Some(Vec::new());
    }
    pattern.split(',').map(pair).collect()
}

fn pair(text: &str) -> Option<(char, &str)> {
    let (source, target) = text.split_once(':')?;
    let mut characters = source.chars();
    let source = characters.next()?;
    (characters.next().is_none() && !target.contains(':')).then_some((source, target))
}

fn regex_replace<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let regex = pattern::compiled(text(arguments, 1)?)?;
    let (text, replacement) = (text(arguments, 0)?, text(arguments, 2)?);
    let references = replacement.matches('$').count();
    let mut result: Option<Building<'a>> = None;
    let mut expanded = String::new();
    let mut done = 0;
    for captures in regex.captures_iter(text) {
        let Some(all) = captures.get(0) else { continue };
        reserve(replacement.len(), references.saturating_mul(all.len()))?;
        expanded.clear();
        captures.expand(replacement, &mut expanded);
        let result = result.get_or_insert_with(|| Building::new(context, text.len()));
        result.push_str(text.get(done..all.start()).unwrap_or_default())?;
        result.push_str(&expanded)?;
        done = all.end();
    }
    let Some(mut result) = result else {
        return Ok(Value::Text(text));
    };
    result.push_str(text.get(done..).unwrap_or_default())?;
    Ok(result.finish())
}

fn regex_extract<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let regex = pattern::compiled(text(arguments, 1)?)?;
    let text = text(arguments, 0)?;
    let group = match get(arguments, 2) {
        Value::Absent => 0,
        Value::Int(number) => usize::try_from(number)
            .ok()
            .filter(|number| *number < regex.captures_len())
            .ok_or_else(|| no_group(&number.to_string()))?,
        Value::Text(name) => regex
            .capture_names()
            .position(|group| group == Some(name))
            .ok_or_else(|| no_group(name))?,
        other => return Err(wrong_type(other, 2, "the number or name of a group")),
    };
    let found = match group {
        0 => regex.find(text),
        group => regex
            .captures(text)
            .and_then(|captures| captures.get(group)),
    };
    Ok(found.map_or(Value::Absent, |found| Value::Text(found.as_str())))
}

fn no_group(group: &str) -> Failure {
    Failure::new(
        codes::BAD_ARGUMENT,
        format!("the regular expression has no group `{}`", shown(group)),
    )
}
