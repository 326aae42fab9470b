//! Distinguished names, compared as directories compare them: case and spaces round `,`, `+` and `=`
//! do not matter, and neither does how a character is escaped.

use std::borrow::Cow;

use crate::value::{folded, text_equals_ignoring_case};

/// `dn` lies below `base`, at any depth, and is not `base` itself.
pub fn dn_under(dn: &str, base: &str) -> bool {
    if let Some(above) = dn
        .len()
        .checked_sub(base.len())
        .and_then(|at| dn.split_at_checked(at))
        && !base.is_empty()
        && above.0.ends_with(',')
        && !above.0.ends_with("\\,")
        && above.1.eq_ignore_ascii_case(base)
    {
        return true;
    }
    let mut rest = Rdns { rest: whole(dn) };
    match rdns(dn).count().checked_sub(rdns(base).count()) {
        None | Some(0) => false,
        Some(deeper) => rest.nth(deeper - 1).is_some() && rdns_equal(rest, rdns(base)),
    }
}

/// Both name the same entry.
pub fn dn_equal(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || rdns_equal(rdns(a), rdns(b))
}

/// Both name the same entry, and spell the entry's own part alike: case counts there.
pub fn dn_same_spelling(a: &str, b: &str) -> bool {
    let own = |dn| unescaped(rdns(dn).next().map_or("", rdn_value));
    dn_equal(a, b) && own(a).eq(own(b))
}

/// A text that is the same for two dns if and only if they are equal.
pub fn dn_key(dn: &str) -> String {
    let mut key = String::with_capacity(dn.len());
    for (at, rdn) in rdns(dn).enumerate() {
        if at > 0 {
            key.push(',');
        }
        for (at, (kind, value)) in pairs(rdn).enumerate() {
            if at > 0 {
                key.push('+');
            }
            if let Some(kind) = kind {
                key.extend(folded(kind));
                key.push('=');
            }
            push_key(&mut key, value);
        }
    }
    key
}

/// The parts of a dn from the entry up, as written, without the spaces round them.
pub fn rdns(dn: &str) -> impl Iterator<Item = &str> {
    Rdns { rest: whole(dn) }
}

/// What lies above the entry, `None` for a dn of one part.
pub fn parent(dn: &str) -> Option<&str> {
    let mut parts = Rdns { rest: whole(dn) };
    parts.next()?;
    parts.rest.map(trim)
}

/// The attribute type of a part, if it has one.
pub fn rdn_type(rdn: &str) -> Option<&str> {
    pairs(rdn).next()?.0
}

/// The value of a part, with its escapes.
pub fn rdn_value(rdn: &str) -> &str {
    pairs(rdn).next().map_or("", |(_, value)| value)
}

/// Escapes a value so that it can stand in a dn (RFC 4514).
pub fn escape_rdn(value: &str) -> Cow<'_, str> {
    let last = value.len().saturating_sub(1);
    let needs = |(at, character): (usize, char)| match character {
        '"' | '+' | ',' | ';' | '<' | '>' | '\\' => true,
        '#' => at == 0,
        ' ' => at == 0 || at == last,
        other => other.is_ascii_control(),
    };
    if !value.char_indices().any(needs) {
        return Cow::Borrowed(value);
    }
    let mut escaped = String::with_capacity(value.len() + 8);
    for (at, character) in value.char_indices() {
        if character.is_ascii_control() {
            escaped.push_str(&format!("\\{:02X}", u32::from(character)));
            continue;
        }
        if needs((at, character)) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    Cow::Owned(escaped)
}

fn rdns_equal<'a>(
    mut a: impl Iterator<Item = &'a str>,
    mut b: impl Iterator<Item = &'a str>,
) -> bool {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if rdn_equal(a, b) => {}
            _ => return false,
        }
    }
}

fn rdn_equal(a: &str, b: &str) -> bool {
    let plain = |text: &str| !text.contains(['\\', '+', ' ']);
    if plain(a) && plain(b) {
        return text_equals_ignoring_case(a, b);
    }
    let (mut a, mut b) = (pairs(a), pairs(b));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some((a_kind, a)), Some((b_kind, b))) => {
                let same_kind = match (a_kind, b_kind) {
                    (Some(a), Some(b)) => text_equals_ignoring_case(a, b),
                    (a, b) => a == b,
                };
                if !same_kind || !units(a).eq(units(b)) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

struct Rdns<'a> {
    rest: Option<&'a str>,
}

impl<'a> Iterator for Rdns<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (part, rest) = split_unescaped(self.rest?, b',');
        self.rest = rest;
        Some(trim(part))
    }
}

fn whole(dn: &str) -> Option<&str> {
    Some(dn).filter(|dn| !trim(dn).is_empty())
}

/// Types and values of a part: usually one pair, more where they are joined by `+`.
fn pairs(rdn: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    let mut rest = Some(rdn);
    std::iter::from_fn(move || {
        let (pair, after) = split_unescaped(rest?, b'+');
        rest = after;
        Some(match split_unescaped(pair, b'=') {
            (kind, Some(value)) => (Some(trim(kind)), trim(value)),
            (value, None) => (None, trim(value)),
        })
    })
}

/// What stands before and after the first `separator` without a backslash.
fn split_unescaped(text: &str, separator: u8) -> (&str, Option<&str>) {
    let mut escaped = false;
    let found = text.bytes().position(|byte| {
        let here = byte == separator && !escaped;
        escaped = byte == b'\\' && !escaped;
        here
    });
    match found.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Without the spaces round it; one that is escaped stays.
fn trim(text: &str) -> &str {
    let text = text.trim_start_matches(' ');
    let trimmed = text.trim_end_matches(' ');
    let backslashes = trimmed
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'\\')
        .count();
    if backslashes % 2 == 0 {
        trimmed
    } else {
        text.get(..trimmed.len() + 1).unwrap_or(trimmed)
    }
}

/// What a value consists of once its escapes are read and its case is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Character(char),
    /// A byte that belongs to no character.
    Byte(u8),
}

fn units(value: &str) -> impl Iterator<Item = Unit> + '_ {
    unescaped(value).flat_map(|unit| {
        let (character, byte) = match unit {
            Unit::Character(character) => (Some(character), None),
            Unit::Byte(byte) => (None, Some(byte)),
        };
        let lower = character
            .into_iter()
            .flat_map(char::to_lowercase)
            .map(Unit::Character);
        lower.chain(byte.map(Unit::Byte))
    })
}

fn unescaped(value: &str) -> impl Iterator<Item = Unit> + '_ {
    let mut rest = value;
    std::iter::from_fn(move || {
        let mut characters = rest.chars();
        let mut unit = Unit::Character(characters.next()?);
        if unit == Unit::Character('\\') {
            if let Some((read, after)) = hex_escape(rest) {
                rest = after;
                return Some(read);
            }
            if let Some(next) = characters.next() {
                unit = Unit::Character(next);
            }
        }
        rest = characters.as_str();
        Some(unit)
    })
}

/// The character that `\XX` and its successors spell, or the byte if they spell none.
fn hex_escape(text: &str) -> Option<(Unit, &str)> {
    let (first, after_first) = escaped_byte(text)?;
    let mut bytes = [first, 0, 0, 0];
    let mut rest = after_first;
    let length = match first {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    };
    for place in bytes.iter_mut().take(length).skip(1) {
        let Some((byte, after)) = escaped_byte(rest) else {
            break;
        };
        (*place, rest) = (byte, after);
    }
    let spelled = bytes
        .get(..length)
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    match spelled
        .map(|text| text.chars())
        .map(|mut characters| (characters.next(), characters.next()))
    {
        Some((Some(character), None)) => Some((Unit::Character(character), rest)),
        _ => Some((Unit::Byte(first), after_first)),
    }
}

fn escaped_byte(text: &str) -> Option<(u8, &str)> {
    let (digits, rest) = text.strip_prefix('\\')?.split_at_checked(2)?;
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    plain
        .then(|| u8::from_str_radix(digits, 16).ok())?
        .map(|byte| (byte, rest))
}

fn push_key(key: &mut String, value: &str) {
    let mut units = units(value).peekable();
    let mut first = true;
    while let Some(unit) = units.next() {
        let edge = first || units.peek().is_none();
        first = false;
        match unit {
            Unit::Byte(byte) => key.push_str(&format!("\\{byte:02x}")),
            Unit::Character(character) => {
                if matches!(character, ',' | '+' | '=' | '\\') || edge && character == ' ' {
                    key.push('\\');
                }
                key.push(character);
            }
        }
    }
}

#[cfg(test)]
mod tests;
