//! How far the changes of a directory were read.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::connectors::Selection;

/// What is kept between imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    version: u32,
    /// The domain controller that gave the cookies.
    pub server: String,
    /// What was asked of it.
    asked: String,
    /// The cookies were given for what the user may see.
    pub object_security: bool,
    /// Cookies by naming context.
    cookies: BTreeMap<String, String>,
}

impl Watermark {
    /// Without cookies yet.
    pub fn new(
        server: &str,
        selection: &Selection,
        bases: &[String],
        object_security: bool,
    ) -> Watermark {
        let asked = Sha256::digest(format!("{selection:?}{bases:?}"));
        let asked = trib_compiler::notation::hex::print(&asked);
        Watermark {
            version: 1,
            server: server.to_owned(),
            asked,
            object_security,
            cookies: BTreeMap::new(),
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
        let same = Watermark::new(server, selection, bases, read.object_security);
        (read.version == same.version && read.server == same.server && read.asked == same.asked)
            .then_some(read)
    }

    /// As it is stored.
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The cookie of a naming context.
    pub fn cookie(&self, context: &str) -> Option<Vec<u8>> {
        STANDARD.decode(self.cookies.get(context)?).ok()
    }

    /// Replaces the cookie of a naming context.
    pub fn set(&mut self, context: &str, cookie: &[u8]) {
        self.cookies
            .insert(context.to_owned(), STANDARD.encode(cookie));
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
        let mut watermark = Watermark::new("dc1", &selection, &bases, true);
        watermark.set("DC=c", b"cookie");
        let bytes = watermark.write();
        let read = Watermark::read(&bytes, "dc1", &selection, &bases).unwrap();
        assert_eq!(read, watermark);
        assert_eq!(
            (read.cookie("DC=c").as_deref(), read.cookie("DC=d")),
            (Some(b"cookie".as_slice()), None)
        );
        assert_eq!(Watermark::read(&bytes, "dc2", &selection, &bases), None);
        assert_eq!(
            Watermark::read(&bytes, "dc1", &Selection::default(), &bases),
            None
        );
        assert_eq!(Watermark::read(&bytes, "dc1", &selection, &[]), None);
        assert_eq!(Watermark::read(b"{}", "dc1", &selection, &bases), None);
    }
}
