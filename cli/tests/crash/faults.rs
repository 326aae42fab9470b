//! A service and a disk that fail: nothing is lost, the message is clear, and so is the exit code.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use trib_tests::corp::Corp;
use trib_tests::deployment::Deployment;

use crate::outcome::Outcome;
use crate::{deployment, history, process};

async fn undisturbed(corp: &Corp) -> Outcome {
    let tenant = deployment().await;
    corp.write(&tenant);
    process::finish(&tenant, "").await;
    Outcome::of(&tenant).await
}

async fn with_faults(corp: &Corp, faults: &[Json]) -> Deployment {
    let tenant = deployment().await;
    corp.write(&tenant);
    for fault in faults {
        tenant.door("POST", "/faults", fault.clone()).await;
    }
    tenant
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_until_all_is_written() {
    let [corp, _] = history::steps();
    let wanted = undisturbed(&corp).await;
    let drop = |after: bool, skip: u32| json!({"kind": "drop", "afterWork": after, "skip": skip, "path": "/v1.0/"});
    let batch = |after: bool, skip: u32| json!({"kind": "drop", "afterWork": after, "skip": skip, "path": "/$batch"});
    let status = |status: u16, after: Option<&str>, count: u32, path: &str| json!({"kind": "status", "status": status, "retryAfter": after, "count": count, "path": path});
    for faults in [
        vec![drop(false, 0), drop(true, 3)],
        vec![batch(true, 0), batch(false, 1), batch(true, 2)],
        vec![
            status(429, Some("1"), 3, "/v1.0/users"),
            status(429, Some("1"), 1, "/$batch"),
        ],
        vec![
            status(429, None, 3, "/v1.0/users"),
            status(429, None, 1, "/$batch"),
        ],
        vec![
            status(500, None, 3, "/v1.0/users"),
            status(500, None, 1, "/$batch"),
        ],
        vec![
            status(503, None, 3, "/v1.0/groups"),
            status(503, Some("1"), 1, "/$batch"),
        ],
        vec![json!({"kind": "slow", "milliseconds": 300, "count": 12})],
    ] {
        let tenant = with_faults(&corp, &faults).await;
        let story = format!("{faults:?}");
        process::finish(&tenant, &story).await;
        tenant.door("DELETE", "/faults", json!({})).await;
        Outcome::of(&tenant).await.compare(&wanted, &story);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_named_and_the_next_run_does_the_rest() {
    let [corp, _] = history::steps();
    let wanted = undisturbed(&corp).await;
    let outage = |fault: Json, code: i32, message: &'static str| {
        let (corp, wanted) = (&corp, &wanted);
        async move {
            let tenant = with_faults(corp, std::slice::from_ref(&fault)).await;
            let (found, told) = process::run(&tenant).await;
            assert!(
                found == Some(code) && told.contains(message),
                "{fault}: {found:?}: {told}"
            );
            tenant.door("DELETE", "/faults", json!({})).await;
            process::finish(&tenant, &told).await;
            Outcome::of(&tenant).await.compare(wanted, &told);
        }
    };
    let reading = json!({"kind": "drop", "count": 1_000_000, "path": "/delta"});
    let writing = json!({"kind": "drop", "skip": 2, "count": 1_000_000, "path": "/$batch"});
    let unwell = json!({"kind": "status", "status": 503, "skip": 30, "count": 1_000_000, "method": "POST", "path": "/v1.0/users"});
    tokio::join!(
        outage(reading, 69, "cannot reach Graph"),
        outage(writing, 69, "cannot reach Graph"),
        outage(unwell, 3, "ServiceUnavailable"),
    );
}

/// Answers break off in the middle, and the socket is closed on one side only.
#[tokio::test(flavor = "multi_thread")]
async fn sockets_that_close_by_half_lose_nothing() {
    let [corp, _] = history::steps();
    let wanted = undisturbed(&corp).await;
    let tenant = deployment().await;
    corp.write(&tenant);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let direct = tenant.url();
    let between = format!("http://{}", listener.local_addr().unwrap());
    let broken = Arc::new(AtomicUsize::new(0));
    let proxy = tokio::spawn(serve(
        listener,
        direct.trim_start_matches("http://").to_owned(),
        broken.clone(),
    ));
    let config = tenant.folder().join("trib.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace(&direct, &between)).unwrap();
    process::finish(&tenant, "half-closed sockets").await;
    assert!(broken.load(Ordering::Relaxed) > 2);
    proxy.abort();
    std::fs::write(&config, text).unwrap();
    Outcome::of(&tenant)
        .await
        .compare(&wanted, "half-closed sockets");
}

/// Passes requests on, one a connection; of every fourth answer only the first half.
async fn serve(listener: TcpListener, to: String, broken: Arc<AtomicUsize>) {
    for number in 0.. {
        let (mut client, _) = listener.accept().await.unwrap();
        let (to, broken) = (to.clone(), broken.clone());
        tokio::spawn(async move {
            let mut server = TcpStream::connect(to).await?;
            let request = message(&mut client).await?;
            server.write_all(&request).await?;
            let answer = message(&mut server).await?;
            let half = number % 4 == 0;
            let sent = if half {
                &answer[..answer.len() / 2]
            } else {
                &answer[..]
            };
            client.write_all(sent).await?;
            client.shutdown().await?;
            broken.fetch_add(usize::from(half), Ordering::Relaxed);
            // The other direction stays open until the client lets go.
            client.read_to_end(&mut Vec::new()).await
        });
    }
}

/// A message of HTTP with its body.
async fn message(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let read = stream.read_buf(&mut bytes).await?;
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            let start = bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
            if bytes.len() >= start + length {
                return Ok(bytes);
            }
        }
        if read == 0 {
            return Ok(bytes);
        }
    }
}

/// Files that may not grow stand for a disk that is full.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_named_and_the_next_run_does_the_rest() {
    let [corp, _] = history::steps();
    let wanted = undisturbed(&corp).await;
    let mut failed = 0;
    // In blocks of half a kilobyte.
    for most in [20, 200, 400, 700, 1000, 1300, 1600, 2000, 3000, 8000] {
        let tenant = deployment().await;
        corp.write(&tenant);
        let (code, told) = process::run_with_files_of(&tenant, most).await;
        if code != Some(0) {
            failed += 1;
            let named = told.contains("state database") && told.contains("disk");
            assert!(code == Some(70) && named, "{most} blocks: {code:?}: {told}");
        }
        process::finish(&tenant, &told).await;
        Outcome::of(&tenant)
            .await
            .compare(&wanted, &format!("{most} blocks: {told}"));
    }
    assert!(
        (3..10).contains(&failed),
        "{failed} runs met the end of the disk"
    );
}
