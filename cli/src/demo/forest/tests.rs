use std::collections::{HashMap, HashSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use trib_runtime::config::Ad;
use trib_runtime::connectors::ldif::LdifSource;
use trib_runtime::connectors::{EntryChange, Selection, Sink};
use trib_runtime::error::Error;

use super::{BASE, ldif};

type Record = HashMap<String, Vec<Vec<u8>>>;

/// The records as their attributes, unfolded and decoded.
fn records(text: &str) -> Vec<Record> {
    let unfolded = text.replace("\n ", "");
    let blocks = unfolded.split("\n\n").skip(1);
    let field = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        match value.strip_prefix(": ") {
            Some(coded) => (name.to_owned(), BASE64_STANDARD.decode(coded).unwrap()),
            None => (name.to_owned(), value.trim_start().as_bytes().to_vec()),
        }
    };
    blocks
        .map(|block| {
            let mut record = Record::new();
            for (name, value) in block.lines().map(field) {
                record.entry(name).or_default().push(value);
            }
            record
        })
        .collect()
}

fn texts<'a>(record: &'a Record, name: &str) -> Vec<&'a str> {
    let values = record.get(name).into_iter().flatten();
    values
        .map(|value| std::str::from_utf8(value).unwrap())
        .collect()
}

fn of_class<'a>(records: &'a [Record], class: &'a str) -> impl Iterator<Item = &'a Record> {
    records
        .iter()
        .filter(move |record| texts(record, "objectClass").last() == Some(&class))
}

#[test]
fn the_forest_has_what_it_is_meant_to_show() {
    let records = records(&ldif());
    let count = |class| of_class(&records, class).count();
    assert_eq!(count("user"), 510);
    assert_eq!(count("inetOrgPerson"), 6);
    assert_eq!(count("group"), 60);
    assert_eq!(count("contact"), 8);
    assert_eq!(count("computer"), 20);
    let with = |name| {
        of_class(&records, "user")
            .filter(move |user| user.contains_key(name))
            .count()
    };
    assert_eq!(with("mS-DS-ConsistencyGuid"), 13);
    assert_eq!(with("isCriticalSystemObject"), 3);
    let groups = || of_class(&records, "group");
    let sizes: Vec<usize> = groups().map(|group| texts(group, "member").len()).collect();
    assert_eq!(sizes.iter().max(), Some(&300));
    assert!(sizes.contains(&0));
}

#[test]
fn names_and_identifiers_are_unique_and_managers_exist() {
    let records = records(&ldif());
    let names: HashSet<&str> = records
        .iter()
        .flat_map(|record| texts(record, "dn"))
        .collect();
    assert_eq!(names.len(), records.len());
    let identifiers = ["objectGUID", "objectSid", "mS-DS-ConsistencyGuid"];
    for name in ["sAMAccountName", "userPrincipalName", "mail"]
        .into_iter()
        .chain(identifiers)
    {
        let all: Vec<Vec<u8>> = records
            .iter()
            .filter_map(|record| Some(record.get(name)?.concat()))
            .collect();
        let folded = all.iter().map(|value| match std::str::from_utf8(value) {
            Ok(text) if !identifiers.contains(&name) => text.to_lowercase().into_bytes(),
            _ => value.clone(),
        });
        assert_eq!(folded.collect::<HashSet<_>>().len(), all.len(), "{name}");
    }
    for record in &records {
        assert!(texts(record, "dn").iter().all(|dn| dn.ends_with(BASE)));
        for reference in texts(record, "manager")
            .into_iter()
            .chain(texts(record, "member"))
        {
            assert!(names.contains(reference), "{reference}");
        }
    }
}

#[test]
fn it_is_the_same_every_time_and_folded() {
    let text = ldif();
    assert_eq!(text, ldif());
    assert!(text.lines().all(|line| line.len() <= 76 && line.is_ascii()));
}

/// Counts entries by their type.
#[derive(Default)]
struct Counts(HashMap<String, usize>);

impl Sink for Counts {
    fn entry(&mut self, change: EntryChange<'_>) -> Result<(), Error> {
        if let EntryChange::Upsert(entry) = change {
            let object_type = entry.object_type.unwrap_or("?").to_owned();
            *self.0.entry(object_type).or_default() += 1;
        }
        Ok(())
    }

    fn malformed(&mut self, _: Option<&[u8]>, name: &str, message: &str) -> Result<(), Error> {
        panic!("{name}: {message}");
    }

    fn page(&mut self, _: Option<&[u8]>) -> Result<(), Error> {
        Ok(())
    }
}

#[test]
fn the_engine_reads_every_entry() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), ldif()).unwrap();
    let config = Ad {
        ldif: Some(file.path().to_owned()),
        base: vec![BASE.to_owned()],
        ..Ad::default()
    };
    let types = ["user", "inetOrgPerson", "group", "contact", "computer"];
    let selection = Selection {
        object_types: types.map(str::to_owned).into(),
        attributes: Vec::new(),
    };
    let mut counts = Counts::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut source = LdifSource::new("corp", &config).unwrap();
    runtime
        .block_on(source.import(&selection, None, &mut counts))
        .unwrap();
    assert_eq!(
        types.map(|name| counts.0.get(name).copied()),
        [510, 6, 60, 8, 20].map(Some)
    );
}
