use serde_json::{Value, json};

use crate::server::{Got, Server, TENANT, got, user, with};

async fn people(server: &Server) -> Vec<String> {
    let mut ids = Vec::new();
    for (alias, extra) in [
        (
            "ada",
            json!({"mail": "ada@one.example", "department": "Ops", "onPremisesImmutableId": "QUJD"}),
        ),
        (
            "bo",
            json!({"mail": "bo@two.example", "accountEnabled": false}),
        ),
        ("cy", json!({"displayName": "O'Neil", "department": "Ops"})),
    ] {
        ids.push(server.post("/users", with(user(alias), &extra)).await.id());
    }
    ids
}

async fn filtered(server: &Server, filter: &str, eventual: bool) -> Got {
    let mut request = server
        .request("GET", "/users")
        .query(&[("$filter", filter), ("$select", "id")]);
    if eventual {
        request = request
            .query(&[("$count", "true")])
            .header("ConsistencyLevel", "eventual");
    }
    got(request).await
}

#[tokio::test]
async fn filters_find() {
    let server = Server::start().await;
    let ids = people(&server).await;
    let table: Vec<(String, &[usize])> = vec![
        (format!("userPrincipalName eq 'ADA@{TENANT}'"), &[0]),
        ("mail eq 'ada@one.example'".into(), &[0]),
        ("onPremisesImmutableId eq 'QUJD'".into(), &[0]),
        ("onPremisesImmutableId eq 'qujd'".into(), &[]),
        (
            "proxyAddresses/any(p:p eq 'smtp:bo@two.example')".into(),
            &[1],
        ),
        (
            "proxyAddresses/any(p:startswith(p,'smtp:bo@'))".into(),
            &[1],
        ),
        ("displayName eq 'O''Neil'".into(), &[2]),
        ("startsWith(displayName,'a')".into(), &[0]),
        (
            "startswith(mail,'bo') or startswith(mail,'ada')".into(),
            &[0, 1],
        ),
        ("department eq 'Ops' and displayName eq 'ada'".into(), &[0]),
        (
            "department eq 'Ops' and (displayName eq 'ada' or displayName eq 'bo')".into(),
            &[0],
        ),
        (
            "mail in ('ada@one.example','bo@two.example')".into(),
            &[0, 1],
        ),
        ("accountEnabled eq false".into(), &[1]),
        ("mail eq null".into(), &[2]),
        (format!("id eq '{}'", ids[2]), &[2]),
        ("createdDateTime ge 2020-01-01T00:00:00Z".into(), &[0, 1, 2]),
    ];
    for (filter, expected) in table {
        let found = filtered(&server, &filter, false).await;
        assert_eq!(found.status, 200, "{filter} {found:?}");
        let expected: Vec<&String> = expected.iter().map(|index| &ids[*index]).collect();
        assert_eq!(found.ids().iter().collect::<Vec<_>>(), expected, "{filter}");
    }
}

#[tokio::test]
async fn advanced_filters_need_their_header() {
    let server = Server::start().await;
    let ids = people(&server).await;
    let table: [(&str, &[usize]); 5] = [
        ("mail ne null", &[0, 1]),
        ("not startsWith(displayName,'a')", &[1, 2]),
        ("endsWith(mail,'one.example')", &[0]),
        ("proxyAddresses/$count eq 0", &[2]),
        ("department ne 'Ops'", &[1]),
    ];
    for (filter, expected) in table {
        filtered(&server, filter, false)
            .await
            .refused(400, "Request_UnsupportedQuery");
        let found = filtered(&server, filter, true).await;
        let expected: Vec<&String> = expected.iter().map(|index| &ids[*index]).collect();
        assert_eq!(found.ids().iter().collect::<Vec<_>>(), expected, "{filter}");
        assert_eq!(found.body["@odata.count"], json!(expected.len()));
    }
}

#[tokio::test]
async fn filters_that_graph_refuses() {
    let server = Server::start().await;
    let long: Vec<String> = (0..16).map(|n| format!("'{n}'")).collect();
    let table = [
        ("nope eq 'x'", "Request_BadRequest"),
        ("displayName eq", "Request_BadRequest"),
        ("displayName eq 'x", "Request_BadRequest"),
        ("displayName is 'x'", "Request_BadRequest"),
        ("(displayName eq 'x'", "Request_BadRequest"),
        ("displayName eq 'x' 'y'", "Request_BadRequest"),
        ("accountEnabled eq 'true'", "Request_BadRequest"),
        ("proxyAddresses eq 'x'", "Request_UnsupportedQuery"),
        ("contains(displayName,'x')", "Request_UnsupportedQuery"),
        ("passwordProfile eq 'x'", "Request_UnsupportedQuery"),
        ("aboutMe eq 'x'", "Request_UnsupportedQuery"),
        (
            "onPremisesDistinguishedName eq 'x'",
            "Request_UnsupportedQuery",
        ),
        ("mail/any(p:q eq 'x')", "Request_BadRequest"),
        ("", "Request_BadRequest"),
        (
            &format!("displayName in ({})", long.join(",")),
            "Request_BadRequest",
        ),
    ];
    for (filter, code) in table {
        let got = filtered(&server, filter, false).await;
        assert_eq!((got.status, got.code()), (400, code), "{filter} {got:?}");
    }
}

#[tokio::test]
async fn pages_follow_each_other() {
    let server = Server::start().await;
    for number in 0..7 {
        server.user(&format!("u{number}")).await;
    }
    for order in [
        "",
        "&$orderby=displayName desc",
        "&$filter=startsWith(displayName,'u')",
    ] {
        let mut url = format!("/users?$top=3&$select=id{order}");
        let (mut seen, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let page = server.get(&url).await;
            sizes.push(page.ids().len());
            seen.extend(page.ids());
            match page.body["@odata.nextLink"].as_str() {
                Some(next) => url = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(sizes, [3, 3, 1], "{order}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7, "{order}");
    }
    let sorted = server
        .get("/users?$orderby=displayName desc&$select=displayName&$top=1")
        .await;
    assert_eq!(sorted.body["value"], json!([{"displayName": "u6"}]));
    server
        .get("/users?$skiptoken=x")
        .await
        .refused(400, "Directory_ExpiredPageToken");
}

#[tokio::test]
async fn options_that_graph_refuses() {
    let server = Server::start().await;
    let table = [
        ("/users?$top=0", 400, "Request_BadRequest"),
        ("/users?$top=1000", 400, "Request_BadRequest"),
        ("/users?$top=x", 400, "Request_BadRequest"),
        ("/users?$skip=1", 400, "Request_BadRequest"),
        ("/users?$select=nope", 400, "BadRequest"),
        ("/users?$select=id&$select=mail", 400, "BadRequest"),
        ("/users?$apply=x", 400, "BadRequest"),
        ("/users?$count=maybe", 400, "BadRequest"),
        ("/users?$select=aboutMe", 501, "NotImplemented"),
        ("/users?$expand=nothing", 200, ""),
        (
            "/users?$orderby=department",
            400,
            "Request_UnsupportedQuery",
        ),
        (
            "/users?$orderby=displayName&$filter=accountEnabled eq true",
            400,
            "Request_UnsupportedQuery",
        ),
        (
            "/users?$search=\"displayName:a\"",
            400,
            "Request_UnsupportedQuery",
        ),
        ("/users/$count", 400, "Request_BadRequest"),
        (
            "/groups?$select=allowExternalSenders",
            501,
            "NotImplemented",
        ),
    ];
    for (path, status, code) in table {
        let got = server.get(path).await;
        assert_eq!((got.status, got.code()), (status, code), "{path} {got:?}");
    }
    server.user("ada").await;
    server
        .get("/users?$expand=nothing")
        .await
        .refused(400, "BadRequest");
}

#[tokio::test]
async fn counts_and_search() {
    let server = Server::start().await;
    people(&server).await;
    let eventual = |path: &str| {
        got(server
            .request("GET", path)
            .header("ConsistencyLevel", "eventual"))
    };
    assert_eq!(eventual("/users/$count").await.body, json!(3));
    assert_eq!(
        eventual("/users?$count=true&$top=1").await.body["@odata.count"],
        json!(3)
    );
    assert_eq!(
        server.get("/users?$count=true").await.body["@odata.count"],
        Value::Null,
        "silently ignored"
    );
    let found = eventual("/users?$search=\"displayName:neil\"&$select=displayName").await;
    assert_eq!(found.body["value"], json!([{"displayName": "O'Neil"}]));
    eventual("/users?$search=neil")
        .await
        .refused(400, "Request_BadRequest");
}
