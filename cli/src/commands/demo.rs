//! `trib demo`: everything once, on a sample forest and a local Entra.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use crate::demo::{self, Project};
use crate::output::{Exit, FormatArg, Outcome, print, print_json};
use crate::style::Style;

/// See it work: a sample forest, the shipped rules and a local Entra; leaves a project to play with.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  trib demo --dir demo")]
pub struct Demo {
    /// The folder of the project; new or empty.
    #[arg(long, value_name = "DIR", default_value = "demo")]
    dir: PathBuf,
    #[command(flatten)]
    format: FormatArg,
}

impl Demo {
    /// Makes the project and goes through it.
    pub fn run(&self) -> Outcome {
        Project::enter(&self.dir)?;
        super::runtime()?.block_on(self.go())
    }

    async fn go(&self) -> Outcome {
        let project = Project::start().await?;
        let command = project.sandbox_command();
        let told = demo::tour(&project, !self.format.json()).await;
        project.sandbox.stop().await;
        let mut document = told?;
        match &mut document {
            Value::Object(members) if self.format.json() => {
                members.insert("dir".to_owned(), self.dir.display().to_string().into());
                members.insert("sandbox".to_owned(), command.into());
                print_json(&document)?;
            }
            _ => print(farewell(&self.dir, &command))?,
        }
        Ok(Exit::Fine)
    }
}

/// What to try next; every line works as it stands.
fn farewell(folder: &Path, sandbox: &str) -> String {
    let head = Style::stdout().strong("Now play with it:");
    let folder = folder.display();
    format!(
        "\n{head}
  cd {folder}
  {sandbox} &
  trib plan                      # nothing to do yet
  sed -i.bak 's/^department: Sales$/department: Sales and Marketing/' forest.ldif
  trib plan                      # what that changes, and why
  trib apply
  trib explain margarethe.ahlstrom@contoso.com
The rules are in {folder}/rules, the configuration is {folder}/trib.toml.
"
    )
}
