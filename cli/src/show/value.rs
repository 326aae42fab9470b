//! Values of documents.

use serde_json::Value;

/// Longer values are cut.
const LONGEST: usize = 100;
/// Of longer lists, these many values are shown.
const ITEMS: usize = 6;

/// A value in one line.
pub fn value(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::Array(items) => {
            let shown = items
                .iter()
                .take(ITEMS)
                .map(self::value)
                .collect::<Vec<_>>()
                .join(", ");
            match items.len().checked_sub(ITEMS) {
                Some(more) if more > 0 => format!("{shown}, … {more} more"),
                _ => shown,
            }
        }
        other => cut(&other.to_string()),
    }
}

/// A change in one line: what goes and comes of a list, otherwise `old -> new`.
pub fn change(old: &Value, new: &Value) -> String {
    match (old, new) {
        (Value::Array(old), Value::Array(new)) => {
            let signed = |sign: &str, list: &[Value], others: &[Value]| {
                let list = list.iter().filter(|item| !others.contains(item));
                list.map(|item| format!("{sign} {}", self::value(item)))
                    .collect::<Vec<_>>()
            };
            let mut parts = signed("+", new, old);
            parts.extend(signed("-", old, new));
            let more = parts.len().saturating_sub(ITEMS);
            parts.truncate(ITEMS);
            let more = if more > 0 {
                format!(", … {more} more")
            } else {
                String::new()
            };
            format!("{}{more}", parts.join(", "))
        }
        (Value::Array(_), Value::Null) => change(old, &Value::Array(Vec::new())),
        (Value::Null, Value::Array(_)) => change(&Value::Array(Vec::new()), new),
        (old, new) => format!("{} -> {}", self::value(old), self::value(new)),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
