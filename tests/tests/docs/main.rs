//! The reference in `docs/` says what the tables of the compiler say, and its examples give what it says.
//! `BLESS=1` writes the generated pages and parts anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod diagnostics;
mod functions;
mod packs;
mod parts;
mod schema;

use std::fs;
use std::path::{Path, PathBuf};

use trib_tests::expression::value;

const NOTE: &str =
    "<!-- Written by `BLESS=1 cargo test -p trib-tests --test docs`; edits are lost. -->";

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(name)
}

/// The page is this text, or becomes it.
fn is_current(name: &str, text: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(page(name), text).unwrap();
    }
    let written = fs::read_to_string(page(name)).unwrap_or_default();
    let differs = written.lines().zip(text.lines()).find(|(a, b)| a != b);
    assert!(
        written == text,
        "docs/{name} is out of date; `BLESS=1 cargo test -p trib-tests --test docs` writes it anew: {differs:#?}"
    );
}

#[test]
fn functions_are_all_described() {
    is_current("functions.md", &functions::page());
}

#[test]
fn diagnostics_are_all_listed() {
    is_current("diagnostics.md", &diagnostics::page());
}

#[test]
fn attributes_of_entra_are_all_listed() {
    is_current("schema.md", &schema::page());
}

#[test]
fn default_rules_are_all_accounted_for() {
    is_current("default-rules.md", &packs::page());
}

#[test]
fn parts_of_the_language_page_are_current() {
    let text = fs::read_to_string(page("language.md")).unwrap();
    is_current("language.md", &parts::filled(&text));
}

/// Lines `expression  // value` of `eval` blocks.
#[test]
fn examples_give_what_they_say() {
    let mut wrong = Vec::new();
    for (name, least) in [("functions.md", 150), ("language.md", 30)] {
        let text = fs::read_to_string(page(name)).unwrap();
        let blocks = text.split("```eval\n").skip(1);
        let lines = blocks.flat_map(|rest| rest.split("```").next().unwrap_or_default().lines());
        let lines: Vec<&str> = lines.filter(|line| !line.trim().is_empty()).collect();
        assert!(lines.len() >= least, "{name}: {} examples", lines.len());
        for line in lines {
            let Some((expression, wanted)) = line.rsplit_once("  // ") else {
                wrong.push(format!("{name}: `{line}` does not say what it gives"));
                continue;
            };
            let given = value(expression);
            let right = match wanted.strip_prefix("error: ") {
                Some(message) => given.as_ref().is_err_and(|said| said.contains(message)),
                None => given.is_ok() && given == value(wanted),
            };
            if !right {
                wrong.push(format!(
                    "{name}: {expression} gives {given:?}, not {wanted}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Links to other pages and to headings lead somewhere.
#[test]
fn links_lead_somewhere() {
    let mut pages = vec![page("../README.md"), page("../CONTRIBUTING.md")];
    pages.extend(
        fs::read_dir(page(""))
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    let mut followed = 0;
    let mut dead = Vec::new();
    for path in pages
        .iter()
        .filter(|path| path.extension().is_some_and(|ext| ext == "md"))
    {
        let text = fs::read_to_string(path).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
        {
            let (file, heading) = link.0.split_once('#').unwrap_or((link.0, ""));
            if file.contains("://") {
                continue;
            }
            followed += 1;
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            let found = match heading {
                "" => target.exists(),
                heading => fs::read_to_string(&target).is_ok_and(|text| {
                    let lines = text.lines().filter_map(|line| line.strip_prefix('#'));
                    lines.map(anchor).any(|anchor| anchor == heading)
                }),
            };
            if !found {
                dead.push(format!("{}: {}", path.display(), link.0));
            }
        }
    }
    assert!(followed > 20, "{followed} links");
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
