//! Rules that read the clock: nothing is missed, and nothing is evaluated before its instant has come.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod stores;

use std::fs;
use std::path::PathBuf;

use stores::{contents, engine, touch_all};
use trib_compiler::notation::time::{DAY, HOUR};
use trib_compiler::value::Ticks;
use trib_runtime::progress::Silent;
use trib_tests::corp::{CONNECTOR, Corp};
use trib_tests::deployment::Deployment;

/// 2026-01-01.
const START: Ticks = 134_117_856_000_000_000;
const PEOPLE: u32 = 12;

fn rules(flows: &str, outbound: &str) -> String {
    format!(
        r#"
connector corp  : ad
connector cloud : entra

metaverse person {{
  accountEnabled    : bool
  company           : string(64)
  department        : string(64)
  displayName       : string(256)
  hired             : time
  sourceAnchor      : string(64) indexed
  title             : string(128)
  userPrincipalName : string(113)
}}

rule "in" {{
  from       corp.user
  to         person
  precedence 1
  link       provision
  scope      sAMAccountName is present and userPrincipalName is present and displayName is present
             and DateAdd("d", 3, whenCreated) <= Now()
  flow {{
    sourceAnchor      <- ConvertToBase64(objectGUID)
    accountEnabled    <- not (DateFromNum(accountExpires) < DateAdd("h", 12, Now()))
    hired             <- whenCreated
    displayName       <- Left(displayName, 256)
    userPrincipalName <- Left(userPrincipalName, 113)
    {flows}
  }}
}}

rule "out" {{
  from       person
  to         cloud.user
  precedence 1
  link       provision
  scope      sourceAnchor is present and userPrincipalName is present and displayName is present
             and accountEnabled is present and {outbound}
  flow {{
    onPremisesImmutableId <- sourceAnchor
    accountEnabled, displayName, userPrincipalName, company, department, title
    mailNickname    <- Left(Word(userPrincipalName, 1, "@"), 64)
    passwordProfile <- once {{ password: RandomPassword(), forceChangePasswordNextSignIn: true }}
  }}
}}
"#
    )
    .replace(
        ", company, department, title",
        match flows {
            "" => "",
            _ => "\n    companyName <- company\n    department\n    jobTitle <- title",
        },
    )
}

const EXACT: &str = "hired < DateAdd(\"d\", -30, Now())";

/// When a person of the story was hired and leaves.
fn life(number: u32) -> (Ticks, Ticks) {
    let number = i64::from(number);
    let hired = START + number * 23 * DAY + number * 7 * HOUR;
    (hired, hired + (50 + number * 9) * DAY + 5 * HOUR)
}

/// The store after an import of people who are hired and leave over a year.
async fn imported(rules: &str) -> (Deployment, PathBuf) {
    let mut corp = Corp::of(PEOPLE);
    for number in 1..=PEOPLE {
        let (hired, leaves) = life(number);
        let text = trib_compiler::notation::time::print(hired);
        let text: String = text
            .chars()
            .filter(|c| c.is_ascii_digit())
            .take(14)
            .collect();
        corp.set(number, "whenCreated", &format!("{text}.0Z"));
        corp.set(number, "accountExpires", &leaves.to_string());
    }
    let deployment = Deployment::start("contoso.test", rules, CONNECTOR).await;
    corp.write(&deployment);
    let mut engine = deployment.engine().unwrap();
    engine.import(false, &Silent).await.unwrap();
    drop(engine);
    let state = deployment.folder().join("state.db");
    (deployment, state)
}

/// Irregular instants over a year and a bit.
fn instants() -> Vec<Ticks> {
    (0..115)
        .map(|at| START + at * 4 * DAY + (at * at % 23) * HOUR)
        .collect()
}

async fn same_as_full_evaluation(rules: &str) {
    let (deployment, state) = imported(rules).await;
    let full = deployment.folder().join("full.db");
    fs::copy(&state, &full).unwrap();
    let (mut touched, mut all, mut plans) = (0, 0, std::collections::BTreeSet::new());
    for now in instants() {
        let mut warm = engine(&state, rules);
        touched += warm.synchronize_at(now, &Silent).unwrap().entries;
        touch_all(&full);
        let mut cold = engine(&full, rules);
        all += cold.synchronize_at(now, &Silent).unwrap().entries;
        assert_eq!(warm.plan().unwrap(), cold.plan().unwrap(), "at {now}");
        plans.insert(warm.plan().unwrap().plan);
        drop((warm, cold));
        assert_eq!(contents(&state), contents(&full), "at {now}");
    }
    assert!(plans.len() > 20, "the story tells nothing: {}", plans.len());
    assert!(touched <= all, "{touched} {all}");
}

#[tokio::test]
async fn comparisons_with_the_clock_come_out_as_if_everything_were_evaluated() {
    same_as_full_evaluation(&rules("", EXACT)).await;
}

#[tokio::test]
async fn whatever_reads_the_clock_comes_out_as_if_everything_were_evaluated() {
    let flows = r#"title <- if DateDiff("d", whenCreated, Now()) >= 90 then "senior" else "new"
    company <- if DateAdd("m", -6, Now()) > whenCreated then "old" else "young"
    department <- FormatDateTime(Now(), "yyyy-MM") & CStr(DateDiff("w", Now(), whenCreated))"#;
    same_as_full_evaluation(&rules(flows, EXACT)).await;
    let flows = r#"title <- FormatDateTime(Now(), "HH:mm")
    department <- if NumFromDate(Now()) - 864000000000 > accountExpires then "gone"
    company <- CStr(DateDiff("h", Now(), whenCreated))"#;
    same_as_full_evaluation(&rules(flows, "DateAdd(\"q\", 1, hired) > Now()")).await;
}

#[tokio::test]
async fn nobody_is_evaluated_before_the_instant_has_come() {
    let rules = rules("", EXACT);
    let (_deployment, state) = imported(&rules).await;
    let mut engine = engine(&state, &rules);
    let mut before = None;
    for now in instants() {
        let come = |at: Ticks| before.is_none_or(|before| at > before) && at <= now;
        let (mut entries, mut objects) = (0, 0);
        for number in 1..=PEOPLE {
            let (hired, leaves) = life(number);
            let enters = come(hired + 3 * DAY);
            // The clock of the flow is read once the person is there, and is of no matter after it.
            let flows = hired + 3 * DAY <= now && come(leaves - 12 * HOUR + 1);
            let exports = come(hired + 30 * DAY + 1);
            entries += u64::from(enters || flows || before.is_none());
            objects += u64::from(enters || flows || exports);
        }
        let ahead = engine.next_wake().unwrap();
        let evaluated = engine.synchronize_at(now, &Silent).unwrap();
        assert_eq!(evaluated.entries, entries, "at {now}");
        assert!(evaluated.objects <= 2 * objects, "at {now}: {evaluated:?}");
        assert_eq!(
            evaluated.objects == 0,
            objects == 0,
            "at {now}: {evaluated:?}"
        );
        if before.is_some() {
            assert_eq!(
                ahead.is_some_and(|at| at <= now),
                objects > 0,
                "at {now}: {ahead:?}"
            );
        }
        before = Some(now);
    }
    assert_eq!(engine.next_wake().unwrap(), None);
}
