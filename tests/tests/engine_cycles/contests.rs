//! Values that only one object can have.

use serde_json::json;
use trib_runtime::plan::Counts;
use trib_tests::corp::{Corp, idle};

use crate::{NONE, creates, deployment, seed, updates, user, users};

#[tokio::test]
async fn of_several_claimants_one_gets_the_value() {
    for backwards in [false, true] {
        let tenant = deployment().await;
        let mut corp = Corp::of(3);
        corp.backwards = backwards;
        corp.set(2, "userPrincipalName", "P1@contoso.test");
        let (plan, applied) = corp.cycle(&tenant).await.unwrap();
        assert_eq!(applied.written, creates(2));
        assert_eq!(applied.errors, []);
        assert_eq!(plan.errors.len(), 1);
        let error = &plan.errors[0];
        assert_eq!(
            (error.code.as_str(), &error.object),
            ("value-taken", &corp.dn(2))
        );
        assert!(error.message.contains(&corp.dn(1)), "{}", error.message);
        assert_eq!(user(&tenant, 1).await["displayName"], "Person 1");
        idle(&tenant, "it waits").await;

        // The one that has it keeps it, whoever claims it.
        corp.set(3, "mail", "third@contoso.test");
        corp.expect_error(&tenant, updates(1), "value-taken").await;
        corp.set(1, "mail", "third@contoso.test");
        corp.expect_error(&tenant, NONE, "value-taken").await;
        assert_eq!(user(&tenant, 3).await["mail"], "third@contoso.test");
        // The winner gives it up: the other one gets it, though it did not change itself.
        corp.set(1, "userPrincipalName", "new@contoso.test");
        corp.clear(1, "mail");
        let (plan, applied) = corp.cycle(&tenant).await.unwrap();
        assert_eq!((plan.errors.len(), applied.errors.len()), (0, 0));
        assert_eq!(
            applied.written,
            Counts {
                create: 1,
                update: 1,
                ..NONE
            },
            "{:#?}",
            plan.changes
        );
        assert_eq!(user(&tenant, 1).await["displayName"], "Person 2");
        idle(&tenant, "all have theirs").await;
    }
}

#[tokio::test]
async fn a_stranger_in_the_cloud_keeps_its_address() {
    let tenant = deployment().await;
    let mut corp = Corp::of(2);
    corp.expect(&tenant, creates(2), "first").await;
    let id = seed(&tenant, "taken", json!({})).await;
    corp.set(1, "userPrincipalName", "taken@contoso.test");
    tenant.writes().await;
    corp.expect_error(&tenant, NONE, "value-taken").await;
    assert_eq!(tenant.writes().await, [] as [String; 0]);
    tenant
        .door("DELETE", &format!("/objects/{id}"), json!({}))
        .await;
    corp.expect(&tenant, updates(1), "the stranger is gone")
        .await;
}

#[tokio::test]
async fn values_move_between_objects() {
    let tenant = deployment().await;
    let mut corp = Corp::of(5);
    corp.expect(&tenant, creates(5), "first").await;
    let login = |number: u32| format!("p{number}@contoso.test");
    tenant.writes().await;

    // Two swap; three go round.
    corp.set(1, "userPrincipalName", &login(2));
    corp.set(2, "userPrincipalName", &login(1));
    corp.expect(&tenant, updates(2), "a swap").await;
    assert_eq!(user(&tenant, 1).await["displayName"], "Person 2");
    for (number, next) in [(3, 4), (4, 5), (5, 3)] {
        corp.set(number, "userPrincipalName", &login(next));
    }
    corp.expect(&tenant, updates(3), "three").await;
    assert_eq!(user(&tenant, 3).await["displayName"], "Person 5");

    // A login is handed over to a newcomer, from one that gets another, and from one that leaves.
    corp.set(1, "userPrincipalName", "away@contoso.test");
    corp.user(6);
    corp.set(6, "userPrincipalName", &login(2));
    corp.expect(
        &tenant,
        Counts {
            create: 1,
            update: 1,
            ..NONE
        },
        "handed over",
    )
    .await;
    corp.remove(6);
    corp.user(7);
    corp.set(7, "userPrincipalName", &login(2));
    corp.expect(
        &tenant,
        Counts {
            create: 1,
            delete: 1,
            ..NONE
        },
        "deleted and made anew",
    )
    .await;
    assert_eq!(user(&tenant, 2).await["displayName"], "Person 7");
    assert_eq!(users(&tenant).await.len(), 6);
}
