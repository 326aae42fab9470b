//! `trib check --fix`: the certain edits, made in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use trib_compiler::diagnostics::Fix;
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
        for (file, edits) in edits {
            let (path, text) = sources.get(file);
            files::write(Path::new(path), apply(text, edits).as_bytes())?;
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

/// Edits do not overlap; they are made from the end, so that offsets stay right.
fn apply(text: &str, mut edits: Vec<&(Span, String)>) -> String {
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = text.to_owned();
    for (span, new) in edits {
        let range = span.start as usize..span.end as usize;
        if text.get(range.clone()).is_some() {
            text.replace_range(range, new);
        }
    }
    text
}
