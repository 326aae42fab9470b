use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::{Server, got, user};

#[tokio::test]
async fn odd_bodies_are_refused() {
    let server = Server::start().await;
    let post = |body: &str, media: &str| {
        got(server
            .request("POST", "/users")
            .header("content-type", media)
            .body(body.to_owned()))
    };
    let json = "application/json";
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"x\"",
        "{\"a\":\"\\ud800\"}",
        &"[".repeat(100_000),
    ] {
        post(body, json).await.refused(400, "BadRequest");
    }
    post("{}", "text/plain")
        .await
        .refused(415, "UnsupportedMediaType");
    let bare = server.request("POST", "/users").body("{}");
    got(bare).await.refused(400, "Request_BadRequest");
    let nul = post("{\"displayName\":\"\\u0000\"}", json).await;
    assert_eq!(nul.status, 400);
    let big = format!("{{\"aboutMe\":\"{}\"}}", "x".repeat(5 * 1024 * 1024));
    let sent = server
        .request("POST", "/users")
        .header("content-type", json)
        .body(big)
        .send()
        .await;
    assert!(sent.is_err() || sent.is_ok_and(|answer| answer.status() == 413));
    assert_eq!(server.get("/users").await.status, 200);
}

#[tokio::test]
async fn odd_urls_are_answered() {
    let server = Server::start().await;
    let deep = format!("/users?$filter={}", "(".repeat(20_000));
    let nots = format!(
        "/users?$filter={}accountEnabled eq true",
        "not ".repeat(10_000)
    );
    for path in [
        "/users/%ff%fe",
        "/users/%00",
        "//",
        "/users(",
        "/users()",
        "/users('')",
        "/users?$filter=%27",
        "/users?&&=&$select",
        &deep,
        &nots,
        "/users/''/''",
        "/$batch/x",
    ] {
        let got = got(server.request("GET", path)).await;
        assert!(
            (400..=501).contains(&got.status) || got.status == 200,
            "{path:.40} {}",
            got.status
        );
    }
    assert_eq!(server.get("/users").await.status, 200);
}

#[tokio::test]
async fn a_silent_client_holds_up_no_other() {
    let server = Server::start().await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        let mut stream = tokio::net::TcpStream::connect(server.sandbox.address())
            .await
            .unwrap();
        stream
            .write_all(b"POST /v1.0/users HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{")
            .await
            .unwrap();
        silent.push(stream);
    }
    let made =
        tokio::time::timeout(Duration::from_secs(5), server.post("/users", user("ada"))).await;
    assert_eq!(made.unwrap().status, 201);
    let mut garbage = tokio::net::TcpStream::connect(server.sandbox.address())
        .await
        .unwrap();
    garbage
        .write_all(b"\x16\x03\x01\x00\xff\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    garbage.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 400") || answer.is_empty());
}

#[tokio::test]
async fn writers_side_by_side_keep_names_unique() {
    let server = std::sync::Arc::new(Server::start().await);
    let mut tasks = Vec::new();
    for _ in 0..16 {
        let server = server.clone();
        tasks.push(tokio::spawn(async move {
            server.post("/users", user("same")).await.status
        }));
    }
    let mut made = 0;
    for task in tasks {
        made += usize::from(task.await.unwrap() == 201);
    }
    assert_eq!(made, 1);
}
