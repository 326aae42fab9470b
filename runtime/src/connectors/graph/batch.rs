//! Up to twenty requests in one: pure.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::client::{Answer, seconds};
use super::request::Request;

/// Requests that one batch can carry.
pub(super) const BATCH: usize = 20;

/// The body of a batch. In a sequence each request waits for the one before.
pub(super) fn encode(requests: &[Request], sequence: bool) -> Value {
    let items: Vec<Value> = requests
        .iter()
        .enumerate()
        .map(|(at, request)| item(at, request, sequence))
        .collect();
    json!({ "requests": items })
}

fn item(at: usize, request: &Request, sequence: bool) -> Value {
    let mut item = Map::new();
    item.insert("id".to_owned(), (at + 1).to_string().into());
    if sequence && at > 0 {
        item.insert("dependsOn".to_owned(), json!([at.to_string()]));
    }
    item.insert("method".to_owned(), request.method.into());
    item.insert("url".to_owned(), request.path.clone().into());
    let mut headers = Map::new();
    if let Some(prefer) = request.prefer {
        headers.insert("Prefer".to_owned(), prefer.into());
    }
    if let Some(body) = &request.body {
        headers.insert("Content-Type".to_owned(), "application/json".into());
        item.insert("body".to_owned(), body.clone());
    }
    if !headers.is_empty() {
        item.insert("headers".to_owned(), Value::Object(headers));
    }
    Value::Object(item)
}

/// The answers in the order of the requests; `None` where there is none.
pub(super) fn decode(body: Value, requests: usize) -> Vec<Option<Answer>> {
    let mut answers: HashMap<usize, Answer> = HashMap::new();
    if let Some(Value::Array(items)) = body.get("responses") {
        for item in items {
            let id = item.get("id").and_then(|id| {
                id.as_str()
                    .map_or_else(|| id.as_u64().map(|id| id as usize), |id| id.parse().ok())
            });
            if let Some((id, answer)) = id.zip(answer(item)) {
                answers.insert(id, answer);
            }
        }
    }
    (1..=requests).map(|id| answers.remove(&id)).collect()
}

fn answer(item: &Value) -> Option<Answer> {
    let headers = item.get("headers").and_then(Value::as_object);
    let header = |name: &str| {
        let (_, value) = headers?
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        )
    };
    Some(Answer {
        status: u16::try_from(item.get("status")?.as_u64()?).ok()?,
        body: item.get("body").cloned().unwrap_or_default(),
        retry_after: header("retry-after").as_deref().and_then(seconds),
        limit_share: header("x-ms-throttle-limit-percentage").and_then(|share| share.parse().ok()),
        request_id: header("request-id"),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::request;
    use super::*;

    #[test]
    fn items_carry_what_graph_asks_for() {
        let name = json!({"displayName": "Ada"});
        let requests = [
            request::create("user", name.as_object().unwrap()),
            request::delete("user", "u1"),
            request::upsert("k", name.as_object().unwrap()),
        ];
        assert_eq!(
            encode(&requests, false),
            json!({"requests": [
                {"id": "1", "method": "POST", "url": "/users", "body": name, "headers": {"Content-Type": "application/json"}},
                {"id": "2", "method": "DELETE", "url": "/users/u1"},
                {"id": "3", "method": "PATCH", "url": "/groups(uniqueName='k')", "body": name,
                 "headers": {"Prefer": "create-if-missing", "Content-Type": "application/json"}},
            ]})
        );
        let sequence = encode(&requests, true);
        assert_eq!(sequence["requests"][0].get("dependsOn"), None);
        assert_eq!(sequence["requests"][2]["dependsOn"], json!(["2"]));
    }

    #[test]
    fn answers_come_in_any_order_and_may_be_missing() {
        let body = json!({"responses": [
            {"id": "3", "status": 429, "headers": {"retry-after": "11"}, "body": {"error": {}}},
            {"id": "1", "status": 204},
        ]});
        let answers = decode(body, 3);
        assert_eq!(answers[0].as_ref().unwrap().status, 204);
        assert!(answers[1].is_none());
        assert_eq!(
            answers[2].as_ref().unwrap().retry_after,
            Some(Duration::from_secs(11))
        );
        assert!(decode(Value::Null, 2).iter().all(Option::is_none));
    }
}
