//! The parser: pest pairs become the tree, one file per construct.

mod declaration;
mod expression;
mod flow;
mod literal;
mod metaverse;
mod operators;
mod rule;
mod test;

use pest::Parser;
use pest::iterators::{Pair, Pairs};
use pest_derive::Parser;

use crate::ast::{Comment, Expr, File, Name};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::scan::{Tokens, scan};
use crate::span::{FileId, Span};
use crate::{MAX_BYTES, Parsed, nesting, recover};

pub(crate) use literal::unescape;
pub(crate) use operators::Level;

#[derive(Parser)]
#[grammar = "trib.pest"]
pub(crate) struct TribParser;

/// Parses a file. There is always a tree; what could not be understood is in the errors.
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut builder = Builder::new(file, text);
    if builder.refuses_size() {
        let file = File {
            id: file,
            declarations: Vec::new(),
            comments: Vec::new(),
        };
        return Parsed {
            file,
            errors: builder.errors,
            unread: Vec::new(),
        };
    }
    let declarations = match builder.pairs(Rule::whole_file, 0, text.len()) {
        Some(pairs) => builder.declarations(pairs),
        None => recover::file(&mut builder),
    };
    let comments = builder
        .tokens
        .comments
        .iter()
        .map(|comment| builder.comment(*comment))
        .collect();
    Parsed {
        file: File {
            id: file,
            declarations,
            comments,
        },
        unread: std::mem::take(&mut builder.unread),
        errors: builder.finish(),
    }
}

/// Parses a text that is one expression.
pub fn parse_expression(file: FileId, text: &str) -> (Option<Expr>, Vec<SyntaxError>) {
    let mut builder = Builder::new(file, text);
    if builder.refuses_size() {
        return (None, builder.errors);
    }
    let expression = match builder.pairs(Rule::only_expression, 0, text.len()) {
        Some(pairs) => parts(pairs).next().map(|pair| builder.expression(pair)),
        None => {
            recover::expression(&mut builder);
            None
        }
    };
    (expression, builder.finish())
}

/// Whether a rule covers all of a text.
pub(crate) fn covers(rule: Rule, text: &str) -> bool {
    let pair = TribParser::parse(rule, text)
        .ok()
        .and_then(|mut pairs| pairs.next());
    pair.is_some_and(|pair| pair.as_span().end() == text.len())
}

/// Turns pairs into the tree and collects the mistakes.
pub(crate) struct Builder<'t> {
    pub file: FileId,
    pub tokens: Tokens<'t>,
    pub errors: Vec<SyntaxError>,
    /// Names of declarations that gave nothing.
    pub unread: Vec<Option<String>>,
    /// Where the text that pest sees begins in the file.
    base: usize,
}

/// The pairs that carry meaning: punctuation and the words between them are left out.
pub(crate) fn parts<'t>(pairs: Pairs<'t, Rule>) -> impl Iterator<Item = Pair<'t, Rule>> {
    pairs.filter(|pair| !is_furniture(pair.as_rule()))
}

fn is_furniture(rule: Rule) -> bool {
    use Rule::*;
    matches!(
        rule,
        EOI | open_brace
            | close_brace
            | open_paren
            | close_paren
            | open_bracket
            | close_bracket
            | comma
            | colon
            | dot
            | equals
            | flow_arrow
            | arrow
            | kw_use
            | kw_with
            | kw_connector
            | kw_schema
            | kw_priority
            | kw_metaverse
            | kw_ref
            | kw_rule
            | kw_extend
            | kw_script
            | kw_fn
            | kw_let
            | kw_test
            | kw_from
            | kw_to
            | kw_precedence
            | kw_link
            | kw_scope
            | kw_join
            | kw_ambiguous
            | kw_continue
            | kw_deprovision
            | kw_disabled
            | kw_flow
            | kw_without
            | kw_and
            | kw_given
            | kw_change
            | kw_remove
            | kw_expect
            | kw_no
            | kw_error
            | kw_at
            | kw_time
            | kw_if
            | kw_then
            | kw_else
            | kw_match
            | kw_for
            | kw_in
            | kw_disable
            | failure_word
    )
}

impl<'t> Builder<'t> {
    fn new(file: FileId, text: &'t str) -> Builder<'t> {
        let tokens = if text.len() > MAX_BYTES {
            Tokens::default()
        } else {
            scan(text)
        };
        Builder {
            file,
            tokens: Tokens { text, ..tokens },
            errors: Vec::new(),
            unread: Vec::new(),
            base: 0,
        }
    }

    fn refuses_size(&mut self) -> bool {
        let refused = self.tokens.text.len() > MAX_BYTES;
        if refused {
            let message = format!("a rule file holds at most {} MiB", MAX_BYTES >> 20);
            self.report(
                SyntaxErrorKind::TooLarge,
                Span::new(self.file, 0, 0),
                message,
                Some("split it: all files of a folder are one program"),
            );
        }
        refused
    }

    /// Errors in the order of the text.
    fn finish(mut self) -> Vec<SyntaxError> {
        self.errors.sort_by_key(|error| error.span.start);
        self.errors
    }

    /// Parses a part of the file by a rule that covers it all; nothing where it does not fit or nests too deep.
    pub fn pairs(&mut self, rule: Rule, start: usize, end: usize) -> Option<Pairs<'t, Rule>> {
        let part = self.tokens.text.get(start..end)?;
        let (first, last) = (self.tokens.index_from(start), self.tokens.index_from(end));
        if nesting::too_deep(&self.tokens, self.tokens.code.get(first..last)?).is_some() {
            return None;
        }
        self.base = start;
        TribParser::parse(rule, part)
            .ok()
            .and_then(|mut pairs| pairs.next())
            .map(Pair::into_inner)
    }

    /// Where a pair stands, without the white space pest may leave at its end.
    pub fn span(&self, pair: &Pair<'t, Rule>) -> Span {
        let span = pair.as_span();
        let (start, end) = (self.base + span.start(), self.base + span.end());
        Span::new(
            self.file,
            start,
            self.tokens.end_before(end).clamp(start, end),
        )
    }

    /// The `///` comments before a pair.
    pub fn doc(&self, pair: &Pair<'t, Rule>) -> Option<String> {
        self.tokens.doc_before(self.base + pair.as_span().start())
    }

    pub fn name(&self, pair: Pair<'t, Rule>) -> Name {
        let text = pair.as_str();
        let bare = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .map_or(text, str::trim);
        Name {
            text: bare.to_owned(),
            span: self.span(&pair),
        }
    }

    pub fn report(
        &mut self,
        kind: SyntaxErrorKind,
        span: Span,
        message: impl Into<String>,
        help: Option<&str>,
    ) {
        let help = help.map(str::to_owned);
        self.errors.push(SyntaxError {
            kind,
            span,
            message: message.into(),
            help,
        });
    }

    fn comment(&self, token: crate::scan::Token) -> Comment {
        let text = self.tokens.of(token).trim_end();
        Comment {
            span: Span::new(self.file, token.start, token.start + text.len()),
            text: text.to_owned(),
        }
    }
}
