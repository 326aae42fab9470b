//! Atoms: what can be said of one value, and what one atom says of another.

use crate::ir::{Comparison, Constant, Expr};
use crate::notation::dn::{dn_equal, dn_under};
use crate::value::{Value, text_contains, text_ends, text_starts};

/// Something that holds of a present value or does not. None holds of an absent one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Atom<'e> {
    /// It is present.
    Present,
    /// It equals the constant; the flag minds the case.
    Equal(&'e Constant, bool),
    /// It is before or behind the constant.
    Order(Comparison, &'e Constant),
    /// It starts with the text.
    Starts(&'e str, bool),
    /// It ends with the text.
    Ends(&'e str, bool),
    /// It contains the text.
    Contains(&'e str, bool),
    /// It is a dn below this one.
    Under(&'e str),
    /// One of these bits at least is set.
    Bits(i64),
    /// The constant is among its values.
    Has(&'e Constant, bool),
    /// It compares so with a value that only the object knows.
    Relation(Comparison, bool, &'e Expr),
}

impl<'e> Atom<'e> {
    /// The atom of a comparison with a constant, where there is one.
    pub fn compared(comparison: Comparison, value: &'e Constant, exact: bool) -> Option<Atom<'e>> {
        Some(match (comparison, value) {
            (Comparison::Equal, value) => Atom::Equal(value, exact),
            (Comparison::Less | Comparison::LessOrEqual, value)
            | (Comparison::Greater | Comparison::GreaterOrEqual, value) => {
                Atom::Order(comparison, value)
            }
            (Comparison::StartsWith, Constant::Text(text)) => Atom::Starts(text, exact),
            (Comparison::EndsWith, Constant::Text(text)) => Atom::Ends(text, exact),
            (Comparison::Contains, Constant::Text(text)) => Atom::Contains(text, exact),
            (Comparison::Under, Constant::Text(dn)) => Atom::Under(dn),
            _ => return None,
        })
    }

    /// Whether it holds of a value that equals `value`: in every letter if `exactly`, else apart from
    /// case. `None` where that is not enough to know.
    pub fn of(&self, value: &Constant, exactly: bool) -> Option<bool> {
        let scalar = scalar(value)?;
        let text = scalar.as_text();
        // Capital and small letters beyond ASCII may differ with what stands beside them.
        if let (Atom::Ends(part, _) | Atom::Contains(part, _), false) = (self, exactly)
            && !(part.is_ascii() && text.is_none_or(str::is_ascii))
        {
            return None;
        }
        let minds_case = match self {
            Atom::Equal(_, exact) | Atom::Starts(_, exact) => *exact,
            Atom::Ends(_, exact) | Atom::Contains(_, exact) => *exact,
            _ => false,
        };
        let judge = |exact: bool| {
            Some(match *self {
                Atom::Present => true,
                Atom::Equal(other, _) => scalar.equals(self::scalar(other)?, exact),
                Atom::Order(comparison, other) => {
                    let order = scalar.compare(self::scalar(other)?)?;
                    match comparison {
                        Comparison::Less => order.is_lt(),
                        Comparison::LessOrEqual => order.is_le(),
                        Comparison::Greater => order.is_gt(),
                        _ => order.is_ge(),
                    }
                }
                Atom::Starts(part, _) => text_starts(text?, part, exact),
                Atom::Ends(part, _) => text_ends(text?, part, exact),
                Atom::Contains(part, _) => text_contains(text?, part, exact),
                Atom::Under(base) => dn_under(text?, base),
                Atom::Bits(mask) => match scalar {
                    Value::Int(bits) => bits & mask != 0,
                    _ => return None,
                },
                Atom::Has(..) | Atom::Relation(..) => return None,
            })
        };
        match (minds_case, exactly || text.is_none()) {
            (true, true) => judge(true),
            (false, _) => judge(false),
            // The letters may be right and their case wrong.
            (true, false) => judge(false).filter(|holds| !holds),
        }
    }

    /// What follows for `other`, of the same value, where this atom holds; `None` where nothing does.
    pub fn decides(&self, other: &Atom<'_>) -> Option<bool> {
        let finer = |own: bool, others: bool| own || !others;
        match (*self, *other) {
            (_, Atom::Present) => Some(true),
            (Atom::Equal(value, exact), _) => other.of(value, exact),
            (Atom::Starts(a, own), Atom::Starts(b, others)) => {
                if text_starts(a, b, others) && finer(own, others) {
                    Some(true)
                } else if text_starts(a, b, false) || text_starts(b, a, false) {
                    None
                } else {
                    Some(false)
                }
            }
            (Atom::Ends(a, own), Atom::Ends(b, others)) if a.is_ascii() && b.is_ascii() => {
                if text_ends(a, b, others) && finer(own, others) {
                    Some(true)
                } else if text_ends(a, b, false) || text_ends(b, a, false) {
                    None
                } else {
                    Some(false)
                }
            }
            (
                Atom::Starts(a, own) | Atom::Ends(a, own) | Atom::Contains(a, own),
                Atom::Contains(b, others),
            ) if a.is_ascii() && b.is_ascii() => {
                (text_contains(a, b, others) && finer(own, others)).then_some(true)
            }
            (Atom::Under(a), Atom::Under(b)) => {
                if dn_equal(a, b) || dn_under(a, b) {
                    Some(true)
                } else if dn_under(b, a) {
                    None
                } else {
                    Some(false)
                }
            }
            (Atom::Has(a, own), Atom::Has(b, others)) => {
                let same = scalar(a)?.equals(scalar(b)?, others);
                (same && finer(own, others)).then_some(true)
            }
            _ => (self == other).then_some(true),
        }
    }
}

/// A constant as a value, if it is a single one.
pub(super) fn scalar(constant: &Constant) -> Option<Value<'_>> {
    Some(match constant {
        Constant::Bool(value) => Value::Bool(*value),
        Constant::Int(value) => Value::Int(*value),
        Constant::Text(value) => Value::Text(value),
        Constant::Binary(value) => Value::Binary(value),
        Constant::Time(value) => Value::Time(*value),
        Constant::Dn(value) => Value::Dn(value),
        Constant::Absent | Constant::List(_) | Constant::Record(_) => return None,
    })
}
