//! The bytes of a directory's attributes become typed values.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use trib_compiler::notation::{guid, sid, time};
use trib_compiler::types::Base;
use trib_compiler::value::{Ticks, Value};

use super::{ReferenceChange, SelectedAttribute, Selection, Target};

/// Finds the attributes of a selection by name.
pub struct Columns<'s> {
    selection: &'s Selection,
    /// Names in lower case, sorted by length and bytes, with their places.
    sorted: Vec<(String, usize)>,
    /// Place of the attribute that repeats the entry's name.
    pub distinguished_name: Option<usize>,
}

impl<'s> Columns<'s> {
    /// For one selection.
    pub fn new(selection: &'s Selection) -> Columns<'s> {
        let names = selection
            .attributes
            .iter()
            .map(|attribute| attribute.name.to_ascii_lowercase());
        let mut sorted: Vec<_> = names
            .enumerate()
            .map(|(place, name)| (name, place))
            .collect();
        sorted.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
        let mut columns = Columns {
            selection,
            sorted,
            distinguished_name: None,
        };
        columns.distinguished_name = columns.place("distinguishedName");
        columns
    }

    /// Place of an attribute in the selection; case does not count.
    pub fn place(&self, name: &str) -> Option<usize> {
        let lower = || name.bytes().map(|byte| byte.to_ascii_lowercase());
        let order = |candidate: &str| {
            candidate
                .len()
                .cmp(&name.len())
                .then_with(|| candidate.bytes().cmp(lower()))
        };
        let found = self
            .sorted
            .binary_search_by(|(candidate, _)| order(candidate))
            .ok()?;
        self.sorted.get(found).map(|(_, place)| *place)
    }

    /// Place of an object type in the selection; case does not count.
    pub fn object_type(&self, name: &str) -> Option<usize> {
        self.selection
            .object_types
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name))
    }

    /// The selected attribute at a place, if objects of the type have it.
    pub fn attribute(
        &self,
        place: usize,
        object_type: Option<usize>,
    ) -> Option<&'s SelectedAttribute> {
        let attribute = self.selection.attributes.get(place)?;
        let declared = &attribute.object_types;
        let has = object_type.is_none_or(|ty| declared.is_empty() || declared.contains(&ty));
        has.then_some(attribute)
    }

    /// Values by place (in any order) become typed values and references.
    pub fn decode<'a>(
        &self,
        bump: &'a Bump,
        object_type: Option<usize>,
        values: &mut [(usize, &'a [u8])],
    ) -> Result<Decoded<'a>, Malformed> {
        values.sort_by_key(|(place, _)| *place);
        let mut decoded = Decoded::new(bump);
        for group in values.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((place, _)) = group.first() else {
                continue;
            };
            let Some(attribute) = self.attribute(*place, object_type) else {
                continue;
            };
            let values = group.iter().map(|(_, value)| *value);
            if attribute.reference {
                let all = targets(bump, attribute, values)?;
                decoded
                    .references
                    .push((*place, ReferenceChange::Replace(all)));
            } else {
                decoded
                    .attributes
                    .push((*place, value(bump, attribute, values)?));
            }
        }
        Ok(decoded)
    }
}

/// The typed part of an entry.
pub struct Decoded<'a> {
    /// Values by place.
    pub attributes: BumpVec<'a, (usize, Value<'a>)>,
    /// References by place.
    pub references: BumpVec<'a, (usize, ReferenceChange<'a>)>,
}

impl<'a> Decoded<'a> {
    /// Nothing yet.
    pub fn new(bump: &'a Bump) -> Decoded<'a> {
        Decoded {
            attributes: BumpVec::new_in(bump),
            references: BumpVec::new_in(bump),
        }
    }

    /// The attribute has no values (any more).
    pub fn absent(&mut self, place: usize, attribute: &SelectedAttribute) {
        if attribute.reference {
            self.references.push((place, ReferenceChange::Replace(&[])));
        } else {
            self.attributes.push((place, Value::Absent));
        }
    }
}

/// A value that does not fit the type of its attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What values refer to.
pub fn targets<'a>(
    bump: &'a Bump,
    attribute: &SelectedAttribute,
    values: impl Iterator<Item = &'a [u8]>,
) -> Result<&'a [Target<'a>], Malformed> {
    let mut all = BumpVec::new_in(bump);
    for raw in values {
        let text = std::str::from_utf8(raw).map_err(|_| misfit(attribute, raw))?;
        all.push(Target::Dn(without_data(text)));
    }
    Ok(all.into_bump_slice())
}

/// The value of an attribute.
pub fn value<'a>(
    bump: &'a Bump,
    attribute: &SelectedAttribute,
    values: impl Iterator<Item = &'a [u8]>,
) -> Result<Value<'a>, Malformed> {
    let mut all = BumpVec::new_in(bump);
    for raw in values {
        all.push(single(bump, &attribute.ty.base, raw).ok_or_else(|| misfit(attribute, raw))?);
    }
    if attribute.ty.many {
        return Ok(if all.is_empty() {
            Value::Absent
        } else {
            Value::List(all.into_bump_slice())
        });
    }
    match all.as_slice() {
        [] => Ok(Value::Absent),
        [single] => Ok(*single),
        several => Err(Malformed(format!(
            "`{}` has {} values and can have one only",
            attribute.name,
            several.len()
        ))),
    }
}

fn misfit(attribute: &SelectedAttribute, raw: &[u8]) -> Malformed {
    let shown = match std::str::from_utf8(raw) {
        Ok(text) if !text.chars().any(char::is_control) => text.chars().take(80).collect(),
        _ => STANDARD.encode(raw.get(..60).unwrap_or(raw)),
    };
    Malformed(format!(
        "`{}` has the value `{shown}`, which is not of type `{}`",
        attribute.name, attribute.ty.base
    ))
}

fn single<'a>(bump: &'a Bump, base: &Base, raw: &'a [u8]) -> Option<Value<'a>> {
    let text = || std::str::from_utf8(raw).ok();
    Some(match base {
        Base::Int => Value::Int(text()?.parse().ok()?),
        Base::Bool if raw.eq_ignore_ascii_case(b"TRUE") => Value::Bool(true),
        Base::Bool if raw.eq_ignore_ascii_case(b"FALSE") => Value::Bool(false),
        Base::Time => Value::Time(time(text()?)?),
        Base::Binary => Value::Binary(raw),
        Base::Guid => Value::Binary(if raw.len() == 16 {
            raw
        } else {
            bump.alloc(guid::parse(text()?)?)
        }),
        Base::Sid if is_sid(raw) => Value::Binary(raw),
        Base::Sid => Value::Binary(bump.alloc_slice_copy(&sid::parse(text()?)?)),
        Base::Dn | Base::Ref(_) => Value::Dn(without_data(text()?)),
        Base::Text(_) => Value::Text(text()?),
        _ => return None,
    })
}

/// The name in a name with data: `B:8:0000AAAA:CN=a` and `S:5:hello:CN=a`.
fn without_data(text: &str) -> &str {
    if !text.starts_with("B:") && !text.starts_with("S:") {
        return text;
    }
    let mut parts = text.splitn(3, ':');
    let rest = parts
        .nth(1)
        .and_then(|length| length.parse::<usize>().ok())
        .zip(parts.next());
    rest.and_then(|(length, rest)| rest.get(length..)?.strip_prefix(':'))
        .unwrap_or(text)
}

fn is_sid(raw: &[u8]) -> bool {
    matches!(raw, [1, count, _, _, _, _, _, _, parts @ ..] if parts.len() == 4 * usize::from(*count))
}

/// 13 characters are UTC time; generalized time always has its decimals in Active Directory.
fn time(text: &str) -> Option<Ticks> {
    let utc_time = (text.len() == 13)
        .then(|| time::parse_utc_time(text))
        .flatten();
    utc_time.or_else(|| time::parse_generalized(text))
}

#[cfg(test)]
mod tests {
    use trib_compiler::types::Type;

    use super::*;

    fn attribute(ty: Type) -> SelectedAttribute {
        SelectedAttribute {
            name: "a".to_owned(),
            ty,
            reference: false,
            object_types: Vec::new(),
        }
    }

    #[test]
    fn values_by_type() {
        let bump = Bump::new();
        let guid = [
            0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd,
            0xee, 0xff,
        ];
        let sid = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
        for (base, raw, expected) in [
            (Base::TEXT, "åäö".as_bytes(), Some(Value::Text("åäö"))),
            (Base::TEXT, &[0xff], None),
            (Base::Int, b"-7", Some(Value::Int(-7))),
            (
                Base::Int,
                b"9223372036854775807",
                Some(Value::Int(i64::MAX)),
            ),
            (Base::Int, b"9223372036854775808", None),
            (Base::Int, b"seven", None),
            (Base::Bool, b"TRUE", Some(Value::Bool(true))),
            (Base::Bool, b"false", Some(Value::Bool(false))),
            (Base::Bool, b"1", None),
            (Base::Binary, &[0, 255], Some(Value::Binary(&[0, 255]))),
            (Base::Guid, &guid, Some(Value::Binary(&guid))),
            (
                Base::Guid,
                b"00112233-4455-6677-8899-aabbccddeeff",
                Some(Value::Binary(&guid)),
            ),
            (
                Base::Guid,
                b"{00112233-4455-6677-8899-AABBCCDDEEFF}",
                Some(Value::Binary(&guid)),
            ),
            (Base::Guid, b"00112233-4455-6677-8899", None),
            (Base::Sid, &sid, Some(Value::Binary(&sid))),
            (Base::Sid, b"S-1-5-32-544", Some(Value::Binary(&sid))),
            (Base::Sid, &[1, 2, 3], None),
            (Base::Dn, b"CN=a", Some(Value::Dn("CN=a"))),
            (Base::Dn, b"B:4:00FF:CN=a", Some(Value::Dn("CN=a"))),
            (Base::Time, b"16010101000000.0Z", Some(Value::Time(0))),
            (
                Base::Time,
                b"19700101000000.0Z",
                Some(Value::Time(116_444_736_000_000_000)),
            ),
            (
                Base::Time,
                b"20260131000000.0Z",
                Some(Value::Time(134_142_912_000_000_000)),
            ),
            (
                Base::Time,
                b"20240229120000.25Z",
                Some(Value::Time(133_536_816_002_500_000)),
            ),
            (
                Base::Time,
                b"260131000000Z",
                Some(Value::Time(134_142_912_000_000_000)),
            ),
            (
                Base::Time,
                b"20260131010000+0100",
                Some(Value::Time(134_142_912_000_000_000)),
            ),
            (Base::Time, b"20230229000000.0Z", None),
            (Base::Time, b"20260131", None),
        ] {
            let decoded = value(
                &bump,
                &attribute(Type::one(base.clone())),
                [raw].into_iter(),
            )
            .ok();
            assert_eq!(decoded, expected, "{base} {raw:?}");
        }
    }

    #[test]
    fn several_values() {
        let bump = Bump::new();
        let raw: [&[u8]; 2] = [b"1", b"2"];
        let list = value(&bump, &attribute(Type::many(Base::Int)), raw.into_iter());
        assert_eq!(list, Ok(Value::List(&[Value::Int(1), Value::Int(2)])));
        let error = value(&bump, &attribute(Type::one(Base::Int)), raw.into_iter()).unwrap_err();
        assert_eq!(error.to_string(), "`a` has 2 values and can have one only");
        let error = value(
            &bump,
            &attribute(Type::one(Base::Int)),
            [b"x".as_slice()].into_iter(),
        )
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`a` has the value `x`, which is not of type `int`"
        );
    }
}
