//! Proves who we are: a secret, a certificate, another issuer's token, or the identity of the machine.

use reqwest::RequestBuilder;

use super::assertion;
use super::token::Tokens;
use crate::config::Credential;
use crate::error::Error;

const IDENTITY_SERVICE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

impl Tokens {
    /// The request for a token, and the secret in it.
    pub(super) async fn request(&self) -> Result<(RequestBuilder, Option<String>), Error> {
        let scope = format!("{}/.default", self.resource);
        let mut form = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.client_id.clone()),
            ("scope", scope),
        ];
        let secret = match &self.credential {
            Credential::ManagedIdentity => {
                return Ok((self.identity_request(named_service()), None));
            }
            Credential::Secret(secret) => {
                let secret = secret.read()?;
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

    /// Asks the identity service of the machine; `service` is the one that its host names, with the
    /// header that it wants.
    fn identity_request(&self, service: Option<(String, String)>) -> RequestBuilder {
        let mut query = vec![("resource", self.resource.as_str())];
        if !self.client_id.is_empty() {
            query.push(("client_id", &self.client_id));
        }
        match service {
            Some((address, header)) => {
                query.push(("api-version", "2019-08-01"));
                self.http
                    .get(address)
                    .query(&query)
                    .header("X-IDENTITY-HEADER", header)
            }
            None => {
                query.push(("api-version", "2018-02-01"));
                self.http
                    .get(IDENTITY_SERVICE)
                    .query(&query)
                    .header("Metadata", "true")
            }
        }
    }
}

/// What the host of a managed environment names.
fn named_service() -> Option<(String, String)> {
    Some((
        std::env::var("IDENTITY_ENDPOINT").ok()?,
        std::env::var("IDENTITY_HEADER").ok()?,
    ))
}

fn assertion_fields(assertion: String) -> [(&'static str, String); 2] {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned();
    [
        ("client_assertion_type", kind),
        ("client_assertion", assertion),
    ]
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::*;
    use crate::config::Entra;

    #[test]
    fn the_identity_of_the_machine_is_asked_of_its_own_service() {
        let config = Entra {
            tenant: "contoso.test".to_owned(),
            client_id: "app".to_owned(),
            credential: Credential::ManagedIdentity,
            graph: String::new(),
            login: String::new(),
            writes_per_second: None,
        };
        let url = |text: &str| Url::parse(text).unwrap();
        let (graph, login) = (
            url("https://graph.microsoft.com"),
            url("https://login.test"),
        );
        let tokens = Tokens::new("cloud", &config, &graph, &login).unwrap();
        let request = tokens.identity_request(None).build().unwrap();
        assert_eq!(
            request.url().as_str(),
            "http://169.254.169.254/metadata/identity/oauth2/token\
             ?resource=https%3A%2F%2Fgraph.microsoft.com&client_id=app&api-version=2018-02-01"
        );
        assert_eq!(request.headers()["Metadata"], "true");
        let service = Some(("http://localhost:4141/msi".to_owned(), "h".to_owned()));
        let request = tokens.identity_request(service).build().unwrap();
        assert_eq!(request.url().port(), Some(4141));
        assert!(
            request
                .url()
                .query()
                .unwrap()
                .ends_with("api-version=2019-08-01")
        );
        assert_eq!(request.headers()["X-IDENTITY-HEADER"], "h");
    }
}
