//! How far the changes of a directory were read.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::connectors::Selection;

/// How the server tells changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// By DirSync, all of them.
    Replication,
    /// By DirSync, those that the user may see.
    ObjectSecurity,
    /// By the number of the last change of each entry.
    Usn,
}

/// What is kept between imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    version: u32,
    /// The domain controller that gave the marks.
    pub server: String,
    /// What was asked of it.
    asked: String,
    /// What the marks are.
    pub way: Way,
    /// Cookies or numbers, by naming context.
    marks: BTreeMap<String, String>,
}

impl Watermark {
    /// Without marks yet.
    pub fn new(server: &str, selection: &Selection, bases: &[String], way: Way) -> Watermark {
        let asked = Sha256::digest(format!("{selection:?}{bases:?}"));
        let asked = trib_compiler::notation::hex::print(&asked);
        Watermark {
            version: 2,
            server: server.to_owned(),
            asked,
            way,
            marks: BTreeMap::new(),
        }
    }

    /// The stored watermark, if it belongs to the same server and the same question.
    pub fn read(
        bytes: &[u8],
        server: &str,
        selection: &Selection,
        bases: &[String],
    ) -> Option<Watermark> {
        let read: Watermark = serde_json::from_slice(bytes).ok()?;
        let same = Watermark::new(server, selection, bases, read.way);
        (read.version == same.version && read.server == same.server && read.asked == same.asked)
            .then_some(read)
    }

    /// As it is stored.
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The mark of a naming context.
    pub fn mark(&self, context: &str) -> Option<Vec<u8>> {
        STANDARD.decode(self.marks.get(context)?).ok()
    }

    /// The mark of a naming context that is a number.
    pub fn number(&self, context: &str) -> Option<u64> {
        String::from_utf8(self.mark(context)?).ok()?.parse().ok()
    }

    /// Replaces the mark of a naming context.
    pub fn set(&mut self, context: &str, mark: &[u8]) {
        self.marks.insert(context.to_owned(), STANDARD.encode(mark));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watermark_is_for_one_server_and_one_question() {
        let selection = Selection {
            object_types: vec!["user".to_owned()],
            ..Selection::default()
        };
        let bases = ["DC=c".to_owned()];
        let mut watermark = Watermark::new("dc1", &selection, &bases, Way::Usn);
        watermark.set("DC=c", b"170");
        let bytes = watermark.write();
        let read = Watermark::read(&bytes, "dc1", &selection, &bases).unwrap();
        assert_eq!(read, watermark);
        assert_eq!((read.number("DC=c"), read.mark("DC=d")), (Some(170), None));
        assert_eq!(Watermark::read(&bytes, "dc2", &selection, &bases), None);
        assert_eq!(
            Watermark::read(&bytes, "dc1", &Selection::default(), &bases),
            None
        );
        assert_eq!(Watermark::read(&bytes, "dc1", &selection, &[]), None);
        assert_eq!(Watermark::read(b"{}", "dc1", &selection, &bases), None);
    }
}
