//! A sandbox, the way into it, and what it is filled with.

use std::path::PathBuf;

use serde_json::{Map, Value as Json, json};
use trib_runtime::config::{Credential, Entra, Secret};
use trib_runtime::connectors::graph::GraphConnector;
use trib_sandbox::{Options, Sandbox};

use crate::writes::map;

/// A sandbox and the way into it.
pub struct Tenant {
    pub sandbox: Sandbox,
    http: reqwest::Client,
    pub folder: PathBuf,
}

impl Tenant {
    pub async fn start() -> Tenant {
        Tenant::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Tenant {
        let client = Some(("app".to_owned(), "s3cret".to_owned()));
        let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into(), Options { client, ..options })
            .await
            .unwrap();
        let port = sandbox.address().port();
        let folder = std::env::temp_dir().join(format!("trib-graph-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Tenant {
            sandbox,
            http,
            folder,
        }
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn config(&self) -> Entra {
        self.config_with(Credential::Secret(Secret::File(
            self.file("secret", "s3cret\n"),
        )))
    }

    pub fn config_with(&self, credential: Credential) -> Entra {
        Entra {
            tenant: "contoso.onmicrosoft.com".to_owned(),
            client_id: "app".to_owned(),
            credential,
            graph: self.sandbox.url(),
            login: self.sandbox.url(),
            writes_per_second: None,
        }
    }

    pub fn connector(&self) -> GraphConnector {
        GraphConnector::new("cloud", &self.config()).unwrap()
    }

    pub async fn door(&self, method: &str, path: &str, body: Json) -> Json {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url());
        let request = self.http.request(method.parse().unwrap(), url).json(&body);
        let response = request.send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{method} {path}: {}",
            response.text().await.unwrap()
        );
        serde_json::from_str(&response.text().await.unwrap()).unwrap_or(Json::Null)
    }

    pub async fn fault(&self, fault: Json) {
        self.door("POST", "faults", fault).await;
    }

    /// Makes users with the given names; answers their ids.
    pub async fn users(&self, names: impl Iterator<Item = String>) -> Vec<String> {
        let objects: Vec<Json> = names
            .map(|name| json!({"kind": "user", "properties": user(&name)}))
            .collect();
        ids(&self.door("POST", "objects", json!(objects)).await)
    }

    pub async fn group(&self, name: &str) -> String {
        let object = json!({"kind": "group", "properties": group(name)});
        ids(&self.door("POST", "objects", object).await).remove(0)
    }

    pub async fn link(&self, owner: &str, link: &str, targets: &[String]) {
        self.door(
            "POST",
            "links",
            json!({"owner": owner, "link": link, "targets": targets}),
        )
        .await;
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub fn ids(answer: &Json) -> Vec<String> {
    answer["ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

pub fn user(name: &str) -> Map<String, Json> {
    map(json!({
        "accountEnabled": true, "displayName": name, "mailNickname": name,
        "userPrincipalName": format!("{name}@contoso.onmicrosoft.com"),
        "onPremisesImmutableId": format!("key-{name}"),
    }))
}

pub fn new_user(name: &str) -> Map<String, Json> {
    let mut attributes = user(name);
    attributes.insert(
        "passwordProfile".to_owned(),
        json!({"password": "Long-Enough-4711!x"}),
    );
    attributes
}

pub fn group(name: &str) -> Map<String, Json> {
    map(json!({
        "displayName": name, "mailEnabled": false, "mailNickname": name, "securityEnabled": true, "groupTypes": [],
    }))
}
