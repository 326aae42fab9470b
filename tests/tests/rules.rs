//! Rule files with what the compiler says of them: `ok/` is clean and its tests pass, beside every
//! file of `diagnostics/` lies the expected output. `BLESS=1` writes the latter anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use trib_compiler::diagnostics::{Diagnostic, codes, edited, human};
use trib_compiler::{Checked, Sources, check, check_measured};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "trib")
    });
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

fn checked(name: &str, text: &str) -> (Checked, Sources) {
    let mut sources = Sources::default();
    sources.add(name, text);
    let checked = check(&mut sources);
    (checked, sources)
}

fn is_clean_and_passes(name: &str, text: &str) {
    let (checked, sources) = checked(name, text);
    let said = human(&checked.diagnostics, &sources, false);
    let lint = |code: &str| code.starts_with('L');
    assert!(
        checked.diagnostics.iter().all(|found| lint(found.code.id)),
        "{name}:\n{said}"
    );
    for result in trib_runtime::testing::run(&checked, &sources, Path::new("."), "") {
        assert!(
            result.passed,
            "{name}: {}: {:#?}",
            result.name, result.failures
        );
    }
}

#[test]
fn good_files_are_clean_and_their_tests_pass() {
    for path in files("ok") {
        is_clean_and_passes(
            &path.display().to_string(),
            &fs::read_to_string(&path).unwrap(),
        );
    }
}

#[test]
fn shipped_packs_are_clean_and_their_tests_pass() {
    let mut sources = Sources::default();
    for path in files("../rules/entra") {
        sources.add(
            path.display().to_string(),
            fs::read_to_string(&path).unwrap(),
        );
    }
    let checked = check(&mut sources);
    let said = human(&checked.diagnostics, &sources, false);
    assert!(checked.diagnostics.is_empty(), "{said}");
    let results = trib_runtime::testing::run(&checked, &sources, Path::new("."), "");
    assert!(results.len() > 20);
    for result in results {
        assert!(result.passed, "{}: {:#?}", result.name, result.failures);
    }
}

/// Each pack is a program of its own too, and its tests reach all of it.
#[test]
fn tests_of_shipped_packs_reach_every_rule_flow_and_side_of_a_scope() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/entra");
    for pack in [
        "users",
        "groups",
        "contacts",
        "forests",
        "lync",
        "extensions",
    ] {
        let mut sources = Sources::default();
        for path in [format!("{pack}.trib"), format!("{pack}.test.trib")] {
            let text = fs::read_to_string(folder.join(&path)).unwrap();
            sources.add(path, text);
        }
        let checked = check_measured(&mut sources);
        let said = human(&checked.0.diagnostics, &sources, false);
        assert!(checked.0.diagnostics.is_empty(), "{pack}: {said}");
        let (results, coverage) =
            trib_runtime::testing::measure(&checked, &sources, 2, Path::new("."), "");
        assert!(results.iter().all(|result| result.passed), "{pack}");
        let summary = coverage.summary;
        assert!(summary.rules.total >= 2, "{pack}: {summary:?}");
        for share in [summary.rules, summary.flows, summary.branches] {
            assert_eq!(share.reached, share.total, "{pack}: {summary:?}");
        }
    }
}

#[test]
fn a_pack_that_is_used_twice_stands_for_both_forests() {
    let mut sources = Sources::default();
    sources.add(
        "r.trib",
        "use entra.contacts with hr, cloud\nuse entra.contacts with corp, cloud\n\
         connector hr : ad { priority 1 }\nconnector corp : ad { priority 2 }\n\
         connector cloud : entra\n",
    );
    let checked = check(&mut sources);
    let said = human(&checked.diagnostics, &sources, false);
    assert!(checked.diagnostics.is_empty(), "{said}");
    let names: Vec<&str> = checked
        .rules
        .connectors
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["hr", "corp", "cloud"],
        "no connector of the packs' own"
    );
    for name in ["In from AD - Contact Join", "In from AD - User Join"] {
        let rules = checked.rules.rules.iter().filter(|rule| rule.name == name);
        assert_eq!(rules.count(), 2, "{name}");
    }
}

#[test]
fn files_that_use_each_other_hand_their_names_on_and_come_to_an_end() {
    let mut sources = Sources::default();
    let people = "metaverse person {\n  anchor : string  indexed\n}\n\nrule \"In\" {\n  from       hr.user\n  \
                  to         person\n  precedence 1\n  link       provision\n  scope      cn == \"a\"\n  \
                  join       cn == person.anchor\n  flow {\n    anchor <- cn\n  }\n}\n";
    sources.add(
        "main.trib",
        "use \"a.trib\" with corp\n\nconnector corp : ad\n",
    );
    sources.add(
        "a.trib",
        "use \"b.trib\" with staff\n\nconnector staff : ad\n",
    );
    let back = format!("use \"a.trib\" with hr\n\nconnector hr : ad\n\n{people}");
    sources.add("b.trib", back);
    let checked = check(&mut sources);
    let said = human(&checked.diagnostics, &sources, false);
    assert!(checked.is_sound(), "{said}");
    let names: Vec<&str> = checked
        .rules
        .connectors
        .iter()
        .map(|connector| connector.name.as_str())
        .collect();
    assert_eq!(names, ["corp"], "{said}");
    assert_eq!(checked.rules.rules.len(), 1);
}

#[test]
fn rules_in_the_documentation_are_clean_and_their_tests_pass() {
    for (page, least) in [
        ("README.md", 1),
        ("docs/language.md", 10),
        ("docs/writeback.md", 1),
        ("docs/migration.md", 2),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page);
        let text = fs::read_to_string(path).unwrap();
        let snippets = text.split("```trib").skip(1);
        let snippets: Vec<&str> = snippets
            .filter_map(|rest| rest.split_once("```").map(|(snippet, _)| snippet))
            .collect();
        assert!(snippets.len() >= least, "{page}: {}", snippets.len());
        for snippet in snippets {
            is_clean_and_passes(&format!("{page}:\n{snippet}\n"), snippet);
        }
    }
}

#[test]
fn a_failing_test_says_what_was_expected_and_what_there_was() {
    let text = fs::read_to_string(files("ok").first().unwrap()).unwrap();
    let (_, broken) = (
        text.contains("accountEnabled: false"),
        text.replace("accountEnabled: false", "accountEnabled: true"),
    );
    let (checked, sources) = checked("broken.trib", &broken);
    let results = trib_runtime::testing::run(&checked, &sources, Path::new("."), "");
    let failed: Vec<_> = results.iter().filter(|result| !result.passed).collect();
    assert_eq!(failed.len(), 1);
    let failure = failed.first().unwrap().failures.first().unwrap();
    assert!(
        failure.expected.contains("accountEnabled: true"),
        "{failure:?}"
    );
    assert!(
        failure.actual.contains("accountEnabled: false"),
        "{failure:?}"
    );
    assert!(failure.at.starts_with("broken.trib:"), "{failure:?}");
}

#[test]
fn mistakes_are_told_as_expected() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut told = BTreeSet::new();
    let mut wrong = Vec::new();
    for path in files("diagnostics") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (checked, sources) = checked(&name, &fs::read_to_string(&path).unwrap());
        told.extend(
            checked
                .diagnostics
                .iter()
                .map(|diagnostic| diagnostic.code.id),
        );
        let said = human(&checked.diagnostics, &sources, false);
        assert!(!said.is_empty(), "{name} is clean");
        let expected = path.with_extension("txt");
        if bless {
            fs::write(&expected, &said).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != said {
            wrong.push(format!("{name}:\n{said}"));
        }
        let code = name.get(..5).unwrap();
        assert!(
            checked
                .diagnostics
                .iter()
                .any(|diagnostic| diagnostic.code.id == code),
            "{name} does not show its code:\n{said}"
        );
    }
    assert!(
        wrong.is_empty(),
        "BLESS=1 accepts this:\n{}",
        wrong.join("\n")
    );
    let missing: Vec<&str> = codes::ALL
        .iter()
        .map(|code| code.id)
        // Expressions of other products are no rules: their codes are shown in `dialects.rs`.
        .filter(|id| !told.contains(id) && id.get(1..3) != Some("08"))
        .collect();
    assert_eq!(missing, [] as [&str; 0], "codes that no file shows");
}

#[test]
fn every_edit_mends_its_mistake_and_breaks_no_syntax() {
    let mut made = 0;
    let mut wrong = Vec::new();
    for path in files("diagnostics") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let before = checked(&name, &text).0.diagnostics;
        let syntax = |id: &str| id.starts_with("E01");
        for found in &before {
            let Some(fix) = &found.fix else { continue };
            made += 1;
            let (after, sources) = checked(&name, &edited(&text, &fix.edits));
            let same = |all: &[Diagnostic], id: &str| {
                all.iter().filter(|other| other.code.id == id).count()
            };
            let id = found.code.id;
            let mends = same(&after.diagnostics, id) < same(&before, id);
            let unread =
                |all: &[Diagnostic]| all.iter().filter(|other| syntax(other.code.id)).count();
            if !mends || unread(&after.diagnostics) > unread(&before) {
                let said = human(&after.diagnostics, &sources, false);
                wrong.push(format!("{name}, {id}, `{}`:\n{said}", fix.title));
            }
        }
    }
    assert!(made > 20, "{made} edits");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_related_place_in_another_file_is_named() {
    let mut sources = Sources::default();
    sources.add("users.trib", "\nfn Short(text: string) -> string = text\n");
    sources.add("groups.trib", "fn Short(text: string) -> string = text\n");
    let checked = check(&mut sources);
    let said = human(&checked.diagnostics, &sources, false);
    assert!(said.contains("first declared here: users.trib:2"), "{said}");
}
