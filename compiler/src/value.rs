//! Values as the evaluator handles them: `Copy`, borrowing from an object's row or from a bump arena.

use std::cmp::Ordering;

use bumpalo::Bump;

/// 100-nanosecond intervals since 1601-01-01 UTC, as Active Directory counts time.
pub type Ticks = i64;

/// A value. Guids and sids are [`Value::Binary`]: their notation belongs to the type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Absent,
    /// An authoritative null: nothing, and weaker rules may not contribute either.
    Clear,
    /// As if the flow were not there.
    Skip,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
    /// An instant.
    Time(Ticks),
    /// A distinguished name of the source directory.
    Dn(&'a str),
    /// A metaverse object, by its id.
    Reference(i64),
    /// A set of values, never empty, in the order of its source.
    List(&'a [Value<'a>]),
    /// A complex value.
    Record(&'a [(&'a str, Value<'a>)]),
}

impl<'a> Value<'a> {
    /// Not absent (and neither `clear` nor `skip`).
    pub fn is_present(self) -> bool {
        !matches!(self, Value::Absent | Value::Clear | Value::Skip)
    }

    /// The truth of a condition: absent counts as false.
    pub fn is_true(self) -> bool {
        matches!(self, Value::Bool(true))
    }

    /// The values of a list; a single value is a list of one, absence the empty list.
    pub fn items(&self) -> &[Value<'a>] {
        match self {
            Value::List(items) => items,
            Value::Absent | Value::Clear | Value::Skip => &[],
            single => std::slice::from_ref(single),
        }
    }

    /// The text of a text or dn.
    pub fn as_text(self) -> Option<&'a str> {
        match self {
            Value::Text(text) | Value::Dn(text) => Some(text),
            _ => None,
        }
    }

    /// A list of `items`: absent where there are none.
    pub fn list(bump: &'a Bump, items: impl IntoIterator<Item = Value<'a>>) -> Value<'a> {
        let mut list = bumpalo::collections::Vec::new_in(bump);
        list.extend(items.into_iter().filter(|item| item.is_present()));
        if list.is_empty() {
            Value::Absent
        } else {
            Value::List(list.into_bump_slice())
        }
    }

    /// Equal as `==` (`exact` false: texts ignore case) or `===` sees it. Absent equals nothing.
    pub fn equals(self, other: Value<'_>, exact: bool) -> bool {
        match (self, other) {
            (Value::Text(a) | Value::Dn(a), Value::Text(b) | Value::Dn(b)) => {
                if exact {
                    a == b
                } else {
                    text_equals_ignoring_case(a, b)
                }
            }
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.equals(*y, exact))
            }
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Time(a), Value::Time(b)) => a == b,
            (Value::Binary(a), Value::Binary(b)) => a == b,
            (Value::Reference(a), Value::Reference(b)) => a == b,
            _ => false,
        }
    }

    /// Order of two present values of one type; texts ignore case. `None` where there is no order.
    pub fn compare(self, other: Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Value::Text(a) | Value::Dn(a), Value::Text(b) | Value::Dn(b)) => {
                Some(folded(a).cmp(folded(b)))
            }
            (Value::Int(a), Value::Int(b)) => Some(a.cmp(&b)),
            (Value::Time(a), Value::Time(b)) => Some(a.cmp(&b)),
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(&b)),
            (Value::Binary(a), Value::Binary(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// The characters of a text with their case folded, culture-invariant.
pub fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

/// Equal apart from case, culture-invariant; ASCII takes the short way.
pub fn text_equals_ignoring_case(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        a.eq_ignore_ascii_case(b)
    } else {
        folded(a).eq(folded(b))
    }
}

/// `starts with`; `exact` minds the case.
pub fn text_starts(text: &str, part: &str, exact: bool) -> bool {
    if exact {
        return text.starts_with(part);
    }
    match text.get(..part.len()) {
        Some(head) if head.is_ascii() && part.is_ascii() => head.eq_ignore_ascii_case(part),
        _ => {
            let mut text = folded(text);
            folded(part).all(|wanted| text.next() == Some(wanted))
        }
    }
}

/// `ends with`; `exact` minds the case.
pub fn text_ends(text: &str, part: &str, exact: bool) -> bool {
    if exact {
        return text.ends_with(part);
    }
    let tail = text
        .len()
        .checked_sub(part.len())
        .and_then(|at| text.get(at..));
    match tail {
        Some(tail) if tail.is_ascii() && part.is_ascii() => tail.eq_ignore_ascii_case(part),
        _ => text.to_lowercase().ends_with(&part.to_lowercase()),
    }
}

/// `contains`, of texts; `exact` minds the case.
pub fn text_contains(text: &str, part: &str, exact: bool) -> bool {
    if exact {
        return text.contains(part);
    }
    if part.is_empty() {
        return true;
    }
    if text.is_ascii() && part.is_ascii() {
        let (text, part) = (text.as_bytes(), part.as_bytes());
        return text
            .windows(part.len())
            .any(|window| window.eq_ignore_ascii_case(part));
    }
    text.to_lowercase().contains(&part.to_lowercase())
}
