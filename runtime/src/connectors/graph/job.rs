//! A write on its way: the requests it takes, and what an answer means for it. Nothing is sent here.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::client::{ATTEMPTS, Answer};
use super::error::{Refusal, permission_to_write};
use super::request::{self, Request};
use super::throttle::backoff;
use crate::connectors::{Operation, Write, WriteFailure};

/// A request is sent at most so often, throttling included.
const SENDS: u32 = 100;
/// How often an object made just now may seem not to be there.
const MISSES: u32 = 4;
/// An object counts as made just now for so long.
const FRESH: Duration = Duration::from_secs(900);
/// How often a create whose answer was lost is looked up before it is tried again.
const LOOKUPS: u32 = 2;

/// Objects made lately: the service may not know them everywhere yet.
#[derive(Debug, Default)]
pub(super) struct Made(HashMap<String, Instant>);

impl Made {
    pub fn insert(&mut self, anchor: &str) {
        self.0.insert(anchor.to_owned(), Instant::now());
    }

    pub fn forget_old(&mut self) {
        self.0.retain(|_, made| made.elapsed() < FRESH);
    }

    fn has(&self, anchor: &str) -> bool {
        self.0.contains_key(anchor)
    }
}

/// One request of a write.
#[derive(Debug, Clone)]
enum Step {
    Create {
        attributes: Map<String, Value>,
        find_by: Option<(String, String)>,
    },
    Upsert {
        unique_name: String,
        attributes: Map<String, Value>,
    },
    /// Asks for the id of a group that was there.
    Resolve {
        unique_name: String,
    },
    /// Looks whether an upsert was refused because the group is there; else this is why it failed.
    FindExisting {
        unique_name: String,
        refusal: Refusal,
    },
    /// Looks for an object that may have been made.
    FindMade {
        property: String,
        value: String,
        lookups: u32,
    },
    Restore,
    Change(Map<String, Value>),
    Delete,
    SetLink {
        attribute: String,
        target: Option<String>,
    },
    AddMembers {
        attribute: String,
        targets: Vec<String>,
    },
    AddLink {
        attribute: String,
        target: String,
    },
    RemoveLink {
        attribute: String,
        target: String,
    },
}

/// A write, or several that share a request.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// Their ids, in the order of the targets where they share a request.
    pub writes: Vec<u64>,
    object_type: String,
    anchor: Option<String>,
    steps: VecDeque<Step>,
    sends: u32,
    attempts: u32,
    misses: u32,
    /// The token was renewed for it.
    renewed: bool,
    /// What was asked for may have happened though we were not told.
    uncertain: bool,
}

/// What to do with a job after an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Next {
    /// Send what is next.
    Send,
    /// Send after a while.
    Wait(Duration),
    /// Send with a new token.
    Renew,
    /// Send its writes one by one.
    Split,
    /// A permission is missing, or the object is protected.
    Denied(WriteFailure),
    /// It has ended.
    Done(Result<Option<String>, WriteFailure>),
}

impl Job {
    pub fn new(write: Write) -> Job {
        let Write {
            id,
            object_type,
            operation,
        } = write;
        let mut job = Job::of(vec![id], object_type, None, VecDeque::new());
        match operation {
            Operation::Create {
                attributes,
                find_by,
            } => {
                let (mut attributes, alone) = request::separate(&job.object_type, attributes);
                let unique_name = if job.object_type == "group" {
                    attributes.get("uniqueName")
                } else {
                    None
                };
                match unique_name.and_then(Value::as_str).map(str::to_owned) {
                    Some(unique_name) => {
                        attributes.shift_remove("uniqueName");
                        job.steps.push_back(Step::Upsert {
                            unique_name,
                            attributes,
                        });
                    }
                    None => job.steps.push_back(Step::Create {
                        attributes,
                        find_by,
                    }),
                }
                job.steps.extend(alone.into_iter().map(Step::Change));
            }
            Operation::Restore { anchor, attributes } => {
                job.anchor = Some(anchor);
                job.steps.push_back(Step::Restore);
                job.change(attributes);
            }
            Operation::Update { anchor, attributes } => {
                job.anchor = Some(anchor);
                job.change(attributes);
            }
            Operation::Delete { anchor } => job.only(anchor, Step::Delete),
            Operation::SetLink {
                anchor,
                attribute,
                target,
            } => {
                job.only(anchor, Step::SetLink { attribute, target });
            }
            Operation::AddLink {
                anchor,
                attribute,
                target,
            } if attribute == "members" => {
                job.only(
                    anchor,
                    Step::AddMembers {
                        attribute,
                        targets: vec![target],
                    },
                );
            }
            Operation::AddLink {
                anchor,
                attribute,
                target,
            } => {
                job.only(anchor, Step::AddLink { attribute, target });
            }
            Operation::RemoveLink {
                anchor,
                attribute,
                target,
            } => {
                job.only(anchor, Step::RemoveLink { attribute, target });
            }
        }
        job
    }

    fn of(
        writes: Vec<u64>,
        object_type: String,
        anchor: Option<String>,
        steps: VecDeque<Step>,
    ) -> Job {
        Job {
            writes,
            object_type,
            anchor,
            steps,
            sends: 0,
            attempts: 0,
            misses: 0,
            renewed: false,
            uncertain: false,
        }
    }

    fn only(&mut self, anchor: String, step: Step) {
        self.anchor = Some(anchor);
        self.steps.push_back(step);
    }

    fn change(&mut self, attributes: Map<String, Value>) {
        let (together, alone) = request::separate(&self.object_type, attributes);
        let together = Some(together).filter(|attributes| !attributes.is_empty());
        self.steps
            .extend(together.into_iter().chain(alone).map(Step::Change));
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
                VecDeque::from([step]),
            )
        };
        self.writes.iter().zip(targets).map(single).collect()
    }

    /// What is to be sent; `None` where nothing is left to do.
    pub fn request(&self, base: &str) -> Option<Request> {
        let ty = self.object_type.as_str();
        let anchor = self.anchor.as_deref().unwrap_or_default();
        Some(match self.steps.front()? {
            Step::Create { attributes, .. } => request::create(ty, attributes),
            Step::Upsert {
                unique_name,
                attributes,
            } => request::upsert(unique_name, attributes),
            Step::Resolve { unique_name } | Step::FindExisting { unique_name, .. } => {
                request::resolve(unique_name)
            }
            Step::FindMade {
                property, value, ..
            } => request::find(ty, property, value),
            Step::Restore => request::restore(anchor),
            Step::Change(attributes) => request::change(ty, anchor, attributes),
            Step::Delete => request::delete(ty, anchor),
            Step::SetLink { attribute, target } => {
                request::set_link(base, ty, anchor, attribute, target.as_deref())
            }
            Step::AddMembers { attribute, targets } => request::add_members(
                base,
                ty,
                anchor,
                attribute,
                targets.iter().map(String::as_str),
            ),
            Step::AddLink { attribute, target } => {
                request::add_link(base, ty, anchor, attribute, target)
            }
            Step::RemoveLink { attribute, target } => {
                request::remove_link(ty, anchor, attribute, target)
            }
        })
    }

    /// The permission that its request takes.
    pub fn permission(&self) -> &'static str {
        let attribute = match self.steps.front() {
            Some(
                Step::SetLink { attribute, .. }
                | Step::AddMembers { attribute, .. }
                | Step::AddLink { attribute, .. }
                | Step::RemoveLink { attribute, .. },
            ) => Some(attribute.as_str()),
            _ => None,
        };
        permission_to_write(&self.object_type, attribute)
    }

    /// Its request was answered.
    pub fn answered(&mut self, answer: Answer, made: &mut Made) -> Next {
        self.sends += 1;
        if answer.is_success() {
            return self.succeeded(&answer, made);
        }
        let refusal = Refusal::of(&answer);
        if self.sends >= SENDS {
            return self.exhausted(refusal);
        }
        match refusal.status {
            401 if !self.renewed => {
                self.renewed = true;
                Next::Renew
            }
            424 => Next::Send,
            429 => Next::Wait(answer.retry_after.unwrap_or_else(|| backoff(self.sends))),
            _ if refusal.is_transient() => {
                self.attempts += 1;
                if self.is_exhausted() {
                    return self.exhausted(refusal);
                }
                let wait = answer.retry_after.unwrap_or_else(|| backoff(self.attempts));
                if refusal.status == 409 {
                    Next::Wait(wait)
                } else {
                    self.doubted(wait)
                }
            }
            404 => self.not_found(refusal, made),
            400 => self.bad(refusal, made),
            403 if refusal.code != "Directory_QuotaExceeded" => Next::Denied(refusal.failure()),
            _ => Next::Done(Err(refusal.failure())),
        }
    }

    /// Its request was sent, and nothing is known of what became of it.
    pub fn lost(&mut self, reason: &str) -> Next {
        self.attempts += 1;
        if self.is_exhausted() {
            Next::Done(Err(lost(reason)))
        } else {
            self.doubted(backoff(self.attempts))
        }
    }

    /// Its request could not be sent.
    pub fn not_sent(&mut self, reason: &str) -> Next {
        self.attempts += 1;
        if self.is_exhausted() {
            Next::Done(Err(lost(reason)))
        } else {
            Next::Wait(backoff(self.attempts))
        }
    }

    /// A request that may have been carried out goes again; a create only after a look.
    fn doubted(&mut self, wait: Duration) -> Next {
        self.uncertain = true;
        match self.steps.front() {
            Some(Step::Create {
                find_by: Some((property, value)),
                ..
            }) => {
                let step = Step::FindMade {
                    property: property.clone(),
                    value: value.clone(),
                    lookups: 0,
                };
                self.steps.push_front(step);
                Next::Wait(wait)
            }
            Some(Step::Create { find_by: None, .. }) => Next::Done(Err(lost(
                "the answer was lost, and the object has no unique attribute to find it by",
            ))),
            _ => Next::Wait(wait),
        }
    }

    fn succeeded(&mut self, answer: &Answer, made: &mut Made) -> Next {
        let id = answer
            .body
            .get("id")
            .and_then(Value::as_str)
            .map(str::to_owned);
        match self.steps.front_mut() {
            Some(Step::Create { .. } | Step::Resolve { .. } | Step::FindExisting { .. }) => {
                if id.is_none() {
                    return Next::Done(Err(lost("the service did not tell the id of the object")));
                }
                self.known(id, made);
            }
            Some(Step::Upsert { unique_name, .. }) if id.is_none() => {
                let resolve = Step::Resolve {
                    unique_name: unique_name.clone(),
                };
                self.steps.pop_front();
                self.steps.push_front(resolve);
                return self.go_on();
            }
            Some(Step::Upsert { .. }) => self.known(id, made),
            Some(Step::FindMade { lookups, .. }) => {
                let first = answer.body.get("value").and_then(|value| value.get(0));
                match first
                    .and_then(|object| object.get("id"))
                    .and_then(Value::as_str)
                {
                    Some(id) => {
                        let id = id.to_owned();
                        self.steps.pop_front();
                        self.known(Some(id), made);
                    }
                    // What was made may not be found yet.
                    None if *lookups + 1 < LOOKUPS => {
                        *lookups += 1;
                        return Next::Wait(Duration::from_secs(2));
                    }
                    None => {
                        self.steps.pop_front();
                        return Next::Send;
                    }
                }
            }
            Some(Step::Restore) => {
                if let Some(anchor) = &self.anchor {
                    made.insert(anchor);
                }
            }
            _ => {}
        }
        self.done_with_step()
    }

    fn known(&mut self, id: Option<String>, made: &mut Made) {
        if let Some(id) = id {
            made.insert(&id);
            self.anchor = Some(id);
        }
    }

    fn done_with_step(&mut self) -> Next {
        self.steps.pop_front();
        self.go_on()
    }

    fn go_on(&mut self) -> Next {
        (self.attempts, self.misses, self.renewed) = (0, 0, false);
        if self.steps.is_empty() {
            Next::Done(Ok(self.anchor.clone()))
        } else {
            Next::Send
        }
    }

    fn not_found(&mut self, refusal: Refusal, made: &Made) -> Next {
        if let Some(Step::FindExisting { refusal, .. }) = self.steps.front() {
            return Next::Done(Err(refusal.clone().failure()));
        }
        let gone = match self.steps.front() {
            Some(Step::Delete | Step::RemoveLink { .. } | Step::SetLink { target: None, .. }) => {
                true
            }
            // An earlier try brought it back: it is in the bin no more.
            Some(Step::Restore) => self.uncertain,
            _ => false,
        };
        if gone {
            return self.done_with_step();
        }
        if self.is_fresh(made) && self.misses < MISSES {
            self.misses += 1;
            return Next::Wait(Duration::from_secs(1 << (self.misses - 1)));
        }
        if self.is_shared() {
            Next::Split
        } else {
            Next::Done(Err(refusal.failure()))
        }
    }

    fn bad(&mut self, refusal: Refusal, made: &Made) -> Next {
        match self.steps.front() {
            Some(Step::AddMembers { .. }) => Next::Split,
            Some(Step::AddLink { .. }) if refusal.is_already_linked() => self.done_with_step(),
            Some(Step::Upsert { .. }) => self.find_existing(refusal),
            // The rival may be what an earlier try made.
            Some(Step::Create { .. })
                if self.uncertain && !refusal.conflicts.is_empty() && self.misses < MISSES =>
            {
                self.misses += 1;
                self.doubted(Duration::from_secs(1 << (self.misses - 1)))
            }
            _ if refusal.code == "Request_ResourceNotFound" => self.not_found(refusal, made),
            _ => Next::Done(Err(refusal.failure())),
        }
    }

    /// A group that is there refuses what can be given at creation only: it takes the rest.
    fn find_existing(&mut self, refusal: Refusal) -> Next {
        let Some(Step::Upsert {
            unique_name,
            attributes,
        }) = self.steps.pop_front()
        else {
            return Next::Done(Err(refusal.failure()));
        };
        let rest = request::changeable(&self.object_type, attributes);
        self.steps.push_front(Step::Change(rest));
        self.steps.push_front(Step::FindExisting {
            unique_name,
            refusal,
        });
        Next::Send
    }

    /// Its object, or one that it refers to, was made just now.
    fn is_fresh(&self, made: &Made) -> bool {
        let target = match self.steps.front() {
            Some(Step::Resolve { .. }) => return true,
            Some(Step::AddMembers { targets, .. }) => targets.iter().any(|target| made.has(target)),
            Some(
                Step::AddLink { target, .. }
                | Step::SetLink {
                    target: Some(target),
                    ..
                },
            ) => made.has(target),
            _ => false,
        };
        target
            || self
                .anchor
                .as_deref()
                .is_some_and(|anchor| made.has(anchor))
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

    fn is_shared(&self) -> bool {
        matches!(self.steps.front(), Some(Step::AddMembers { .. }))
    }

    fn exhausted(&self, refusal: Refusal) -> Next {
        let failure = refusal.failure();
        Next::Done(Err(WriteFailure {
            transient: true,
            ..failure
        }))
    }
}

/// A write of which nobody knows whether it happened.
pub(super) fn lost(reason: &str) -> WriteFailure {
    WriteFailure {
        code: "unreachable".to_owned(),
        message: reason.to_owned(),
        configuration: false,
        transient: true,
        missing: false,
        conflicts: Vec::new(),
    }
}
