use super::super::codes;
use super::super::pattern;
use super::*;

#[test]
fn no_call_grows_without_limit() {
    let large = "a".repeat(6 * 1024 * 1024);
    let large = t(&large);
    let piece = "b".repeat(1000);
    for (name, arguments) in [
        ("PadLeft", &[t("x"), i(2_000_000_000), t(" ")][..]),
        ("PadRight", &[t("x"), i(i64::MAX), t("😀")]),
        ("Append", &[large, large]),
        ("Concat", &[large, large]),
        ("PadLeft", &[t("x"), i(9_000_000_000_000_000_000), t("a")]),
        ("Split", &[large, t("a")]),
        (
            "NormalizeDiacritics",
            &[t(&"ß".repeat(4 * 1024 * 1024 + 1))],
        ),
        (
            "FormatDateTime",
            &[Value::Time(NOW), t(&"y".repeat(9 * 1024 * 1024))],
        ),
        ("Join", &[Value::List(&[large, large])]),
        ("Replace", &[large, t("a"), t(&piece)]),
        ("Replace", &[large, t("a"), large]),
        ("ReplaceChars", &[large, t(&format!("a:{piece}"))]),
        ("RegexReplace", &[large, t("a{1000}"), t("$0$0")]),
        ("RegexReplace", &[large, t(".*"), t("$0$0")]),
        ("ConvertToBase64", &[large]),
        ("ConvertToUTF8Hex", &[large]),
        ("EscapeDNComponent", &[large]),
    ] {
        fails(name, arguments, codes::TOO_LARGE, "");
    }
    fails(
        "RegexReplace",
        &[t("a"), t("a{1000}{1000}"), t("")],
        codes::BAD_PATTERN,
        "too large",
    );
    assert!(pattern::compile("a{1000}{1000}").is_err());
}

#[test]
fn unchanged_texts_are_not_copied() {
    let bump = Bump::new();
    let text = "ada lovelace".to_owned();
    for (name, arguments) in [
        ("LCase", &[t(&text)][..]),
        ("Trim", &[t(&text)]),
        ("Left", &[t(&text), i(3)]),
        ("Replace", &[t(&text), t("x"), t("y")]),
        ("ReplaceChars", &[t(&text), t("x:y")]),
        ("RegexReplace", &[t(&text), t("x"), t("y")]),
        ("NormalizeDiacritics", &[t(&text)]),
        ("Transliterate", &[t(&text)]),
        ("PadLeft", &[t(&text), i(3), t(" ")]),
        ("EscapeDNComponent", &[t(&text)]),
        ("CStr", &[t(&text)]),
    ] {
        let given = call(&bump, name, arguments).unwrap().as_text().unwrap();
        assert_eq!(given.as_ptr(), text.as_ptr(), "{name}");
    }
}

#[test]
fn letters_belong_to_no_culture() {
    gives("LCase", &[t("TITLE")], t("title"));
    gives("UCase", &[t("title")], t("TITLE"));
    gives("PCase", &[t("istanbul")], t("Istanbul"));
    gives("CStr", &[i(-1_234_567)], t("-1234567"));
    let time = at("2026-05-03T14:05:06Z");
    gives("FormatDateTime", &[time, t("d")], t("05/03/2026"));
    gives("CDate", &[t("5/3/2026")], at("2026-05-03T00:00:00Z"));
}
