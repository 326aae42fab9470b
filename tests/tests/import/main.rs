//! Configurations of Azure AD Connect become projects: what is in `exports/` and breaks of it, to both
//! targets. `BLESS=1` writes the expected files anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod account;
mod breaks;
mod order;
mod schemas;
mod script;
mod snapshots;
mod stories;

use std::fs;
use std::path::{Path, PathBuf};

use trib_compiler::diagnostics::{Diagnostic, Severity, human};
use trib_compiler::import::aadconnect::{Target, import, read};
use trib_compiler::import::{Imported, Part, RuleReport};
use trib_compiler::{Checked, Sources, check};

const TARGETS: [Target; 2] = [Target::EntraConnect, Target::Graph];

/// An export of `exports/`: paths and texts.
fn export(name: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("exports")
        .join(name);
    let mut files = Vec::new();
    gather(&root, &root, &mut files);
    assert!(!files.is_empty(), "{name}");
    files.sort();
    files
}

fn gather(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    for entry in entries {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn imported(files: &[(String, String)], target: Target) -> Imported {
    let configuration = read(files).unwrap_or_else(|error| panic!("{error}"));
    import(&configuration, target).unwrap_or_else(|error| panic!("{target:?}: {error}"))
}

/// The rules of a project, with more in a file of its own.
fn checked(imported: &Imported, more: &str) -> (Checked, Sources) {
    let mut sources = Sources::default();
    for (path, text) in &imported.files {
        if !path.ends_with(".trib") {
            continue;
        }
        let file = sources.add(path, text);
        for (schema, text) in &imported.files {
            if let Some(name) = schema.strip_prefix("rules/") {
                sources.add_schema(file, name, text);
            }
        }
    }
    sources.add("more.trib", more);
    let checked = check(&mut sources);
    let errors = checked.diagnostics.iter();
    let errors: Vec<Diagnostic> = errors
        .filter(|found| found.severity() == Severity::Error)
        .cloned()
        .collect();
    assert!(errors.is_empty(), "{}", human(&errors, &sources, false));
    (checked, sources)
}

fn rule<'i>(imported: &'i Imported, name: &str) -> &'i RuleReport {
    let mut rules = imported.report.rules.iter();
    let found = rules.find(|rule| rule.rule.as_deref().unwrap_or(&rule.name) == name);
    found.unwrap_or_else(|| panic!("no rule `{name}`"))
}

fn part<'i>(imported: &'i Imported, name: &str, part: &str) -> &'i Part {
    // An attribute may stand in a clause too, which comes before the flows.
    let mut parts = rule(imported, name).parts.iter().rev();
    let found = parts.find(|known| known.name == part);
    found.unwrap_or_else(|| panic!("no part `{part}` in rule `{name}`"))
}
