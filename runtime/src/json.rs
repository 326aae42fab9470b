//! Values in JSON, as plans show them and Graph takes them: bytes in Base64, times in RFC 3339.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};
use trib_compiler::notation;
use trib_compiler::value::Value;

/// A value as JSON; absence is `null`.
pub fn to_json(value: Value<'_>) -> Json {
    match value {
        Value::Absent | Value::Clear | Value::Skip => Json::Null,
        Value::Bool(value) => Json::Bool(value),
        Value::Int(number) => Json::from(number),
        Value::Text(text) | Value::Dn(text) => Json::from(text),
        Value::Binary(bytes) => Json::from(STANDARD.encode(bytes)),
        Value::Time(ticks) => Json::from(notation::time::print(ticks)),
        Value::Reference(id) => Json::from(id),
        Value::List(items) => items.iter().map(|item| to_json(*item)).collect(),
        Value::Record(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), to_json(*value)));
            Json::Object(fields.collect::<Map<_, _>>())
        }
    }
}

/// The bytes of a Base64 text.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
