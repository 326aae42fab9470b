//! What a guard holds back stays held, whoever edits the document.

use trib_runtime::plan::Counts;
use trib_runtime::progress::Silent;
use trib_tests::corp::Corp;

use crate::{NONE, creates, deployment, users};

#[tokio::test]
async fn an_edited_document_does_not_open_a_guard() {
    let tenant = deployment().await;
    let mut corp = Corp::of(40);
    corp.expect(&tenant, creates(40), "the first cycle").await;
    for number in 1..=20 {
        corp.set(number, "adminDescription", "User_x");
    }
    corp.write(&tenant);
    let mut plan = tenant.plan().await.unwrap();
    assert_eq!(plan.counts.delete, 20);
    assert!(plan.guards.iter().any(|guard| guard.tripped));

    for guard in &mut plan.guards {
        guard.tripped = false;
        guard.limit = 1_000;
    }
    plan.counts.delete = 0;
    let mut engine = tenant.engine().unwrap();
    let refused = engine.apply(&plan, None, &Silent).await.unwrap_err();
    assert!(
        refused.message.contains("document was changed"),
        "{refused}"
    );
    drop(engine);
    assert_eq!(users(&tenant).await.len(), 40);

    // As it was made, it goes as far as the guard allows, and all the way with an approval.
    let plan = tenant.plan().await.unwrap();
    let mut engine = tenant.engine().unwrap();
    let applied = engine.apply(&plan, None, &Silent).await.unwrap();
    assert_eq!((applied.written.delete, applied.waiting.delete), (0, 20));
    let approved = engine
        .apply(&plan, Some(&plan.plan), &Silent)
        .await
        .unwrap();
    assert_eq!(approved.written.delete, 20);
    drop(engine);
    assert_eq!(users(&tenant).await.len(), 20);
}

/// Nothing of a kind that a guard limits is written; everything else of the plan is, and the approval
/// of the plan lets the rest through.
async fn is_held(what: &str, spoil: impl Fn(&mut Corp), held: Counts, goes_on: Counts) {
    let tenant = deployment().await;
    let mut corp = Corp::of(40);
    corp.group(100, 1..=40);
    let (_, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!((applied.written.create, applied.written.link_add), (41, 40));

    spoil(&mut corp);
    corp.set(40, "title", "Chief");
    corp.write(&tenant);
    let plan = tenant.plan().await.unwrap();
    let tripped: Vec<_> = plan.guards.iter().filter(|guard| guard.tripped).collect();
    let [guard] = tripped.as_slice() else {
        panic!("{what}: {:?}", plan.guards);
    };
    assert_eq!((guard.name.as_str(), guard.would_be), (what, 20));
    let [cause] = guard.because.as_slice() else {
        panic!("{what}: {:?}", guard.because);
    };
    assert!(
        cause.starts_with("20 × rule \"") && cause.contains(".trib:"),
        "{cause}"
    );

    let mut engine = tenant.engine().unwrap();
    let applied = engine.apply(&plan, None, &Silent).await.unwrap();
    assert_eq!(
        (applied.written, applied.waiting),
        (goes_on, held),
        "{what}"
    );
    let rest = engine.plan().unwrap();
    let approved = engine
        .apply(&rest, Some(&rest.plan), &Silent)
        .await
        .unwrap();
    assert_eq!(approved.written, held, "{what}");
}

const CHIEF: Counts = Counts { update: 1, ..NONE };

#[tokio::test]
async fn cleared_values_are_held() {
    let held = Counts { update: 20, ..NONE };
    let spoil = |corp: &mut Corp| (1..=20).for_each(|number| corp.clear(number, "department"));
    is_held("values cleared of user", spoil, held, CHIEF).await;
}

#[tokio::test]
async fn disabled_accounts_are_held() {
    let held = Counts { update: 20, ..NONE };
    let spoil = |corp: &mut Corp| {
        (1..=20).for_each(|number| corp.set(number, "userAccountControl", "514"));
    };
    is_held("disabled accounts of user", spoil, held, CHIEF).await;
}

#[tokio::test]
async fn members_taken_away_are_held() {
    let held = Counts {
        link_remove: 20,
        ..NONE
    };
    let spoil = |corp: &mut Corp| {
        let rest: Vec<u32> = (21..=40).collect();
        corp.refer(100, "member", &rest);
    };
    is_held("removals from group", spoil, held, CHIEF).await;
}
