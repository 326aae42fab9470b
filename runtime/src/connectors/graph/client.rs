//! Sends requests to Graph and to nobody else.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::{Method, Url};
use serde_json::Value;
use uuid::Uuid;

use super::error::Refusal;
use super::throttle::backoff;
use super::token::Tokens;
use crate::config::Entra;
use crate::error::Error;

/// How often a request is tried before we give up.
pub(super) const ATTEMPTS: u32 = 6;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(100);

/// An HTTP connection to the configured tenant.
pub(super) struct Client {
    /// The connector's name, for messages.
    pub name: String,
    /// Address of Graph with its version: `https://graph.microsoft.com/v1.0`.
    pub base: String,
    origin: Url,
    http: reqwest::Client,
    pub tokens: Tokens,
}

/// What Graph answered, also as an item of a batch.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub status: u16,
    pub body: Value,
    pub retry_after: Option<Duration>,
    /// Share of the throttling limit that we use, told from 0.8.
    pub limit_share: Option<f64>,
    pub request_id: Option<String>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// The request did not leave.
    NotSent(String),
    /// It may have arrived: what it asked for may have happened.
    Lost(String),
    /// We got no token.
    Token(Error),
}

impl Client {
    pub fn new(name: &str, config: &Entra) -> Result<Client, Error> {
        let origin = checked(name, "graph", config.graph.trim_end_matches("/v1.0"))?;
        let login = checked(name, "login", &config.login)?;
        let http = http(is_loopback(&origin))?;
        let tokens = Tokens::new(name, config, &origin, &login)?;
        let base = format!("{}/v1.0", origin.as_str().trim_end_matches('/'));
        Ok(Client {
            name: name.to_owned(),
            base,
            origin,
            http,
            tokens,
        })
    }

    /// A link that Graph gave us. One that leads elsewhere is not followed: it would get our token.
    pub fn link(&self, link: &str) -> Result<String, Error> {
        match Url::parse(link) {
            Ok(url) if url.origin() == self.origin.origin() && url.username().is_empty() => {
                Ok(link.to_owned())
            }
            _ => Err(Error::directory(format!(
                "`{}`: Graph sent a link that leads to another host",
                self.name
            ))
            .help(format!(
                "check `graph` of `[connector.{}]`: it must be the address Graph knows itself by",
                self.name
            ))),
        }
    }

    /// Sends once; with a new token a second time if the first was refused.
    pub async fn send(
        &self,
        method: &str,
        url: &str,
        prefer: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, Fault> {
        let token = self.tokens.bearer().await.map_err(Fault::Token)?;
        let answer = self.send_with(&token, method, url, prefer, body).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        self.tokens.forget(&token).await;
        let token = self.tokens.bearer().await.map_err(Fault::Token)?;
        self.send_with(&token, method, url, prefer, body).await
    }

    async fn send_with(
        &self,
        token: &str,
        method: &str,
        url: &str,
        prefer: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, Fault> {
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|error| Fault::NotSent(error.to_string()))?;
        let mut request = self
            .http
            .request(method, url)
            .bearer_auth(token)
            .header("client-request-id", Uuid::new_v4().to_string());
        if let Some(prefer) = prefer {
            request = request.header("Prefer", prefer);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(fault)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let bytes = response.bytes().await.map_err(fault)?;
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            match serde_json::from_slice(&bytes) {
                Ok(body) => body,
                Err(_) if status >= 400 => Value::Null,
                Err(_) => return Err(Fault::Lost("the answer is not JSON".to_owned())),
            }
        };
        Ok(Answer {
            status,
            body,
            retry_after: header("retry-after").and_then(seconds),
            limit_share: header("x-ms-throttle-limit-percentage")
                .and_then(|share| share.parse().ok()),
            request_id: header("request-id").map(str::to_owned),
        })
    }

    /// Reads, and tries again what is transient. Refusals come back as answers.
    pub async fn get(&self, url: &str, prefer: Option<&str>) -> Result<Answer, Error> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let wait = match self.send("GET", url, prefer, None).await {
                Ok(answer) if attempt < ATTEMPTS && Refusal::of(&answer).is_transient() => {
                    answer.retry_after
                }
                Ok(answer) => return Ok(answer),
                Err(Fault::Token(error)) => return Err(error),
                Err(Fault::NotSent(_) | Fault::Lost(_)) if attempt < ATTEMPTS => None,
                Err(Fault::NotSent(reason) | Fault::Lost(reason)) => {
                    return Err(self.unreachable(&reason));
                }
            };
            tokio::time::sleep(wait.unwrap_or_else(|| backoff(attempt))).await;
        }
    }

    /// Graph cannot be reached.
    pub fn unreachable(&self, reason: &str) -> Error {
        Error::directory(format!(
            "`{}`: cannot reach Graph at `{}`: {reason}",
            self.name, self.base
        ))
        .help(format!(
            "check the network, the proxy and `graph` of `[connector.{}]`",
            self.name
        ))
    }
}

/// A client; `direct` leaves the proxy of the environment aside.
pub(super) fn http(direct: bool) -> Result<reqwest::Client, Error> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("tributary/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    let builder = if direct { builder.no_proxy() } else { builder };
    builder
        .build()
        .map_err(|error| Error::internal(format!("cannot prepare HTTP: {}", chain(&error))))
}

/// An address of the configuration: `https`, or plain `http` on this machine.
fn checked(name: &str, key: &str, address: &str) -> Result<Url, Error> {
    let wrong = |what: &str| {
        Error::configuration(format!(
            "`{key}` of `[connector.{name}]` {what}: `{address}`"
        ))
        .help("write an address such as `https://graph.microsoft.com`")
    };
    let url = Url::parse(address).map_err(|_| wrong("is not an address"))?;
    match url.scheme() {
        "https" if url.host().is_some() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(wrong("must be `https` except on this machine")),
        _ => Err(wrong("is not an `https` address")),
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn fault(error: reqwest::Error) -> Fault {
    let text = chain(&error);
    if error.is_connect() || error.is_builder() {
        Fault::NotSent(text)
    } else {
        Fault::Lost(text)
    }
}

/// An error with its causes, without the address: that may carry a delta token.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    if text.is_empty() {
        "the connection failed".to_owned()
    } else {
        text
    }
}

/// The value of `Retry-After`, which may be fractional.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.trim().parse().ok()?)
        .ok()
        .map(|wait| wait.min(Duration::from_secs(600)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Credential, Secret};

    fn config(graph: &str) -> Entra {
        Entra {
            tenant: "contoso.test".to_owned(),
            client_id: "app".to_owned(),
            credential: Credential::Secret(Secret::Env("UNUSED".to_owned())),
            graph: graph.to_owned(),
            login: "https://login.microsoftonline.com".to_owned(),
            writes_per_second: None,
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for graph in [
            "http://127.0.0.1:8080",
            "http://localhost",
            "http://[::1]:1",
            "https://graph.microsoft.com/",
        ] {
            assert!(Client::new("cloud", &config(graph)).is_ok(), "{graph}");
        }
        for graph in [
            "http://graph.microsoft.com",
            "http://10.0.0.1",
            "ftp://x",
            "graph",
            "http://127.0.0.1.evil.test",
        ] {
            assert!(Client::new("cloud", &config(graph)).is_err(), "{graph}");
        }
    }

    #[test]
    fn links_to_other_hosts_are_refused() {
        let client = Client::new("cloud", &config("https://graph.microsoft.com/v1.0")).unwrap();
        assert_eq!(client.base, "https://graph.microsoft.com/v1.0");
        assert!(
            client
                .link("https://graph.microsoft.com/v1.0/users/delta?$skiptoken=x")
                .is_ok()
        );
        for link in [
            "https://graph.microsoft.com.evil.test/v1.0/users/delta",
            "http://graph.microsoft.com/v1.0/users/delta",
            "https://graph.microsoft.com:444/v1.0/users/delta",
            "https://user@graph.microsoft.com/v1.0/users/delta",
            "/v1.0/users/delta",
        ] {
            assert!(client.link(link).is_err(), "{link}");
        }
    }

    #[test]
    fn waits_may_be_fractional() {
        assert_eq!(seconds("1.5"), Some(Duration::from_millis(1500)));
        assert_eq!(seconds("10"), Some(Duration::from_secs(10)));
        assert_eq!(seconds("-1"), None);
        assert_eq!(seconds("soon"), None);
    }
}
