//! Single references of metaverse objects, followed from the entries that came or went, so that one member
//! more costs one row however large its group is.

use std::collections::{BTreeMap, BTreeSet};

use bumpalo::Bump;
use trib_compiler::ir::{End, Mode};

use super::inbound::Source;
use super::{Synchronizer, Trouble};
use crate::error::Error;
use crate::eval::Place;
use crate::store::{Object, Reference};

/// What a synchronization changed, or found changed.
#[derive(Default)]
pub(super) struct Changes {
    /// Objects that were computed: all they mean for the targets is compared.
    pub objects: BTreeSet<i64>,
    /// References of objects.
    pub references: BTreeSet<Reference>,
    /// References of entries in target directories.
    pub links: BTreeSet<Reference>,
}

/// A reference that may have come or gone, seen from the metaverse object.
enum Cause {
    /// One of its entries refers to an entry, or the entry got another object.
    Link(Reference),
    /// It refers to an object that changed.
    Reference { attribute: i64, target: i64 },
}

/// Where the targets of one metaverse reference come from.
struct Feed {
    /// Entries and their attributes that are copied.
    copies: Vec<(i64, i64)>,
    /// Whether a target is one, whatever the other targets are.
    one_by_one: bool,
    /// The stored type of targets, where it is one only.
    wanted: Option<i64>,
}

impl Synchronizer<'_> {
    /// Entries whose changed references are read by expressions are evaluated as a whole.
    pub(super) fn touch_readers(&self) -> Result<(), Error> {
        let types = self.program.connectors.iter().flat_map(|(_, types)| types);
        let numbers = types.flat_map(|ty| &ty.read_references).map(i64::to_string);
        let numbers: Vec<String> = numbers.collect();
        match numbers.is_empty() {
            true => Ok(()),
            false => self.store.touch_readers(&numbers.join(",")),
        }
    }

    /// Follows the references that changed. Where one cannot be followed alone, its object is marked
    /// for evaluation.
    pub(super) fn follow_references(&self, changes: &mut Changes) -> Result<(), Error> {
        let mut causes: BTreeMap<i64, Vec<Cause>> = BTreeMap::new();
        for reference in self.store.take_object_reference_changes()? {
            let Reference {
                owner,
                attribute,
                target,
            } = reference;
            let cause = Cause::Reference { attribute, target };
            causes.entry(owner).or_default().push(cause);
        }
        let links = self.store.take_reference_changes()?;
        for links in links.chunk_by(|a, b| a.owner == b.owner) {
            let Some(first) = links.first() else { continue };
            let Some((connector, object)) = self.store.link_of(first.owner)? else {
                continue;
            };
            if self.is_source(connector) {
                let known = causes.entry(object).or_default();
                known.extend(links.iter().map(|link| Cause::Link(*link)));
            }
            if self.is_target(connector) {
                changes.links.extend(links);
            }
        }
        for (id, causes) in causes {
            match self.follow(id, &causes, changes) {
                Ok(()) | Err(Trouble::Object(_)) => {}
                Err(Trouble::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether rules flow from this connector to the metaverse.
    fn is_source(&self, connector: i64) -> bool {
        let at = self.program.connector(connector);
        let mut rules = self.program.rules.inbound.iter();
        rules.any(|rule| matches!(rule.source, End::Directory(from, _) if Some(from) == at))
    }

    /// Whether rules flow from the metaverse to this connector.
    pub(super) fn is_target(&self, connector: i64) -> bool {
        let at = self.program.connector(connector);
        let mut rules = self.program.rules.outbound.iter();
        rules.any(|rule| matches!(rule.target, End::Directory(to, _) if Some(to) == at))
    }

    fn follow(&self, id: i64, causes: &[Cause], changes: &mut Changes) -> Result<(), Trouble> {
        let Some(object) = self.store.object(id)? else {
            return Ok(());
        };
        let Some(end) = self.program.end(object.object_type) else {
            return Ok(());
        };
        if object.ended.is_some() {
            return Ok(());
        }
        let entries = self.store.entries_of(id)?;
        for entry in &entries {
            // Its earlier values stay, its references too; evaluation says so again.
            if self.store.entry_failed(entry.id)? {
                return Ok(self.store.touch_object(id)?);
            }
        }
        let bump = Bump::new();
        let sources = self.sources(&entries, &bump)?;
        let feeds = self.feeds(end, &sources);
        for cause in causes {
            match *cause {
                Cause::Link(link) => {
                    let read = self.is_read(&sources, link);
                    for (attribute, feed) in &feeds {
                        let copied = feed.copies.contains(&(link.owner, link.attribute));
                        if !feed.one_by_one && (copied || read) {
                            return Ok(self.store.touch_object(id)?);
                        }
                        if let Some((_, target)) = self.store.link_of(link.target)?
                            && copied
                        {
                            self.follow_one(&object, *attribute, target, feed, changes)?;
                        }
                    }
                }
                Cause::Reference { attribute, target } => {
                    let none = Feed {
                        copies: Vec::new(),
                        one_by_one: true,
                        wanted: None,
                    };
                    let feed = feeds.get(&attribute).unwrap_or(&none);
                    if !feed.one_by_one {
                        return Ok(self.store.touch_object(id)?);
                    }
                    self.follow_one(&object, attribute, target, feed, changes)?;
                }
            }
        }
        Ok(())
    }

    /// Whether expressions see the attribute that a reference belongs to.
    fn is_read(&self, sources: &[Source<'_>], link: Reference) -> bool {
        let source = sources.iter().find(|source| source.entry.id == link.owner);
        source
            .and_then(|source| self.program.object_type(source.end))
            .is_some_and(|ty| ty.read_references.contains(&link.attribute))
    }

    fn feeds(&self, end: End, sources: &[Source<'_>]) -> BTreeMap<i64, Feed> {
        let mut feeds: BTreeMap<i64, (Feed, bool)> = BTreeMap::new();
        let rules = self.program.rules.inbound.iter().zip(&self.program.inbound);
        for (at, (rule, linked)) in rules
            .enumerate()
            .filter(|(_, (rule, _))| rule.target == end)
        {
            let here =
                |source: &&Source<'_>| source.end == rule.source && source.rules.contains(&at);
            for source in sources.iter().filter(here) {
                for (flow, node) in rule.flows.iter().zip(&linked.flows) {
                    let Place::Reference(attribute) = node.target else {
                        continue;
                    };
                    let merge = matches!(flow.mode, Mode::Merge | Mode::MergeIgnoringCase);
                    let (feed, merges) = feeds.entry(attribute).or_insert_with(|| {
                        let feed = Feed {
                            copies: Vec::new(),
                            one_by_one: true,
                            wanted: self.wanted_type(end, flow.target),
                        };
                        (feed, merge)
                    });
                    // A stronger flow without merging hides the others while it has any target.
                    let alone = feed.copies.is_empty();
                    *merges &= merge;
                    feed.one_by_one &= node.copy.is_some() && (alone || *merges);
                    feed.copies
                        .extend(node.copy.map(|copy| (source.entry.id, copy)));
                }
            }
        }
        let feeds = feeds.into_iter();
        feeds
            .map(|(attribute, (feed, _))| (attribute, feed))
            .collect()
    }

    fn follow_one(
        &self,
        object: &Object,
        attribute: i64,
        target: i64,
        feed: &Feed,
        changes: &mut Changes,
    ) -> Result<(), Error> {
        let reference = Reference {
            owner: object.id,
            attribute,
            target,
        };
        let lives = self.store.object(target)?.is_some_and(|target| {
            target.ended.is_none() && feed.wanted.is_none_or(|ty| ty == target.object_type)
        });
        let mut wanted = false;
        for (entry, copied) in feed.copies.iter().filter(|_| lives) {
            wanted |= self.store.refers_to_object(*entry, *copied, target)?;
        }
        if wanted != self.store.has_object_reference(reference)? {
            self.store.set_object_reference(reference, wanted)?;
            let end = self.program.end(object.object_type);
            let ty = end.and_then(|end| self.program.object_type(end));
            if ty.is_some_and(|ty| ty.read_references.contains(&attribute)) {
                changes.objects.insert(object.id);
            }
        }
        changes.references.insert(reference);
        Ok(())
    }
}
