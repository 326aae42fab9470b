//! What `use` brings in, and the names that its connectors get.

use std::collections::{BTreeSet, HashSet};

use trib_grammar::ast::{self, Declaration, UseSource};
use trib_grammar::{FileId, Parsed};

use super::{Names, list};
use crate::diagnostics::{Diagnostic, codes, nearest};
use crate::packs::PACKS;
use crate::sources::Sources;

/// Adds the pack that a `use` names to the sources.
pub(super) fn bring_in(
    used: &ast::Use,
    sources: &mut Sources,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let UseSource::Pack(name) = &used.source else {
        return;
    };
    let Some((_, path, text)) = PACKS.iter().find(|(pack, ..)| *pack == name.text) else {
        let mut diagnostic = Diagnostic::new(
            &codes::UNKNOWN_PACK,
            name.span,
            format!("no rule pack `{}` ships with the compiler", name.text),
        );
        let packs = PACKS.iter().map(|(pack, ..)| *pack);
        diagnostic = match nearest(&name.text, packs.clone()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(
                format!("use `{near}`"),
                name.span,
                near,
            ),
            None => diagnostic.help(format!("there are {}", list(packs))),
        };
        diagnostics.push(diagnostic);
        names.incomplete = true;
        return;
    };
    let known = sources
        .files()
        .find(|(_, _, known)| known == text)
        .map(|(file, ..)| file);
    if known.is_none() {
        let file = sources.add(*path, *text);
        names.packs.insert(file);
    }
}

/// Gives the connectors of packs the names that `use … with …` says.
pub(super) fn bind(
    parsed: &[Parsed],
    sources: &Sources,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let uses = parsed.iter().flat_map(|unit| {
        unit.file
            .declarations
            .iter()
            .filter_map(|declaration| match declaration {
                Declaration::Use(used) => Some((unit.file.id, used)),
                _ => None,
            })
    });
    let mut bound = Vec::new();
    for (file, used) in uses {
        let files: Vec<&Parsed> = parsed
            .iter()
            .filter(|unit| {
                let (path, text) = sources.get(unit.file.id);
                match &used.source {
                    UseSource::Pack(name) => PACKS
                        .iter()
                        .any(|(pack, _, known)| *pack == name.text && *known == text),
                    UseSource::Path(folder) => {
                        let parent = sources.get(file).0.rsplit_once('/').map_or("", |(p, _)| p);
                        let used = join_path(parent, &folder.value);
                        let below = path.strip_prefix(used.as_str());
                        unit.file.id != file
                            && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    }
                }
            })
            .collect();
        if let UseSource::Path(_) = used.source {
            names.packs.extend(files.iter().map(|unit| unit.file.id));
        }
        let declared = files.iter().flat_map(|unit| {
            unit.file
                .declarations
                .iter()
                .filter_map(|declaration| match declaration {
                    Declaration::Connector(connector) => Some(connector.name.text.clone()),
                    _ => None,
                })
        });
        let declared: Vec<String> = declared.collect();
        if let Some(extra) = used.with.get(declared.len()) {
            diagnostics.push(
                Diagnostic::new(
                    &codes::UNKNOWN_CONNECTOR,
                    extra.span,
                    format!("the pack has only {} connectors", declared.len()),
                )
                .help(format!(
                    "it declares {}",
                    list(declared.iter().map(String::as_str))
                )),
            );
        }
        for (at, declared) in declared.into_iter().enumerate() {
            let ours = used.with.get(at).map(|name| (file, name.text.clone()));
            for unit in &files {
                bound.push((unit.file.id, declared.clone(), ours.clone()));
            }
        }
    }
    follow(&bound, names);
}

/// A name in a brought-in file, and the name that the file with the `use` gives it, if any.
type Bound = (FileId, String, Option<(FileId, String)>);

/// A pack may use a pack and hand on the names that were given to it: names are followed from the files
/// that nobody uses until nothing is new, and then into files that use each other.
fn follow(bound: &[Bound], names: &mut Names) {
    let used: HashSet<FileId> = bound.iter().map(|(file, ..)| *file).collect();
    for from_outside in [true, false] {
        while hand_on(bound, names, |by, names| {
            from_outside && used.contains(by) && !names.bindings.contains_key(by)
        }) {}
    }
}

/// Hands names on, save by files that have to wait; true if one was new.
fn hand_on(bound: &[Bound], names: &mut Names, waits: impl Fn(&FileId, &Names) -> bool) -> bool {
    let mut grew = false;
    for (file, word, ours) in bound {
        let found = match ours {
            Some((by, _)) if waits(by, names) => continue,
            Some((by, name)) => names.bound(*by, name),
            None => BTreeSet::from([word.clone()]),
        };
        let known = names.bindings.entry(*file).or_default();
        let known = known.entry(word.clone()).or_default();
        let before = known.len();
        known.extend(found);
        grew |= known.len() > before;
    }
    grew
}

/// Joins a relative path to a folder, resolving `.` and `..` as far as they go.
fn join_path(parent: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = parent.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if parent.starts_with('/') {
        format!("/{joined}")
    } else {
        joined
    }
}
