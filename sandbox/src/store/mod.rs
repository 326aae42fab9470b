//! The directory in memory, with an optional data file behind it.
//!
//! Every change takes the next number of one sequence. Objects, values and links remember the
//! number of their last change: that is all that delta queries and paging need.

mod index;
mod links;
mod log;
mod object;
mod record;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use serde_json::Value;
use uuid::Uuid;

use crate::Error;
use crate::model::Kind;
use index::Index;
pub(crate) use index::{fold, is_indexed};
pub(crate) use links::Link;
use log::Log;
use object::Stamped;
pub(crate) use object::{Object, State, Values};
pub(crate) use record::Record;

#[derive(Debug, Default)]
pub(crate) struct Store {
    objects: HashMap<Uuid, Object>,
    live: BTreeMap<Kind, BTreeMap<u64, Uuid>>,
    deleted: BTreeMap<Kind, BTreeMap<u64, Uuid>>,
    changes: BTreeMap<u64, (Kind, Uuid)>,
    index: Index,
    incoming: HashMap<Uuid, BTreeSet<(Link, Uuid)>>,
    meta: BTreeMap<String, String>,
    sequence: u64,
    log: Option<Log>,
}

impl Store {
    pub fn open(path: Option<&Path>) -> Result<Store, Error> {
        let mut store = Store::default();
        if let Some(path) = path {
            let log = Log::open(path, |records| store.replay(records))?;
            store.log = Some(log);
        }
        Ok(store)
    }

    fn replay(&mut self, records: Vec<Record>) {
        for record in records {
            self.apply(record);
        }
    }

    /// Makes all the changes, or none if the data file cannot take them.
    pub fn commit(&mut self, records: Vec<Record>) -> std::io::Result<()> {
        if let Some(log) = &mut self.log {
            log.append(&records)?;
        }
        self.replay(records);
        Ok(())
    }

    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    pub fn meta(&self, name: &str) -> Option<&str> {
        self.meta.get(name).map(String::as_str)
    }

    /// A live object.
    pub fn get(&self, id: Uuid) -> Option<&Object> {
        self.any(id).filter(|object| object.is_live())
    }

    /// An object in any state.
    pub fn any(&self, id: Uuid) -> Option<&Object> {
        self.objects.get(&id)
    }

    /// Live objects of a kind after a place in its list.
    pub fn list(&self, kind: Kind, after: u64) -> impl Iterator<Item = &Object> {
        self.placed(&self.live, kind, after)
    }

    /// Objects of a kind in deletedItems.
    pub fn list_deleted(&self, kind: Kind, after: u64) -> impl Iterator<Item = &Object> {
        self.placed(&self.deleted, kind, after)
    }

    fn placed<'a>(
        &'a self,
        places: &'a BTreeMap<Kind, BTreeMap<u64, Uuid>>,
        kind: Kind,
        after: u64,
    ) -> impl Iterator<Item = &'a Object> {
        let places = places.get(&kind).into_iter();
        places
            .flat_map(move |places| places.range(after.saturating_add(1)..))
            .filter_map(|(_, id)| self.objects.get(id))
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.live.get(&kind).map_or(0, BTreeMap::len)
    }

    /// Objects in any state that changed after `since`, oldest change first.
    pub fn changed_after(&self, since: u64) -> impl Iterator<Item = (u64, Kind, Uuid)> {
        self.changes
            .range(since.saturating_add(1)..)
            .map(|(at, (kind, id))| (*at, *kind, *id))
    }

    /// Live objects whose indexed property has this value.
    pub fn find<'a>(&'a self, name: &str, value: &str) -> impl Iterator<Item = &'a Object> {
        let found: Vec<Uuid> = self.index.equal(name, value).collect();
        found.into_iter().filter_map(|id| self.objects.get(&id))
    }

    /// Live objects whose indexed property begins so.
    pub fn find_prefix<'a>(&'a self, name: &str, value: &str) -> impl Iterator<Item = &'a Object> {
        let found: BTreeSet<Uuid> = self.index.prefix(name, value).collect();
        found.into_iter().filter_map(|id| self.objects.get(&id))
    }

    /// Live objects that this one links to, from a place in the order of their linking.
    pub fn linked<'a>(
        &'a self,
        owner: &'a Object,
        link: Link,
        after: u64,
    ) -> impl Iterator<Item = (u64, &'a Object)> {
        let links = owner.links.get(&link).into_iter();
        links
            .flat_map(move |links| links.after(after))
            .filter(|linked| linked.present)
            .filter_map(|linked| Some((linked.changed, self.get(linked.target)?)))
    }

    /// Live objects that link to this one.
    pub fn linking(&self, target: Uuid, link: Link) -> impl Iterator<Item = &Object> {
        self.incoming
            .get(&target)
            .into_iter()
            .flat_map(move |owners| owners.range((link, Uuid::nil())..=(link, Uuid::max())))
            .filter_map(|(_, owner)| self.get(*owner))
    }

    fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    fn apply(&mut self, record: Record) {
        match record {
            Record::Create { id, kind, values } => self.create(id, kind, values),
            Record::Set { id, values } => self.set(id, values),
            Record::Link {
                owner,
                link,
                targets,
            } => self.relink(owner, link, &targets, true),
            Record::Unlink {
                owner,
                link,
                targets,
            } => self.relink(owner, link, &targets, false),
            Record::Delete { id, at } => self.delete(id, at),
            Record::Restore { id } => self.restore(id),
            Record::Purge { id } => self.purge(id),
            Record::Meta { name, value } => {
                self.meta.insert(name, value);
            }
        }
    }

    fn create(&mut self, id: Uuid, kind: Kind, values: Values) {
        let number = self.next();
        let object = Object {
            id,
            kind,
            state: State::Live,
            number,
            appeared: number,
            changed: number,
            values: BTreeMap::new(),
            links: BTreeMap::new(),
        };
        self.objects.insert(id, object);
        self.live.entry(kind).or_default().insert(number, id);
        self.changes.insert(number, (kind, id));
        self.set(id, values);
    }

    /// Gives the object the next number in the sequence of changes.
    fn touch(&mut self, id: Uuid) -> u64 {
        let now = self.next();
        if let Some(object) = self.objects.get_mut(&id) {
            self.changes.remove(&object.changed);
            object.changed = now;
            self.changes.insert(now, (object.kind, id));
        }
        now
    }

    fn set(&mut self, id: Uuid, values: Values) {
        let now = self.touch(id);
        let Some(object) = self.objects.get_mut(&id) else {
            return;
        };
        let live = object.is_live();
        for (name, value) in values {
            let old = object.values.get(&name).map(|stamped| &stamped.value);
            if old == Some(&value) {
                continue;
            }
            if live {
                if let Some(old) = old {
                    self.index.remove(&name, old, id);
                }
                self.index.add(&name, &value, id);
            }
            object.values.insert(
                name,
                Stamped {
                    value,
                    changed: now,
                },
            );
        }
    }

    fn relink(&mut self, owner: Uuid, link: Link, targets: &[Uuid], present: bool) {
        for target in targets {
            let now = self.touch(owner);
            let Some(object) = self.objects.get_mut(&owner) else {
                return;
            };
            object
                .links
                .entry(link)
                .or_default()
                .set(*target, present, now);
            let incoming = self.incoming.entry(*target).or_default();
            if present {
                incoming.insert((link, owner));
            } else {
                incoming.remove(&(link, owner));
            }
        }
    }

    fn delete(&mut self, id: Uuid, at: String) {
        self.unindex(id);
        if let Some(object) = self.objects.get_mut(&id) {
            object.state = State::Deleted;
            self.live
                .entry(object.kind)
                .or_default()
                .remove(&object.number);
            self.deleted
                .entry(object.kind)
                .or_default()
                .insert(object.number, id);
        }
        self.set(
            id,
            Values::from([("deletedDateTime".into(), Value::String(at))]),
        );
    }

    /// Links to a deleted object lie still and count again from now on, so their owners change.
    fn restore(&mut self, id: Uuid) {
        let now = self.touch(id);
        if let Some(object) = self.objects.get_mut(&id) {
            object.state = State::Live;
            object.appeared = now;
            self.deleted
                .entry(object.kind)
                .or_default()
                .remove(&object.number);
            self.live
                .entry(object.kind)
                .or_default()
                .insert(object.number, id);
            object.values.remove("deletedDateTime");
            for (name, stamped) in &object.values {
                self.index.add(name, &stamped.value, id);
            }
        }
        for (link, owner) in self.incoming.get(&id).cloned().unwrap_or_default() {
            self.relink(owner, link, &[id], true);
        }
    }

    fn purge(&mut self, id: Uuid) {
        self.unindex(id);
        self.touch(id);
        let Some(object) = self.objects.get_mut(&id) else {
            return;
        };
        object.state = State::Purged;
        object.values.clear();
        let links = std::mem::take(&mut object.links);
        let (kind, number) = (object.kind, object.number);
        self.live.entry(kind).or_default().remove(&number);
        self.deleted.entry(kind).or_default().remove(&number);
        for (link, links) in links {
            for linked in links.present() {
                if let Some(owners) = self.incoming.get_mut(&linked.target) {
                    owners.remove(&(link, id));
                }
            }
        }
        self.incoming.remove(&id);
    }

    fn unindex(&mut self, id: Uuid) {
        let Some(object) = self.objects.get(&id).filter(|object| object.is_live()) else {
            return;
        };
        for (name, stamped) in &object.values {
            self.index.remove(name, &stamped.value, id);
        }
    }
}
