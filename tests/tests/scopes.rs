//! What the compiler says of scopes is true: a scope it calls contradictory takes none of many objects, a
//! part it calls always true is met by all, and a rule it calls stronger takes whatever the weaker takes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::cell::Cell;

use bumpalo::Bump;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use trib_compiler::checked::Rule;
use trib_compiler::diagnostics::{Diagnostic, codes};
use trib_compiler::value::Value;
use trib_compiler::{Checked, Sources, check};
use trib_runtime::eval::{Env, Frame, Layout, Linker, Object, Place};
use trib_runtime::object::{Row, encode_row};

const TEXTS: [&str; 8] = ["", "a", "A", "ab", "b", "svc-1", "SVC-2", "é"];
const NUMBERS: [i64; 9] = [i64::MIN, -1, 0, 1, 2, 3, 5, 514, i64::MAX];
const PLACES: [&str; 4] = [
    "CN=x,OU=Staff,DC=corp",
    "CN=x,OU=IT,OU=Staff,DC=corp",
    "CN=x,OU=Guests,DC=corp",
    "CN=x,DC=other",
];

/// An atom of a scope over attributes of an account.
fn atom() -> impl Strategy<Value = String> {
    let text = || prop::sample::select(TEXTS.to_vec());
    let attribute = || prop::sample::select(vec!["department", "Trim(department)", "title"]);
    let equality = || prop::sample::select(vec!["==", "!=", "===", "!=="]);
    let part = prop::sample::select(vec!["starts with", "ends with", "contains"]);
    let exactly = prop::sample::select(vec!["", " exactly"]);
    let order = || prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    let number = || prop::sample::select(NUMBERS[1..8].to_vec());
    let presence = || prop::sample::select(vec!["is present", "is absent"]);
    let place = prop::sample::select(vec![
        "OU=Staff,DC=corp",
        "ou=it, ou=staff, dc=corp",
        "DC=other",
    ]);
    let test = prop::sample::select(vec!["IsPresent", "IsNullOrEmpty", "IsNull", "IsEmpty"]);
    prop_oneof![
        (attribute(), equality(), text()).prop_map(|(a, o, t)| format!("{a} {o} \"{t}\"")),
        (attribute(), order(), text()).prop_map(|(a, o, t)| format!("{a} {o} \"{t}\"")),
        (attribute(), part, exactly, text()).prop_map(|(a, p, e, t)| format!("{a} {p}{e} \"{t}\"")),
        (attribute(), presence()).prop_map(|(a, p)| format!("{a} {p}")),
        (test, attribute()).prop_map(|(t, a)| format!("{t}({a})")),
        (attribute(), text(), text()).prop_map(|(a, t, u)| format!("{a} in [\"{t}\", \"{u}\"]")),
        (order(), number()).prop_map(|(o, n)| format!("logonCount {o} ({n})")),
        (1..4i64).prop_map(|mask| format!("IsBitSet(logonCount, {mask})")),
        (1..4i64).prop_map(|mask| format!("BitAnd(logonCount, {mask}) == 0")),
        prop::sample::select(vec!["== true", "!= true", "== false", "is present"])
            .prop_map(|rest| format!("isCriticalSystemObject {rest}")),
        text().prop_map(|t| format!("\"{t}\" in proxyAddresses")),
        place.prop_map(|p| format!("dn under \"{p}\"")),
        equality().prop_map(|o| format!("department {o} title")),
        text().prop_map(|t| format!("(title ?? \"a\") == \"{t}\"")),
        text().prop_map(|t| format!(
            "(if logonCount > 1 then title == \"{t}\" else department is absent)"
        )),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    atom().prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("(not {a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} and {b})")),
        ]
    })
}

fn scope() -> impl Strategy<Value = String> {
    prop::collection::vec(condition(), 1..4).prop_map(|parts| parts.join(" and "))
}

/// Two rules, the second one weaker.
fn program(strong: &str, weak: &str) -> Checked {
    let text = format!(
        "connector corp : ad\n\
         metaverse person {{ displayName : string }}\n\
         rule \"Strong\" {{\n  from corp.user  to person  precedence 1  link provision\n  scope {strong}\n  flow {{ displayName <- \"x\" }}\n}}\n\
         rule \"Weak\" {{\n  from corp.user  to person  precedence 2  link provision\n  scope {weak}\n  flow {{ displayName <- cn }}\n}}\n"
    );
    let mut sources = Sources::default();
    sources.add("scopes.trib", text);
    check(&mut sources)
}

/// An account: its place and its values by attribute.
type Account = (&'static str, Vec<(&'static str, Value<'static>)>);

fn accounts(bump: &'static Bump) -> Vec<Account> {
    let mut texts = vec![Value::Absent];
    texts.extend(TEXTS.map(Value::Text));
    let mut numbers = vec![Value::Absent];
    numbers.extend(NUMBERS.map(Value::Int));
    let flags = [Value::Absent, Value::Bool(true), Value::Bool(false)];
    let lists: Vec<Value<'static>> = [&[][..], &["a"], &["A", "b"], &["svc-1", "é", ""]]
        .map(|list| Value::list(bump, list.iter().map(|text| Value::Text(text))))
        .to_vec();
    let mut accounts = Vec::new();
    let mut at = 0;
    for department in &texts {
        for title in &texts {
            for number in &numbers {
                // The others go round, so that every pair of values meets somewhere.
                at += 1;
                accounts.push((
                    PLACES[at % PLACES.len()],
                    vec![
                        ("department", *department),
                        ("title", *title),
                        ("logonCount", *number),
                        ("isCriticalSystemObject", flags[at / 4 % flags.len()]),
                        ("proxyAddresses", lists[at / 3 % lists.len()]),
                    ],
                ));
            }
        }
    }
    accounts
}

/// Whether each account meets each part of the rule's scope; `None` where a part fails.
fn meets(checked: &Checked, rule: &Rule, accounts: &[Account]) -> Vec<Option<Vec<bool>>> {
    let attributes = &checked.rules.object_type(rule.source).unwrap().attributes;
    let place = |at: usize| match attributes[at].name.as_str() {
        "dn" => Place::Dn,
        _ => Place::Slot(at),
    };
    let layout = Layout {
        places: (0..attributes.len()).map(place).collect(),
        ..Layout::default()
    };
    let linker = Linker { layout: &layout };
    let parts = rule.scope.iter();
    let parts: Vec<_> = parts.map(|part| linker.link(&part.expr).unwrap()).collect();
    let meets = |(dn, known): &Account| {
        let bump = Bump::new();
        let values = attributes.iter().map(|attribute| {
            let named = known.iter().find(|(name, _)| *name == attribute.name);
            named.map_or(Value::Absent, |(_, value)| *value)
        });
        let row = encode_row(&values.collect::<Vec<_>>());
        let env = Env {
            object: Object::of(Row::new(&row), dn),
            bump: &bump,
            now: 0,
            parameters: &[],
            scripts: &[],
            counts: None,
            due: None,
        };
        let mut frame = Frame::default();
        let met = parts
            .iter()
            .map(|part| Some(env.eval(part, &mut frame).ok()?.is_true()));
        met.collect()
    };
    accounts.iter().map(meets).collect()
}

fn about<'c>(
    checked: &'c Checked,
    id: &'c str,
    rule: &'c Rule,
) -> impl Iterator<Item = &'c Diagnostic> {
    let within = move |found: &&Diagnostic| {
        rule.scope
            .iter()
            .any(|part| part.span.start <= found.span.start && found.span.start <= part.span.end)
    };
    checked
        .diagnostics
        .iter()
        .filter(move |found| found.code.id == id)
        .filter(within)
}

#[test]
fn what_is_said_of_scopes_is_true_of_objects() {
    let bump: &'static Bump = Box::leak(Box::default());
    let accounts = accounts(bump);
    let (contradictory, empty) = (Cell::new(0), Cell::new(0));
    let (always, shadowed) = (Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<u32>| cell.set(cell.get() + 1);
    let cases = Config {
        cases: 600,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(cases)
        .run(&(scope(), scope()), |(strong, weak)| {
            let checked = program(&strong, &weak);
            let [first, second] = checked.rules.rules.as_slice() else {
                panic!("{:#?}", checked.diagnostics);
            };
            let met_first = meets(&checked, first, &accounts);
            let met_second = meets(&checked, second, &accounts);
            let all = |parts: &Option<Vec<bool>>| {
                parts
                    .as_ref()
                    .is_some_and(|parts| parts.iter().all(|met| *met))
            };
            for (rule, met) in [(first, &met_first), (second, &met_second)] {
                let none = !met.iter().any(all);
                if none {
                    count(&empty);
                }
                if about(&checked, codes::ALWAYS_FALSE.id, rule)
                    .next()
                    .is_some()
                {
                    count(&contradictory);
                    prop_assert!(none, "called contradictory: {strong} / {weak}");
                }
                for found in about(&checked, codes::ALWAYS_TRUE.id, rule) {
                    count(&always);
                    let part = |wanted| {
                        rule.scope
                            .iter()
                            .position(|part| part.span == wanted)
                            .unwrap()
                    };
                    let at = part(found.span);
                    let by = found.related.first().map(|(span, _)| part(*span));
                    for parts in met.iter().flatten() {
                        let implied = by.is_none_or(|by| parts[by]);
                        prop_assert!(
                            !implied || parts[at],
                            "called always true: {strong} / {weak}"
                        );
                    }
                }
            }
            if checked
                .diagnostics
                .iter()
                .any(|found| found.code.id == codes::SHADOWED.id)
            {
                count(&shadowed);
                for (strong_met, weak_met) in met_first.iter().zip(&met_second) {
                    prop_assert!(
                        !all(weak_met) || all(strong_met),
                        "called stronger: {strong} / {weak}"
                    );
                }
            }
            Ok(())
        })
        .unwrap();
    let (contradictory, empty) = (contradictory.get(), empty.get());
    println!(
        "{contradictory} of {empty} empty scopes found, {} always true, {} shadowed",
        always.get(),
        shadowed.get()
    );
    assert!(contradictory > 30 && always.get() > 30 && shadowed.get() > 20);
}
