//! `trib impact`: what a change of rules does to the stored directory.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use trib_runtime::config::Config;
use trib_runtime::impact;
use trib_runtime::plan::Op;

use crate::output::{Exit, Failure, Outcome, print, print_json};
use crate::progress::Bars;
use crate::style::Style;
use crate::{engine, show};

/// The form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON document on standard output.
    Json,
    /// For a pull request.
    Markdown,
}

/// Say what other rules would do to the directory as the last `trib plan` or `trib apply` read it.
///
/// Both rule sets are evaluated over copies of the state database, which stays as it is; nothing is
/// read from or written to a directory. Exit 1 where a budget is exceeded.
///
/// JSON: {"counts":{"create":0,"update":0,"delete":0},"groups":[{"connector":…,"type":…,
/// "op":"create|update|delete","count":0,"samples":[CHANGE…]}],"attributes":[{"name":…,"count":0}],
/// "rules":[{"name":…,"count":0}],"errors":[ERROR…],"mended":0,"unread":[…],
/// "budgets":[{"name":…,"limit":0,"would_be":0,"exceeded":false}]}; CHANGE and ERROR as in `trib plan`,
/// `old` under the old rules, `new` under the new ones.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  trib impact rules new-rules\n  trib impact main.bundle rules --max-deletes 5 --format markdown"
)]
pub struct Impact {
    /// The old rules: a folder, a file or a bundle.
    old: PathBuf,
    /// The new rules.
    new: PathBuf,
    /// Exit 1 if more objects than this would be deleted.
    #[arg(long, value_name = "N")]
    max_deletes: Option<u64>,
    /// Exit 1 if more objects than this would be made, changed or deleted.
    #[arg(long, value_name = "N")]
    max_changes: Option<u64>,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

impl Impact {
    /// Compares.
    pub fn run(&self, config: &Path) -> Outcome {
        let config = Config::load(config)?;
        let folder = tempfile::tempdir().map_err(|error| {
            Failure::input(format!("cannot make a folder for the copies: {error}"))
        })?;
        let mut old = engine::over_copy(&config, &self.old, &folder.path().join("old.db"))?;
        let mut new = engine::over_copy(&config, &self.new, &folder.path().join("new.db"))?;
        let impact = impact::Impact::of(&mut old, &mut new, &Bars::new())?;
        let budgets = [
            ("deletes", self.max_deletes, impact.count(Some(Op::Delete))),
            ("changes", self.max_changes, impact.count(None)),
        ];
        let over: Vec<String> = budgets
            .iter()
            .filter_map(|(name, limit, would_be)| {
                let limit = limit.filter(|limit| would_be > limit)?;
                Some(format!("{would_be} {name}, and the budget allows {limit}"))
            })
            .collect();
        match self.format {
            Format::Human => print(show::impact(&impact, &over, Style::stdout()))?,
            Format::Markdown => print(show::impact_markdown(&impact, &over))?,
            Format::Json => print_json(&document(&impact, &budgets)?)?,
        }
        Ok(match over.is_empty() {
            true => Exit::Fine,
            false => Exit::Refused,
        })
    }
}

fn document(
    impact: &impact::Impact,
    budgets: &[(&str, Option<u64>, u64)],
) -> Result<Value, Failure> {
    let counts = json!({
        "create": impact.count(Some(Op::Create)),
        "update": impact.count(Some(Op::Update)),
        "delete": impact.count(Some(Op::Delete)),
    });
    let budgets = budgets.iter().filter_map(|(name, limit, would_be)| {
        let limit = (*limit)?;
        Some(json!({ "name": name, "limit": limit, "would_be": would_be, "exceeded": *would_be > limit }))
    });
    let mut document = serde_json::Map::from_iter([("counts".to_owned(), counts)]);
    match serde_json::to_value(impact) {
        Ok(Value::Object(members)) => document.extend(members),
        Ok(_) => {}
        Err(error) => return Err(Failure::new(Exit::Internal, error.to_string())),
    }
    document.insert("budgets".to_owned(), budgets.collect());
    Ok(Value::Object(document))
}
