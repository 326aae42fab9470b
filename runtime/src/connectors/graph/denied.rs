//! Why the token service refuses us, and what to do about it.

use serde::Deserialize;

use crate::error::Error;

#[derive(Deserialize, Default)]
struct Denied {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
    #[serde(default)]
    error_codes: Vec<u64>,
}

/// What an answer without a token tells; the secret that was sent is taken out of it.
pub(super) fn denied(connector: &str, status: u16, body: &[u8], secret: Option<&str>) -> Error {
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
        connector
    ))
    .help(advice(code, connector))
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

#[cfg(test)]
mod tests {
    use super::*;

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
            let error = denied("cloud", 401, body.as_bytes(), None);
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
        let error = denied("cloud", 401, body, Some("s3cret"));
        assert!(!format!("{error:?}").contains("s3cret"));
        assert!(error.message.contains("… is wrong"));
    }
}
