//! Tokens: asked for, kept until shortly before they end, asked for again.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{RequestBuilder, Url};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::assertion;
use super::client::{chain, http, is_loopback, seconds};
use super::throttle::backoff;
use crate::config::{Credential, Entra, Secret};
use crate::error::Error;

/// A token is renewed so long before it ends, or earlier if it lives shortly.
const MARGIN: Duration = Duration::from_secs(300);
const ATTEMPTS: u32 = 4;
const IDENTITY_SERVICE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// Where tokens come from.
pub(super) struct Tokens {
    connector: String,
    client_id: String,
    credential: Credential,
    /// The resource that the token is for.
    resource: String,
    endpoint: String,
    http: reqwest::Client,
    current: Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    bearer: Arc<str>,
    renew_at: Instant,
    roles: Option<Arc<[String]>>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// A number, or a text from the identity service of a machine.
    #[serde(default)]
    expires_in: Value,
    /// Seconds since 1970, where the other is not told.
    #[serde(default)]
    expires_on: Value,
}

#[derive(Deserialize, Default)]
struct Denied {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
    #[serde(default)]
    error_codes: Vec<u64>,
}

impl Tokens {
    pub fn new(connector: &str, config: &Entra, graph: &Url, login: &Url) -> Result<Tokens, Error> {
        let managed = matches!(config.credential, Credential::ManagedIdentity);
        let http = http(managed || is_loopback(login))?;
        let login = login.as_str().trim_end_matches('/');
        Ok(Tokens {
            connector: connector.to_owned(),
            client_id: config.client_id.clone(),
            credential: config.credential.clone(),
            resource: graph.as_str().trim_end_matches('/').to_owned(),
            endpoint: format!("{login}/{}/oauth2/v2.0/token", config.tenant),
            http,
            current: Mutex::new(None),
        })
    }

    /// A token that is good for some minutes at least.
    pub async fn bearer(&self) -> Result<Arc<str>, Error> {
        let mut current = self.current.lock().await;
        match current.as_ref() {
            Some(token) if token.renew_at > Instant::now() => Ok(Arc::clone(&token.bearer)),
            _ => Ok(Arc::clone(&current.insert(self.ask().await?).bearer)),
        }
    }

    /// This one was refused.
    pub async fn forget(&self, bearer: &str) {
        let mut current = self.current.lock().await;
        if current
            .as_ref()
            .is_some_and(|token| *token.bearer == *bearer)
        {
            *current = None;
        }
    }

    /// The current one was refused.
    pub async fn forget_current(&self) {
        *self.current.lock().await = None;
    }

    /// The application has the permission, or one that includes it; `None` where the token does not tell.
    pub async fn has_permission(&self, permission: &str) -> Option<bool> {
        let current = self.current.lock().await;
        let roles = current.as_ref()?.roles.as_ref()?;
        let includes = |role: &String| {
            role == permission
                || role == "Directory.ReadWrite.All"
                || (role == "Group.ReadWrite.All" && permission == "GroupMember.ReadWrite.All")
        };
        let family = permission.split('.').next().unwrap_or_default();
        // One such as `User.EnableDisableAccount.All` covers some requests and not others.
        let is_narrow = |role: &String| role.starts_with(family) && !role.contains(".Read.");
        if roles.iter().any(includes) {
            Some(true)
        } else if roles.iter().any(is_narrow) {
            None
        } else {
            Some(false)
        }
    }

    async fn ask(&self) -> Result<Token, Error> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let (request, secret) = self.request().await?;
            let (wait, error) = match request.send().await {
                Ok(response) => {
                    let status = response.status();
                    let wait = response
                        .headers()
                        .get("retry-after")
                        .and_then(|value| seconds(value.to_str().ok()?));
                    let body = response.bytes().await.unwrap_or_default();
                    if status.is_success() {
                        return self.granted(&body);
                    }
                    let error = self.denied(status.as_u16(), &body, secret.as_deref());
                    if !(status.is_server_error() || status.as_u16() == 429) {
                        return Err(error);
                    }
                    (wait, error)
                }
                Err(error) => (None, self.unreachable(&chain(&error))),
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            tokio::time::sleep(wait.unwrap_or_else(|| backoff(attempt))).await;
        }
    }

    /// The request for a token, and the secret in it.
    async fn request(&self) -> Result<(RequestBuilder, Option<String>), Error> {
        let scope = format!("{}/.default", self.resource);
        let mut form = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.client_id.clone()),
            ("scope", scope),
        ];
        let secret = match &self.credential {
            Credential::ManagedIdentity => return Ok((self.identity_request(), None)),
            Credential::Secret(secret) => {
                let secret = read_secret(&self.connector, secret)?;
                form.push(("client_secret", secret.clone()));
                secret
            }
            Credential::Certificate(path) => {
                let pem = self.read(path, "certificate").await?;
                let assertion = assertion::sign(&pem, &self.client_id, &self.endpoint).map_err(|reason| {
                    Error::configuration(format!("`{}`: {reason} in `{}`", self.connector, path.display())).help(
                        "the file of `certificate` must hold a certificate and its RSA key, both as PEM",
                    )
                })?;
                form.extend(assertion_fields(assertion.clone()));
                assertion
            }
            Credential::FederatedToken(path) => {
                let token = self.read(path, "federated_token").await?.trim().to_owned();
                form.extend(assertion_fields(token.clone()));
                token
            }
        };
        Ok((self.http.post(&self.endpoint).form(&form), Some(secret)))
    }

    async fn read(&self, path: &std::path::Path, key: &str) -> Result<String, Error> {
        tokio::fs::read_to_string(path).await.map_err(|error| {
            Error::configuration(format!(
                "`{}`: cannot read `{}`: {error}",
                self.connector,
                path.display()
            ))
            .help(format!(
                "`{key}` of `credential` must name a file that we may read"
            ))
        })
    }

    fn identity_request(&self) -> RequestBuilder {
        let mut query = vec![("resource", self.resource.as_str())];
        if !self.client_id.is_empty() {
            query.push(("client_id", &self.client_id));
        }
        match (
            std::env::var("IDENTITY_ENDPOINT"),
            std::env::var("IDENTITY_HEADER"),
        ) {
            (Ok(endpoint), Ok(header)) => {
                query.push(("api-version", "2019-08-01"));
                self.http
                    .get(endpoint)
                    .query(&query)
                    .header("X-IDENTITY-HEADER", header)
            }
            _ => {
                query.push(("api-version", "2018-02-01"));
                self.http
                    .get(IDENTITY_SERVICE)
                    .query(&query)
                    .header("Metadata", "true")
            }
        }
    }

    fn granted(&self, body: &[u8]) -> Result<Token, Error> {
        let granted: Granted = serde_json::from_slice(body).map_err(|_| {
            Error::directory(format!(
                "`{}`: the token service sent no token",
                self.connector
            ))
            .help(format!("check `login` of `[connector.{}]`", self.connector))
        })?;
        let now = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap_or_default()
            .as_secs();
        let lifetime = number(&granted.expires_in)
            .or_else(|| number(&granted.expires_on).map(|end| end.saturating_sub(now)))
            .map_or(Duration::from_secs(3600), Duration::from_secs);
        let margin = MARGIN.min(lifetime / 5);
        Ok(Token {
            roles: roles(&granted.access_token),
            bearer: granted.access_token.into(),
            renew_at: Instant::now() + (lifetime - margin),
        })
    }

    fn unreachable(&self, reason: &str) -> Error {
        let place = if matches!(self.credential, Credential::ManagedIdentity) {
            "the identity service of this machine".to_owned()
        } else {
            format!("the token service at `{}`", self.endpoint)
        };
        Error::directory(format!(
            "`{}`: cannot reach {place}: {reason}",
            self.connector
        ))
        .help(format!(
            "check the network, the proxy and `login` of `[connector.{}]`",
            self.connector
        ))
    }

    fn denied(&self, status: u16, body: &[u8], secret: Option<&str>) -> Error {
        let denied: Denied = serde_json::from_slice(body).unwrap_or_default();
        let code = denied
            .error_codes
            .first()
            .copied()
            .or_else(|| code_in(&denied.error_description));
        let mut reason = denied
            .error_description
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
            reason = reason.replace(secret, "…");
        }
        if reason.is_empty() {
            reason = format!("{status} {}", denied.error).trim().to_owned();
        }
        Error::directory(format!(
            "`{}`: the token service refuses us: {reason}",
            self.connector
        ))
        .help(advice(code, &self.connector))
    }
}

fn read_secret(connector: &str, secret: &Secret) -> Result<String, Error> {
    let missing = |what: String| {
        Error::configuration(format!("`{connector}`: {what}")).help(format!(
            "`credential` of `[connector.{connector}]` says where the secret is kept"
        ))
    };
    match secret {
        Secret::Env(name) => std::env::var(name)
            .map_err(|_| missing(format!("the environment variable `{name}` is not set"))),
        Secret::File(path) => std::fs::read_to_string(path)
            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .map_err(|error| missing(format!("cannot read `{}`: {error}", path.display()))),
    }
}

fn assertion_fields(assertion: String) -> [(&'static str, String); 2] {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned();
    [
        ("client_assertion_type", kind),
        ("client_assertion", assertion),
    ]
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// "AADSTS7000215: Invalid client secret provided."
fn code_in(description: &str) -> Option<u64> {
    let (_, rest) = description.split_once("AADSTS")?;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// What to do about an error code of the token service.
fn advice(code: Option<u64>, connector: &str) -> String {
    let key = |key: &str| format!("`{key}` of `[connector.{connector}]`");
    match code {
        Some(7000215) => format!(
            "check {}: it is not a secret of the application (use the secret's value, not its id)",
            key("credential")
        ),
        Some(7000222) => format!(
            "make a new client secret in Entra and put it where {} says",
            key("credential")
        ),
        Some(700027) => format!(
            "upload the certificate of {} to the application in Entra",
            key("credential")
        ),
        Some(70021 | 700211..=700213 | 700222..=700224) => {
            format!(
                "add a federated credential for the issuer and subject of {} in Entra",
                key("credential")
            )
        }
        Some(700016) => format!(
            "check {}: the tenant has no such application",
            key("client_id")
        ),
        Some(90002 | 900023) => format!("check {}: there is no such tenant", key("tenant")),
        Some(70011 | 500011 | 650057) => format!(
            "check {}: the tenant does not know this service",
            key("graph")
        ),
        Some(7000112) => "the application is disabled: enable it in Entra".to_owned(),
        _ => format!(
            "check `tenant`, `client_id`, `credential` and `login` of `[connector.{connector}]`"
        ),
    }
}

/// The permissions that a token tells. It is not ours to verify: Graph does.
fn roles(token: &str) -> Option<Arc<[String]>> {
    #[derive(Deserialize)]
    struct Claims {
        roles: Vec<String>,
    }
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    Some(
        serde_json::from_slice::<Claims>(&payload)
            .ok()?
            .roles
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        let config = Entra {
            tenant: "contoso.test".to_owned(),
            client_id: "app".to_owned(),
            credential: Credential::Secret(Secret::Env("UNUSED".to_owned())),
            graph: String::new(),
            login: String::new(),
        };
        let graph = Url::parse("https://graph.microsoft.com").unwrap();
        Tokens::new(
            "cloud",
            &config,
            &graph,
            &Url::parse("https://login.microsoftonline.com").unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn refusals_name_the_key_to_mend() {
        for (code, key) in [
            (7000215, "`credential`"),
            (7000222, "new client secret"),
            (700016, "`client_id`"),
            (90002, "`tenant`"),
        ] {
            let body =
                format!(r#"{{"error":"x","error_description":"AADSTS{code}: no.\r\nTrace"}}"#);
            let error = tokens().denied(401, body.as_bytes(), None);
            assert_eq!(error.class, crate::error::Class::Directory);
            assert!(
                error.message.ends_with(&format!("AADSTS{code}: no.")),
                "{}",
                error.message
            );
            assert!(error.help.unwrap().contains(key), "{code}");
        }
    }

    #[test]
    fn the_secret_is_never_told() {
        let body =
            br#"{"error_description":"AADSTS7000215: s3cret is wrong","error_codes":[7000215]}"#;
        let error = tokens().denied(401, body, Some("s3cret"));
        assert!(!format!("{error:?}").contains("s3cret"));
        assert!(error.message.contains("… is wrong"));
    }

    #[test]
    fn lifetimes_come_as_numbers_or_texts() {
        let now = Instant::now();
        for (body, least, most) in [
            (r#"{"access_token":"t","expires_in":3599}"#, 3200, 3300),
            (r#"{"access_token":"t","expires_in":"3599"}"#, 3200, 3300),
            (r#"{"access_token":"t","expires_in":10}"#, 7, 9),
        ] {
            let life = tokens()
                .granted(body.as_bytes())
                .ok()
                .unwrap()
                .renew_at
                .duration_since(now)
                .as_secs();
            assert!((least..=most).contains(&life), "{body}: {life}");
        }
        assert!(tokens().granted(b"{}").is_err());
    }

    #[test]
    fn the_token_tells_its_permissions() {
        let payload = URL_SAFE_NO_PAD.encode(r#"{"roles":["User.Read.All"]}"#);
        assert_eq!(
            roles(&format!("h.{payload}.s")).unwrap().as_ref(),
            ["User.Read.All"]
        );
        assert!(roles("opaque").is_none());
    }
}
