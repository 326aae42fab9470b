//! The password profile: strong, write only.

use serde_json::{Map, Value};

use crate::failure::{Failure, Outcome};

/// Checks a new password; `policies` can switch the strength rule off.
pub(crate) fn check(profile: &Value, policies: Option<&str>, alias: &str) -> Outcome<()> {
    let Some(password) = profile
        .get("password")
        .filter(|password| !password.is_null())
    else {
        return Ok(());
    };
    let password = password.as_str().unwrap_or_default();
    let length = password.chars().count();
    let strength = policies.is_none_or(|policies| !policies.contains("DisableStrongPassword"));
    let named = alias.len() >= 3 && password.to_lowercase().contains(&alias.to_lowercase());
    if !(8..=256).contains(&length) || strength && (classes(password) < 3 || named) {
        return Err(Failure::invalid_because(
            "passwordProfile",
            "The specified password does not comply with password complexity requirements. Please provide a different password.",
        ));
    }
    Ok(())
}

fn classes(password: &str) -> usize {
    let kinds: [fn(char) -> bool; 4] = [
        |c| c.is_lowercase(),
        |c| c.is_uppercase(),
        |c| c.is_ascii_digit(),
        |c| !c.is_alphanumeric(),
    ];
    kinds
        .iter()
        .filter(|kind| password.chars().any(**kind))
        .count()
}

/// What is kept of a profile: never the password.
pub(crate) fn kept(profile: &Value) -> Value {
    let members = profile.as_object().into_iter().flatten();
    let kept: Map<String, Value> = members
        .filter(|(name, _)| *name != "password" && !name.starts_with('@'))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Value::Object(kept)
}
