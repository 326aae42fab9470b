//! Tokens of both foreign dialects.

use trib_grammar::{FileId, Span};

use super::Dialect;
use super::syntax::Operator;
use crate::diagnostics::{Diagnostic, codes};

/// A token with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub span: Span,
    pub kind: TokenKind,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Text(String),
    Number(i64),
    Attribute(String),
    Parameter(String),
    Variable(String),
    Word(String),
    Open,
    Close,
    Comma,
    Operator(Operator),
}

/// Cuts a text into tokens and reports all that is none.
pub(super) fn lex(
    dialect: Dialect,
    file: FileId,
    text: &str,
) -> Result<Vec<Token>, Vec<Diagnostic>> {
    let mut lexer = Lexer {
        dialect,
        file,
        text,
        at: 0,
        errors: Vec::new(),
    };
    let mut tokens = Vec::new();
    while let Some(first) = lexer.rest().chars().next() {
        let start = lexer.at;
        if first.is_whitespace() || first == '\u{feff}' {
            lexer.at += first.len_utf8();
            continue;
        }
        if let Some(kind) = lexer.token(first) {
            tokens.push(Token {
                span: Span::new(file, start, lexer.at),
                kind,
            });
        }
    }
    if lexer.errors.is_empty() {
        Ok(tokens)
    } else {
        Err(lexer.errors)
    }
}

struct Lexer<'t> {
    dialect: Dialect,
    file: FileId,
    text: &'t str,
    at: usize,
    errors: Vec<Diagnostic>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Reads one token; `None` where there is none, which was reported.
    fn token(&mut self, first: char) -> Option<TokenKind> {
        let start = self.at;
        match first {
            '"' => return self.text(),
            '[' => {
                return self
                    .enclosed(']', "an attribute is written `[name]`")
                    .map(TokenKind::Attribute);
            }
            '%' => {
                return self
                    .enclosed('%', "a parameter is written `%Name%`")
                    .map(TokenKind::Parameter);
            }
            '$' => {
                self.at += 1;
                let name = self.word();
                if name.is_empty() {
                    self.refuse(
                        start,
                        "a variable has a name behind its `$`",
                        "write `$item`",
                    );
                    return None;
                }
                return Some(TokenKind::Variable(name));
            }
            '0'..='9' => return self.number(10),
            '(' | ')' | ',' => {
                self.at += 1;
                return Some(match first {
                    '(' => TokenKind::Open,
                    ')' => TokenKind::Close,
                    _ => TokenKind::Comma,
                });
            }
            _ => {}
        }
        let rest = self.rest();
        let hexadecimal = rest
            .get(..2)
            .is_some_and(|head| head.eq_ignore_ascii_case("&h"));
        if hexadecimal
            && rest
                .chars()
                .nth(2)
                .is_some_and(|digit| digit.is_ascii_hexdigit())
        {
            self.at += 2;
            return self.number(16);
        }
        if let Some((written, operator)) = Operator::WRITTEN
            .iter()
            .find(|(written, _)| rest.starts_with(written))
        {
            self.at += written.len();
            return Some(TokenKind::Operator(*operator));
        }
        if first.is_alphabetic() || first == '_' {
            return Some(TokenKind::Word(self.word()));
        }
        self.at += first.len_utf8();
        let help = match first {
            '“' | '”' | '„' => "texts stand in straight quotes: `\"`",
            '\'' | '‘' | '’' => "texts stand in double quotes: `\"`",
            ';' => "arguments are separated by commas",
            _ => "remove it",
        };
        self.refuse(start, &format!("`{first}` has no meaning here"), help);
        None
    }

    fn word(&mut self) -> String {
        let rest = self.rest();
        let end = rest
            .find(|character: char| !character.is_alphanumeric() && character != '_')
            .unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default().to_owned()
    }

    /// A name up to its closing sign.
    fn enclosed(&mut self, close: char, form: &str) -> Option<String> {
        let start = self.at;
        let inside = self.rest().get(1..).unwrap_or_default();
        let stop = |character: char| character == close || "[]\"\r\n(),".contains(character);
        let name = inside.split(stop).next().unwrap_or_default();
        self.at += 1 + name.len();
        if !self.rest().starts_with(close) {
            self.refuse(
                start,
                &format!("`{close}` is missing behind the name"),
                form,
            );
            return None;
        }
        self.at += close.len_utf8();
        let name = name.trim();
        let sound = match close {
            '%' => name
                .chars()
                .all(|character| character.is_alphanumeric() || "._-".contains(character)),
            _ => !name.contains(['{', '}']),
        };
        if name.is_empty() || !sound {
            self.refuse(start, "this is not a name", form);
            return None;
        }
        Some(name.to_owned())
    }

    /// Digits. A number of 64 bits in hexadecimal is two's complement, as directories store flags.
    fn number(&mut self, radix: u32) -> Option<TokenKind> {
        let start = self.at;
        let digits = self.word();
        let fraction = self.rest().starts_with('.');
        let number = match radix {
            16 => u64::from_str_radix(&digits, 16).ok().map(u64::cast_signed),
            _ => digits.parse().ok(),
        };
        match number {
            Some(number) if !fraction => Some(TokenKind::Number(number)),
            _ => {
                if fraction {
                    self.at += 1;
                    self.word();
                }
                let help = "numbers are whole, of at most 64 bits";
                self.refuse(start, "this is not a number", help);
                None
            }
        }
    }

    /// A text. `\"` and `\\` are escapes in both dialects and `""` is a quote in Connect's; any other
    /// backslash is itself, so that `DOMAIN\user` and the `\n` of `Replace` mean what they say.
    fn text(&mut self) -> Option<TokenKind> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = self.rest();
            let Some(next) = rest.chars().next() else {
                let help =
                    "close it with `\"`; a backslash before the quote would be written `\\\\`";
                self.errors.push(
                    Diagnostic::new(
                        &codes::FOREIGN_SYNTAX,
                        Span::new(self.file, start, start + 1),
                        "this text is never closed",
                    )
                    .help(help),
                );
                return None;
            };
            let escaped = ["\\\"", "\\\\"]
                .iter()
                .any(|escape| rest.starts_with(escape))
                || (self.dialect == Dialect::Connect && rest.starts_with("\"\""));
            if escaped {
                value.extend(rest.chars().nth(1));
                self.at += 2;
                continue;
            }
            self.at += next.len_utf8();
            match next {
                '"' => return Some(TokenKind::Text(value)),
                other => value.push(other),
            }
        }
    }

    fn refuse(&mut self, start: usize, message: &str, help: &str) {
        let span = Span::new(self.file, start, self.at.max(start + 1));
        let error = Diagnostic::new(&codes::FOREIGN_SYNTAX, span, message).help(help);
        self.errors.push(error);
    }
}
