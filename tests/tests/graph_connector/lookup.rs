//! Finding single objects.

use serde_json::json;
use trib_runtime::connectors::Operation;

use crate::tenant::{Tenant, ids, user};
use crate::writes::{delete, map, write, write_all};

#[tokio::test]
async fn what_was_deleted_is_found_and_restored() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    let users = tenant.users((0..3).map(|n| format!("u{n}"))).await;
    assert_eq!(
        connector
            .deleted("user", "onPremisesImmutableId", "key-u1")
            .await,
        Ok(None)
    );
    write_all(
        &mut connector,
        vec![delete(1, "user", &users[1]), delete(2, "user", &users[2])],
    )
    .await;
    let found = connector
        .deleted("user", "onPremisesImmutableId", "key-u1")
        .await
        .unwrap();
    assert_eq!(found.as_deref(), Some(users[1].as_str()));
    assert_eq!(
        connector
            .find("user", "onPremisesImmutableId", "key-u1")
            .await,
        Ok(vec![])
    );

    tenant
        .fault(json!({"kind": "drop", "afterWork": true, "path": "/$batch"}))
        .await;
    let attributes = map(json!({"displayName": "back", "aboutMe": "again"}));
    let restore = write(
        3,
        "user",
        Operation::Restore {
            anchor: users[1].clone(),
            attributes,
        },
    );
    assert_eq!(
        write_all(&mut connector, vec![restore]).await,
        [users[1].clone()]
    );
    assert_eq!(
        connector.find("user", "displayName", "back").await,
        Ok(vec![users[1].clone()])
    );
    assert_eq!(
        connector
            .deleted("user", "onPremisesImmutableId", "key-u1")
            .await,
        Ok(None)
    );
}

#[tokio::test]
async fn objects_are_found_by_their_values() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    let mut properties = user("o'neil");
    properties.insert(
        "proxyAddresses".to_owned(),
        json!(["SMTP:o@contoso.onmicrosoft.com", "smtp:p+q@x.test"]),
    );
    let answer = tenant
        .door(
            "POST",
            "objects",
            json!({"kind": "user", "properties": properties}),
        )
        .await;
    let id = ids(&answer);
    assert_eq!(
        connector
            .find("user", "displayName", "o'neil")
            .await
            .as_ref(),
        Ok(&id)
    );
    assert_eq!(
        connector
            .find("user", "proxyAddresses", "smtp:p+q@x.test")
            .await
            .as_ref(),
        Ok(&id)
    );
    assert_eq!(
        connector.find("user", "displayName", "nobody").await,
        Ok(vec![])
    );
}
