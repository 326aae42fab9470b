//! `trib apply`: writes a plan.

use std::path::{Path, PathBuf};

use clap::Args;
use trib_runtime::error::Error;
use trib_runtime::plan::{Applied, ObjectError, Plan};

use crate::output::{Exit, Failure, FormatArg, Outcome, note, print, print_document};
use crate::progress::Bars;
use crate::style::Style;
use crate::{engine, files, show};

/// Write a plan to the directories; without one, plan first.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib apply\n  trib plan --out plan.json && trib apply plan.json"
)]
pub struct Apply {
    /// A plan that `trib plan --out` kept; refused if its inputs have changed since.
    plan: Option<PathBuf>,
    /// Do what a guard stopped, for the plan with this hash only.
    #[arg(long, value_name = "HASH")]
    approve: Option<String>,
    #[command(flatten)]
    format: FormatArg,
}

impl Apply {
    /// Applies.
    pub fn run(&self, config: &Path) -> Outcome {
        let kept = self.plan.as_deref().map(read).transpose()?;
        let mut engine = engine::open(config)?;
        let approve = self.approve.as_deref();
        engine.begin_run("apply")?;
        let result = super::runtime()?.block_on(async {
            let plan = match kept {
                Some(plan) => plan,
                None => super::plan::make(&mut engine, false).await?,
            };
            if !self.format.json() {
                note(format_args!("planned: {}", show::counts(&plan.counts)));
            }
            let mut applied = engine.apply(&plan, approve, &Bars::new()).await?;
            // Objects that could not even be planned have failed too.
            for error in engine.plan()?.errors {
                let same =
                    |known: &ObjectError| known.object == error.object && known.code == error.code;
                if !applied.errors.iter().any(same) {
                    applied.errors.push(error);
                }
            }
            Ok::<_, Error>((plan, applied))
        });
        let ended = result
            .as_ref()
            .map(|(plan, applied)| (Some(plan), Some(applied)));
        engine.end_run(ended, approve)?;
        let (plan, applied) = result?;
        let stopped = stopped(&plan, approve);
        if self.format.json() {
            print_document(&applied)?;
        } else {
            print(tell(&plan, &applied, stopped))?;
        }
        Ok(match () {
            () if stopped => Exit::Refused,
            () if !applied.errors.is_empty() => Exit::SomeFailed,
            () => Exit::Fine,
        })
    }
}

fn read(path: &Path) -> Result<Plan, Failure> {
    serde_json::from_str(&files::read(path)?).map_err(|error| {
        Failure::input(format!("`{}` is no plan: {error}", path.display()))
            .help("`trib plan --out FILE` makes one")
    })
}

/// A guard holds a part of the plan back.
fn stopped(plan: &Plan, approve: Option<&str>) -> bool {
    approve != Some(plan.plan.as_str()) && plan.guards.iter().any(|guard| guard.tripped)
}

/// What was done.
fn tell(plan: &Plan, applied: &Applied, stopped: bool) -> String {
    let style = Style::stdout();
    let mut out = show::errors(&applied.errors, None, style);
    if stopped {
        out.push_str(&show::guards(plan, style));
    }
    out.push_str(&format!(
        "{} {}\n",
        style.strong("Written:"),
        show::counts(&applied.written)
    ));
    for (name, counts) in [("Failed:", &applied.failed), ("Waiting:", &applied.waiting)] {
        if !counts.is_empty() {
            out.push_str(&format!("{} {}\n", style.bad(name), show::counts(counts)));
        }
    }
    out
}
