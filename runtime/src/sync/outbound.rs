//! What a metaverse object means for its target directories: links, new entries, changed values, ends.

use std::collections::BTreeSet;

use bumpalo::Bump;
use serde_json::Value as Json;
use trib_compiler::functions::Failure;
use trib_compiler::ir::{self, Deprovision, End, Link, Mode, Rule};
use trib_compiler::value::Value;

use super::flows::{Contribution, Resolved, equal, resolve, settled};
use super::link::Joined;
use super::program::{LinkedFlow, TypeProgram};
use super::{Failed, Synchronizer, Trouble, written};
use crate::error::Error;
use crate::eval::{Env, Frame, Place};
use crate::json::to_json;
use crate::object::Row;
use crate::plan::{AttributeChange, ObjectError};
use crate::progress::Progress;
use crate::store::{Entry, Holder, Object, PendingExport};

/// What a plan shows in place of a secret, which is made when the object is written.
pub const SECRET: &str = "(secret)";

/// A flow that takes part, with its rule.
#[derive(Clone, Copy)]
pub(crate) struct Taking<'a> {
    pub rule_at: usize,
    pub rule: &'a Rule,
    pub flow: &'a ir::Flow,
    pub linked: &'a LinkedFlow,
}

/// An object and one of its target connectors.
pub(super) struct Target<'a> {
    pub object: &'a Object,
    pub source: End,
    pub connector: usize,
    pub number: i64,
    pub env: Env<'a>,
    pub name: String,
    pub source_dn: String,
}

impl Synchronizer<'_> {
    /// Computes pending exports of changed objects; then references, which need all links.
    pub(super) fn compute_exports(
        &self,
        changed: &BTreeSet<i64>,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let mut referrers = changed.clone();
        progress.begin("comparing with the targets", Some(changed.len() as u64));
        for id in changed {
            if self.outbound(*id)? {
                referrers.extend(self.store.object_referrers(*id)?);
            }
            progress.advance(1);
        }
        progress.end();
        self.settle_contests()?;
        progress.begin("comparing references", Some(referrers.len() as u64));
        for id in &referrers {
            self.export_references(*id)?;
            progress.advance(1);
        }
        progress.end();
        self.store.drop_links_of_deleted()
    }

    /// True if a link to a target came or went.
    fn outbound(&self, id: i64) -> Result<bool, Error> {
        let Some(object) = self.store.object(id)? else {
            return Ok(false);
        };
        let Some(source) = self.program.end(object.object_type) else {
            return Ok(false);
        };
        let mut relinked = false;
        for connector in self.target_connectors(source) {
            let bump = Bump::new();
            let entries = self.store.entries_of(id)?;
            let Some(target) = self.target(&object, source, connector, &entries, &bump)? else {
                continue;
            };
            let entry = entries
                .into_iter()
                .find(|entry| entry.connector == target.number);
            let entry = entry.map(|entry| self.recall(entry)).transpose()?;
            let entry = entry.as_ref();
            match self.export(&target, entry, &bump) {
                Ok(linked) => relinked |= linked,
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Object(failed)) => {
                    self.object_error(&target, failed.error("", &target.source_dn))?;
                    match entry {
                        Some(entry) if entry.anchor.is_none() => {
                            self.unplan(&target, Some(entry))?;
                            relinked = true;
                        }
                        Some(entry) => self.store.set_pending(entry.id, None)?,
                        None => {}
                    }
                }
            }
        }
        if object.ended.is_some() {
            self.forget_ended(id)?;
        }
        Ok(relinked)
    }

    /// The connectors that rules from this metaverse type write to.
    fn target_connectors(&self, source: End) -> BTreeSet<usize> {
        let rules = self
            .program
            .rules
            .outbound
            .iter()
            .filter(|rule| rule.source == source);
        let connectors = rules.filter_map(|rule| match rule.target {
            End::Directory(connector, _) => Some(connector),
            _ => None,
        });
        connectors.collect()
    }

    pub(super) fn target<'a>(
        &'a self,
        object: &'a Object,
        source: End,
        connector: usize,
        entries: &[Entry],
        bump: &'a Bump,
    ) -> Result<Option<Target<'a>>, Error> {
        let Some((number, _)) = self.program.connectors.get(connector) else {
            return Ok(None);
        };
        let env = self.object_env(object, source, bump)?;
        let from = entries
            .iter()
            .find(|entry| entry.connector != *number && !entry.dn.is_empty());
        let source_dn = from.map(|entry| entry.dn.clone()).unwrap_or_default();
        let name = self
            .display_name(source, &env)
            .unwrap_or_else(|| source_dn.clone());
        Ok(Some(Target {
            object,
            source,
            connector,
            number: *number,
            env,
            name,
            source_dn,
        }))
    }

    fn display_name(&self, source: End, env: &Env<'_>) -> Option<String> {
        let (ir, linked) = self
            .program
            .ir_type(source)
            .zip(self.program.object_type(source))?;
        ["displayName", "userPrincipalName", "cn"]
            .iter()
            .find_map(|wanted| {
                let slot = ir
                    .attributes
                    .iter()
                    .position(|a| a.name.eq_ignore_ascii_case(wanted))?;
                let Some(Place::Slot(slot)) = linked.layout.places.get(slot) else {
                    return None;
                };
                env.object
                    .row
                    .get(*slot, env.bump)
                    .as_text()
                    .map(str::to_owned)
            })
    }

    /// An ended object stays until nothing in a target hangs on it.
    fn forget_ended(&self, id: i64) -> Result<(), Error> {
        let entries = self.store.entries_of(id)?;
        let is_source = |entry: &Entry| {
            let end = entry.object_type.and_then(|ty| self.program.end(ty));
            self.program
                .rules
                .inbound
                .iter()
                .any(|rule| Some(rule.source) == end)
        };
        if entries.iter().all(is_source) {
            for entry in &entries {
                self.store.link(entry.id, None, None)?;
            }
            self.store.remove_object(id)?;
        }
        Ok(())
    }

    pub(super) fn object_error(
        &self,
        target: &Target<'_>,
        mut error: ObjectError,
    ) -> Result<(), Error> {
        error.connector = self.program.connector_name(target.connector).to_owned();
        if error.object.is_empty() {
            error.object = target.name.clone();
        }
        self.store.set_error(0, target.object.id, Some(&error))
    }

    /// The rules in whose scope the object is, for one target connector, strongest first.
    pub(super) fn outbound_in_scope<'a>(
        &'a self,
        target: &Target<'a>,
    ) -> Result<Vec<(usize, &'a Rule)>, Trouble> {
        let mut found = Vec::new();
        if target.object.ended.is_some() {
            return Ok(found);
        }
        let mut frame = Frame::default();
        for (at, (rule, linked)) in self
            .program
            .rules
            .outbound
            .iter()
            .zip(&self.program.outbound)
            .enumerate()
        {
            let here = matches!(rule.target, End::Directory(to, _) if to == target.connector);
            if rule.source == target.source
                && here
                && self
                    .in_scope(rule, linked, &target.env, &mut frame)?
                    .is_ok()
            {
                found.push((at, rule));
            }
        }
        Ok(found)
    }

    fn export<'a>(
        &'a self,
        target: &Target<'a>,
        entry: Option<&Entry>,
        bump: &'a Bump,
    ) -> Result<bool, Trouble> {
        self.store.set_error(0, target.object.id, None)?;
        let in_scope = self.outbound_in_scope(target)?;
        let linked = entry.and_then(|entry| entry.link_rule.as_deref());
        let holds = in_scope
            .iter()
            .any(|(_, rule)| Some(rule.name.as_str()) == linked);
        match entry {
            Some(entry) if entry.anchor.is_some() && !holds => {
                let heir = in_scope.iter().find(|(_, rule)| self.makes(rule, entry));
                match heir {
                    Some((_, rule)) => {
                        self.store
                            .link(entry.id, Some(target.object.id), Some(&rule.name))?;
                        self.change(target, entry, &in_scope, bump)?;
                        Ok(false)
                    }
                    None => self.deprovision(target, entry, bump),
                }
            }
            // What was only planned is joined after all, planned again, or dropped.
            Some(entry) if entry.anchor.is_none() => {
                self.find_or_create(target, Some(entry), &in_scope, bump)
            }
            Some(entry) => {
                self.change(target, entry, &in_scope, bump)?;
                Ok(false)
            }
            None => self.find_or_create(target, None, &in_scope, bump),
        }
    }

    /// A rule that could have linked this entry.
    fn makes(&self, rule: &Rule, entry: &Entry) -> bool {
        let ty = self.program.object_type(rule.target).map(|ty| ty.number);
        entry.object_type == ty && rule.link != Link::Join
    }

    fn deprovision<'a>(
        &'a self,
        target: &Target<'a>,
        entry: &Entry,
        bump: &'a Bump,
    ) -> Result<bool, Trouble> {
        let named = self.program.rules.outbound.iter().position(|rule| {
            entry.link_rule.as_deref() == Some(&rule.name)
                && matches!(rule.target, End::Directory(to, _) if to == target.connector)
        });
        let rule = named.and_then(|at| self.program.rules.outbound.get(at).map(|rule| (at, rule)));
        let provisioned = rule.filter(|(_, rule)| rule.link == Link::Provision);
        let Some((at, rule)) = provisioned else {
            // Joined only, or the rule is gone from the rule set: the object stays as it is.
            return self.disconnect(entry);
        };
        match &rule.deprovision {
            Deprovision::Disconnect => self.disconnect(entry),
            Deprovision::Delete => {
                let export = PendingExport {
                    entry: entry.id,
                    op: "delete".to_owned(),
                    attributes: Vec::new(),
                    cause: self.end_cause(target, at, rule)?,
                    source: target.source_dn.clone(),
                    name: target.name.clone(),
                    attempted: false,
                };
                self.store.set_pending(entry.id, Some(&export))?;
                self.store.clear_pending_links(entry.id)?;
                Ok(false)
            }
            Deprovision::Disable(flows) => {
                let Some(linked) = self.program.outbound.get(at) else {
                    return Ok(false);
                };
                let pairs = flows.iter().zip(&linked.disable);
                let taking: Vec<Taking<'_>> = pairs
                    .map(|(flow, linked)| Taking {
                        rule_at: at,
                        rule,
                        flow,
                        linked,
                    })
                    .collect();
                let attributes =
                    self.differences(target, Some(entry), &taking, rule.target, bump)?;
                self.update(target, entry, attributes)?;
                Ok(false)
            }
        }
    }

    fn end_cause(&self, target: &Target<'_>, at: usize, rule: &Rule) -> Result<String, Trouble> {
        if let Some(ended) = &target.object.ended {
            return Ok(ended.clone());
        }
        let Some(linked) = self.program.outbound.get(at) else {
            return Ok(String::new());
        };
        let failed = self.in_scope(rule, linked, &target.env, &mut Frame::default())?;
        Ok(match failed.err().and_then(|at| rule.scope.get(at)) {
            Some(clause) => format!(
                "rule \"{}\" ({}) does not match any more: {}",
                rule.name, clause.origin, clause.text
            ),
            None => format!("rule \"{}\" does not match any more", rule.name),
        })
    }

    fn disconnect(&self, entry: &Entry) -> Result<bool, Trouble> {
        self.store.set_pending(entry.id, None)?;
        self.store.clear_pending_links(entry.id)?;
        self.store.link(entry.id, None, None)?;
        Ok(true)
    }

    /// An entry that was only planned is not made anew: it remembers whether its create was sent.
    fn unplan(&self, target: &Target<'_>, planned: Option<&Entry>) -> Result<(), Error> {
        let Some(entry) = planned else { return Ok(()) };
        self.store.remove_entry(entry.id)?;
        self.store.clean_object(target.object.id)
    }

    fn find_or_create<'a>(
        &'a self,
        target: &Target<'a>,
        planned: Option<&Entry>,
        in_scope: &[(usize, &'a Rule)],
        bump: &'a Bump,
    ) -> Result<bool, Trouble> {
        for (at, rule) in in_scope {
            let Some(linked) = self.program.outbound.get(*at) else {
                continue;
            };
            for (line, join) in linked.joins.iter().zip(&rule.joins) {
                let found =
                    self.look_up(line, Holder::Entry, &target.env)
                        .map_err(|failure| {
                            Failed::trouble(failure, rule, join.origin.to_string(), None)
                        })??;
                match found {
                    Joined::Nobody { .. } => {}
                    Joined::Several(_) if rule.ambiguous_continue => {}
                    Joined::Several(count) => {
                        let message = format!(
                            "{count} objects of `{}` match the join at {}",
                            self.program.connector_name(target.connector),
                            join.origin
                        );
                        self.unplan(target, planned)?;
                        self.refuse(target, rule, "ambiguous-join", message)?;
                        return Ok(planned.is_some());
                    }
                    Joined::One(id) => {
                        if let Some(taken) =
                            self.take_over(target, id, planned, rule, in_scope, bump)?
                        {
                            self.unplan(target, planned)?;
                            return Ok(taken || planned.is_some());
                        }
                    }
                }
            }
        }
        let provision = in_scope
            .iter()
            .find(|(_, rule)| rule.link == Link::Provision);
        let Some((_, rule)) = provision else {
            self.unplan(target, planned)?;
            return Ok(planned.is_some());
        };
        let Some(ty) = self.program.object_type(rule.target) else {
            return Ok(false);
        };
        let taking = self.taking(in_scope, rule.target);
        let attributes = self.differences(target, None, &taking, rule.target, bump)?;
        let planned = match planned {
            Some(entry) if entry.object_type == Some(ty.number) => {
                self.store.link(entry.id, entry.object, Some(&rule.name))?;
                Some(entry.id)
            }
            other => {
                self.unplan(target, other)?;
                None
            }
        };
        let entry = match planned {
            Some(entry) => entry,
            None => self
                .store
                .new_entry(target.number, ty.number, target.object.id, &rule.name)?,
        };
        let export = PendingExport {
            entry,
            op: "create".to_owned(),
            attributes,
            cause: format!("rule \"{}\" ({})", rule.name, rule.origin),
            source: target.source_dn.clone(),
            name: target.name.clone(),
            attempted: false,
        };
        self.store.set_pending(entry, Some(&export))?;
        Ok(planned.is_none())
    }

    fn refuse(
        &self,
        target: &Target<'_>,
        rule: &Rule,
        code: &str,
        message: String,
    ) -> Result<(), Error> {
        let error = ObjectError {
            connector: String::new(),
            object: target.source_dn.clone(),
            code: code.to_owned(),
            message,
            rule: rule.name.clone(),
            at: rule.origin.to_string(),
        };
        self.object_error(target, error)
    }

    /// Joins the object to an entry that is there already; none where that is somebody else's for sure.
    /// What a create made whose answer was lost counts as `planned`.
    fn take_over<'a>(
        &'a self,
        target: &Target<'a>,
        id: i64,
        planned: Option<&Entry>,
        rule: &'a Rule,
        in_scope: &[(usize, &'a Rule)],
        bump: &'a Bump,
    ) -> Result<Option<bool>, Trouble> {
        let Some(entry) = self.store.entry(id)? else {
            return Ok(Some(false));
        };
        let name =
            String::from_utf8_lossy(entry.anchor.as_deref().unwrap_or_default()).into_owned();
        let ty = self.program.object_type(rule.target);
        let owned = ty
            .and_then(|ty| ty.owned)
            .is_some_and(|slot| Row::new(&entry.row).get(slot, bump).is_true());
        if owned {
            let message = format!(
                "`{name}` is owned by Microsoft's own sync (onPremisesSyncEnabled) and is never taken over"
            );
            self.refuse(target, rule, "owned-by-other-sync", message)?;
            return Ok(Some(false));
        }
        // The anchor of another source object: somebody else's person, whatever the login says.
        let taking = self.taking(in_scope, rule.target);
        let changes = self.differences(target, Some(&entry), &taking, rule.target, bump)?;
        let anchor = changes
            .iter()
            .find(|change| change.name == "onPremisesImmutableId");
        let elsewhere = anchor.is_some_and(|change| !change.old.is_null() && !change.new.is_null());
        if elsewhere && entry.object.is_some_and(|other| other != target.object.id) {
            // Its own object gives the value up, or keeps it: the contest of values tells.
            return Ok(None);
        }
        if elsewhere {
            let message = format!(
                "`{name}` has another onPremisesImmutableId: it belongs to another source object; \
                 clear it there if this is the same person"
            );
            self.refuse(target, rule, "anchored-elsewhere", message)?;
            return Ok(Some(false));
        }
        if let Some(other) = entry.object.filter(|other| *other != target.object.id) {
            let ended = self
                .store
                .object(other)?
                .is_none_or(|other| other.ended.is_some());
            if !ended {
                let message = format!("`{name}` already belongs to another source object");
                self.refuse(target, rule, "duplicate-target", message)?;
                return Ok(Some(false));
            }
            self.store.touch_object(other)?;
        }
        let mut entry = Entry {
            object: Some(target.object.id),
            ..entry
        };
        let mut link_rule = Some(rule.name.as_str());
        if let Some(planned) = planned
            && let Some(create) = self.made_for(planned, &entry)?
        {
            entry = self.recall_from(entry, &create)?;
            link_rule = planned.link_rule.as_deref().or(link_rule);
        }
        self.store
            .link(entry.id, Some(target.object.id), link_rule)?;
        self.change(target, &entry, in_scope, bump)?;
        Ok(Some(true))
    }

    /// All flows of the rules in scope to one type.
    pub(super) fn taking<'a>(
        &'a self,
        in_scope: &[(usize, &'a Rule)],
        target: End,
    ) -> Vec<Taking<'a>> {
        let mut taking = Vec::new();
        for (at, rule) in in_scope {
            let Some(linked) = self.program.outbound.get(*at) else {
                continue;
            };
            if rule.target == target {
                let pairs = rule.flows.iter().zip(&linked.flows);
                taking.extend(pairs.map(|(flow, linked)| Taking {
                    rule_at: *at,
                    rule,
                    flow,
                    linked,
                }));
            }
        }
        taking
    }

    fn change<'a>(
        &'a self,
        target: &Target<'a>,
        entry: &Entry,
        in_scope: &[(usize, &'a Rule)],
        bump: &'a Bump,
    ) -> Result<(), Trouble> {
        let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty)) else {
            return Ok(());
        };
        let taking = self.taking(in_scope, end);
        let attributes = self.differences(target, Some(entry), &taking, end, bump)?;
        self.update(target, entry, attributes)?;
        Ok(())
    }

    fn update(
        &self,
        target: &Target<'_>,
        entry: &Entry,
        attributes: Vec<AttributeChange>,
    ) -> Result<(), Error> {
        if attributes.is_empty() {
            return self.store.set_pending(entry.id, None);
        }
        let export = PendingExport {
            entry: entry.id,
            op: "update".to_owned(),
            attributes,
            cause: String::new(),
            source: target.source_dn.clone(),
            name: target.name.clone(),
            attempted: false,
        };
        self.store.set_pending(entry.id, Some(&export))
    }

    /// The contributions to each slot of a target type, in the order of strength.
    pub(super) fn offers<'a>(
        &'a self,
        target: &Target<'a>,
        creating: bool,
        taking: &[Taking<'a>],
        end: End,
        bump: &'a Bump,
    ) -> Result<Vec<(usize, Vec<Contribution<'a>>)>, Trouble> {
        let mut frame = Frame::default();
        let mut offers: Vec<(usize, Vec<Contribution<'a>>)> = Vec::new();
        for (at, take) in taking.iter().enumerate() {
            let Place::Slot(slot) = take.linked.target else {
                continue;
            };
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
            match offers.iter_mut().find(|(known, _)| *known == slot) {
                Some((_, list)) => list.push(contribution),
                None => offers.push((slot, vec![contribution])),
            }
        }
        Ok(offers)
    }

    fn differences<'a>(
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
        for (slot, list) in self.offers(target, entry.is_none(), taking, end, bump)? {
            let (wanted, winner) = match resolve(&list, bump) {
                Resolved::Kept => continue,
                Resolved::Value(value, at) => (value, at),
                Resolved::Cleared(at) => (Value::Absent, at),
            };
            let Some(take) = list.get(winner).and_then(|winner| taking.get(winner.flow)) else {
                continue;
            };
            let shown_bump = Bump::new();
            let shown = row.get(slot, &shown_bump);
            let wanted = match (take.flow.mode, entry) {
                (Mode::Merge | Mode::MergeIgnoringCase, Some(entry)) => {
                    let ignoring_case = take.flow.mode == Mode::MergeIgnoringCase;
                    let kept = unmanaged(&entry.written, slot, shown, wanted, ignoring_case);
                    let kept = kept.iter().map(|item| copy(*item, bump));
                    Value::list(bump, wanted.items().iter().copied().chain(kept))
                }
                _ => wanted,
            };
            if equal(wanted, shown) {
                continue;
            }
            if entry.is_some_and(|entry| written::is_derived(&entry.written, slot, wanted, shown)) {
                continue;
            }
            let Some(attribute) = attribute_of(ir, ty, slot) else {
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

/// The attribute that lies in a slot.
pub(crate) fn attribute_of<'a>(
    ir: &'a ir::ObjectType,
    ty: &TypeProgram,
    slot: usize,
) -> Option<&'a ir::Attribute> {
    let at = ty
        .layout
        .places
        .iter()
        .position(|place| *place == Place::Slot(slot))?;
    ir.attributes.get(at)
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
