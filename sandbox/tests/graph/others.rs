use serde_json::{Value, json};

use crate::server::{Server, TENANT, got};

#[tokio::test]
async fn contacts_are_read_only() {
    let server = Server::start().await;
    let id = server.seed("orgContact", json!({"displayName": "c", "mail": "c@x.example", "proxyAddresses": ["SMTP:c@x.example"]})).await;
    let path = format!("/contacts/{id}");
    assert_eq!(server.get(&path).await.body["mail"], "c@x.example");
    assert_eq!(
        server
            .get("/contacts?$filter=mail eq 'c@x.example'")
            .await
            .ids(),
        [id.as_str()]
    );
    server
        .patch(&path, json!({"displayName": "x"}))
        .await
        .refused(405, "Request_BadRequest");
    server
        .delete(&path)
        .await
        .refused(405, "Request_BadRequest");
    server
        .post("/contacts", json!({"displayName": "x"}))
        .await
        .refused(405, "Request_BadRequest");
    let user = server.user("ada").await;
    let got = server
        .patch(&format!("/users/{user}"), json!({"mail": "c@x.example"}))
        .await;
    assert!(
        got.has_detail("ObjectConflict", "proxyAddresses"),
        "addresses are unique over all kinds"
    );
}

#[tokio::test]
async fn devices_are_nearly_closed() {
    let server = Server::start().await;
    let linux = server
        .seed(
            "device",
            json!({"displayName": "d", "deviceId": "d-1", "operatingSystem": "Linux"}),
        )
        .await;
    let windows = server
        .seed(
            "device",
            json!({"displayName": "w", "operatingSystem": "Windows"}),
        )
        .await;
    assert_eq!(server.get("/devices(deviceId='d-1')").await.id(), linux);
    let extension = json!({"extensionAttributes": {"extensionAttribute1": "x"}});
    assert_eq!(
        server
            .patch(&format!("/devices/{linux}"), extension)
            .await
            .status,
        204
    );
    server
        .patch(
            &format!("/devices/{linux}"),
            json!({"accountEnabled": false}),
        )
        .await
        .refused(403, "Authorization_RequestDenied");
    assert_eq!(
        server
            .patch(
                &format!("/devices/{windows}"),
                json!({"accountEnabled": false})
            )
            .await
            .status,
        204
    );
    server
        .patch(&format!("/devices/{windows}"), json!({"isCompliant": true}))
        .await
        .refused(403, "Authorization_RequestDenied");
    server
        .patch(&format!("/devices/{windows}"), json!({"trustType": "x"}))
        .await
        .refused(400, "Request_BadRequest");
    assert_eq!(
        server.delete(&format!("/devices/{windows}")).await.status,
        204
    );
    server
        .post("/devices", json!({}))
        .await
        .refused(405, "Request_BadRequest");
}

#[tokio::test]
async fn the_tenant_lists_its_domains() {
    let options = trib_sandbox::Options {
        domains: vec!["contoso.com".into()],
        ..Default::default()
    };
    let server = Server::with(options).await;
    let domains = server
        .get("/organization?$select=verifiedDomains")
        .await
        .body["value"][0]["verifiedDomains"]
        .clone();
    let names: Vec<&Value> = domains
        .as_array()
        .unwrap()
        .iter()
        .map(|domain| &domain["name"])
        .collect();
    assert_eq!(names, [TENANT, "contoso.com"]);
    assert_eq!(domains[0]["isDefault"], true);
    let id = server.user("ada").await;
    let renamed = server
        .patch(
            &format!("/users/{id}"),
            json!({"userPrincipalName": "ada@contoso.com"}),
        )
        .await;
    assert_eq!(renamed.status, 204);
}

#[tokio::test]
async fn an_app_can_see_its_permissions() {
    let server = Server::start().await;
    let own = "/servicePrincipals(appId='11111111-2222-3333-4444-555555555555')";
    let assignments = server.get(&format!("{own}/appRoleAssignments")).await;
    let resource = assignments.body["value"][0]["resourceId"].as_str().unwrap();
    let roles = server
        .get(&format!("/servicePrincipals/{resource}?$select=appRoles"))
        .await
        .body["appRoles"]
        .clone();
    let granted: Vec<&Value> = assignments.body["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["appRoleId"])
        .collect();
    let role = roles
        .as_array()
        .unwrap()
        .iter()
        .find(|role| role["value"] == "User.ReadWrite.All")
        .unwrap();
    assert!(granted.contains(&&role["id"]));
}

#[tokio::test]
async fn objects_of_any_kind_by_their_ids() {
    let server = Server::start().await;
    let (user, group) = (server.user("ada").await, server.group("g").await);
    assert_eq!(
        server.get(&format!("/directoryObjects/{group}")).await.body["@odata.type"],
        "#microsoft.graph.group"
    );
    let unknown = "00000000-0000-4000-8000-000000000000";
    let found = server
        .post(
            "/directoryObjects/getByIds",
            json!({"ids": [user, group, unknown]}),
        )
        .await;
    assert_eq!(found.ids(), [user.clone(), group.clone()]);
    let found = server
        .post(
            "/directoryObjects/getByIds",
            json!({"ids": [user, group], "types": ["group"]}),
        )
        .await;
    assert_eq!(found.ids(), [group]);
}

#[tokio::test]
async fn wrong_doors() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    let table = [
        ("GET", "/me".to_owned(), 400, "BadRequest"),
        ("GET", "/nope".to_owned(), 404, "BadRequest"),
        (
            "GET",
            "/users/x/y/z".to_owned(),
            404,
            "Request_ResourceNotFound",
        ),
        ("GET", format!("/users/{id}/nope"), 404, "BadRequest"),
        (
            "GET",
            "/groups/not-an-id".to_owned(),
            400,
            "Request_BadRequest",
        ),
        (
            "GET",
            "/groups(displayName='x')".to_owned(),
            400,
            "BadRequest",
        ),
        ("GET", "/groups(uniqueName='x".to_owned(), 400, "BadRequest"),
        ("DELETE", "/users".to_owned(), 405, "Request_BadRequest"),
        ("PUT", format!("/users/{id}"), 405, "Request_BadRequest"),
        ("POST", "/users/delta".to_owned(), 405, "Request_BadRequest"),
        (
            "GET",
            "/directory/deletedItems".to_owned(),
            400,
            "Request_BadRequest",
        ),
        ("GET", "/$batch".to_owned(), 405, "Request_BadRequest"),
    ];
    for (method, path, status, code) in table {
        let got = got(server.request(method, &path)).await;
        assert_eq!(
            (got.status, got.code()),
            (status, code),
            "{method} {path} {got:?}"
        );
    }
    let echoed = got(server
        .request("GET", "/nope")
        .header("client-request-id", "mine"))
    .await;
    assert_eq!(
        echoed.body["error"]["innerError"]["client-request-id"],
        "mine"
    );
    assert_eq!(echoed.header("client-request-id"), "mine");
    for path in [
        format!("/USERS/{id}"),
        format!("/users('{id}')"),
        format!("/users/ada%40{TENANT}"),
    ] {
        assert_eq!(server.get(&path).await.id(), id, "{path}");
    }
}
