//! The links that leave one object under one name, with the order in which they changed.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A link that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Link {
    Members,
    Owners,
    Manager,
    Sponsors,
    RegisteredOwners,
    RegisteredUsers,
    AcceptedSenders,
    RejectedSenders,
}

impl Link {
    const ALL: [Link; 8] = [
        Link::Members,
        Link::Owners,
        Link::Manager,
        Link::Sponsors,
        Link::RegisteredOwners,
        Link::RegisteredUsers,
        Link::AcceptedSenders,
        Link::RejectedSenders,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Link::Members => "members",
            Link::Owners => "owners",
            Link::Manager => "manager",
            Link::Sponsors => "sponsors",
            Link::RegisteredOwners => "registeredOwners",
            Link::RegisteredUsers => "registeredUsers",
            Link::AcceptedSenders => "acceptedSenders",
            Link::RejectedSenders => "rejectedSenders",
        }
    }

    pub fn from_name(name: &str) -> Option<Link> {
        Link::ALL
            .into_iter()
            .find(|link| link.name().eq_ignore_ascii_case(name))
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    changed: u64,
    present: bool,
}

/// Links under one name. A removed link keeps its place in the log so that delta can tell of it.
#[derive(Debug, Default)]
pub(crate) struct Links {
    entries: HashMap<Uuid, Entry>,
    log: BTreeMap<u64, Uuid>,
}

/// A link at the moment of its last change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Linked {
    pub changed: u64,
    pub target: Uuid,
    pub present: bool,
}

impl Links {
    pub fn contains(&self, target: Uuid) -> bool {
        self.entries.get(&target).is_some_and(|entry| entry.present)
    }

    pub fn set(&mut self, target: Uuid, present: bool, changed: u64) {
        if let Some(old) = self.entries.insert(target, Entry { changed, present }) {
            self.log.remove(&old.changed);
        }
        self.log.insert(changed, target);
    }

    /// Everything that changed after `since`, oldest first, removals included.
    pub fn after(&self, since: u64) -> impl Iterator<Item = Linked> {
        self.log
            .range(since.saturating_add(1)..)
            .filter_map(|(changed, target)| {
                let entry = self.entries.get(target)?;
                Some(Linked {
                    changed: *changed,
                    target: *target,
                    present: entry.present,
                })
            })
    }

    /// The links there are, oldest first.
    pub fn present(&self) -> impl Iterator<Item = Linked> {
        self.after(0).filter(|linked| linked.present)
    }

    pub fn last_change(&self) -> u64 {
        self.log.last_key_value().map_or(0, |(changed, _)| *changed)
    }
}
