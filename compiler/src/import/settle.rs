//! A draft that the checker accepts: what it refuses is mended where that is certain, and left out otherwise.

use std::collections::BTreeMap;
use std::ops::Range;

use super::draft::Draft;
use super::write::{Piece, Plain, plain};
use super::{Error, Imported, write};
use crate::check;
use crate::diagnostics::{Diagnostic, Severity, codes, edited};
use crate::sources::Sources;

/// Passes after which something is wrong with us: each one mends or removes what was refused.
const MOST: usize = 50;

/// Makes the files of a draft and the report on it.
pub(super) fn settle(mut draft: Draft) -> Result<Imported, Error> {
    for _ in 0..MOST {
        let mut plain = plain(&draft);
        let refused: Vec<Diagnostic> = check(&mut plain.sources)
            .diagnostics
            .into_iter()
            .filter(|found| found.severity() == Severity::Error)
            .collect();
        if refused.is_empty() && !clear(&mut draft) {
            return written(&draft);
        }
        if refused.is_empty() {
            continue;
        }
        if !mend(&mut draft, &plain, &refused) {
            let first = refused.first().map_or("", |found| found.message.as_str());
            return Err(defect(first));
        }
    }
    Err(defect("mending its rules does not end"))
}

/// The files that people get are checked too: what they say has to be what was checked.
fn written(draft: &Draft) -> Result<Imported, Error> {
    let report = draft.report();
    let mut files = write::files_of(draft);
    let mut sources = Sources::default();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".trib")) {
        let file = sources.add(path, text.as_str());
        for (path, text) in files.iter() {
            if let Some(name) = path.strip_prefix("rules/") {
                sources.add_schema(file, name, text.as_str());
            }
        }
    }
    let checked = check(&mut sources);
    let mut refused = checked.diagnostics.iter();
    if let Some(found) = refused.find(|found| found.severity() == Severity::Error) {
        let place = sources.at(found.span);
        return Err(defect(&format!("{place}: {}", found.message)));
    }
    let text = serde_json::to_string_pretty(&report).unwrap_or_default();
    files.push(("report.json".to_owned(), text + "\n"));
    Ok(Imported { files, report })
}

fn defect(what: &str) -> Error {
    Error::new(
        format!("the project cannot be made: {what}"),
        "this is a defect of the import; please report it with the configuration",
    )
}

/// Takes out rules of which nothing is left; true where there were some.
fn clear(draft: &mut Draft) -> bool {
    let rules = draft.rules.iter_mut();
    let empty = rules.filter(|rule| {
        let flowed = rule.report.parts.iter().any(|part| part.part == "flow");
        !rule.is_out() && flowed && rule.flows.is_empty() && rule.joins.is_empty()
    });
    let mut some = false;
    for rule in empty {
        some = true;
        rule.leave_out("nothing of it is left");
    }
    some
}

/// A piece with what the checker says of it.
struct Refused<'d> {
    piece: Piece,
    range: Range<usize>,
    found: Vec<&'d Diagnostic>,
}

/// Deals with every refused piece once; false where nothing could be done.
fn mend(draft: &mut Draft, plain: &Plain, refused: &[Diagnostic]) -> bool {
    let mut pieces: BTreeMap<_, Refused<'_>> = BTreeMap::new();
    let mut rules = Vec::new();
    for found in refused {
        let at = plain.piece(found.span.file, found.span.start as usize);
        match at {
            Some((_, Piece::Rule(rule))) => rules.push((rule, found)),
            Some((range, piece)) => {
                let entry = pieces.entry(order(piece)).or_insert(Refused {
                    piece,
                    range,
                    found: Vec::new(),
                });
                entry.found.push(found);
            }
            None => {}
        }
    }
    // From the last piece to the first, so that those before keep their places. What is said of whole
    // rules may follow from their pieces, and is heard in the next pass.
    for refused in pieces.values().rev() {
        mend_piece(draft, plain, refused);
    }
    if !pieces.is_empty() {
        return true;
    }
    let mut done = false;
    for (rule, found) in rules {
        done |= required(draft, plain, rule, found) || leave_out(draft, rule, found);
    }
    done
}

fn order(piece: Piece) -> (usize, u8, usize, usize) {
    match piece {
        Piece::Rule(rule) => (rule, 0, 0, 0),
        Piece::Scope(rule, group, at) => (rule, 1, group, at),
        Piece::Join(rule, group, at) => (rule, 2, group, at),
        Piece::Flow(rule, flow) | Piece::Value(rule, flow) => (rule, 3, flow, 0),
    }
}

fn mend_piece(draft: &mut Draft, plain: &Plain, refused: &Refused<'_>) {
    let Refused {
        piece,
        range,
        found,
    } = refused;
    let piece = *piece;
    let mended = mended(plain, range, piece, found);
    let why = found
        .first()
        .map_or(String::new(), |found| found.message.clone());
    let (Piece::Rule(rule)
    | Piece::Scope(rule, ..)
    | Piece::Join(rule, ..)
    | Piece::Flow(rule, _)
    | Piece::Value(rule, _)) = piece;
    let Some(rule) = draft.rules.get_mut(rule) else {
        return;
    };
    match piece {
        Piece::Rule(_) => {}
        Piece::Scope(_, group, at) | Piece::Join(_, group, at) => {
            let scope = matches!(piece, Piece::Scope(..));
            let groups = if scope {
                &mut rule.scope
            } else {
                &mut rule.joins
            };
            let Some(clauses) = groups.get_mut(group) else {
                return;
            };
            let Some(clause) = clauses.get_mut(at) else {
                return;
            };
            let part = clause.part;
            if let Some((text, words)) = mended {
                clause.text.clone_from(&text);
                if let Some(part) = rule.part(part) {
                    part.is = Some(text);
                    part.changed(words);
                }
                return;
            }
            clauses.remove(at);
            if clauses.is_empty() {
                groups.remove(group);
            }
            rule.disable(part, &why);
        }
        Piece::Flow(_, at) | Piece::Value(_, at) => {
            let impure = found
                .iter()
                .all(|found| found.code == &codes::IMPURE || found.code == &codes::CREATE_ONLY);
            let Some(flow) = rule.flows.get(at) else {
                return;
            };
            let (mode, value) = (flow.mode, flow.value.clone());
            let mended = mended.filter(|_| matches!(piece, Piece::Value(..)));
            if impure && mode.is_none() {
                let why = format!("it is written once, when the object is made: {why}");
                rule.change_flow(at, Some("once"), value, &why);
            } else if let Some((text, words)) = mended {
                rule.change_flow(at, mode, text, &words);
            } else {
                rule.leave_flow_out(at, &why);
            }
        }
    }
}

/// The text of a piece with the edits of its first finding, if they lie in it and are sure to be meant. The
/// first of several values is: for a flow, which could not take them all, and not for a clause.
fn mended(
    plain: &Plain,
    range: &Range<usize>,
    piece: Piece,
    found: &[&Diagnostic],
) -> Option<(String, String)> {
    let certain: &[_] = match piece {
        Piece::Value(..) => &[&codes::TYPE_MISMATCH, &codes::CARDINALITY],
        _ => &[&codes::TYPE_MISMATCH, &codes::MULTI_COMPARE],
    };
    let first = found
        .first()
        .filter(|found| certain.contains(&found.code))?;
    let fix = first.fix.as_ref()?;
    let within = fix.edits.iter().all(|(span, _)| {
        span.file == first.span.file
            && range.start <= span.start as usize
            && span.end as usize <= range.end
    });
    if !within {
        return None;
    }
    let text = plain.sources.get(first.span.file).1;
    let new = edited(text, &fix.edits);
    let end = (range.end + new.len()).checked_sub(text.len())?;
    let piece = new.get(range.start..end)?.to_owned();
    // One that says itself over and over is none.
    (piece.len() < 20_000).then(|| (piece, format!("{}: {}", first.message, fix.title)))
}

/// What the directory needs and may be absent fails the object instead, as the directory would.
fn required(draft: &mut Draft, plain: &Plain, rule: usize, found: &Diagnostic) -> bool {
    if found.code != &codes::REQUIRED || found.message.contains("missing") {
        return false;
    }
    let mut done = false;
    for (span, _) in &found.related {
        let Some((_, Piece::Flow(of, at))) = plain.piece(span.file, span.start as usize) else {
            continue;
        };
        let made = draft.rules.get(rule).map_or("", |rule| rule.to.as_str());
        let made = made.replace(['[', ']'], "");
        let Some(rule) = draft.rules.get_mut(of) else {
            continue;
        };
        let Some(flow) = rule.flows.get(at) else {
            continue;
        };
        if flow.value.contains(" ?? error ") {
            continue;
        }
        let message = format!("{} has no value", flow.target);
        let value = write::or(&flow.value, &format!("error {}", write::quoted(&message)));
        let why = format!("no `{made}` can be without it: an object that lacks it fails");
        rule.change_flow(at, flow.mode, value, &why);
        done = true;
    }
    done
}

fn leave_out(draft: &mut Draft, rule: usize, found: &Diagnostic) -> bool {
    let Some(rule) = draft.rules.get_mut(rule) else {
        return false;
    };
    rule.leave_out(found.message.clone());
    true
}
