//! The modes of `Replace` in cloud sync.

use trib_grammar::Span;

use super::super::group;
use super::super::made::Made;
use super::super::syntax::{Call, Node};
use super::super::translator::{Position, Translator};
use crate::diagnostics::codes;
use crate::functions::{self, Kind, Shape};
use crate::types::Base;

impl Translator<'_> {
    /// `Replace(source, old, regex, group, replacement, attribute, template)`: its mode is told by which
    /// arguments are given.
    pub(super) fn replace(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        if call.arguments.is_empty() || call.arguments.len() > 7 {
            return self.miscounted(call, "a source, an old value, a regular expression, a group, a replacement, an attribute and a template", span);
        }
        let given = |index: usize| call.arguments.get(index).filter(|node| !node.is_nothing());
        let Some(source) = given(0) else {
            return self.miscounted(call, "a source first", span);
        };
        match (given(1), given(2), given(3), given(4), given(5), given(6)) {
            (Some(old), None, None, Some(new), None, None) => {
                self.replaced(source, old, new, span, at)
            }
            (Some(old), None, None, None, None, Some(template)) => {
                self.replaced(template, old, source, span, at)
            }
            (None, Some(regex), None, Some(new), None, None) => {
                let new = self.replacing(new, group::replacement, at);
                self.by_regex(source, regex, None, new, span, at)
            }
            (None, Some(regex), Some(name), Some(new), None, None) => {
                self.in_group(source, regex, name, new, span, at)
            }
            (None, Some(regex), Some(name), None, Some(attribute), None) => {
                let made = self.text_of(source, at.inner().blank(true));
                let attribute = self.text_of(attribute, at.inner().blank(true));
                self.compiles(regex, None);
                let regex = self.text_of(regex, at.inner());
                let name = self.text_of(name, at.inner());
                let extracted =
                    Made::call("RegexExtract", vec![attribute, regex, name], span).of(Base::TEXT);
                made.or(extracted)
            }
            _ => {
                self.refuse(
                    &codes::UNTRANSLATABLE,
                    span,
                    "`Replace` has no mode with these arguments",
                    "give old value and replacement, old value and template, or a regular expression with replacement, group or attribute",
                );
                Made::null(span)
            }
        }
    }

    /// Each `old` in `text` becomes `new`.
    fn replaced(
        &mut self,
        text: &Node,
        old: &Node,
        new: &Node,
        span: Span,
        at: Position<'_>,
    ) -> Made {
        let text = self.text_of(text, at.inner().blank(at.blank));
        // Our `Replace` reads `\n`, `\r` and `\t` in its arguments, which this one does not.
        let moniker = |node: &Node| node.literal().is_some_and(|text| text.contains('\\'));
        if let (Some(found), true) = (old.literal(), moniker(old) || moniker(new)) {
            let regex = Made::text(&regex::escape(found), old.span);
            let new = self.replacing(new, group::verbatim, at);
            let arguments = vec![
                (Shape::One(Kind::Text), text),
                (Shape::One(Kind::Text), regex),
                (Shape::One(Kind::Text), new),
            ];
            return match functions::find("RegexReplace") {
                Some(function) => self.called(function, arguments, span),
                None => Made::null(span),
            };
        }
        let old = self.text_of(old, at.inner());
        let new = self.text_of(new, at.inner());
        let many = text.many;
        let present = text.present && old.present;
        // Nothing as a replacement is no replacement, but the text without the old value.
        let new = if new.present {
            new
        } else {
            new.or(Made::text("", span))
        };
        Made {
            many,
            present,
            ..Made::call("Replace", vec![text, old, new], span).of(Base::TEXT)
        }
    }

    /// A replacement for regular expressions, in our notation.
    fn replacing(&mut self, node: &Node, written: fn(&str) -> String, at: Position<'_>) -> Made {
        if let Some(text) = node.literal() {
            return Made::text(&written(text), node.span);
        }
        let span = node.span;
        let made = self.text_of(node, at.inner().blank(true));
        let made = if made.present {
            made
        } else {
            made.or(Made::text("", span))
        };
        let arguments = vec![made, Made::text("$", span), Made::text("$$", span)];
        Made::call("Replace", arguments, span)
            .of(Base::TEXT)
            .surely()
    }

    /// The regular expression replaced; `instead` where its text was changed.
    fn by_regex(
        &mut self,
        source: &Node,
        regex: &Node,
        instead: Option<String>,
        new: Made,
        span: Span,
        at: Position<'_>,
    ) -> Made {
        let text = self.text_of(source, at.inner().blank(at.blank));
        self.compiles(regex, instead.as_deref());
        let regex = match instead {
            Some(regex_text) => Made::text(&regex_text, regex.span),
            None => self.text_of(regex, at.inner()),
        };
        let (present, many) = (text.present && regex.present, text.many);
        Made {
            present,
            many,
            ..Made::call("RegexReplace", vec![text, regex, new], span).of(Base::TEXT)
        }
    }

    /// Only a named group is replaced: what stands round it is kept by groups of its own.
    fn in_group(
        &mut self,
        source: &Node,
        regex: &Node,
        name: &Node,
        new: &Node,
        span: Span,
        at: Position<'_>,
    ) -> Made {
        let halves = regex
            .literal()
            .zip(name.literal())
            .and_then(|(regex, name)| group::around(regex, name));
        let Some((before, inside, after)) = halves else {
            self.refuse(
                &codes::UNTRANSLATABLE,
                regex.span.to(name.span),
                "only a group that stands by itself in its regular expression can be replaced alone",
                "write it with `RegexReplace` and `$1` for what is to stay",
            );
            return Made::null(span);
        };
        let new = self.replacing(new, group::verbatim, at);
        if before.is_empty() && after.is_empty() {
            return self.by_regex(source, regex, Some(inside.to_owned()), new, span, at);
        }
        let whole = format!("(?<before>{before})(?:{inside})(?<after>{after})");
        let replacement = match new.literal() {
            Some(text) => Made::text(&format!("${{before}}{text}${{after}}"), new.expr.span),
            None => {
                let parts = vec![
                    Made::text("${before}", span),
                    new,
                    Made::text("${after}", span),
                ];
                Made::call("Concat", parts, span).of(Base::TEXT).surely()
            }
        };
        self.by_regex(source, regex, Some(whole), replacement, span, at)
    }

    /// A regular expression that is known compiles.
    fn compiles(&mut self, node: &Node, instead: Option<&str>) {
        let Some(text) = instead.or(node.literal()) else {
            return;
        };
        if let Err(failure) = functions::pattern::compile(text) {
            self.refuse(
                &codes::UNTRANSLATABLE,
                node.span,
                format!(
                    "the regular expression cannot be used here: {}",
                    failure.message
                ),
                "back-references and look-around are not part of linear-time expressions",
            );
        }
    }
}
