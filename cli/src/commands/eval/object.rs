//! The object of `trib eval`: JSON values become values of the attributes' types.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bumpalo::Bump;
use serde_json::{Map, Value as Json};
use trib_compiler::Evaluable;
use trib_compiler::ir::{Attribute, End};
use trib_compiler::notation;
use trib_compiler::types::{Base, Type};
use trib_compiler::value::Value;

use crate::output::Failure;

/// Attributes by name.
#[derive(Debug, Default)]
pub struct Document(Map<String, Json>);

/// Reads the file of an object.
pub fn document(text: &str, file: &str) -> Result<Document, Failure> {
    match serde_json::from_str(text) {
        Ok(Json::Object(members)) => Ok(Document(members)),
        Ok(_) => Err(Failure::input(format!("`{file}` is no JSON object"))
            .help("it has the attributes by name: {\"cn\": \"Ann Lee\"}")),
        Err(error) => Err(Failure::input(format!("`{file}` is no JSON: {error}"))),
    }
}

/// The attributes that the expression reads, by slot.
pub fn attributes(evaluable: &Evaluable) -> &[Attribute] {
    let object_type = match evaluable.end {
        Some(End::Directory(connector, at)) => {
            let connector = evaluable.rules.connectors.get(connector);
            connector.and_then(|connector| connector.object_types.get(at))
        }
        Some(End::Metaverse(at)) => evaluable.rules.metaverse.get(at),
        Some(End::Any) | None => None,
    };
    object_type.map_or(&[], |object_type| &object_type.attributes)
}

impl Document {
    /// A value for each attribute; names are matched ignoring case.
    pub fn values<'a>(
        &'a self,
        attributes: &[Attribute],
        bump: &'a Bump,
    ) -> Result<Vec<Value<'a>>, Failure> {
        let values = attributes.iter().map(|attribute| {
            let Some(json) = self.get(&attribute.name) else {
                return Ok(Value::Absent);
            };
            value(json, &attribute.ty, bump).ok_or_else(|| {
                let shown: String = json.to_string().chars().take(60).collect();
                let wanted = attribute.ty.clone().present();
                Failure::input(format!(
                    "`{}` is `{wanted}`, and `{shown}` is not",
                    attribute.name
                ))
            })
        });
        values.collect()
    }

    /// Its distinguished name.
    pub fn dn(&self) -> &str {
        let dn = self.get("dn").or_else(|| self.get("distinguishedName"));
        dn.and_then(Json::as_str).unwrap_or_default()
    }

    /// `memberOf` lists the group.
    pub fn is_in(&self, group: &str) -> bool {
        let listed = match self.get("memberOf") {
            Some(Json::Array(groups)) => groups.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let mut names = listed.iter().filter_map(Json::as_str);
        names.any(|name| notation::dn::dn_equal(name, group))
    }

    fn get(&self, name: &str) -> Option<&Json> {
        let mut members = self.0.iter();
        members
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, json)| json)
    }
}

fn value<'a>(json: &'a Json, ty: &Type, bump: &'a Bump) -> Option<Value<'a>> {
    match json {
        Json::Null => Some(Value::Absent),
        Json::Array(items) if ty.many => {
            let items: Option<Vec<_>> = items
                .iter()
                .map(|item| single(item, &ty.base, bump))
                .collect();
            Some(Value::list(bump, items?))
        }
        one if ty.many => Some(Value::list(bump, [single(one, &ty.base, bump)?])),
        one => single(one, &ty.base, bump),
    }
}

fn single<'a>(json: &'a Json, base: &Base, bump: &'a Bump) -> Option<Value<'a>> {
    let bytes = |bytes: &[u8]| Value::Binary(bump.alloc_slice_copy(bytes));
    let base64 = |text: &str| STANDARD.decode(text).ok();
    Some(match (base, json) {
        (Base::Text(_), Json::String(text)) => Value::Text(text),
        (Base::Int, Json::Number(number)) => Value::Int(number.as_i64()?),
        (Base::Bool, Json::Bool(value)) => Value::Bool(*value),
        (Base::Guid, Json::String(text)) => match notation::guid::parse(text) {
            Some(guid) => bytes(&guid),
            None => bytes(&base64(text).filter(|bytes| bytes.len() == 16)?),
        },
        (Base::Sid, Json::String(text)) => match notation::sid::parse(text) {
            Some(sid) => bytes(&sid),
            None => bytes(&base64(text).filter(|bytes| notation::sid::print(bytes).is_some())?),
        },
        (Base::Binary, Json::String(text)) => bytes(&base64(text)?),
        (Base::Time, Json::String(text)) => Value::Time(notation::time::parse(text)?),
        (Base::Dn, Json::String(text)) => Value::Dn(text),
        (Base::Ref(_), Json::String(text)) => Value::Dn(text),
        (Base::Ref(_), Json::Number(number)) => Value::Reference(number.as_i64()?),
        (Base::Record(record), Json::Object(members)) => {
            let mut fields = bumpalo::collections::Vec::new_in(bump);
            for (name, ty) in &record.fields {
                let Some(json) = members.get(name) else {
                    continue;
                };
                let value = value(json, ty, bump)?;
                if value.is_present() {
                    fields.push((&*bump.alloc_str(name), value));
                }
            }
            Value::Record(fields.into_bump_slice())
        }
        _ => return None,
    })
}
