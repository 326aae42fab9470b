//! The verbs, one file each.

mod apply;
mod build;
mod check;
mod demo;
mod doc;
mod eval;
mod explain;
mod fmt;
mod history;
mod impact;
mod import;
mod plan;
mod sandbox;
mod schema;
mod status;
mod test;
mod verify;

use std::path::Path;

use clap::Subcommand;

pub use plan::make as make_plan;
pub use sandbox::failure as sandbox_failure;

use crate::output::{Exit, Failure, Outcome};

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(demo::Demo),
    Check(check::Check),
    Test(test::Test),
    Fmt(fmt::Fmt),
    Eval(eval::Eval),
    Plan(plan::Plan),
    Apply(apply::Apply),
    Explain(explain::Explain),
    Impact(impact::Impact),
    History(history::History),
    Status(status::Status),
    Schema(schema::Schema),
    Import(import::Import),
    Build(build::Build),
    Verify(verify::Verify),
    Doc(doc::Doc),
    Sandbox(sandbox::Serve),
}

impl Command {
    /// Does it.
    pub fn run(&self, config: &Path) -> Outcome {
        match self {
            Command::Demo(verb) => verb.run(),
            Command::Check(verb) => verb.run(config),
            Command::Test(verb) => verb.run(config),
            Command::Fmt(verb) => verb.run(),
            Command::Eval(verb) => verb.run(),
            Command::Plan(verb) => verb.run(config),
            Command::Apply(verb) => verb.run(config),
            Command::Explain(verb) => verb.run(config),
            Command::Impact(verb) => verb.run(config),
            Command::History(verb) => verb.run(config),
            Command::Status(verb) => verb.run(config),
            Command::Schema(verb) => verb.run(config),
            Command::Import(verb) => verb.run(),
            Command::Build(verb) => verb.run(),
            Command::Verify(verb) => verb.run(),
            Command::Doc(verb) => verb.run(config),
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
