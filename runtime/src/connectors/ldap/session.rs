//! A connection to a domain controller: found, verified, logged on, and asked.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ldap3::controls::RawControl;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapResult, Scope, SearchOptions};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use trib_compiler::notation::{dn_equal, dn_under};

use super::ber::{Decoder, integer, octets, sequence};
use super::entry::Entry;
use super::failure;
use crate::config::Ad;
use crate::error::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);
const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
/// The container of deleted entries, by the guid that every domain knows it by.
const DELETED_OBJECTS: &str = "18E2EA80684F11D2B9AA00C04F79F805";
const SHOW_DELETED: &str = "1.2.840.113556.1.4.417";
const PAGE_SIZE: i32 = 1000;

/// A connection on which we are logged on.
pub struct Session {
    connector: String,
    ldap: Ldap,
    /// The domain controller's own identity: a cookie of one is of no use to another.
    pub server: String,
    /// Naming contexts that it has.
    pub contexts: Vec<String>,
    /// The naming context of its schema.
    pub schema: String,
}

/// A search.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Where.
    pub base: &'a str,
    /// How deep.
    pub scope: Scope,
    /// Which entries.
    pub filter: &'a str,
    /// Which attributes.
    pub attributes: &'a [&'a str],
}

impl Session {
    /// Connects to the first server that answers, and logs on.
    pub async fn open(connector: &str, config: &Ad) -> Result<Session, Error> {
        let bind = config.bind.as_ref().ok_or_else(|| {
            Error::configuration(format!("connector `{connector}` has no `bind`"))
        })?;
        let password = bind.password.read()?;
        let tls = Arc::new(tls(config.ca.as_deref())?);
        let mut failed = Error::configuration(format!("connector `{connector}` has no `url`"));
        for (tried, url) in config.url.iter().enumerate() {
            let settings = LdapConnSettings::new()
                .set_conn_timeout(CONNECT_TIMEOUT)
                .set_config(tls.clone())
                .set_starttls(config.starttls);
            let (connection, mut ldap) = match LdapConnAsync::with_settings(settings, url).await {
                Ok(pair) => pair,
                Err(error) => {
                    let error = failure::connect(connector, url, &error);
                    failed = if tried == 0 {
                        error
                    } else {
                        Error {
                            message: format!("{}; {}", failed.message, error.message),
                            ..failed
                        }
                    };
                    continue;
                }
            };
            // The connection ends with its last handle; what goes wrong is told by the operations.
            tokio::spawn(connection.drive());
            ldap.with_timeout(ANSWER_TIMEOUT);
            let bound = ldap.simple_bind(&bind.user, &password).await;
            let bound = bound.map_err(|error| failure::connect(connector, url, &error))?;
            if bound.rc != 0 {
                return Err(failure::bind(connector, &bind.user, &bound));
            }
            let session = Session {
                connector: connector.to_owned(),
                ldap,
                server: String::new(),
                contexts: Vec::new(),
                schema: String::new(),
            };
            return session.introduce().await;
        }
        Err(failed)
    }

    /// Asks the server what it is and has.
    async fn introduce(mut self) -> Result<Session, Error> {
        let attributes = ["dsServiceName", "namingContexts", "schemaNamingContext"];
        let root = self.read("", &attributes).await?.unwrap_or_default();
        self.contexts = root.texts("namingContexts").map(str::to_owned).collect();
        self.schema = root
            .texts("schemaNamingContext")
            .next()
            .unwrap_or_default()
            .to_owned();
        let service = root
            .texts("dsServiceName")
            .next()
            .unwrap_or_default()
            .to_owned();
        // A domain controller that was restored from a backup has a new invocation id.
        let settings = self
            .read(&service, &["invocationId"])
            .await?
            .unwrap_or_default();
        let id = settings
            .value("invocationId")
            .map(trib_compiler::notation::hex::print)
            .unwrap_or_default();
        self.server = format!("{service} {id}");
        Ok(self)
    }

    /// The connection, for one more request that must be answered in time.
    pub fn ready(&mut self) -> &mut Ldap {
        self.ldap.with_timeout(ANSWER_TIMEOUT)
    }

    /// The naming context that an entry of the name is in.
    pub fn context_of(&self, dn: &str) -> Option<&str> {
        let inside = |context: &&String| dn_under(dn, context) || dn_equal(dn, context);
        self.contexts
            .iter()
            .filter(inside)
            .max_by_key(|context| context.len())
            .map(String::as_str)
    }

    /// One entry; `None` where there is none that we can see.
    pub async fn read(&mut self, dn: &str, attributes: &[&str]) -> Result<Option<Entry>, Error> {
        let request = Request {
            base: dn,
            scope: Scope::Base,
            filter: "(objectClass=*)",
            attributes,
        };
        let mut found = None;
        let mut take = |entry| {
            found = Some(entry);
            Ok(())
        };
        match self.search(request, Vec::new(), &mut take).await? {
            result if result.rc == 0 => Ok(found),
            result if matches!(result.rc, 10 | 32 | 34) => Ok(None),
            result => Err(failure::search(&self.connector, dn, &result)),
        }
    }

    /// One request and its whole answer.
    pub async fn search(
        &mut self,
        request: Request<'_>,
        controls: Vec<RawControl>,
        take: &mut (dyn FnMut(Entry) -> Result<(), Error> + Send),
    ) -> Result<LdapResult, Error> {
        let Request {
            base,
            scope,
            filter,
            attributes,
        } = request;
        let broken = |error| failure::broken(&self.connector, base, &error);
        self.ldap.with_timeout(ANSWER_TIMEOUT);
        self.ldap.with_controls(controls);
        let started = self
            .ldap
            .streaming_search(base, scope, filter, attributes.to_vec())
            .await;
        let mut stream = started.map_err(broken)?;
        while let Some(result) = stream.next().await.map_err(broken)? {
            if result.is_ref() {
                let addresses = ldap3::parse_refs(result.0);
                if let Some(other) = addresses
                    .iter()
                    .find(|address| !is_other_context(address, base, &self.contexts))
                {
                    return Err(Error::directory(format!("connector `{}`: the server refers to `{other}` for a part of `{base}`", self.connector))
                        .help("add the server that has this part as a connector of its own and narrow `base`"));
                }
            } else if !result.is_intermediate() {
                let entry = Entry::new(result).ok_or_else(|| {
                    Error::directory(format!(
                        "connector `{}`: the server sent an entry that cannot be read",
                        self.connector
                    ))
                })?;
                take(entry)?;
            }
        }
        Ok(stream.finish().await)
    }

    /// One page of a long answer; the cookie leads to the next, `None` after the last.
    pub async fn page(
        &mut self,
        request: Request<'_>,
        cookie: &[u8],
        take: &mut (dyn FnMut(Entry) -> Result<(), Error> + Send),
    ) -> Result<Option<Vec<u8>>, Error> {
        self.page_with(request, cookie, Vec::new(), take).await
    }

    /// The same with controls.
    pub async fn page_with(
        &mut self,
        request: Request<'_>,
        cookie: &[u8],
        mut controls: Vec<RawControl>,
        take: &mut (dyn FnMut(Entry) -> Result<(), Error> + Send),
    ) -> Result<Option<Vec<u8>>, Error> {
        let paged = RawControl {
            ctype: PAGED_RESULTS.to_owned(),
            crit: true,
            val: Some(sequence(&[integer(PAGE_SIZE), octets(cookie)])),
        };
        controls.push(paged);
        let result = self.search(request, controls, take).await?;
        if result.rc != 0 {
            return Err(failure::search(&self.connector, request.base, &result));
        }
        let answer = control_value(&result, PAGED_RESULTS).and_then(|value| {
            let mut fields = Decoder(value).sequence()?;
            fields.integer()?;
            fields.octets()
        });
        match answer {
            Some(cookie) => Ok(Some(cookie.to_vec()).filter(|cookie| !cookie.is_empty())),
            None => Err(Error::directory(format!(
                "connector `{}`: the server does not send `{}` in pages",
                self.connector, request.base
            ))),
        }
    }
}

/// What the session knows to say of answers.
impl Session {
    /// A search that did not end well.
    pub fn refused(&self, base: &str, result: &LdapResult) -> Error {
        failure::search(&self.connector, base, result)
    }

    /// A base that is not there.
    pub fn wrong_base(&self, base: &str) -> Error {
        failure::wrong_base(&self.connector, base)
    }

    /// The number of the server's last change; `None` where it does not tell, or not who it is.
    pub async fn highest_usn(&mut self) -> Result<Option<u64>, Error> {
        let root = self.read("", &["highestCommittedUSN"]).await?;
        let told = root.unwrap_or_default();
        let number = told.texts("highestCommittedUSN").next();
        let known = !self.server.ends_with(' ');
        Ok(number
            .filter(|_| known)
            .and_then(|number| number.parse().ok()))
    }

    /// We are shown deleted entries of a naming context. Without that right, DirSync is silent about
    /// deletions for those who may not replicate.
    pub async fn sees_deleted(&mut self, context: &str) -> Result<bool, Error> {
        let base = format!("<WKGUID={DELETED_OBJECTS},{context}>");
        let request = Request {
            base: &base,
            scope: Scope::OneLevel,
            filter: "(isDeleted=TRUE)",
            attributes: &["1.1"],
        };
        let mut seen = false;
        let mut take = |_| {
            seen = true;
            Ok(())
        };
        self.ldap
            .with_search_options(SearchOptions::new().sizelimit(1));
        self.search(request, vec![show_deleted()], &mut take)
            .await?;
        Ok(seen)
    }
}

/// Deleted entries are part of the answer.
pub fn show_deleted() -> RawControl {
    RawControl {
        ctype: SHOW_DELETED.to_owned(),
        crit: true,
        val: None,
    }
}

/// The value of a control in an answer.
pub fn control_value<'a>(result: &'a LdapResult, oid: &str) -> Option<&'a [u8]> {
    result
        .ctrls
        .iter()
        .find(|control| control.1.ctype == oid)
        .and_then(|control| control.1.val.as_deref())
}

/// The address of a partition below the base that is a naming context of its own, such as
/// `CN=Configuration`, the zones of DNS, a child domain, or another one that the server has: not part
/// of what the base covers.
fn is_other_context(address: &str, base: &str, contexts: &[String]) -> bool {
    let dn = address
        .splitn(4, '/')
        .nth(3)
        .and_then(|rest| rest.split('?').next())
        .unwrap_or_default();
    let kind = dn.split('=').next().unwrap_or_default();
    dn_under(dn, base)
        && (contexts.iter().any(|context| dn_equal(dn, context))
            || kind.eq_ignore_ascii_case("DC")
            || dn
                .get(..17)
                .is_some_and(|start| start.eq_ignore_ascii_case("CN=Configuration,")))
}

/// Trusts what the machine trusts and the extra authority; there is no way to trust anything else.
fn tls(ca: Option<&Path>) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca {
        let unusable = |reason: String| {
            Error::configuration(format!(
                "cannot use the certificates in `{}`: {reason}",
                path.display()
            ))
            .help("`ca` names a PEM file with the certificate of the issuer")
        };
        let certificates =
            CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))?;
        let mut count = 0;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| unusable(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(unusable("it has none".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder =
        builder.map_err(|error| Error::internal(format!("TLS cannot be set up: {error}")))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::is_other_context;

    #[test]
    fn which_referrals_may_be_left() {
        let base = "DC=contoso,DC=test";
        let contexts = [base, "CN=App,DC=contoso,DC=test"].map(str::to_owned);
        for (address, expected) in [
            (
                "ldap://contoso.test/CN=Configuration,DC=contoso,DC=test",
                true,
            ),
            (
                "ldaps://ForestDnsZones.contoso.test/DC=ForestDnsZones,DC=contoso,DC=test",
                true,
            ),
            (
                "ldap://child.contoso.test/DC=child,DC=contoso,DC=test?sub",
                true,
            ),
            ("ldap://dc1/CN=App,DC=contoso,DC=test??base", true),
            ("ldap://other/CN=App2,DC=contoso,DC=test", false),
            ("ldap://other/DC=contoso,DC=test", false),
            ("ldap://other/OU=Moved,DC=contoso,DC=test", false),
            ("ldap://other/DC=fabrikam,DC=test", false),
            ("ldap://other", false),
        ] {
            assert_eq!(
                is_other_context(address, base, &contexts),
                expected,
                "{address}"
            );
        }
    }
}
