//! Configurations of other products become projects of rules.
//!
//! ```text
//! their files ─reader─► their configuration ─converter─► Draft ─settle, write─► files + Report
//! ```
//!
//! A draft is checked before it is written: what the checker refuses is converted where its fix says how,
//! and otherwise left out. Nothing gets lost on the way: the report names every rule and every flow, with
//! what became of it and why.

pub mod aadconnect;
mod draft;
mod report;
mod settle;
mod write;

pub use report::{Addition, ConnectorReport, Outcome, Part, Remark, Report, RuleReport, Summary};

use thiserror::Error;

/// A project made from another product's configuration.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Its files: paths within the project, and texts.
    pub files: Vec<(String, String)>,
    /// What became of everything.
    pub report: Report,
}

/// Why a configuration cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Error {
    /// What is wrong, with the file.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Error {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Error {
        Error {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// The text of a file as these products write it: UTF-8, or UTF-16 with its mark.
pub fn decode(file: &str, bytes: &[u8]) -> Result<String, Error> {
    let (utf16, little): (&[u8], bool) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (rest, true),
        [0xFE, 0xFF, rest @ ..] => (rest, false),
        _ => {
            let text = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
            return match std::str::from_utf8(text) {
                Ok(text) => Ok(text.to_owned()),
                Err(error) => Err(Error::new(
                    format!(
                        "`{file}` is no text: byte {} is not UTF-8",
                        error.valid_up_to()
                    ),
                    "export the configuration again, or save the file as UTF-8",
                )),
            };
        }
    };
    let (pairs, _) = utf16.as_chunks::<2>();
    let units = pairs.iter().map(|pair| match little {
        true => u16::from_le_bytes(*pair),
        false => u16::from_be_bytes(*pair),
    });
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .map_err(|_| {
            Error::new(
                format!("`{file}` is no text: it says that it is UTF-16, and is not"),
                "export the configuration again, or save the file as UTF-8",
            )
        })
}
