//! People come, change, leave and come back.

use serde_json::{Value as Json, json};
use trib_tests::corp::{Corp, idle, immutable_id};

use crate::{NONE, creates, deletes, deployment, seed, updates, user, users};

#[tokio::test]
async fn come_change_leave() {
    let tenant = deployment().await;
    let mut corp = Corp::of(5);
    corp.expect(&tenant, creates(5), "the first cycle").await;
    assert_eq!(users(&tenant).await.len(), 5);
    assert_eq!(
        user(&tenant, 3).await["onPremisesImmutableId"],
        immutable_id(3)
    );

    tenant.writes().await;
    corp.expect(&tenant, NONE, "nothing changed").await;
    corp.backwards = true;
    corp.expect(&tenant, NONE, "another order in the file")
        .await;
    assert_eq!(tenant.writes().await, [] as [String; 0]);

    corp.set(1, "title", "Agent");
    corp.clear(2, "department");
    corp.set(3, "telephoneNumber", "+46 8 1");
    corp.expect(&tenant, updates(3), "set, clear, a set of one")
        .await;
    assert_eq!(user(&tenant, 1).await["jobTitle"], "Agent");
    assert_eq!(user(&tenant, 2).await["department"], Json::Null);
    assert_eq!(user(&tenant, 3).await["businessPhones"], json!(["+46 8 1"]));
    corp.clear(3, "telephoneNumber");
    corp.set(1, "title", "agent");
    corp.expect(&tenant, updates(2), "a set is emptied, a case changes")
        .await;
    assert_eq!(user(&tenant, 3).await["businessPhones"], json!([]));
    assert_eq!(user(&tenant, 1).await["jobTitle"], "agent");

    corp.entry(4).rdn = "Renamed".to_owned();
    corp.entry(4).unit = "OU=Elsewhere".to_owned();
    corp.expect(&tenant, NONE, "moved, and nothing depends on the name")
        .await;

    corp.remove(5);
    let plan = corp.expect(&tenant, deletes(1), "the source is gone").await;
    assert_eq!(plan.changes[0].name, "Person 5");
    assert_eq!(users(&tenant).await.len(), 4);
}

#[tokio::test]
async fn out_of_scope_and_back() {
    let tenant = deployment().await;
    let mut corp = Corp::of(3);
    corp.expect(&tenant, creates(3), "first").await;
    let before = user(&tenant, 2).await["id"].clone();

    // Leaves, and is back before anything was written.
    corp.set(2, "adminDescription", "User_x");
    corp.write(&tenant);
    let plan = tenant.plan().await.unwrap();
    assert_eq!(plan.counts.delete, 1);
    corp.clear(2, "adminDescription");
    corp.expect(&tenant, NONE, "back before apply").await;
    assert_eq!(user(&tenant, 2).await["id"], before);

    // Leaves for good, and comes back after all: the same user, out of the recycle bin.
    corp.set(2, "adminDescription", "User_x");
    corp.expect(&tenant, deletes(1), "leaves").await;
    assert_eq!(users(&tenant).await.len(), 2);
    corp.clear(2, "adminDescription");
    corp.set(2, "title", "Returned");
    corp.expect(&tenant, creates(1), "back").await;
    let back = user(&tenant, 2).await;
    assert_eq!(back["id"], before);
    assert_eq!(back["jobTitle"], "Returned");

    // The same where the source object itself goes.
    let gone = corp.remove(3);
    let before = user(&tenant, 3).await["id"].clone();
    corp.expect(&tenant, deletes(1), "deleted").await;
    corp.entries.insert(3, gone);
    corp.expect(&tenant, creates(1), "restored").await;
    assert_eq!(user(&tenant, 3).await["id"], before);
    assert_eq!(users(&tenant).await.len(), 3);
}

#[tokio::test]
async fn somebody_changes_the_cloud() {
    let tenant = deployment().await;
    let bystander = seed(&tenant, "bystander", json!({"department": "Nobody's"})).await;
    let corp = Corp::of(3);
    corp.expect(&tenant, creates(3), "first").await;

    let id = user(&tenant, 1).await["id"].as_str().unwrap().to_owned();
    tenant
        .send(
            "PATCH",
            &format!("/users/{id}"),
            json!({"department": "Hackers", "jobTitle": "Boss"}),
        )
        .await;
    corp.expect(&tenant, updates(1), "put right").await;
    let one = user(&tenant, 1).await;
    assert_eq!(
        (&one["department"], &one["jobTitle"]),
        (&json!("Sales"), &Json::Null)
    );

    tenant
        .send("DELETE", &format!("/users/{id}"), json!({}))
        .await;
    corp.expect(&tenant, creates(1), "made again").await;
    assert_eq!(users(&tenant).await.len(), 4);

    tenant
        .send(
            "PATCH",
            &format!("/users/{bystander}"),
            json!({"jobTitle": "Guest"}),
        )
        .await;
    tenant.writes().await;
    corp.expect(&tenant, NONE, "what no rule touched stays as it is")
        .await;
    assert_eq!(tenant.writes().await, [] as [String; 0]);
    let other = tenant
        .get(&format!("/users/{bystander}?$select=department,jobTitle"))
        .await;
    assert_eq!(
        (&other["department"], &other["jobTitle"]),
        (&json!("Nobody's"), &json!("Guest"))
    );
}

#[tokio::test]
async fn delta_tokens_that_expired_change_nothing() {
    let tenant = deployment().await;
    let mut corp = Corp::of(4);
    corp.group(50, [1, 2]);
    let (_, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(applied.written.create, 5);
    tenant.door("POST", "/delta/reset", json!({})).await;
    corp.expect(&tenant, NONE, "everything is read again").await;
    corp.set(1, "title", "Agent");
    tenant.door("POST", "/delta/reset", json!({})).await;
    corp.expect(&tenant, updates(1), "and a change is seen")
        .await;
    idle(&tenant, "after all").await;
}

#[tokio::test]
async fn a_class_changes_and_memberships_stay() {
    let tenant = deployment().await;
    let mut corp = Corp::of(3);
    corp.group(50, [1, 2, 3]);
    corp.cycle(&tenant).await.unwrap();
    let before = user(&tenant, 2).await["id"].clone();
    corp.entry(2).class = "inetOrgPerson";
    corp.expect(&tenant, NONE, "the same person by another class")
        .await;
    assert_eq!(user(&tenant, 2).await["id"], before);
    assert_eq!(crate::members(&tenant, "G50").await.len(), 3);
}
