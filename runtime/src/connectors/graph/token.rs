//! Tokens: asked for, kept until shortly before they end, asked for again.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::client::{chain, http, is_loopback, seconds};
use super::denied::denied;
use super::throttle::backoff;
use crate::config::{Credential, Entra};
use crate::error::Error;

/// A token is renewed so long before it ends, or earlier if it lives shortly.
const MARGIN: Duration = Duration::from_secs(300);
const ATTEMPTS: u32 = 4;

/// Where tokens come from.
pub(super) struct Tokens {
    pub(super) connector: String,
    pub(super) client_id: String,
    pub(super) credential: Credential,
    /// The resource that the token is for.
    pub(super) resource: String,
    pub(super) endpoint: String,
    pub(super) http: reqwest::Client,
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
            let answer = async {
                let response = request.send().await?;
                let (status, headers) = (response.status(), response.headers().clone());
                Ok::<_, reqwest::Error>((status, headers, response.bytes().await?))
            };
            let (wait, error) = match answer.await {
                Ok((status, headers, body)) => {
                    let wait = headers
                        .get("retry-after")
                        .and_then(|value| seconds(value.to_str().ok()?));
                    if status.is_success() {
                        return self.granted(&body);
                    }
                    let error = denied(&self.connector, status.as_u16(), &body, secret.as_deref());
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
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
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
    use crate::config::Secret;

    fn tokens() -> Tokens {
        let config = Entra {
            tenant: "contoso.test".to_owned(),
            client_id: "app".to_owned(),
            credential: Credential::Secret(Secret::Env("UNUSED".to_owned())),
            graph: String::new(),
            login: String::new(),
            writes_per_second: None,
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
