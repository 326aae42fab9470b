//! `trib check`: parse, type-check, analyse. No network.

mod explain;
mod fix;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use trib_compiler::{Checked, Sources};

use crate::diagnostics;
use crate::output::{Exit, Failure, Outcome, note, print, print_document, print_json};
use crate::project;

/// Check rules: syntax, names, types, and what would go wrong when they run.
///
/// Without a PATH, the rules that the configuration names, or else the working directory.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib check rules\n  trib check --format sarif rules > trib.sarif\n  trib check --explain E0203"
)]
pub struct Check {
    /// Files and folders; together they are one program.
    paths: Vec<PathBuf>,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Explain a code instead, such as E0203.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["paths", "fix", "deny_warnings"])]
    explain: Option<String>,
    /// Exit 1 for warnings too.
    #[arg(long)]
    deny_warnings: bool,
    /// Make the edits that are certain, then check again.
    #[arg(long)]
    fix: bool,
}

/// The forms of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For people, with excerpts of the rules.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

impl Check {
    /// Checks, or explains a code.
    pub fn run(&self, config: &Path) -> Outcome {
        if let Some(code) = &self.explain {
            return explain::explain(code, self.format == Format::Json);
        }
        let paths = project::paths(&self.paths, config)?;
        let (mut sources, mut checked) = project::check(&paths)?;
        if self.fix {
            let fixed = fix::fix(&paths, &mut sources, &mut checked)?;
            if self.format == Format::Human {
                note(fixed);
            }
        }
        self.show(&sources, &checked)?;
        let counts = diagnostics::Counts::of(&checked);
        let refused = counts.errors > 0 || (self.deny_warnings && counts.warnings > 0);
        Ok(if refused { Exit::Refused } else { Exit::Fine })
    }

    fn show(&self, sources: &Sources, checked: &Checked) -> Result<(), Failure> {
        match self.format {
            Format::Human => {
                diagnostics::show(&checked.diagnostics, sources);
                note(diagnostics::summary(sources, checked));
                Ok(())
            }
            Format::Json => print_json(&diagnostics::document(sources, checked)),
            Format::Sarif => print_document(&diagnostics::sarif(&checked.diagnostics, sources)),
            Format::Github => print(diagnostics::github(&checked.diagnostics, sources)),
        }
    }
}
