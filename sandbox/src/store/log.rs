//! The data file: one line of JSON per commit, appended, replayed when it is opened again.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::record::Record;
use crate::Error;

#[derive(Debug)]
pub(crate) struct Log {
    file: File,
    length: u64,
}

impl Log {
    /// Opens or makes the file and hands each commit in it to `replay`. A last line cut short
    /// by a crash was never acknowledged, so it is dropped.
    pub fn open(path: &Path, mut replay: impl FnMut(Vec<Record>)) -> Result<Log, Error> {
        let failed = |source| Error::Data {
            path: PathBuf::from(path),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        file.try_lock()
            .map_err(|_| Error::DataInUse { path: path.into() })?;
        let mut length = 0;
        let mut reader = BufReader::new(&file);
        let mut line = String::new();
        let mut number = 0;
        loop {
            line.clear();
            let read = reader.read_line(&mut line).map_err(failed)?;
            if read == 0 || !line.ends_with('\n') {
                break;
            }
            number += 1;
            let records = serde_json::from_str(&line).map_err(|source| Error::DataLine {
                path: path.into(),
                line: number,
                source,
            })?;
            replay(records);
            length += read as u64;
        }
        file.set_len(length).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Log { file, length })
    }

    /// Appends one commit as a whole or not at all.
    pub fn append(&mut self, records: &[Record]) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(records)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}
