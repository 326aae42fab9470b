//! Expressions of other products, translated by rule into the language of Tributary.
//!
//! ```text
//! text ─lex, parse─► Node ─Translator─► trib_grammar::ast::Expr ─format─► text of ours
//! ```
//!
//! What has no equivalent is an error at its place in the foreign text; what changes its meaning a
//! little is a note. Nothing is dropped silently, and no text makes the translator fail otherwise.

mod builtin;
mod choice;
mod cloud;
mod connect;
mod group;
mod lex;
mod lift;
mod made;
mod operator;
mod parse;
mod pattern;
mod syntax;
mod translator;

use trib_grammar::ast::Expr;
use trib_grammar::{FileId, MAX_BYTES, Span, format_expression, parse_expression};

use crate::diagnostics::{Diagnostic, codes};
use crate::types::{Base, Type};
use lex::TokenKind;
use parse::too_deep;
use translator::{MOST, Position, Translator};

/// A foreign language of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Azure AD Connect.
    Connect,
    /// Cloud sync and the other provisioning services of the cloud.
    Cloud,
}

/// What a translation knows of the place that the expression comes from.
pub struct Surroundings<'s> {
    /// The type of an attribute, where it is known: then several values are treated one by one, and
    /// numbers, truths and times become texts where the other product does that.
    pub attribute: &'s dyn Fn(&str) -> Option<Type>,
    /// The value is that of a flow, at whose end "" becomes absent. Elsewhere "" and absence are kept apart.
    pub flow: bool,
}

/// A translated expression.
#[derive(Debug, Clone)]
pub struct Translated {
    /// Its tree; spans lie in the foreign text.
    pub expr: Expr,
    /// Its text, in canonical form.
    pub text: String,
    /// What the reader should know: lints at places of the foreign text.
    pub notes: Vec<Diagnostic>,
}

/// Translates one expression. `file` is the number that places in diagnostics carry.
pub fn translate(
    dialect: Dialect,
    file: FileId,
    text: &str,
    surroundings: &Surroundings<'_>,
) -> Result<Translated, Vec<Diagnostic>> {
    let whole = Span::new(file, 0, text.len());
    if text.len() > MAX_BYTES {
        return Err(vec![too_deep(Span::new(file, 0, 0))]);
    }
    let tokens = lex::lex(dialect, file, text)?;
    if tokens.len() > MOST {
        return Err(vec![too_deep(Span::new(file, 0, 0))]);
    }
    let names = tokens.iter().filter_map(|token| match &token.kind {
        TokenKind::Attribute(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    let names = names.collect();
    let end = text.trim_end().len();
    let end = Span::new(file, end, end);
    let node = parse::parse(dialect, tokens, end).map_err(|error| vec![*error])?;
    let mut translator = Translator::new(dialect, surroundings, names);
    let mut made = translator.node(&node, Position::top(surroundings.flow));
    if dialect == Dialect::Cloud && !surroundings.flow && made.is(&Base::Time) {
        // A time leaves cloud sync as a text; in a flow the target's type decides.
        made = translator.as_text(made);
    }
    if !translator.errors.is_empty() {
        return Err(translator.errors);
    }
    let printed = format_expression(&made.expr, text);
    // What is printed is what will be read: a tree that cannot be written is none.
    let (parsed, errors) = parse_expression(file, &printed);
    if parsed.is_none() || !errors.is_empty() {
        let reason = errors.first().map_or("", |error| error.message.as_str());
        let message = format!("the translation cannot be written: {reason}");
        let error = Diagnostic::new(&codes::UNTRANSLATABLE, whole, message)
            .help("divide the expression into several flows");
        return Err(vec![error]);
    }
    Ok(Translated {
        expr: made.expr,
        text: printed,
        notes: translator.notes,
    })
}
