//! `trib history`: what was run and written.

use std::path::Path;

use clap::Args;
use serde_json::json;
use trib_runtime::config::Config;
use trib_runtime::history;

use crate::output::{Exit, FormatArg, Outcome, print, print_json};
use crate::show;
use crate::style::Style;

/// List the last runs, what one of them wrote, or everything that was written of an object.
///
/// Every write that was sent is there with its outcome and, for each value, the rule and line it comes
/// from. Reads a snapshot and blocks no run. `[history] keep = "90d"` in the configuration says how
/// long runs are kept.
///
/// JSON: {"runs":[RUN…]}, with --run {"run":RUN,"writes":[WRITE…]}, with --object {"writes":[WRITE…]}.
/// RUN: {"run":7,"verb":"plan|apply","rules":HASH,"started":TIME,"ended":TIME|null,
/// "counts":{"planned":…,"written":…,"failed":…,"waiting":…}|null,"approved":HASH|null,"guards":[…],
/// "error":TEXT|null,"requests":3}; a run without an end is under way or was killed.
/// WRITE: {"run":7,"time":TIME,"connector":…,"type":…,"op":"create|update|delete|link_add|link_remove",
/// "anchor":…,"name":…,"source":…,"attributes":[{"name":…,"old":…,"new":…,"rule":…,"at":"file:line"}],
/// "because":…,"code":TEXT|null,"message":TEXT|null}; without a code it succeeded.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib history\n  trib history --run 7\n  trib history --object 'Ann Lee' --format json"
)]
pub struct History {
    /// At most so many runs, or writes of an object.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u64,
    /// What was written of the object with this name, anchor or dn.
    #[arg(long, value_name = "OBJECT", conflicts_with = "run")]
    object: Option<String>,
    /// What this run wrote.
    #[arg(long, value_name = "ID")]
    run: Option<i64>,
    #[command(flatten)]
    format: FormatArg,
}

impl History {
    /// Lists.
    pub fn run(&self, config: &Path) -> Outcome {
        let history = history::History::open(&Config::load(config)?.state)?;
        let style = Style::stdout();
        let (document, text) = match (&self.object, self.run) {
            (Some(object), _) => {
                let writes = history.object(object, self.limit)?;
                (
                    json!({ "writes": writes }),
                    show::writes(&writes, true, style),
                )
            }
            (None, Some(id)) => {
                let (run, writes) = history.run(id)?;
                let mut text = show::runs(std::slice::from_ref(&run), style);
                text.push_str(&show::writes(&writes, false, style));
                (json!({ "run": run, "writes": writes }), text)
            }
            (None, None) => {
                let runs = history.runs(self.limit)?;
                (json!({ "runs": runs }), show::runs(&runs, style))
            }
        };
        match self.format.json() {
            true => print_json(&document)?,
            false => print(text)?,
        }
        Ok(Exit::Fine)
    }
}
