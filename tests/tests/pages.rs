//! The page of every code: its broken programs give that code and nothing else, its mended ones nothing.
//! On pages of values the programs have tests that expect the failure, or are single expressions.
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

use bumpalo::Bump;
use trib_compiler::diagnostics::{Code, Diagnostic, Severity, codes, edited, human};
use trib_compiler::dialect::{Dialect, Surroundings, translate};
use trib_compiler::{Checked, Sources, check, check_expression};
use trib_grammar::FileId;
use trib_runtime::eval::{Env, Frame, Layout, Linker, Object};
use trib_runtime::object::Row;

/// Described in its page and made here, since no page could show it.
const TOO_LARGE: &str = "E0104";
/// Described only: they take rules that no checker has seen, and a broken machine.
const DESCRIBED: [&str; 2] = ["V0106", "V0107"];

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

/// The sections below the prose: their headings, the languages of their blocks and the blocks.
fn sections(page: &str) -> Vec<(&str, &str, &str)> {
    let sections = page.split("\n## ").skip(1).map(|section| {
        let (heading, body) = section.split_once('\n').unwrap();
        let Some((_, fenced)) = body.split_once("```") else {
            return (heading, "", "");
        };
        let (block, rest) = fenced.split_once("```").expect("a block that ends");
        assert!(
            !rest.contains("```"),
            "one block below a heading:\n{section}"
        );
        let (language, block) = block.split_once('\n').unwrap();
        (heading, language, block)
    });
    sections.collect()
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
        let mended = edited(program, &fix.edits);
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

/// Runs the tests of a program; those of a broken one expect the failure.
fn tells(code: &Code, heading: &str, program: &str) {
    is_clean_and_canonical(code, program);
    let (checked, sources) = checked(program);
    let expects = program.contains(&format!("expect error \"{}\"", code.id));
    assert_eq!(expects, heading == "Broken", "{}:\n{program}", code.id);
    let results = trib_runtime::testing::run(&checked, &sources, Path::new("."), "");
    assert!(!results.is_empty(), "{} has no test", code.id);
    for result in results {
        assert!(result.passed, "{}: {:#?}", code.id, result.failures);
    }
}

/// The code of the failure of an expression, if it fails.
fn failure(expression: &str) -> Option<&'static str> {
    let mut sources = Sources::default();
    let file = sources.add("expression", "");
    let (parsed, errors) = trib_grammar::parse_expression(file, expression);
    assert!(errors.is_empty(), "{expression}: {errors:?}");
    let (evaluable, found) = check_expression(&mut sources, file, &parsed.unwrap(), None);
    let is_lint = |found: &Diagnostic| found.severity() == Severity::Lint;
    assert!(found.iter().all(is_lint), "{expression}: {found:?}");
    let evaluable = evaluable.unwrap();
    let layout = Layout::default();
    let node = Linker { layout: &layout }
        .link(&evaluable.typed.expr)
        .unwrap();
    let bump = Bump::new();
    let env = Env {
        object: Object::of(Row::default(), ""),
        bump: &bump,
        now: 0,
        parameters: &[None],
        scripts: &[],
        counts: None,
        due: None,
    };
    let value = env.eval(&node, &mut Frame::default());
    value.err().map(|failure| failure.code)
}

/// What is said of the translation of an expression of Azure AD Connect.
fn translation(text: &str) -> Vec<&'static str> {
    let surroundings = Surroundings {
        attribute: &|_| None,
        flow: true,
    };
    let said = match translate(Dialect::Connect, FileId(0), text, &surroundings) {
        Ok(translated) => translated.notes,
        Err(errors) => errors,
    };
    said.iter().map(|found| found.code.id).collect()
}

#[test]
fn every_page_shows_its_mistake_and_how_to_mend_it() {
    for code in codes::explained() {
        let sections = sections(code.page);
        let headings: Vec<&str> = sections.iter().map(|(heading, ..)| *heading).collect();
        assert!(!headings.is_empty(), "{} shows nothing", code.id);
        for pair in headings.chunks(2) {
            assert_eq!(pair, ["Broken", "Fixed"], "{}", code.id);
        }
        let is_value = code.id.starts_with('V');
        for (heading, language, block) in sections {
            match (heading, language) {
                ("Broken", "") if code.id == TOO_LARGE => breaks(code, &too_large()),
                (_, "") => assert!(DESCRIBED.contains(&code.id), "{} shows nothing", code.id),
                (_, "trib-eval") => {
                    let wanted = (heading == "Broken").then_some(code.id);
                    assert_eq!(failure(block), wanted, "{block}");
                }
                (_, "connect") => {
                    let wanted: &[&str] = match heading {
                        "Broken" => &[code.id],
                        _ => &[],
                    };
                    assert_eq!(translation(block), wanted, "{block}");
                }
                (heading, "trib") if is_value => tells(code, heading, block),
                ("Broken", "trib") => breaks(code, block),
                ("Fixed", "trib") => is_clean_and_canonical(code, block),
                _ => panic!("{}: a block of `{language}`", code.id),
            }
        }
    }
}

#[test]
fn every_page_belongs_to_a_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compiler/src/diagnostics/pages");
    let pages: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let codes: BTreeSet<String> = codes::explained()
        .map(|code| format!("{}.md", code.id))
        .collect();
    assert_eq!(pages, codes);
}

#[test]
fn pages_read_well_in_a_terminal() {
    for code in codes::explained() {
        let prose = code.page.split("\n## ").next().unwrap();
        let lines = prose.lines().count();
        assert!((2..=24).contains(&lines), "{}: {lines} lines", code.id);
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
