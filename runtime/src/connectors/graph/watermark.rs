//! How far an import got: for each object type the link that leads on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::connectors::Selection;

const VERSION: u32 = 1;

/// Links by object type. They are good only for what was asked for when they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watermark {
    version: u32,
    asked: String,
    pub links: BTreeMap<String, String>,
}

impl Watermark {
    pub fn new(base: &str, selection: &Selection) -> Watermark {
        Watermark {
            version: VERSION,
            asked: asked(base, selection),
            links: BTreeMap::new(),
        }
    }

    /// A stored one; `None` where it is not good for what is asked for now.
    pub fn read(bytes: &[u8], base: &str, selection: &Selection) -> Option<Watermark> {
        let stored: Watermark = serde_json::from_slice(bytes).ok()?;
        let fits = stored.version == VERSION
            && stored.asked == asked(base, selection)
            && selection
                .object_types
                .iter()
                .all(|ty| stored.links.contains_key(ty));
        fits.then_some(stored)
    }

    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// A digest of the question: where, which object types, which attributes of which type.
fn asked(base: &str, selection: &Selection) -> String {
    let mut digest = Sha256::new();
    let mut add = |text: &str| {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    };
    add(base);
    for ty in &selection.object_types {
        add(ty);
    }
    for attribute in &selection.attributes {
        add(&attribute.name);
        add(&attribute.ty.to_string());
        add(&format!(
            "{} {:?}",
            attribute.reference, attribute.object_types
        ));
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use trib_compiler::types::{Base, Type};

    use super::*;
    use crate::connectors::SelectedAttribute;

    fn selection(attributes: &[&str]) -> Selection {
        let attribute = |name: &&str| SelectedAttribute {
            name: (*name).to_owned(),
            ty: Type::one(Base::TEXT),
            reference: false,
            object_types: vec![0],
        };
        Selection {
            object_types: vec!["user".to_owned()],
            attributes: attributes.iter().map(attribute).collect(),
        }
    }

    #[test]
    fn it_is_good_for_the_same_question_only() {
        let mut mark = Watermark::new("base", &selection(&["mail"]));
        assert_eq!(
            Watermark::read(&mark.bytes(), "base", &selection(&["mail"])),
            None,
            "a type has no link"
        );
        mark.links.insert("user".to_owned(), "https://x".to_owned());
        let bytes = mark.bytes();
        assert_eq!(
            Watermark::read(&bytes, "base", &selection(&["mail"])),
            Some(mark)
        );
        assert_eq!(
            Watermark::read(&bytes, "base", &selection(&["mail", "city"])),
            None
        );
        assert_eq!(
            Watermark::read(&bytes, "other", &selection(&["mail"])),
            None
        );
        assert_eq!(
            Watermark::read(b"cookie", "base", &selection(&["mail"])),
            None
        );
    }
}
