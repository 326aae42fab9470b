//! Graph's JSON as typed values.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bumpalo::Bump;
use serde_json::Value as Json;
use trib_compiler::notation::time;
use trib_compiler::types::{Base, Type};
use trib_compiler::value::Value;

/// A property's value; what does not fit its type is told in words.
pub(crate) fn typed<'a>(json: &'a Json, ty: &Type, bump: &'a Bump) -> Result<Value<'a>, String> {
    match json {
        Json::Null => Ok(Value::Absent),
        Json::Array(items) if ty.many => {
            let values: Result<Vec<_>, _> = items
                .iter()
                .map(|item| single(item, &ty.base, bump))
                .collect();
            Ok(Value::list(bump, values?))
        }
        _ if ty.many => Err(unexpected(json, "a list")),
        _ => single(json, &ty.base, bump),
    }
}

fn single<'a>(json: &'a Json, base: &Base, bump: &'a Bump) -> Result<Value<'a>, String> {
    if json.is_null() {
        return Ok(Value::Absent);
    }
    let text = || json.as_str().ok_or_else(|| unexpected(json, "text"));
    match base {
        Base::Text(_) => text().map(Value::Text),
        Base::Bool => json
            .as_bool()
            .map(Value::Bool)
            .ok_or_else(|| unexpected(json, "`true` or `false`")),
        Base::Int => json
            .as_i64()
            .map(Value::Int)
            .ok_or_else(|| unexpected(json, "an integer")),
        Base::Time => time::parse(text()?)
            .map(Value::Time)
            .ok_or_else(|| unexpected(json, "a time")),
        Base::Binary | Base::Guid | Base::Sid => {
            let bytes = binary(text()?).ok_or_else(|| unexpected(json, "Base64"))?;
            Ok(Value::Binary(bump.alloc_slice_copy(&bytes)))
        }
        Base::Record(record) => {
            let object = json
                .as_object()
                .ok_or_else(|| unexpected(json, "a record"))?;
            let mut fields = bumpalo::collections::Vec::new_in(bump);
            for (name, ty) in &record.fields {
                let Some((name, json)) = object.get_key_value(name) else {
                    continue;
                };
                let value =
                    typed(json, ty, bump).map_err(|reason| format!("`{name}`: {reason}"))?;
                if value.is_present() {
                    fields.push((name.as_str(), value));
                }
            }
            Ok(if fields.is_empty() {
                Value::Absent
            } else {
                Value::Record(fields.into_bump_slice())
            })
        }
        Base::Dn | Base::Ref(_) | Base::Nothing | Base::Error => {
            Err("is not a value of this directory".to_owned())
        }
    }
}

fn unexpected(json: &Json, wanted: &str) -> String {
    let found = match json {
        Json::Null => "nothing",
        Json::Bool(_) => "`true` or `false`",
        Json::Number(_) => "a number",
        Json::String(_) => "other text",
        Json::Array(_) => "a list",
        Json::Object(_) => "a record",
    };
    format!("should be {wanted}, not {found}")
}

/// Base64 in either alphabet, padded or not.
fn binary(text: &str) -> Option<Vec<u8>> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) {
        alphabet::URL_SAFE
    } else {
        alphabet::STANDARD
    };
    GeneralPurpose::new(&alphabet, config).decode(text).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use trib_compiler::types::Record;

    use super::*;

    #[test]
    fn values_have_the_type_of_their_attribute() {
        let bump = Bump::new();
        let table = [
            (json!("Ada"), Type::one(Base::TEXT), Value::Text("Ada")),
            (json!(""), Type::one(Base::TEXT), Value::Text("")),
            (json!(true), Type::one(Base::Bool), Value::Bool(true)),
            (json!(-7), Type::one(Base::Int), Value::Int(-7)),
            (
                json!("1970-01-01T00:00:01Z"),
                Type::one(Base::Time),
                Value::Time(116_444_736_010_000_000),
            ),
            (
                json!("1601-01-01T00:00:00.0000001Z"),
                Type::one(Base::Time),
                Value::Time(1),
            ),
            (
                json!("-_8="),
                Type::one(Base::Binary),
                Value::Binary(&[0xfb, 0xff]),
            ),
            (
                json!("+/8"),
                Type::one(Base::Binary),
                Value::Binary(&[0xfb, 0xff]),
            ),
            (
                json!(["a", "b"]),
                Type::many(Base::TEXT),
                Value::List(&[Value::Text("a"), Value::Text("b")]),
            ),
            (json!([]), Type::many(Base::TEXT), Value::Absent),
            (json!(null), Type::many(Base::TEXT), Value::Absent),
        ];
        for (json, ty, expected) in &table {
            assert_eq!(typed(json, ty, &bump), Ok(*expected), "{json}");
        }
    }

    #[test]
    fn records_keep_the_fields_that_have_a_value() {
        let bump = Bump::new();
        let fields = vec![
            ("extensionAttribute1".to_owned(), Type::one(Base::TEXT)),
            ("extensionAttribute2".to_owned(), Type::one(Base::TEXT)),
        ];
        let ty = Type::one(Base::Record(Arc::new(Record {
            name: "r".to_owned(),
            fields,
        })));
        let json = json!({"extensionAttribute1": null, "extensionAttribute2": "x", "other": 1});
        assert_eq!(
            typed(&json, &ty, &bump),
            Ok(Value::Record(&[("extensionAttribute2", Value::Text("x"))]))
        );
        assert_eq!(
            typed(&json!({"extensionAttribute1": null}), &ty, &bump),
            Ok(Value::Absent)
        );
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let bump = Bump::new();
        for (json, ty) in [
            (json!(1), Type::one(Base::TEXT)),
            (json!("x"), Type::many(Base::TEXT)),
            (json!("soon"), Type::one(Base::Time)),
            (json!(1.5), Type::one(Base::Int)),
            (json!("*"), Type::one(Base::Binary)),
        ] {
            assert!(
                typed(&json, &ty, &bump)
                    .unwrap_err()
                    .starts_with("should be "),
                "{json}"
            );
        }
    }
}
