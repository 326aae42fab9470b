//! Case, accents and alphabets.

use deunicode::deunicode_char;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::arguments::{optional_text, text};
use super::building::Building;
use super::parameters::{one, optional};
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "LCase",
        summary: "A text in lower case.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("LCase(\"TeSt\")", "\"test\""),
            ("LCase(\"ÄÖ\")", "\"äö\""),
            ("LCase(null)", "null"),
        ],
        body: lower_case,
    },
    Function {
        name: "UCase",
        summary: "A text in upper case.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("UCase(\"TeSt\")", "\"TEST\""),
            ("UCase(\"groß\")", "\"GROß\""),
        ],
        body: upper_case,
    },
    Function {
        name: "PCase",
        summary: "A text with a capital at the start of each word and lower case behind it; words all in capitals stay. Words begin behind white space, or behind these separators; with \"\" behind all but letters, digits and apostrophes.",
        parameters: &[one("text", Kind::Text), optional("separators", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("PCase(\"TEsT\")", "\"Test\""),
            ("PCase(\"ada lovelace\")", "\"Ada Lovelace\""),
            ("PCase(\"head of IT\")", "\"Head Of IT\""),
            ("PCase(LCase(\"ADA\"))", "\"Ada\""),
            ("PCase(\"pinto-de'silva\", \" '-\")", "\"Pinto-De'Silva\""),
            ("PCase(\"ada (the first)\", \"\")", "\"Ada (The First)\""),
        ],
        body: proper_case,
    },
    Function {
        name: "StripSpaces",
        summary: "A text without its spaces.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("StripSpaces(\" John  Doe \")", "\"JohnDoe\""),
            ("StripSpaces(\"Ada\")", "\"Ada\""),
        ],
        body: strip_spaces,
    },
    Function {
        name: "NormalizeDiacritics",
        summary: "A text with its Latin letters stripped of accents; `æ`, `ø`, `ß` and their like become plain letters.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Times(2),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("NormalizeDiacritics(\"Räksmörgås\")", "\"Raksmorgas\""),
            ("NormalizeDiacritics(\"Øæß\")", "\"OEaess\""),
            ("NormalizeDiacritics(\"Ada\")", "\"Ada\""),
        ],
        body: normalize_diacritics,
    },
    Function {
        name: "Transliterate",
        summary: "A text written in ASCII, from any alphabet.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("Transliterate(\"Jörg Weiß\")", "\"Jorg Weiss\""),
            ("Transliterate(\"Москва\")", "\"Moskva\""),
            ("Transliterate(\"Ada\")", "\"Ada\""),
        ],
        body: transliterate,
    },
    Function {
        name: "IsAscii",
        summary: "Whether a text has ASCII characters only.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Bool),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("IsAscii(\"Ada\")", "true"),
            ("IsAscii(\"Zoë\")", "false"),
            ("IsAscii(\"\")", "true"),
            ("IsAscii(null)", "null"),
        ],
        body: is_ascii,
    },
];

/// A character in lower case, where that is one character.
pub(super) fn lower(character: char) -> char {
    single(character.to_lowercase()).unwrap_or(character)
}

fn upper(character: char) -> char {
    single(character.to_uppercase()).unwrap_or(character)
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    characters.next().filter(|_| characters.next().is_none())
}

/// The text with each character mapped; the text itself where none changes.
pub(super) fn mapped<'a>(
    text: &'a str,
    context: &Context<'a>,
    map: impl Fn(char) -> char,
) -> Result<&'a str, Failure> {
    if text.chars().all(|character| map(character) == character) {
        return Ok(text);
    }
    let mut result = Building::new(context, text.len());
    for character in text.chars() {
        result.push(map(character))?;
    }
    Ok(result.finish().as_text().unwrap_or(text))
}

fn lower_case<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    mapped(text(arguments, 0)?, context, lower).map(Value::Text)
}

fn upper_case<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    mapped(text(arguments, 0)?, context, upper).map(Value::Text)
}

fn proper_case<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    let separators = optional_text(arguments, 1)?;
    let separates = |character: char| match separators {
        None => character.is_whitespace(),
        Some("") => !character.is_alphanumeric() && !matches!(character, '\'' | '’'),
        Some(separators) => separators.contains(character),
    };
    let mut result = Building::new(context, text.len());
    for piece in text.split_inclusive(separates) {
        let acronym = !piece.chars().any(char::is_lowercase);
        for (at, character) in piece.chars().enumerate() {
            result.push(match at {
                0 => upper(character),
                _ if acronym => character,
                _ => lower(character),
            })?;
        }
    }
    Ok(result.finish())
}

fn strip_spaces<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    if !text.contains(' ') {
        return Ok(Value::Text(text));
    }
    let mut result = Building::new(context, text.len());
    for piece in text.split(' ') {
        result.push_str(piece)?;
    }
    Ok(result.finish())
}

fn normalize_diacritics<'a>(
    arguments: &[Value<'a>],
    context: &Context<'a>,
) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    if text.is_ascii() {
        return Ok(Value::Text(text));
    }
    let mut result = Building::new(context, text.len());
    let mut after_latin = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if is_combining_mark(character) && after_latin {
            continue;
        }
        let letter = base(character);
        let accented =
            letter != character || characters.peek().copied().is_some_and(is_combining_mark);
        let plain = plain_letters(letter, accented);
        after_latin = plain.is_some() || letter.is_ascii_alphabetic();
        match plain {
            Some(letters) => result.push_str(letters)?,
            None => result.push(if after_latin { letter } else { character })?,
        }
    }
    Ok(result.finish())
}

/// A character without its accents.
fn base(character: char) -> char {
    let mut base = None;
    decompose_canonical(character, |part| {
        base.get_or_insert(part);
    });
    base.unwrap_or(character)
}

/// What stands for a letter that is no plain letter with an accent.
fn plain_letters(character: char, accented: bool) -> Option<&'static str> {
    Some(match character {
        'œ' if accented => "oe",
        'Œ' if accented => "OE",
        'æ' => "ae",
        'Æ' => "AE",
        'ø' => "oe",
        'Ø' => "OE",
        'ß' => "ss",
        'ẞ' => "SS",
        'ł' => "l",
        'Ł' => "L",
        'ı' => "i",
        _ => return None,
    })
}

fn transliterate<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    if text.is_ascii() {
        return Ok(Value::Text(text));
    }
    let mut result = Building::new(context, text.len());
    for character in text.nfc() {
        result.push_str(deunicode_char(character).unwrap_or("?"))?;
    }
    Ok(result.finish())
}

fn is_ascii<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Bool(text(arguments, 0)?.is_ascii()))
}
