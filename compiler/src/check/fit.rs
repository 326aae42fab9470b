//! Whether a value fits where it stands, and the conversion where it does not.

use super::Checker;
use crate::checked::Typed;
use crate::diagnostics::{Diagnostic, codes};
use crate::ir::{Constant, Expr};
use crate::types::{Base, Type};

impl Checker<'_> {
    /// Both sides can be compared.
    pub(super) fn comparable(&mut self, left: &Typed, right: &Typed) {
        let text_or_dn = |base: &Base| matches!(base, Base::Text(_) | Base::Dn);
        let (a, b) = (&left.ty.base, &right.ty.base);
        if a.fits(b) || b.fits(a) || (text_or_dn(a) && text_or_dn(b)) {
            return;
        }
        let mut diagnostic = Diagnostic::new(
            &codes::TYPE_MISMATCH,
            left.span.to(right.span),
            format!("`{a}` and `{b}` cannot be compared"),
        );
        let tagged = [(left, right), (right, left)]
            .into_iter()
            .find_map(|(side, other)| {
                let word = match other.ty.base {
                    Base::Guid => "guid",
                    Base::Sid => "sid",
                    Base::Time => "time",
                    Base::Binary => "hex",
                    _ => return None,
                };
                matches!(side.expr, Expr::Constant(Constant::Text(_))).then_some((side.span, word))
            });
        let quoted = [(left, right), (right, left)]
            .into_iter()
            .find_map(|(side, other)| match (&side.expr, &other.ty.base) {
                (Expr::Constant(Constant::Text(text)), Base::Bool) => {
                    let word = text.to_lowercase();
                    ["true", "false"]
                        .contains(&word.as_str())
                        .then_some((side.span, word))
                }
                _ => None,
            });
        let number = [left, right]
            .into_iter()
            .find(|side| matches!(side.ty.base, Base::Int));
        let text = [left, right]
            .iter()
            .any(|side| matches!(side.ty.base, Base::Text(_)));
        if let Some((span, word)) = tagged {
            let literal = format!("{word} {}", self.sources.text(span));
            diagnostic = diagnostic
                .help(format!("write the value as {word}: `{literal}`"))
                .fix(format!("write it as {word}"), span, literal);
        } else if let Some((span, word)) = quoted {
            diagnostic = diagnostic
                .help(format!("write `{word}` without quotes"))
                .fix(format!("write `{word}`"), span, word);
        } else if let (Some(number), true) = (number, text) {
            let converted = format!("CStr({})", self.sources.text(number.span));
            diagnostic = diagnostic
                .help(format!("convert the number: `{converted}`"))
                .fix("convert with `CStr`", number.span, converted);
        } else {
            diagnostic = diagnostic.help("nothing is converted silently");
        }
        self.report(diagnostic);
    }

    /// Reports a list where a single value is needed.
    pub(crate) fn single(&mut self, value: &Typed) {
        if value.ty.many && !value.ty.is_error() {
            let text = self.sources.text(value.span).to_owned();
            self.report(
                Diagnostic::new(
                    &codes::CARDINALITY,
                    value.span,
                    format!("`{text}` has several values where one is needed"),
                )
                .help(format!("choose one: `First({text})`"))
                .fix("take the first value", value.span, format!("First({text})")),
            );
        }
    }

    /// Reports a value of another type than is needed; true if it fits.
    pub(crate) fn expect(&mut self, value: &Typed, wanted: &Base) -> bool {
        if value.ty.base.fits(wanted) {
            return true;
        }
        let diagnostic = self.mismatch(value, wanted);
        self.report(diagnostic);
        false
    }

    /// The words for a value of another type than is needed, with the conversion if there is one.
    pub(crate) fn mismatch(&self, value: &Typed, wanted: &Base) -> Diagnostic {
        let text = self.sources.text(value.span);
        let ty = Type {
            optional: false,
            ..value.ty.clone()
        };
        let diagnostic = Diagnostic::new(
            &codes::TYPE_MISMATCH,
            value.span,
            format!("`{text}` is `{ty}` where `{wanted}` is needed"),
        );
        let conversion = match (&value.ty.base, wanted) {
            (Base::Int | Base::Bool | Base::Dn, Base::Text(_)) => "CStr",
            (Base::Guid, Base::Text(_)) => "StringFromGuid",
            (Base::Sid, Base::Text(_)) => "StringFromSid",
            (Base::Binary, Base::Text(_)) => "ConvertToBase64",
            (Base::Text(_), Base::Int) => "CNum",
            (Base::Text(_) | Base::Int, Base::Bool) => "CBool",
            (Base::Text(_), Base::Time) => "CDate",
            (Base::Int, Base::Time) => "DateFromNum",
            (Base::Time, Base::Int) => "NumFromDate",
            (Base::Time, Base::Text(_)) => {
                return diagnostic.help("give it a form: `FormatDateTime(…, \"yyyy-MM-dd\")`");
            }
            (Base::Text(_), Base::Guid | Base::Binary) => "CGuid",
            (_, Base::Bool) => {
                return diagnostic.help("a condition compares, or asks `is present`");
            }
            _ => return diagnostic.help("nothing is converted silently"),
        };
        let converted = format!("{conversion}({text})");
        diagnostic.help(format!("convert it: `{converted}`")).fix(
            format!("convert with `{conversion}`"),
            value.span,
            converted,
        )
    }

    /// The type of a choice between two values.
    pub(crate) fn common(&mut self, a: &Typed, b: &Typed) -> Type {
        let optional = a.ty.optional || b.ty.optional;
        let base = match (&a.ty.base, &b.ty.base) {
            (Base::Nothing, base) | (base, Base::Nothing) => base.clone(),
            (Base::Error, _) | (_, Base::Error) => return Type::error(),
            (Base::Text(x), Base::Text(y)) => Base::Text(x.zip(*y).map(|(x, y)| x.max(y))),
            (x, y) if x == y => x.clone(),
            (x, y) if x.is_binary() && y.is_binary() => Base::Binary,
            (Base::Record(x), Base::Record(_)) => Base::Record(x.clone()),
            (Base::Ref(_), Base::Ref(_)) => Base::Ref(None),
            (x, _) => {
                let diagnostic = self.mismatch(b, x);
                self.report(diagnostic);
                return Type::error();
            }
        };
        let nothing = |side: &Typed| matches!(side.ty.base, Base::Nothing | Base::Error);
        let many = (a.ty.many && !nothing(a)) || (b.ty.many && !nothing(b));
        Type {
            base,
            many,
            optional,
        }
    }
}
