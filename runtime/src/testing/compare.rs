//! Whether an object has the values that a test expects of it.

use bumpalo::Bump;
use trib_compiler::ir::{Attribute, Constant, End};
use trib_compiler::types::Base;
use trib_compiler::value::Value;

use super::expect::Candidate;
use super::given::texts;
use super::{Running, show};
use crate::error::Error;
use crate::eval::Place;
use crate::object::{Row, constant};

impl Running {
    /// What an attribute has instead of the expected value, if it has another.
    pub(super) fn differs(
        &self,
        candidate: &Candidate,
        end: End,
        name: &str,
        expected: &Constant,
    ) -> Result<Option<String>, Error> {
        let program = &self.engine.program;
        let types = program.ir_type(end).zip(program.object_type(end));
        let found = types.and_then(|(ir, ty)| {
            let at = ir.attributes.iter().position(|known| known.name == name)?;
            Some((ir.attributes.get(at)?, ty.layout.places.get(at)?))
        });
        let Some((attribute, place)) = found else {
            return Ok(Some("unknown".to_owned()));
        };
        if let Place::Reference(number) = place {
            return self.references_differ(candidate, *number, expected);
        }
        let bump = Bump::new();
        let actual = match place {
            _ if is_own_dn(attribute) => match candidate.dn.as_str() {
                "" => Value::Absent,
                dn => Value::Dn(dn),
            },
            Place::Slot(slot) => Row::new(&candidate.row).get(*slot, &bump),
            _ => Value::Absent,
        };
        let met = meets(expected, actual, &bump);
        Ok((!met).then(|| show::value(actual, &attribute.ty.base)))
    }

    fn references_differ(
        &self,
        candidate: &Candidate,
        attribute: i64,
        expected: &Constant,
    ) -> Result<Option<String>, Error> {
        let store = &self.engine.store;
        let actual = match (candidate.entry, candidate.object) {
            (Some(entry), _) => store.references(entry, attribute)?,
            (None, Some(object)) => store.object_references(object, attribute)?,
            _ => Vec::new(),
        };
        let mut wanted = Vec::new();
        for text in texts(expected) {
            wanted.push(self.referred(candidate, text)?);
        }
        let mut found: Vec<Option<i64>> = actual.iter().copied().map(Some).collect();
        wanted.sort_unstable();
        wanted.dedup();
        found.sort_unstable();
        if wanted == found {
            return Ok(None);
        }
        let mut names = Vec::new();
        for id in actual {
            let entry = match candidate.entry {
                Some(_) => Some(id),
                None => store.entries_of(id)?.first().map(|entry| entry.id),
            };
            let name = entry.map(|id| self.engine.name_of(id)).transpose()?;
            names.push(show::text(&name.unwrap_or_default()));
        }
        Ok(Some(match names.is_empty() {
            true => "null".to_owned(),
            false => show::list(names.into_iter()),
        }))
    }

    /// The object (or its entry in the candidate's directory) that a label or dn means.
    pub(super) fn referred(&self, candidate: &Candidate, text: &str) -> Result<Option<i64>, Error> {
        let Some(entry) = self.labelled(text)? else {
            return Ok(None);
        };
        if candidate.entry.is_none() {
            return Ok(entry.object);
        }
        if entry.connector == candidate.connector {
            return Ok(Some(entry.id));
        }
        let Some(object) = entry.object else {
            return Ok(None);
        };
        let entries = self.engine.store.entries_of(object)?;
        let own = entries
            .iter()
            .find(|entry| entry.connector == candidate.connector);
        Ok(own.map(|entry| entry.id))
    }
}

/// An attribute that is the entry's own name.
fn is_own_dn(attribute: &Attribute) -> bool {
    matches!(attribute.ty.base, Base::Dn) && !attribute.reference
}

/// A value is as expected: texts exactly, lists as sets; of records the fields that are listed.
fn meets(expected: &Constant, actual: Value<'_>, bump: &Bump) -> bool {
    match (expected, actual) {
        (Constant::Absent, actual) => !actual.is_present() || actual.items().is_empty(),
        (Constant::List(wanted), actual) => {
            let items = actual.items();
            let among = |item: &Constant| items.iter().any(|actual| meets(item, *actual, bump));
            let wanted_too = |actual: &Value<'_>| wanted.iter().any(|w| meets(w, *actual, bump));
            wanted.iter().all(among) && items.iter().all(wanted_too)
        }
        // A set of one is the same as its value.
        (expected, Value::List([single])) => meets(expected, *single, bump),
        (Constant::Record(wanted), Value::Record(fields)) => wanted.iter().all(|(name, value)| {
            let field = fields.iter().find(|(known, _)| known == name);
            meets(
                value,
                field.map_or(Value::Absent, |(_, value)| *value),
                bump,
            )
        }),
        (Constant::Record(wanted), Value::Absent) => {
            let nothing = |value: &Constant| matches!(value, Constant::Absent);
            wanted.iter().all(|(_, value)| nothing(value))
        }
        (expected, actual) => constant(expected, bump).equals(actual, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sets_and_records_are_what_they_list() {
        let bump = Bump::new();
        let text = |text: &str| Constant::Text(text.to_owned());
        let list = |items: &[&str]| Constant::List(items.iter().map(|item| text(item)).collect());
        let record = |value| Constant::Record(vec![("a".to_owned(), value)]);
        let (a, b) = (Value::Text("a"), Value::Text("b"));
        let (ab, aa, one) = ([a, b], [a, a], [a]);
        let fields = [("a", a), ("b", b)];
        for (expected, actual, wanted) in [
            (text("a"), a, true),
            (text("A"), a, false),
            (text("a"), Value::List(&one), true),
            (list(&["a"]), a, true),
            (list(&["b", "a"]), Value::List(&ab), true),
            (list(&["a", "a"]), Value::List(&ab), false),
            (list(&["a", "b"]), Value::List(&aa), false),
            (list(&[]), Value::Absent, true),
            (Constant::Absent, Value::List(&[]), true),
            (Constant::Absent, a, false),
            (record(text("a")), Value::Record(&fields), true),
            (record(Constant::Absent), Value::Record(&fields), false),
            (record(Constant::Absent), Value::Absent, true),
            (record(text("a")), Value::Absent, false),
        ] {
            assert_eq!(
                meets(&expected, actual, &bump),
                wanted,
                "{expected:?} {actual:?}"
            );
        }
    }
}
