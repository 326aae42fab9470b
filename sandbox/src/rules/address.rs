//! Characters and lengths of user principal names, nicknames and mail addresses.

use serde_json::{Value, json};

use crate::failure::{Failure, Outcome};
use crate::store::Object;

/// Checks `alias@domain` against the tenant's verified domains.
pub(crate) fn user_principal_name(name: &str, domains: &[String]) -> Outcome<()> {
    let invalid = |why: &str| {
        Failure::invalid_because(
            "userPrincipalName",
            format!("Property userPrincipalName is invalid: {why}."),
        )
    };
    let Some((alias, domain)) = name.rsplit_once('@') else {
        return Err(invalid("it must be alias@domain"));
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(c);
    if alias.is_empty()
        || alias.starts_with('.')
        || alias.ends_with('.')
        || !alias.chars().all(allowed)
    {
        return Err(invalid(
            "the part before @ contains characters that are not allowed",
        ));
    }
    if alias.len() > 64 || domain.len() > 48 || name.len() > 113 {
        return Err(invalid("it is too long"));
    }
    if !domains
        .iter()
        .any(|verified| verified.eq_ignore_ascii_case(domain))
    {
        return Err(Failure::invalid_because(
            "userPrincipalName",
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
        ));
    }
    Ok(())
}

pub(crate) fn mail_nickname(name: &str, resource: &str) -> Outcome<()> {
    let allowed =
        |c: char| c.is_ascii() && !c.is_ascii_control() && !"@()\\[]\";:.<>, ".contains(c);
    // users may have dots, as in `ada.quist`
    let allowed_for_user = |c: char| allowed(c) || c == '.';
    let fine = if resource == "User" {
        name.chars().all(allowed_for_user)
    } else {
        name.chars().all(allowed)
    };
    if fine {
        Ok(())
    } else {
        Err(Failure::invalid("mailNickname", resource))
    }
}

/// A plain mail address: one `@`, a dotted domain, no spaces.
pub(crate) fn mail(property: &str, address: &str, resource: &str) -> Outcome<()> {
    let plain = |c: char| c.is_ascii_graphic() && !"()<>[],;:\\\"@".contains(c);
    let fine = address.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && local.len() <= 64
            && local.chars().all(plain)
            && domain.contains('.')
            && domain.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
    });
    if fine {
        Ok(())
    } else {
        Err(Failure::invalid(property, resource))
    }
}

/// The addresses after `mail` became `mail`: it is primary, an earlier primary stays as an alias.
pub(crate) fn proxies(object: Option<&Object>, mail: Option<&str>) -> Value {
    let mut addresses: Vec<String> = mail
        .map(|mail| format!("SMTP:{mail}"))
        .into_iter()
        .collect();
    for old in object
        .into_iter()
        .flat_map(|object| object.texts("proxyAddresses"))
    {
        let (kind, address) = old.split_once(':').unwrap_or(("", old));
        if mail.is_none_or(|mail| !address.eq_ignore_ascii_case(mail)) {
            if kind != "SMTP" {
                addresses.push(old.to_owned());
            } else if mail.is_some() {
                addresses.push(format!("smtp:{address}"));
            }
        }
    }
    json!(addresses)
}
