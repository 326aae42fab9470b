//! `trib test`: the `test` declarations.

mod junit;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use trib_runtime::testing::{self, TestResult};

use crate::output::{Exit, FormatArg, Outcome, counted, print, print_json};
use crate::style::Style;
use crate::{diagnostics, files, project};

/// Run the tests in the rules, in memory: no directory is needed.
///
/// Without a PATH, the rules that the configuration names, or else the working directory.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  trib test rules\n  trib test rules --junit results.xml")]
pub struct Test {
    /// Files and folders; together they are one program.
    paths: Vec<PathBuf>,
    /// Write the results as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArg,
}

impl Test {
    /// Runs the tests.
    pub fn run(&self, config: &Path) -> Outcome {
        let (sources, checked) = project::check(&project::paths(&self.paths, config)?)?;
        diagnostics::require_sound(&sources, &checked)?;
        let results = testing::run(&checked, &sources, Path::new(""), "");
        if let Some(file) = &self.junit {
            files::write(file, junit::document(&results)?.as_bytes())?;
        }
        let failed = results.iter().filter(|result| !result.passed).count();
        let passed = results.len() - failed;
        if self.format.json() {
            // Which rules the tests reach is not measured yet.
            print_json(&json!({
                "tests": results,
                "summary": { "passed": passed, "failed": failed },
                "coverage": null,
            }))?;
        } else {
            print(tell(&results, passed, failed))?;
        }
        Ok(if failed > 0 {
            Exit::Refused
        } else {
            Exit::Fine
        })
    }
}

/// The results, one a line; of those that failed, why.
pub fn tell(results: &[TestResult], passed: usize, failed: usize) -> String {
    let style = Style::stdout();
    let mut out = String::new();
    for result in results {
        let at = style.dim(&format!("{}:{}", result.file, result.start.line));
        let word = if result.passed {
            style.good("ok  ")
        } else {
            style.bad("FAIL")
        };
        out.push_str(&format!("{word}  {}  {at}\n", result.name));
        for failure in &result.failures {
            out.push_str(&format!(
                "      expected {}\n      found    {}\n",
                failure.expected, failure.actual
            ));
            let rule = failure
                .rule
                .as_ref()
                .map(|rule| format!("rule \"{rule}\", "));
            let place = format!("{}expected at {}", rule.unwrap_or_default(), failure.at);
            out.push_str(&format!("      {}\n", style.dim(&place)));
        }
    }
    let total = counted(results.len() as u64, "test");
    out.push_str(&format!("{total}: {passed} passed, {failed} failed\n"));
    out
}
