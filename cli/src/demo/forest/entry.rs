//! One entry, and how LDIF (RFC 2849) writes it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

const LINE: usize = 76;

/// What every security identifier of the domain begins with: 21 and the domain's own numbers.
const DOMAIN_SID: [u32; 4] = [21, 1_004_336_348, 1_177_238_915, 682_003_330];

/// An entry in the making.
pub struct Entry {
    /// Its distinguished name.
    pub dn: String,
    attributes: Vec<(&'static str, Vec<u8>)>,
    principal: bool,
}

impl Entry {
    /// An entry of these classes, the most general first.
    pub fn new(dn: impl Into<String>, classes: &str) -> Entry {
        let classes = classes
            .split(' ')
            .map(|class| ("objectClass", class.into()));
        Entry {
            dn: dn.into(),
            attributes: classes.collect(),
            principal: false,
        }
    }

    /// Gives it a security identifier.
    pub fn principal(mut self) -> Entry {
        self.principal = true;
        self
    }

    /// Adds a value.
    pub fn with(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Entry {
        self.attributes.push((name, value.into()));
        self
    }

    /// Adds values.
    pub fn with_all<'a>(
        mut self,
        name: &'static str,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Entry {
        self.attributes
            .extend(values.into_iter().map(|value| (name, value.into())));
        self
    }

    /// Takes the values of an attribute away.
    pub fn without(mut self, name: &str) -> Entry {
        self.attributes.retain(|(known, _)| *known != name);
        self
    }

    /// Writes the entry; its number makes its identifiers.
    pub fn write(&self, number: u32, out: &mut String) {
        out.push('\n');
        line("dn", self.dn.as_bytes(), out);
        for (name, value) in &self.attributes {
            line(name, value, out);
        }
        line("objectGUID", &guid(number), out);
        if self.principal {
            line("objectSid", &sid(number), out);
        }
    }
}

/// A guid that looks like any other and is the same in every run.
pub fn guid(number: u32) -> [u8; 16] {
    let mixed = |seed: u64| {
        let mut bits = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    };
    let seed = 2 * u64::from(number);
    let random = (u128::from(mixed(seed + 1)) << 64) | u128::from(mixed(seed + 2));
    uuid_bits(random).to_le_bytes()
}

/// Marks random bits as a guid of version 4, where Windows' order of bytes expects it.
fn uuid_bits(random: u128) -> u128 {
    let version = random & !(0xF0 << 56) | (0x40 << 56);
    version & !(0xC0 << 64) | (0x80 << 64)
}

fn sid(number: u32) -> Vec<u8> {
    let mut bytes = vec![1, 5, 0, 0, 0, 0, 0, 5];
    bytes.extend(
        DOMAIN_SID
            .iter()
            .chain([&number])
            .flat_map(|part| part.to_le_bytes()),
    );
    bytes
}

/// `name: value`, or `name:: base64` where the value asks for it, folded.
fn line(name: &str, value: &[u8], out: &mut String) {
    let plain = std::str::from_utf8(value)
        .ok()
        .filter(|text| is_plain(text));
    let line = match plain {
        Some(text) => format!("{name}: {text}"),
        None => format!("{name}:: {}", BASE64_STANDARD.encode(value)),
    };
    for (at, character) in line.chars().enumerate() {
        // what continues a line begins with a space, which counts
        if at >= LINE && (at - LINE).is_multiple_of(LINE - 1) {
            out.push_str("\n ");
        }
        out.push(character);
    }
    out.push('\n');
}

fn is_plain(text: &str) -> bool {
    let character = |c: char| c.is_ascii() && !matches!(c, '\0' | '\r' | '\n');
    text.chars().all(character) && !text.starts_with([' ', ':', '<']) && !text.ends_with(' ')
}
