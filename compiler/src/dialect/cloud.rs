//! The functions of cloud sync. Decisions: conditions give truths and counts give numbers, as they do in
//! our language, and become texts where a text is needed; times become texts (`M/d/yyyy h:mm:ss tt`, UTC)
//! wherever they leave an expression. An `IIF` over an absent attribute takes its other branch, where the
//! product itself fails.

mod replace;
mod texts;

use trib_grammar::Span;
use trib_grammar::ast::{BinaryOperator, ExprKind};

use super::connect::unknown;
use super::made::Made;
use super::pattern;
use super::syntax::{Call, Node, NodeKind, Operator};
use super::translator::{Position, Translator};
use crate::diagnostics::codes;
use crate::types::Base;

/// Functions that mean the same here, times and texts apart.
const SAME: &[&str] = &[
    "Append",
    "BitAnd",
    "CBool",
    "ConvertFromBase64",
    "ConvertToBase64",
    "ConvertToUTF8Hex",
    "Count",
    "CRef",
    "DateAdd",
    "DateDiff",
    "DateFromNum",
    "DNComponent",
    "Guid",
    "InStr",
    "IsNull",
    "IsNullOrEmpty",
    "IsPresent",
    "IsString",
    "Item",
    "Left",
    "Mid",
    "NormalizeDiacritics",
    "Now",
    "NumFromDate",
    "RandomString",
    "Redact",
    "RemoveDuplicates",
    "StringFromSid",
    "StripSpaces",
    "Trim",
    "Word",
];

/// Functions that are written differently here.
const OTHER: &[&str] = &[
    "CDate",
    "Coalesce",
    "CStr",
    "Error",
    "FormatDateTime",
    "IgnoreFlowIfNullOrEmpty",
    "IIF",
    "Join",
    "Not",
    "PCase",
    "Replace",
    "SelectUniqueValue",
    "Split",
    "Switch",
    "ToLower",
    "ToUpper",
];

pub(super) fn call(
    translator: &mut Translator<'_>,
    call: &Call,
    node: &Node,
    at: Position<'_>,
) -> Made {
    let span = node.span;
    match call.name.as_str() {
        "IIF" => translator.iif(call, node, at),
        "Switch" => translator.switch(call, span, at),
        "Error" => translator.failure(call, span, at),
        "Join" => translator.join(call, span, at),
        "Replace" => translator.replace(call, span, at),
        "FormatDateTime" => translator.format_date_time(call, span, at),
        "CDate" => match call.arguments.as_slice() {
            [only] => {
                let made = translator.node(only, at.inner());
                translator.as_time(made)
            }
            _ => translator.miscounted(call, "a text", span),
        },
        "CStr" => match call.arguments.as_slice() {
            [only] => {
                let made = translator.node(only, at.inner());
                if made.is_text() {
                    return made;
                }
                let text = translator.as_text(made);
                if text.is_text() {
                    text
                } else {
                    Made::call("CStr", vec![text], span).of(Base::TEXT)
                }
            }
            _ => translator.miscounted(call, "a value", span),
        },
        "Coalesce" => translator.coalesce(call, span, at),
        "IgnoreFlowIfNullOrEmpty" => translator.ignore(call, span, at),
        "Not" => translator.negation(call, span, at),
        "PCase" => translator.proper_case(call, span, at),
        "ToLower" => translator.case("LCase", call, span, at),
        "ToUpper" => translator.case("UCase", call, span, at),
        "Split" => translator.split(call, span, at),
        "SelectUniqueValue" => {
            if call.arguments.len() < 2 {
                return translator.miscounted(call, "at least two values", span);
            }
            if !at.tail {
                translator.refuse(
                    &codes::UNTRANSLATABLE,
                    span,
                    "`SelectUniqueValue` stands at the top of an expression only",
                    "put the functions round each of its candidates",
                );
            }
            translator.builtin("FirstUnique", call, span, at)
        }
        "AppRoleAssignmentsComplex" | "SingleAppRoleAssignment" => {
            let message = format!(
                "`{}` is for roles of other applications, not for a directory",
                call.name
            );
            translator.refuse(
                &codes::UNTRANSLATABLE,
                call.name_span,
                message,
                "leave the flow out",
            );
            Made::null(span)
        }
        name if SAME.contains(&name) => translator.builtin(name, call, span, at),
        name => unknown(
            translator,
            name,
            call.name_span,
            SAME.iter().chain(OTHER).copied(),
        ),
    }
}

impl Translator<'_> {
    /// An argument as the text that the product passes on.
    fn text_of(&mut self, node: &Node, at: Position<'_>) -> Made {
        let made = self.node(node, at);
        self.as_text(made)
    }

    /// `Switch(source, default, key, value, …)`, which compares exactly; the key "" is for nothing too.
    fn switch(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        let [source, default, rest @ ..] = call.arguments.as_slice() else {
            return self.miscounted(
                call,
                "a source, a default and pairs of keys and values",
                span,
            );
        };
        let (pairs, odd) = rest.as_chunks::<2>();
        if !odd.is_empty() || pairs.is_empty() {
            return self.miscounted(
                call,
                "a source, a default and pairs of keys and values",
                span,
            );
        }
        let otherwise = if default.is_nothing() || default.literal() == Some("") && at.blank {
            Made::null(default.span)
        } else {
            self.node(default, at)
        };
        let subject = self.node(source, at.inner().blank(true));
        let folded = match &source.bare().kind {
            NodeKind::Call(call) => call.name.clone(),
            _ => String::new(),
        };
        // Our `match` ignores case: it is the same where no key has one, or the source has only that one.
        let plain = |key: &str| {
            !key.is_empty()
                && (key.to_lowercase() == key.to_uppercase()
                    || folded == "ToLower" && key.to_lowercase() == key
                    || folded == "ToUpper" && key.to_uppercase() == key)
        };
        let simple = pairs.len() > 1
            && !subject.is(&Base::Bool)
            && !subject.is(&Base::Int)
            && !subject.many
            && pairs
                .iter()
                .all(|[key, _]| key.literal().is_some_and(plain));
        let mut made = Vec::new();
        for [key, value] in pairs {
            let value = self.value(value, at);
            let test = if simple {
                self.node(key, at.inner())
            } else if key.is_nothing() || key.literal() == Some("") {
                let asked = self.node(source, at.inner().blank(true));
                Made::call("IsNullOrEmpty", vec![asked], key.span)
                    .of(Base::Bool)
                    .surely()
            } else {
                let left = self.node(source, at.inner().blank(true));
                let left = self.comparable(left);
                let right = self.text_of(key, at.inner());
                self.compared(Operator::Equal, left, right, source.span.to(key.span))
            };
            made.push((test, value));
        }
        if simple {
            return self.matched(subject, made, otherwise, span);
        }
        self.choices(made, otherwise, span)
    }

    /// A time is compared as its text.
    fn comparable(&mut self, made: Made) -> Made {
        if made.is(&Base::Time) {
            self.as_text(made)
        } else {
            made
        }
    }

    /// `IgnoreFlowIfNullOrEmpty(x)`: the value, or no flow at all.
    fn ignore(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        let [value] = call.arguments.as_slice() else {
            return self.miscounted(call, "a value", span);
        };
        let skip = self.outcome(ExprKind::Skip, span, at);
        let made = self.node(value, at.inner().blank(true));
        if matches!(value.bare().kind, NodeKind::Attribute(_)) {
            return made.or(skip);
        }
        let asked = Made::call("IsPresent", vec![made.clone()], span)
            .of(Base::Bool)
            .surely();
        Made::choice(asked, made, skip, span)
    }

    /// `Not(x)`: true of everything but true.
    fn negation(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        let [value] = call.arguments.as_slice() else {
            return self.miscounted(call, "a truth", span);
        };
        let made = self.node(value, at.inner());
        if made.is(&Base::Bool) {
            return made.not();
        }
        let text = match made.is_text() {
            true => made,
            false => Made::call("CStr", vec![made], span),
        };
        let truth = Made::text("True", span);
        Made::binary(BinaryOperator::NotEqualExactly, text, truth, span)
            .of(Base::Bool)
            .surely()
    }

    /// `FormatDateTime(source, [styles,] input format, output format)`
    fn format_date_time(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        let (source, input, output) = match call.arguments.as_slice() {
            [source, input, output] => (source, input, output),
            [source, styles, input, output] => {
                if !styles.is_nothing() && styles.literal() != Some("") {
                    self.note(
                        styles.span,
                        "styles of reading times have no equivalent",
                        "the input format alone decides",
                    );
                }
                (source, input, output)
            }
            _ => return self.miscounted(call, "a time and two formats", span),
        };
        let made = self.node(source, at.inner());
        let output = self.text_of(output, at.inner());
        let time = if made.is(&Base::Time) {
            made
        } else if input.is_nothing() || input.literal() == Some("") {
            self.as_time(made)
        } else {
            let Some((regex, replacement)) = input.literal().and_then(pattern::reading) else {
                self.refuse(
                    &codes::UNTRANSLATABLE,
                    input.span,
                    "times cannot be read by this format here",
                    "formats of digits with year, month and day can; otherwise rearrange the text and use `CDate`",
                );
                return Made::null(span);
            };
            let present = made.present;
            let arguments = vec![
                made,
                Made::text(&regex, input.span),
                Made::text(&replacement, input.span),
            ];
            let iso = Made::call("RegexReplace", arguments, input.span).of(Base::TEXT);
            self.as_time(Made { present, ..iso })
        };
        let present = time.present && output.present;
        Made {
            present,
            ..Made::call("FormatDateTime", vec![time, output], span).of(Base::TEXT)
        }
    }
}
