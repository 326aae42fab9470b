//! Texts put together, divided and written in another case, as cloud sync does it.

use trib_grammar::Span;
use trib_grammar::ast::{BinaryOperator, ExprKind};

use super::super::lift::comprehension;
use super::super::made::Made;
use super::super::syntax::{Call, NodeKind};
use super::super::translator::{Position, Translator};
use crate::diagnostics::codes;
use crate::types::Base;

impl Translator<'_> {
    /// `Join(separator, a, b, …)`: sources without a value are left out, several values are several sources.
    pub(super) fn join(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        let [separator, sources @ ..] = call.arguments.as_slice() else {
            return self.miscounted(call, "a separator and sources", span);
        };
        if sources.is_empty() {
            return self.miscounted(call, "a separator and sources", span);
        }
        let separator = match separator.is_nothing() {
            true => Made::text("", separator.span),
            false => self.text_of(separator, at.inner()),
        };
        let mut may_be_empty = false;
        let mut made = Vec::new();
        for source in sources {
            if source.is_nothing() || source.literal() == Some("") {
                continue;
            }
            may_be_empty |= match &source.bare().kind {
                NodeKind::Text(_)
                | NodeKind::Attribute(_)
                | NodeKind::Parameter(_)
                | NodeKind::Number(_) => false,
                NodeKind::Call(call) => !matches!(call.name.as_str(), "Join" | "CStr" | "Guid"),
                _ => true,
            };
            made.push(self.text_of(source, at.inner().blank(true)));
        }
        let joined = |list: Made, separator: Made| {
            Made::call("Join", vec![list, separator], span).of(Base::TEXT)
        };
        if let [only] = made.as_slice()
            && only.many
        {
            return joined(only.clone(), separator);
        }
        let sure = made.iter().any(|source| source.present) && !may_be_empty;
        let mut parts = Vec::new();
        for source in made {
            parts.push(match source.many {
                true => joined(source, separator.clone()).expr,
                false => source.expr,
            });
        }
        if parts.is_empty() {
            return Made::text("", span);
        }
        let list = Made::new(ExprKind::List(parts), span);
        if !may_be_empty {
            return Made {
                present: sure,
                ..joined(list, separator)
            };
        }
        let variable = self.variable_name("part", at);
        let name = || Made::new(ExprKind::Name(variable.clone()), span);
        let filled = Made::binary(
            BinaryOperator::NotEqualExactly,
            name(),
            Made::text("", span),
            span,
        );
        joined(
            comprehension(name(), &variable, list, Some(filled), span),
            separator,
        )
    }

    /// `a ?? b ?? …`
    pub(super) fn coalesce(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        let mut parts = Vec::new();
        for (index, argument) in call.arguments.iter().enumerate() {
            if argument.is_nothing() {
                continue;
            }
            let last = index + 1 == call.arguments.len();
            if last && at.blank && argument.literal() == Some("") {
                continue;
            }
            let inner = if last { at } else { at.inner() };
            parts.push(self.node(argument, inner));
        }
        let alike = parts.windows(2).all(|pair| matches!(pair, [a, b] if a.base == b.base || a.base.is_none() || b.base.is_none()));
        if !alike {
            parts = parts.into_iter().map(|part| self.as_text(part)).collect();
        }
        parts
            .into_iter()
            .reduce(Made::or)
            .unwrap_or_else(|| Made::null(span))
    }

    /// `PCase(x [, separators])`: words in capitals are no exception, and without separators words begin
    /// behind everything but letters, digits and apostrophes.
    pub(super) fn proper_case(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        let (value, separators) = match call.arguments.as_slice() {
            [value] => (value, Made::text("", span)),
            [value, separators] if separators.is_nothing() => {
                (value, Made::text("", separators.span))
            }
            [value, separators] => (value, self.text_of(separators, at.inner())),
            _ => return self.miscounted(call, "a text and separators", span),
        };
        let value = self.text_of(value, at.inner().blank(at.blank));
        let (present, many) = (value.present, value.many);
        let lower = Made::call("LCase", vec![value], span);
        Made {
            present,
            many,
            ..Made::call("PCase", vec![lower, separators], span).of(Base::TEXT)
        }
    }

    /// `ToLower(x [, culture])`: ours know no culture, as the product's default does not.
    pub(super) fn case(&mut self, name: &str, call: &Call, span: Span, at: Position<'_>) -> Made {
        let [value, cultures @ ..] = call.arguments.as_slice() else {
            return self.miscounted(call, "a text and a culture", span);
        };
        match cultures {
            [] => {}
            [culture] if culture.is_nothing() || culture.literal() == Some("") => {}
            [culture] => self.note(
                culture.span,
                "the case of letters is that of no culture here",
                "it differs in Turkish, Azeri and Lithuanian only",
            ),
            _ => return self.miscounted(call, "a text and a culture", span),
        }
        let value = self.text_of(value, at.inner().blank(at.blank));
        let (present, many) = (value.present, value.many);
        Made {
            present,
            many,
            ..Made::call(name, vec![value], span).of(Base::TEXT)
        }
    }

    /// `Split(x, delimiter)`: the documented example has its pieces trimmed, and so have ours.
    pub(super) fn split(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        if let Some(delimiter) = call.arguments.get(1)
            && delimiter
                .literal()
                .is_some_and(|text| text.chars().count() != 1)
        {
            self.refuse(
                &codes::UNTRANSLATABLE,
                delimiter.span,
                "a text is divided at one character here",
                "replace the delimiter by one character first",
            );
            return Made::null(span);
        }
        let pieces = self.builtin("Split", call, span, at);
        Made {
            many: true,
            ..Made::call("Trim", vec![pieces], span).of(Base::TEXT)
        }
    }
}
