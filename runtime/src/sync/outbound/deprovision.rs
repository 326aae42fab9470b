//! What happens to an entry whose object has no rule for it any more.

use bumpalo::Bump;
use trib_compiler::ir::{Deprovision, End, Link, Rule};

use super::{Taking, Target};
use crate::eval::Frame;
use crate::store::{Entry, PendingExport};
use crate::sync::{Synchronizer, Trouble};

impl Synchronizer<'_> {
    pub(super) fn deprovision<'a>(
        &'a self,
        target: &Target<'a>,
        entry: &Entry,
        bump: &'a Bump,
    ) -> Result<(), Trouble> {
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
            // In a forest only what we made is deleted: others own what we found there.
            Deprovision::Delete
                if self.program.is_forest(target.connector) && !self.store.is_made(entry.id)? =>
            {
                self.disconnect(entry)
            }
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
                Ok(())
            }
            Deprovision::Disable(flows) => {
                let Some(linked) = self.program.outbound.get(at) else {
                    return Ok(());
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
                Ok(())
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

    fn disconnect(&self, entry: &Entry) -> Result<(), Trouble> {
        self.store.set_pending(entry.id, None)?;
        self.store.clear_pending_links(entry.id)?;
        self.store.link(entry.id, None, None)?;
        Ok(())
    }
}
