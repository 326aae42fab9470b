use super::super::codes;
use super::*;

#[test]
fn numbers() {
    gives("Now", &[], at("2026-01-31T12:00:00Z"));
    gives(
        "DateFromNum",
        &[i(129_699_324_000_000_000)],
        at("2012-01-01T23:00:00Z"),
    );
    gives("DateFromNum", &[i(0)], ABSENT);
    gives("DateFromNum", &[i(i64::MAX)], ABSENT);
    fails(
        "DateFromNum",
        &[i(i64::MIN)],
        codes::OVERFLOW,
        "`-9223372036854775808`",
    );
    gives(
        "NumFromDate",
        &[at("2012-01-01T23:00:00Z")],
        i(129_699_324_000_000_000),
    );
    gives(
        "CDate",
        &[t("2012-01-01 11:00:00 PM")],
        at("2012-01-01T23:00:00Z"),
    );
    fails(
        "CDate",
        &[t("soon")],
        codes::UNREADABLE,
        "`soon` is not a time",
    );
}

#[test]
fn adding() {
    let leap = at("2024-02-29T06:00:00.1234567Z");
    for (interval, count, result) in [
        ("yyyy", 1, "2025-02-28T06:00:00.1234567Z"),
        ("yyyy", -4, "2020-02-29T06:00:00.1234567Z"),
        ("q", 1, "2024-05-29T06:00:00.1234567Z"),
        ("m", 12, "2025-02-28T06:00:00.1234567Z"),
        ("m", -1, "2024-01-29T06:00:00.1234567Z"),
        ("d", 1, "2024-03-01T06:00:00.1234567Z"),
        ("y", 1, "2024-03-01T06:00:00.1234567Z"),
        ("w", 1, "2024-03-01T06:00:00.1234567Z"),
        ("ww", 1, "2024-03-07T06:00:00.1234567Z"),
        ("h", -7, "2024-02-28T23:00:00.1234567Z"),
        ("n", 1, "2024-02-29T06:01:00.1234567Z"),
        ("s", 60, "2024-02-29T06:01:00.1234567Z"),
    ] {
        gives("DateAdd", &[t(interval), i(count), leap], at(result));
    }
    gives(
        "DateAdd",
        &[t("m"), i(1), at("2026-01-31T00:00:00Z")],
        at("2026-02-28T00:00:00Z"),
    );
    for interval in ["yyyy", "q", "m", "d", "ww", "s"] {
        for count in [i64::MAX, i64::MIN, 10_000_000_000_000] {
            fails(
                "DateAdd",
                &[t(interval), i(count), leap],
                codes::OVERFLOW,
                interval,
            );
        }
    }
    fails(
        "DateAdd",
        &[t("years"), i(1), leap],
        codes::BAD_ARGUMENT,
        "`years`",
    );
}

#[test]
fn differences() {
    let (from, to) = (at("2021-08-25T17:41:18Z"), at("2012-03-16T07:00:00Z"));
    gives("DateDiff", &[t("m"), from, to], i(-113));
    gives("DateDiff", &[t("yyyy"), from, to], i(-9));
    gives("DateDiff", &[t("q"), from, to], i(-38));
    let (from, to) = (at("2021-08-17T16:00:00Z"), at("2021-08-30T16:00:00Z"));
    gives("DateDiff", &[t("d"), from, to], i(13));
    gives("DateDiff", &[t("w"), from, to], i(1));
    gives("DateDiff", &[t("ww"), from, to], i(2));
    let (from, to) = (at("2021-08-24T00:00:00Z"), at("2021-08-25T00:00:00Z"));
    gives("DateDiff", &[t("h"), from, to], i(24));
    gives("DateDiff", &[t("s"), from, to], i(86_400));
    gives("DateDiff", &[t("s"), to, from], i(-86_400));
    let (saturday, sunday) = (at("2026-01-31T23:59:00Z"), at("2026-02-01T00:01:00Z"));
    gives("DateDiff", &[t("ww"), saturday, sunday], i(1));
    gives("DateDiff", &[t("ww"), sunday, saturday], i(-1));
    gives("DateDiff", &[t("d"), saturday, sunday], i(0));
    gives("DateDiff", &[t("n"), saturday, sunday], i(2));
}

#[test]
fn formats() {
    let time = at("2026-01-05T15:04:09.0120000Z");
    for (format, text) in [
        ("yyyyMMddHHmmss.0Z", "20260105150409.0Z"),
        ("yyyy-MM-dd", "2026-01-05"),
        ("d/M/yy h:m:s t", "5/1/26 3:4:9 P"),
        ("ddd dddd MMM MMMM", "Mon Monday Jan January"),
        ("hh HH tt", "03 15 PM"),
        ("f ff fff fffffff", "0 01 012 0120000"),
        ("s.FFF", "9.012"),
        ("s.F", "9"),
        ("s.Fx", "9x"),
        ("yyyyy yyy y", "02026 2026 26"),
        ("zzz zz z K", "+00:00 +00 +0 Z"),
        ("'day' d \"d\" \\d", "day 5 d d"),
        ("%d", "5"),
        ("'a\\'b'", "a'b"),
        ("d", "01/05/2026"),
        ("s", "2026-01-05T15:04:09"),
        ("o", "2026-01-05T15:04:09.0120000Z"),
        ("R", "Mon, 05 Jan 2026 15:04:09 GMT"),
        ("u", "2026-01-05 15:04:09Z"),
        ("", "01/05/2026 15:04:09"),
        ("årÅ", "årÅ"),
    ] {
        gives("FormatDateTime", &[time, t(format)], t(text));
    }
    gives(
        "FormatDateTime",
        &[at("2026-01-05T00:30:00Z"), t("h:mm tt")],
        t("12:30 AM"),
    );
    gives(
        "FormatDateTime",
        &[Value::Time(130_543_784_930_000_000), t("yyyyMMddHHmmss.0Z")],
        t("20140905081453.0Z"),
    );
    for format in ["q", "'open", "d\\", "d%", "%%", "ffffffff"] {
        fails(
            "FormatDateTime",
            &[time, t(format)],
            codes::BAD_ARGUMENT,
            format,
        );
    }
    fails(
        "FormatDateTime",
        &[Value::Time(i64::MAX), t("d")],
        codes::OVERFLOW,
        "years",
    );
}
