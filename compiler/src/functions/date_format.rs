//! The formats of times of .NET, for the invariant culture and UTC.

use jiff::civil::DateTime;

use super::building::Building;
use super::{Context, Failure};
use crate::value::Value;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// `time` as `format` says; `None` where the format is malformed.
pub(super) fn format<'a>(
    time: DateTime,
    format: &str,
    context: &Context<'a>,
) -> Result<Option<Value<'a>>, Failure> {
    let Some(custom) = custom(format) else {
        return Ok(None);
    };
    let mut text = Building::new(context, custom.len() + 8);
    let mut rest = custom;
    while let Some(first) = rest.chars().next() {
        let after = rest.strip_prefix(first).unwrap_or_default();
        match first {
            '\'' | '"' => {
                let Some(after) = quoted(after, first, &mut text)? else {
                    return Ok(None);
                };
                rest = after;
            }
            '\\' => {
                let Some(literal) = after.chars().next() else {
                    return Ok(None);
                };
                text.push(literal)?;
                rest = after.strip_prefix(literal).unwrap_or_default();
            }
            '%' if after.is_empty() || after.starts_with('%') => return Ok(None),
            '%' => rest = after,
            'K' => {
                text.push('Z')?;
                rest = after;
            }
            'd' | 'f' | 'F' | 'g' | 'h' | 'H' | 'm' | 'M' | 's' | 't' | 'y' | 'z' => {
                let count = rest.chars().take_while(|next| *next == first).count();
                if matches!(first, 'f' | 'F') && count > 7 {
                    return Ok(None);
                }
                field(time, first, count, &mut text)?;
                rest = rest.get(count..).unwrap_or_default();
            }
            literal => {
                text.push(literal)?;
                rest = after;
            }
        }
    }
    Ok(Some(text.finish()))
}

/// The pattern that a format of a single letter stands for; others stand for themselves.
fn custom(format: &str) -> Option<&str> {
    let mut letters = format.chars();
    let (Some(letter), None) = (letters.next(), letters.next()) else {
        return Some(if format.is_empty() {
            "MM/dd/yyyy HH:mm:ss"
        } else {
            format
        });
    };
    Some(match letter {
        'd' => "MM/dd/yyyy",
        'D' => "dddd, dd MMMM yyyy",
        'f' => "dddd, dd MMMM yyyy HH:mm",
        'F' | 'U' => "dddd, dd MMMM yyyy HH:mm:ss",
        'g' => "MM/dd/yyyy HH:mm",
        'G' => "MM/dd/yyyy HH:mm:ss",
        'm' | 'M' => "MMMM dd",
        'o' | 'O' => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        'r' | 'R' => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        's' => "yyyy-MM-ddTHH:mm:ss",
        't' => "HH:mm",
        'T' => "HH:mm:ss",
        'u' => "yyyy-MM-dd HH:mm:ss'Z'",
        'y' | 'Y' => "yyyy MMMM",
        _ => return None,
    })
}

/// Copies a literal up to its closing `quote` and gives what follows; `None` if it is never closed.
fn quoted<'f>(
    literal: &'f str,
    quote: char,
    text: &mut Building<'_>,
) -> Result<Option<&'f str>, Failure> {
    let mut characters = literal.chars();
    while let Some(character) = characters.next() {
        match character {
            end if end == quote => return Ok(Some(characters.as_str())),
            '\\' => match characters.next() {
                Some(escaped) => text.push(escaped)?,
                None => return Ok(None),
            },
            other => text.push(other)?,
        }
    }
    Ok(None)
}

fn field(
    time: DateTime,
    letter: char,
    count: usize,
    text: &mut Building<'_>,
) -> Result<(), Failure> {
    let twelve = match time.hour().rem_euclid(12) {
        0 => 12,
        hour => hour,
    };
    let two = count.min(2);
    match (letter, count) {
        ('d', 1 | 2) => number(i64::from(time.day()), count, text),
        ('d', _) => {
            let at = time.weekday().to_sunday_zero_offset();
            name(&DAYS, usize::try_from(at).unwrap_or_default(), count, text)
        }
        ('M', 1 | 2) => number(i64::from(time.month()), count, text),
        ('M', _) => name(
            &MONTHS,
            usize::try_from(time.month() - 1).unwrap_or_default(),
            count,
            text,
        ),
        ('y', 1 | 2) => number(i64::from(time.year()) % 100, count, text),
        ('y', _) => number(i64::from(time.year()), count, text),
        ('h', _) => number(i64::from(twelve), two, text),
        ('H', _) => number(i64::from(time.hour()), two, text),
        ('m', _) => number(i64::from(time.minute()), two, text),
        ('s', _) => number(i64::from(time.second()), two, text),
        ('f' | 'F', _) => fraction(time, letter == 'F', count, text),
        ('t', _) => {
            let half = if time.hour() < 12 { "AM" } else { "PM" };
            text.push_str(half.get(..two).unwrap_or(half))
        }
        ('g', _) => text.push_str("A.D."),
        (_, 1) => text.push_str("+0"),
        (_, 2) => text.push_str("+00"),
        _ => text.push_str("+00:00"),
    }
}

fn number(number: i64, width: usize, text: &mut Building<'_>) -> Result<(), Failure> {
    let digits = number.to_string();
    for _ in digits.len()..width {
        text.push('0')?;
    }
    text.push_str(&digits)
}

/// The name at `at`, three letters of it where that many were asked for.
fn name(names: &[&str], at: usize, count: usize, text: &mut Building<'_>) -> Result<(), Failure> {
    let name = names.get(at).copied().unwrap_or_default();
    text.push_str(if count == 3 {
        name.get(..3).unwrap_or(name)
    } else {
        name
    })
}

/// Decimals of the second; if `short`, without zeros at the end and without a point before none.
fn fraction(
    time: DateTime,
    short: bool,
    count: usize,
    text: &mut Building<'_>,
) -> Result<(), Failure> {
    let digits = format!("{:09}", time.subsec_nanosecond());
    let digits = digits.get(..count).unwrap_or(&digits);
    if !short {
        return text.push_str(digits);
    }
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        text.drop_last('.');
    }
    text.push_str(digits)
}
