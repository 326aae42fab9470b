//! What went wrong with a directory, and what to do about it.

use std::io;

use ldap3::{LdapError, LdapResult};

use crate::error::Error;

/// A failure to reach a server, or to be let in.
pub fn connect(connector: &str, url: &str, error: &LdapError) -> Error {
    let refuse = |message: String, help: &str| {
        Error::directory(format!("connector `{connector}`: {message}")).help(help)
    };
    match error {
        LdapError::Timeout { .. } => refuse(
            format!("`{url}` does not answer"),
            "check the address, the network and the firewall (port 636 or 389)",
        ),
        LdapError::Io { source } => match tls(source) {
            Some(message) => untrusted(connector, url, &message),
            None => refuse(
                io_message(url, source),
                "check the address and that the domain controller runs",
            ),
        },
        LdapError::Rustls { source } => untrusted(connector, url, &source.to_string()),
        LdapError::DNSName { .. } => refuse(
            format!("`{url}` has no host name that a certificate could have"),
            "correct `url`",
        ),
        LdapError::LdapResult { result } => refuse(
            format!("`{url}` refuses StartTLS: {}", text(result)),
            "use `ldaps://`, or give the domain controller a certificate",
        ),
        other => refuse(
            format!("`{url}` does not talk LDAP as expected: {other}"),
            "check the address and its port",
        ),
    }
}

fn untrusted(connector: &str, url: &str, reason: &str) -> Error {
    Error::directory(format!("connector `{connector}`: the certificate of `{url}` is not trusted: {reason}")).help(format!(
        "name the issuer's certificate with `ca` in `[connector.{connector}]`, and the host in `url` as the certificate does"
    ))
}

/// What TLS has to say, if the error comes from there.
fn tls(error: &io::Error) -> Option<String> {
    error
        .get_ref()?
        .downcast_ref::<rustls::Error>()
        .map(ToString::to_string)
}

fn io_message(url: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("`{url}` refuses the connection"),
        io::ErrorKind::TimedOut => format!("`{url}` does not answer"),
        _ if error.to_string().contains("lookup address") => {
            format!("the host of `{url}` is unknown")
        }
        _ => format!("`{url}` cannot be reached: {error}"),
    }
}

/// A bind that was refused.
pub fn bind(connector: &str, user: &str, result: &LdapResult) -> Error {
    // Active Directory tells the reason in a code of its own: `… data 52e, v1db1`.
    let data = result
        .text
        .split("data ")
        .nth(1)
        .and_then(|rest| rest.split([',', ' ']).next());
    let (reason, help) = match (result.rc, data) {
        (49, Some("525")) => ("the user is unknown", "correct `bind.user`"),
        (49, Some("530" | "531")) => (
            "the user may not log on now or from here",
            "lift the restriction in the directory",
        ),
        (49, Some("532" | "773")) => ("the password has expired", "set a new one"),
        (49, Some("533")) => ("the account is disabled", "enable it"),
        (49, Some("701")) => ("the account has expired", "extend it"),
        (49, Some("775")) => ("the account is locked", "unlock it"),
        (49, _) => (
            "wrong user or password",
            "correct `bind.user` and the password it names",
        ),
        (8 | 13, _) => (
            "the server asks for encryption",
            "use `ldaps://` or `starttls = true`",
        ),
        _ => {
            return Error::directory(format!(
                "connector `{connector}`: bind as `{user}` failed: {}",
                text(result)
            ));
        }
    };
    Error::directory(format!(
        "connector `{connector}`: bind as `{user}` failed: {reason}"
    ))
    .help(help)
}

/// A search that did not end well.
pub fn search(connector: &str, base: &str, result: &LdapResult) -> Error {
    let refuse = |message: String| Error::directory(format!("connector `{connector}`: {message}"));
    match result.rc {
        32 | 34 => wrong_base(connector, base),
        10 => refuse(format!("the server refers to another one for `{base}`"))
            .help("name a base of the server's own domain; each domain is a connector of its own"),
        50 => refuse(format!("no right to read `{base}`: {}", text(result)))
            .help("give the user of `bind` the right to read these entries"),
        8 | 13 => refuse(format!("the server asks for encryption to read `{base}`"))
            .help("use `ldaps://` or `starttls = true`"),
        3 | 4 | 11 => refuse(format!(
            "the server cut the answer for `{base}` short: {}",
            text(result)
        ))
        .help("raise the limits of the domain controller's query policy"),
        51 | 52 => refuse(format!(
            "the server is too busy to read `{base}`: {}",
            text(result)
        ))
        .help("try again later"),
        _ => refuse(format!("reading `{base}` failed: {}", text(result))),
    }
}

/// A base that is not there.
pub fn wrong_base(connector: &str, base: &str) -> Error {
    Error::directory(format!("wrong base `{base}` of connector `{connector}`: the directory has no such entry, or we may not see it"))
        .help(format!("correct `base` of `[connector.{connector}]`"))
}

/// A connection that broke in the middle of an answer.
pub fn broken(connector: &str, base: &str, error: &LdapError) -> Error {
    Error::directory(format!(
        "connector `{connector}`: reading `{base}` broke off: {}",
        interruption(error)
    ))
}

fn interruption(error: &LdapError) -> String {
    match error {
        LdapError::Timeout { .. } => "the server stopped answering".to_owned(),
        LdapError::EndOfStream | LdapError::OpSend { .. } | LdapError::ResultRecv { .. } => {
            "the server closed the connection".to_owned()
        }
        LdapError::Io { source } => source.to_string(),
        other => other.to_string(),
    }
}

/// A connection that broke before a write was answered for.
pub fn unfinished(connector: &str, dn: &str, error: &LdapError) -> Error {
    Error::directory(format!(
        "connector `{connector}`: writing `{dn}` broke off: {}",
        interruption(error)
    ))
    .help("try again: what was done is not done twice")
}

/// The server's code and words.
pub fn text(result: &LdapResult) -> String {
    let words = result.text.trim_end_matches(['\0', '\n', ' ', '.']);
    if words.is_empty() {
        format!("code {}", result.rc)
    } else {
        format!("code {}, {words}", result.rc)
    }
}
