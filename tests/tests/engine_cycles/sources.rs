//! Sources that answer badly, and too many deletes.

use std::fs;

use trib_runtime::error::Class;
use trib_runtime::plan::Op;
use trib_runtime::progress::Silent;
use trib_tests::corp::{Corp, idle};
use trib_tests::deployment::Deployment;

use crate::{NONE, creates, deletes, deployment, updates, user, users};

async fn refused(tenant: &Deployment, class: Class, what: &str) {
    tenant.writes().await;
    let error = tenant.cycle().await.expect_err(what);
    assert_eq!(error.class, class, "{what}: {error}");
    assert_eq!(tenant.writes().await, [] as [String; 0], "{what}");
    assert_eq!(users(tenant).await.len(), 20, "{what}");
}

#[tokio::test]
async fn a_source_that_answers_badly_never_deletes() {
    let tenant = deployment().await;
    let file = tenant.folder().join("corp.ldif");
    let mut corp = Corp::of(20);
    corp.group(50, [1, 2]);
    corp.cycle(&tenant).await.unwrap();
    let whole = corp.ldif();

    fs::write(&file, "").unwrap();
    refused(&tenant, Class::Directory, "an empty file").await;
    fs::write(&file, "version: 1\n").unwrap();
    refused(&tenant, Class::Directory, "no record").await;
    let head = whole.find("\ndn: CN=").unwrap();
    fs::write(&file, &whole[..head]).unwrap();
    refused(&tenant, Class::Directory, "units only").await;
    fs::write(&file, whole.replace("DC=corp", "DC=other")).unwrap();
    refused(&tenant, Class::Directory, "another base").await;
    fs::write(&file, whole.replace("\ndn: CN=P7", "\ndn CN=P7")).unwrap();
    refused(&tenant, Class::Configuration, "a broken line").await;
    fs::remove_file(&file).unwrap();
    refused(&tenant, Class::Configuration, "no file").await;
    // Cut inside a value that is not complete.
    let cut = whole.find("objectSid:: ").unwrap() + 4;
    fs::write(&file, &whole[..cut]).unwrap();
    refused(&tenant, Class::Configuration, "cut short inside a line").await;

    corp.set(3, "title", "Agent");
    corp.expect(&tenant, updates(1), "the next good import continues")
        .await;
    assert_eq!(user(&tenant, 3).await["jobTitle"], "Agent");
}

#[tokio::test]
async fn a_file_cut_between_entries_is_held_by_the_guard() {
    let tenant = deployment().await;
    let corp = Corp::of(40);
    corp.expect(&tenant, creates(40), "first").await;
    let whole = corp.ldif();
    let cut = whole.find(&format!("\ndn: {}", corp.dn(11))).unwrap();
    fs::write(tenant.folder().join("corp.ldif"), &whole[..cut]).unwrap();
    let (plan, applied) = tenant.cycle().await.unwrap();
    assert_eq!(plan.counts.delete, 30);
    assert_eq!(applied.written, NONE);
    assert_eq!(applied.waiting.delete, 30);
    corp.expect(&tenant, NONE, "the file is whole again").await;
    assert_eq!(users(&tenant).await.len(), 40);
}

/// Not only deletes follow from a short answer: whoever was not seen keeps manager and members too.
#[tokio::test]
async fn what_a_short_answer_leaves_out_stays_as_it_was() {
    let tenant = deployment().await;
    let mut corp = Corp::of(60);
    corp.group(100, 1..=60);
    for number in 1..=20 {
        corp.entry(number + 20)
            .links
            .insert("manager".to_owned(), [number].into());
    }
    corp.cycle(&tenant).await.unwrap();
    let before = corp.clone();
    (1..=20).for_each(|number| {
        corp.remove(number);
    });
    corp.set(31, "title", "Agent");
    corp.write(&tenant);
    tenant.writes().await;
    let (plan, applied) = tenant.cycle().await.unwrap();
    let short = plan
        .guards
        .iter()
        .find(|guard| guard.name == "disappearances of user");
    let short = short.expect("a guard on the answer of the source");
    assert_eq!(
        (short.connector.as_str(), short.limit, short.would_be),
        ("corp", 6, 20)
    );
    assert!(short.tripped);
    assert_eq!(short.because, ["`corp` returned 40 of 60 users"]);
    assert_eq!(applied.written, updates(1), "the rest goes on");
    assert_eq!(tenant.writes().await.len(), 1);
    let cause = plan.of(Op::Delete).next().unwrap().because.as_deref();
    assert_eq!(cause, Some("the source entry is gone from `corp`"));

    let again = tenant.plan().await.unwrap();
    assert_eq!(
        again.counts.delete, 20,
        "asked again, it is not believed either"
    );
    assert_eq!(again, tenant.plan().await.unwrap(), "a plan stays the same");
    let mut whole = before;
    whole.set(31, "title", "Agent");
    whole.expect(&tenant, NONE, "whole again").await;
    assert!(
        !tenant
            .plan()
            .await
            .unwrap()
            .guards
            .iter()
            .any(|guard| guard.tripped)
    );

    corp.write(&tenant);
    let plan = tenant.plan().await.unwrap();
    let mut engine = tenant.engine().unwrap();
    let applied = engine
        .apply(&plan, Some(&plan.plan), &Silent)
        .await
        .unwrap();
    assert_eq!(applied.written, deletes(20), "all that was shown");
    drop(engine);
    idle(&tenant, "approved").await;
    assert_eq!(users(&tenant).await.len(), 40);
}

#[tokio::test]
async fn what_no_rule_reads_any_more_is_not_missing() {
    let mut tenant = deployment().await;
    let mut corp = Corp::of(3);
    (100..120).for_each(|number| corp.group(number, []));
    corp.cycle(&tenant).await.unwrap();
    tenant.set_rules("use entra.users\n");
    let plan = tenant.plan().await.unwrap();
    let tripped: Vec<_> = plan.guards.iter().filter(|guard| guard.tripped).collect();
    assert_eq!(tripped, [] as [&trib_runtime::plan::GuardResult; 0]);
    assert_eq!(plan.counts.delete, 0, "{:#?}", plan.changes);
}

#[tokio::test]
async fn few_that_are_gone_are_gone() {
    let tenant = deployment().await;
    let mut corp = Corp::of(60);
    corp.cycle(&tenant).await.unwrap();
    (1..=6).for_each(|number| {
        corp.remove(number);
    });
    corp.expect(&tenant, deletes(6), "as many as the guard allows")
        .await;
    assert_eq!(users(&tenant).await.len(), 54);
}

#[tokio::test]
async fn a_malformed_entry_is_reported_and_stays() {
    let tenant = deployment().await;
    let mut corp = Corp::of(3);
    corp.expect(&tenant, creates(3), "first").await;
    let whole = corp.ldif();
    let file = tenant.folder().join("corp.ldif");
    let record = whole.find(&format!("dn: {}", corp.dn(2))).unwrap();
    let without = |line: &str| {
        let at = record + whole[record..].find(line).unwrap();
        let end = at + whole[at..].find('\n').unwrap() + 1;
        format!("{}{}", &whole[..at], &whole[end..])
    };
    for line in ["objectGUID", "userAccountControl"] {
        let text = match line {
            "userAccountControl" => without(line).replace(
                &format!("dn: {}\n", corp.dn(2)),
                &format!("dn: {}\nuserAccountControl: many\n", corp.dn(2)),
            ),
            _ => without(line),
        };
        fs::write(&file, text).unwrap();
        let (plan, applied) = tenant.cycle().await.unwrap();
        assert_eq!(plan.errors.len(), 1, "{line}: {:?}", plan.errors);
        assert_eq!(plan.errors[0].code, "malformed-entry");
        assert_eq!(applied.written, NONE, "{line}");
    }
    corp.set(2, "title", "Agent");
    corp.expect(&tenant, updates(1), "mended").await;
}

#[tokio::test]
async fn too_many_deletes_wait_for_an_approval() {
    let tenant = deployment().await;
    let mut corp = Corp::of(60);
    corp.group(100, 1..=60);
    corp.cycle(&tenant).await.unwrap();
    (1..=30).for_each(|number| {
        corp.remove(number);
    });
    corp.set(31, "title", "Agent");
    corp.write(&tenant);
    tenant.writes().await;
    let (plan, applied) = tenant.cycle().await.unwrap();
    let guard = plan
        .guards
        .iter()
        .find(|guard| guard.tripped)
        .expect("a guard");
    assert_eq!((guard.limit, guard.would_be), (6, 30));
    assert!(guard.because[0].starts_with("30 × "), "{:?}", guard.because);
    assert_eq!(applied.written, updates(1), "the rest goes on");
    assert_eq!(applied.waiting.delete, 30);
    assert_eq!(tenant.writes().await.len(), 1, "no member was taken out");

    let plan = tenant.plan().await.unwrap();
    assert_eq!(
        plan.counts,
        trib_runtime::plan::Counts {
            unchanged: plan.counts.unchanged,
            ..deletes(30)
        }
    );
    let mut engine = tenant.engine().unwrap();
    let wrong = engine
        .apply(&plan, Some("0123"), &Silent)
        .await
        .expect_err("a wrong approval");
    assert_eq!(wrong.class, Class::Refused);
    assert_eq!(users(&tenant).await.len(), 60);
    let applied = engine
        .apply(&plan, Some(&plan.plan), &Silent)
        .await
        .unwrap();
    assert_eq!(applied.written, deletes(30));
    drop(engine);
    idle(&tenant, "approved").await;
    assert_eq!(users(&tenant).await.len(), 30);
    assert_eq!(crate::members(&tenant, "G100").await.len(), 30);
}

#[tokio::test]
async fn a_plan_out_of_date_is_refused() {
    let tenant = deployment().await;
    let mut corp = Corp::of(3);
    corp.write(&tenant);
    let plan = tenant.plan().await.unwrap();
    corp.user(4);
    corp.write(&tenant);
    tenant.plan().await.unwrap();
    let error = tenant
        .engine()
        .unwrap()
        .apply(&plan, None, &Silent)
        .await
        .expect_err("an old plan");
    assert_eq!(error.class, Class::Refused);
    assert_eq!(users(&tenant).await.len(), 0);
}

#[tokio::test]
async fn staging_writes_nothing() {
    let tenant = deployment().await;
    let file = tenant.folder().join("trib.toml");
    let config = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("staging = true\n{config}")).unwrap();
    let corp = Corp::of(3);
    let error = corp.cycle(&tenant).await.expect_err("staging");
    assert_eq!(error.class, Class::Refused);
    assert_eq!(tenant.plan().await.unwrap().counts.create, 3);
    assert_eq!(users(&tenant).await.len(), 0);
    fs::write(&file, config).unwrap();
    corp.expect(&tenant, creates(3), "no longer staging").await;
}
