//! What Graph answers when it refuses.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// One entry of `error.details`.
#[derive(Debug, Clone)]
pub(crate) struct Detail {
    code: &'static str,
    target: Option<String>,
    message: String,
}

/// A refused request: status, `error.code`, message and details.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub status: u16,
    pub code: Cow<'static, str>,
    pub message: String,
    pub details: Vec<Detail>,
    pub headers: Vec<(&'static str, String)>,
}

pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Failure {
        Failure {
            status,
            code: code.into(),
            message: message.into(),
            details: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// 400 from the directory.
    pub fn bad(message: impl Into<String>) -> Failure {
        Failure::new(400, "Request_BadRequest", message)
    }

    /// 400 from the layer that parses OData.
    pub fn odata(message: impl Into<String>) -> Failure {
        Failure::new(400, "BadRequest", message)
    }

    pub fn unsupported_query(message: impl Into<String>) -> Failure {
        Failure::new(400, "Request_UnsupportedQuery", message)
    }

    pub fn no_segment(segment: &str) -> Failure {
        let message = format!("Resource not found for the segment '{segment}'.");
        Failure::new(404, "BadRequest", message)
    }

    pub fn not_allowed() -> Failure {
        let message = "Specified HTTP method is not allowed for the request target.";
        Failure::new(405, "Request_BadRequest", message)
    }

    pub fn absent(what: &str) -> Failure {
        let message = format!(
            "Resource '{what}' does not exist or one of its queried reference-property objects are not present."
        );
        Failure::new(404, "Request_ResourceNotFound", message)
    }

    /// A value that its property cannot take.
    pub fn invalid(property: &str, resource: &str) -> Failure {
        Failure::invalid_because(
            property,
            format!("Invalid value specified for property '{property}' of resource '{resource}'."),
        )
    }

    pub fn invalid_because(property: &str, message: impl Into<String>) -> Failure {
        let message = message.into();
        let detail = Detail {
            code: "InvalidValue",
            target: Some(property.into()),
            message: message.clone(),
        };
        Failure {
            details: vec![detail],
            ..Failure::bad(message)
        }
    }

    pub fn read_only(property: &str) -> Failure {
        let message = format!("Property '{property}' is read-only and cannot be set.");
        let detail = Detail {
            code: "ReadOnlyProperty",
            target: Some(property.into()),
            message: message.clone(),
        };
        Failure {
            details: vec![detail],
            ..Failure::bad(message)
        }
    }

    pub fn conflict(property: &str, holder: &str) -> Failure {
        let message =
            format!("Another object with the same value for property {property} already exists.");
        let details = vec![
            Detail {
                code: "ObjectConflict",
                target: Some(property.into()),
                message: message.clone(),
            },
            Detail {
                code: "ConflictingObjects",
                target: None,
                message: format!("Another object exists with the same value: {holder}."),
            },
        ];
        Failure {
            details,
            ..Failure::bad(message)
        }
    }

    pub fn not_implemented(property: &str) -> Failure {
        let message = format!(
            "The property '{property}' is not stored in the directory: ask for it on a single object, and alone."
        );
        Failure::new(501, "NotImplemented", message)
    }

    /// The body, with the ids that support would ask for.
    pub fn body(&self, request_id: &str, client_request_id: &str) -> Value {
        let now = jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%S")
            .to_string();
        let mut error = Map::new();
        error.insert("code".into(), json!(self.code));
        error.insert("message".into(), json!(self.message));
        if !self.details.is_empty() {
            let details = self.details.iter().map(Detail::json).collect();
            error.insert("details".into(), details);
        }
        let inner = json!({
            "date": now, "request-id": request_id, "client-request-id": client_request_id,
        });
        error.insert("innerError".into(), inner);
        json!({"error": error})
    }
}

impl Detail {
    fn json(&self) -> Value {
        match &self.target {
            Some(target) => json!({"code": self.code, "target": target, "message": self.message}),
            None => json!({"code": self.code, "message": self.message}),
        }
    }
}
