//! Instants as text, and as calendar fields in UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::notation::scan::Scanner;
use crate::value::Ticks;

/// Ticks of a second.
pub const SECOND: Ticks = 10_000_000;
/// Ticks of a minute.
pub const MINUTE: Ticks = 60 * SECOND;
/// Ticks of an hour.
pub const HOUR: Ticks = 60 * MINUTE;
/// Ticks of a day.
pub const DAY: Ticks = 24 * HOUR;

/// Ticks between the epochs of Active Directory (1601) and Unix (1970).
const UNIX_EPOCH: Ticks = 134_774 * DAY;

/// Calendar fields in UTC; `None` outside the years 1 to 9999.
pub fn civil(ticks: Ticks) -> Option<DateTime> {
    let nanoseconds = (i128::from(ticks) - i128::from(UNIX_EPOCH)) * 100;
    let timestamp = Timestamp::from_nanosecond(nanoseconds).ok()?;
    let civil = TimeZone::UTC.to_datetime(timestamp);
    (civil.year() >= 1).then_some(civil)
}

/// The instant of calendar fields in UTC.
pub fn ticks(civil: DateTime) -> Option<Ticks> {
    let timestamp = TimeZone::UTC.to_timestamp(civil).ok()?;
    let ticks = timestamp.as_nanosecond().div_euclid(100) + i128::from(UNIX_EPOCH);
    Ticks::try_from(ticks)
        .ok()
        .filter(|ticks| is_calendar(*ticks))
}

/// It lies in the years 1 to 9999, so that it has a date.
pub fn is_calendar(ticks: Ticks) -> bool {
    civil(ticks).is_some()
}

/// RFC 3339 in UTC with as many decimals as needed; outside the calendar the number of ticks.
pub fn print(ticks: Ticks) -> String {
    let Some(civil) = civil(ticks) else {
        return ticks.to_string();
    };
    let whole = civil.strftime("%Y-%m-%dT%H:%M:%S");
    match decimals(ticks).as_str() {
        "" => format!("{whole}Z"),
        decimals => format!("{whole}.{decimals}Z"),
    }
}

/// LDAP generalized time with at least one decimal; `None` outside the calendar.
pub fn print_generalized(ticks: Ticks) -> Option<String> {
    let whole = civil(ticks)?.strftime("%Y%m%d%H%M%S").to_string();
    match decimals(ticks).as_str() {
        "" => Some(format!("{whole}.0Z")),
        decimals => Some(format!("{whole}.{decimals}Z")),
    }
}

fn decimals(ticks: Ticks) -> String {
    let text = format!("{:07}", ticks.rem_euclid(SECOND));
    text.trim_end_matches('0').to_owned()
}

/// Reads RFC 3339.
pub fn parse(text: &str) -> Option<Ticks> {
    let mut scan = Scanner::new(text);
    let mut fields = Fields {
        year: scan.number(4, 4)?,
        ..Fields::default()
    };
    (fields.month, fields.day) = (after(&mut scan, "-")?, after(&mut scan, "-")?);
    scan.one_of(&['T', 't', ' '])?;
    fields.hour = scan.number(2, 2)?;
    (fields.minute, fields.second) = (after(&mut scan, ":")?, after(&mut scan, ":")?);
    if scan.take(".") {
        fields.fraction = scan.fraction()?;
    }
    if !scan.take("Z") {
        let ahead = scan.one_of(&['+', '-'])? == '+';
        fields.set_offset(ahead, scan.number(2, 2)?, after(&mut scan, ":")?)?;
    }
    fields.finish(&scan)
}

/// Reads LDAP generalized time: `20260131000000.0Z`; minutes, seconds and decimals may be missing.
pub fn parse_generalized(text: &str) -> Option<Ticks> {
    let mut scan = Scanner::new(text);
    let year = scan.number(4, 4)?;
    compact(scan, year)
}

/// Reads UTCTime: `260131000000Z`; years from 50 on are of the twentieth century.
pub fn parse_utc_time(text: &str) -> Option<Ticks> {
    let mut scan = Scanner::new(text);
    let year = scan.number(2, 2)?;
    compact(scan, if year < 50 { 2000 + year } else { 1900 + year })
}

/// What follows the year in times written without separators.
fn compact(mut scan: Scanner<'_>, year: i64) -> Option<Ticks> {
    let (month, day, hour) = (scan.number(2, 2)?, scan.number(2, 2)?, scan.number(2, 2)?);
    let mut fields = Fields {
        year,
        month,
        day,
        hour,
        ..Fields::default()
    };
    if let Some(minute) = scan.number(2, 2) {
        fields.minute = minute;
        if let Some(second) = scan.number(2, 2) {
            fields.second = second;
            if scan.one_of(&['.', ',']).is_some() {
                fields.fraction = scan.fraction()?;
            }
        }
    }
    if !scan.take("Z") {
        let ahead = scan.one_of(&['+', '-'])? == '+';
        fields.set_offset(ahead, scan.number(2, 2)?, scan.number(2, 2).unwrap_or(0))?;
    }
    fields.finish(&scan)
}

fn after(scan: &mut Scanner<'_>, separator: &str) -> Option<i64> {
    if scan.take(separator) {
        scan.number(2, 2)
    } else {
        None
    }
}

/// The parts of a written time.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    /// Ticks.
    pub(crate) fraction: i64,
    /// Ticks ahead of UTC.
    offset: Ticks,
}

impl Fields {
    pub(crate) fn set_offset(&mut self, ahead: bool, hours: i64, minutes: i64) -> Option<()> {
        if hours > 23 || minutes > 59 {
            return None;
        }
        let offset = hours * HOUR + minutes * MINUTE;
        self.offset = if ahead { offset } else { -offset };
        Some(())
    }

    /// The instant, if the fields make sense and nothing is left to read.
    pub(crate) fn finish(&self, scan: &Scanner<'_>) -> Option<Ticks> {
        if !scan.is_at_end() {
            return None;
        }
        let small = |field: i64| i8::try_from(field).ok();
        let civil = DateTime::new(
            i16::try_from(self.year).ok()?,
            small(self.month)?,
            small(self.day)?,
            small(self.hour)?,
            small(self.minute)?,
            small(self.second)?,
            0,
        );
        let ticks = ticks(civil.ok()?)? + self.fraction - self.offset;
        is_calendar(ticks).then_some(ticks)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEW_YEAR: Ticks = 129_699_324_000_000_000;

    #[test]
    fn rfc_3339() {
        assert_eq!(parse("2012-01-01T23:00:00Z"), Some(NEW_YEAR));
        assert_eq!(parse("2012-01-02T01:30:00+02:30"), Some(NEW_YEAR));
        assert_eq!(
            parse("2012-01-01t16:00:00.0000001-07:00"),
            Some(NEW_YEAR + 1)
        );
        assert_eq!(parse("1601-01-01T00:00:00Z"), Some(0));
        assert_eq!(print(NEW_YEAR), "2012-01-01T23:00:00Z");
        assert_eq!(print(NEW_YEAR + 1_500_000), "2012-01-01T23:00:00.15Z");
        assert_eq!(print(-1), "1600-12-31T23:59:59.9999999Z");
        assert_eq!(print(Ticks::MAX), "9223372036854775807");
        for bad in [
            "",
            "2012-01-01",
            "2012-01-01T23:00:00",
            "2012-13-01T00:00:00Z",
            "2011-02-29T00:00:00Z",
            "2012-01-01T23:00:60Z",
            "2012-01-01T23:00:00.Z",
            "2012-01-01T23:00:00Zé",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "2012-01-01T23:00:00+24:00",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn ldap() {
        for text in [
            "20120101230000.0Z",
            "20120101230000Z",
            "201201012300Z",
            "2012010123Z",
            "20120102000000,000+0100",
        ] {
            assert_eq!(parse_generalized(text), Some(NEW_YEAR), "{text}");
        }
        assert_eq!(
            print_generalized(NEW_YEAR).as_deref(),
            Some("20120101230000.0Z")
        );
        assert_eq!(
            print_generalized(NEW_YEAR + 10).as_deref(),
            Some("20120101230000.000001Z")
        );
        assert_eq!(print_generalized(Ticks::MAX), None);
        assert_eq!(parse_utc_time("120101230000Z"), Some(NEW_YEAR));
        assert_eq!(
            parse_utc_time("500101000000Z"),
            parse("1950-01-01T00:00:00Z")
        );
        assert_eq!(parse_utc_time("4912312359Z"), parse("2049-12-31T23:59:00Z"));
        for bad in [
            "",
            "20120101230000",
            "20120101Z",
            "2012010123000Z",
            "20120101230000.Z",
        ] {
            assert_eq!(parse_generalized(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn round_trips(seconds in -504_911_232_000_000_000i64..2_650_467_744_000_000_000) {
            prop_assert_eq!(parse(&print(seconds)), Some(seconds));
            let generalized = print_generalized(seconds).unwrap();
            prop_assert_eq!(parse_generalized(&generalized), Some(seconds));
            prop_assert_eq!(civil(seconds).and_then(ticks), Some(seconds));
        }

        #[test]
        fn no_text_or_number_panics(text in "[0-9TZ:.+ -]{0,30}", number: i64) {
            let _ = (parse(&text), parse_generalized(&text), parse_utc_time(&text));
            prop_assert!(!print(number).is_empty());
        }
    }
}
