use serde_json::json;

use crate::server::{PUBLIC, Server, TENANT, got, group, reference, unified, with};

#[tokio::test]
async fn members_come_and_go() {
    let server = Server::start().await;
    let (group, user) = (server.group("g").await, server.user("ada").await);
    assert_eq!(server.link(&group, "members", &user).await.status, 204);
    let again = server.link(&group, "members", &user).await;
    again.refused(400, "Request_BadRequest");
    assert_eq!(
        again.message(),
        "One or more added object references already exist for the following modified properties: 'members'."
    );
    let nobody = "00000000-0000-4000-8000-000000000000";
    server
        .link(&group, "members", nobody)
        .await
        .refused(404, "Request_ResourceNotFound");
    server
        .link(nobody, "members", &user)
        .await
        .refused(404, "Request_ResourceNotFound");

    let listed = server.get(&format!("/groups/{group}/members")).await;
    assert_eq!(
        listed.body["value"][0]["@odata.type"],
        "#microsoft.graph.user"
    );
    assert_eq!(listed.ids(), [user.as_str()]);
    let refs = server.get(&format!("/groups/{group}/members/$ref")).await;
    let base = server.sandbox.url();
    assert_eq!(
        refs.body["value"][0]["@odata.id"],
        format!("{base}/v1.0/directoryObjects/{user}")
    );
    assert_eq!(
        server
            .get(&format!("/groups/{group}/members/microsoft.graph.user"))
            .await
            .ids(),
        [user.as_str()]
    );
    assert!(
        server
            .get(&format!("/groups/{group}/members/microsoft.graph.group"))
            .await
            .ids()
            .is_empty()
    );
    assert_eq!(
        server.get(&format!("/users/{user}/memberOf")).await.ids(),
        [group.as_str()]
    );

    let link = format!("/groups/{group}/members/{user}/$ref");
    assert_eq!(server.delete(&link).await.status, 204);
    server
        .delete(&link)
        .await
        .refused(404, "Request_ResourceNotFound");
    assert_eq!(server.get(&format!("/users/{user}")).await.status, 200);
}

#[tokio::test]
async fn delete_without_ref_deletes_the_member_itself() {
    let server = Server::start().await;
    let (group, user) = (server.group("g").await, server.user("ada").await);
    server.link(&group, "members", &user).await;
    assert_eq!(
        server
            .delete(&format!("/groups/{group}/members/{user}"))
            .await
            .status,
        204
    );
    server
        .get(&format!("/users/{user}"))
        .await
        .refused(404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn which_urls_name_an_object() {
    let server = Server::start().await;
    let own = format!("{}/v1.0", server.sandbox.url());
    let user = server.user("ada").await;
    let table = [
        (format!("{PUBLIC}/directoryObjects/{user}"), 204),
        (format!("{PUBLIC}/users/{user}"), 204),
        (format!("{own}/users/{user}"), 204),
        (format!("{PUBLIC}/directoryObjects('{user}')"), 204),
        (format!("{PUBLIC}/groups/{user}"), 404),
        (format!("https://elsewhere.example/v1.0/users/{user}"), 400),
        (format!("/users/{user}"), 400),
        (user.clone(), 400),
        (format!("{PUBLIC}/directoryObjects/x"), 400),
        (format!("{PUBLIC}/users/{user}/manager"), 400),
    ];
    for (number, (url, status)) in table.into_iter().enumerate() {
        let group = server.group(&format!("g{number}")).await;
        let got = server
            .post(
                &format!("/groups/{group}/members/$ref"),
                json!({"@odata.id": url}),
            )
            .await;
        assert_eq!(got.status, status, "{url} {got:?}");
    }
    let group = server.group("last").await;
    server
        .post(&format!("/groups/{group}/members/$ref"), json!({}))
        .await
        .refused(400, "Request_BadRequest");
}

#[tokio::test]
async fn binding_is_all_or_nothing_and_at_most_twenty() {
    let server = Server::start().await;
    let mut urls = Vec::new();
    for number in 0..21 {
        urls.push(format!(
            "{PUBLIC}/users/{}",
            server.user(&format!("u{number}")).await
        ));
    }
    let group = server.group("g").await;
    let path = format!("/groups/{group}");
    let bind = |urls: &[String]| json!({"members@odata.bind": urls});
    server
        .patch(&path, bind(&urls))
        .await
        .refused(400, "Request_BadRequest");
    let missing = [
        urls[0].clone(),
        format!("{PUBLIC}/users/00000000-0000-4000-8000-000000000000"),
    ];
    server
        .patch(&path, bind(&missing))
        .await
        .refused(404, "Request_ResourceNotFound");
    server
        .patch(&path, bind(&[urls[0].clone(), urls[0].clone()]))
        .await
        .refused(400, "Request_BadRequest");
    assert!(
        server
            .get(&format!("{path}/members"))
            .await
            .ids()
            .is_empty()
    );
    assert_eq!(server.patch(&path, bind(&urls[..2])).await.status, 204);
    let overlap = server.patch(&path, bind(&urls[1..3])).await;
    assert!(overlap.message().contains("already exist"), "{overlap:?}");
    assert_eq!(server.patch(&path, bind(&urls[2..4])).await.status, 204);
    assert_eq!(
        server.get(&format!("{path}/members")).await.ids().len(),
        4,
        "binding adds, it never replaces"
    );

    let body = |members: &[String], owners: &[String]| {
        with(
            self::group("h"),
            &json!({"members@odata.bind": members, "owners@odata.bind": owners}),
        )
    };
    server
        .post("/groups", body(&urls[..15], &urls[..6]))
        .await
        .refused(400, "Request_BadRequest");
    let made = server.post("/groups", body(&urls[..15], &urls[..5])).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        server
            .get(&format!("/groups/{}/owners", made.id()))
            .await
            .ids()
            .len(),
        5
    );
}

#[tokio::test]
async fn who_can_be_a_member() {
    let server = Server::start().await;
    let mailed = server.post("/groups", unified("m")).await.id();
    let plain = server.group("g").await;
    let device = server
        .seed("device", json!({"displayName": "d", "deviceId": "1"}))
        .await;
    let contact = server
        .seed(
            "orgContact",
            json!({"displayName": "c", "mail": "c@x.example"}),
        )
        .await;
    let nested = server.group("n").await;
    for target in [&device, &contact, &nested] {
        assert_eq!(server.link(&plain, "members", target).await.status, 204);
        server
            .link(&mailed, "members", target)
            .await
            .refused(400, "Request_BadRequest");
    }
    let organization = server.get("/organization").await.ids()[0].clone();
    server
        .link(&plain, "members", &organization)
        .await
        .refused(404, "Request_ResourceNotFound");
    let rule = json!({
        "groupTypes": ["DynamicMembership"], "membershipRule": "user.mail -ne null", "membershipRuleProcessingState": "On",
    });
    let dynamic = server
        .post("/groups", with(self::group("y"), &rule))
        .await
        .id();
    let user = server.user("ada").await;
    server
        .link(&dynamic, "members", &user)
        .await
        .refused(400, "Request_BadRequest");
}

#[tokio::test]
async fn the_last_owner_stays() {
    let server = Server::start().await;
    let (group, ada, bo) = (
        server.group("g").await,
        server.user("ada").await,
        server.user("bo").await,
    );
    for owner in [&ada, &bo] {
        assert_eq!(server.link(&group, "owners", owner).await.status, 204);
    }
    assert_eq!(
        server
            .delete(&format!("/groups/{group}/owners/{ada}/$ref"))
            .await
            .status,
        204
    );
    server
        .delete(&format!("/groups/{group}/owners/{bo}/$ref"))
        .await
        .refused(400, "Request_BadRequest");
    server
        .link(&group, "owners", &group)
        .await
        .refused(400, "Request_BadRequest");
}

#[tokio::test]
async fn managers() {
    let server = Server::start().await;
    let (ada, bo, group) = (
        server.user("ada").await,
        server.user("bo").await,
        server.group("g").await,
    );
    let path = format!("/users/{ada}/manager");
    let put = |target: &str| {
        got(server
            .request("PUT", &format!("{path}/$ref"))
            .json(&reference(target)))
    };
    server
        .get(&path)
        .await
        .refused(404, "Request_ResourceNotFound");
    assert_eq!(put(&bo).await.status, 204);
    assert_eq!(put(&bo).await.status, 204);
    assert_eq!(server.get(&path).await.id(), bo);
    assert_eq!(
        server
            .get(&format!("/users/{bo}/directReports"))
            .await
            .ids(),
        [ada.as_str()]
    );
    let expanded = server
        .get(&format!(
            "/users/ada@{TENANT}?$select=id&$expand=manager($select=id)"
        ))
        .await;
    assert_eq!(expanded.body["manager"]["id"], json!(bo));
    put(&group).await.refused(400, "Request_BadRequest");
    server
        .post(&format!("{path}/$ref"), reference(&bo))
        .await
        .refused(405, "Request_BadRequest");
    server
        .post(&format!("/users/{bo}/directReports/$ref"), reference(&ada))
        .await
        .refused(405, "Request_BadRequest");
    assert_eq!(server.delete(&format!("{path}/$ref")).await.status, 204);
    server
        .delete(&format!("{path}/$ref"))
        .await
        .refused(404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn nesting_even_in_a_ring() {
    let server = Server::start().await;
    let (outer, inner, user) = (
        server.group("o").await,
        server.group("i").await,
        server.user("ada").await,
    );
    for (group, member) in [(&outer, &inner), (&inner, &user), (&inner, &outer)] {
        assert_eq!(server.link(group, "members", member).await.status, 204);
    }
    let mut all = server
        .get(&format!("/groups/{outer}/transitiveMembers"))
        .await
        .ids();
    all.sort();
    let mut expected = vec![outer.clone(), inner.clone(), user.clone()];
    expected.sort();
    assert_eq!(all, expected);
    assert_eq!(
        server
            .get(&format!("/users/{user}/transitiveMemberOf"))
            .await
            .ids()
            .len(),
        2
    );
    let path = format!("/users/{user}/getMemberGroups");
    let groups = server
        .post(&path, json!({"securityEnabledOnly": true}))
        .await;
    assert_eq!(groups.body["value"].as_array().unwrap().len(), 2);
    let path = format!("/users/{user}/checkMemberGroups");
    let checked = server
        .post(
            &path,
            json!({"groupIds": [outer, "00000000-0000-4000-8000-000000000000"]}),
        )
        .await;
    assert_eq!(checked.body["value"], json!([outer]));
}

#[tokio::test]
async fn deleted_members_are_gone_and_come_back() {
    let server = Server::start().await;
    let (group, user) = (server.group("g").await, server.user("ada").await);
    server.link(&group, "members", &user).await;
    server.delete(&format!("/users/{user}")).await;
    assert!(
        server
            .get(&format!("/groups/{group}/members"))
            .await
            .ids()
            .is_empty()
    );
    server
        .post(
            &format!("/directory/deletedItems/{user}/restore"),
            json!({}),
        )
        .await;
    assert_eq!(
        server.get(&format!("/groups/{group}/members")).await.ids(),
        [user]
    );
}
