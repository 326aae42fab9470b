//! What was written last to each slot of a target entry, and what the directory showed then.
//!
//! A service may answer a write with a value of its own making (the suffix of a login, a mail address
//! derived from it). Such a value is not written again until the rule's value or the shown one changes.

use bumpalo::Bump;
use trib_compiler::value::{Value, text_equals_ignoring_case};

use crate::object::{Row, encode_row};

/// Both memories of a slot lie side by side: intended, then shown. Each is a list of one value, an
/// empty list for "no value", or absent where nothing is remembered.
fn wrap<'a>(value: Value<'a>, bump: &'a Bump) -> Value<'a> {
    match value.is_present() {
        true => Value::List(bump.alloc_slice_copy(&[value])),
        false => Value::List(&[]),
    }
}

fn unwrap(value: Value<'_>) -> Option<Value<'_>> {
    match value {
        Value::List([]) => Some(Value::Absent),
        Value::List([value]) => Some(*value),
        _ => None,
    }
}

/// The memory after these slots were written.
pub fn remember(written: &[u8], width: usize, slots: &[(usize, Value<'_>)]) -> Vec<u8> {
    let bump = Bump::new();
    let mut memory: Vec<Value<'_>> = (0..2 * width)
        .map(|at| Row::new(written).get(at, &bump))
        .collect();
    for (slot, value) in slots {
        if let Some([intended, shown]) = memory.get_mut(2 * slot..2 * slot + 2) {
            *intended = wrap(*value, &bump);
            *shown = Value::Absent;
        }
    }
    encode_row(&memory)
}

/// Of the values that were written to a merged slot, those that we brought: known as ours before, or
/// not shown before.
pub fn contributed<'a>(
    written: &[u8],
    slot: usize,
    shown: Value<'_>,
    value: Value<'a>,
    bump: &'a Bump,
) -> Value<'a> {
    let memory = Bump::new();
    let ours = intended(written, slot, &memory).unwrap_or(Value::Absent);
    let among = |list: Value<'_>, item: Value<'_>| {
        list.items().iter().any(|known| known.equals(item, true))
    };
    let items = value.items().iter().copied();
    Value::list(
        bump,
        items.filter(|item| among(ours, *item) || !among(shown, *item)),
    )
}

/// The memory after an import showed these slots.
pub fn confirm(written: &[u8], row: &Row<'_>, slots: &[usize]) -> Vec<u8> {
    let bump = Bump::new();
    let memory = Row::new(written);
    let mut values: Vec<Value<'_>> = (0..memory.len()).map(|at| memory.get(at, &bump)).collect();
    for slot in slots {
        if let Some([intended, shown]) = values.get_mut(2 * slot..2 * slot + 2)
            && unwrap(*intended).is_some()
            && unwrap(*shown).is_none()
        {
            *shown = wrap(row.get(*slot, &bump), &bump);
        }
    }
    encode_row(&values)
}

/// What was intended for a slot, if it was ever written.
pub fn intended<'a>(written: &'a [u8], slot: usize, bump: &'a Bump) -> Option<Value<'a>> {
    unwrap(Row::new(written).get(2 * slot, bump))
}

/// The directory shows another value than the intended one, but the one it made of it: the same login
/// or address under another domain.
pub fn is_derived(written: &[u8], slot: usize, wanted: Value<'_>, shown: Value<'_>) -> bool {
    let bump = Bump::new();
    let memory = Row::new(written);
    let before = unwrap(memory.get(2 * slot, &bump));
    let answer = unwrap(memory.get(2 * slot + 1, &bump));
    let (Some(before), Some(answer)) = (before, answer) else {
        return false;
    };
    let (Some(wanted_text), Some(shown_text)) = (wanted.as_text(), shown.as_text()) else {
        return false;
    };
    let local = |text: &str| text.split('@').next().unwrap_or_default().to_owned();
    before.equals(wanted, true)
        && answer.equals(shown, true)
        && wanted_text.contains('@')
        && text_equals_ignoring_case(&local(wanted_text), &local(shown_text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calculated_login_is_left_alone_until_something_changes() {
        let bump = Bump::new();
        let wanted = Value::Text("ann@corp.local");
        let written = remember(&[], 2, &[(1, wanted)]);
        let shown = Value::Text("ann@contoso.onmicrosoft.com");
        assert!(!is_derived(&written, 1, wanted, shown), "not confirmed yet");
        let row = encode_row(&[Value::Absent, shown]);
        let written = confirm(&written, &Row::new(&row), &[0, 1]);
        assert!(is_derived(&written, 1, wanted, shown));
        assert!(!is_derived(
            &written,
            1,
            Value::Text("eve@corp.local"),
            shown
        ));
        assert!(!is_derived(
            &written,
            1,
            wanted,
            Value::Text("ann@elsewhere.com")
        ));
        assert_eq!(intended(&written, 1, &bump), Some(wanted));
        assert_eq!(intended(&written, 0, &bump), None);
    }
}
