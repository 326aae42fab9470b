//! Which entry belongs to which metaverse object.

use bumpalo::Bump;
use trib_compiler::ir::{End, Link};
use trib_compiler::value::Value;

use super::program::LinkedTerm;
use super::{Failed, Synchronizer, Trouble, keys};
use crate::error::Error;
use crate::eval::{Env, Frame};
use crate::object::Row;
use crate::plan::ObjectError;
use crate::progress::Progress;
use crate::store::{Entry, Holder};

/// What looking for an object gave.
enum Search {
    Linked,
    Nobody,
}

/// What the join lines of a rule found.
pub(crate) enum Joined {
    Nobody { values: bool },
    One(i64),
    Several(usize),
}

impl Synchronizer<'_> {
    /// Looks at the links of changed entries; gives those without one, strongest rules first, so that
    /// the order of import does not matter: connector and entry.
    pub(super) fn refresh_links(
        &self,
        progress: &dyn Progress,
    ) -> Result<Vec<(usize, i64)>, Error> {
        let mut unlinked: Vec<(i64, usize, i64)> = Vec::new();
        for (connector, (number, _)) in self.program.connectors.iter().enumerate() {
            let dirty = self.store.dirty_entries(*number)?;
            if dirty.is_empty() {
                continue;
            }
            let name = self.program.connector_name(connector);
            progress.begin(
                &format!("linking entries of {name}"),
                Some(dirty.len() as u64),
            );
            for id in dirty {
                if let Some(strength) = self.refresh_link(connector, id)? {
                    unlinked.push((strength, connector, id));
                }
                progress.advance(1);
            }
            progress.end();
        }
        unlinked.sort_by_key(|(strength, connector, _)| (*strength, *connector));
        Ok(unlinked
            .into_iter()
            .map(|(_, connector, id)| (connector, id))
            .collect())
    }

    /// Links entries that have no link.
    pub(super) fn link_entries(&self, unlinked: Vec<(usize, i64)>) -> Result<(), Error> {
        for (connector, id) in unlinked {
            self.search(connector, id)?;
        }
        Ok(())
    }

    /// Entries that found nobody are tried again, since the metaverse changed. True if one was linked.
    pub(super) fn retry_waiting(&self) -> Result<bool, Error> {
        let mut linked = false;
        for (connector, (number, _)) in self.program.connectors.iter().enumerate() {
            for id in self.store.waiting_entries(*number)? {
                self.count(1, 0);
                linked |= matches!(self.search(connector, id)?, Search::Linked);
            }
        }
        Ok(linked)
    }

    fn inbound_rules(&self, end: End) -> impl Iterator<Item = (usize, &trib_compiler::ir::Rule)> {
        let numbered = self.program.rules.inbound.iter().enumerate();
        numbered.filter(move |(_, rule)| rule.source == end)
    }

    /// The places of the inbound rules in whose scope an entry is, strongest first.
    pub(super) fn rules_in_scope<'a>(
        &'a self,
        end: End,
        env: &Env<'a>,
    ) -> Result<Vec<usize>, Trouble> {
        let mut frame = Frame::default();
        let mut found = Vec::new();
        for (at, rule) in self.inbound_rules(end) {
            let Some(linked) = self.program.inbound.get(at) else {
                continue;
            };
            if self.in_scope(rule, linked, env, &mut frame)?.is_ok() {
                found.push(at);
            }
        }
        Ok(found)
    }

    /// How an inbound rule linked an entry, if one did.
    pub(super) fn linked_inbound(&self, entry: &Entry) -> Option<Link> {
        let end = entry.object_type.and_then(|ty| self.program.end(ty))?;
        let linked = entry.link_rule.as_deref()?;
        let mut rules = self.program.rules.inbound.iter();
        let rule = rules.find(|rule| rule.source == end && rule.name == linked)?;
        Some(rule.link)
    }

    /// An entry that a rule `to any` linked has no values for its object: references to it are references
    /// to the object, and nothing else.
    pub(super) fn stands_in(&self, entry: &Entry) -> bool {
        let mut rules = self.program.rules.inbound.iter();
        let rule = rules.find(|rule| Some(&rule.name) == entry.link_rule.as_ref());
        rule.is_some_and(|rule| rule.target == End::Any)
    }

    /// A rule to its directory linked an entry: it was made there, or found.
    pub(super) fn linked_outbound(&self, entry: &Entry) -> bool {
        let end = entry.object_type.and_then(|ty| self.program.end(ty));
        let mut rules = self.program.rules.outbound.iter();
        rules.any(|rule| Some(rule.target) == end && Some(&rule.name) == entry.link_rule.as_ref())
    }

    /// Looks whether an entry's link still holds. For one without a link whose rules could make one:
    /// how strong the strongest of them is.
    fn refresh_link(&self, connector: usize, id: i64) -> Result<Option<i64>, Error> {
        let Some(entry) = self.store.entry(id)? else {
            return Ok(None);
        };
        self.store.clean_entry(id)?;
        self.count(1, 0);
        self.evaluate_afresh(Holder::Entry, id);
        let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty)) else {
            return Ok(None);
        };
        if self.inbound_rules(end).next().is_none() {
            // A target changed: what it should be is decided from its object.
            if let Some(object) = entry.object {
                self.store.touch_object(object)?;
            } else {
                self.touch_candidates(&entry)?;
            }
            return Ok(None);
        }
        if let Some(object) = entry.object.filter(|_| self.linked_outbound(&entry)) {
            // What we wrote is looked at by the rule that wrote it.
            self.store.set_error(1, id, None)?;
            self.store.touch_object(object)?;
            return Ok(None);
        }
        let bump = Bump::new();
        let env = self.entry_env(&entry, end, &bump)?;
        let in_scope = match self.rules_in_scope(end, &env) {
            Ok(rules) => rules,
            Err(Trouble::Store(error)) => return Err(error),
            Err(Trouble::Object(failed)) => {
                self.entry_error(connector, &entry, &failed)?;
                return Ok(None);
            }
        };
        self.store.set_error(1, id, None)?;
        let rule = |at: &usize| self.program.rules.inbound.get(*at);
        if let Some(object) = entry.object {
            self.store.touch_object(object)?;
            let names = in_scope
                .iter()
                .filter_map(rule)
                .map(|rule| rule.name.as_str());
            if entry
                .link_rule
                .as_deref()
                .is_some_and(|linked| names.clone().any(|n| n == linked))
            {
                return Ok(None);
            }
            // If nothing else keeps the object, this is why it ends.
            let cause = self.unlink_cause(entry.link_rule.as_deref(), &env)?;
            self.store.end_object(object, Some(&cause))?;
            self.store.link(id, None, None)?;
        }
        let provision = in_scope
            .iter()
            .filter_map(rule)
            .find(|rule| rule.link == Link::Provision);
        let strength = match provision {
            Some(rule) => rule.precedence,
            None if in_scope.is_empty() => return Ok(None),
            None => i64::MAX,
        };
        Ok(Some(strength))
    }

    /// Why the rule that linked an entry does so no longer, in words that the guards count.
    fn unlink_cause<'a>(&'a self, name: Option<&str>, env: &Env<'a>) -> Result<String, Error> {
        let name = name.unwrap_or_default();
        let mut rules = self.program.rules.inbound.iter().zip(&self.program.inbound);
        let Some((rule, linked)) = rules.find(|(rule, _)| rule.name == name) else {
            return Ok(format!("rule \"{name}\" is not among the rules any more"));
        };
        let clause = match self.in_scope(rule, linked, env, &mut Frame::default()) {
            Ok(Err(at)) => rule.scope.get(at),
            Ok(Ok(())) | Err(Trouble::Object(_)) => None,
            Err(Trouble::Store(error)) => return Err(error),
        };
        Ok(match clause {
            Some(clause) => format!(
                "rule \"{name}\" ({}) does not match any more: {}",
                clause.origin, clause.text
            ),
            None => format!("rule \"{name}\" does not match any more"),
        })
    }

    /// A new object of a target directory can be the one that a pending create would make again.
    fn touch_candidates(&self, entry: &Entry) -> Result<(), Error> {
        self.store.touch_pending_creates(entry.connector)
    }

    pub(super) fn entry_error(
        &self,
        connector: usize,
        entry: &Entry,
        failed: &Failed,
    ) -> Result<(), Error> {
        let error = failed.error(self.program.connector_name(connector), &entry.dn);
        self.store.set_error(1, entry.id, Some(&error))
    }

    fn link_error(
        &self,
        connector: usize,
        entry: &Entry,
        rule: usize,
        code: &str,
        message: String,
    ) -> Result<Search, Error> {
        let rule = self.program.rules.inbound.get(rule);
        let error = ObjectError {
            connector: self.program.connector_name(connector).to_owned(),
            object: entry.dn.clone(),
            code: code.to_owned(),
            message,
            rule: rule.map(|rule| rule.name.clone()).unwrap_or_default(),
            at: rule.map(|rule| rule.origin.to_string()).unwrap_or_default(),
        };
        self.store.set_error(1, entry.id, Some(&error))?;
        self.store.wait_entry(entry.id)?;
        Ok(Search::Nobody)
    }

    /// Joins an entry to an object, or makes one.
    fn search(&self, connector: usize, id: i64) -> Result<Search, Error> {
        let Some(entry) = self.store.entry(id)? else {
            return Ok(Search::Nobody);
        };
        let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty)) else {
            return Ok(Search::Nobody);
        };
        let bump = Bump::new();
        let env = self.entry_env(&entry, end, &bump)?;
        let in_scope = match self.rules_in_scope(end, &env) {
            Ok(rules) => rules,
            Err(Trouble::Store(error)) => return Err(error),
            Err(Trouble::Object(failed)) => {
                self.entry_error(connector, &entry, &failed)?;
                return Ok(Search::Nobody);
            }
        };
        let mut joins = false;
        let mut values = false;
        for at in &in_scope {
            let Some(rule) = self.program.rules.inbound.get(*at) else {
                continue;
            };
            let Some(linked) = self.program.inbound.get(*at) else {
                continue;
            };
            for (line, join) in linked.joins.iter().zip(&rule.joins) {
                joins = true;
                let found = match self.look_up(line, Holder::Object, &env) {
                    Ok(found) => found,
                    Err(failure) => {
                        let failed = Failed::trouble(failure, rule, join.origin.to_string(), None);
                        if let Trouble::Object(failed) = failed {
                            self.entry_error(connector, &entry, &failed)?;
                        }
                        return Ok(Search::Nobody);
                    }
                };
                match found? {
                    Joined::One(object) => {
                        return self.join(connector, &entry, *at, object);
                    }
                    Joined::Several(count) if !rule.ambiguous_continue => {
                        let message = format!(
                            "{count} objects of the metaverse match the join at {}; make the value \
                             unique, or write `ambiguous continue`",
                            join.origin
                        );
                        return self.link_error(connector, &entry, *at, "ambiguous-join", message);
                    }
                    Joined::Several(_) => values = true,
                    Joined::Nobody { values: some } => values |= some,
                }
            }
        }
        let provision = in_scope.iter().find_map(|at| {
            let rule = self.program.rules.inbound.get(*at)?;
            let End::Metaverse(target) = rule.target else {
                return None;
            };
            (rule.link == Link::Provision).then_some((*at, target))
        });
        let Some((at, target)) = provision.filter(|_| !joins || values) else {
            self.store.set_error(1, id, None)?;
            self.store.wait_entry(id)?;
            return Ok(Search::Nobody);
        };
        let Some(ty) = self.program.metaverse.get(target) else {
            return Ok(Search::Nobody);
        };
        let object = self.store.new_object(ty.number)?;
        self.link_to(&entry, at, object)?;
        self.inbound(object)?;
        Ok(Search::Linked)
    }

    fn join(
        &self,
        connector: usize,
        entry: &Entry,
        rule: usize,
        object: i64,
    ) -> Result<Search, Error> {
        let others = self.store.entries_of(object)?;
        let rival = others.iter().find(|other| {
            other.connector == entry.connector
                && other.id != entry.id
                && other.anchor.is_some()
                && !self.stands_in(other)
        });
        let stands_in = |rule: &trib_compiler::ir::Rule| rule.target == End::Any;
        let stands_in = self.program.rules.inbound.get(rule).is_some_and(stands_in);
        if let Some(rival) = rival.filter(|_| !stands_in) {
            let message = format!(
                "`{}` is already joined to the same object; two entries of one directory cannot be \
                 one person or group",
                rival.dn
            );
            return self.link_error(connector, entry, rule, "duplicate-entry", message);
        }
        self.link_to(entry, rule, object)?;
        self.inbound(object)?;
        Ok(Search::Linked)
    }

    fn link_to(&self, entry: &Entry, rule: usize, object: i64) -> Result<(), Error> {
        let name = self
            .program
            .rules
            .inbound
            .get(rule)
            .map(|rule| rule.name.as_str());
        self.store.set_error(1, entry.id, None)?;
        self.store.link(entry.id, Some(object), name)?;
        self.store.clean_entry(entry.id)?;
        self.store.touch_object(object)
    }

    /// Looks up the objects or entries that match a join line.
    pub(super) fn look_up<'a>(
        &self,
        line: &'a [LinkedTerm],
        kind: Holder,
        env: &Env<'a>,
    ) -> Result<Result<Joined, Error>, trib_compiler::functions::Failure> {
        let mut frame = Frame::default();
        let mut matches: Option<Vec<i64>> = None;
        let mut values = false;
        for term in line {
            let value = env.eval(&term.source, &mut frame)?;
            let Some(key) = keys(value).into_iter().next() else {
                // An absent value matches nobody.
                return Ok(Ok(Joined::Nobody { values }));
            };
            values = true;
            match self.holders(term, kind, &key, value, line.len() == 1) {
                Ok(found) => {
                    matches = Some(match matches {
                        None => found,
                        Some(before) => {
                            before.into_iter().filter(|id| found.contains(id)).collect()
                        }
                    });
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(match matches.unwrap_or_default().as_slice() {
            [] => Joined::Nobody { values },
            [one] => Joined::One(*one),
            several => Joined::Several(several.len()),
        }))
    }

    fn holders(
        &self,
        term: &LinkedTerm,
        kind: Holder,
        key: &[u8],
        value: Value<'_>,
        alone: bool,
    ) -> Result<Vec<i64>, Error> {
        let mut found = Vec::new();
        for attribute in &term.attributes {
            for holder in self
                .store
                .lookup(kind, *attribute, key, alone && !term.exact)?
            {
                if found.contains(&holder) {
                    continue;
                }
                if !term.exact || self.holds_exactly(kind, holder, *attribute, value)? {
                    found.push(holder);
                }
            }
        }
        Ok(found)
    }

    pub(super) fn holds_exactly(
        &self,
        kind: Holder,
        holder: i64,
        attribute: i64,
        value: Value<'_>,
    ) -> Result<bool, Error> {
        let stored = match kind {
            Holder::Object => self.store.object(holder)?.map(|o| (o.object_type, o.row)),
            Holder::Entry | Holder::Deleted => self
                .store
                .entry(holder)?
                .and_then(|e| Some((e.object_type?, e.row))),
        };
        let Some((object_type, row)) = stored else {
            return Ok(false);
        };
        let ty = self
            .program
            .end(object_type)
            .and_then(|end| self.program.object_type(end));
        let slot = ty.and_then(|ty| {
            ty.indexed
                .iter()
                .find(|(_, number)| *number == attribute)
                .map(|(slot, _)| *slot)
        });
        let bump = Bump::new();
        let held = slot.map_or(Value::Absent, |slot| Row::new(&row).get(slot, &bump));
        Ok(held.items().iter().any(|item| item.equals(value, true)))
    }
}
