//! A service that fails, and a program that is killed.

use serde_json::json;
use trib_runtime::progress::Silent;
use trib_tests::corp::{Corp, idle};

use crate::{creates, deployment, updates, users};

#[tokio::test]
async fn lost_answers_make_no_duplicates() {
    let tenant = deployment().await;
    let mut corp = Corp::of(50);
    corp.group(100, 1..=50);
    corp.group(101, [100]);
    for skip in [0, 1] {
        let fault =
            json!({"kind": "drop", "afterWork": true, "count": 1, "skip": skip, "path": "/$batch"});
        tenant.door("POST", "/faults", fault).await;
    }
    let (_, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(applied.errors, []);
    assert_eq!((applied.written.create, applied.written.link_add), (52, 51));
    assert_eq!(users(&tenant).await.len(), 50);
    assert_eq!(tenant.all("/groups").await.len(), 2);
    idle(&tenant, "after lost answers").await;
}

#[tokio::test]
async fn a_busy_service_gets_everything_in_the_end() {
    let tenant = deployment().await;
    let mut corp = Corp::of(60);
    corp.group(100, 1..=60);
    for (status, count, method) in [
        (429, 30, "POST"),
        (503, 3, "POST"),
        (429, 5, "PATCH"),
        (503, 1, "PATCH"),
    ] {
        let fault = json!({"kind": "status", "status": status, "retryAfter": "0", "count": count, "method": method, "path": "/v1.0/"});
        tenant.door("POST", "/faults", fault).await;
    }
    let (_, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(applied.errors, []);
    assert_eq!((applied.written.create, applied.written.link_add), (61, 60));
    corp.set(1, "title", "Agent");
    tenant.door("DELETE", "/faults", json!({})).await;
    corp.expect(&tenant, updates(1), "and goes on").await;
}

#[tokio::test]
async fn a_create_whose_process_was_killed_is_found_again() {
    let tenant = deployment().await;
    let mut corp = Corp::of(3);
    corp.write(&tenant);
    tenant.plan().await.unwrap();
    // What the killed process did: it marked its creates, and one of them arrived.
    let state = rusqlite::Connection::open(tenant.folder().join("state.db")).unwrap();
    assert_eq!(
        state
            .execute("UPDATE pending SET attempted = 1", [])
            .unwrap(),
        3
    );
    drop(state);
    let id = crate::seed(
        &tenant,
        "p2",
        json!({"onPremisesImmutableId": trib_tests::corp::immutable_id(2), "displayName": "Person 2", "department": "Sales"}),
    )
    .await;
    // No import in between: the same plan is applied again.
    let mut engine = tenant.engine().unwrap();
    let plan = engine.plan().unwrap();
    let applied = engine.apply(&plan, None, &Silent).await.unwrap();
    assert_eq!(applied.errors, []);
    assert_eq!(applied.written, creates(3));
    drop(engine);
    let found = users(&tenant).await;
    assert_eq!(found.len(), 3);
    assert_eq!(found[1]["id"], id);
    idle(&tenant, "found").await;

    // The same where the source changed before the next cycle, and the tenant does not show it yet.
    corp.user(4);
    corp.write(&tenant);
    let mut engine = tenant.engine().unwrap();
    engine.import(false, &Silent).await.unwrap();
    engine.synchronize(&Silent).unwrap();
    let state = rusqlite::Connection::open(tenant.folder().join("state.db")).unwrap();
    assert_eq!(
        state
            .execute("UPDATE pending SET attempted = 1", [])
            .unwrap(),
        1
    );
    drop(state);
    corp.set(4, "title", "Agent");
    corp.write(&tenant);
    engine.import(false, &Silent).await.unwrap();
    crate::seed(
        &tenant,
        "p4",
        json!({"onPremisesImmutableId": trib_tests::corp::immutable_id(4)}),
    )
    .await;
    engine.synchronize(&Silent).unwrap();
    let plan = engine.plan().unwrap();
    let applied = engine.apply(&plan, None, &Silent).await.unwrap();
    assert_eq!(applied.errors, []);
    assert_eq!(users(&tenant).await.len(), 4);
    drop(engine);
    tenant.cycle().await.unwrap();
    idle(&tenant, "found though it changed").await;
}
