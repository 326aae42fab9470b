//! A request as the handlers see it, and the answer they give.

use hyper::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::failure::{Failure, Outcome};

/// A request: method, path below `/v1.0`, query, headers and body.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// `http://HOST/v1.0`, for the URLs in answers.
    pub base: String,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The `Prefer` header's entries.
    pub fn prefers(&self) -> impl Iterator<Item = &str> {
        self.headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split([',', ';']))
            .map(str::trim)
    }

    pub fn is_eventual(&self) -> bool {
        self.header("consistencylevel")
            .is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
    }

    /// The body as a JSON object.
    pub fn json(&self) -> Outcome<Map<String, Value>> {
        self.require_json_type()?;
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(Failure::odata(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
            )),
        }
    }

    /// The body as a JSON object, where it may be left out.
    pub fn optional_json(&self) -> Outcome<Map<String, Value>> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            Ok(Map::new())
        } else {
            self.json()
        }
    }

    fn require_json_type(&self) -> Outcome<()> {
        let Some(media_type) = self.header("content-type") else {
            return Err(Failure::bad(
                "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
            ));
        };
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/json") {
            return Ok(());
        }
        let message = format!(
            "A supported MIME type could not be found that matches the content type of the request: '{essence}'."
        );
        Err(Failure::new(415, "UnsupportedMediaType", message))
    }
}

/// Splits `a=b&c=d`, where `+` stands for a space as it does for Graph.
pub(crate) fn parse_query(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| decode(&part.replace('+', " "));
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// What a handler answers: a status, and a body where there is one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
}

#[derive(Debug, Clone, Default)]
pub(crate) enum Body {
    #[default]
    Empty,
    Json(Value),
    Text(String),
}

impl Reply {
    pub fn ok(body: Value) -> Reply {
        Reply {
            status: 200,
            headers: Vec::new(),
            body: Body::Json(body),
        }
    }

    pub fn created(body: Value, location: String) -> Reply {
        Reply {
            status: 201,
            headers: vec![("Location", location)],
            body: Body::Json(body),
        }
    }

    /// The id of the object this answer says was made.
    pub fn created_id(&self) -> Option<uuid::Uuid> {
        match &self.body {
            Body::Json(body) if self.status == 201 => body.get("id")?.as_str()?.parse().ok(),
            _ => None,
        }
    }

    pub fn no_content() -> Reply {
        Reply {
            status: 204,
            headers: Vec::new(),
            body: Body::Empty,
        }
    }

    pub fn text(text: String) -> Reply {
        Reply {
            status: 200,
            headers: Vec::new(),
            body: Body::Text(text),
        }
    }
}
