//! Entries as the server sends them.

use ldap3::ResultEntry;
use ldap3::asn1::{PL, StructureTag};

/// An entry of a search result.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Distinguished name.
    pub dn: String,
    /// Attributes with their values, in the order of the server.
    pub attributes: Vec<Attribute>,
}

/// An attribute of an entry.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Name without options.
    pub name: String,
    /// Which of its values these are, where the server sends them in parts.
    pub range: Option<Range>,
    /// Its values.
    pub values: Vec<Vec<u8>>,
}

/// Values from one number to another; `None` for the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Number of the first value.
    pub first: u64,
    /// Number of the last value, `None` where no more follow.
    pub last: Option<u64>,
}

impl Range {
    /// In an answer to DirSync `1-1` marks values that came and `0-0` values that went.
    pub const ADDED: Range = Range {
        first: 1,
        last: Some(1),
    };
    /// See [`Range::ADDED`].
    pub const REMOVED: Range = Range {
        first: 0,
        last: Some(0),
    };

    fn parse(option: &str) -> Option<Range> {
        let (key, range) = option.split_once('=')?;
        let (first, last) = range
            .split_once('-')
            .filter(|_| key.eq_ignore_ascii_case("range"))?;
        let last = if last == "*" {
            None
        } else {
            Some(last.parse().ok()?)
        };
        Some(Range {
            first: first.parse().ok()?,
            last,
        })
    }
}

impl Entry {
    /// Takes the server's answer apart; `None` where it is no entry.
    pub fn new(result: ResultEntry) -> Option<Entry> {
        let mut parts = constructed(result.0)?.into_iter();
        let dn = String::from_utf8(primitive(parts.next()?)?).ok()?;
        let attributes = constructed(parts.next()?)?
            .into_iter()
            .map(Attribute::new)
            .collect::<Option<_>>()?;
        Some(Entry { dn, attributes })
    }

    /// The attribute of the name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// The first value of an attribute.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.attribute(name)?.values.first().map(Vec::as_slice)
    }

    /// The values of an attribute that are text.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self
            .attribute(name)
            .map(|attribute| attribute.values.as_slice())
            .unwrap_or_default();
        values
            .iter()
            .filter_map(|value| std::str::from_utf8(value).ok())
    }
}

impl Attribute {
    fn new(tag: StructureTag) -> Option<Attribute> {
        let mut parts = constructed(tag)?.into_iter();
        let described = String::from_utf8(primitive(parts.next()?)?).ok()?;
        let values = constructed(parts.next()?)?
            .into_iter()
            .map(primitive)
            .collect::<Option<_>>()?;
        let (name, options) = described.split_once(';').unwrap_or((&described, ""));
        Some(Attribute {
            name: name.to_owned(),
            range: options.split(';').find_map(Range::parse),
            values,
        })
    }

    /// The first number of the values that the server still has to send.
    pub fn next(&self) -> Option<u64> {
        self.range?.last.map(|last| last + 1)
    }
}

fn constructed(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(parts) => Some(parts),
        PL::P(_) => None,
    }
}

fn primitive(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use ldap3::asn1::TagClass;

    use super::*;

    fn leaf(text: &str) -> StructureTag {
        StructureTag {
            class: TagClass::Universal,
            id: 4,
            payload: PL::P(text.as_bytes().to_vec()),
        }
    }

    fn node(parts: Vec<StructureTag>) -> StructureTag {
        StructureTag {
            class: TagClass::Universal,
            id: 16,
            payload: PL::C(parts),
        }
    }

    #[test]
    fn entries_with_parts_of_attributes() {
        let attribute = |name, value| node(vec![leaf(name), node(vec![leaf(value)])]);
        let tag = node(vec![
            leaf("CN=g"),
            node(vec![
                attribute("member;range=0-1499", "CN=a"),
                attribute("sn;binary", "x"),
                node(vec![leaf("cn"), node(vec![])]),
            ]),
        ]);
        let entry = Entry::new(ResultEntry::new(tag)).unwrap();
        assert_eq!(
            (entry.dn.as_str(), entry.attribute("MEMBER").unwrap().next()),
            ("CN=g", Some(1500))
        );
        assert_eq!(
            (entry.value("sn"), entry.value("cn")),
            (Some(b"x".as_slice()), None)
        );
        assert_eq!(Entry::new(ResultEntry::new(leaf("CN=g"))), None);
    }

    #[test]
    fn ranges() {
        for (option, expected) in [
            ("range=0-1499", Some((0, Some(1499)))),
            ("Range=1500-*", Some((1500, None))),
            ("range=1-1", Some((1, Some(1)))),
            ("range=x-1", None),
            ("binary", None),
        ] {
            assert_eq!(
                Range::parse(option).map(|range| (range.first, range.last)),
                expected,
                "{option}"
            );
        }
    }
}
