//! What can go wrong around the rules: configuration, directories, the store.

use std::fmt;

/// Where a failure lies; the command line turns it into an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A configuration or input file is wrong (65).
    Configuration,
    /// A directory is unreachable or refuses us (69).
    Directory,
    /// The rules or the plan say no (1).
    Refused,
    /// Our own store or program failed (70).
    Internal,
}

/// A failure that stops a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Where it lies.
    pub class: Class,
    /// What happened, with the name of the thing: lower case, no final period.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Error {
    /// A wrong configuration or input file.
    pub fn configuration(message: impl Into<String>) -> Error {
        Error {
            class: Class::Configuration,
            message: message.into(),
            help: None,
        }
    }

    /// A directory that is unreachable or refuses us.
    pub fn directory(message: impl Into<String>) -> Error {
        Error {
            class: Class::Directory,
            message: message.into(),
            help: None,
        }
    }

    /// The rules or the plan say no.
    pub fn refused(message: impl Into<String>) -> Error {
        Error {
            class: Class::Refused,
            message: message.into(),
            help: None,
        }
    }

    /// Our own store or program failed.
    pub fn internal(message: impl Into<String>) -> Error {
        Error {
            class: Class::Internal,
            message: message.into(),
            help: None,
        }
    }

    /// The same, with what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Error {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        let failed = Error::internal(format!("the state database failed: {error}"));
        match is_disk(&error) {
            true => failed.help(
                "its disk is full or defective: make room there and run again; what was written to the \
                 directories is found again",
            ),
            false => failed,
        }
    }
}

/// The disk fails, not what is on it.
pub(crate) fn is_disk(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DiskFull, SystemIoFailure};
    matches!(error.sqlite_error_code(), Some(DiskFull | SystemIoFailure))
}
