//! `trib check --fix`: the certain edits, made in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use trib_compiler::diagnostics::{Fix, edited};
use trib_compiler::{Checked, Sources};
use trib_grammar::{FileId, Span};

use crate::files;
use crate::output::{Failure, counted};
use crate::project;

/// One edit can make room for another, but not for ever.
const ROUNDS: usize = 8;

/// Makes the edits until none is left, and says how many were made.
pub fn fix(
    paths: &[PathBuf],
    sources: &mut Sources,
    checked: &mut Checked,
) -> Result<String, Failure> {
    let mut made = 0;
    let mut touched = BTreeSet::new();
    for _ in 0..ROUNDS {
        let (edits, fixes) = chosen(sources, checked);
        if fixes == 0 {
            break;
        }
        let mended = mended(sources, edits);
        if mended
            .iter()
            .any(|(file, text)| reads_worse(sources, *file, text))
        {
            break;
        }
        for (file, text) in mended {
            let path = sources.get(file).0;
            files::write(Path::new(path), text.as_bytes())?;
            touched.insert(path.to_owned());
        }
        made += fixes;
        (*sources, *checked) = project::check(paths)?;
    }
    let fixes = if made == 1 { "fix" } else { "fixes" };
    Ok(format!(
        "{made} {fixes} made in {}",
        counted(touched.len() as u64, "file")
    ))
}

type Edits<'c> = BTreeMap<FileId, Vec<&'c (Span, String)>>;

/// The fixes that can be made together, in the order of the diagnostics; packs are not ours to edit.
fn chosen<'c>(sources: &Sources, checked: &'c Checked) -> (Edits<'c>, u64) {
    let mut edits = Edits::new();
    let mut fixes = 0;
    for fix in checked
        .diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.fix.as_ref())
    {
        let own = |(span, _): &(Span, String)| !project::is_shipped(sources, span.file);
        if !fix.edits.is_empty() && fix.edits.iter().all(own) && is_free(fix, &edits) {
            for edit in &fix.edits {
                edits.entry(edit.0.file).or_default().push(edit);
            }
            fixes += 1;
        }
    }
    (edits, fixes)
}

fn is_free(fix: &Fix, taken: &Edits<'_>) -> bool {
    let apart = |a: Span, b: Span| a.end < b.start || b.end < a.start;
    fix.edits.iter().all(|(span, _)| {
        let mut others = taken.get(&span.file).into_iter().flatten();
        others.all(|(other, _)| apart(*span, *other))
    })
}

/// The files with their edits made.
fn mended(sources: &Sources, edits: Edits<'_>) -> Vec<(FileId, String)> {
    let edits = edits.into_iter();
    edits
        .map(|(file, edits)| (file, edited(sources.get(file).1, edits)))
        .collect()
}

/// An edit never costs a file its syntax, whatever the rest of the file is like.
fn reads_worse(sources: &Sources, file: FileId, new: &str) -> bool {
    let errors = |text: &str| trib_grammar::parse(file, text).errors.len();
    errors(new) > errors(sources.get(file).1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use trib_compiler::diagnostics::{Diagnostic, codes};

    fn checked(sources: &mut Sources, fixes: Vec<Fix>) -> Checked {
        let mut checked = trib_compiler::check(sources);
        let span = Span::new(FileId(0), 0, 1);
        checked.diagnostics = fixes
            .into_iter()
            .map(|fix| {
                let mut diagnostic = Diagnostic::new(&codes::UNUSED, span, "for the test");
                diagnostic.fix = Some(fix);
                diagnostic
            })
            .collect();
        checked
    }

    fn fix(edits: &[(u32, usize, usize, &str)]) -> Fix {
        let edits = edits.iter();
        let edits = edits.map(|(file, start, end, text)| {
            (Span::new(FileId(*file), *start, *end), (*text).to_owned())
        });
        Fix {
            title: "for the test".to_owned(),
            edits: edits.collect(),
        }
    }

    #[test]
    fn of_fixes_that_overlap_the_first_is_made_and_the_other_left_whole() {
        let mut sources = Sources::default();
        sources.add("a.trib", "let abc = 1\r\nlet def = 2\r\n");
        sources.add("b.trib", "let ghi = 3\r\n");
        let fixes = vec![
            fix(&[(0, 4, 7, "one"), (0, 17, 20, "two")]),
            fix(&[(0, 6, 9, "never"), (1, 4, 7, "never")]),
            fix(&[(1, 10, 11, "4")]),
        ];
        let checked = checked(&mut sources, fixes);
        let (edits, made) = chosen(&sources, &checked);
        assert_eq!(made, 2);
        let mended: Vec<String> = mended(&sources, edits)
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(
            mended,
            ["let one = 1\r\nlet two = 2\r\n", "let ghi = 4\r\n"]
        );
    }

    #[test]
    fn a_pack_that_ships_is_not_edited() {
        let (_, path, text) = trib_compiler::packs::PACKS
            .first()
            .copied()
            .unwrap_or_default();
        let mut sources = Sources::default();
        sources.add(path, text);
        let checked = checked(&mut sources, vec![fix(&[(0, 0, 2, "##")])]);
        assert_eq!(chosen(&sources, &checked).1, 0);
    }

    #[test]
    fn an_edit_that_costs_the_syntax_is_seen() {
        let mut sources = Sources::default();
        let file = sources.add("a.trib", "let abc = 1\nlet = 2\n");
        assert!(reads_worse(&sources, file, "let abc 1\nlet = 2\n"));
        assert!(!reads_worse(&sources, file, "let abc = 3\nlet = 2\n"));
    }
}
