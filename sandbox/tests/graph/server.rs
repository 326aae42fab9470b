//! A sandbox with a client that holds a token.

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use trib_sandbox::{Options, Sandbox};

pub const TENANT: &str = "contoso.onmicrosoft.com";
pub const PUBLIC: &str = "https://graph.microsoft.com/v1.0";

pub struct Server {
    pub sandbox: Sandbox,
    pub client: Client,
    pub token: String,
}

/// A status and a body.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub body: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl Server {
    pub async fn start() -> Server {
        Server::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Server {
        let sandbox = Sandbox::start("127.0.0.1:0".parse().unwrap(), options)
            .await
            .unwrap();
        let client = Client::new();
        let token = token(&client, &sandbox.url()).await;
        Server {
            sandbox,
            client,
            token,
        }
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else if path.starts_with("/_sandbox") {
            format!("{}{path}", self.sandbox.url())
        } else {
            format!("{}/v1.0{path}", self.sandbox.url())
        };
        self.client
            .request(Method::from_bytes(method.as_bytes()).unwrap(), url)
            .bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Got {
        got(self.request("GET", path)).await
    }

    pub async fn delete(&self, path: &str) -> Got {
        got(self.request("DELETE", path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Got {
        got(self.request("POST", path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Got {
        got(self.request("PATCH", path).json(&body)).await
    }

    pub async fn user(&self, alias: &str) -> String {
        let made = self.post("/users", user(alias)).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.id()
    }

    pub async fn group(&self, nickname: &str) -> String {
        let made = self.post("/groups", group(nickname)).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.id()
    }

    /// Makes an object as given, read-only properties included.
    pub async fn seed(&self, kind: &str, properties: Value) -> String {
        let made = self
            .post(
                "/_sandbox/objects",
                json!({"kind": kind, "properties": properties}),
            )
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body["ids"][0].as_str().unwrap().to_owned()
    }

    pub async fn link(&self, group: &str, link: &str, target: &str) -> Got {
        self.post(&format!("/groups/{group}/{link}/$ref"), reference(target))
            .await
    }
}

pub async fn got(request: RequestBuilder) -> Got {
    let answer: Response = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Got {
        status,
        body,
        headers,
    }
}

impl Got {
    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap().to_owned()
    }

    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// The ids in `value`.
    pub fn ids(&self) -> Vec<String> {
        let items = self.body["value"]
            .as_array()
            .unwrap_or_else(|| panic!("{self:?}"));
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    }

    pub fn has_detail(&self, code: &str, target: &str) -> bool {
        let details = self.body["error"]["details"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        details
            .iter()
            .any(|detail| detail["code"] == code && detail["target"] == target)
    }

    pub fn refused(&self, status: u16, code: &str) -> &Got {
        assert_eq!((self.status, self.code()), (status, code), "{self:?}");
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

pub async fn token(client: &Client, base: &str) -> String {
    let form = "grant_type=client_credentials&client_id=11111111-2222-3333-4444-555555555555&client_secret=s&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
    let answer = client
        .post(format!("{base}/{TENANT}/oauth2/v2.0/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    got(answer).await.body["access_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub fn user(alias: &str) -> Value {
    json!({
        "accountEnabled": true, "displayName": alias, "mailNickname": alias,
        "userPrincipalName": format!("{alias}@{TENANT}"),
        "passwordProfile": {"password": "pX4-quarrel"},
    })
}

pub fn group(nickname: &str) -> Value {
    json!({
        "displayName": nickname, "mailEnabled": false, "mailNickname": nickname, "securityEnabled": true,
    })
}

pub fn unified(nickname: &str) -> Value {
    json!({
        "displayName": nickname, "mailEnabled": true, "mailNickname": nickname, "securityEnabled": false,
        "groupTypes": ["Unified"],
    })
}

pub fn reference(target: &str) -> Value {
    json!({"@odata.id": format!("{PUBLIC}/directoryObjects/{target}")})
}

/// `base` with the members of `change` set; null removes nothing, it is set.
pub fn with(mut base: Value, change: &Value) -> Value {
    for (name, value) in change.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

pub fn without(mut base: Value, name: &str) -> Value {
    base.as_object_mut().unwrap().remove(name);
    base
}
