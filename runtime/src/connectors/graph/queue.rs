//! Writes that wait to be sent. Those of one object stay in order and are never under way together,
//! because Graph refuses racing writes; only single links of one object share a batch freely.

use std::collections::{HashMap, VecDeque};

use tokio::time::Instant;

use super::batch::BATCH;
use super::job::Job;

/// Jobs of one object, in order.
#[derive(Debug)]
pub(super) struct Lane {
    pub jobs: VecDeque<Job>,
}

/// Lanes whose first jobs go together, or one lane of which several go.
#[derive(Debug)]
pub(super) struct Batch {
    pub lanes: Vec<Lane>,
}

impl Batch {
    /// Each request must wait for the one before. Single links of one object need not.
    pub fn is_sequence(&self) -> bool {
        self.lanes.len() == 1 && !self.jobs().all(Job::is_single_link)
    }

    /// How many jobs of each lane go.
    pub fn depth(&self) -> usize {
        if self.lanes.len() == 1 { BATCH } else { 1 }
    }

    /// The jobs that go, in the order of the requests.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        let depth = self.depth();
        self.lanes
            .iter()
            .flat_map(move |lane| lane.jobs.iter().take(depth))
    }
}

/// All lanes that are not under way.
#[derive(Debug, Default)]
pub(super) struct Queue {
    ready: VecDeque<Lane>,
    waiting: Vec<(Instant, Lane)>,
}

impl Queue {
    pub fn of(jobs: Vec<Job>) -> Queue {
        let mut lanes: Vec<Lane> = Vec::new();
        let mut lane_of: HashMap<String, usize> = HashMap::new();
        for job in jobs {
            let place = match job.object() {
                Some(object) => *lane_of.entry(object.to_owned()).or_insert(lanes.len()),
                None => lanes.len(),
            };
            match lanes.get_mut(place) {
                Some(lane) => lane.push(job),
                None => lanes.push(Lane {
                    jobs: VecDeque::from([job]),
                }),
            }
        }
        Queue {
            ready: lanes.into(),
            waiting: Vec::new(),
        }
    }

    /// What goes next. With many objects at hand, one request of each; with few, all of one.
    pub fn take(&mut self, now: Instant) -> Option<Batch> {
        self.wake(now);
        if self.ready.len() >= BATCH {
            return Some(Batch {
                lanes: self.ready.drain(..BATCH).collect(),
            });
        }
        let first = self.ready.pop_front()?;
        let mut lanes = vec![first];
        if lanes.iter().all(|lane| lane.jobs.len() == 1) {
            let (single, more) = self
                .ready
                .drain(..)
                .partition(|lane: &Lane| lane.jobs.len() == 1);
            self.ready = more;
            lanes.extend::<VecDeque<Lane>>(single);
        }
        Some(Batch { lanes })
    }

    /// Takes back what is not done, to be sent from `due` on.
    pub fn give_back(&mut self, lane: Lane, due: Instant) {
        if !lane.jobs.is_empty() {
            self.waiting.push((due, lane));
        }
    }

    /// When the next lane can go.
    pub fn next_due(&self, now: Instant) -> Option<Instant> {
        if self.ready.is_empty() {
            self.waiting.iter().map(|(due, _)| *due).min()
        } else {
            Some(now)
        }
    }

    /// Everything that is left.
    pub fn drain(&mut self) -> impl Iterator<Item = Job> {
        let waiting = std::mem::take(&mut self.waiting)
            .into_iter()
            .map(|(_, lane)| lane);
        std::mem::take(&mut self.ready)
            .into_iter()
            .chain(waiting)
            .flat_map(|lane| lane.jobs)
    }

    fn wake(&mut self, now: Instant) {
        let (due, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|(due, _)| *due <= now);
        self.waiting = waiting;
        self.ready.extend(due.into_iter().map(|(_, lane)| lane));
    }
}

impl Lane {
    fn push(&mut self, job: Job) {
        match self.jobs.back_mut() {
            Some(last) => {
                if let Err(job) = last.absorb(job) {
                    self.jobs.push_back(job);
                }
            }
            None => self.jobs.push_back(job),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::{Operation, Write};

    fn job(id: u64, operation: Operation) -> Job {
        Job::new(Write {
            id,
            object_type: "group".to_owned(),
            operation,
        })
    }

    fn add(id: u64, group: &str) -> Job {
        let (anchor, attribute) = (group.to_owned(), "members".to_owned());
        job(
            id,
            Operation::AddLink {
                anchor,
                attribute,
                target: format!("u{id}"),
            },
        )
    }

    fn delete(id: u64) -> Job {
        job(
            id,
            Operation::Delete {
                anchor: format!("g{id}"),
            },
        )
    }

    #[test]
    fn members_of_one_group_share_requests_of_twenty() {
        let mut queue = Queue::of((0..45).map(|id| add(id, "g")).collect());
        let batch = queue.take(Instant::now()).unwrap();
        assert!(batch.is_sequence());
        let sizes: Vec<usize> = batch.jobs().map(|job| job.writes.len()).collect();
        assert_eq!(sizes, [20, 20, 5]);
        assert!(queue.take(Instant::now()).is_none());
    }

    #[test]
    fn objects_go_together_twenty_at_a_time() {
        let mut queue = Queue::of((0..50).map(delete).collect());
        let now = Instant::now();
        let sizes: Vec<usize> = std::iter::from_fn(|| queue.take(now))
            .map(|batch| batch.jobs().count())
            .collect();
        assert_eq!(sizes, [20, 20, 10]);
    }

    #[test]
    fn an_object_is_never_in_two_requests_of_a_parallel_batch() {
        let writes = (0..30)
            .flat_map(|group| (0..40).map(move |id| add(group * 100 + id, &format!("g{group}"))));
        let mut queue = Queue::of(writes.collect());
        let batch = queue.take(Instant::now()).unwrap();
        let mut objects: Vec<_> = batch.jobs().filter_map(Job::object).collect();
        objects.dedup();
        assert_eq!((batch.lanes.len(), objects.len()), (20, 20));
    }

    #[test]
    fn what_waits_is_not_sent_early() {
        let now = Instant::now();
        let later = now + std::time::Duration::from_secs(1);
        let mut queue = Queue::of(vec![delete(1)]);
        let batch = queue.take(now).unwrap();
        for lane in batch.lanes {
            queue.give_back(lane, later);
        }
        assert!(queue.take(now).is_none());
        assert_eq!(queue.next_due(now), Some(later));
        assert!(queue.take(later).is_some());
        assert_eq!(queue.next_due(now), None);
    }
}
