//! A whole deployment: rules, a source, the sandbox as the tenant, and the engine between them.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use trib_compiler::Sources;
use trib_runtime::Engine;
use trib_runtime::config::Config;
use trib_runtime::error::Error;
use trib_runtime::plan::{Applied, Plan};
use trib_runtime::progress::Silent;
use trib_sandbox::{Options, Sandbox};

/// The shipped packs, as a deployment uses them.
pub const PACKS: &str = "use entra.users\nuse entra.groups\n";

/// A deployment in a folder of its own, with its tenant.
pub struct Deployment {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
    rules: String,
    http: reqwest::Client,
}

impl Deployment {
    /// Starts a tenant with the verified `domain`. `corp` is the body of `[connector.corp]`; it may
    /// name files of the deployment's [`Deployment::folder`].
    pub async fn start(domain: &str, rules: &str, corp: &str) -> Deployment {
        let options = Deployment::options(domain);
        Deployment::with(options, rules, &[("corp", corp)]).await
    }

    /// The same with several sources: the names of their connectors and what these say.
    pub async fn with_sources(domain: &str, rules: &str, sources: &[(&str, &str)]) -> Deployment {
        Deployment::with(Deployment::options(domain), rules, sources).await
    }

    fn options(domain: &str) -> Options {
        Options {
            domains: vec![domain.to_owned()],
            ..Options::default()
        }
    }

    /// The same with a tenant of other options.
    pub async fn with(options: Options, rules: &str, sources: &[(&str, &str)]) -> Deployment {
        let listen = "127.0.0.1:0".parse().expect("an address");
        let sandbox = Sandbox::start(listen, options)
            .await
            .expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = sandbox.url();
        fs::write(folder.path().join("secret"), "a secret").expect("the secret is written");
        let sources: String = sources
            .iter()
            .map(|(name, body)| format!("[connector.{name}]\nkind = \"ad\"\n{body}\n\n"))
            .collect();
        let config = format!(
            "rules = \"rules\"\nstate = \"sqlite:state.db\"\n\n{sources}\
             [connector.cloud]\nkind = \"entra\"\ntenant = \"contoso.onmicrosoft.com\"\n\
             client_id = \"11111111-2222-3333-4444-555555555555\"\n\
             credential = {{ secret = {{ file = \"secret\" }} }}\ngraph = \"{url}\"\nlogin = \"{url}\"\n"
        );
        fs::write(folder.path().join("trib.toml"), config).expect("the configuration is written");
        let http = reqwest::Client::new();
        Deployment {
            folder,
            sandbox,
            rules: rules.to_owned(),
            http,
        }
    }

    /// Where the deployment's files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Other rules from now on.
    pub fn set_rules(&mut self, rules: &str) {
        rules.clone_into(&mut self.rules);
    }

    /// The engine over the deployment's state.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn engine(&self) -> Result<Engine, Error> {
        let mut sources = Sources::default();
        sources.add("rules/main.trib", self.rules.as_str());
        let checked = trib_compiler::check(&mut sources);
        let rules = trib_compiler::compile(&checked, &sources).unwrap_or_else(|| {
            panic!(
                "{}",
                trib_compiler::diagnostics::human(&checked.diagnostics, &sources, false)
            )
        });
        let config = Config::load(&self.folder().join("trib.toml"))?;
        Engine::open(rules, &config)
    }

    /// Import and synchronize, and what would be written.
    ///
    /// # Errors
    /// Whatever stops the engine.
    pub async fn plan(&self) -> Result<Plan, Error> {
        let mut engine = self.engine()?;
        engine.import(false, &Silent).await?;
        engine.synchronize(&Silent)?;
        engine.plan()
    }

    /// A whole cycle.
    ///
    /// # Errors
    /// Whatever stops the engine.
    pub async fn cycle(&self) -> Result<(Plan, Applied), Error> {
        let mut engine = self.engine()?;
        engine.import(false, &Silent).await?;
        engine.synchronize(&Silent)?;
        let plan = engine.plan()?;
        let applied = engine.apply(&plan, None, &Silent).await?;
        Ok((plan, applied))
    }

    /// The tenant's address.
    pub fn url(&self) -> String {
        self.sandbox.url()
    }

    /// Asks the tenant as any client would.
    pub async fn get(&self, path: &str) -> Json {
        let token = self.token().await;
        let url = format!("{}/v1.0{path}", self.url());
        let request = self
            .http
            .get(url)
            .bearer_auth(token)
            .header("ConsistencyLevel", "eventual");
        request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    }

    /// All objects of a collection, page by page.
    pub async fn all(&self, path: &str) -> Vec<Json> {
        let mut page = self.get(path).await;
        let mut all = Vec::new();
        loop {
            match page.get_mut("value").map(Json::take) {
                Some(Json::Array(values)) => all.extend(values),
                _ => panic!("{path} is no collection: {page}"),
            }
            let Some(next) = page.get("@odata.nextLink").and_then(Json::as_str) else {
                return all;
            };
            let path = next.split_once("/v1.0").map(|(_, path)| path.to_owned());
            page = self.get(&path.expect("a link of the tenant")).await;
        }
    }

    /// Changes the tenant behind the engine's back.
    pub async fn send(&self, method: &str, path: &str, body: Json) -> u16 {
        let token = self.token().await;
        let method = method.parse().expect("a method");
        let url = format!("{}/v1.0{path}", self.url());
        let request = self
            .http
            .request(method, url)
            .bearer_auth(token)
            .json(&body);
        request.send().await.expect("an answer").status().as_u16()
    }

    /// Uses a test door of the sandbox.
    pub async fn door(&self, method: &str, path: &str, body: Json) -> Json {
        let method: reqwest::Method = method.parse().expect("a method");
        let url = format!("{}/_sandbox{path}", self.url());
        let answer = self
            .http
            .request(method, url)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        answer.json().await.unwrap_or(Json::Null)
    }

    /// The writes that the tenant took since this was asked last: method and path of each.
    pub async fn writes(&self) -> Vec<String> {
        let journal = self.door("GET", "/requests", json!({})).await;
        self.door("DELETE", "/requests", json!({})).await;
        let requests = journal.get("requests").and_then(Json::as_array);
        let requests = requests.expect("a journal");
        let writes = requests.iter().filter_map(|request| {
            let method = request.get("method")?.as_str()?;
            let path = request.get("path")?.as_str()?;
            let reads = method == "GET" || path.contains("$batch") || path.contains("/token");
            (!reads).then(|| format!("{method} {path}"))
        });
        writes.collect()
    }

    async fn token(&self) -> String {
        let url = format!("{}/contoso.onmicrosoft.com/oauth2/v2.0/token", self.url());
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", "11111111-2222-3333-4444-555555555555"),
            ("client_secret", "a secret"),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let answer = self
            .http
            .post(url)
            .form(&form)
            .send()
            .await
            .expect("an answer");
        let answer: Json = answer.json().await.expect("JSON");
        answer
            .get("access_token")
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}
