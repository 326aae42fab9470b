//! Values as tests write them, cut to what a screen takes.

use bumpalo::Bump;
use serde_json::Value as Json;
use trib_compiler::checked::Values;
use trib_compiler::ir::ObjectType;
use trib_compiler::notation;
use trib_compiler::types::{Base, Type};
use trib_compiler::value::Value;

use crate::object::constant;

/// More values of a list than this are counted only.
const ITEMS: usize = 12;
/// Longer texts are cut.
const LENGTH: usize = 160;

/// ` { name: value, … }`, or nothing.
pub(super) fn values(values: &Values, ty: &ObjectType) -> String {
    if values.is_empty() {
        return String::new();
    }
    let bump = Bump::new();
    let shown = values.iter().map(|(name, expected)| {
        let base = ty.attributes.iter().find(|known| known.name == *name);
        let base = base.map_or(&Base::Error, |attribute| &attribute.ty.base);
        format!("{name}: {}", value(constant(expected, &bump), base))
    });
    format!(" {{ {} }}", shown.collect::<Vec<_>>().join(", "))
}

/// A value of a type.
pub(super) fn value(shown: Value<'_>, base: &Base) -> String {
    match shown {
        Value::Absent | Value::Clear | Value::Skip => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(words) | Value::Dn(words) => text(words),
        Value::Time(ticks) => format!("time \"{}\"", notation::time::print(ticks)),
        Value::Reference(id) => id.to_string(),
        Value::Binary(bytes) => {
            let tagged = match base {
                Base::Guid => notation::guid::print(bytes).map(|text| ("guid", text)),
                Base::Sid => notation::sid::print(bytes).map(|text| ("sid", text)),
                _ => None,
            };
            let (tag, printed) = tagged.unwrap_or_else(|| ("hex", notation::hex::print(bytes)));
            format!("{tag} {}", text(&printed))
        }
        Value::List(items) => list(items.iter().map(|item| value(*item, base))),
        Value::Record(fields) => {
            let of = |name: &str| match base {
                Base::Record(record) => record.fields.iter().find(|(known, _)| known == name),
                _ => None,
            };
            let fields = fields.iter().map(|(name, field)| {
                let base = of(name).map_or(&Base::Error, |(_, Type { base, .. })| base);
                format!("{name}: {}", value(*field, base))
            });
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

/// `[a, b]`, of long lists the beginning.
pub(super) fn list(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(ITEMS);
    let mut shown: Vec<String> = items.take(ITEMS).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    format!("[{}]", shown.join(", "))
}

/// A text in quotes.
pub(super) fn text(text: &str) -> String {
    let cut: String = text.chars().take(LENGTH).collect();
    let dots = if cut.len() < text.len() { "…" } else { "" };
    Json::from(cut + dots).to_string()
}

/// A value in the form of plans and explanations.
pub(super) fn json(value: &Json) -> String {
    match value {
        Json::String(words) => text(words),
        Json::Array(items) => list(items.iter().map(json)),
        other => {
            let shown = other.to_string();
            shown.chars().take(LENGTH).collect()
        }
    }
}
