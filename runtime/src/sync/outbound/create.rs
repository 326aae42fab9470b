//! An object without an entry in a target: it is joined to one that is there, or one is made.

use bumpalo::Bump;
use trib_compiler::ir::{Link, Rule};

use super::Target;
use crate::error::Error;
use crate::object::Row;
use crate::plan::ObjectError;
use crate::store::{Entry, Holder, PendingExport};
use crate::sync::link::Joined;
use crate::sync::{Failed, Synchronizer, Trouble};

impl Synchronizer<'_> {
    /// An entry that was only planned is not made anew: it remembers whether its create was sent.
    pub(super) fn unplan(&self, target: &Target<'_>, planned: Option<&Entry>) -> Result<(), Error> {
        let Some(entry) = planned else { return Ok(()) };
        self.store.remove_entry(entry.id)?;
        self.store.clean_object(target.object.id)
    }

    pub(super) fn find_or_create<'a>(
        &'a self,
        target: &Target<'a>,
        planned: Option<&Entry>,
        in_scope: &[(usize, &'a Rule)],
        bump: &'a Bump,
    ) -> Result<(), Trouble> {
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
                        return Ok(());
                    }
                    Joined::One(id) => {
                        if self.take_over(target, id, rule, in_scope, bump)? {
                            self.unplan(target, planned)?;
                            return Ok(());
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
            return Ok(());
        };
        let Some(ty) = self.program.object_type(rule.target) else {
            return Ok(());
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
        Ok(())
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

    /// How an error names an entry of a target.
    pub(in crate::sync) fn entry_name(&self, connector: usize, entry: &Entry) -> String {
        match entry.dn.as_str() {
            "" => {
                let anchor = entry.anchor.as_deref().unwrap_or_default();
                self.program.anchor_text(connector, anchor)
            }
            dn => dn.to_owned(),
        }
    }

    /// Joins the object to an entry that is there already. False where that is somebody else's for sure,
    /// and the object needs one of its own.
    fn take_over<'a>(
        &'a self,
        target: &Target<'a>,
        id: i64,
        rule: &'a Rule,
        in_scope: &[(usize, &'a Rule)],
        bump: &'a Bump,
    ) -> Result<bool, Trouble> {
        let Some(entry) = self.store.entry(id)? else {
            return Ok(true);
        };
        let name = self.entry_name(target.connector, &entry);
        let ty = self.program.object_type(rule.target);
        let owned = ty
            .and_then(|ty| ty.owned)
            .is_some_and(|slot| Row::new(&entry.row).get(slot, bump).is_true());
        if owned {
            let message = format!(
                "`{name}` is owned by Microsoft's own sync (onPremisesSyncEnabled) and is never taken over"
            );
            self.refuse(target, rule, "owned-by-other-sync", message)?;
            return Ok(true);
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
            return Ok(false);
        }
        if elsewhere {
            let message = format!(
                "`{name}` has another onPremisesImmutableId: it belongs to another source object; \
                 clear it there if this is the same person"
            );
            self.refuse(target, rule, "anchored-elsewhere", message)?;
            return Ok(true);
        }
        if let Some(other) = entry.object.filter(|other| *other != target.object.id) {
            let ended = self
                .store
                .object(other)?
                .is_none_or(|other| other.ended.is_some());
            if !ended {
                let message = format!("`{name}` already belongs to another source object");
                self.refuse(target, rule, "duplicate-target", message)?;
                return Ok(true);
            }
            self.store.touch_object(other)?;
        }
        self.store
            .link(entry.id, Some(target.object.id), Some(&rule.name))?;
        let entry = Entry {
            object: Some(target.object.id),
            ..entry
        };
        self.change(target, &entry, in_scope, bump)?;
        Ok(true)
    }
}
