//! The verbs, one file each.

mod build;
mod check;
mod fmt;
mod sandbox;
mod verify;

use std::path::Path;

use clap::Subcommand;

use crate::output::{Exit, Failure, Outcome};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Check(check::Check),
    Fmt(fmt::Fmt),
    Build(build::Build),
    Verify(verify::Verify),
    Sandbox(sandbox::Serve),
}

impl Command {
    /// Does it.
    pub fn run(&self, config: &Path) -> Outcome {
        match self {
            Command::Check(verb) => verb.run(config),
            Command::Fmt(verb) => verb.run(),
            Command::Build(verb) => verb.run(),
            Command::Verify(verb) => verb.run(),
            Command::Sandbox(verb) => verb.run(),
        }
    }
}

/// What runs tasks.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    built.map_err(|error| Failure::new(Exit::Internal, format!("cannot start threads: {error}")))
}
