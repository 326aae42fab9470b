use serde_json::json;
use trib_sandbox::{Error, Options, Sandbox};

use crate::server::{Server, TENANT};

fn options(path: &std::path::Path) -> Options {
    Options {
        data: Some(path.into()),
        ..Options::default()
    }
}

fn file(name: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("trib-sandbox-{}-{name}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

#[tokio::test]
async fn everything_outlives_a_restart() {
    let path = file("restart");
    let server = Server::with(options(&path)).await;
    let (ada, bo, group) = (
        server.user("ada").await,
        server.user("bo").await,
        server.group("g").await,
    );
    server.link(&group, "members", &ada).await;
    server.delete(&format!("/users/{bo}")).await;
    let delta = server.get("/users/delta?$select=displayName").await.body["@odata.deltaLink"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = server.token;
    server.sandbox.stop().await;

    // a line cut short by a crash was never acknowledged
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str("[{\"create\":{\"id\":");
    std::fs::write(&path, text).unwrap();

    let mut server = Server::with(options(&path)).await;
    server.token = token;
    assert_eq!(
        server.get(&format!("/groups/{group}/members")).await.ids(),
        [ada.as_str()]
    );
    assert_eq!(
        server
            .get("/directory/deletedItems/microsoft.graph.user")
            .await
            .ids(),
        [bo]
    );
    assert_eq!(server.get(&format!("/users/ada@{TENANT}")).await.id(), ada);
    server
        .patch(&format!("/users/{ada}"), json!({"displayName": "Eve"}))
        .await;
    let (_, path_and_query) = delta.split_once("/v1.0").unwrap();
    assert_eq!(server.get(path_and_query).await.ids(), [ada]);
    server.sandbox.stop().await;
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn one_sandbox_a_file() {
    let path = file("lock");
    let server = Server::with(options(&path)).await;
    let listen = "127.0.0.1:0".parse().unwrap();
    let second = Sandbox::start(listen, options(&path)).await;
    assert!(matches!(second, Err(Error::DataInUse { .. })), "{second:?}");
    server.sandbox.stop().await;
    std::fs::write(&path, "not ours\n").unwrap();
    let damaged = Sandbox::start(listen, options(&path)).await;
    assert!(
        matches!(damaged, Err(Error::DataLine { line: 1, .. })),
        "{damaged:?}"
    );
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "not ours\n",
        "a file that is not ours is left alone"
    );
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let server = Server::start().await;
    let second = Sandbox::start(server.sandbox.address(), Options::default()).await;
    let message = second
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(
        message.contains(&server.sandbox.address().to_string()),
        "{message}"
    );
}
