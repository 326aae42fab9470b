//! Who belongs to whom.

use serde_json::json;
use trib_tests::corp::{Corp, idle, immutable_id};

use crate::{NONE, creates, deployment, seed, updates, user, users, with_rules};

#[tokio::test]
async fn users_that_are_there_already_are_taken_over() {
    let tenant = deployment().await;
    let hard = seed(
        &tenant,
        "old.name",
        json!({"onPremisesImmutableId": immutable_id(1)}),
    )
    .await;
    let login = seed(&tenant, "p2", json!({"department": "Before"})).await;
    let mail = seed(&tenant, "third", json!({"mail": "three@contoso.test"})).await;
    let mut corp = Corp::of(4);
    corp.set(3, "mail", "three@contoso.test");
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(
        (plan.counts.create, plan.counts.update),
        (1, 3),
        "{:#?}",
        plan.changes
    );
    assert_eq!(applied.errors, []);
    idle(&tenant, "all matched").await;
    for (number, id) in [(1, &hard), (2, &login), (3, &mail)] {
        let found = user(&tenant, number).await;
        assert_eq!(found["id"], **id, "{number}");
        assert_eq!(found["onPremisesImmutableId"], immutable_id(number));
        assert_eq!(found["displayName"], format!("Person {number}"));
    }
    assert_eq!(users(&tenant).await.len(), 4);
}

#[tokio::test]
async fn a_user_of_microsofts_own_sync_is_never_taken_over() {
    let tenant = deployment().await;
    let id = seed(
        &tenant,
        "p1",
        json!({"onPremisesSyncEnabled": true, "onPremisesImmutableId": immutable_id(1)}),
    )
    .await;
    let corp = Corp::of(2);
    tenant.writes().await;
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(
        plan.errors[0].code, "owned-by-other-sync",
        "{:?}",
        plan.errors
    );
    assert_eq!(applied.written, creates(1));
    assert_eq!(user(&tenant, 1).await["displayName"], "p1");
    // Once the other sync lets go of it, it is ours, without a change in the source.
    tenant
        .door(
            "PATCH",
            &format!("/objects/{id}"),
            json!({"onPremisesSyncEnabled": false}),
        )
        .await;
    corp.expect(&tenant, updates(1), "let go").await;
    assert_eq!(user(&tenant, 1).await["id"], id);
}

#[tokio::test]
async fn an_ambiguous_join_provisions_nothing() {
    let group_rules = r#"
rule "group in" { from corp.group to group precedence 1 link provision flow { label <- cn key <- StringFromGuid(objectGUID) } }
rule "group out" {
  from group to cloud.group precedence 1 link provision
  scope label is present and key is present
  join label == group.displayName
  flow {
    displayName <- label
    mailNickname <- Left(key, 64)
    mailEnabled <- once false
    securityEnabled <- true
  }
}
metaverse group { label : string(256) key : string(64) }
"#;
    let tenant = with_rules(group_rules).await;
    let make = |nick: &str| json!({"kind": "group", "properties": {"displayName": "G9", "mailNickname": nick, "mailEnabled": false, "securityEnabled": true}});
    tenant.door("POST", "/objects", make("a")).await;
    let second = tenant.door("POST", "/objects", make("b")).await["ids"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let mut corp = Corp::default();
    corp.group(9, []);
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(plan.errors.len(), 1);
    assert_eq!(plan.errors[0].code, "ambiguous-join");
    assert_eq!(applied.written, NONE);
    assert_eq!(tenant.all("/groups").await.len(), 2);
    // One of the two goes: the other one is joined, though nothing changed in the source.
    tenant
        .door("DELETE", &format!("/objects/{second}"), json!({}))
        .await;
    corp.expect(&tenant, updates(1), "joined").await;
    assert_eq!(tenant.all("/groups").await.len(), 1);

    let careless = group_rules.replace(
        "  join label == group.displayName",
        "  join label == group.displayName\n  ambiguous continue",
    );
    let tenant = with_rules(&careless).await;
    tenant.door("POST", "/objects", make("a")).await;
    tenant.door("POST", "/objects", make("b")).await;
    corp.expect(&tenant, creates(1), "ambiguous continue").await;
    assert_eq!(tenant.all("/groups").await.len(), 3);
}

#[tokio::test]
async fn two_entries_for_one_person() {
    let tenant = deployment().await;
    let mut corp = Corp::of(1);
    corp.expect(&tenant, creates(1), "first").await;
    // A second account with the first one's sid.
    corp.user(2);
    let sid = "S-1-5-21-1-2-3-1104";
    corp.set(1, "objectSid", sid);
    corp.set(2, "objectSid", sid);
    let (plan, _) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(plan.errors.len(), 1, "{:?}", plan.errors);
    assert_eq!(plan.errors[0].code, "duplicate-entry");
    assert_eq!(plan.errors[0].object, corp.dn(2));
    assert_eq!(users(&tenant).await.len(), 1);
    assert_eq!(user(&tenant, 1).await["displayName"], "Person 1");
    // The first one goes: the second becomes the person, in the same cycle and without a delete.
    let id = user(&tenant, 1).await["id"].clone();
    corp.remove(1);
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(plan.errors, []);
    assert_eq!(applied.written, updates(1), "{:#?}", plan.changes);
    assert_eq!(user(&tenant, 2).await["id"], id);
    idle(&tenant, "after all").await;
}

#[tokio::test]
async fn who_waits_is_tried_again_when_the_other_changes() {
    let tenant = deployment().await;
    let mut corp = Corp::of(2);
    corp.set(1, "objectSid", "S-1-5-21-1-2-3-1104");
    corp.set(2, "objectSid", "S-1-5-21-1-2-3-1104");
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!((plan.errors.len(), applied.written), (1, creates(1)));
    // The first one changes, the second one does not: it is found to be somebody else after all.
    corp.set(1, "objectSid", "S-1-5-21-1-2-3-1105");
    corp.expect(&tenant, creates(1), "no longer the same").await;
    assert_eq!(users(&tenant).await.len(), 2);
}
