//! Types of values: what a value is, whether there may be several, whether it may be absent.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The type of an attribute or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Type {
    /// What a single value is.
    pub base: Base,
    /// A set of values instead of one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub many: bool,
    /// It may be absent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// What a single value is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    /// Text of at most so many characters; `None` where nothing is known.
    Text(Option<u32>),
    /// 64-bit integer.
    Int,
    /// `true` or `false`.
    Bool,
    /// Bytes.
    Binary,
    /// Bytes with the notation of a GUID.
    Guid,
    /// Bytes with the notation of a security identifier.
    Sid,
    /// An instant, UTC.
    Time,
    /// A distinguished name.
    Dn,
    /// A metaverse object of the type, or of any type where `None`.
    Ref(Option<String>),
    /// A complex property.
    Record(Arc<Record>),
    /// The type of `null`, `clear` and `skip`: fits everywhere.
    Nothing,
    /// Something that was already reported: fits everywhere.
    Error,
}

/// A record type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// Its name, "" where it has none.
    pub name: String,
    /// Its fields.
    pub fields: Vec<(String, Type)>,
}

impl Type {
    /// A single value that is present.
    pub fn one(base: Base) -> Type {
        Type {
            base,
            many: false,
            optional: false,
        }
    }

    /// A set of values.
    pub fn many(base: Base) -> Type {
        Type {
            base,
            many: true,
            optional: false,
        }
    }

    /// The same, possibly absent.
    pub fn or_absent(mut self) -> Type {
        self.optional = true;
        self
    }

    /// The same, surely present.
    pub fn present(mut self) -> Type {
        self.optional = false;
        self
    }

    /// The type of what was already reported.
    pub fn error() -> Type {
        Type::one(Base::Error)
    }

    /// It was already reported.
    pub fn is_error(&self) -> bool {
        matches!(self.base, Base::Error)
    }
}

impl Base {
    /// Text without a known bound.
    pub const TEXT: Base = Base::Text(None);

    /// Bytes in any notation.
    pub fn is_binary(&self) -> bool {
        matches!(self, Base::Binary | Base::Guid | Base::Sid)
    }

    /// A value of `self` may stand where `wanted` is asked for (lengths apart).
    pub fn fits(&self, wanted: &Base) -> bool {
        match (self, wanted) {
            (Base::Error | Base::Nothing, _) | (_, Base::Error | Base::Nothing) => true,
            (Base::Text(_), Base::Text(_)) => true,
            (a, b) if a.is_binary() && b.is_binary() => {
                a == b || matches!(a, Base::Binary) || matches!(b, Base::Binary)
            }
            (Base::Dn, Base::Ref(_)) => true,
            (Base::Ref(_), Base::Ref(None)) => true,
            (Base::Ref(None), Base::Ref(_)) => true,
            (Base::Record(a), Base::Record(b)) => a.fields.iter().all(|(name, ty)| {
                b.fields
                    .iter()
                    .any(|(other, wanted)| other == name && ty.base.fits(&wanted.base))
            }),
            (a, b) => a == b,
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Base::Text(None) => f.write_str("string"),
            Base::Text(Some(length)) => write!(f, "string({length})"),
            Base::Int => f.write_str("int"),
            Base::Bool => f.write_str("bool"),
            Base::Binary => f.write_str("binary"),
            Base::Guid => f.write_str("guid"),
            Base::Sid => f.write_str("sid"),
            Base::Time => f.write_str("time"),
            Base::Dn => f.write_str("dn"),
            Base::Ref(None) => f.write_str("ref any"),
            Base::Ref(Some(target)) => write!(f, "ref {target}"),
            Base::Record(record) if !record.name.is_empty() => f.write_str(&record.name),
            Base::Record(record) => {
                f.write_str("{ ")?;
                for (at, (name, ty)) in record.fields.iter().enumerate() {
                    write!(f, "{}{name}: {ty}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str(" }")
            }
            Base::Nothing => f.write_str("null"),
            Base::Error => f.write_str("unknown"),
        }
    }
}

/// The notation of the language, with `?` after what may be absent.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.many {
            write!(f, "[{}]", self.base)?
        } else {
            self.base.fmt(f)?
        }
        if self.optional && !matches!(self.base, Base::Nothing) {
            f.write_str("?")
        } else {
            Ok(())
        }
    }
}

impl Type {
    /// Reads the notation of the schema tables: `string(64)`, `[dn]`, `ref person`.
    pub fn parse(notation: &str) -> Option<Type> {
        let notation = notation.trim();
        if let Some(inner) = notation
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            return Some(Type::many(Base::parse(inner.trim())?));
        }
        Some(Type::one(Base::parse(notation)?))
    }
}

impl Base {
    fn parse(word: &str) -> Option<Base> {
        Some(match word {
            "string" => Base::TEXT,
            "int" => Base::Int,
            "bool" => Base::Bool,
            "binary" => Base::Binary,
            "guid" => Base::Guid,
            "sid" => Base::Sid,
            "time" => Base::Time,
            "dn" => Base::Dn,
            "ref any" => Base::Ref(None),
            _ => {
                if let Some(target) = word.strip_prefix("ref ") {
                    return Some(Base::Ref(Some(target.to_owned())));
                }
                let length = word.strip_prefix("string(")?.strip_suffix(')')?;
                Base::Text(Some(length.parse().ok()?))
            }
        })
    }
}
