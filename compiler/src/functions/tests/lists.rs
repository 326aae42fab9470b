use super::super::codes;
use super::*;

#[test]
fn parts_of_sets() {
    let values = Value::List(&[t("first"), t("second")]);
    gives("Count", &[values], i(2));
    gives("Count", &[t("a")], i(1));
    gives("Count", &[ABSENT], i(0));
    gives("First", &[values], t("first"));
    gives("Last", &[values], t("second"));
    gives("First", &[i(1)], i(1));
    gives("Item", &[values, i(1)], t("first"));
    gives("ItemOrNull", &[values, i(2)], t("second"));
    for number in [0, 3, -1, i64::MIN, i64::MAX] {
        fails(
            "Item",
            &[values, i(number)],
            codes::OUT_OF_BOUNDS,
            &number.to_string(),
        );
        gives("ItemOrNull", &[values, i(number)], ABSENT);
    }
}

#[test]
fn joining_and_splitting() {
    let values = Value::List(&[t("a"), t("b")]);
    gives("Join", &[values], t("a b"));
    gives("Join", &[values, t(", ")], t("a, b"));
    gives("Join", &[values, t("")], t("ab"));
    gives("Join", &[t("a"), t(", ")], t("a"));
    fails(
        "Join",
        &[Value::List(&[t("a"), i(1)])],
        codes::WRONG_TYPE,
        "`1`",
    );
    gives("Split", &[t("a;b"), t(";")], values);
    gives(
        "Split",
        &[t("a;b;c"), t(";"), i(2)],
        Value::List(&[t("a"), t("b;c")]),
    );
    gives(
        "Split",
        &[t("PermissionSetOne, x"), t(",")],
        Value::List(&[t("PermissionSetOne"), t(" x")]),
    );
    gives("Split", &[t(""), t(";")], Value::List(&[t("")]));
    fails(
        "Split",
        &[t("a"), t("")],
        codes::BAD_ARGUMENT,
        "one character",
    );
    fails("Split", &[t("a"), t(", ")], codes::BAD_ARGUMENT, "`, `");
    fails(
        "Split",
        &[t("a"), t(","), i(0)],
        codes::OUT_OF_BOUNDS,
        "`0`",
    );
}

#[test]
fn duplicates() {
    let values = [
        t("SMTP:a@x"),
        t("smtp:a@x"),
        t("SMTP:a@x"),
        Value::Dn("SMTP:a@x"),
        i(1),
        i(1),
    ];
    let unique = [t("SMTP:a@x"), t("smtp:a@x"), Value::Dn("SMTP:a@x"), i(1)];
    gives(
        "RemoveDuplicates",
        &[Value::List(&values)],
        Value::List(&unique),
    );
    gives("RemoveDuplicates", &[t("a")], t("a"));
    let record = Value::Record(&[("skuId", Value::Int(1))]);
    gives(
        "RemoveDuplicates",
        &[Value::List(&[record, record])],
        Value::List(&[record]),
    );
}

#[test]
fn addresses() {
    let values = Value::List(&[t("smtp:jd@contoso.com"), t("SMTP:john.doe@contoso.com")]);
    gives("Primary", &[values], t("john.doe@contoso.com"));
    gives("Primary", &[t("smtp:jd@contoso.com")], ABSENT);
    gives("Contains", &[values, t("SMTP:")], i(2));
    gives("Contains", &[values, t("SMTP:"), t("CaseSensitive")], i(2));
    gives(
        "Contains",
        &[values, t("SMTP:"), t("CaseInsensitive")],
        i(1),
    );
    gives("Contains", &[t("smtp:jd@contoso.com"), t("X500:")], i(0));
    gives("Contains", &[ABSENT, t("X500:")], i(0));
    gives("Contains", &[values, ABSENT], i(0));
    let members = Value::List(&[Value::Dn("CN=a,DC=com"), Value::Dn("CN=b,DC=com")]);
    gives("Contains", &[members, t("cn=B, dc=com")], i(2));
    gives("Contains", &[members, t("CN=b")], i(0));
    fails(
        "Contains",
        &[values, t("a"), t("x")],
        codes::BAD_ARGUMENT,
        "`x`",
    );
    fails("Contains", &[i(1), t("a")], codes::WRONG_TYPE, "`1`");
}

#[test]
fn any_value() {
    gives(
        "Coalesce",
        &[ABSENT, t("John.Doe@contoso.com")],
        t("John.Doe@contoso.com"),
    );
    gives("Coalesce", &[t(""), t("b")], t(""));
    gives("Coalesce", &[ABSENT, ABSENT], ABSENT);
    gives("Redact", &[i(1)], i(1));
}

#[test]
fn questions() {
    for (value, present, empty) in [
        (ABSENT, false, false),
        (t(""), false, true),
        (t(" "), true, false),
        (b(false), true, false),
        (i(0), true, false),
        (Value::List(&[t("a")]), true, false),
    ] {
        gives("IsPresent", &[value], b(present));
        gives("IsNullOrEmpty", &[value], b(!present));
        gives("IsEmpty", &[value], b(empty));
        gives("IsNull", &[value], b(value == ABSENT));
    }
    gives("IsString", &[t("")], b(true));
    gives("IsString", &[Value::Binary(b"a")], b(false));
    gives("IsString", &[ABSENT], b(false));
    gives("IsNumeric", &[t(" -42 ")], b(true));
    gives("IsNumeric", &[t("4.2")], b(false));
    gives("IsNumeric", &[ABSENT], b(false));
    gives("IsDate", &[t("2013-01-10 4:00 PM -8")], b(true));
    gives("IsDate", &[t("soon")], b(false));
    gives("IsDate", &[ABSENT], b(false));
    gives(
        "IsGuid",
        &[t("{03020100-0504-0706-0809-0a0b0c0d0e0f}")],
        b(true),
    );
    gives("IsGuid", &[t("not-a-guid")], b(false));
    gives("IsGuid", &[ABSENT], b(false));
}

#[test]
fn numbers() {
    gives("BitAnd", &[i(0xF), i(0xF7)], i(7));
    gives("BitAnd", &[i(536_870_912), i(0x21C0_7000)], i(536_870_912));
    gives(
        "BitAnd",
        &[i(-2_147_483_646), i(-2_147_483_648)],
        i(-2_147_483_648),
    );
    gives("BitOr", &[i(512), i(2)], i(514));
    gives("IsBitSet", &[i(514), i(2)], b(true));
    gives("IsBitSet", &[i(512), i(2)], b(false));
    gives("IsBitSet", &[i(2), i(3)], b(true));
    gives("CNum", &[t(" 42 ")], i(42));
    gives("CNum", &[t("-9223372036854775808")], i(i64::MIN));
    fails(
        "CNum",
        &[t("9223372036854775808")],
        codes::UNREADABLE,
        "`9223372036854775808`",
    );
    fails(
        "CNum",
        &[t(&"x".repeat(100))],
        codes::UNREADABLE,
        &format!("`{}…`", "x".repeat(60)),
    );
}

#[test]
fn truths() {
    for (value, truth) in [
        (ABSENT, false),
        (b(true), true),
        (i(0), false),
        (i(-1), true),
        (t("TRUE"), true),
        (t("False"), false),
        (t("2"), true),
    ] {
        gives("CBool", &[value], b(truth));
    }
    fails("CBool", &[t("yes")], codes::UNREADABLE, "`yes`");
    gives("CStr", &[b(false)], t("False"));
    gives("CStr", &[i(-5)], t("-5"));
    gives(
        "CStr",
        &[Value::Dn("cn=Joe,dc=contoso,dc=com")],
        t("cn=Joe,dc=contoso,dc=com"),
    );
    gives(
        "CStr",
        &[at("2026-01-31T00:00:00.5Z")],
        t("2026-01-31T00:00:00.5Z"),
    );
    fails(
        "CStr",
        &[Value::Binary(&[1, 2])],
        codes::WRONG_TYPE,
        "`0102`",
    );
}
