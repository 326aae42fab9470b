use serde_json::{Value, json};

use crate::server::{Server, TENANT, got, group, unified, with, without};

#[tokio::test]
async fn the_kinds_of_groups() {
    let server = Server::start().await;
    let rule = json!({"membershipRule": "user.department -eq \"Ops\"", "membershipRuleProcessingState": "On"});
    let dynamic = with(
        with(group("g3"), &rule),
        &json!({"groupTypes": ["DynamicMembership"]}),
    );
    let table: Vec<(&str, Value, u16)> = vec![
        ("security", group("g1"), 201),
        ("Microsoft 365", unified("g2"), 201),
        ("dynamic", dynamic.clone(), 201),
        (
            "mail-enabled security",
            with(group("g4"), &json!({"mailEnabled": true})),
            400,
        ),
        (
            "distribution",
            with(
                group("g5"),
                &json!({"mailEnabled": true, "securityEnabled": false}),
            ),
            400,
        ),
        (
            "neither",
            with(group("g6"), &json!({"securityEnabled": false})),
            400,
        ),
        (
            "Microsoft 365 without mail",
            with(unified("g7"), &json!({"mailEnabled": false})),
            400,
        ),
        (
            "unknown type",
            with(group("g8"), &json!({"groupTypes": ["Secret"]})),
            400,
        ),
        (
            "dynamic without rule",
            without(dynamic.clone(), "membershipRule"),
            400,
        ),
        ("rule without dynamic", with(group("g9"), &rule), 400),
        (
            "state",
            with(dynamic, &json!({"membershipRuleProcessingState": "Off"})),
            400,
        ),
        (
            "role group",
            with(group("g10"), &json!({"isAssignableToRole": true})),
            201,
        ),
        (
            "public role group",
            with(
                group("g11"),
                &json!({"isAssignableToRole": true, "visibility": "Public"}),
            ),
            400,
        ),
        (
            "hidden security",
            with(group("g12"), &json!({"visibility": "HiddenMembership"})),
            400,
        ),
        (
            "hidden Microsoft 365",
            with(unified("g13"), &json!({"visibility": "HiddenMembership"})),
            201,
        ),
        (
            "visibility",
            with(group("g14"), &json!({"visibility": "Open"})),
            400,
        ),
        (
            "nickname with space",
            with(group("g15"), &json!({"mailNickname": "a b"})),
            400,
        ),
        (
            "nickname with dot",
            with(group("g16"), &json!({"mailNickname": "a.b"})),
            400,
        ),
        (
            "nickname with @",
            with(group("g17"), &json!({"mailNickname": "a@b"})),
            400,
        ),
        (
            "long name",
            with(group("g18"), &json!({"displayName": "x".repeat(257)})),
            400,
        ),
        (
            "separate property",
            with(unified("g19"), &json!({"hideFromAddressLists": true})),
            400,
        ),
        (
            "read-only",
            with(group("g20"), &json!({"mail": "x@y.example"})),
            400,
        ),
        ("taken Microsoft 365 nickname", unified("g2"), 400),
        ("security nickname twice", group("g1"), 201),
    ];
    for (what, body, status) in table {
        let got = server.post("/groups", body).await;
        assert_eq!(got.status, status, "{what}: {got:?}");
    }
    for name in [
        "displayName",
        "mailEnabled",
        "mailNickname",
        "securityEnabled",
    ] {
        server
            .post("/groups", without(group("x"), name))
            .await
            .refused(400, "Request_BadRequest");
    }
}

#[tokio::test]
async fn defaults_and_mail() {
    let server = Server::start().await;
    let security = server.post("/groups", group("s")).await;
    assert_eq!(security.body["visibility"], "Private");
    let mailed = server.post("/groups", unified("m")).await;
    assert_eq!(mailed.body["visibility"], "Public");
    assert_eq!(mailed.body["mail"], format!("m@{TENANT}"));
    assert_eq!(
        mailed.body["proxyAddresses"],
        json!([format!("SMTP:m@{TENANT}")])
    );
}

#[tokio::test]
async fn changes() {
    let server = Server::start().await;
    let plain = format!("/groups/{}", server.group("s").await);
    let mailed = format!(
        "/groups/{}",
        server.post("/groups", unified("m")).await.id()
    );
    let table = [
        (
            &plain,
            json!({"displayName": "New", "description": "d"}),
            204,
        ),
        (&plain, json!({"description": null}), 204),
        (&plain, json!({"description": ""}), 400),
        (&plain, json!({"displayName": null}), 400),
        (&plain, json!({"isAssignableToRole": true}), 400),
        (&plain, json!({"mailEnabled": true}), 400),
        (&plain, json!({"uniqueName": "x"}), 400),
        (&plain, json!({"groupTypes": ["Unified"]}), 400),
        (&plain, json!({"securityEnabled": false}), 400),
        (&mailed, json!({"securityEnabled": true}), 204),
        (&mailed, json!({"visibility": "Private"}), 204),
        (&mailed, json!({"visibility": "HiddenMembership"}), 400),
        (&mailed, json!({"hideFromAddressLists": true}), 200),
        (
            &mailed,
            json!({"hideFromAddressLists": true, "displayName": "x"}),
            400,
        ),
        (&mailed, json!({"resourceBehaviorOptions": []}), 400),
    ];
    for (path, change, status) in table {
        let got = server.patch(path, change.clone()).await;
        assert_eq!(got.status, status, "{change} {got:?}");
    }
}

#[tokio::test]
async fn upsert_by_unique_name() {
    let server = Server::start().await;
    let path = "/groups(uniqueName='ad-''1')";
    let plain = server.patch(path, group("g")).await;
    plain.refused(404, "Request_ResourceNotFound");
    let upsert = |body: Value| {
        server
            .request("PATCH", path)
            .header("Prefer", "create-if-missing")
            .json(&body)
    };
    let made = got(upsert(group("g"))).await;
    assert_eq!(
        (made.status, &made.body["uniqueName"]),
        (201, &json!("ad-'1"))
    );
    assert_eq!(
        got(upsert(json!({"description": "again"}))).await.status,
        204
    );
    assert_eq!(server.get(path).await.body["description"], "again");
    let got = server
        .post("/groups", with(group("h"), &json!({"uniqueName": "ad-'1"})))
        .await;
    assert!(got.has_detail("ObjectConflict", "uniqueName"), "{got:?}");
}

#[tokio::test]
async fn synced_groups_are_closed() {
    let server = Server::start().await;
    let properties =
        json!({"displayName": "g", "securityEnabled": true, "onPremisesSyncEnabled": true});
    let id = server.seed("group", properties).await;
    let user = server.user("ada").await;
    server
        .patch(&format!("/groups/{id}"), json!({"displayName": "x"}))
        .await
        .refused(400, "Request_BadRequest");
    server
        .link(&id, "members", &user)
        .await
        .refused(400, "Request_BadRequest");
}
