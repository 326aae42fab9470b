use std::collections::HashSet;

use super::super::codes;
use super::*;
use crate::notation::guid;

#[test]
fn guids_differ() {
    let bump = Bump::new();
    let guids: HashSet<&str> = (0..100)
        .map(|_| call(&bump, "Guid", &[]).unwrap().as_text().unwrap())
        .collect();
    assert_eq!(guids.len(), 100);
    for text in guids {
        assert!(guid::parse(text).is_some());
        assert_eq!(&text[14..15], "4");
        assert!("89ab".contains(&text[19..20]));
    }
}

#[test]
fn numbers_reach_both_ends() {
    let bump = Bump::new();
    let drawn: HashSet<i64> = (0..1000)
        .map(
            |_| match call(&bump, "RandomNum", &[i(-2), i(2)]).unwrap() {
                Value::Int(number) => number,
                other => panic!("{other:?}"),
            },
        )
        .collect();
    assert_eq!(drawn, HashSet::from([-2, -1, 0, 1, 2]));
    gives("RandomNum", &[i(i64::MAX), i(i64::MAX)], i(i64::MAX));
    assert!(call(&bump, "RandomNum", &[i(i64::MIN), i(i64::MAX)]).is_ok());
    fails("RandomNum", &[i(2), i(1)], codes::OUT_OF_BOUNDS, "`2`");
}

/// Digits, special characters, capitals and small letters of a text.
fn kinds(text: &str) -> [usize; 4] {
    let count = |is: fn(&char) -> bool| text.chars().filter(is).count();
    [
        count(char::is_ascii_digit),
        count(char::is_ascii_punctuation),
        count(char::is_ascii_uppercase),
        count(char::is_ascii_lowercase),
    ]
}

#[test]
fn texts_have_what_was_asked_for() {
    let bump = Bump::new();
    for _ in 0..200 {
        let arguments = [i(6), i(3), i(0), i(0), i(3)];
        let text = call(&bump, "RandomString", &arguments)
            .unwrap()
            .as_text()
            .unwrap();
        assert_eq!(kinds(text), [3, 0, 0, 3], "{text}");
        let arguments = [i(10), i(2), i(2), i(2), i(1), t("?,@0aZ")];
        let text = call(&bump, "RandomString", &arguments)
            .unwrap()
            .as_text()
            .unwrap();
        let found = kinds(text);
        assert!(
            found
                .iter()
                .zip([2, 2, 2, 1])
                .all(|(found, least)| *found >= least),
            "{text}"
        );
        assert_eq!(found.iter().sum::<usize>(), 10);
        assert!(!text.contains(['?', ',', '@', '0', 'a', 'Z']), "{text}");
        let password = call(&bump, "RandomPassword", &[])
            .unwrap()
            .as_text()
            .unwrap();
        assert_eq!(password.len(), 24);
        assert!(kinds(password).iter().all(|found| *found > 0));
    }
    gives("RandomString", &[i(0), i(0), i(0), i(0), i(0)], t(""));
}

#[test]
fn impossible_texts() {
    let ask = |length, least: [i64; 4]| {
        [
            i(length),
            i(least[0]),
            i(least[1]),
            i(least[2]),
            i(least[3]),
        ]
    };
    fails(
        "RandomString",
        &ask(3, [1, 1, 1, 1]),
        codes::BAD_ARGUMENT,
        "`3`",
    );
    fails(
        "RandomString",
        &ask(3, [-1, 1, 1, 1]),
        codes::BAD_ARGUMENT,
        "`3`",
    );
    fails(
        "RandomString",
        &ask(3, [i64::MAX, i64::MAX, 0, 0]),
        codes::BAD_ARGUMENT,
        "`3`",
    );
    fails("RandomString", &ask(257, [0; 4]), codes::TOO_LARGE, "`257`");
    fails("RandomString", &ask(-1, [0; 4]), codes::TOO_LARGE, "`-1`");
    let avoided = [i(3), i(1), i(0), i(0), i(0), t("0123456789")];
    fails("RandomString", &avoided, codes::BAD_ARGUMENT, "`3`");
    fails("RandomPassword", &[i(7)], codes::BAD_ARGUMENT, "`7`");
    fails("RandomPassword", &[i(i64::MAX)], codes::TOO_LARGE, "256");
}
