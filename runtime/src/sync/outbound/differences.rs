//! Where an entry differs from what the flows want.

use bumpalo::Bump;
use serde_json::Value as Json;
use trib_compiler::functions::Failure;
use trib_compiler::ir::{self, End, Mode};
use trib_compiler::notation::dn_same_spelling;
use trib_compiler::value::Value;

use super::{SECRET, Taking, Target};
use crate::eval::{Frame, Place};
use crate::json::to_json;
use crate::object::Row;
use crate::plan::AttributeChange;
use crate::store::Entry;
use crate::sync::flows::{Contribution, Resolved, equal, resolve, settled};
use crate::sync::program::TypeProgram;
use crate::sync::{Failed, Synchronizer, Trouble, written};

impl Synchronizer<'_> {
    /// The contributions to each value of a target type, in the order of strength.
    pub(in crate::sync) fn offers<'a>(
        &'a self,
        target: &Target<'a>,
        creating: bool,
        taking: &[Taking<'a>],
        end: End,
        bump: &'a Bump,
    ) -> Result<Vec<(Place, Vec<Contribution<'a>>)>, Trouble> {
        let mut frame = Frame::default();
        let mut offers: Vec<(Place, Vec<Contribution<'a>>)> = Vec::new();
        for (at, take) in taking.iter().enumerate() {
            let place = take.linked.target;
            if matches!(place, Place::Reference(_)) {
                continue;
            }
            if (take.flow.mode == Mode::Once || take.flow.deferred) && !creating {
                continue;
            }
            let value = if take.flow.deferred {
                Value::Text(SECRET)
            } else {
                let value = target
                    .env
                    .eval(&take.linked.node, &mut frame)
                    .map_err(|failure| {
                        let attribute = self.attribute_name(end, take.flow.target);
                        let at = take.flow.origin.to_string();
                        Failed::trouble(failure, take.rule, at, Some(attribute))
                    })?;
                settled(value, bump)
            };
            let mode = take.flow.mode;
            let contribution = Contribution {
                rule: take.rule_at,
                flow: at,
                source: 0,
                mode,
                value,
            };
            match offers.iter_mut().find(|(known, _)| *known == place) {
                Some((_, list)) => list.push(contribution),
                None => offers.push((place, vec![contribution])),
            }
        }
        Ok(offers)
    }

    pub(super) fn differences<'a>(
        &'a self,
        target: &Target<'a>,
        entry: Option<&Entry>,
        taking: &[Taking<'a>],
        end: End,
        bump: &'a Bump,
    ) -> Result<Vec<AttributeChange>, Trouble> {
        let Some((ir, ty)) = self.program.ir_type(end).zip(self.program.object_type(end)) else {
            return Ok(Vec::new());
        };
        let row = entry.map_or(Row::default(), |entry| Row::new(&entry.row));
        let mut changes = Vec::new();
        for (place, list) in self.offers(target, entry.is_none(), taking, end, bump)? {
            let (wanted, winner) = match resolve(&list, bump) {
                Resolved::Kept => continue,
                Resolved::Value(value, at) => (value, at),
                Resolved::Cleared(at) => (Value::Absent, at),
            };
            let Some(take) = list.get(winner).and_then(|winner| taking.get(winner.flow)) else {
                continue;
            };
            let shown_bump = Bump::new();
            let shown = match (place, entry) {
                (Place::Slot(slot), _) => row.get(slot, &shown_bump),
                (_, Some(entry)) if !entry.dn.is_empty() => Value::Dn(&entry.dn),
                _ => Value::Absent,
            };
            let wanted = match (take.flow.mode, entry, place) {
                (Mode::Merge | Mode::MergeIgnoringCase, Some(entry), Place::Slot(slot)) => {
                    let ignoring_case = take.flow.mode == Mode::MergeIgnoringCase;
                    let kept = unmanaged(&entry.written, slot, shown, wanted, ignoring_case);
                    let kept = kept.iter().map(|item| copy(*item, bump));
                    Value::list(bump, wanted.items().iter().copied().chain(kept))
                }
                _ => wanted,
            };
            if equal(wanted, shown) || same_name(wanted, shown) {
                continue;
            }
            if let (Some(entry), Place::Slot(slot)) = (entry, place)
                && written::is_derived(&entry.written, slot, wanted, shown)
            {
                continue;
            }
            let Some(attribute) = attribute_of(ir, ty, place) else {
                continue;
            };
            if !wanted.is_present() && attribute.required {
                let message = format!(
                    "`{}` has no value any more, and `{}` does not let it be cleared; end the \
                     expression in `?? value` or `?? skip`",
                    attribute.name,
                    self.program.connector_name(target.connector)
                );
                let failure = Failure::new("required-absent", message);
                let at = take.flow.origin.to_string();
                return Err(Failed::trouble(failure, take.rule, at, None));
            }
            changes.push(AttributeChange {
                name: attribute.name.clone(),
                old: to_json(shown),
                new: new_value(wanted, shown, attribute.ty.many),
                rule: take.rule.name.clone(),
                at: take.flow.origin.to_string(),
            });
        }
        Ok(changes)
    }
}

/// The attribute that lies at a place.
fn attribute_of<'a>(
    ir: &'a ir::ObjectType,
    ty: &TypeProgram,
    place: Place,
) -> Option<&'a ir::Attribute> {
    let at = ty.layout.places.iter().position(|known| *known == place)?;
    ir.attributes.get(at)
}

/// The wanted name of an entry is the one it has: directories spell the parts above it as they like.
fn same_name(wanted: Value<'_>, shown: Value<'_>) -> bool {
    match (wanted, shown) {
        (Value::Text(wanted) | Value::Dn(wanted), Value::Dn(shown)) => {
            dn_same_spelling(wanted, shown)
        }
        _ => false,
    }
}

/// The values in a merged attribute of the target that were never ours.
fn unmanaged<'v>(
    written: &[u8],
    slot: usize,
    shown: Value<'v>,
    wanted: Value<'_>,
    ignoring_case: bool,
) -> Vec<Value<'v>> {
    let bump = Bump::new();
    let ours = written::intended(written, slot, &bump).unwrap_or(Value::Absent);
    let among = |list: Value<'_>, item: Value<'_>| {
        list.items()
            .iter()
            .any(|known| crate::eval::same(*known, item, ignoring_case))
    };
    let items = shown.items().iter().copied();
    items
        .filter(|item| !among(ours, *item) && !among(wanted, *item))
        .collect()
}

/// A value that lives in another arena.
fn copy<'a>(value: Value<'_>, bump: &'a Bump) -> Value<'a> {
    let mut bytes = Vec::new();
    crate::object::encode(value, &mut bytes);
    crate::object::decode(bump.alloc_slice_copy(&bytes), bump)
}

/// The JSON to be written: an empty list clears a set, and fields that go are named.
fn new_value(wanted: Value<'_>, shown: Value<'_>, many: bool) -> Json {
    match (wanted, shown) {
        (Value::Record(fields), Value::Record(before)) => {
            let mut json = to_json(Value::Record(fields));
            if let Json::Object(map) = &mut json {
                for (name, value) in before {
                    if value.is_present() && !map.contains_key(*name) {
                        map.insert((*name).to_owned(), Json::Null);
                    }
                }
            }
            json
        }
        (Value::Absent, Value::Record(before)) => {
            let present = before.iter().filter(|(_, value)| value.is_present());
            Json::Object(
                present
                    .map(|(name, _)| ((*name).to_owned(), Json::Null))
                    .collect(),
            )
        }
        (wanted, _) if many && !wanted.is_present() => Json::Array(Vec::new()),
        (wanted, _) if many && !matches!(wanted, Value::List(_)) => {
            Json::Array(vec![to_json(wanted)])
        }
        (wanted, _) => to_json(wanted),
    }
}
