use serde_json::{Value, json};

use crate::server::{Server, got};

const APP: &str = "/applications(appId='11111111-2222-3333-4444-555555555555')";
const PREFIX: &str = "extension_11111111222233334444555555555555";

async fn define(server: &Server, name: &str, ty: &str, multi: bool) -> String {
    let application = server.get(APP).await.id();
    let body =
        json!({"name": name, "dataType": ty, "targetObjects": ["User"], "isMultiValued": multi});
    let made = server
        .post(
            &format!("/applications/{application}/extensionProperties"),
            body,
        )
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_directory_extension_can_be_written_read_and_joined_on() {
    let server = Server::start().await;
    let name = define(&server, "costKey", "String", false).await;
    assert_eq!(name, format!("{PREFIX}_costKey"));
    let id = server.user("ada").await;
    let path = format!("/users/{id}");
    assert_eq!(
        server.patch(&path, json!({&name: "K-17"})).await.status,
        204
    );
    assert_eq!(
        server.get(&format!("{path}?$select=id,{name}")).await.body[&name],
        "K-17"
    );
    assert_eq!(
        server
            .get(&format!("/users?$filter={name} eq 'k-17'"))
            .await
            .ids(),
        [id.as_str()]
    );
    assert!(
        server.get(&path).await.body.get(&name).is_none(),
        "only when selected"
    );
    assert_eq!(server.patch(&path, json!({&name: null})).await.status, 204);
    assert!(
        server
            .get(&format!("{path}?$select=id,{name}"))
            .await
            .body
            .get(&name)
            .is_none()
    );
    let group = server.group("g").await;
    let got = server
        .patch(&format!("/groups/{group}"), json!({&name: "x"}))
        .await;
    got.refused(400, "Request_BadRequest");
    let all = server
        .post(
            "/directoryObjects/getAvailableExtensionProperties",
            json!({}),
        )
        .await;
    assert_eq!(all.body["value"][0]["name"], json!(name));
}

#[tokio::test]
async fn values_fit_their_definition() {
    let server = Server::start().await;
    let path = format!("/users/{}", server.user("ada").await);
    let table: [(&str, bool, Value, Value); 7] = [
        (
            "String",
            false,
            json!("x".repeat(256)),
            json!("x".repeat(257)),
        ),
        ("Boolean", false, json!(true), json!("true")),
        ("Integer", false, json!(7), json!(5_000_000_000_u64)),
        ("LargeInteger", false, json!(5_000_000_000_u64), json!("7")),
        (
            "DateTime",
            false,
            json!("2026-01-02T03:04:05Z"),
            json!("soon"),
        ),
        ("Binary", false, json!("QUJD"), json!("***")),
        ("String", true, json!(["a", "b"]), json!("a")),
    ];
    for (number, (ty, multi, good, bad)) in table.into_iter().enumerate() {
        let name = define(&server, &format!("p{number}"), ty, multi).await;
        assert_eq!(
            server.patch(&path, json!({&name: good})).await.status,
            204,
            "{ty} {good}"
        );
        assert_eq!(
            server.patch(&path, json!({&name: bad})).await.status,
            400,
            "{ty} {bad}"
        );
    }
    server
        .patch(&path, json!({format!("{PREFIX}_undefined"): "x"}))
        .await
        .refused(400, "Request_BadRequest");
}

#[tokio::test]
async fn definitions_are_checked() {
    let server = Server::start().await;
    let application = server.get(APP).await.id();
    let path = format!("/applications/{application}/extensionProperties");
    let table = [
        json!({"dataType": "String", "targetObjects": ["User"]}),
        json!({"name": "a b", "dataType": "String", "targetObjects": ["User"]}),
        json!({"name": "a", "dataType": "Text", "targetObjects": ["User"]}),
        json!({"name": "a", "dataType": "String", "targetObjects": []}),
        json!({"name": "a", "dataType": "String", "targetObjects": ["Everything"]}),
        json!({"name": "a", "dataType": "String", "targetObjects": ["User"], "other": 1}),
    ];
    for body in table {
        server
            .post(&path, body)
            .await
            .refused(400, "Request_BadRequest");
    }
    define(&server, "twice", "String", false).await;
    let again = json!({"name": "twice", "dataType": "String", "targetObjects": ["User"]});
    server
        .post(&path, again)
        .await
        .refused(400, "Request_BadRequest");
    let id = server.get(&path).await.ids()[0].clone();
    assert_eq!(
        got(server.request("DELETE", &format!("{path}/{id}")))
            .await
            .status,
        204
    );
    assert!(server.get(&path).await.ids().is_empty());
}
