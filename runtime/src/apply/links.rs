//! References: the write of each one that waits, once both of its ends are there.

use std::collections::HashMap;

use super::{BATCH, Job, Run, text};
use crate::connectors::{Operation, Write};
use crate::engine::Engine;
use crate::error::Error;
use crate::store::PendingLink;

impl Engine {
    pub(super) async fn links(
        &mut self,
        connector: usize,
        number: i64,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        let mut links = Vec::new();
        for link in self.store.pending_links()? {
            let Some(entry) = self.store.entry(link.entry)? else {
                continue;
            };
            let refused = self.store.is_refused(link.entry, &link.part(), "")?;
            if entry.connector == number && !refused {
                links.push(link);
            }
        }
        if links.is_empty() {
            return Ok(());
        }
        let name = self.program.connector_name(connector).to_owned();
        run.progress.begin(
            &format!("writing references in {name}"),
            Some(links.len() as u64),
        );
        // What goes makes room for what comes: a single-valued reference that is replaced is set once.
        for batch in links.chunks(BATCH * 5) {
            if run.stopped {
                break;
            }
            let mut writes = Vec::new();
            let mut jobs = HashMap::new();
            for link in batch {
                let id = jobs.len() as u64;
                if let Some(write) = self.link_write(link, batch, id)? {
                    writes.push(write);
                    jobs.insert(id, Job::Link(link.clone()));
                }
            }
            self.send(connector, writes, jobs, run).await?;
        }
        run.progress.end();
        Ok(())
    }

    /// The write of a link; none while one of its ends is not made yet, or where another one does it.
    pub(super) fn link_write(
        &self,
        link: &PendingLink,
        batch: &[PendingLink],
        id: u64,
    ) -> Result<Option<Write>, Error> {
        let (Some(entry), Some(target)) = (
            self.store.entry(link.entry)?,
            self.store.entry(link.target)?,
        ) else {
            return Ok(None);
        };
        let (Some(anchor), Some(target)) = (text(&entry.anchor), text(&target.anchor)) else {
            return Ok(None);
        };
        let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty)) else {
            return Ok(None);
        };
        let attribute = self.link_name(link)?;
        let ir = self.program.ir_type(end);
        let many = ir.and_then(|ty| ty.attributes.iter().find(|a| a.name == attribute));
        let many = many.is_some_and(|attribute| attribute.ty.many);
        let operation = match (many, link.adding) {
            (true, true) => Operation::AddLink {
                anchor,
                attribute,
                target,
            },
            (true, false) => Operation::RemoveLink {
                anchor,
                attribute,
                target,
            },
            (false, true) => Operation::SetLink {
                anchor,
                attribute,
                target: Some(target),
            },
            (false, false) => {
                let replaced = batch.iter().any(|other| {
                    other.adding && (other.entry, other.attribute) == (link.entry, link.attribute)
                });
                if replaced {
                    return Ok(None);
                }
                Operation::SetLink {
                    anchor,
                    attribute,
                    target: None,
                }
            }
        };
        let object_type = ir.map(|ty| ty.name.clone()).unwrap_or_default();
        Ok(Some(Write {
            id,
            object_type,
            operation,
        }))
    }
}
