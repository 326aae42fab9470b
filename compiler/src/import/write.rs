//! The texts of a draft: plain ones with the place of every piece, to be checked; and those for people.

mod pretty;
mod sugar;

use std::collections::BTreeMap;
use std::ops::Range;

use trib_grammar::FileId;

use super::draft::{Draft, Rule};
use crate::sources::Sources;

pub(super) use pretty::{canonical_expression, files_of, or};

/// A piece of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A whole rule.
    Rule(usize),
    /// A clause of a rule's scope: its group and its place there.
    Scope(usize, usize, usize),
    /// A clause of a rule's joins.
    Join(usize, usize, usize),
    /// A flow of a rule.
    Flow(usize, usize),
    /// The value of a flow.
    Value(usize, usize),
}

/// The plain texts of a draft, and where its pieces stand.
#[derive(Debug, Default)]
pub(super) struct Plain {
    pub sources: Sources,
    pieces: Vec<(FileId, Range<usize>, Piece)>,
}

impl Plain {
    /// The smallest piece that holds a place.
    pub fn piece(&self, file: FileId, at: usize) -> Option<(Range<usize>, Piece)> {
        let here = self.pieces.iter();
        let here = here.filter(|(known, range, _)| *known == file && range.contains(&at));
        let smallest = here.min_by_key(|(_, range, _)| range.len())?;
        Some((smallest.1.clone(), smallest.2))
    }
}

/// The file of the connectors.
const CONNECTORS: &str = "rules/connectors.trib";
/// The file of the metaverse.
const METAVERSE: &str = "rules/metaverse.trib";

/// Every piece in a line of its own.
pub(super) fn plain(draft: &Draft) -> Plain {
    let mut plain = Plain::default();
    let connectors = plain.sources.add(CONNECTORS, connectors(draft));
    for (path, text) in &draft.others {
        if let Some(name) = path.strip_prefix("rules/") {
            plain.sources.add_schema(connectors, name, text.as_str());
        }
    }
    plain.sources.add(METAVERSE, metaverse(draft));
    for (file, rules) in files(draft) {
        let mut pen = Pen::default();
        for (index, rule) in rules {
            if !rule.is_out() {
                pen.rule(index, rule);
            }
        }
        let id = plain.sources.add(file, pen.text);
        let pieces = pen.pieces.into_iter();
        plain
            .pieces
            .extend(pieces.map(|(range, piece)| (id, range, piece)));
    }
    plain
}

/// The rules of each file, in their order.
fn files(draft: &Draft) -> BTreeMap<&str, Vec<(usize, &Rule)>> {
    let mut files: BTreeMap<&str, Vec<(usize, &Rule)>> = BTreeMap::new();
    for (index, rule) in draft.rules.iter().enumerate() {
        files.entry(&rule.file).or_default().push((index, rule));
    }
    files
}

/// Writes pieces and remembers where.
#[derive(Default)]
struct Pen {
    text: String,
    pieces: Vec<(Range<usize>, Piece)>,
}

impl Pen {
    fn put(&mut self, words: &str, piece: Piece) {
        let start = self.text.len();
        self.text.push_str(words);
        self.pieces.push((start..self.text.len(), piece));
    }

    fn rule(&mut self, index: usize, rule: &Rule) {
        let start = self.text.len();
        self.text.push_str(&head(rule));
        self.scope(index, rule);
        for (group, clauses) in rule.joins.iter().enumerate() {
            self.text.push_str("  join ");
            for (at, clause) in clauses.iter().enumerate() {
                self.text.push_str(if at == 0 { "" } else { " and " });
                self.put(&clause.text, Piece::Join(index, group, at));
            }
            self.text.push('\n');
        }
        self.text.push_str("  flow {\n");
        for (at, flow) in rule.flows.iter().enumerate() {
            let start = self.text.len();
            let mode = flow.mode.map_or(String::new(), |mode| format!("{mode} "));
            self.text
                .push_str(&format!("    [{}] <- {mode}", flow.target));
            self.put(&flow.value, Piece::Value(index, at));
            self.pieces
                .push((start..self.text.len(), Piece::Flow(index, at)));
            self.text.push('\n');
        }
        self.text.push_str("  }\n}\n");
        self.pieces
            .push((start..self.text.len(), Piece::Rule(index)));
    }

    fn scope(&mut self, index: usize, rule: &Rule) {
        if rule.scope.is_empty() && rule.conditions.is_empty() {
            return;
        }
        let conditions: Vec<String> = rule
            .conditions
            .iter()
            .map(|one| format!("({one})"))
            .collect();
        self.text
            .push_str(&format!("  scope {}", conditions.join(" and ")));
        if !rule.scope.is_empty() {
            self.text
                .push_str(if conditions.is_empty() { "(" } else { " and (" });
            for (group, clauses) in rule.scope.iter().enumerate() {
                self.text.push_str(if group == 0 { "(" } else { " or (" });
                for (at, clause) in clauses.iter().enumerate() {
                    self.text.push_str(if at == 0 { "(" } else { " and (" });
                    self.put(&clause.text, Piece::Scope(index, group, at));
                    self.text.push(')');
                }
                self.text.push(')');
            }
            self.text.push(')');
        }
        self.text.push('\n');
    }
}

/// What stands before the scope.
fn head(rule: &Rule) -> String {
    let mut text = format!(
        "rule {} {{\n  from {}\n  to {}\n  precedence {}\n  link {}\n",
        quoted(&rule.name),
        rule.from,
        rule.to,
        rule.precedence,
        rule.link
    );
    if let Some(deprovision) = rule.deprovision {
        text.push_str(&format!("  deprovision {deprovision}\n"));
    }
    if !rule.joins.is_empty() {
        text.push_str("  ambiguous continue\n");
    }
    if rule.disabled {
        text.push_str("  disabled\n");
    }
    text
}

/// A text literal.
pub(super) fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            '"' | '\\' => literal.extend(['\\', character]),
            character if character.is_control() => {
                literal.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
            }
            character => literal.push(character),
        }
    }
    literal + "\""
}

/// Text in a comment: one line, whatever it holds.
fn line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .collect();
    words
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn connectors(draft: &Draft) -> String {
    let mut text = String::new();
    for connector in &draft.connectors {
        text.push_str(&format!("/// {}\n", line(&connector.doc)));
        let kind = connector.kind.name();
        text.push_str(&format!("connector {} : {kind}", connector.name));
        if let Some(schema) = &connector.schema {
            text.push_str(&format!(" {{ schema {} }}", quoted(schema)));
        }
        text.push_str("\n\n");
        if let Some(filter) = &connector.filter {
            text.push_str(filter);
            text.push_str("\n\n");
        }
    }
    text
}

fn metaverse(draft: &Draft) -> String {
    let mut text = String::new();
    for ty in &draft.types {
        text.push_str(&format!("metaverse [{}] {{\n", ty.name));
        for attribute in &ty.attributes {
            let mark = if attribute.indexed { " indexed" } else { "" };
            text.push_str(&format!(
                "  [{}] : {}{mark}\n",
                attribute.name, attribute.ty
            ));
        }
        text.push_str("}\n\n");
    }
    text
}
