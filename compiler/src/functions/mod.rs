//! The one table of builtin functions: each is declared once, with its types, words, examples and body.
//!
//! Checker, evaluator, hovers, completion and the reference page read this table; each example is a
//! test. To add a function, add one entry to the table of its family.

mod arguments;
mod binary;
mod building;
mod certificate;
pub mod codes;
mod convert;
mod cut;
mod date;
mod date_format;
mod date_read;
mod dn;
mod letters;
mod list;
mod number;
mod parameters;
pub mod pattern;
mod random;
mod replace;
mod search;
mod test;
#[cfg(test)]
mod tests;
mod text;
mod whole;

pub use building::reserve;

use std::collections::HashMap;
use std::sync::OnceLock;

use bumpalo::Bump;

use crate::value::{Ticks, Value};

/// The functions by family, with what a family is about.
pub static FAMILIES: &[(&str, &[Function])] = &[
    ("Length, padding and joining", text::FUNCTIONS),
    ("Parts of texts", cut::FUNCTIONS),
    ("Case, accents and alphabets", letters::FUNCTIONS),
    ("Looking for texts", search::FUNCTIONS),
    ("Replacing and extracting", replace::FUNCTIONS),
    ("Sets of values", list::FUNCTIONS),
    ("Values of any type", whole::FUNCTIONS),
    ("Questions about a value", test::FUNCTIONS),
    ("From one type to another", convert::FUNCTIONS),
    ("Bits of numbers", number::FUNCTIONS),
    ("Times", date::FUNCTIONS),
    ("Distinguished names", dn::FUNCTIONS),
    ("Bytes, guids and sids", binary::FUNCTIONS),
    ("Certificates", certificate::FUNCTIONS),
    ("Chance", random::FUNCTIONS),
];

/// Every function, family by family.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|(_, functions)| *functions)
}

/// The function of exactly this name.
pub fn find(name: &str) -> Option<&'static Function> {
    static INDEX: OnceLock<HashMap<&str, &Function>> = OnceLock::new();
    INDEX
        .get_or_init(|| all().map(|function| (function.name, function)).collect())
        .get(name)
        .copied()
}

/// The function of this name in any case: what a wrong name probably meant.
pub fn find_ignoring_case(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// A builtin function.
#[derive(Debug)]
pub struct Function {
    /// Name, as rules write it.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Its parameters, in order.
    pub parameters: &'static [Parameter],
    /// What it gives.
    pub result: Shape,
    /// How long a text it gives can be.
    pub length: Length,
    /// When it gives nothing.
    pub absence: Absence,
    /// What it depends on beside its arguments.
    pub effect: Effect,
    /// Expressions and the values they give, both in the notation of the language (`null` is absent).
    pub examples: &'static [(&'static str, &'static str)],
    /// The function itself.
    pub body: Body,
}

/// A parameter of a builtin.
#[derive(Debug)]
pub struct Parameter {
    /// Name, for signatures.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// How often it may stand.
    pub occurs: Occurs,
}

/// How often an argument may stand for a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurs {
    /// Exactly once.
    Once,
    /// May be left out (then the body sees fewer arguments).
    Optional,
    /// Any number, at least one; the last parameter.
    Repeated,
}

/// Cardinality and kind of a parameter or result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A single value. A multi-valued argument makes the call map over its values.
    One(Kind),
    /// A set of values; a single value counts as a set of one.
    Many(Kind),
    /// Whatever it is, as a whole: never mapped.
    Whole(Kind),
}

/// What a value of a parameter or result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `string`
    Text,
    /// One of these words, as a text literal.
    Word(&'static [&'static str]),
    /// `int`
    Int,
    /// `bool`
    Bool,
    /// `binary`, `guid` or `sid`
    Binary,
    /// `guid`
    Guid,
    /// `time`
    Time,
    /// `dn`, or a text that holds one
    Dn,
    /// `string` or `binary`
    TextOrBinary,
    /// Anything; as a result: the common type of the arguments that were `Any`.
    Any,
}

/// How long a text result can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Nothing is known, or it is no text.
    Unknown,
    /// At most as long as the argument of this number (from 0).
    Argument(usize),
    /// At most as long as argument 0, and as the number that argument 1 is, where it is a literal.
    Cut,
    /// As `Cut`, with the number in argument 2.
    CutMid,
    /// At most this many characters.
    AtMost(u32),
    /// The sum of all arguments.
    Sum,
    /// The Base64 form of argument 0: text as UTF-16, a guid's 16 bytes as 24 characters.
    Base64,
    /// So many times the length of argument 0.
    Times(u32),
    /// The larger of argument 0 and the literal number that is argument 1.
    Pad,
}

/// When a call gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Absent if and only if an argument is absent: the evaluator sees to it and the body never meets one.
    Strict,
    /// The same, and it may be absent for other reasons too.
    StrictOrAbsent,
    /// The body sees absent arguments, and always gives a value.
    Never,
    /// The body sees absent arguments, and may give nothing.
    Body,
}

/// What a function depends on beside its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Pure,
    /// The instant of the cycle.
    Clock,
    /// Chance: allowed in `once` flows only, and evaluated when the object is written.
    Random,
}

/// A function's code.
pub type Body = for<'a> fn(&[Value<'a>], &Context<'a>) -> Result<Value<'a>, Failure>;

/// What a function may use beside its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Where results live.
    pub bump: &'a Bump,
    /// The instant of the cycle.
    pub now: Ticks,
}

impl<'a> Context<'a> {
    /// Copies `text` into the arena.
    pub fn text(&self, text: &str) -> Value<'a> {
        Value::Text(self.bump.alloc_str(text))
    }

    /// Copies `bytes` into the arena.
    pub fn binary(&self, bytes: &[u8]) -> Value<'a> {
        Value::Binary(self.bump.alloc_slice_copy(bytes))
    }
}

/// Why an expression failed on an object: one line, lower case, no final period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable code in the range of evaluation, `V01xx`.
    pub code: &'static str,
    /// What is wrong, with the value in backticks.
    pub message: String,
}

impl Failure {
    /// A failure with its code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Failure {
        Failure {
            code,
            message: message.into(),
        }
    }
}
