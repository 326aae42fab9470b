//! What changed, by the numbers that the domain controller gives changes.
//!
//! A number says that an entry changed, and not what: entries are read whole, and so is everything
//! below a container that changed, since it may have another name.

use bumpalo::Bump;
use ldap3::Scope;

use super::super::entry::Entry;
use super::super::session::{Request, show_deleted};
use super::super::watermark::Watermark;
use super::super::{filter, ranges};
use super::{Import, complete};
use crate::connectors::EntryChange;
use crate::connectors::entry::{Delivered, anchor};
use crate::error::Error;

impl Import<'_> {
    /// What changed in all naming contexts; false where the numbers do not continue.
    pub(super) async fn changed_by_number(
        &mut self,
        mut watermark: Watermark,
    ) -> Result<bool, Error> {
        // Asked for first: what changes meanwhile comes again.
        let Some(now) = self.session.highest_usn().await? else {
            return Ok(false);
        };
        let mut changed = false;
        for context in self.contexts.clone() {
            let Some(last) = watermark.number(&context).filter(|last| *last <= now) else {
                return Ok(false);
            };
            if last == now {
                continue;
            }
            self.deleted_after(&context, last).await?;
            self.changed_after(&context, last).await?;
            watermark.set(&context, now.to_string().as_bytes());
            changed = true;
        }
        if changed {
            self.sink.page(Some(&watermark.write()))?;
        }
        Ok(true)
    }

    async fn deleted_after(&mut self, context: &str, last: u64) -> Result<(), Error> {
        let filter = format!("(&(isDeleted=TRUE)(uSNChanged>={}))", last + 1);
        let request = Request {
            base: context,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["objectGUID"],
        };
        let sink = &mut *self.sink;
        let mut cookie = Some(Vec::new());
        while let Some(at) = cookie {
            let mut take = |entry: Entry| match entry.value("objectGUID").and_then(anchor) {
                Some(anchor) => sink.entry(EntryChange::Delete { anchor: &anchor }),
                None => sink.malformed(None, &entry.dn, "it has no `objectGUID`"),
            };
            cookie = self
                .session
                .page_with(request, &at, vec![show_deleted()], &mut take)
                .await?;
        }
        Ok(())
    }

    async fn changed_after(&mut self, context: &str, last: u64) -> Result<(), Error> {
        let filter = format!(
            "(&{}(uSNChanged>={}))",
            filter::changed(self.selection),
            last + 1
        );
        let attributes = self.attributes.clone();
        let request = Request {
            base: context,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &attributes,
        };
        let mut containers = Vec::new();
        let mut cookie = Some(Vec::new());
        let mut bump = Bump::new();
        while let Some(at) = cookie {
            let mut entries = Vec::new();
            let mut take = |entry| {
                entries.push(entry);
                Ok(())
            };
            cookie = self.session.page(request, &at, &mut take).await?;
            for mut entry in entries {
                ranges::finish(&mut self.session, &mut entry).await?;
                let delivered = complete(&self.delivery, &bump, &entry, self.sink)?;
                if delivered == Delivered::Unselected
                    && let Some(anchor) = entry.value("objectGUID").and_then(anchor)
                {
                    self.sink.entry(EntryChange::Delete { anchor: &anchor })?;
                }
                bump.reset();
                if filter::is_container(&entry) {
                    containers.push(entry.dn);
                }
            }
        }
        for container in containers {
            self.subtree(&container, &filter::selected(self.selection), false)
                .await?;
        }
        Ok(())
    }
}
