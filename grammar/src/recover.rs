//! Reads a file that does not parse as a whole: finds its declarations, in them the clauses, flows,
//! attributes and steps, and parses each on its own. One broken piece is one error.

mod brackets;
mod outline;
mod pieces;
mod rule;
mod starts;
mod test;

use std::ops::Range;

use crate::ast::{Declaration, Metaverse, Text};
use crate::diagnose::{self, one_of};
use crate::error::SyntaxErrorKind;
use crate::nesting;
use crate::parse::{Builder, Rule};
use crate::scan::TokenKind;
use crate::span::Span;
use brackets::Brackets;

/// The words that declarations start with.
pub(crate) const DECLARATIONS: [&str; 9] = [
    "use",
    "connector",
    "metaverse",
    "rule",
    "extend",
    "fn",
    "script",
    "let",
    "test",
];

/// All declarations of a file, with an error for every broken piece.
pub(crate) fn file(builder: &mut Builder) -> Vec<Declaration> {
    let code = 0..builder.tokens.code.len();
    report_unclosed_tokens(builder);
    let mut declarations = Vec::new();
    for piece in outline::declarations(&builder.tokens, code) {
        declarations.extend(declaration(builder, piece));
    }
    declarations
}

/// Reports what is wrong with a text that should be one expression.
pub(crate) fn expression(builder: &mut Builder) {
    let code = 0..builder.tokens.code.len();
    report_unclosed_tokens(builder);
    if too_deep(builder, &code) {
        return;
    }
    let brackets = Brackets::pair(&builder.tokens, code.clone());
    brackets.report_unclosed(builder);
    brackets.report_stray(builder);
    broken(builder, &brackets, Rule::only_expression, code);
}

fn report_unclosed_tokens(builder: &mut Builder) {
    for token in builder.tokens.code.clone() {
        let (message, help, length) = match token.kind {
            TokenKind::UnclosedText => (
                "this text is never closed",
                "a text ends with `\"` in the line where it begins; a line end inside is written `\\n`",
                1,
            ),
            TokenKind::UnclosedComment => ("this comment is never closed", "close it with `*/`", 2),
            TokenKind::UnclosedScript => {
                ("this script is never closed", "close it with `\"\"\"`", 3)
            }
            _ => continue,
        };
        let span = Span::new(builder.file, token.start, token.start + length);
        builder.report(SyntaxErrorKind::Unclosed, span, message, Some(help));
    }
}

fn too_deep(builder: &mut Builder, piece: &Range<usize>) -> bool {
    let tokens = builder.tokens.code.get(piece.clone()).unwrap_or_default();
    let Some(token) = nesting::too_deep(&builder.tokens, tokens) else {
        return false;
    };
    let span = Span::new(builder.file, token.start, token.end);
    let message = format!("this nests deeper than {} levels", crate::MAX_DEPTH);
    builder.report(
        SyntaxErrorKind::TooLarge,
        span,
        message,
        Some("name parts of it with `let` or `fn`"),
    );
    true
}

fn declaration(builder: &mut Builder, piece: Range<usize>) -> Vec<Declaration> {
    let brackets = Brackets::pair(&builder.tokens, piece.clone());
    if too_deep(builder, &piece) {
        return Vec::new();
    }
    let spoiled = brackets.spoils(&piece);
    if !spoiled && let Some(pairs) = pieces::parse(builder, Rule::only_declaration, &piece) {
        return builder.declarations(pairs);
    }
    if brackets.is_swallowed(&builder.tokens) {
        return Vec::new();
    }
    let errors = builder.errors.len();
    brackets.report_unclosed(builder);
    let declaration = broken_declaration(builder, &brackets, piece.clone());
    if declaration.is_none() {
        let name = name_of(builder, piece);
        builder.unread.push(name);
    }
    if builder.errors.len() == errors {
        brackets.report_stray(builder);
    }
    declaration.into_iter().collect()
}

/// What stands where a declaration has its name.
fn name_of(builder: &Builder, piece: Range<usize>) -> Option<String> {
    let at = |index: usize| builder.tokens.at(piece.start + index);
    let name = match at(0) {
        "use" => return None,
        "script" | "extend" => at(2),
        _ => at(1),
    };
    Some(name.trim_matches('"').to_owned())
}

/// Everything of a declaration that can be understood.
fn broken_declaration(
    builder: &mut Builder,
    brackets: &Brackets,
    piece: Range<usize>,
) -> Option<Declaration> {
    let keyword = builder.tokens.at(piece.start);
    match keyword {
        "rule" => rule::rule(builder, brackets, piece).map(Declaration::Rule),
        "extend" => rule::extend(builder, brackets, piece).map(Declaration::Extend),
        "metaverse" => metaverse(builder, brackets, piece).map(Declaration::Metaverse),
        "test" => test::test(builder, brackets, piece).map(Declaration::Test),
        "fn" | "let" => without_body(builder, brackets, piece),
        "use" | "connector" | "script" => {
            broken(builder, brackets, Rule::only_declaration, piece);
            None
        }
        _ => {
            if !brackets.spoils(&(piece.start..piece.start + 1)) {
                unknown(builder, piece.start, "declaration", &DECLARATIONS);
            }
            None
        }
    }
}

/// Reports a piece, unless a bracket or quote in it is to blame.
fn broken(builder: &mut Builder, brackets: &Brackets, rule: Rule, piece: Range<usize>) {
    let piece = match brackets.first_broken(&piece) {
        None => piece,
        Some(index) if builder.tokens.is(index, TokenKind::Closing) => piece.start..index,
        Some(_) => return,
    };
    if pieces::parse(builder, rule, &piece).is_none() {
        let error = diagnose::error(builder, rule, piece);
        builder.errors.push(error);
    }
}

/// Reports a word that nothing here starts with.
fn unknown(builder: &mut Builder, index: usize, what: &str, known: &[&str]) {
    let Some(token) = builder.tokens.code.get(index).copied() else {
        return;
    };
    let span = Span::new(builder.file, token.start, token.end);
    let word = builder.tokens.of(token);
    let help = match diagnose::nearest(word, known) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("a {what} starts with {}", one_of(known)),
    };
    builder.report(
        SyntaxErrorKind::Unexpected,
        span,
        format!("{} does not start a {what}", diagnose::quote(word)),
        Some(&help),
    );
}

fn without_body(
    builder: &mut Builder,
    brackets: &Brackets,
    piece: Range<usize>,
) -> Option<Declaration> {
    let span = pieces::span(builder, &piece);
    let declaration = match builder.tokens.at(piece.start) {
        "let" => {
            let pairs = pieces::parse(builder, Rule::let_start, &piece);
            pairs
                .and_then(|pairs| builder.constant_without_value(pairs, span))
                .map(Declaration::Let)
        }
        _ => {
            let pairs = pieces::parse(builder, Rule::function_start, &piece);
            pairs
                .and_then(|pairs| builder.function_without_body(pairs, span))
                .map(Declaration::Function)
        }
    };
    broken(builder, brackets, Rule::only_declaration, piece);
    declaration
}

/// A declaration with a body: its span, the name its head gives, and the tokens between its braces.
struct Block {
    span: Span,
    name: Text,
    body: Range<usize>,
}

/// Reads the head `KEYWORD "NAME" {`; a broken one is reported and what stands as its name is taken.
fn block(
    builder: &mut Builder,
    brackets: &Brackets,
    head: Rule,
    piece: &Range<usize>,
) -> Option<Block> {
    let Some(open) = outline::head_brace(&builder.tokens, piece) else {
        let error = diagnose::error(builder, head, piece.clone());
        builder.errors.push(error);
        return None;
    };
    let words = piece.start..open + 1;
    if pieces::parse(builder, head, &words).is_none() && !brackets.spoils(&(words.start..open)) {
        let error = diagnose::error(builder, head, words.clone());
        builder.errors.push(error);
    }
    let place = words
        .clone()
        .rev()
        .nth(1)
        .filter(|index| *index > piece.start)
        .unwrap_or(piece.start);
    let span = pieces::span(builder, &(place..place + 1));
    let value = span.of(builder.tokens.text).trim_matches('"').to_owned();
    let body = open + 1..brackets.partner(open).unwrap_or(piece.end);
    Some(Block {
        span: pieces::span(builder, piece),
        name: Text { value, span },
        body,
    })
}

fn metaverse(builder: &mut Builder, brackets: &Brackets, piece: Range<usize>) -> Option<Metaverse> {
    let Block { span, name, body } = block(builder, brackets, Rule::only_metaverse_head, &piece)?;
    let doc = builder.tokens.doc_before(span.start as usize);
    let mut attributes = Vec::new();
    for piece in starts::split(brackets, body, |index, _| {
        starts::attribute(&builder.tokens, index)
    }) {
        match pieces::parse(builder, Rule::only_attribute, &piece)
            .and_then(|mut pairs| pairs.next())
        {
            Some(pair) => attributes.extend(builder.attribute(pair)),
            None => broken(builder, brackets, Rule::only_attribute, piece),
        }
    }
    let name = crate::ast::Name {
        text: name.value,
        span: name.span,
    };
    Some(Metaverse {
        span,
        doc,
        name,
        attributes,
    })
}
