//! Contributions to one attribute come together: precedence, the null family, merging.

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use trib_compiler::ir::Mode;
use trib_compiler::value::Value;

use crate::eval::same;

/// What a flow of a rule in scope gave for an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contribution<'a> {
    /// The rule's place.
    pub rule: usize,
    /// The flow's place in the rule.
    pub flow: usize,
    /// The place of the object it read, among those that contribute.
    pub source: usize,
    /// How it comes together with others.
    pub mode: Mode,
    /// The value.
    pub value: Value<'a>,
}

/// What the contributions to an attribute give, and the place of the one that won.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Resolved<'a> {
    /// A value.
    Value(Value<'a>, usize),
    /// No value, and whatever is there goes; the place of the flow that says so.
    Cleared(usize),
    /// Only flows that say to skip: whatever is there stays.
    Kept,
}

/// The value at the end of a flow: an empty text is no value.
pub(crate) fn settled<'a>(value: Value<'a>, bump: &'a Bump) -> Value<'a> {
    match value {
        Value::Text("") => Value::Absent,
        Value::List(items) if items.contains(&Value::Text("")) => Value::list(
            bump,
            items
                .iter()
                .copied()
                .filter(|item| *item != Value::Text("")),
        ),
        value => value,
    }
}

/// Resolves contributions that stand in the order of strength.
pub(crate) fn resolve<'a>(contributions: &[Contribution<'a>], bump: &'a Bump) -> Resolved<'a> {
    let merging = contributions
        .iter()
        .find_map(|contribution| match contribution.mode {
            Mode::Merge => Some(false),
            Mode::MergeIgnoringCase => Some(true),
            _ => None,
        });
    if let Some(ignoring_case) = merging {
        return merge(contributions, ignoring_case, bump);
    }
    let mut cleared = None;
    for (at, contribution) in contributions.iter().enumerate() {
        match contribution.value {
            Value::Skip => {}
            Value::Absent => cleared = cleared.or(Some(at)),
            Value::Clear => return Resolved::Cleared(at),
            value => return Resolved::Value(value, at),
        }
    }
    cleared.map_or(Resolved::Kept, Resolved::Cleared)
}

fn merge<'a>(
    contributions: &[Contribution<'a>],
    ignoring_case: bool,
    bump: &'a Bump,
) -> Resolved<'a> {
    let mut union: BumpVec<'a, Value<'a>> = BumpVec::new_in(bump);
    let mut first = None;
    let mut skipped = 0;
    for (at, contribution) in contributions.iter().enumerate() {
        match contribution.value {
            Value::Skip => skipped += 1,
            Value::Clear => break,
            value => {
                for item in value.items() {
                    first = first.or(Some(at));
                    if !union.iter().any(|known| same(*known, *item, ignoring_case)) {
                        union.push(*item);
                    }
                }
            }
        }
    }
    match first {
        Some(first) => Resolved::Value(Value::List(union.into_bump_slice()), first),
        None if skipped == contributions.len() => Resolved::Kept,
        None => Resolved::Cleared(0),
    }
}

/// Whether two values are the same to a directory: exact, lists as sets.
pub(crate) fn equal(a: Value<'_>, b: Value<'_>) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|item| b.iter().any(|other| equal(*item, *other)))
        }
        // A set of one is the same as its value.
        (Value::List([a]), b) | (b, Value::List([a])) => equal(*a, b),
        (Value::Record(a), Value::Record(b)) => {
            let within = |a: &[(&str, Value<'_>)], b: &[(&str, Value<'_>)]| {
                a.iter()
                    .filter(|(_, value)| value.is_present())
                    .all(|(name, value)| {
                        b.iter()
                            .any(|(other, given)| other == name && equal(*value, *given))
                    })
            };
            within(a, b) && within(b, a)
        }
        (a, b) if !a.is_present() && !b.is_present() => true,
        (a, b) => a.equals(b, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contribution(mode: Mode, value: Value<'_>) -> Contribution<'_> {
        Contribution {
            rule: 0,
            flow: 0,
            source: 0,
            mode,
            value,
        }
    }

    #[test]
    fn the_null_family() {
        let bump = Bump::new();
        let text = Value::Text("x");
        for (values, wanted) in [
            (vec![text, Value::Text("y")], Resolved::Value(text, 0)),
            (vec![Value::Absent, text], Resolved::Value(text, 1)),
            (vec![Value::Clear, text], Resolved::Cleared(0)),
            (vec![Value::Skip, text], Resolved::Value(text, 1)),
            (vec![Value::Skip, Value::Absent], Resolved::Cleared(1)),
            (vec![Value::Skip, Value::Skip], Resolved::Kept),
            (vec![Value::Absent], Resolved::Cleared(0)),
        ] {
            let list: Vec<_> = values
                .iter()
                .map(|v| contribution(Mode::Replace, *v))
                .collect();
            assert_eq!(resolve(&list, &bump), wanted, "{values:?}");
        }
    }

    #[test]
    fn a_merge_keeps_the_stronger_spelling() {
        let bump = Bump::new();
        let strong = Value::List(&[Value::Text("SMTP:a@x"), Value::Text("smtp:b@x")]);
        let weak = Value::List(&[Value::Text("smtp:a@x"), Value::Text("smtp:c@x")]);
        let list = [strong, weak].map(|v| contribution(Mode::MergeIgnoringCase, v));
        let Resolved::Value(Value::List(items), 0) = resolve(&list, &bump) else {
            panic!("a union is a list");
        };
        let texts: Vec<_> = items.iter().filter_map(|item| item.as_text()).collect();
        assert_eq!(texts, ["SMTP:a@x", "smtp:b@x", "smtp:c@x"]);
    }

    #[test]
    fn sets_have_no_order() {
        let ab = [Value::Text("a"), Value::Text("b")];
        let ba = [Value::Text("b"), Value::Text("a")];
        assert!(equal(Value::List(&ab), Value::List(&ba)));
        assert!(equal(Value::List(&ab[..1]), Value::Text("a")));
        assert!(
            !equal(Value::Text("a"), Value::Text("A")),
            "a change of case is a change"
        );
    }
}
