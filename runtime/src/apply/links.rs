//! References: the write of each one that waits, once both of its ends are there.

use std::collections::HashMap;

use super::{BATCH, Held, Job, Run, is_held};
use crate::connectors::{Operation, Write};
use crate::engine::Engine;
use crate::error::Error;
use crate::guard::Kind;
use crate::store::{Entry, PendingLink};

/// References whose writes are kept together.
const PIECE: usize = BATCH * 5;
/// So many references of one attribute go in a request.
const TOGETHER: usize = 20;

/// How many of the references go next: those that share a request are not torn apart.
fn piece(links: &[PendingLink]) -> usize {
    let Some(after) = links.get(PIECE) else {
        return links.len();
    };
    let same = |link: &&PendingLink| {
        (link.entry, link.attribute, link.adding) == (after.entry, after.attribute, after.adding)
    };
    let torn = links.iter().take(PIECE).rev().take_while(same).count();
    match torn < PIECE {
        true => PIECE - torn % TOGETHER,
        false => PIECE,
    }
}

/// About how many requests they take.
fn requests(links: &[PendingLink]) -> usize {
    let kind = |link: &PendingLink| (link.entry, link.attribute, link.adding);
    let runs = links.chunk_by(|a, b| kind(a) == kind(b));
    runs.map(|run| match run {
        [first, ..] if first.adding => run.len().div_ceil(TOGETHER),
        _ => run.len(),
    })
    .sum()
}

impl Engine {
    pub(super) async fn links(
        &mut self,
        connector: usize,
        number: i64,
        held: &Held,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        let mut links = Vec::new();
        for link in self.store.pending_links()? {
            let Some(entry) = self.store.entry(link.entry)? else {
                continue;
            };
            let refused = self.store.is_refused(link.entry, &link.part(), "")?;
            let held = !link.adding && self.is_removal_held(held, &entry, &link)?;
            if entry.connector == number && !refused && !held {
                links.push(link);
            }
        }
        self.write_links(connector, links, run).await
    }

    /// References of the type are held back, or those to an object whose delete is held back.
    fn is_removal_held(
        &self,
        held: &Held,
        owner: &Entry,
        link: &PendingLink,
    ) -> Result<bool, Error> {
        if held.is_empty() {
            return Ok(false);
        }
        let object_type = owner.object_type.unwrap_or_default();
        if held.contains(&(Kind::MemberRemovals, object_type)) {
            return Ok(true);
        }
        let Some(export) = self.store.pending_of(link.target)? else {
            return Ok(false);
        };
        let target = self.store.entry(link.target)?;
        let object_type = target.and_then(|target| target.object_type);
        Ok(object_type.is_some_and(|ty| export.op == "delete" && is_held(held, ty, &export)))
    }

    /// Writes the references that had to wait, as far as their ends were made in the meantime.
    pub(super) async fn late_links(
        &mut self,
        connector: usize,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        let mut made = Vec::new();
        for link in std::mem::take(&mut run.unmade) {
            if self.is_made(link.entry)? && self.is_made(link.target)? {
                made.push(link);
            }
        }
        self.write_links(connector, made, run).await
    }

    fn is_made(&self, entry: i64) -> Result<bool, Error> {
        Ok(self
            .store
            .entry(entry)?
            .is_some_and(|entry| entry.anchor.is_some()))
    }

    async fn write_links(
        &mut self,
        connector: usize,
        links: Vec<PendingLink>,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        if links.is_empty() {
            return Ok(());
        }
        let name = self.program.connector_name(connector).to_owned();
        run.progress.begin(
            &format!("writing references in {name}"),
            Some(links.len() as u64),
        );
        // What goes makes room for what comes: a single-valued reference that is replaced is set once.
        let mut rest = links.as_slice();
        while !rest.is_empty() && !run.stopped {
            self.tell_time_left(connector, requests(rest), run);
            let (batch, next) = rest.split_at(piece(rest));
            rest = next;
            let mut writes = Vec::new();
            let mut jobs = HashMap::new();
            for link in batch {
                if !(self.is_made(link.entry)? && self.is_made(link.target)?) {
                    run.unmade.push(link.clone());
                    continue;
                }
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
        let (Some(anchor), Some(target)) = (self.anchor(&entry), self.anchor(&target)) else {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn links(groups: &[(i64, usize)]) -> Vec<PendingLink> {
        let of = |(entry, members): &(i64, usize)| {
            let entry = *entry;
            (0..*members as i64).map(move |target| PendingLink {
                entry,
                attribute: 1,
                target,
                adding: true,
                rule: String::new(),
                at: String::new(),
            })
        };
        groups.iter().flat_map(of).collect()
    }

    #[test]
    fn pieces_cost_no_request_more() {
        for groups in [
            vec![(1, 1990), (2, 45)],
            vec![(1, 9), (2, 4005)],
            vec![(1, 6000)],
            vec![(1, 2000), (2, 5)],
            (0..300).map(|group| (group, 27)).collect(),
        ] {
            let links = links(&groups);
            let (mut rest, mut sent) = (links.as_slice(), 0);
            while !rest.is_empty() {
                let (piece, next) = rest.split_at(piece(rest));
                assert!(!piece.is_empty() && piece.len() <= PIECE);
                sent += requests(piece);
                rest = next;
            }
            assert_eq!(sent, requests(&links), "{groups:?}");
        }
    }
}
