use serde_json::json;

use crate::server::{Server, TENANT, got, user, with};

#[tokio::test]
async fn delete_restore_and_delete_for_good() {
    let server = Server::start().await;
    let (ada, group) = (server.user("ada").await, server.group("g").await);
    for path in [format!("/users/{ada}"), format!("/groups/{group}")] {
        assert_eq!(server.delete(&path).await.status, 204);
        server
            .get(&path)
            .await
            .refused(404, "Request_ResourceNotFound");
        server
            .delete(&path)
            .await
            .refused(404, "Request_ResourceNotFound");
        server
            .patch(&path, json!({"displayName": "x"}))
            .await
            .refused(404, "Request_ResourceNotFound");
    }
    let users = server.get("/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,deletedDateTime").await;
    assert_eq!(users.ids(), [ada.as_str()]);
    assert!(users.body["value"][0]["deletedDateTime"].is_string());
    assert_eq!(
        server
            .get("/directory/deletedItems/graph.group")
            .await
            .ids(),
        [group.as_str()]
    );
    assert_eq!(
        server
            .get(&format!("/directory/deletedItems/{ada}"))
            .await
            .id(),
        ada
    );

    let restore = format!("/directory/deletedItems/{ada}/restore");
    let back = got(server.request("POST", &restore)).await;
    assert_eq!((back.status, back.id()), (200, ada.clone()));
    server
        .post(&restore, json!({}))
        .await
        .refused(404, "Request_ResourceNotFound");
    assert_eq!(
        server
            .get(&format!("/users/{ada}?$select=deletedDateTime"))
            .await
            .body["deletedDateTime"],
        json!(null)
    );

    assert_eq!(
        server
            .delete(&format!("/directory/deletedItems/{group}"))
            .await
            .status,
        204
    );
    server
        .get(&format!("/directory/deletedItems/{group}"))
        .await
        .refused(404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn a_taken_name_blocks_the_restore_until_resolved() {
    let server = Server::start().await;
    let mailed = |alias: &str| {
        with(
            user(alias),
            &json!({"mail": "shared@mail.example", "onPremisesImmutableId": "QUJD"}),
        )
    };
    let ada = server.post("/users", mailed("ada")).await.id();
    server.delete(&format!("/users/{ada}")).await;
    let other = server.post("/users", mailed("ada")).await;
    assert_eq!(other.status, 201, "a deleted object holds no values");
    let restore = format!("/directory/deletedItems/{ada}/restore");
    let name = format!("ada2@{TENANT}");
    assert!(
        server
            .post(&restore, json!({}))
            .await
            .has_detail("ObjectConflict", "userPrincipalName")
    );
    let renamed = json!({"newUserPrincipalName": name, "autoReconcileProxyConflict": true});
    let got = server.post(&restore, renamed.clone()).await;
    assert!(
        got.has_detail("ObjectConflict", "onPremisesImmutableId"),
        "{got:?}"
    );
    assert_eq!(
        server
            .patch(
                &format!("/users/{}", other.id()),
                json!({"onPremisesImmutableId": null})
            )
            .await
            .status,
        204
    );
    let got = server
        .post(&restore, json!({"newUserPrincipalName": name}))
        .await;
    assert!(
        got.has_detail("ObjectConflict", "proxyAddresses"),
        "{got:?}"
    );
    let back = server.post(&restore, renamed).await;
    assert_eq!(back.status, 200, "{back:?}");
    let read = server
        .get(&format!("/users/{name}?$select=id,mail,proxyAddresses"))
        .await;
    assert_eq!(read.body["id"], json!(ada));
    assert_eq!(
        (&read.body["mail"], &read.body["proxyAddresses"]),
        (&json!(null), &json!([]))
    );
}
