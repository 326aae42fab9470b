//! The page of every code: its broken programs give that code and nothing else, its mended ones nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use trib_compiler::diagnostics::{Code, Fix, codes, human};
use trib_compiler::{Checked, Sources, check};
use trib_grammar::FileId;

/// Mistakes that are described in their page and made here, since no page could show them.
const DESCRIBED: [&str; 1] = ["E0104"];

fn too_large() -> String {
    format!(
        "let company = {}\"Contoso\"{}\n",
        "(".repeat(300),
        ")".repeat(300)
    )
}

fn checked(text: &str) -> (Checked, Sources) {
    let mut sources = Sources::default();
    sources.add("page.trib", text);
    let checked = check(&mut sources);
    (checked, sources)
}

/// The programs below `## Broken` and `## Fixed`, in turn.
fn programs(page: &str) -> Vec<(&str, &str)> {
    let mut programs = Vec::new();
    for section in page.split("\n## ").skip(1) {
        let (heading, body) = section.split_once('\n').unwrap();
        let program = body.split_once("```trib\n").map_or("", |(_, rest)| {
            rest.split_once("```").expect("a block that ends").0
        });
        programs.push((heading, program));
    }
    programs
}

fn edited(text: &str, fix: &Fix) -> String {
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = text.to_owned();
    for (span, new) in edits {
        text.replace_range(span.start as usize..span.end as usize, &new);
    }
    text
}

fn breaks(code: &Code, program: &str) {
    let (checked, sources) = checked(program);
    let said = human(&checked.diagnostics, &sources, false);
    let found: Vec<&str> = checked
        .diagnostics
        .iter()
        .map(|found| found.code.id)
        .collect();
    assert_eq!(found, [code.id], "{}, broken:\n{program}\n{said}", code.id);
    if let Some(fix) = &checked.diagnostics[0].fix {
        let mended = edited(program, fix);
        let (checked, sources) = self::checked(&mended);
        let said = human(&checked.diagnostics, &sources, false);
        let left = checked
            .diagnostics
            .iter()
            .any(|found| found.code.id == code.id);
        assert!(!left, "{}, `{}`:\n{mended}\n{said}", code.id, fix.title);
    }
}

fn is_clean_and_canonical(code: &Code, program: &str) {
    let (checked, sources) = checked(program);
    let said = human(&checked.diagnostics, &sources, false);
    assert!(
        checked.diagnostics.is_empty(),
        "{}, fixed:\n{program}\n{said}",
        code.id
    );
    let canonical = trib_grammar::format(&trib_grammar::parse(FileId(0), program).file, program);
    assert_eq!(program, canonical, "{}", code.id);
}

#[test]
fn every_page_shows_its_mistake_and_how_to_mend_it() {
    for code in codes::ALL {
        let programs = programs(code.page);
        assert!(!programs.is_empty(), "{} has no programs", code.id);
        for (at, (heading, program)) in programs.iter().enumerate() {
            let described = DESCRIBED.contains(&code.id);
            assert_eq!(*heading, ["Broken", "Fixed"][at % 2], "{}", code.id);
            match *heading {
                "Broken" if described => breaks(code, &too_large()),
                "Broken" => breaks(code, program),
                _ => is_clean_and_canonical(code, program),
            }
        }
        assert_eq!(programs.len() % 2, 0, "{} ends broken", code.id);
    }
}

#[test]
fn every_page_belongs_to_a_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compiler/src/diagnostics/pages");
    let pages: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let codes: BTreeSet<String> = codes::ALL
        .iter()
        .map(|code| format!("{}.md", code.id))
        .collect();
    assert_eq!(pages, codes);
}

#[test]
fn pages_read_well_in_a_terminal() {
    for code in codes::ALL {
        let prose = code.page.split("\n## ").next().unwrap();
        let lines = prose.lines().count();
        assert!((4..=24).contains(&lines), "{}: {lines} lines", code.id);
        assert!(
            code.summary().ends_with(['.', ':']),
            "{}: {}",
            code.id,
            code.summary()
        );
        for line in code.page.lines() {
            assert!(line.chars().count() <= 100, "{}: {line}", code.id);
        }
    }
}
