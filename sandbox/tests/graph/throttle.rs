use serde_json::json;
use trib_sandbox::{Options, Quota};

use crate::server::{Server, user};

#[tokio::test]
async fn real_quotas_stop_the_three_thousand_and_first_write() {
    let server = Server::with(Options {
        quota: Quota::Real,
        ..Options::default()
    })
    .await;
    let id = server.post("/users", user("ada")).await.id();
    let items: Vec<_> = (0..20)
        .map(|n| {
            json!({
                "id": n.to_string(), "method": "PATCH", "url": format!("/users/{id}"),
                "headers": {"Content-Type": "application/json"}, "body": {"jobTitle": "x"},
            })
        })
        .collect();
    let body = json!({"requests": items});
    let (mut written, mut warned, mut refused) = (1, false, None);
    for _ in 0..400 {
        let got = server.post("/$batch", body.clone()).await;
        for response in got.body["responses"].as_array().unwrap() {
            warned |= response["headers"]["x-ms-throttle-limit-percentage"].is_string()
                && response["status"] == 204;
            match response["status"].as_u64() {
                Some(204) => written += 1,
                _ => refused = Some(response.clone()),
            }
        }
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.expect("the limit is reached");
    assert!(
        (3000..3600).contains(&written),
        "{written} writes before the limit"
    );
    assert!(
        warned,
        "the share of the limit is told before it is reached"
    );
    assert_eq!(refused["status"], 429);
    assert_eq!(refused["body"]["error"]["code"], "TooManyRequests");
    assert!(
        refused["headers"]["Retry-After"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            >= 1
    );
    assert_eq!(
        refused["headers"]["x-ms-throttle-information"],
        "WriteLimitExceeded"
    );
}

#[tokio::test]
async fn requests_cost_units() {
    let server = Server::start().await;
    let group = server.group("g").await;
    for (path, units) in [
        ("/users".to_owned(), "2"),
        ("/users?$select=id".to_owned(), "1"),
        ("/users?$select=id&$top=5".to_owned(), "1"),
        ("/users?$expand=manager".to_owned(), "3"),
        (format!("/groups/{group}/members"), "3"),
        (format!("/groups/{group}/transitiveMembers"), "5"),
        ("/organization".to_owned(), "1"),
    ] {
        assert_eq!(
            server.get(&path).await.header("x-ms-resource-unit"),
            units,
            "{path}"
        );
    }
}
