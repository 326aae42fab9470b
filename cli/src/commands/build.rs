//! `trib build`: rules become a bundle.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use trib_compiler::bundle::Bundle;

use crate::output::{Exit, Failure, FormatArg, Outcome, counted, note, print_json};
use crate::{diagnostics, files, project};

/// Compile rules to a bundle: one file that runs without the rule texts.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  trib build rules -o rules.bundle")]
pub struct Build {
    /// Files and folders; together they are one program.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The bundle.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    format: FormatArg,
}

impl Build {
    /// Compiles and writes.
    pub fn run(&self) -> Outcome {
        let (sources, checked) = project::check(&self.paths)?;
        diagnostics::require_sound(&sources, &checked)?;
        let Some(rules) = trib_compiler::compile(&checked, &sources) else {
            return Err(Failure::new(
                Exit::Internal,
                "rules without errors did not compile",
            ));
        };
        let bundle = Bundle::new(rules);
        files::write(&self.output, &bundle.to_bytes())?;
        let file = self.output.display();
        if self.format.json() {
            print_json(&json!({
                "bundle": file.to_string(),
                "hash": bundle.hash,
                "compiler": bundle.compiler,
                "rules": checked.rules.declared,
            }))?;
        } else {
            let rules = counted(checked.rules.declared as u64, "rule");
            note(format_args!(
                "{rules} written to `{file}`, hash {}",
                bundle.hash
            ));
        }
        Ok(Exit::Fine)
    }
}
