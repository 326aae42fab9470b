//! `trib status`: how things stand.

use std::path::Path;

use clap::Args;
use trib_runtime::config::Config;
use trib_runtime::history::History;

use crate::output::{Exit, FormatArg, Outcome, print, print_document};
use crate::show;
use crate::style::Style;

/// Say how things stand: the last run, what waits, which objects have errors, when the directories
/// were read.
///
/// Reads a snapshot and blocks no run. Exit 1 if the last run tripped a guard, 3 if objects have errors.
///
/// JSON: {"last_run":RUN|null,"pending":COUNTS,"guards":[…],"errors":[{"connector":…,"object":…,
/// "code":…,"message":…,"rule":…,"at":…,"attempts":2,"first_seen":TIME,"last_seen":TIME,
/// "next_try":TIME|null}],"connectors":[{"connector":…,"read_at":TIME|null,"age":SECONDS|null,
/// "complete":true}]}; RUN as in `trib history`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  trib status\n  trib status --format json")]
pub struct Status {
    #[command(flatten)]
    format: FormatArg,
}

impl Status {
    /// Tells.
    pub fn run(&self, config: &Path) -> Outcome {
        let status = History::open(&Config::load(config)?.state)?.status()?;
        match self.format.json() {
            true => print_document(&status)?,
            false => print(show::status(&status, Style::stdout()))?,
        }
        Ok(match () {
            () if !status.guards.is_empty() => Exit::Refused,
            () if !status.errors.is_empty() => Exit::SomeFailed,
            () => Exit::Fine,
        })
    }
}
