//! Times as people write them.

use crate::notation::scan::Scanner;
use crate::notation::time::{Fields, parse_generalized};
use crate::value::Ticks;

/// Reads `2013-01-10 4:00 PM -8`, `12/25/2007`, `2021-06-30+08:00`, ISO 8601 and generalized time; without
/// a zone it is UTC.
pub(super) fn read(text: &str) -> Option<Ticks> {
    let text = text.trim();
    parse_generalized(text).or_else(|| read_loose(text))
}

fn read_loose(text: &str) -> Option<Ticks> {
    let mut scan = Scanner::new(text);
    let mut fields = Fields::default();
    read_date(&mut scan, &mut fields)?;
    let spaces = scan.spaces();
    if scan.take("T") || spaces {
        read_time(&mut scan, &mut fields)?;
    }
    scan.spaces();
    read_zone(&mut scan, &mut fields)?;
    fields.finish(&scan)
}

/// Year first, or month, day and year.
fn read_date(scan: &mut Scanner<'_>, fields: &mut Fields) -> Option<()> {
    let first = scan.digits(1, 4)?;
    let separator = scan.one_of(&['-', '/'])?;
    let second = scan.number(1, 2)?;
    scan.one_of(&[separator])?;
    let first_number = first.parse().ok()?;
    if first.len() == 4 {
        (fields.year, fields.month, fields.day) = (first_number, second, scan.number(1, 2)?);
    } else {
        (fields.month, fields.day, fields.year) = (first_number, second, scan.number(4, 4)?);
    }
    Some(())
}

/// Hours and minutes, perhaps more; nothing at all where a zone follows.
fn read_time(scan: &mut Scanner<'_>, fields: &mut Fields) -> Option<()> {
    let Some(hour) = scan.number(1, 2) else {
        return Some(());
    };
    fields.hour = hour;
    if !scan.take(":") {
        return None;
    }
    fields.minute = scan.number(2, 2)?;
    if scan.take(":") {
        fields.second = scan.number(2, 2)?;
        if scan.take(".") {
            fields.fraction = scan.fraction()?;
        }
    }
    scan.spaces();
    let morning = scan.take("AM");
    let afternoon = !morning && scan.take("PM");
    if morning || afternoon {
        if !(1..=12).contains(&hour) {
            return None;
        }
        fields.hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    Some(())
}

fn read_zone(scan: &mut Scanner<'_>, fields: &mut Fields) -> Option<()> {
    if scan.is_at_end() || scan.take("Z") || scan.take("UTC") || scan.take("GMT") {
        return Some(());
    }
    let ahead = scan.one_of(&['+', '-'])? == '+';
    let hours = scan.number(1, 2)?;
    let minutes = if scan.take(":") {
        scan.number(2, 2)?
    } else {
        scan.number(2, 2).unwrap_or(0)
    };
    fields.set_offset(ahead, hours, minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notation::time::parse;

    #[test]
    fn reads() {
        for (text, instant) in [
            ("2013-01-10 4:00 PM -8", "2013-01-11T00:00:00Z"),
            ("12/25/2007", "2007-12-25T00:00:00Z"),
            ("2001-01-01", "2001-01-01T00:00:00Z"),
            ("2021-06-30+08:00", "2021-06-29T16:00:00Z"),
            ("2020-03-16-07:00", "2020-03-16T07:00:00Z"),
            ("8/25/2021 5:41:18 PM", "2021-08-25T17:41:18Z"),
            ("8/25/2021 12:00 AM", "2021-08-25T00:00:00Z"),
            ("8/25/2021 12:30pm", "2021-08-25T12:30:00Z"),
            (" 2026-01-31T10:00:00.25+02:00 ", "2026-01-31T08:00:00.25Z"),
            ("2026-01-31T10:00", "2026-01-31T10:00:00Z"),
            ("2026/1/5 7:05 +0530", "2026-01-05T01:35:00Z"),
            ("2026-01-31 UTC", "2026-01-31T00:00:00Z"),
            ("20150123105347.1Z", "2015-01-23T10:53:47.1Z"),
        ] {
            assert_eq!(read(text), parse(instant), "{text}");
            assert!(read(text).is_some());
        }
    }

    #[test]
    fn refuses() {
        for text in [
            "",
            "today",
            "2026",
            "2026-02-30",
            "25/12/2007",
            "12/25/07",
            "2026-01-31 25:00",
            "2026-01-31 13:00 PM",
            "2026-01-31 0:00 AM",
            "2026-01-31 4",
            "2026-01/31",
            "2026-01-31 10:00 CET",
            "2026-01-31 10:00 AMPM",
            "0000-01-01",
            "20150123",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
