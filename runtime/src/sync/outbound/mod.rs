//! What a metaverse object means for its target directories: links, new entries, changed values, ends.

mod create;
mod deprovision;
mod differences;

use std::collections::BTreeSet;

use bumpalo::Bump;
use trib_compiler::ir::{self, End, Link, Rule};

use super::changes::Changes;
use super::program::LinkedFlow;
use super::{Synchronizer, Trouble};
use crate::error::Error;
use crate::eval::{Env, Frame, Place};
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
        changes: &mut Changes,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let changed = changes.objects.len() as u64;
        progress.begin("comparing with the targets", Some(changed));
        for id in &changes.objects {
            self.outbound(*id)?;
            progress.advance(1);
        }
        progress.end();
        self.settle_contests()?;
        self.compare_references(changes, progress)?;
        self.store.drop_links_of_deleted()
    }

    fn outbound(&self, id: i64) -> Result<(), Error> {
        self.evaluate_afresh(Holder::Object, id);
        let Some(object) = self.store.object(id)? else {
            return Ok(());
        };
        let Some(source) = self.program.end(object.object_type) else {
            return Ok(());
        };
        let mut connectors = self.target_connectors(source);
        // What was planned by a rule that is gone is planned no longer.
        let planned = self.store.entries_of(id)?.into_iter();
        let planned = planned.filter(|entry| entry.anchor.is_none());
        connectors.extend(planned.filter_map(|entry| self.program.connector(entry.connector)));
        for connector in connectors {
            let bump = Bump::new();
            let entries = self.store.entries_of(id)?;
            let Some(target) = self.target(&object, source, connector, &entries, &bump)? else {
                continue;
            };
            let entry = entries
                .into_iter()
                .find(|entry| entry.connector == target.number && !self.stands_in(entry));
            let entry = entry.map(|entry| self.recall(entry)).transpose()?;
            let entry = entry.as_ref();
            match self.export(&target, entry, &bump) {
                Ok(()) => {}
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Object(failed)) => {
                    self.object_error(&target, failed.error("", &target.source_dn))?;
                    match entry {
                        Some(entry) if entry.anchor.is_none() => {
                            self.unplan(&target, Some(entry))?;
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
        Ok(())
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
        let from = self.program.main_source(entries, *number);
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
            let mut rules = self.program.rules.inbound.iter();
            rules.any(|rule| Some(rule.source) == end) && !self.linked_outbound(entry)
        };
        if entries.iter().all(is_source) {
            for entry in &entries {
                self.store.link(entry.id, None, None)?;
                // It may find somebody else to join.
                self.store.wait_entry(entry.id)?;
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
    ) -> Result<(), Trouble> {
        self.store.set_error(0, target.object.id, None)?;
        let in_scope = self.outbound_in_scope(target)?;
        let linked = entry.and_then(|entry| entry.link_rule.as_deref());
        let holds = in_scope
            .iter()
            .any(|(_, rule)| Some(rule.name.as_str()) == linked);
        match entry {
            Some(entry) if entry.anchor.is_some() && !holds => {
                let inbound = self.linked_inbound(entry);
                let heir = in_scope.iter().find(|(_, rule)| self.makes(rule, entry));
                // The source of an object is written to, and stays its source.
                let source = matches!(inbound, Some(Link::Provision | Link::Sticky));
                match heir.filter(|_| !source) {
                    None if inbound.is_some() => self.change(target, entry, &in_scope, bump),
                    Some((_, rule)) => {
                        self.store
                            .link(entry.id, Some(target.object.id), Some(&rule.name))?;
                        self.change(target, entry, &in_scope, bump)
                    }
                    None => self.deprovision(target, entry, bump),
                }
            }
            // What was only planned is joined after all, planned again, or dropped.
            Some(entry) if entry.anchor.is_none() => {
                self.find_or_create(target, Some(entry), &in_scope, bump)
            }
            Some(entry) => self.change(target, entry, &in_scope, bump),
            None => self.find_or_create(target, None, &in_scope, bump),
        }
    }

    /// A rule that could have linked this entry.
    fn makes(&self, rule: &Rule, entry: &Entry) -> bool {
        let ty = self.program.object_type(rule.target).map(|ty| ty.number);
        entry.object_type == ty && rule.link != Link::Join
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
}
