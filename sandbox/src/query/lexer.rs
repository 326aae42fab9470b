//! The words of a `$filter`.

use crate::failure::{Failure, Outcome};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
    Colon,
}

pub(crate) fn tokens(text: &str) -> Outcome<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' | ',' | ':' => {
                tokens.push(match first {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    ',' => Token::Comma,
                    _ => Token::Colon,
                });
                1
            }
            '\'' => {
                let (value, length) = quoted(rest)?;
                tokens.push(Token::Text(value));
                length
            }
            _ => {
                // times hold colons, lambda variables end at one
                let is_time = first.is_ascii_digit();
                let ends =
                    |c: char| c.is_whitespace() || "(),'".contains(c) || c == ':' && !is_time;
                let length = rest.find(ends).unwrap_or(rest.len());
                let word = rest.get(..length).unwrap_or_default();
                tokens.push(Token::Word(word.to_owned()));
                length
            }
        };
        rest = rest.get(length.max(1)..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

/// A literal in single quotes, a quote inside doubled; also how long it was.
fn quoted(text: &str) -> Outcome<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            value.push(c);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            value.push('\'');
        } else {
            return Ok((value, at + 1));
        }
    }
    Err(Failure::bad(
        "Invalid filter clause: There is an unterminated literal.",
    ))
}
