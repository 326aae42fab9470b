//! Names, texts and numbers as they are written.

use super::Formatter;
use crate::ast::{Name, Text};
use crate::parse::{Rule, covers, unescape};
use crate::span::Span;

/// Words that mean something where an operand stands.
const RESERVED: [&str; 16] = [
    "if", "then", "else", "match", "not", "and", "or", "in", "is", "for", "true", "false", "null",
    "it", "clear", "skip",
];

/// Whether a word may be read as going on with the expression before it.
pub(super) fn goes_on(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "or"
            | "in"
            | "is"
            | "contains"
            | "starts"
            | "ends"
            | "matches"
            | "under"
            | "then"
            | "else"
            | "for"
    )
}

/// A name where nothing but a name can stand.
pub(super) fn plain(name: &str) -> String {
    quoted(name, !is_word(name))
}

/// A name that stands alone behind an expression: the only target of a flow without an arrow.
pub(super) fn alone(name: &str) -> String {
    quoted(name, !is_word(name) || goes_on(name))
}

/// A name in an expression.
pub(super) fn operand(name: &str) -> String {
    quoted(
        name,
        !is_word(name) || RESERVED.contains(&name) || name == "exactly",
    )
}

/// A name in brackets, if need be.
pub(super) fn quoted(name: &str, quote: bool) -> String {
    if quote {
        format!("[{name}]")
    } else {
        name.to_owned()
    }
}

fn is_word(name: &str) -> bool {
    covers(Rule::word, name)
}

impl Formatter<'_> {
    /// A text, in its original notation where it has one.
    pub fn text(&self, text: &Text) -> String {
        self.text_at(text.span, &text.value)
    }

    pub fn text_at(&self, span: Span, value: &str) -> String {
        let written = span.of(self.text);
        match covers(Rule::text, written) && unescape(written).is_some_and(|known| known == value) {
            true => written.to_owned(),
            false => escape(value),
        }
    }

    /// An integer, in its original notation where it has one.
    pub fn integer(&self, span: Span, value: i64) -> String {
        let written: String = span.of(self.text).split_whitespace().collect();
        let (sign, digits) = match written.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", written.as_str()),
        };
        let hexadecimal = ["0x", "0X", "&H", "&h"]
            .iter()
            .find_map(|prefix| digits.strip_prefix(prefix));
        let read = match hexadecimal {
            Some(digits) => i64::from_str_radix(&format!("{sign}{digits}"), 16),
            None => format!("{sign}{digits}").parse(),
        };
        if read == Ok(value) {
            written
        } else {
            value.to_string()
        }
    }
}

/// Names separated by commas.
pub(super) fn list(names: &[Name], write: fn(&str) -> String) -> String {
    names
        .iter()
        .map(|name| write(&name.text))
        .collect::<Vec<_>>()
        .join(", ")
}

fn escape(value: &str) -> String {
    let mut text = String::from("\"");
    for character in value.chars() {
        match character {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            character if character.is_control() => {
                text.push_str(&format!("\\u{{{:x}}}", u32::from(character)))
            }
            character => text.push(character),
        }
    }
    text + "\""
}
