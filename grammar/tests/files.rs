//! Rule files with what is expected of them beside. `BLESS=1 cargo test -p trib-grammar` writes the latter.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

#[allow(dead_code)]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{comments, read, report, tree};
use trib_grammar::format;

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let entries = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "trib"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no rule files in {}", folder.display());
    paths
        .into_iter()
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

fn expect(path: &Path, actual: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, actual).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} expects\n{expected}\nbut is\n{actual}",
        path.display()
    );
}

/// Formatting keeps the tree and the comments, and has nothing to do on its own result.
fn check_format(path: &Path, text: &str) -> String {
    let before = read(text);
    let formatted = format(&before.file, text);
    let after = read(&formatted);
    let name = path.display();
    assert!(
        after.errors.is_empty(),
        "{name} formatted does not parse:\n{}\n{formatted}",
        report(&formatted, &after.errors)
    );
    assert!(
        tree(&before.file) == tree(&after.file),
        "{name} formatted means something else:\n{formatted}"
    );
    assert_eq!(
        comments(&before.file),
        comments(&after.file),
        "{name} formatted lost comments:\n{formatted}"
    );
    assert_eq!(
        format(&after.file, &formatted),
        formatted,
        "{name} formatted twice differs"
    );
    formatted
}

#[test]
fn good_files_parse_and_survive_formatting() {
    for (path, text) in files("ok") {
        let parsed = read(&text);
        assert!(
            parsed.errors.is_empty(),
            "{}\n{}",
            path.display(),
            report(&text, &parsed.errors)
        );
        assert!(
            !parsed.file.declarations.is_empty(),
            "{} declares nothing",
            path.display()
        );
        check_format(&path, &text);
        check_format(&path, &text.replace('\n', "\r\n"));
    }
}

#[test]
fn files_are_formatted_as_expected() {
    for (path, text) in files("format") {
        let parsed = read(&text);
        assert!(
            parsed.errors.is_empty(),
            "{}\n{}",
            path.display(),
            report(&text, &parsed.errors)
        );
        expect(
            &path.with_extension("formatted"),
            &check_format(&path, &text),
        );
    }
}

/// The name of an error file ends in the number of its mistakes.
#[test]
fn mistakes_are_reported_in_words() {
    for (path, text) in files("errors") {
        let errors = read(&text).errors;
        let said = report(&text, &errors);
        expect(&path.with_extension("txt"), &said);
        let stem = path.file_stem().unwrap().to_string_lossy();
        let count = stem
            .rsplit('-')
            .next()
            .and_then(|number| number.parse().ok());
        assert_eq!(count, Some(errors.len()), "{stem} reports\n{said}");
        for error in &errors {
            let plain = !error.message.contains(['\n', '\r']) && !error.message.ends_with('.');
            assert!(
                plain && !error.message.contains("kw_") && !error.message.contains("_clause"),
                "{}",
                error.message
            );
        }
    }
}

/// Good clauses, flows and declarations beside broken ones are kept; a broken value stands as a hole.
#[test]
fn everything_but_the_mistake_still_parses() {
    let broken = "rule \"a\" {\n  from corp.user\n  precedense 100\n  flow {\n    a <- b\n    c <- == d\n    e <- f\n  }\n  link join\n}\nlet x = 1 +\nfn F() -> int = 2\n";
    let parsed = read(broken);
    let tree = tree(&parsed.file);
    assert_eq!(parsed.errors.len(), 3, "{}", report(broken, &parsed.errors));
    for kept in ["\"user\"", "\"f\"", "\"join\"", "\"x\"", "\"F\""] {
        assert!(tree.contains(kept), "{kept} is lost:\n{tree}");
    }
    assert_eq!(
        tree.matches("Bad").count(),
        2,
        "the broken flow and the broken constant:\n{tree}"
    );
}
