//! Any text as rules.

use trib_compiler::bundle::Bundle;
use trib_compiler::{Checked, Sources, diagnostics};
use trib_grammar::ast::File;
use trib_grammar::{FileId, Span};

/// Texts longer than this say nothing more and take long.
const LONGEST: usize = 16 << 10;

/// Parsing ends with places inside the text; what parses is formatted to a text of the same meaning,
/// on which formatting has nothing to do.
pub fn parse(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let parsed = trib_grammar::parse(FileId(0), text);
    for error in &parsed.errors {
        inside(error.span, text);
    }
    if !parsed.errors.is_empty() {
        return;
    }
    let formatted = trib_grammar::format(&parsed.file, text);
    let again = trib_grammar::parse(FileId(0), &formatted);
    assert!(
        again.errors.is_empty(),
        "formatted, it does not parse: {:?}\n{formatted}",
        again.errors
    );
    assert_eq!(
        tree(&parsed.file),
        tree(&again.file),
        "formatting changed the meaning"
    );
    assert_eq!(
        trib_grammar::format(&again.file, &formatted),
        formatted,
        "formatting its own result changes it"
    );
}

/// Checking ends; what it says has places inside the texts and can be shown; what is sound compiles
/// to a bundle that is read back as it was.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if text.len() <= LONGEST {
        check_program(&[("a.trib", text)]);
    }
}

/// The same for a shipped pack and its tests, with the data's edits.
pub fn edited(data: &[u8]) {
    let packs = [
        include_str!("../../../rules/entra/users.trib"),
        include_str!("../../../rules/entra/groups.trib"),
        include_str!("../../../rules/entra/contacts.trib"),
        include_str!("../../../rules/entra/forests.trib"),
        include_str!("../../../rules/entra/lync.trib"),
    ];
    let Some((pack, edits)) = data.split_first() else {
        return;
    };
    let Some(pack) = packs.get(usize::from(*pack) % packs.len()) else {
        return;
    };
    let mut text = (*pack).to_owned();
    for edit in edits.split(|byte| *byte == b'\n').take(8) {
        apply(&mut text, edit);
    }
    check_program(&[("pack.trib", &text)]);
}

/// An edit: where (two bytes), how many bytes go, and what comes.
fn apply(text: &mut String, edit: &[u8]) {
    let [high, low, length, inserted @ ..] = edit else {
        return;
    };
    let Ok(inserted) = std::str::from_utf8(inserted) else {
        return;
    };
    let at = usize::from(u16::from_be_bytes([*high, *low])) % (text.len() + 1);
    let start = text.floor_char_boundary(at);
    let end = text.floor_char_boundary((at + usize::from(*length)).min(text.len()));
    text.replace_range(start..end.max(start), inserted);
}

fn check_program(files: &[(&str, &str)]) {
    let mut sources = Sources::default();
    for (path, text) in files {
        sources.add(*path, *text);
    }
    let checked = trib_compiler::check(&mut sources);
    shown(&checked, &sources);
    if let Some(bundle) = Bundle::build(&checked, &sources) {
        let read = Bundle::from_bytes(&bundle.to_bytes());
        assert_eq!(
            read.as_ref(),
            Ok(&bundle),
            "a bundle is read back as it was"
        );
    }
}

fn shown(checked: &Checked, sources: &Sources) {
    for found in &checked.diagnostics {
        let edits = found.fix.iter().flat_map(|fix| &fix.edits);
        let related = found.related.iter().map(|(span, _)| span);
        let spans = related.chain(edits.map(|(span, _)| span));
        for span in spans.chain([&found.span]) {
            inside(*span, sources.get(span.file).1);
        }
    }
    diagnostics::human(&checked.diagnostics, sources, false);
    diagnostics::json(&checked.diagnostics, sources, checked.rules.declared);
}

fn inside(span: Span, text: &str) {
    let range = span.start as usize..span.end as usize;
    assert!(
        text.get(range).is_some(),
        "{span:?} is no part of the text of {} bytes",
        text.len()
    );
}

/// The tree without its places.
fn tree(file: &File) -> String {
    let text = format!("{:#?}", file.declarations);
    let mut lines = text.lines();
    let mut kept = String::new();
    while let Some(line) = lines.next() {
        if line.trim_end().ends_with("Span {") {
            lines.by_ref().take(5).for_each(drop);
        } else {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The shipped rules, and the files of the tests.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for folder in [
        "fuzz/regressions/rules",
        "ok",
        "diagnostics",
        "../rules/entra",
    ] {
        seeds.extend(super::files(folder, "trib"));
    }
    seeds
}

/// Edits of the shipped rules.
pub(super) fn edits() -> Vec<Vec<u8>> {
    let mut edits = super::files("fuzz/regressions/edited", "bin");
    edits.extend(
        [
            &b"\x00\x02\x00\x05 and \n\x05\x00\x10null"[..],
            b"\x01\x04\x00\xff\n\x00\x80\x01(",
            b"\x01\x09\x30\x00if cn is present then\n\x03\x00\x07\"",
        ]
        .map(<[u8]>::to_vec),
    );
    edits
}
