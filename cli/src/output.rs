//! What leaves the program: results on standard output, everything for people on standard error, and
//! the exit code.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

use serde_json::{Map, Value, json};
use trib_runtime::error::{Class, Error};

use crate::style::Style;

/// How a run ended, as the documentation of the command line numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Nothing to object.
    Fine = 0,
    /// The rules or the plan say no.
    Refused = 1,
    /// There are changes, and `--detailed-exitcode` asked.
    Changes = 2,
    /// Finished, and some objects failed.
    SomeFailed = 3,
    /// Wrong usage.
    Usage = 64,
    /// A configuration or input file is wrong.
    Input = 65,
    /// A directory is unreachable or refuses us.
    Directory = 69,
    /// Our own failure.
    Internal = 70,
}

/// What a verb returns.
pub type Outcome = Result<Exit, Failure>;

/// Why a verb could not do its work.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    message: String,
    help: Option<String>,
    details: Option<Box<Map<String, Value>>>,
}

impl Failure {
    /// A failure, in one line: lower case, no final period.
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure {
            exit,
            message: message.into(),
            help: None,
            details: None,
        }
    }

    /// Wrong usage.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message)
    }

    /// A wrong configuration or input file.
    pub fn input(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Input, message)
    }

    /// The same, with what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Failure {
        let help = help.into();
        self.help = (!help.is_empty()).then_some(help);
        self
    }

    /// The same, with more members for the JSON document.
    pub fn details(mut self, document: Value) -> Failure {
        if let Value::Object(members) = document {
            self.details = Some(Box::new(members));
        }
        self
    }

    /// Tells it: on standard error for people, as the one document on standard output for programs.
    pub fn show(&self) {
        if json_wanted() {
            let error = json!({ "message": self.message, "help": self.help });
            let mut document = Map::from_iter([("error".to_owned(), error)]);
            document.extend(self.details.iter().flat_map(|details| (**details).clone()));
            let _ = print_json(&Value::Object(document));
            return;
        }
        let style = Style::stderr();
        note(format_args!("{} {}", style.bad("error:"), self.message));
        if let Some(help) = &self.help {
            for line in help.lines() {
                note(format_args!("  {} {line}", style.dim("help:")));
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let exit = match error.class {
            Class::Configuration => Exit::Input,
            Class::Directory => Exit::Directory,
            Class::Refused => Exit::Refused,
            Class::Internal => Exit::Internal,
        };
        Failure {
            help: error.help,
            ..Failure::new(exit, error.message)
        }
    }
}

/// The form of a verb's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON document on standard output.
    Json,
}

/// The option that chooses the form.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct FormatArg {
    /// The form of the result.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

impl FormatArg {
    /// A program reads the result.
    pub fn json(self) -> bool {
        self.format == Format::Json
    }
}

/// The command line asks for JSON. Needed where it could not be parsed, and for failures.
pub fn json_wanted() -> bool {
    let arguments: Vec<_> = std::env::args_os().collect();
    let pairs = arguments.windows(2);
    let mut split =
        pairs.filter(|pair| matches!(pair, [name, value] if name == "--format" && value == "json"));
    split.next().is_some() || arguments.iter().any(|argument| argument == "--format=json")
}

/// Writes a part of the result to standard output. A reader that went away is not our failure.
pub fn print(text: impl Display) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::new(
            Exit::Internal,
            format!("cannot write to standard output: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Writes the one document of the result.
pub fn print_json(document: &Value) -> Result<(), Failure> {
    print(format_args!("{document:#}\n"))
}

/// Writes a document with a fixed form.
pub fn print_document(document: &impl serde::Serialize) -> Result<(), Failure> {
    let value = serde_json::to_value(document);
    print_json(&value.map_err(|error| Failure::new(Exit::Internal, error.to_string()))?)
}

/// Says something to people.
pub fn note(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// `1 rule`, `2 rules`.
pub fn counted(count: impl Into<u64>, one: &str) -> String {
    let count = count.into();
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}
