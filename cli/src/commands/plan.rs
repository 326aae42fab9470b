//! `trib plan`: what would be written.

use std::path::{Path, PathBuf};

use clap::Args;
use trib_runtime::error::Error;
use trib_runtime::plan::Plan as Document;

use crate::output::{Exit, Failure, FormatArg, Outcome, note, print, print_document};
use crate::progress::Bars;
use crate::style::Style;
use crate::{engine, files, show};

/// So many objects are shown of each operation and type, unless all are wanted.
const MOST: usize = 30;

/// Import, synchronize, and show what would be written. Writes to no directory.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib plan\n  trib plan --out plan.json && trib apply plan.json"
)]
pub struct Plan {
    /// Keep the plan, for `trib apply FILE`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit 2 if there are changes.
    #[arg(long)]
    detailed_exitcode: bool,
    /// Read the directories as a whole, not just what changed.
    #[arg(long)]
    full: bool,
    /// Show every object.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: FormatArg,
}

impl Plan {
    /// Plans.
    pub fn run(&self, config: &Path) -> Outcome {
        let mut engine = engine::open(config)?;
        engine.begin_run("plan")?;
        let planned = super::runtime()?.block_on(make(&mut engine, self.full));
        engine.end_run(planned.as_ref().map(|plan| (Some(plan), None)), None)?;
        let plan = planned?;
        if let Some(file) = &self.out {
            let text = serde_json::to_vec_pretty(&plan)
                .map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
            files::write(file, &text)?;
        }
        if self.format.json() {
            print_document(&plan)?;
        } else {
            let most = (!self.all).then_some(MOST);
            print(show::plan(
                &plan,
                most,
                show::Rest::Counted,
                Style::stdout(),
            ))?;
            if let Some(file) = &self.out {
                note(format_args!("written to `{}`", file.display()));
            }
        }
        Ok(match () {
            () if plan.guards.iter().any(|guard| guard.tripped) => Exit::Refused,
            () if self.detailed_exitcode && !plan.counts.is_empty() => Exit::Changes,
            () if !plan.errors.is_empty() => Exit::SomeFailed,
            () => Exit::Fine,
        })
    }
}

/// Reads what is new and computes the plan.
pub async fn make(engine: &mut trib_runtime::Engine, full: bool) -> Result<Document, Error> {
    let progress = Bars::new();
    engine.import(full, &progress).await?;
    engine.synchronize(&progress)?;
    engine.plan()
}
