//! What Graph answers when it refuses, and what that means to us.

use serde_json::Value;

use super::client::Answer;
use crate::connectors::WriteFailure;
use crate::error::Error;

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// Properties whose value another object has.
    pub conflicts: Vec<String>,
}

impl Refusal {
    pub fn of(answer: &Answer) -> Refusal {
        let error = answer.body.get("error").unwrap_or(&Value::Null);
        let text = |key: &str| {
            error
                .get(key)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let details = error
            .get("details")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut message = text("message")
            .unwrap_or("the service gave no reason")
            .trim()
            .to_owned();
        let invalid = details.iter().filter(|detail| is(detail, "InvalidValue"));
        for target in invalid
            .filter_map(target)
            .filter(|target| !text_names(text("message"), target))
        {
            message.push_str(&format!(" (property `{target}`)"));
        }
        if let Some(id) = inner(error, "request-id").or(answer.request_id.as_deref()) {
            message.push_str(&format!(" (request-id {id})"));
        }
        let mut conflicts: Vec<String> = details
            .iter()
            .filter(|detail| is(detail, "ObjectConflict"))
            .filter_map(target)
            .map(str::to_owned)
            .collect();
        if conflicts.is_empty() {
            conflicts.extend(text("message").and_then(property_with_same_value));
        }
        let code = text("code")
            .or(inner(error, "code"))
            .map_or_else(|| format!("HTTP {}", answer.status), str::to_owned);
        Refusal {
            status: answer.status,
            code,
            message,
            conflicts,
        }
    }

    /// A stored delta link is not good any more.
    pub fn is_resync(&self) -> bool {
        let code = self.code.to_ascii_lowercase();
        self.status == 410
            || ((400..410).contains(&self.status)
                && (code.contains("syncstatenotfound") || code.contains("resync")))
    }

    /// The link that was to be made is there.
    pub fn is_already_linked(&self) -> bool {
        self.status == 400 && self.message.contains("already exist")
    }

    pub fn is_transient(&self) -> bool {
        match self.status {
            429 | 500 | 502..=504 | 408 => true,
            409 => self.code == "Directory_ConcurrencyViolation",
            _ => false,
        }
    }

    /// It ends a write.
    pub fn failure(mut self) -> WriteFailure {
        let full = self.code == "Directory_QuotaExceeded";
        if full {
            self.message.push_str(
                "; the tenant's quota of objects is used up: empty its recycle bin, or have the quota raised",
            );
        }
        WriteFailure {
            configuration: self.status == 401 || full,
            transient: self.is_transient(),
            missing: self.status == 404,
            code: self.code,
            message: self.message,
            conflicts: self.conflicts,
        }
    }

    /// It ends a run. `wanted` is what we asked for, `permission` what it takes.
    pub fn error(self, connector: &str, wanted: &str, permission: &str) -> Error {
        let Refusal {
            status,
            code,
            message,
            ..
        } = self;
        let error = Error::directory(format!(
            "`{connector}`: Graph refuses {wanted}: {status} {code}: {message}"
        ));
        match status {
            403 => error.help(format!(
                "grant the application the permission `{permission}` in Entra and give admin consent"
            )),
            401 => error.help(format!("check `tenant`, `client_id` and `credential` of `[connector.{connector}]`")),
            429 | 500..=599 => error.help("the service is busy or down; run again later"),
            _ => error,
        }
    }
}

fn is(detail: &Value, code: &str) -> bool {
    detail.get("code").and_then(Value::as_str) == Some(code)
}

fn target(detail: &Value) -> Option<&str> {
    detail
        .get("target")
        .and_then(Value::as_str)
        .filter(|target| !target.is_empty())
}

fn text_names(text: Option<&str>, name: &str) -> bool {
    text.is_some_and(|text| text.contains(name))
}

/// `innerError` is spelled in two ways and may nest.
fn inner<'a>(error: &'a Value, key: &str) -> Option<&'a str> {
    let inner = error
        .get("innerError")
        .or_else(|| error.get("innererror"))?;
    inner
        .get(key)
        .and_then(Value::as_str)
        .or_else(|| self::inner(inner, key))
}

/// "Another object with the same value for property userPrincipalName already exists."
fn property_with_same_value(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("same value for property ")?;
    let name: String = rest
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    (!name.is_empty()).then_some(name)
}

/// The permission that a write takes.
pub(super) fn permission_to_write(object_type: &str, attribute: Option<&str>) -> &'static str {
    match (object_type, attribute) {
        ("user", _) => "User.ReadWrite.All",
        ("group", Some("members")) => "GroupMember.ReadWrite.All",
        ("group", _) => "Group.ReadWrite.All",
        ("device", _) => "Device.ReadWrite.All",
        _ => "Directory.ReadWrite.All",
    }
}

/// The permission that reading takes.
pub(super) fn permission_to_read(object_type: &str) -> &'static str {
    match object_type {
        "user" => "User.Read.All",
        "group" => "Group.Read.All",
        "device" => "Device.Read.All",
        "orgContact" => "OrgContact.Read.All",
        _ => "Directory.Read.All",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(status: u16, body: Value) -> Refusal {
        Refusal::of(&Answer {
            status,
            body,
            ..Answer::default()
        })
    }

    #[test]
    fn a_duplicate_names_the_property() {
        let body = json!({"error": {
            "code": "Request_BadRequest",
            "message": "Another object with the same value for property proxyAddresses already exists.",
            "details": [
                {"code": "ObjectConflict", "target": "proxyAddresses", "message": "m"},
                {"code": "ConflictingObjects", "message": "m"},
            ],
            "innererror": {"innerError": {"request-id": "r-1"}},
        }});
        let failure = refusal(400, body).failure();
        assert_eq!(failure.conflicts, ["proxyAddresses"]);
        assert_eq!(failure.code, "Request_BadRequest");
        assert!(
            failure.message.ends_with("(request-id r-1)"),
            "{}",
            failure.message
        );
        assert!(!failure.transient && !failure.configuration && !failure.missing);
    }

    #[test]
    fn a_duplicate_without_details_is_told_by_its_message() {
        let message =
            "Another object with the same value for property userPrincipalName already exists.";
        let body = json!({"error": {"code": "Request_BadRequest", "message": message}});
        assert_eq!(refusal(400, body).conflicts, ["userPrincipalName"]);
    }

    #[test]
    fn answers_without_a_body_keep_their_status() {
        let refusal = refusal(503, Value::Null);
        assert_eq!(refusal.code, "HTTP 503");
        assert!(refusal.is_transient());
    }

    #[test]
    fn an_invalid_value_names_its_property_once() {
        let body = json!({"error": {"code": "Request_BadRequest", "message": "Invalid value.",
            "details": [{"code": "InvalidValue", "target": "usageLocation"}]}});
        assert_eq!(
            refusal(400, body).message,
            "Invalid value. (property `usageLocation`)"
        );
    }

    #[test]
    fn lost_delta_state_is_told_in_several_ways() {
        let coded = |code: &str| json!({"error": {"code": code, "message": "m"}});
        assert!(refusal(410, Value::Null).is_resync());
        assert!(refusal(400, coded("syncStateNotFound")).is_resync());
        assert!(refusal(404, coded("SyncStateNotFound")).is_resync());
        assert!(!refusal(400, coded("Request_BadRequest")).is_resync());
    }
}
