//! `trib verify`: whether a bundle is whole.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use trib_compiler::bundle::Bundle;

use crate::files;
use crate::output::{Exit, Failure, FormatArg, Outcome, counted, print, print_json};

/// Check that a bundle is whole, and say what it holds.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  trib verify rules.bundle")]
pub struct Verify {
    /// The bundle.
    file: PathBuf,
    #[command(flatten)]
    format: FormatArg,
}

impl Verify {
    /// Reads the bundle.
    pub fn run(&self) -> Outcome {
        let file = self.file.display();
        let bundle = Bundle::from_bytes(&files::read_bytes(&self.file)?)
            .map_err(|error| Failure::input(format!("`{file}`: {error}")))?;
        let (inbound, outbound) = (bundle.rules.inbound.len(), bundle.rules.outbound.len());
        if self.format.json() {
            print_json(&json!({
                "bundle": file.to_string(),
                "hash": bundle.hash,
                "compiler": bundle.compiler,
                "inbound": inbound,
                "outbound": outbound,
            }))?;
        } else {
            print(format_args!(
                "`{file}` is whole: {} in, {} out, hash {}, made by trib {}\n",
                counted(inbound as u64, "rule"),
                counted(outbound as u64, "rule"),
                bundle.hash,
                bundle.compiler,
            ))?;
        }
        Ok(Exit::Fine)
    }
}
