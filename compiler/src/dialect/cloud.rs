//! The functions of cloud sync. Decisions: conditions give truths and counts give numbers, as they do in
//! our language, and become texts where a text is needed; times become texts (`M/d/yyyy h:mm:ss tt`, UTC)
//! wherever they leave an expression. An `IIF` over an absent attribute takes its other branch, where the
//! product itself fails.

use trib_grammar::Span;
use trib_grammar::ast::{BinaryOperator, ExprKind};

use super::connect::unknown;
use super::group;
use super::lift::comprehension;
use super::made::Made;
use super::pattern;
use super::syntax::{Call, Node, NodeKind, Operator};
use super::translator::{Position, Translator};
use crate::diagnostics::codes;
use crate::functions::{self, Kind, Shape};
use crate::types::Base;

/// Functions that mean the same here, times and texts apart.
const SAME: &[&str] = &[
    "Append", "BitAnd", "CBool", "ConvertFromBase64", "ConvertToBase64", "ConvertToUTF8Hex", "Count", "CRef",
    "DateAdd", "DateDiff", "DateFromNum", "DNComponent", "Guid", "InStr", "IsNull", "IsNullOrEmpty", "IsPresent",
    "IsString", "Item", "Left", "Mid", "NormalizeDiacritics", "Now", "NumFromDate", "RandomString", "Redact",
    "RemoveDuplicates", "StringFromSid", "StripSpaces", "Trim", "Word",
];

/// Functions that are written differently here.
const OTHER: &[&str] = &[
    "CDate", "Coalesce", "CStr", "Error", "FormatDateTime", "IgnoreFlowIfNullOrEmpty", "IIF", "Join", "Not", "PCase",
    "Replace", "SelectUniqueValue", "Split", "Switch", "ToLower", "ToUpper",
];

pub(super) fn call(translator: &mut Translator<'_>, call: &Call, node: &Node, at: Position<'_>) -> Made {
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
                if text.is_text() { text } else { Made::call("CStr", vec![text], span).of(Base::TEXT) }
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
                translator.refuse(&codes::UNTRANSLATABLE, span, "`SelectUniqueValue` stands at the top of an expression only", "put the functions round each of its candidates");
            }
            translator.builtin("FirstUnique", call, span, at)
        }
        "AppRoleAssignmentsComplex" | "SingleAppRoleAssignment" => {
            let message = format!("`{}` is for roles of other applications, not for a directory", call.name);
            translator.refuse(&codes::UNTRANSLATABLE, call.name_span, message, "leave the flow out");
            Made::null(span)
        }
        name if SAME.contains(&name) => translator.builtin(name, call, span, at),
        name => unknown(translator, name, call.name_span, SAME.iter().chain(OTHER).copied()),
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
            return self.miscounted(call, "a source, a default and pairs of keys and values", span);
        };
        let (pairs, odd) = rest.as_chunks::<2>();
        if !odd.is_empty() || pairs.is_empty() {
            return self.miscounted(call, "a source, a default and pairs of keys and values", span);
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
            && pairs.iter().all(|[key, _]| key.literal().is_some_and(plain));
        let mut made = Vec::new();
        for [key, value] in pairs {
            let value = self.value(value, at);
            let test = if simple {
                self.node(key, at.inner())
            } else if key.is_nothing() || key.literal() == Some("") {
                let asked = self.node(source, at.inner().blank(true));
                Made::call("IsNullOrEmpty", vec![asked], key.span).of(Base::Bool).surely()
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
        if made.is(&Base::Time) { self.as_text(made) } else { made }
    }

    /// `Join(separator, a, b, …)`: sources without a value are left out, several values are several sources.
    fn join(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
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
                NodeKind::Text(_) | NodeKind::Attribute(_) | NodeKind::Parameter(_) | NodeKind::Number(_) => false,
                NodeKind::Call(call) => !matches!(call.name.as_str(), "Join" | "CStr" | "Guid"),
                _ => true,
            };
            made.push(self.text_of(source, at.inner().blank(true)));
        }
        let joined = |list: Made, separator: Made| Made::call("Join", vec![list, separator], span).of(Base::TEXT);
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
        let filled = Made::binary(BinaryOperator::NotEqualExactly, name(), Made::text("", span), span);
        joined(comprehension(name(), &variable, list, Some(filled), span), separator)
    }

    /// `a ?? b ?? …`
    fn coalesce(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
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
        parts.into_iter().reduce(Made::or).unwrap_or_else(|| Made::null(span))
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
        let asked = Made::call("IsPresent", vec![made.clone()], span).of(Base::Bool).surely();
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
        Made::binary(BinaryOperator::NotEqualExactly, text, truth, span).of(Base::Bool).surely()
    }

    /// `PCase(x [, separators])`: words in capitals are no exception, and without separators words begin
    /// behind everything but letters, digits and apostrophes.
    fn proper_case(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        let (value, separators) = match call.arguments.as_slice() {
            [value] => (value, Made::text("", span)),
            [value, separators] if separators.is_nothing() => (value, Made::text("", separators.span)),
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
    fn case(&mut self, name: &str, call: &Call, span: Span, at: Position<'_>) -> Made {
        let [value, cultures @ ..] = call.arguments.as_slice() else {
            return self.miscounted(call, "a text and a culture", span);
        };
        match cultures {
            [] => {}
            [culture] if culture.is_nothing() || culture.literal() == Some("") => {}
            [culture] => self.note(culture.span, "the case of letters is that of no culture here", "it differs in Turkish, Azeri and Lithuanian only"),
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
    fn split(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        if let Some(delimiter) = call.arguments.get(1)
            && delimiter.literal().is_some_and(|text| text.chars().count() != 1)
        {
            self.refuse(&codes::UNTRANSLATABLE, delimiter.span, "a text is divided at one character here", "replace the delimiter by one character first");
            return Made::null(span);
        }
        let pieces = self.builtin("Split", call, span, at);
        Made {
            many: true,
            ..Made::call("Trim", vec![pieces], span).of(Base::TEXT)
        }
    }

    /// `FormatDateTime(source, [styles,] input format, output format)`
    fn format_date_time(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        let (source, input, output) = match call.arguments.as_slice() {
            [source, input, output] => (source, input, output),
            [source, styles, input, output] => {
                if !styles.is_nothing() && styles.literal() != Some("") {
                    self.note(styles.span, "styles of reading times have no equivalent", "the input format alone decides");
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
            let arguments = vec![made, Made::text(&regex, input.span), Made::text(&replacement, input.span)];
            let iso = Made::call("RegexReplace", arguments, input.span).of(Base::TEXT);
            self.as_time(Made { present, ..iso })
        };
        let present = time.present && output.present;
        Made {
            present,
            ..Made::call("FormatDateTime", vec![time, output], span).of(Base::TEXT)
        }
    }

    /// `Replace(source, old, regex, group, replacement, attribute, template)`: its mode is told by which
    /// arguments are given.
    fn replace(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        if call.arguments.is_empty() || call.arguments.len() > 7 {
            return self.miscounted(call, "a source, an old value, a regular expression, a group, a replacement, an attribute and a template", span);
        }
        let given = |index: usize| call.arguments.get(index).filter(|node| !node.is_nothing());
        let Some(source) = given(0) else {
            return self.miscounted(call, "a source first", span);
        };
        match (given(1), given(2), given(3), given(4), given(5), given(6)) {
            (Some(old), None, None, Some(new), None, None) => self.replaced(source, old, new, span, at),
            (Some(old), None, None, None, None, Some(template)) => self.replaced(template, old, source, span, at),
            (None, Some(regex), None, Some(new), None, None) => {
                let new = self.replacing(new, group::replacement, at);
                self.by_regex(source, regex, None, new, span, at)
            }
            (None, Some(regex), Some(name), Some(new), None, None) => self.in_group(source, regex, name, new, span, at),
            (None, Some(regex), Some(name), None, Some(attribute), None) => {
                let made = self.text_of(source, at.inner().blank(true));
                let attribute = self.text_of(attribute, at.inner().blank(true));
                self.compiles(regex, None);
                let regex = self.text_of(regex, at.inner());
                let name = self.text_of(name, at.inner());
                let extracted = Made::call("RegexExtract", vec![attribute, regex, name], span).of(Base::TEXT);
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
    fn replaced(&mut self, text: &Node, old: &Node, new: &Node, span: Span, at: Position<'_>) -> Made {
        let text = self.text_of(text, at.inner().blank(at.blank));
        // Our `Replace` reads `\n`, `\r` and `\t` in its arguments, which this one does not.
        let moniker = |node: &Node| node.literal().is_some_and(|text| text.contains('\\'));
        if let (Some(found), true) = (old.literal(), moniker(old) || moniker(new)) {
            let regex = Made::text(&regex::escape(found), old.span);
            let new = self.replacing(new, group::verbatim, at);
            let arguments = vec![(Shape::One(Kind::Text), text), (Shape::One(Kind::Text), regex), (Shape::One(Kind::Text), new)];
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
        let new = if new.present { new } else { new.or(Made::text("", span)) };
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
        let made = if made.present { made } else { made.or(Made::text("", span)) };
        let arguments = vec![made, Made::text("$", span), Made::text("$$", span)];
        Made::call("Replace", arguments, span).of(Base::TEXT).surely()
    }

    /// The regular expression replaced; `instead` where its text was changed.
    fn by_regex(&mut self, source: &Node, regex: &Node, instead: Option<String>, new: Made, span: Span, at: Position<'_>) -> Made {
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
    fn in_group(&mut self, source: &Node, regex: &Node, name: &Node, new: &Node, span: Span, at: Position<'_>) -> Made {
        let halves = regex.literal().zip(name.literal()).and_then(|(regex, name)| group::around(regex, name));
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
                let parts = vec![Made::text("${before}", span), new, Made::text("${after}", span)];
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
                format!("the regular expression cannot be used here: {}", failure.message),
                "back-references and look-around are not part of linear-time expressions",
            );
        }
    }
}
