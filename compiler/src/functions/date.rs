//! Instants: arithmetic, numbers and texts.

use jiff::Span;
use jiff::civil::Date;

use super::arguments::{int, shown, text, time, word};
use super::date_format;
use super::parameters::one;
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape, codes};
use crate::notation::time::{DAY, HOUR, MINUTE, SECOND, civil, is_calendar, print};
use crate::value::{Ticks, Value};

const INTERVAL: Kind = Kind::Word(&["yyyy", "q", "m", "y", "d", "w", "ww", "h", "n", "s"]);

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "Now",
        summary: "The instant of the cycle.",
        parameters: &[],
        result: Shape::One(Kind::Time),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Clock,
        examples: &[
            ("DateDiff(\"s\", Now(), Now())", "0"),
            ("IsDate(Now())", "true"),
        ],
        body: now,
    },
    Function {
        name: "DateAdd",
        summary: "A time some intervals later: `yyyy` years, `q` quarters, `m` months, `d` (`y`, `w`) days, `ww` weeks, `h` hours, `n` minutes, `s` seconds.",
        parameters: &[
            one("interval", INTERVAL),
            one("count", Kind::Int),
            one("time", Kind::Time),
        ],
        result: Shape::One(Kind::Time),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "DateAdd(\"m\", 1, time \"2026-01-31T12:00:00Z\")",
                "time \"2026-02-28T12:00:00Z\"",
            ),
            (
                "DateAdd(\"d\", -1, time \"2026-01-01T00:00:00Z\")",
                "time \"2025-12-31T00:00:00Z\"",
            ),
            (
                "DateAdd(\"n\", 90, time \"2026-01-01T00:00:00Z\")",
                "time \"2026-01-01T01:30:00Z\"",
            ),
            ("DateAdd(\"d\", 1, null)", "null"),
        ],
        body: date_add,
    },
    Function {
        name: "DateDiff",
        summary: "How many intervals lie between two times: `yyyy`, `q`, `m` and `ww` count boundaries of the calendar, the others whole intervals.",
        parameters: &[
            one("interval", INTERVAL),
            one("from", Kind::Time),
            one("to", Kind::Time),
        ],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "DateDiff(\"h\", time \"2021-08-24T00:00:00Z\", time \"2021-08-25T00:00:00Z\")",
                "24",
            ),
            (
                "DateDiff(\"yyyy\", time \"2021-08-25T17:41:18Z\", time \"2012-03-16T07:00:00Z\")",
                "-9",
            ),
            (
                "DateDiff(\"d\", time \"2026-01-01T23:00:00Z\", time \"2026-01-02T22:00:00Z\")",
                "0",
            ),
            (
                "DateDiff(\"yyyy\", time \"2025-12-31T23:59:59Z\", time \"2026-01-01T00:00:00Z\")",
                "1",
            ),
        ],
        body: date_diff,
    },
    Function {
        name: "DateFromNum",
        summary: "The time of an Active Directory timestamp (100-nanosecond intervals since 1601); absent for 0 and for the number that means never.",
        parameters: &[one("number", Kind::Int)],
        result: Shape::One(Kind::Time),
        length: Length::Unknown,
        absence: Absence::StrictOrAbsent,
        effect: Effect::Pure,
        examples: &[
            (
                "DateFromNum(129699324000000000)",
                "time \"2012-01-01T23:00:00Z\"",
            ),
            ("DateFromNum(0)", "null"),
            ("DateFromNum(9223372036854775807)", "null"),
        ],
        body: date_from_num,
    },
    Function {
        name: "NumFromDate",
        summary: "The Active Directory timestamp of a time: 100-nanosecond intervals since 1601.",
        parameters: &[one("time", Kind::Time)],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "NumFromDate(time \"2012-01-01T23:00:00Z\")",
                "129699324000000000",
            ),
            (
                "NumFromDate(CDate(\"2012-01-01 11:00 PM\"))",
                "129699324000000000",
            ),
            ("NumFromDate(null)", "null"),
        ],
        body: num_from_date,
    },
    Function {
        name: "FormatDateTime",
        summary: "A time as text, in UTC and English, in a format of .NET such as `yyyy-MM-dd HH:mm:ss`.",
        parameters: &[one("time", Kind::Time), one("format", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "FormatDateTime(DateFromNum(130543784930000000), \"yyyyMMddHHmmss.0Z\")",
                "\"20140905081453.0Z\"",
            ),
            (
                "FormatDateTime(time \"2015-01-23T10:53:47Z\", \"yyyy-MM-dd\")",
                "\"2015-01-23\"",
            ),
            (
                "FormatDateTime(time \"2026-01-31T15:04:05Z\", \"dddd d MMM, h:mm tt\")",
                "\"Saturday 31 Jan, 3:04 PM\"",
            ),
        ],
        body: format_date_time,
    },
];

fn now<'a>(_: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(Value::Time(context.now))
}

fn date_add<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (interval, count, from) = (
        interval(arguments)?,
        int(arguments, 1)?,
        time(arguments, 2)?,
    );
    let moved = match interval {
        "yyyy" => months_later(from, count.checked_mul(12)),
        "q" => months_later(from, count.checked_mul(3)),
        "m" => months_later(from, Some(count)),
        fixed => count
            .checked_mul(length(fixed))
            .and_then(|by| from.checked_add(by)),
    };
    match moved.filter(|moved| is_calendar(*moved)) {
        Some(moved) => Ok(Value::Time(moved)),
        None => {
            let message = format!(
                "`{count}` `{interval}` from `{}` leads out of the calendar",
                print(from)
            );
            Err(Failure::new(codes::OVERFLOW, message))
        }
    }
}

fn months_later(from: Ticks, months: Option<i64>) -> Option<Ticks> {
    let date = civil(from)?.date();
    let moved = date
        .checked_add(Span::new().try_months(months?).ok()?)
        .ok()?;
    from.checked_add(days_between(date, moved).checked_mul(DAY)?)
}

fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

fn date_diff<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (interval, from, to) = (
        interval(arguments)?,
        time(arguments, 1)?,
        time(arguments, 2)?,
    );
    let (first, last) = (date(from)?, date(to)?);
    let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
    let sunday = |date: Date| {
        days_between(Date::ZERO, date) - i64::from(date.weekday().to_sunday_zero_offset())
    };
    Ok(Value::Int(match interval {
        "yyyy" => i64::from(last.year()) - i64::from(first.year()),
        "q" => months(last).div_euclid(3) - months(first).div_euclid(3),
        "m" => months(last) - months(first),
        "ww" => (sunday(last) - sunday(first)) / 7,
        "w" => to.saturating_sub(from) / (7 * DAY),
        fixed => to.saturating_sub(from) / length(fixed),
    }))
}

/// Ticks of an interval that is always equally long.
fn length(interval: &str) -> Ticks {
    match interval {
        "ww" => 7 * DAY,
        "h" => HOUR,
        "n" => MINUTE,
        "s" => SECOND,
        _ => DAY,
    }
}

fn interval<'a>(arguments: &[Value<'a>]) -> Result<&'a str, Failure> {
    match word(arguments, 0, INTERVAL)? {
        Some(interval) => Ok(interval),
        None => text(arguments, 0),
    }
}

fn date(ticks: Ticks) -> Result<Date, Failure> {
    civil(ticks)
        .map(|civil| civil.date())
        .ok_or_else(|| outside(ticks))
}

fn outside(ticks: Ticks) -> Failure {
    Failure::new(
        codes::OVERFLOW,
        format!("`{ticks}` is outside of the years 1 to 9999"),
    )
}

fn date_from_num<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    match int(arguments, 0)? {
        0 | i64::MAX => Ok(Value::Absent),
        ticks if is_calendar(ticks) => Ok(Value::Time(ticks)),
        ticks => Err(outside(ticks)),
    }
}

fn num_from_date<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    time(arguments, 0).map(Value::Int)
}

fn format_date_time<'a>(
    arguments: &[Value<'a>],
    context: &Context<'a>,
) -> Result<Value<'a>, Failure> {
    let (ticks, format) = (time(arguments, 0)?, text(arguments, 1)?);
    let civil = civil(ticks).ok_or_else(|| outside(ticks))?;
    date_format::format(civil, format, context)?.ok_or_else(|| {
        let message = format!("`{}` is no format of times", shown(format));
        Failure::new(codes::BAD_ARGUMENT, message)
    })
}
