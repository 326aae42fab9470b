//! The rules of users.

use serde_json::{Map, Value, json};

use super::write::{after, check_required, read};
use super::{address, password};
use crate::failure::{Failure, Outcome};
use crate::model::Kind;
use crate::organization;
use crate::store::{Object, Store, Values};

const CHOICES: [(&str, &[&str]); 3] = [
    ("userType", &["Member", "Guest"]),
    ("ageGroup", &["Minor", "NotAdult", "Adult"]),
    (
        "consentProvidedForMinor",
        &["Granted", "Denied", "NotRequired"],
    ),
];
const POLICIES: [&str; 3] = ["None", "DisablePasswordExpiration", "DisableStrongPassword"];

/// Properties that stay the cloud's own on users mastered on premises.
const CLOUD_OWNED: [&str; 4] = [
    "usageLocation",
    "passwordPolicies",
    "preferredDataLocation",
    "passwordProfile",
];

/// The values to store for a POST (`object` is absent) or a PATCH.
pub(crate) fn values(
    store: &Store,
    object: Option<&Object>,
    body: &Map<String, Value>,
) -> Outcome<Values> {
    if let Some(annotation) = body
        .keys()
        .find(|name| name.contains('@') && *name != "@odata.type")
    {
        return Err(Failure::bad(format!(
            "The annotation '{annotation}' is not supported here."
        )));
    }
    let mut values = read(store, Kind::User, object, body)?;
    if object.is_some_and(Object::is_synced)
        && values.keys().any(|name| !CLOUD_OWNED.contains(&&**name))
    {
        return Err(synced());
    }
    if object.is_none() {
        check_required(Kind::User, &values)?;
    }
    check_names(store, object, &values)?;
    check_details(&values)?;
    check_password(object, &mut values)?;
    derive(object, &mut values);
    Ok(values)
}

pub(crate) fn synced() -> Failure {
    Failure::bad(
        "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
    )
}

fn check_names(store: &Store, object: Option<&Object>, values: &Values) -> Outcome<()> {
    if let Some(name) = text(values, "userPrincipalName") {
        let domains = organization::verified_domains(store);
        address::user_principal_name(name, &domains)?;
        if object.is_none()
            && organization::is_federated(store, name)
            && text(values, "onPremisesImmutableId").is_none()
        {
            return Err(Failure::invalid_because(
                "onPremisesImmutableId",
                "A value is required for property 'onPremisesImmutableId' when the domain is federated.",
            ));
        }
    }
    if let Some(nickname) = text(values, "mailNickname") {
        address::mail_nickname(nickname, "User")?;
    }
    if let Some(mail) = text(values, "mail") {
        address::mail("mail", mail, "User")?;
    }
    for mail in texts(values, "otherMails") {
        address::mail("otherMails", mail, "User")?;
    }
    let anchor = text(values, "onPremisesImmutableId");
    if anchor.is_some_and(|anchor| anchor.contains(['$', '_'])) {
        return Err(Failure::invalid("onPremisesImmutableId", "User"));
    }
    Ok(())
}

fn check_details(values: &Values) -> Outcome<()> {
    let invalid = |name: &str| Err(Failure::invalid(name, "User"));
    if values
        .get("businessPhones")
        .and_then(Value::as_array)
        .is_some_and(|phones| phones.len() > 1)
    {
        return Err(Failure::invalid_because(
            "businessPhones",
            "Property 'businessPhones' takes at most one item.",
        ));
    }
    if let Some(country) = text(values, "usageLocation")
        && !(country.len() == 2 && country.chars().all(|c| c.is_ascii_alphabetic()))
    {
        return invalid("usageLocation");
    }
    if let Some(language) = text(values, "preferredLanguage")
        && !is_language(language)
    {
        return invalid("preferredLanguage");
    }
    for (name, choices) in CHOICES {
        if text(values, name).is_some_and(|value| !choices.contains(&value)) {
            return invalid(name);
        }
    }
    if let Some(policies) = text(values, "passwordPolicies")
        && !policies
            .split(',')
            .all(|policy| POLICIES.contains(&policy.trim()))
    {
        return invalid("passwordPolicies");
    }
    Ok(())
}

/// `sv`, `en-US`, `zh-Hans-CN`.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.chars().all(|c| c.is_ascii_alphabetic())
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        })
}

fn check_password(object: Option<&Object>, values: &mut Values) -> Outcome<()> {
    let Some(profile) = values.get("passwordProfile") else {
        return Ok(());
    };
    if object.is_none() && profile.get("password").is_none_or(Value::is_null) {
        return Err(Failure::invalid_because(
            "passwordProfile",
            "A password must be specified to create a new user.",
        ));
    }
    let policies = after(object, values, "passwordPolicies").and_then(Value::as_str);
    let name = after(object, values, "userPrincipalName")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let alias = name.split('@').next().unwrap_or_default();
    password::check(profile, policies, alias)?;
    let changed = profile.get("password").is_some();
    let kept = password::kept(profile);
    values.insert("passwordProfile".into(), kept);
    if changed {
        let now = crate::now();
        values.insert("lastPasswordChangeDateTime".into(), json!(now));
        values.insert("signInSessionsValidFromDateTime".into(), json!(now));
    }
    Ok(())
}

/// What the service fills in by itself.
fn derive(object: Option<&Object>, values: &mut Values) {
    if let Some(mail) = values.get("mail") {
        let proxies = address::proxies(object, mail.as_str());
        values.insert("proxyAddresses".into(), proxies);
    }
    if let (Some(object), Some(new)) = (object, values.get("onPremisesExtensionAttributes"))
        && let (Some(Value::Object(old)), Some(new)) =
            (object.get("onPremisesExtensionAttributes"), new.as_object())
    {
        let mut merged = old.clone();
        merged.extend(new.clone());
        values.insert(
            "onPremisesExtensionAttributes".into(),
            Value::Object(merged),
        );
    }
    if object.is_none() {
        values.insert("createdDateTime".into(), json!(crate::now()));
        values
            .entry("userType".into())
            .or_insert_with(|| json!("Member"));
    }
}

pub(crate) fn text<'a>(values: &'a Values, name: &str) -> Option<&'a str> {
    values.get(name).and_then(Value::as_str)
}

fn texts<'a>(values: &'a Values, name: &str) -> impl Iterator<Item = &'a str> {
    values
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
