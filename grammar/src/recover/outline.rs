//! Where the declarations of a broken file begin and end.

use std::ops::Range;

use super::DECLARATIONS;
use super::brackets::Brackets;
use super::starts::{continues, is_name, split, stranger};
use crate::scan::{TokenKind, Tokens};

/// The declarations of a file. Where its brackets balance, they stand outside of all; otherwise a line that
/// looks like the start of one is one.
pub(super) fn declarations(tokens: &Tokens, code: Range<usize>) -> Vec<Range<usize>> {
    let brackets = Brackets::pair(tokens, code.clone());
    match brackets.is_balanced() {
        true => outside_brackets(tokens, &brackets, code),
        false => by_line(tokens, code),
    }
}

fn outside_brackets(tokens: &Tokens, brackets: &Brackets, code: Range<usize>) -> Vec<Range<usize>> {
    let closed = |index: usize, from: usize| {
        tokens.at(index - 1) == "}" && !matches!(tokens.at(from), "fn" | "let" | "script")
    };
    let keyword = |index: usize| {
        let is_one = DECLARATIONS.contains(&tokens.at(index)) && !continues(tokens, index);
        is_one && tokens.starts_line(index) || looks_like_declaration(tokens, index)
    };
    let unknown = |index: usize| {
        let followed = tokens.is(index + 1, TokenKind::Text) || is_name(tokens, index + 1);
        followed && tokens.starts_line(index) && stranger(tokens, index)
    };
    split(brackets, code, |index, from| {
        closed(index, from) || keyword(index) || unknown(index)
    })
}

fn by_line(tokens: &Tokens, code: Range<usize>) -> Vec<Range<usize>> {
    let starts =
        |index: &usize| tokens.starts_line(*index) && looks_like_declaration(tokens, *index);
    let mut ends: Vec<usize> = code.clone().skip(1).filter(starts).collect();
    ends.push(code.end);
    let mut pieces = Vec::new();
    let mut from = code.start;
    for end in ends {
        let brackets = Brackets::pair(tokens, from..end);
        while from < end {
            let close = head_brace(tokens, &(from..end)).and_then(|open| brackets.partner(open));
            let next = close.map_or(end, |close| close + 1);
            pieces.push(from..next);
            from = next;
        }
    }
    pieces
}

/// The brace that opens the body of a declaration: in its first line, or first in the second.
pub(super) fn head_brace(tokens: &Tokens, piece: &Range<usize>) -> Option<usize> {
    let ends_head = |index: &usize| {
        tokens.at(*index) == "{" || *index > piece.start && tokens.starts_line(*index)
    };
    piece
        .clone()
        .find(ends_head)
        .filter(|index| tokens.at(*index) == "{")
}

fn looks_like_declaration(tokens: &Tokens, index: usize) -> bool {
    let (next, second) = (index + 1, tokens.at(index + 2));
    let before = index.checked_sub(1).map_or("", |before| tokens.at(before));
    match tokens.at(index) {
        "rule" if before == "extend" => false,
        "fn" if before == "script" => false,
        "rule" | "test" => {
            tokens.is(next, TokenKind::Text) || is_name(tokens, next) && second == "{"
        }
        "extend" => tokens.at(next) == "rule",
        "script" => tokens.at(next) == "fn",
        "metaverse" => is_name(tokens, next) && second == "{",
        "connector" => is_name(tokens, next) && second == ":",
        "fn" => is_name(tokens, next) && second == "(",
        "let" => is_name(tokens, next) && second == "=",
        "use" => {
            tokens.starts_line(index)
                && tokens.indent(index) == 0
                && (tokens.is(next, TokenKind::Text) || second == ".")
        }
        _ => false,
    }
}
