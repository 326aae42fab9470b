//! `$batch`: up to twenty requests in one.

use std::collections::{HashMap, HashSet};

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use crate::call::{Body, Call, Reply, parse_query};
use crate::failure::{Failure, Outcome};

const LIMIT: usize = 20;

struct Item {
    id: String,
    depends: Vec<String>,
    call: Call,
}

/// Answers each item by `answer`, in an order that honours `dependsOn`.
pub(crate) fn answer(call: &Call, mut answer: impl FnMut(&Call) -> Reply) -> Outcome<Reply> {
    if call.method != "POST" {
        return Err(Failure::not_allowed());
    }
    let items = read(call)?;
    let mut statuses: HashMap<String, u16> = HashMap::new();
    let mut responses = Vec::new();
    for item in &items {
        let broken = item
            .depends
            .iter()
            .any(|id| statuses.get(id).is_none_or(|status| *status >= 400));
        let reply = if broken {
            failed_dependency()
        } else {
            answer(&item.call)
        };
        statuses.insert(item.id.to_lowercase(), reply.status);
        responses.push(response(&item.id, reply));
    }
    // the order of responses is not that of requests
    responses.reverse();
    Ok(Reply::ok(json!({"responses": responses})))
}

fn malformed(message: impl Into<String>) -> Failure {
    Failure::odata(message)
}

fn read(call: &Call) -> Outcome<Vec<Item>> {
    let body = call.json()?;
    let requests = body.get("requests").and_then(Value::as_array);
    let requests = requests
        .ok_or_else(|| malformed("Invalid batch payload format: 'requests' is missing."))?;
    if requests.is_empty() || requests.len() > LIMIT {
        return Err(malformed(format!(
            "Number of batch request steps must be between 1 and the maximum value of {LIMIT}."
        )));
    }
    let mut known = HashSet::new();
    let mut items = Vec::new();
    for request in requests {
        let item = item(call, request)?;
        if !item.depends.iter().all(|id| known.contains(id)) {
            return Err(malformed(format!(
                "Request '{}' depends on a request that does not come before it.",
                item.id
            )));
        }
        if !known.insert(item.id.to_lowercase()) {
            return Err(malformed(format!(
                "Request id '{}' is used twice in the batch.",
                item.id
            )));
        }
        items.push(item);
    }
    Ok(items)
}

fn item(outer: &Call, request: &Value) -> Outcome<Item> {
    let text = |name: &str| {
        request
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let needed = |name: &str| {
        text(name).ok_or_else(|| {
            malformed(format!(
                "Invalid batch payload format: a request lacks '{name}'."
            ))
        })
    };
    let (id, method, url) = (needed("id")?, needed("method")?, needed("url")?);
    if url.contains("://")
        || url.trim_start_matches('/').starts_with("v1.0/")
        || url.contains("$batch")
    {
        return Err(malformed(format!(
            "Request '{id}': 'url' must be relative to the service root."
        )));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in request
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let name = HeaderName::try_from(name.as_str());
        let value = HeaderValue::try_from(value.as_str().unwrap_or_default());
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(malformed(format!("Request '{id}' has a malformed header.")));
        };
        headers.append(name, value);
    }
    let body = request.get("body").filter(|body| !body.is_null());
    if body.is_some() && !headers.contains_key("content-type") {
        return Err(malformed(format!(
            "Request '{id}' has a body, so it needs a Content-Type header."
        )));
    }
    let url = if url.starts_with('/') {
        url.to_owned()
    } else {
        format!("/{url}")
    };
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    let depends = request
        .get("dependsOn")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    Ok(Item {
        id: id.to_owned(),
        depends: depends
            .filter_map(Value::as_str)
            .map(str::to_lowercase)
            .collect(),
        call: Call {
            method: method.to_uppercase(),
            path: path.to_owned(),
            query: parse_query(query),
            headers,
            body: body
                .map(|body| body.to_string().into_bytes())
                .unwrap_or_default(),
            base: outer.base.clone(),
        },
    })
}

fn failed_dependency() -> Reply {
    let body = json!({"error": {"code": "FailedDependency", "message": "A request that this one depends on failed."}});
    Reply {
        status: 424,
        headers: Vec::new(),
        body: Body::Json(body),
    }
}

fn response(id: &str, reply: Reply) -> Value {
    let mut headers: Map<String, Value> = reply
        .headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let (kind, body) = match reply.body {
        Body::Empty => (None, Value::Null),
        Body::Json(body) => (Some("application/json"), body),
        Body::Text(text) => (Some("text/plain"), json!(text)),
    };
    if let Some(kind) = kind {
        headers.insert("Content-Type".into(), json!(kind));
    }
    json!({"id": id, "status": reply.status, "headers": headers, "body": body})
}
