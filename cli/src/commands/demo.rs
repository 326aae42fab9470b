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
    /// The folder of the project; new or empty. Without it: demo, or demo-2, demo-3, … where that is taken.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArg,
}

impl Demo {
    /// Makes the project and goes through it.
    pub fn run(&self) -> Outcome {
        let folder = self.dir.clone().unwrap_or_else(free_folder);
        // The folder becomes the working directory: the name of the program is found before.
        let program = program();
        Project::enter(&folder)?;
        super::runtime()?.block_on(self.go(&folder, &program))
    }

    async fn go(&self, folder: &Path, program: &str) -> Outcome {
        let project = Project::start().await?;
        let command = project.sandbox_command();
        let told = demo::tour(&project, !self.format.json()).await;
        project.sandbox.stop().await;
        let mut document = told?;
        match &mut document {
            Value::Object(members) if self.format.json() => {
                members.insert("dir".to_owned(), folder.display().to_string().into());
                members.insert("sandbox".to_owned(), command.into());
                print_json(&document)?;
            }
            _ => print(farewell(folder, program, &command))?,
        }
        Ok(Exit::Fine)
    }
}

/// The first of `demo`, `demo-2`, `demo-3`, … that is not there yet.
fn free_folder() -> PathBuf {
    let names = (2..).map(|number| PathBuf::from(format!("demo-{number}")));
    let mut names = std::iter::once(PathBuf::from("demo")).chain(names);
    names.find(|name| !name.exists()).unwrap_or_default()
}

/// How a shell calls this program: by its name where the search path has it, else by its path.
fn program() -> String {
    let own = std::env::current_exe().unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let known = std::env::split_paths(&path).any(|folder| folder.join("trib").is_file());
    match own.display().to_string() {
        own if known || own.is_empty() => "trib".to_owned(),
        own if own.contains(' ') => format!("'{own}'"),
        own => own,
    }
}

/// What to try next; every line works as it stands.
fn farewell(folder: &Path, program: &str, sandbox: &str) -> String {
    let sandbox = sandbox.strip_prefix("trib").unwrap_or(sandbox);
    let head = Style::stdout().strong("Now play with it:");
    let folder = folder.display().to_string();
    let folder = if folder.contains(' ') {
        format!("'{folder}'")
    } else {
        folder
    };
    format!(
        "\n{head}
  cd {folder}
  {program}{sandbox} &
  {program} plan                      # nothing to do yet
  sed -i.bak 's/^department: Sales$/department: Sales and Marketing/' forest.ldif
  {program} plan                      # what that changes, and why
  {program} apply
  {program} explain margarethe.ahlstrom@contoso.com
The rules are in {folder}/rules, the configuration is {folder}/trib.toml.
"
    )
}
