use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{Kind, Length, Occurs, Parameter, Shape, all};
use super::*;
use crate::notation;

/// A value that owns what a [`Value`] borrows.
#[derive(Debug, Clone)]
enum Owned {
    Absent,
    Clear,
    Bool(bool),
    Int(i64),
    Text(String),
    Binary(Vec<u8>),
    Time(i64),
    Dn(String),
    Reference(i64),
    List(Vec<Owned>),
    Record(Vec<(String, Owned)>),
}

impl Owned {
    fn borrowed<'a>(&self, bump: &'a Bump) -> Value<'a> {
        match self {
            Owned::Absent => Value::Absent,
            Owned::Clear => Value::Clear,
            Owned::Bool(truth) => Value::Bool(*truth),
            Owned::Int(number) => Value::Int(*number),
            Owned::Text(text) => Value::Text(bump.alloc_str(text)),
            Owned::Binary(bytes) => Value::Binary(bump.alloc_slice_copy(bytes)),
            Owned::Time(ticks) => Value::Time(*ticks),
            Owned::Dn(dn) => Value::Dn(bump.alloc_str(dn)),
            Owned::Reference(id) => Value::Reference(*id),
            Owned::List(items) => Value::list(bump, items.iter().map(|item| item.borrowed(bump))),
            Owned::Record(fields) => Value::Record(
                bump.alloc_slice_fill_iter(
                    fields
                        .iter()
                        .map(|(name, value)| (&*bump.alloc_str(name), value.borrowed(bump))),
                ),
            ),
        }
    }
}

fn int() -> impl Strategy<Value = i64> {
    prop_oneof![-3i64..12, any::<i64>(), Just(i64::MIN), Just(i64::MAX)]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zA-Z0-9 ,;:=\\\\äßİ’%'\"$({\\[-]{0,12}",
        "(CN=[a-c\\\\, ]{0,4},){0,3}DC=com",
        "S-1-[0-9]{1,12}(-[0-9]{1,11}){0,3}",
        "[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}[T ][0-9]{1,2}:[0-9]{1,2}( ?[AP]M)?([+-][0-9]{1,4})?",
    ]
}

fn value() -> impl Strategy<Value = Owned> {
    let single = prop_oneof![
        Just(Owned::Absent),
        Just(Owned::Clear),
        any::<bool>().prop_map(Owned::Bool),
        int().prop_map(Owned::Int),
        text().prop_map(Owned::Text),
        vec(any::<u8>(), 0..30).prop_map(Owned::Binary),
        prop_oneof![any::<i64>(), 0i64..2_650_467_744_000_000_000].prop_map(Owned::Time),
        text().prop_map(Owned::Dn),
        any::<i64>().prop_map(Owned::Reference),
    ];
    single.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Owned::List),
            vec(("[a-z]{1,3}", inner), 1..3).prop_map(Owned::Record),
        ]
    })
}

/// A value that the parameter takes.
fn fitting(parameter: &Parameter) -> BoxedStrategy<Owned> {
    let (kind, many) = match parameter.shape {
        Shape::One(kind) | Shape::Whole(kind) => (kind, false),
        Shape::Many(kind) => (kind, true),
    };
    let single = match kind {
        Kind::Text => text().prop_map(Owned::Text).boxed(),
        Kind::Word(words) => proptest::sample::select(words)
            .prop_map(|word| Owned::Text(word.to_owned()))
            .boxed(),
        Kind::Int => int().prop_map(Owned::Int).boxed(),
        Kind::Bool => any::<bool>().prop_map(Owned::Bool).boxed(),
        Kind::Binary | Kind::Guid => vec(any::<u8>(), 0..30).prop_map(Owned::Binary).boxed(),
        Kind::Time => (0i64..2_650_467_744_000_000_000)
            .prop_map(Owned::Time)
            .boxed(),
        Kind::Dn => text().prop_map(Owned::Dn).boxed(),
        Kind::TextOrBinary => prop_oneof![
            text().prop_map(Owned::Text),
            Just(Owned::Binary(vec![1, 2]))
        ]
        .boxed(),
        Kind::Any => value().boxed(),
    };
    if many {
        vec(single, 1..4).prop_map(Owned::List).boxed()
    } else {
        single
    }
}

/// A function and values that it takes.
fn well_typed() -> impl Strategy<Value = (&'static str, Vec<Owned>)> {
    let names: Vec<&'static str> = all().map(|function| function.name).collect();
    proptest::sample::select(names).prop_flat_map(|name| {
        let parameters = find(name).unwrap().parameters.iter();
        let arguments = parameters.flat_map(|parameter| match parameter.occurs {
            Occurs::Repeated => vec![fitting(parameter), fitting(parameter)],
            Occurs::Once | Occurs::Optional => vec![fitting(parameter)],
        });
        (Just(name), arguments.collect::<Vec<_>>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4 * ProptestConfig::default().cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_mixture_of_values_panics(values in vec(value(), 0..7)) {
        let bump = Bump::new();
        let arguments: Vec<Value<'_>> = values.iter().map(|value| value.borrowed(&bump)).collect();
        for function in all() {
            if let Err(failure) = call(&bump, function.name, &arguments) {
                prop_assert!(failure.code.starts_with("V01"));
                prop_assert!(failure.message.chars().count() < 300, "{}", failure.message);
            }
        }
    }

    #[test]
    fn calls_of_the_right_types_keep_the_declared_lengths((name, values) in well_typed()) {
        let bump = Bump::new();
        let function = find(name).unwrap();
        let arguments: Vec<Value<'_>> = values.iter().map(|value| value.borrowed(&bump)).collect();
        let Ok(result) = call(&bump, function.name, &arguments) else { return Ok(()) };
        let most = match (function.length, &arguments[..]) {
            (Length::AtMost(most), _) => most as usize,
            (Length::Argument(0), [value @ (Value::Text(_) | Value::Dn(_)), ..]) => length(*value),
            (Length::Cut, [text, Value::Int(count), ..]) if *count >= 0 => {
                length(*text).min(usize::try_from(*count).unwrap())
            }
            (Length::Cut | Length::CutMid, [text, ..]) => length(*text),
            (Length::Times(times), [text, ..]) => length(*text) * times as usize,
            (Length::Sum, texts) => texts.iter().map(|text| length(*text)).sum(),
            (Length::Pad, [text, Value::Int(least), ..]) => {
                length(*text).max(usize::try_from(*least).unwrap_or(0))
            }
            _ => return Ok(()),
        };
        for item in result.items() {
            prop_assert!(length(*item) <= most, "{} {:?}: {:?}", function.name, arguments, item);
        }
    }

    #[test]
    fn pieces_are_pieces(text in text(), first in int(), second in int(), delimiters in "[ ,@a]{0,3}") {
        let bump = Bump::new();
        let text = bump.alloc_str(&text);
        for (name, arguments) in [
            ("Left", &[t(text), i(first)][..]),
            ("Right", &[t(text), i(first)]),
            ("Mid", &[t(text), i(first), i(second)]),
            ("Word", &[t(text), i(first), t(&delimiters)]),
        ] {
            let piece = call(&bump, name, arguments).unwrap().as_text().unwrap();
            prop_assert!(text.contains(piece), "{} {:?} {:?}", name, arguments, piece);
        }
    }

    #[test]
    fn left_and_right_make_the_whole(text: String, count in 0i64..20) {
        let bump = Bump::new();
        let left = call(&bump, "Left", &[t(&text), i(count)]).unwrap().as_text().unwrap();
        let rest = text.chars().count().saturating_sub(left.chars().count()) as i64;
        let right = call(&bump, "Right", &[t(&text), i(rest)]).unwrap().as_text().unwrap();
        prop_assert_eq!(format!("{left}{right}"), text.as_str());
    }

    #[test]
    fn round_trips(text: String, bytes: [u8; 16]) {
        let bump = Bump::new();
        let through = |to, from| call(&bump, from, &[call(&bump, to, &[t(&text)]).unwrap()]).unwrap();
        prop_assert_eq!(through("ConvertToBase64", "ConvertFromBase64"), t(&text));
        prop_assert_eq!(through("ConvertToUTF8Hex", "ConvertFromUTF8Hex"), t(&text));
        let guid = call(&bump, "StringFromGuid", &[Value::Binary(&bytes)]).unwrap();
        prop_assert_eq!(call(&bump, "CGuid", &[guid]).unwrap(), Value::Binary(&bytes));
    }

    #[test]
    fn dates_read_what_is_printed(ticks in -504_911_232_000_000_000i64..2_650_467_744_000_000_000) {
        let bump = Bump::new();
        let printed = notation::time::print(ticks);
        prop_assert_eq!(call(&bump, "CDate", &[t(&printed)]).unwrap(), Value::Time(ticks));
        let format = call(&bump, "FormatDateTime", &[Value::Time(ticks), t("yyyy-MM-ddTHH:mm:ss.fffffffK")]).unwrap();
        prop_assert_eq!(call(&bump, "CDate", &[format]).unwrap(), Value::Time(ticks));
    }

    #[test]
    fn positions_are_where_the_text_is(text in "[abä]{0,12}", find in "[abä]{1,2}") {
        let bump = Bump::new();
        for name in ["InStr", "InStrRev"] {
            let Value::Int(position) = call(&bump, name, &[t(&text), t(&find)]).unwrap() else { panic!() };
            prop_assert_eq!(position > 0, text.contains(&find));
            if position > 0 {
                let there: String = text.chars().skip(position as usize - 1).collect();
                prop_assert!(there.starts_with(&find));
            }
        }
    }
}

fn length(value: Value<'_>) -> usize {
    value.as_text().map_or(0, |text| text.chars().count())
}
