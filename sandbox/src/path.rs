//! The path of a Graph URL, cut into segments and keys.

use crate::call::decode;
use crate::failure::{Failure, Outcome};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    /// `/users/KEY` or `/users('KEY')`
    Plain(String),
    /// `/groups(uniqueName='KEY')`
    Named(String, String),
}

impl Key {
    pub fn text(&self) -> &str {
        match self {
            Key::Plain(text) | Key::Named(_, text) => text,
        }
    }
}

/// `users`, its key, and what follows.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub root: String,
    pub key: Option<Key>,
    pub rest: Vec<String>,
}

/// Names that follow an entity set without being a key.
const NOT_KEYS: [&str; 7] = [
    "$count",
    "$ref",
    "delta",
    "delta()",
    "getbyids",
    "getavailableextensionproperties",
    "microsoft.graph.delta()",
];

impl Path {
    /// Reads the part below `/v1.0`.
    pub fn parse(path: &str) -> Outcome<Path> {
        let mut segments = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| qualified(decode(segment)));
        let first = segments
            .next()
            .ok_or_else(|| Failure::odata("Empty path. Name a resource such as users."))?;
        let mut rest: Vec<String> = segments.collect();
        let (root, mut key) = split_key(&first)?;
        if key.is_none() && rest.first().is_some_and(|next| is_key(&root, next)) {
            key = Some(Key::Plain(rest.remove(0)));
        }
        Ok(Path {
            root: root.to_lowercase(),
            key,
            rest,
        })
    }

    /// What follows, in lower case, to be matched on.
    pub fn rest(&self) -> Vec<String> {
        self.rest
            .iter()
            .map(|segment| segment.to_lowercase())
            .collect()
    }
}

/// `graph` is the short name of the namespace.
fn qualified(segment: String) -> String {
    match segment.strip_prefix("graph.") {
        Some(name) => format!("microsoft.graph.{name}"),
        None => segment,
    }
}

fn is_key(root: &str, next: &str) -> bool {
    let is_function = root.eq_ignore_ascii_case("directory") || root.eq_ignore_ascii_case("me");
    let next = next.to_lowercase();
    !is_function && !NOT_KEYS.contains(&next.as_str()) && !next.starts_with("microsoft.graph.")
}

/// `groups(uniqueName='x')` → `groups` and its key.
fn split_key(segment: &str) -> Outcome<(String, Option<Key>)> {
    let Some((name, inner)) = segment.split_once('(') else {
        return Ok((segment.to_owned(), None));
    };
    let malformed = || Failure::odata(format!("The key in the segment '{segment}' is malformed."));
    let inner = inner.strip_suffix(')').ok_or_else(malformed)?;
    let key = match inner
        .split_once('=')
        .filter(|(name, _)| !name.starts_with('\''))
    {
        None => Key::Plain(unquote(inner).unwrap_or_else(|| inner.to_owned())),
        Some((property, value)) => Key::Named(
            property.trim().to_owned(),
            unquote(value.trim()).ok_or_else(malformed)?,
        ),
    };
    Ok((name.to_owned(), Some(key)))
}

fn unquote(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("''", "'"))
}
