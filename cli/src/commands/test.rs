//! `trib test`: the `test` declarations.

mod coverage;
mod junit;
mod lcov;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use trib_runtime::testing::coverage::Coverage;
use trib_runtime::testing::{self, TestResult};

use crate::output::{Exit, Failure, FormatArg, Outcome, counted, note, print, print_json};
use crate::style::Style;
use crate::{diagnostics, files, project};

/// Run the tests in the rules, in memory: no directory is needed.
///
/// Without a PATH, the rules that the configuration names, or else the working directory.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib test rules\n  trib test rules --junit results.xml\n  trib test rules --filter \"new hire\"\n  trib test rules --coverage --lcov coverage.info"
)]
pub struct Test {
    /// Files and folders; together they are one program.
    paths: Vec<PathBuf>,
    /// Write the results as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Run the tests whose name contains this.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    filter: String,
    /// Tell which rules, flows and branches the tests reach, in the files that are given.
    #[arg(long)]
    coverage: bool,
    /// Measure coverage, and write it in the LCOV format too.
    #[arg(long, value_name = "FILE")]
    lcov: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArg,
}

impl Test {
    /// Runs the tests.
    pub fn run(&self, config: &Path) -> Outcome {
        let paths = project::paths(&self.paths, config)?;
        let (results, coverage) = match self.coverage || self.lcov.is_some() {
            true => {
                let (results, coverage) = self.measure(&paths)?;
                (results, Some(coverage))
            }
            false => {
                let (sources, checked) = project::check(&paths)?;
                diagnostics::require_sound(&sources, &checked)?;
                let results = testing::run(&checked, &sources, Path::new(""), &self.filter);
                (results, None)
            }
        };
        if results.is_empty() {
            self.warn_of_nothing(&paths);
        }
        if let Some(file) = &self.junit {
            files::write(file, junit::document(&results)?.as_bytes())?;
        }
        if let (Some(file), Some(coverage)) = (&self.lcov, &coverage) {
            files::write(file, lcov::document(coverage).as_bytes())?;
        }
        let failed = results.iter().filter(|result| !result.passed).count();
        let passed = results.len() - failed;
        if self.format.json() {
            print_json(&json!({
                "tests": results,
                "summary": { "passed": passed, "failed": failed },
                "coverage": coverage,
            }))?;
        } else {
            print(tell(&results, passed, failed))?;
            if let Some(coverage) = coverage.filter(|_| self.coverage) {
                print(coverage::tell(&coverage))?;
            }
        }
        Ok(if failed > 0 {
            Exit::Refused
        } else {
            Exit::Fine
        })
    }

    /// Runs the tests over rules that count what is reached. Packs that `use` brings in are not the
    /// business of these tests.
    fn measure(&self, paths: &[PathBuf]) -> Result<(Vec<TestResult>, Coverage), Failure> {
        let mut sources = project::load(paths)?;
        let files = sources.len();
        let checked = trib_compiler::check_measured(&mut sources);
        diagnostics::require_sound(&sources, &checked.0)?;
        let base = Path::new("");
        let filter = &self.filter;
        Ok(testing::measure(&checked, &sources, files, base, filter))
    }

    /// No test at all is likely a mistake, and not a failure: rules may have none yet.
    fn warn_of_nothing(&self, paths: &[PathBuf]) {
        let paths: Vec<String> = paths
            .iter()
            .map(|path| format!("`{}`", path.display()))
            .collect();
        let which = match self.filter.as_str() {
            "" => String::new(),
            filter => format!(" whose name contains `{filter}`"),
        };
        let style = Style::stderr();
        let message = format!("there is no test{which} in {}", paths.join(", "));
        note(format_args!("{} {message}", style.changed("warning:")));
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
            for (at, line) in failure.because.iter().enumerate() {
                let word = if at == 0 { "because" } else { "" };
                out.push_str(&format!("      {word:<8} {line}\n"));
            }
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
