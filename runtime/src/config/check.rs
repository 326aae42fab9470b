//! What the parts of a configuration ask of each other.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::{Ad, Config, Connector, Credential, Entra, Secret};
use crate::error::Error;

impl Config {
    /// Refuses what cannot work or is not safe.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (name, connector) in &self.connector {
            let checked = match connector {
                Connector::Ad(ad) => ad.check(),
                Connector::Entra(entra) => entra.check(),
            };
            checked.map_err(|error| Error {
                message: format!("connector `{name}`: {}", error.message),
                ..error
            })?;
        }
        let guard = &self.guard;
        for (name, limit) in [
            ("deletes", guard.deletes),
            ("member_removals", guard.member_removals),
            ("clears", guard.clears),
            ("disables", guard.disables),
        ] {
            if !(0.0..=100.0).contains(&limit.percent) {
                return Err(Error::configuration(format!(
                    "`guard.{name}.percent` is not between 0 and 100"
                )));
            }
        }
        Ok(())
    }

    /// Makes paths relative to `folder`.
    pub(super) fn resolve(&mut self, folder: &Path) {
        let resolve = |path: &mut PathBuf| *path = folder.join(&*path);
        let resolve_secret = |secret: &mut Secret| {
            if let Secret::File(path) = secret {
                resolve(path);
            }
        };
        resolve(&mut self.rules);
        self.rules_key.iter_mut().for_each(resolve);
        resolve(&mut self.state);
        for connector in self.connector.values_mut() {
            match connector {
                Connector::Ad(ad) => {
                    let files = ad.ldif.iter_mut().chain(&mut ad.ca);
                    files.chain(&mut ad.schema).for_each(resolve);
                    ad.bind
                        .iter_mut()
                        .for_each(|bind| resolve_secret(&mut bind.password));
                }
                Connector::Entra(entra) => match &mut entra.credential {
                    Credential::Secret(secret) => resolve_secret(secret),
                    Credential::Certificate(path) | Credential::FederatedToken(path) => {
                        resolve(path)
                    }
                    Credential::ManagedIdentity => {}
                },
            }
        }
    }
}

impl Ad {
    fn check(&self) -> Result<(), Error> {
        match (self.url.is_empty(), &self.ldif) {
            (true, Some(_)) => return Ok(()),
            (true, None) => {
                return Err(Error::configuration("`url` is missing")
                    .help("`url = \"ldaps://dc1.corp.contoso.com\"`, or `ldif` for a file that stands for the directory"));
            }
            (false, Some(_)) => {
                return Err(Error::configuration("`url` and `ldif` exclude each other"));
            }
            (false, None) => {}
        }
        if self.base.is_empty() {
            return Err(Error::configuration("`base` is missing")
                .help("`base = \"DC=corp,DC=contoso,DC=com\"`"));
        }
        if self.bind.is_none() {
            return Err(Error::configuration("`bind` is missing")
                .help("`bind = { user = \"sync@corp.contoso.com\", password = { env = \"CORP_PASSWORD\" } }`"));
        }
        self.url.iter().try_for_each(|url| self.check_url(url))
    }

    fn check_url(&self, url: &str) -> Result<(), Error> {
        let Some((scheme, host)) = split(url) else {
            return Err(Error::configuration(format!(
                "`url`: `{url}` is no address such as `ldaps://dc1.corp.contoso.com`"
            )));
        };
        match (scheme, self.starttls) {
            ("ldaps", false) | ("ldap", true) => Ok(()),
            ("ldaps", true) => Err(
                Error::configuration("`starttls` is for `ldap://` addresses").help(format!(
                    "`{url}` is encrypted from the start: take `starttls` away"
                )),
            ),
            ("ldap", false) if is_loopback(host) => Ok(()),
            ("ldap", false) => Err(Error::configuration(format!(
                "`url`: `{url}` would send the password unprotected"
            ))
            .help("use `ldaps://`, or add `starttls = true`")),
            _ => Err(Error::configuration(format!(
                "`url`: `{scheme}://` is neither `ldaps://` nor `ldap://`"
            ))),
        }
    }
}

impl Entra {
    fn check(&self) -> Result<(), Error> {
        for (key, url) in [("graph", &self.graph), ("login", &self.login)] {
            match split(url) {
                Some(("https", _)) => {}
                Some(("http", host)) if is_loopback(host) => {}
                Some(("http", _)) => {
                    return Err(Error::configuration(format!(
                        "`{key}`: `{url}` would send secrets unprotected"
                    ))
                    .help("`http://` is for loopback addresses; use `https://`"));
                }
                _ => {
                    return Err(Error::configuration(format!(
                        "`{key}`: `{url}` is no address such as `https://graph.microsoft.com`"
                    )));
                }
            }
        }
        for (key, value) in [("tenant", &self.tenant), ("client_id", &self.client_id)] {
            let plain =
                |character: char| character.is_ascii_alphanumeric() || "-._".contains(character);
            if value.is_empty() || !value.chars().all(plain) {
                return Err(Error::configuration(format!(
                    "`{key}`: `{value}` is no id or domain name"
                )));
            }
        }
        let budget = self.writes_per_second.unwrap_or(20.0);
        if !(0.1..=10_000.0).contains(&budget) {
            return Err(Error::configuration(format!(
                "`writes_per_second`: {budget} is no number between 0.1 and 10000"
            ))
            .help("Graph allows an application 20 in a tenant; less leaves room for others"));
        }
        Ok(())
    }
}

/// Scheme and host of an address.
pub(crate) fn split(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    let plain = |character: char| !character.is_whitespace() && character != '@';
    (!host.is_empty() && authority.chars().all(plain)).then_some((scheme, host))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}
