use super::super::codes;
use super::*;

#[test]
fn cut() {
    let name = t("John Doe");
    gives("Left", &[name, i(3)], t("Joh"));
    gives("Left", &[name, i(0)], t(""));
    gives("Left", &[name, i(-1)], name);
    gives("Left", &[name, i(i64::MAX)], name);
    gives("Left", &[name, i(i64::MIN)], name);
    gives("Left", &[t("short"), i(448)], t("short"));
    gives("Left", &[t("Åsa"), i(1)], t("Å"));
    gives("Right", &[name, i(3)], t("Doe"));
    gives("Right", &[name, i(0)], t(""));
    gives("Right", &[name, i(-1)], name);
    gives("Right", &[name, i(8)], name);
    gives("Right", &[t("Zoë"), i(1)], t("ë"));
    gives("Mid", &[name, i(3), i(5)], t("hn Do"));
    gives("Mid", &[name, i(6), i(999)], t("Doe"));
    gives("Mid", &[name, i(8), i(1)], t("e"));
    gives("Mid", &[name, i(9), i(1)], name);
    gives("Mid", &[name, i(0), i(2)], name);
    gives("Mid", &[name, i(i64::MIN), i(2)], name);
    gives("Mid", &[name, i(2), i(0)], t(""));
    gives("Mid", &[name, i(2), i(-1)], name);
    gives("Mid", &[t(""), i(1), i(1)], t(""));
}

#[test]
fn words() {
    gives(
        "Word",
        &[t("The quick brown fox"), i(3), t(" ")],
        t("brown"),
    );
    gives(
        "Word",
        &[t("This,string!has&many separators"), i(3), t(",!&#")],
        t("has"),
    );
    gives("Word", &[t("The quick"), i(0), t(" ")], t(""));
    gives("Word", &[t("The quick"), i(i64::MIN), t(" ")], t(""));
    gives("Word", &[t("The quick"), i(3), t(" ")], t(""));
    gives("Word", &[t("  a  b"), i(2), t(" ")], t("b"));
    gives("Word", &[t("a b"), i(1), t("")], t("a b"));
}

#[test]
fn white_space() {
    gives("Trim", &[t(" Test ")], t("Test"));
    gives("LTrim", &[t(" Test ")], t("Test "));
    gives("RTrim", &[t(" Test ")], t(" Test"));
    gives("Trim", &[t("\t\u{a0}")], t(""));
    gives("StripSpaces", &[t(" John  Doe ")], t("JohnDoe"));
    gives("StripSpaces", &[t("a\tb")], t("a\tb"));
}

#[test]
fn lengths_and_padding() {
    gives("Len", &[t("John Doe")], i(8));
    gives("Len", &[t("😀ë")], i(2));
    gives("Len", &[ABSENT], i(0));
    gives("PadLeft", &[t("User"), i(10), t("0")], t("000000User"));
    gives("PadRight", &[t("User"), i(10), t("ö")], t("Useröööööö"));
    gives("PadLeft", &[t("User"), i(4), t("0")], t("User"));
    gives("PadRight", &[t("User"), i(i64::MIN), t("0")], t("User"));
    fails(
        "PadLeft",
        &[t("User"), i(10), t("")],
        codes::BAD_ARGUMENT,
        "one character, not ``",
    );
    fails(
        "PadRight",
        &[t("User"), i(10), t("ab")],
        codes::BAD_ARGUMENT,
        "`ab`",
    );
    gives(
        "Append",
        &[t("John.Doe@contoso.com"), t(".test")],
        t("John.Doe@contoso.com.test"),
    );
    gives("Concat", &[t("a"), ABSENT, t("b")], t("ab"));
    gives("Concat", &[ABSENT], t(""));
}

#[test]
fn case() {
    gives("LCase", &[t("TeSt")], t("test"));
    gives("UCase", &[t("TeSt")], t("TEST"));
    gives("LCase", &[t("ÅÄÖΣİ")], t("åäöσİ"));
    gives("UCase", &[t("åäößŉ")], t("ÅÄÖßŉ"));
    gives("PCase", &[t("TEsT")], t("Test"));
    gives("PCase", &[t("john  van DOE")], t("John  Van DOE"));
    gives(
        "PCase",
        &[t("émile ÉCOLE l'Hôpital")],
        t("Émile ÉCOLE L'hôpital"),
    );
    gives("PCase", &[t("")], t(""));
}

#[test]
fn accents_and_alphabets() {
    for (text, plain) in [
        ("æǣ", "aeae"),
        ("Æ", "AE"),
        ("çčć", "ccc"),
        ("ÇČĆ", "CCC"),
        ("Ď", "D"),
        ("ëèéêęěėē", "eeeeeeee"),
        ("Ğ", "G"),
        ("ÏÎÌÍİĪ", "IIIIII"),
        ("ÑŃŇ", "NNN"),
        ("Ø", "OE"),
        ("ř", "r"),
        ("šśșş", "ssss"),
        ("üùûúůűū", "uuuuuuu"),
        ("ÿý", "yy"),
        ("ßłıœ\u{304}", "sslioe"),
        ("äåÄÅöÖ", "aaAAoO"),
        ("đþðœ", "đþðœ"),
        ("йが한", "йが한"),
        ("e\u{301}и\u{306}\u{fb2c}", "eи\u{306}\u{fb2c}"),
        ("plain", "plain"),
    ] {
        gives("NormalizeDiacritics", &[t(text)], t(plain));
    }
    gives(
        "Transliterate",
        &[t("Müller Œuvre Łódź")],
        t("Muller OEuvre Lodz"),
    );
    gives("Transliterate", &[t("plain")], t("plain"));
    gives("IsAscii", &[t("a~")], b(true));
    gives("IsAscii", &[t("é")], b(false));
}

#[test]
fn positions() {
    gives("InStr", &[t("The quick brown fox"), t("quick")], i(5));
    gives(
        "InStr",
        &[t("repEated"), t("e"), i(3), t("vbBinaryCompare")],
        i(7),
    );
    gives(
        "InStr",
        &[t("repEated"), t("e"), i(3), t("vbTextCompare")],
        i(4),
    );
    gives("InStr", &[t("åäö"), t("ö")], i(3));
    gives("InStr", &[t("ÅÄÖ"), t("ö"), i(1), t("vbTextCompare")], i(3));
    gives("InStr", &[t("abc"), t("z")], i(0));
    gives("InStr", &[t("abc"), t("")], i(1));
    gives("InStr", &[t("abc"), t("a"), i(2)], i(0));
    gives("InStr", &[t("abc"), t("c"), i(i64::MAX)], i(0));
    gives("InStr", &[ABSENT, t("}")], i(0));
    gives("InStr", &[t("abc"), ABSENT], i(0));
    fails(
        "InStr",
        &[t("abc"), t("a"), i(0)],
        codes::OUT_OF_BOUNDS,
        "`0`",
    );
    fails(
        "InStr",
        &[t("abc"), t("a"), i(1), t("text")],
        codes::BAD_ARGUMENT,
        "`text` is not one of",
    );
    gives("InStrRev", &[t("abbcdbbbef"), t("bb")], i(7));
    gives("InStrRev", &[t("abbcdbbbef"), t("bb"), i(7)], i(6));
    gives("InStrRev", &[t("abbcdbbbef"), t("bb"), i(2)], i(0));
    gives(
        "InStrRev",
        &[t("abbcdbbbef"), t("BB"), i(99), t("vbTextCompare")],
        i(7),
    );
    gives("InStrRev", &[t("abc"), t("z")], i(0));
    gives("InStrRev", &[ABSENT, t("z")], i(0));
    fails(
        "InStrRev",
        &[t("abc"), t("a"), i(-1)],
        codes::OUT_OF_BOUNDS,
        "`-1`",
    );
}

#[test]
fn replacing() {
    gives("Replace", &[t("555-01-02"), t("-"), t("")], t("5550102"));
    gives("Replace", &[t("a\r\nb"), t("\\r\\n"), t(", ")], t("a, b"));
    gives("Replace", &[t("a b"), t(" "), t("\\t")], t("a\tb"));
    gives("Replace", &[t("aAa"), t("a"), t("b")], t("bAb"));
    gives("Replace", &[t("aaa"), t("aa"), t("b")], t("ba"));
    gives("Replace", &[t("abc"), t(""), t("x")], t("abc"));
    let map = t("’:,Å:A,Ä:A,Ö:O,å:a,ä:a,ö:o");
    gives("ReplaceChars", &[t("Räksmörgås"), map], t("Raksmorgas"));
    gives("ReplaceChars", &[t("O’Brien"), map], t("OBrien"));
    gives("ReplaceChars", &[t("ü"), t(" ü : u e ")], t("ue"));
    gives("ReplaceChars", &[t("Ada"), t("")], t("Ada"));
    for malformed in ["ö,o", "öo:o", ":o", "a:b,", "a:b:c"] {
        fails(
            "ReplaceChars",
            &[t("x"), t(malformed)],
            codes::BAD_ARGUMENT,
            malformed,
        );
    }
}

#[test]
fn patterns() {
    gives(
        "RegexReplace",
        &[t("a1b22"), t("[0-9]+"), t("#")],
        t("a#b#"),
    );
    gives(
        "RegexReplace",
        &[t("Doe, John"), t("(?P<f>\\w+), (\\w+)"), t("$2 ${f}")],
        t("John Doe"),
    );
    gives("RegexReplace", &[t("abc"), t("x*"), t("-")], t("-a-b-c-"));
    gives("RegexReplace", &[t("abc"), t("z"), t("-")], t("abc"));
    fails(
        "RegexReplace",
        &[t("abc"), t("(b"), t("-")],
        codes::BAD_PATTERN,
        "`(b`",
    );
    gives("RegexExtract", &[t("a1b22"), t("[0-9]+")], t("1"));
    gives("RegexExtract", &[t("a1b22"), t("b([0-9]+)"), i(1)], t("22"));
    gives(
        "RegexExtract",
        &[t("a1b22"), t("b(?<n>[0-9]+)"), t("n")],
        t("22"),
    );
    gives("RegexExtract", &[t("a"), t("a|(b)"), i(1)], ABSENT);
    gives("RegexExtract", &[t("a"), t("b")], ABSENT);
    fails(
        "RegexExtract",
        &[t("a"), t("a"), i(1)],
        codes::BAD_ARGUMENT,
        "`1`",
    );
    fails(
        "RegexExtract",
        &[t("a"), t("a"), i(-1)],
        codes::BAD_ARGUMENT,
        "`-1`",
    );
    fails(
        "RegexExtract",
        &[t("a"), t("a"), t("n")],
        codes::BAD_ARGUMENT,
        "`n`",
    );
}
