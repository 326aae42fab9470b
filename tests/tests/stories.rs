//! What `trib test` says of stories: every file of `stories/` has tests, those whose names begin with
//! `fails:` fail, and beside the file lies what they say. `BLESS=1` writes that anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use trib_compiler::diagnostics::{Severity, human};
use trib_compiler::{Sources, check, check_measured, lower};
use trib_runtime::testing::{self, TestResult};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("stories")
}

fn stories() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".trib")).collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

fn run(name: &str) -> Vec<TestResult> {
    let mut sources = Sources::default();
    sources.add(name, fs::read_to_string(folder().join(name)).unwrap());
    let checked = check(&mut sources);
    let errors = checked.diagnostics.iter();
    let errors: Vec<_> = errors
        .filter(|found| found.severity() != Severity::Lint)
        .cloned()
        .collect();
    assert!(errors.is_empty(), "{}", human(&errors, &sources, false));
    testing::run(&checked, &sources, &folder(), "")
}

/// What the failures say, one after the other.
fn told(results: &[TestResult]) -> String {
    let mut out = String::new();
    for result in results.iter().filter(|result| !result.passed) {
        writeln!(out, "{}", result.name).unwrap();
        for failure in &result.failures {
            writeln!(out, "  expected {}", failure.expected).unwrap();
            writeln!(out, "  actual   {}", failure.actual).unwrap();
            writeln!(out, "  rule     {:?} at {}", failure.rule, failure.at).unwrap();
            for line in &failure.because {
                writeln!(out, "  because  {line}").unwrap();
            }
        }
    }
    out.replace(&format!("{}/", folder().display()), "")
}

#[test]
fn stories_end_as_their_names_say() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for name in stories() {
        let results = run(&name);
        for result in &results {
            if result.passed == result.name.starts_with("fails:") {
                wrong.push(format!("{name}: {}\n{:#?}", result.name, result.failures));
            }
        }
        let said = told(&results);
        let expected = folder().join(&name).with_extension("txt");
        let before = fs::read_to_string(&expected).unwrap_or_default();
        if bless && said != before {
            fs::write(&expected, &said).unwrap();
        } else if said != before {
            wrong.push(format!("{name} says\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_failure_fits_a_screen() {
    for name in stories() {
        for result in run(&name) {
            for failure in &result.failures {
                assert!(failure.because.len() <= 12, "{failure:#?}");
            }
        }
    }
}

#[test]
fn a_filter_picks_tests_by_name() {
    let mut sources = Sources::default();
    let text = "test \"one apple\" {} test \"two pears\" {}";
    sources.add("t.trib", text);
    let checked = check(&mut sources);
    let names = |filter: &str| -> Vec<String> {
        let results = testing::run(&checked, &sources, Path::new(""), filter);
        results.into_iter().map(|result| result.name).collect()
    };
    assert_eq!(names("pear"), ["two pears"]);
    assert_eq!(names("").len(), 2);
    assert!(names("plum").is_empty());
}

/// Rules without their probes. A `??` in a `??` is one in rules that are not measured.
fn stripped(value: Json) -> Json {
    match value {
        Json::Array(items) => items.into_iter().map(stripped).collect(),
        Json::Object(mut members) => {
            if let Some(probe) = members.get_mut("probe") {
                return stripped(probe["value"].take());
            }
            let members = members.into_iter().map(|(name, value)| {
                let value = stripped(value);
                match value {
                    Json::Array(parts) if name == "coalesce" => {
                        let flat = parts.into_iter().flat_map(|mut part| {
                            match part.get_mut("coalesce").map(Json::take) {
                                Some(Json::Array(inner)) => inner,
                                _ => vec![part],
                            }
                        });
                        (name, flat.collect())
                    }
                    value => (name, value),
                }
            });
            Json::Object(members.collect())
        }
        other => other,
    }
}

#[test]
fn probes_stand_in_measured_rules_only_and_change_nothing() {
    let mut all = 0;
    let own = stories().into_iter().map(|name| folder().join(name));
    let packs = ["users", "groups", "contacts", "forests", "lync"];
    let packs = packs.map(|name| folder().join(format!("../../rules/entra/{name}.trib")));
    for path in own.chain(packs) {
        let name = path.display().to_string();
        let mut sources = Sources::default();
        sources.add("r.trib", fs::read_to_string(&path).unwrap());
        let plain = lower(&check(&mut sources).rules, &sources);
        let plain = serde_json::to_value(plain).unwrap();
        assert!(!plain.to_string().contains("\"probe\""), "{name}");
        let (checked, points) = check_measured(&mut sources);
        let measured = serde_json::to_value(lower(&checked.rules, &sources)).unwrap();
        assert!(measured.to_string().contains("\"probe\""), "{name}");
        assert_eq!(stripped(measured), plain, "{name}");
        all += points.len();
    }
    assert!(all > 80, "{all} points");
}
