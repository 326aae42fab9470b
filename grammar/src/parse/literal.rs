//! Texts and integers.

use std::ops::Range;

use pest::iterators::Pair;

use super::{Builder, Rule};
use crate::ast::Text;
use crate::error::SyntaxErrorKind;
use crate::span::Span;

impl<'t> Builder<'t> {
    /// A text with its escapes resolved.
    pub fn text(&mut self, pair: Pair<'t, Rule>) -> Text {
        let span = self.span(&pair);
        let raw = pair.as_str();
        let inside = raw
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(raw);
        Text {
            value: self.unescape(inside, span.start as usize + 1),
            span,
        }
    }

    /// The text between the `"""` of a script, verbatim.
    pub fn script_text(&self, pair: Pair<'t, Rule>) -> Text {
        let span = self.span(&pair);
        let raw = pair.as_str();
        let inside = raw
            .strip_prefix("\"\"\"")
            .and_then(|rest| rest.strip_suffix("\"\"\""))
            .unwrap_or(raw);
        let start = span.start as usize + 3;
        Text {
            value: inside.to_owned(),
            span: Span::new(self.file, start, start + inside.len()),
        }
    }

    fn unescape(&mut self, raw: &str, start: usize) -> String {
        let (value, mistakes) = resolve_escapes(raw);
        for (escape, message) in mistakes {
            let span = Span::new(self.file, start + escape.start, start + escape.end);
            let help = "escapes are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\` and `\\u{…}`; a backslash itself is written `\\\\`";
            self.report(SyntaxErrorKind::Literal, span, message, Some(help));
        }
        value
    }

    /// An integer, with the sign that stands before it; 0 and an error where it does not fit.
    pub fn integer(&mut self, text: &str, negative: bool, span: Span) -> i64 {
        let hexadecimal = ["0x", "0X", "&H", "&h"]
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix));
        let (digits, radix) = hexadecimal.map_or((text, 10), |digits| (digits, 16));
        let signed = if negative {
            format!("-{digits}")
        } else {
            digits.to_owned()
        };
        i64::from_str_radix(&signed, radix).unwrap_or_else(|_| {
            let message = format!(
                "the number `{}{text}` is too large",
                if negative { "-" } else { "" }
            );
            let help = "integers have 64 bits: from -9223372036854775808 to 9223372036854775807";
            self.report(SyntaxErrorKind::Literal, span, message, Some(help));
            0
        })
    }

    /// An integer without a sign, with its place.
    pub fn plain_integer(&mut self, pair: Pair<'t, Rule>) -> (i64, Span) {
        let span = self.span(&pair);
        (self.integer(pair.as_str(), false, span), span)
    }
}

/// The value of a text in quotes, unless an escape in it is wrong.
pub(crate) fn unescape(text: &str) -> Option<String> {
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    let (value, mistakes) = resolve_escapes(inside);
    mistakes.is_empty().then_some(value)
}

/// The value of a text, and the escapes in it that mean nothing.
fn resolve_escapes(raw: &str) -> (String, Vec<(Range<usize>, String)>) {
    let (mut value, mut mistakes) = (String::with_capacity(raw.len()), Vec::new());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (plain, escaped) = rest.split_at(at);
        value.push_str(plain);
        let start = raw.len() - escaped.len();
        let (escape, after) = escaped.split_at(escape_length(escaped));
        match resolve(escape) {
            Ok(resolved) => value.push(resolved),
            Err(message) => mistakes.push((start..start + escape.len(), message)),
        }
        rest = after;
    }
    value.push_str(rest);
    (value, mistakes)
}

/// Bytes of the escape that begins this text.
fn escape_length(text: &str) -> usize {
    let single = 1 + text.chars().nth(1).map_or(0, char::len_utf8);
    let Some(digits) = text.strip_prefix("\\u{") else {
        return single;
    };
    match digits.find(|character: char| !character.is_ascii_alphanumeric()) {
        Some(end) if digits.get(end..).is_some_and(|rest| rest.starts_with('}')) => end + 4,
        _ => single,
    }
}

fn resolve(escape: &str) -> Result<char, String> {
    match escape {
        "\\n" => Ok('\n'),
        "\\r" => Ok('\r'),
        "\\t" => Ok('\t'),
        "\\\"" => Ok('"'),
        "\\\\" => Ok('\\'),
        _ => unicode(escape).ok_or_else(|| match escape.starts_with("\\u") {
            true => format!("`{escape}` is not a character"),
            false => format!("unknown escape `{escape}`"),
        }),
    }
}

fn unicode(escape: &str) -> Option<char> {
    let digits = escape.strip_prefix("\\u{")?.strip_suffix('}')?;
    let number = u32::from_str_radix(digits, 16)
        .ok()
        .filter(|_| !digits.starts_with('+'))?;
    char::from_u32(number)
}
