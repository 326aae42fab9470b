use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::server::{Got, Server, TENANT, group, user};

async fn batch(server: &Server, requests: Value) -> Got {
    server.post("/$batch", json!({"requests": requests})).await
}

fn by_id(got: &Got) -> BTreeMap<String, Value> {
    let responses = got.body["responses"]
        .as_array()
        .unwrap_or_else(|| panic!("{got:?}"));
    responses
        .iter()
        .map(|response| {
            (
                response["id"].as_str().unwrap().to_owned(),
                response.clone(),
            )
        })
        .collect()
}

#[tokio::test]
async fn items_are_answered_one_by_one() {
    let server = Server::start().await;
    let json_type = json!({"Content-Type": "application/json"});
    let got = batch(&server, json!([
        {"id": "1", "method": "POST", "url": "/users", "headers": json_type, "body": user("ada")},
        {"id": "2", "dependsOn": ["1"], "method": "PATCH", "url": format!("users/ada@{TENANT}"), "headers": json_type, "body": {"department": "Ops"}},
        {"id": "3", "method": "POST", "url": "/users", "headers": json_type, "body": user("ada")},
        {"id": "4", "dependsOn": ["3"], "method": "POST", "url": "/groups", "headers": json_type, "body": group("g")},
        {"id": "5", "method": "GET", "url": "/users?$count=true&$select=department", "headers": {"ConsistencyLevel": "eventual"}},
        {"id": "6", "method": "GET", "url": "/nope"},
    ]))
    .await;
    assert_eq!(got.status, 200);
    let by_id = by_id(&got);
    let statuses: Vec<&Value> = by_id.values().map(|response| &response["status"]).collect();
    assert_eq!(statuses, [201, 204, 400, 424, 200, 404]);
    assert_eq!(by_id["5"]["body"]["@odata.count"], 1);
    assert_eq!(by_id["5"]["body"]["value"], json!([{"department": "Ops"}]));
    assert_eq!(by_id["3"]["body"]["error"]["code"], "Request_BadRequest");
    assert!(by_id["1"]["headers"]["Location"].is_string());
    assert!(server.get("/groups").await.ids().is_empty());
}

#[tokio::test]
async fn malformed_batches_are_refused_whole() {
    let server = Server::start().await;
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/users"});
    let many: Vec<Value> = (0..21).map(|n| get(&n.to_string())).collect();
    let table = [
        ("too many", json!(many)),
        ("none", json!([])),
        ("no list", json!("x")),
        ("same id", json!([get("a"), get("A")])),
        ("no id", json!([{"method": "GET", "url": "/users"}])),
        ("no method", json!([{"id": "1", "url": "/users"}])),
        ("no url", json!([{"id": "1", "method": "GET"}])),
        (
            "absolute",
            json!([{"id": "1", "method": "GET", "url": "https://graph.microsoft.com/v1.0/users"}]),
        ),
        (
            "with version",
            json!([{"id": "1", "method": "GET", "url": "/v1.0/users"}]),
        ),
        (
            "no content type",
            json!([{"id": "1", "method": "POST", "url": "/users", "body": user("ada")}]),
        ),
        (
            "unknown dependency",
            json!([{"id": "1", "dependsOn": ["2"], "method": "GET", "url": "/users"}]),
        ),
    ];
    for (what, requests) in table {
        let got = batch(&server, requests).await;
        assert_eq!(
            (got.status, got.code()),
            (400, "BadRequest"),
            "{what} {got:?}"
        );
    }
    assert!(server.get("/users").await.ids().is_empty());
}

#[tokio::test]
async fn a_throttled_item_sits_in_a_good_envelope() {
    let server = Server::start().await;
    let fault =
        json!({"kind": "status", "status": 429, "retryAfter": "11", "path": "/v1.0/groups"});
    server.post("/_sandbox/faults", fault).await;
    let got = batch(
        &server,
        json!([
            {"id": "1", "method": "GET", "url": "/groups"},
            {"id": "2", "method": "GET", "url": "/groups"},
        ]),
    )
    .await;
    let by_id = by_id(&got);
    assert_eq!(by_id["1"]["status"], 429);
    assert_eq!(by_id["1"]["headers"]["Retry-After"], "11");
    assert_eq!(by_id["1"]["body"]["error"]["code"], "TooManyRequests");
    assert_eq!(by_id["2"]["status"], 200);
}
