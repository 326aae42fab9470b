use std::fmt::Write as _;

use trib_compiler::types::{Base, Type};

use super::*;
use crate::connectors::{EntryChange, ReferenceChange, SelectedAttribute};
use crate::error::Class;

/// Writes down what it is given, a line for each call.
#[derive(Default)]
struct Log(String);

impl Sink for Log {
    fn entry(&mut self, change: EntryChange<'_>) -> Result<(), Error> {
        match change {
            EntryChange::Delete { anchor } => writeln!(self.0, "delete {}", anchor[0]).unwrap(),
            EntryChange::Upsert(upsert) => {
                let whole = if upsert.complete { "whole" } else { "part" };
                let (ty, dn) = (upsert.object_type.unwrap_or("?"), upsert.dn.unwrap_or("?"));
                write!(self.0, "{whole} {} {ty} {dn}", upsert.anchor[0]).unwrap();
                for (place, value) in upsert.attributes {
                    write!(self.0, " {place}={value:?}").unwrap();
                }
                for (place, change) in upsert.references {
                    let (sign, targets) = match change {
                        ReferenceChange::Replace(targets) => ("=", targets),
                        ReferenceChange::Add(targets) => ("+", targets),
                        ReferenceChange::Remove(targets) => ("-", targets),
                    };
                    write!(self.0, " {place}{sign}{targets:?}").unwrap();
                }
                self.0.push('\n');
            }
        }
        Ok(())
    }

    fn malformed(&mut self, anchor: Option<&[u8]>, name: &str, message: &str) -> Result<(), Error> {
        writeln!(
            self.0,
            "malformed {:?} {name}: {message}",
            anchor.map(|anchor| anchor[0])
        )
        .unwrap();
        Ok(())
    }

    fn page(&mut self, watermark: Option<&[u8]>) -> Result<(), Error> {
        writeln!(self.0, "page {}", watermark.is_some()).unwrap();
        Ok(())
    }
}

fn selection() -> Selection {
    let attribute = |name: &str, ty, reference| SelectedAttribute {
        name: name.to_owned(),
        ty,
        reference,
        object_types: Vec::new(),
    };
    Selection {
        object_types: vec!["user".to_owned(), "group".to_owned()],
        attributes: vec![
            attribute("sn", Type::one(Base::TEXT), false),
            attribute("proxyAddresses", Type::many(Base::TEXT), false),
            attribute("logonCount", Type::one(Base::Int), false),
            attribute("member", Type::many(Base::Dn), true),
        ],
    }
}

fn run(text: &[u8], bases: &[&str]) -> Result<(String, Imported), Error> {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("trib-ldif-{}-{number}.ldif", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let config = Ad {
        ldif: Some(path.clone()),
        base: bases.iter().map(|base| base.to_string()).collect(),
        ..Ad::default()
    };
    let mut source = LdifSource::new("hr", &config).unwrap();
    let mut log = Log::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let result = runtime.block_on(source.import(&selection(), None, &mut log));
    std::fs::remove_file(&path).unwrap();
    let name = path.display().to_string();
    result.map(|kind| (log.0, kind)).map_err(|error| Error {
        message: error.message.replace(&name, "FILE"),
        ..error
    })
}

fn entry(number: u8, name: &str, class: &str, rest: &str) -> String {
    format!(
        "dn: {name}\nobjectClass: top\nobjectClass: {class}\nobjectGUID: 000000{number:02x}-0000-0000-0000-000000000000\n{rest}\n"
    )
}

fn normal(log: &str) -> String {
    log.replace("Text(", "").replace("Dn(", "").replace(')', "")
}

#[test]
fn a_file_of_content_stands_for_the_directory() {
    let text = [
        "version: 1\n\n".to_owned(),
        "dn: DC=c\nobjectClass: top\nobjectClass: domain\n\n".to_owned(),
        entry(
            0,
            "CN=a,DC=c",
            "user",
            "SN: Åkesson\nproxyaddresses: SMTP:a@c\nproxyAddresses: smtp:b@c\nlogonCount: 7\n",
        ),
        entry(1, "CN=pc,DC=c", "computer", "sn: x\n"),
        entry(
            2,
            "CN=g,DC=c",
            "group",
            "member;range=0-0: CN=a,DC=c\nmember;range=1-*: CN=pc,DC=c\nsn;lang-sv: nej\n",
        ),
    ]
    .concat();
    let (log, kind) = run(text.as_bytes(), &[]).unwrap();
    assert_eq!(kind, Imported::Full);
    assert_eq!(
        normal(&log),
        "whole 0 user CN=a,DC=c 0=\"Åkesson\" 1=List([\"SMTP:a@c\", \"smtp:b@c\"] 2=Int(7\n\
         whole 2 group CN=g,DC=c 3=[\"CN=a,DC=c\", \"CN=pc,DC=c\"]\npage true\n"
    );
}

#[test]
fn malformed_entries_are_reported() {
    let text = [
        entry(0, "CN=a", "user", "logonCount: many\n"),
        entry(0, "CN=b", "user", ""),
        "dn: CN=c\nobjectClass: user\n\n".to_owned(),
        "dn: CN=d\nobjectClass: user\nobjectGUID: 12\n\n".to_owned(),
        "dn: CN=e\nsn: e\n\n".to_owned(),
        entry(5, "CN=f", "group", "member;range=0-1499: CN=a\n"),
        entry(6, "CN=g", "user", "sn: a\nsn: b\n"),
        entry(7, "CN=h", "user", "sn:: /w==\n"),
    ]
    .concat();
    let (log, kind) = run(text.as_bytes(), &[]).unwrap();
    assert_eq!(kind, Imported::Full);
    assert_eq!(
        log,
        "malformed Some(0) CN=a: `logonCount` has the value `many`, which is not of type `int`\n\
         malformed None CN=b: an earlier entry of the file has the same `objectGUID`\n\
         malformed None CN=c: it has no `objectGUID`\n\
         malformed None CN=d: its `objectGUID` has not the 16 bytes of a guid\n\
         malformed None CN=e: it has no `objectClass`\n\
         malformed Some(5) CN=f: `member` is not complete: values after the range `0-1499` are missing\n\
         malformed Some(6) CN=g: `sn` has 2 values and can have one only\n\
         malformed Some(7) CN=h: `sn` has the value `/w==`, which is not of type `string`\n\
         page true\n"
    );
}

#[test]
fn bases_limit_what_is_read() {
    let text = [
        entry(0, "CN=a,OU=in, DC=c", "user", ""),
        entry(1, "CN=b,OU=out,DC=c", "user", ""),
    ]
    .concat();
    let (log, _) = run(text.as_bytes(), &["ou=IN,dc=c"]).unwrap();
    assert_eq!(log, "whole 0 user CN=a,OU=in, DC=c\npage true\n");
    let error = run(text.as_bytes(), &["DC=c", "OU=nowhere,DC=c"]).unwrap_err();
    assert_eq!(error.class, Class::Directory);
    assert_eq!(
        error.message,
        "wrong base `OU=nowhere,DC=c` of connector `hr`: `FILE` has no entry there"
    );
    assert_eq!(
        run(b"", &["DC=c"]).unwrap(),
        ("page true\n".to_owned(), Imported::Full)
    );
}

#[test]
fn changes_follow_content() {
    let text = [
        entry(0, "OU=o,DC=c", "organizationalUnit", ""),
        entry(1, "CN=a,OU=o,DC=c", "user", "sn: A\nproxyAddresses: 1\nproxyAddresses: 2\n"),
        entry(2, "CN=b,OU=o,DC=c", "user", ""),
        entry(3, "CN=g,DC=c", "group", "member: CN=a,OU=o,DC=c\nmember: CN=b,OU=o,DC=c\n"),
        "dn: CN=a,OU=o,DC=c\nchangetype: modify\ndelete: sn\n-\nadd: proxyAddresses\nproxyAddresses: 3\n-\n\
         delete: proxyAddresses\nproxyAddresses: 1\n-\nreplace: logonCount\nlogonCount: 4\n\n"
            .to_owned(),
        "dn: CN=g,DC=c\nchangetype: modify\ndelete: member\nmember: CN=b,OU=o,DC=c\n-\n\n".to_owned(),
        "dn: CN=b,OU=o,DC=c\nchangetype: delete\n\n".to_owned(),
        "dn: OU=o,DC=c\nchangetype: moddn\nnewrdn: OU=p\ndeleteoldrdn: 1\nnewsuperior: OU=q,DC=c\n\n".to_owned(),
        "dn: CN=a,OU=p,OU=q,DC=c\nchangetype: modify\nreplace: sn\nsn: Z\n-\n\n".to_owned(),
    ]
    .concat();
    let (log, kind) = run(text.as_bytes(), &[]).unwrap();
    assert_eq!(kind, Imported::Full);
    assert_eq!(
        normal(&log),
        "whole 1 user CN=a,OU=p,OU=q,DC=c 0=\"Z\" 1=List([\"2\", \"3\"] 2=Int(4\n\
         whole 3 group CN=g,DC=c 3=[\"CN=a,OU=p,OU=q,DC=c\"]\npage true\n"
    );
}

#[test]
fn changes_alone_act_on_what_was_imported_earlier() {
    let guid = |number: u8| format!("<GUID=000000{number:02x}-0000-0000-0000-000000000000>");
    let text = [
        "dn: CN=n,DC=c\nchangetype: add\nobjectClass: user\nobjectGUID:: CQAAAAAAAAAAAAAAAAAAAA==\nsn: N\n\n".to_owned(),
        format!("dn: {}\nchangetype: modify\nreplace: sn\nsn: M\n-\ndelete: logonCount\n-\nadd: member\nmember: CN=x\n-\ndelete: member\nmember: CN=y\n-\n\n", guid(1)),
        format!("dn: {}\ncontrol: 1.2.840.113556.1.4.417 true\nchangetype: delete\n\n", guid(2)),
        format!("dn: {}\nchangetype: modify\nadd: proxyAddresses\nproxyAddresses: x\n-\n\n", guid(3)),
        format!("dn: {}\nchangetype: modrdn\nnewrdn: CN=new\ndeleteoldrdn: 1\nnewsuperior: DC=c\n\n", guid(4)),
    ]
    .concat();
    let (log, kind) = run(text.as_bytes(), &["DC=c"]).unwrap();
    assert_eq!(kind, Imported::Delta);
    assert_eq!(
        normal(&log),
        "whole 9 user CN=n,DC=c 0=\"N\"\n\
         part 1 ? ? 2=Absent 0=\"M\" 3-[\"CN=y\"] 3+[\"CN=x\"]\n\
         delete 2\n\
         malformed Some(3 : the values that `proxyaddresses` had before are not in the file; change it with `replace`\n\
         part 4 ? CN=new,DC=c\npage true\n"
    );
}

#[test]
fn broken_files_are_not_applied() {
    for (text, message) in [
        (
            "cn: a\n",
            "`FILE` line 1: expected a record to begin with `dn:`",
        ),
        (
            "dn: CN=a\nchangetype: modify\nreplace: sn\ncn: x\n",
            "`FILE` line 1: the entry `CN=a` is not in the file",
        ),
        (
            "dn: <GUID=x>\nchangetype: delete\n",
            "`FILE` line 1: expected a guid in `<GUID=…>`",
        ),
        (
            "dn: CN=a\nchangetype: add\n\ndn: CN=a\nchangetype: modify\nreplace: sn\ncn: x\n",
            "`FILE` line 7: expected `sn:` or a line with `-`",
        ),
        (
            "dn: CN=a\nchangetype: add\n\ndn: CN=a\nchangetype: modify\nincrement: sn\nsn: 1\n",
            "`FILE` line 6: expected `add:`, `delete:` or `replace:`",
        ),
        (
            "dn: CN=a\nchangetype: rename\n",
            "`FILE` line 2: expected `add`, `delete`, `modify`, `modrdn` or `moddn` after `changetype:`, found `rename`",
        ),
        (
            "dn: CN=a\nobjectClass: user\n-\n",
            "`FILE` line 3: a line with `-` belongs to a change record",
        ),
    ] {
        let error = run(text.as_bytes(), &[]).unwrap_err();
        assert_eq!(error.message, message);
        assert_eq!(error.class, Class::Configuration);
    }
}

#[test]
fn an_unchanged_file_has_nothing_new() {
    let path =
        std::env::temp_dir().join(format!("trib-ldif-unchanged-{}.ldif", std::process::id()));
    std::fs::write(&path, entry(1, "CN=a", "user", "")).unwrap();
    let mut source = LdifSource::new(
        "hr",
        &Ad {
            ldif: Some(path.clone()),
            ..Ad::default()
        },
    )
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let watermark = source.survey(&selection()).unwrap().fingerprint;
    let mut log = Log::default();
    let unchanged = runtime.block_on(source.import(&selection(), Some(&watermark), &mut log));
    assert_eq!((unchanged, log.0.as_str()), (Ok(Imported::Delta), ""));
    let other = Selection {
        object_types: vec!["user".to_owned()],
        ..selection()
    };
    let reread = runtime.block_on(source.import(&other, Some(&watermark), &mut log));
    assert_eq!(reread, Ok(Imported::Full), "the rules read something else");
    std::fs::remove_file(&path).unwrap();
    let error = runtime
        .block_on(source.import(&other, None, &mut log))
        .unwrap_err();
    assert!(error.message.starts_with("cannot read `"), "{error}");
}
