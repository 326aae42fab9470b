use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::{Server, got, user};

#[tokio::test]
async fn ordered_statuses_strike_as_often_as_asked() {
    let server = Server::start().await;
    let fault = json!({"kind": "status", "status": 503, "retryAfter": "2", "count": 2, "skip": 1, "method": "GET", "path": "/users"});
    assert_eq!(server.post("/_sandbox/faults", fault).await.status, 204);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(server.get("/users").await.status);
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    server
        .post(
            "/_sandbox/faults",
            json!({"kind": "status", "status": 429, "retryAfter": "1"}),
        )
        .await;
    let got = server.get("/groups").await;
    got.refused(429, "TooManyRequests");
    assert_eq!(got.header("retry-after"), "1");
}

#[tokio::test]
async fn a_dropped_connection_may_have_done_its_work() {
    let server = Server::start().await;
    for (after_work, users) in [(false, 0), (true, 1)] {
        server
            .post(
                "/_sandbox/faults",
                json!({"kind": "drop", "afterWork": after_work, "method": "POST"}),
            )
            .await;
        let sent = server
            .request("POST", "/users")
            .json(&user("ada"))
            .send()
            .await;
        assert!(sent.is_err(), "no answer arrives");
        assert_eq!(
            server.get("/users").await.ids().len(),
            users,
            "after_work {after_work}"
        );
    }
}

#[tokio::test]
async fn slow_answers_are_slow_and_faults_can_be_cleared() {
    let server = Server::start().await;
    server
        .post(
            "/_sandbox/faults",
            json!({"kind": "slow", "milliseconds": 300}),
        )
        .await;
    let start = Instant::now();
    assert_eq!(server.get("/users").await.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
    server
        .post(
            "/_sandbox/faults",
            json!({"kind": "status", "status": 500, "count": 9}),
        )
        .await;
    server.delete("/_sandbox/faults").await;
    assert_eq!(server.get("/users").await.status, 200);
    assert_eq!(
        server
            .post("/_sandbox/faults", json!({"kind": "fire"}))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn the_journal_tells_what_was_sent() {
    let server = Server::start().await;
    let id = server.user("ada").await;
    server.delete("/_sandbox/requests").await;
    let items = json!([
        {"id": "1", "method": "GET", "url": format!("/users/{id}")},
        {"id": "2", "method": "DELETE", "url": format!("/users/{id}")},
    ]);
    server.post("/$batch", json!({"requests": items})).await;
    server
        .post("/_sandbox/faults", json!({"kind": "status", "status": 503}))
        .await;
    server.get("/groups").await;
    let told = server.get("/_sandbox/requests").await.body;
    let path = format!("/users/{id}");
    let expected = json!([
        {"method": "GET", "path": path, "status": 200},
        {"method": "DELETE", "path": path, "status": 204},
        {"method": "GET", "path": "/groups", "status": 503},
    ]);
    assert_eq!(told["requests"], expected);
}

#[tokio::test]
async fn lag_hides_what_is_new_for_a_while() {
    let server = Server::start().await;
    let group = server.group("g").await;
    let lag = server
        .request("PUT", "/_sandbox/lag")
        .json(&json!({"milliseconds": 400}));
    assert_eq!(got(lag).await.status, 204);
    let id = server.user("ada").await;
    let path = format!("/users/{id}");
    let absent = "Request_ResourceNotFound";
    server.get(&path).await.refused(404, absent);
    server
        .link(&group, "members", &id)
        .await
        .refused(404, absent);
    server
        .post("/users", user("ada"))
        .await
        .refused(400, "Request_BadRequest");
    tokio::time::sleep(Duration::from_millis(450)).await;
    assert_eq!(server.get(&path).await.status, 200);
    assert_eq!(server.link(&group, "members", &id).await.status, 204);
}
