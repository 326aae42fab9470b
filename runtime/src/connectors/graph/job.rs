//! A write on its way: the requests it takes and how often they were tried. Nothing is sent here.

use std::collections::VecDeque;

use super::client::ATTEMPTS;
use super::error::permission_to_write;
use super::request::{self, Request};
use super::step::Step;
use crate::connectors::{Operation, Write};

/// A write, or several that share a request.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// Their ids, in the order of the targets where they share a request.
    pub(super) writes: Vec<u64>,
    pub(super) object_type: String,
    pub(super) anchor: Option<String>,
    pub(super) steps: VecDeque<Step>,
    pub(super) sends: u32,
    pub(super) attempts: u32,
    pub(super) misses: u32,
    /// The token was renewed for it.
    pub(super) renewed: bool,
    /// What was asked for may have happened though we were not told.
    pub(super) uncertain: bool,
}

impl Job {
    pub fn new(write: Write) -> Job {
        let Write {
            id,
            object_type,
            operation,
        } = write;
        let anchor = anchor(&operation).map(str::to_owned);
        let steps = Step::of(&object_type, operation);
        Job::of(vec![id], object_type, anchor, steps)
    }

    fn of(writes: Vec<u64>, object_type: String, anchor: Option<String>, steps: Vec<Step>) -> Job {
        Job {
            writes,
            object_type,
            anchor,
            steps: steps.into(),
            sends: 0,
            attempts: 0,
            misses: 0,
            renewed: false,
            uncertain: false,
        }
    }

    /// There is nothing to send.
    pub fn is_done(&self) -> bool {
        self.steps.is_empty()
    }

    /// The object that it changes; `None` while there is none.
    pub fn object(&self) -> Option<&str> {
        self.anchor.as_deref()
    }

    /// Takes the writes of another job into its request, if they fit.
    pub fn absorb(&mut self, other: Job) -> Result<(), Job> {
        let (
            Some(Step::AddMembers { attribute, targets }),
            Some(Step::AddMembers {
                attribute: same,
                targets: more,
            }),
        ) = (self.steps.front_mut(), other.steps.front())
        else {
            return Err(other);
        };
        let fits = attribute == same && targets.len() + more.len() <= request::MEMBERS_PER_REQUEST;
        if !fits || self.anchor != other.anchor || self.object_type != other.object_type {
            return Err(other);
        }
        targets.extend(more.iter().cloned());
        self.writes.extend(other.writes);
        Ok(())
    }

    /// Its writes, each with a request of its own.
    pub fn split(self) -> Vec<Job> {
        let Some(Step::AddMembers { attribute, targets }) = self.steps.front() else {
            return vec![self];
        };
        let single = |(id, target): (&u64, &String)| {
            let step = Step::AddLink {
                attribute: attribute.clone(),
                target: target.clone(),
            };
            Job::of(
                vec![*id],
                self.object_type.clone(),
                self.anchor.clone(),
                vec![step],
            )
        };
        self.writes.iter().zip(targets).map(single).collect()
    }

    /// What is to be sent; `None` where nothing is left to do.
    pub fn request(&self, base: &str) -> Option<Request> {
        let anchor = self.anchor.as_deref().unwrap_or_default();
        Some(self.steps.front()?.request(base, &self.object_type, anchor))
    }

    /// The permission that its request takes.
    pub fn permission(&self) -> &'static str {
        let reference = self.steps.front().and_then(Step::reference);
        permission_to_write(&self.object_type, reference)
    }

    /// It may go beside others of its object.
    pub fn is_single_link(&self) -> bool {
        matches!(
            self.steps.front(),
            Some(Step::AddLink { .. } | Step::RemoveLink { .. })
        )
    }

    /// It was tried as often as it may be.
    pub fn is_exhausted(&self) -> bool {
        self.attempts >= ATTEMPTS
    }
}

fn anchor(operation: &Operation) -> Option<&str> {
    match operation {
        Operation::Create { .. } => None,
        Operation::Restore { anchor, .. }
        | Operation::Update { anchor, .. }
        | Operation::Delete { anchor }
        | Operation::SetLink { anchor, .. }
        | Operation::AddLink { anchor, .. }
        | Operation::RemoveLink { anchor, .. } => Some(anchor),
    }
}
