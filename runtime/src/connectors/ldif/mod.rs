//! A file that stands for a directory (LDIF, RFC 2849).
//!
//! A file of content records only is streamed. A file that also has change records is a small
//! directory in memory to which the changes are made; one of change records only changes what was
//! imported earlier. A file is applied as a whole or, where it is broken, not at all.

mod changes;
mod content;
mod record;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use self::record::Reader;
use super::entry::Delivery;
use super::{Imported, Selection, Sink};
use crate::config::Ad;
use crate::error::Error;

/// Reads a directory from a file.
#[derive(Debug)]
pub struct LdifSource {
    connector: String,
    path: PathBuf,
    bases: Vec<String>,
}

impl LdifSource {
    /// The source of a connector whose configuration names an LDIF file.
    pub fn new(connector: &str, config: &Ad) -> Result<LdifSource, Error> {
        let path = config.ldif.clone().ok_or_else(|| {
            Error::configuration(format!("connector `{connector}` has no `ldif` file"))
        })?;
        Ok(LdifSource {
            connector: connector.to_owned(),
            path,
            bases: config.base.clone(),
        })
    }

    /// Delivers the file's entries, or nothing if it is the file that the watermark belongs to.
    pub async fn import(
        &mut self,
        selection: &Selection,
        watermark: Option<&[u8]>,
        sink: &mut (dyn Sink + Send),
    ) -> Result<Imported, Error> {
        let survey = self.survey(selection)?;
        if watermark == Some(&survey.fingerprint) {
            return Ok(Imported::Delta);
        }
        let delivery = Delivery::new(selection, &self.bases);
        let file = self.path.display().to_string();
        let mut reader = Reader::new(self.open()?, &file);
        let imported = if survey.has_changes {
            changes::import(&mut reader, &file, &delivery, sink)?
        } else {
            content::import(&mut reader, &delivery, sink)?
        };
        if let (Imported::Full, Some(missing)) = (imported.kind, imported.empty_base) {
            let base = self.bases.get(missing).map_or("", String::as_str);
            return Err(Error::directory(format!(
                "wrong base `{base}` of connector `{}`: `{file}` has no entry there",
                self.connector
            ))
            .help(format!(
                "correct `base` of `[connector.{}]`",
                self.connector
            )));
        }
        sink.page(Some(&survey.fingerprint))?;
        Ok(imported.kind)
    }

    fn open(&self) -> Result<BufReader<File>, Error> {
        let file = File::open(&self.path).map_err(|error| self.unreadable(&error))?;
        Ok(BufReader::with_capacity(1 << 18, file))
    }

    fn unreadable(&self, error: &std::io::Error) -> Error {
        Error::configuration(format!("cannot read `{}`: {error}", self.path.display())).help(
            format!("`ldif` of `[connector.{}]` names this file", self.connector),
        )
    }

    /// What identifies the file's content and what is asked of it, and whether it has change records.
    fn survey(&self, selection: &Selection) -> Result<Survey, Error> {
        let mut hash = Sha256::new();
        hash.update(format!("{selection:?}{:?}", self.bases));
        let mut input = self.open()?;
        let (mut line, mut has_changes) = (Vec::new(), false);
        loop {
            line.clear();
            if input
                .read_until(b'\n', &mut line)
                .map_err(|error| self.unreadable(&error))?
                == 0
            {
                return Ok(Survey {
                    fingerprint: hash.finalize().into(),
                    has_changes,
                });
            }
            hash.update(&line);
            has_changes |= line
                .get(..11)
                .is_some_and(|start| start.eq_ignore_ascii_case(b"changetype:"));
        }
    }
}

struct Survey {
    fingerprint: [u8; 32],
    has_changes: bool,
}

/// How the reading of a file ended.
struct Read {
    kind: Imported,
    /// The first base that no entry of a file with entries is in.
    empty_base: Option<usize>,
}

#[cfg(test)]
mod tests;
