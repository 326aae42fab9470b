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

/// Plans and applies, and is killed before any answer is kept.
async fn apply_without_answers(corp: &Corp, tenant: &trib_tests::deployment::Deployment) {
    corp.write(tenant);
    let plan = tenant.plan().await.unwrap();
    let state = tenant.folder().join("state.db");
    let kept = tenant.folder().join("kept.db");
    let db = rusqlite::Connection::open(&state).unwrap();
    db.execute("UPDATE pending SET attempted = 1", []).unwrap();
    drop(db);
    std::fs::copy(&state, &kept).unwrap();
    let mut engine = tenant.engine().unwrap();
    let applied = engine.apply(&plan, None, &Silent).await.unwrap();
    assert_eq!(applied.errors, []);
    drop(engine);
    assert!(!tenant.folder().join("state.db-wal").exists());
    std::fs::rename(kept, state).unwrap();
}

#[tokio::test]
async fn what_a_killed_process_wrote_is_known_as_ours() {
    let rules = format!(
        r#"{}{}
rule "phones" {{ from corp.user to person precedence 11 link join flow {{ phones <- merge otherTelephone }} }}
metaverse group {{ label : string(256) key : string(64) member : [ref any] }}
rule "group in" {{ from corp.group to group precedence 1 link provision flow {{ label <- cn key <- StringFromGuid(objectGUID) member }} }}
rule "group out" {{
  from group to cloud.group precedence 1 link provision
  scope label is present and key is present
  flow {{
    uniqueName <- once key
    displayName <- label
    mailNickname <- Left(key, 64)
    mailEnabled <- once false
    securityEnabled <- true
    members <- merge member
  }}
}}
"#,
        crate::IN,
        crate::out("", "otherMails <- merge phones")
    );
    let tenant = crate::with_rules(&rules).await;
    let mut corp = Corp::of(3);
    corp.set_all(1, "otherTelephone", &["a@x.org", "b@x.org"]);
    corp.group(10, [1, 2]);
    apply_without_answers(&corp, &tenant).await;
    tenant.cycle().await.unwrap();
    idle(&tenant, "what was made is found").await;
    assert_eq!(users(&tenant).await.len(), 3);

    corp.set_all(1, "otherTelephone", &["b@x.org", "c@x.org"]);
    corp.refer(10, "member", &[2, 3]);
    apply_without_answers(&corp, &tenant).await;
    tenant.cycle().await.unwrap();
    idle(&tenant, "what was changed is found").await;

    // Of what others add, nothing is ours; of what is ours, all goes.
    let stranger = crate::seed(&tenant, "stranger", json!({})).await;
    let group = tenant.all("/groups?$select=id").await[0]["id"].clone();
    let link = json!({"owner": group, "link": "members", "targets": [stranger]});
    tenant.door("POST", "/links", link).await;
    let mails = json!({"otherMails": ["b@x.org", "c@x.org", "hand@x.org"]});
    tenant.send("PATCH", "/users/p1@contoso.test", mails).await;
    idle(&tenant, "others may add").await;
    corp.clear(1, "otherTelephone");
    corp.refer(10, "member", &[]);
    corp.cycle(&tenant).await.unwrap();
    idle(&tenant, "ours is gone").await;
    let one = crate::user(&tenant, 1).await;
    assert_eq!(one["otherMails"], json!(["hand@x.org"]));
    assert_eq!(crate::members(&tenant, "G10").await, ["stranger"]);
}
