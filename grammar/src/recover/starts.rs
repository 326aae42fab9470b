//! Where pieces start: heuristics on tokens, used only once a text is known to be broken.
//!
//! A piece starts at a word that can start one, first in its line or in a shape that nothing else has
//! (`link provision`, `flow {`), unless the token before it still wants an operand.

use std::ops::Range;

use super::brackets::Brackets;
use crate::scan::{TokenKind, Tokens};

/// How many targets of a flow are looked at to find its arrow.
const MANY: usize = 64;

/// Splits a body into pieces. `starts(index, piece_start)` looks at tokens outside nested brackets.
pub(super) fn split(
    brackets: &Brackets,
    body: Range<usize>,
    mut starts: impl FnMut(usize, usize) -> bool,
) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let (mut from, mut index) = (body.start, body.start);
    while index < body.end {
        if index > from && starts(index, from) {
            pieces.push(from..index);
            from = index;
        }
        index = brackets.partner(index).unwrap_or(index) + 1;
    }
    if from < body.end {
        pieces.push(from..body.end);
    }
    pieces
}

/// Whether a clause starts at `index`.
pub(super) fn clause(tokens: &Tokens, index: usize) -> bool {
    let (before, next) = (tokens.at(index.saturating_sub(1)), tokens.at(index + 1));
    let argument = is_name(tokens, index + 1) && !is_operator_word(next) && before != ".";
    match tokens.at(index) {
        "from" | "to" | "deprovision" => starts_item(tokens, index) || argument,
        "precedence" => {
            starts_item(tokens, index) || argument || tokens.is(index + 1, TokenKind::Number)
        }
        "link" | "ambiguous" => starts_item(tokens, index) || argument,
        "scope" => (starts_item(tokens, index) || argument) && before != "and",
        "join" => starts_item(tokens, index) || argument && before != "link",
        "disabled" => starts_item(tokens, index),
        "flow" => (starts_item(tokens, index) || next == "{") && before != "without",
        _ => false,
    }
}

/// Whether the token at `index` is the first of its line or block, and nothing before it wants an operand.
pub(super) fn starts_item(tokens: &Tokens, index: usize) -> bool {
    let first =
        tokens.starts_line(index) || matches!(tokens.at(index.saturating_sub(1)), "{" | "}");
    first && !continues(tokens, index)
}

/// Whether an item of an `extend` starts at `index`.
pub(super) fn extend_item(tokens: &Tokens, index: usize) -> bool {
    let next = tokens.at(index + 1);
    match tokens.at(index) {
        "without" => next == "flow" || starts_item(tokens, index),
        "and" => next == "scope",
        "disabled" | "flow" => clause(tokens, index),
        _ => false,
    }
}

/// Whether a step of a test starts at `index`.
pub(super) fn step(tokens: &Tokens, index: usize) -> bool {
    let next = tokens.at(index + 1);
    match tokens.at(index) {
        "given" | "change" | "remove" | "expect" => starts_item(tokens, index),
        "with" => starts_item(tokens, index) || tokens.is(index + 1, TokenKind::Parameter),
        "at" => starts_item(tokens, index) || next == "time",
        "then" => starts_item(tokens, index) || next == "{",
        _ => false,
    }
}

/// Whether an attribute of a metaverse type starts at `index`.
pub(super) fn attribute(tokens: &Tokens, index: usize) -> bool {
    is_name(tokens, index) && (tokens.at(index + 1) == ":" || starts_item(tokens, index))
}

/// The flows of a body.
pub(super) fn flows(tokens: &Tokens, brackets: &Brackets, body: Range<usize>) -> Vec<Range<usize>> {
    let mut arrow = 0;
    split(brackets, body, |index, from| {
        if tokens.at(index) == "<-" {
            arrow = index;
        }
        is_name(tokens, index) && flow(tokens, index, arrow > from)
    })
}

fn flow(tokens: &Tokens, index: usize, has_arrow: bool) -> bool {
    let line = tokens.starts_line(index);
    let before = tokens.at(index - 1);
    if has_arrow && targets_ahead(tokens, index) {
        return line && !matches!(before, "merge" | "once")
            || before == ","
            || !continues(tokens, index);
    }
    line && !continues(tokens, index) && !goes_on(tokens.at(index))
}

/// Whether names and an arrow follow.
fn targets_ahead(tokens: &Tokens, index: usize) -> bool {
    let names = (index..tokens.code.len())
        .step_by(2)
        .take(MANY)
        .take_while(|index| is_name(tokens, *index));
    names
        .map(|name| tokens.at(name + 1))
        .find(|mark| *mark != ",")
        == Some("<-")
}

/// Whether a line that starts here starts something new, though nothing known.
pub(super) fn stranger(tokens: &Tokens, index: usize) -> bool {
    tokens.is(index, TokenKind::Word) && starts_item(tokens, index) && !goes_on(tokens.at(index))
}

pub(super) fn is_name(tokens: &Tokens, index: usize) -> bool {
    tokens.is(index, TokenKind::Word) || tokens.is(index, TokenKind::Quoted)
}

/// Whether the token before `index` wants something behind it.
pub(super) fn continues(tokens: &Tokens, index: usize) -> bool {
    let Some(before) = index.checked_sub(1) else {
        return false;
    };
    let text = tokens.at(before);
    tokens.is(before, TokenKind::Symbol) && !matches!(text, ";")
        || is_operator_word(text)
        || matches!(text, "if" | "then" | "else" | "not")
}

/// Whether a word at the start of a line goes on with what stands before it.
fn goes_on(word: &str) -> bool {
    is_operator_word(word) || matches!(word, "then" | "else")
}

fn is_operator_word(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "or"
            | "in"
            | "is"
            | "contains"
            | "starts"
            | "ends"
            | "matches"
            | "under"
            | "member"
            | "with"
            | "of"
            | "exactly"
    )
}
