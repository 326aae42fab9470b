//! Any bytes as an LDIF file.

use std::io::Write;

use tempfile::NamedTempFile;
use tokio::runtime::Builder;
use trib_compiler::types::{Base, Type};
use trib_runtime::config::Ad;
use trib_runtime::connectors::ldif::LdifSource;
use trib_runtime::connectors::{EntryChange, SelectedAttribute, Selection, Sink};
use trib_runtime::error::{Class, Error};

/// Reading ends, with entries that have an anchor or with an error about the file.
pub fn ldif(data: &[u8]) {
    let (Ok(mut file), Ok(runtime)) = (NamedTempFile::new(), Builder::new_current_thread().build())
    else {
        return;
    };
    if file.write_all(data).is_err() {
        return;
    }
    let config = Ad {
        ldif: Some(file.path().to_owned()),
        ..Ad::default()
    };
    let Ok(mut source) = LdifSource::new("hr", &config) else {
        return;
    };
    let mut seen = Seen;
    if let Err(error) = runtime.block_on(source.import(&selection(), None, &mut seen)) {
        assert_eq!(error.class, Class::Configuration, "{error}");
        assert!(!error.message.is_empty());
    }
}

fn selection() -> Selection {
    let attribute = |name: &str, ty, reference| SelectedAttribute {
        name: name.to_owned(),
        ty,
        reference,
        object_types: vec![0, 1],
    };
    Selection {
        object_types: vec!["user".to_owned(), "group".to_owned()],
        attributes: vec![
            attribute("cn", Type::one(Base::TEXT), false),
            attribute("proxyAddresses", Type::many(Base::TEXT), false),
            attribute("logonCount", Type::one(Base::Int), false),
            attribute("whenCreated", Type::one(Base::Time), false),
            attribute("objectSid", Type::one(Base::Sid), false),
            attribute("member", Type::many(Base::Dn), true),
        ],
    }
}

struct Seen;

impl Sink for Seen {
    fn entry(&mut self, change: EntryChange<'_>) -> Result<(), Error> {
        let anchor = match change {
            EntryChange::Upsert(entry) => entry.anchor,
            EntryChange::Delete { anchor } => anchor,
        };
        assert_eq!(anchor.len(), 16);
        Ok(())
    }

    fn malformed(&mut self, _: Option<&[u8]>, _: &str, message: &str) -> Result<(), Error> {
        assert!(!message.is_empty());
        Ok(())
    }

    fn page(&mut self, _: Option<&[u8]>) -> Result<(), Error> {
        Ok(())
    }
}

/// Content, changes, folded lines, Base64 and what breaks.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let guid = "objectGUID:: ERERESIiMzNERFVVVVVVVQ==\n";
    let user = "objectClass: top\nobjectClass: user\n";
    let mut seeds = super::files("fuzz/regressions/ldif", "ldif");
    seeds.extend([
        format!("version: 1\n\ndn: CN=Ann,DC=x\n{user}{guid}cn: Ann\nproxyAddresses: SMTP:a@x\nlogonCount: 7\n"),
        format!("dn:: Q049QW5uLERDPXg=\r\n{user}{guid}cn:: QW5u\r\nwhenCreated: 20240101000000.0Z\r\n"),
        format!("# comment\n folded\ndn: CN=G,DC=x\nobjectClass: group\n{guid}member: CN=Ann,\n DC=x\nmember;range=0-1: CN=B,DC=x\n"),
        format!("dn: CN=Ann,DC=x\nchangetype: add\n{user}{guid}cn: Ann\n\ndn: CN=Ann,DC=x\nchangetype: modify\nreplace: cn\ncn: Bo\n-\ndelete: proxyAddresses\n-\nadd: member\nmember: CN=C,DC=x\n-\n"),
        "dn: CN=Ann,DC=x\nchangetype: modrdn\nnewrdn: CN=Bo\ndeleteoldrdn: 1\nnewsuperior: DC=y\n\ndn: CN=B,DC=x\nchangetype: delete\n".to_owned(),
        "dn: CN=a,DC=x\njpegPhoto:< file:///nowhere\ncontrol: 1.2.3 true: x\n".to_owned(),
    ].map(String::into_bytes));
    seeds
}
