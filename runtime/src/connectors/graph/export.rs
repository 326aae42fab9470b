//! Sends writes: several batches under way, as fast as the service lets us.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};

use super::answer::{Next, lost};
use super::batch;
use super::client::{Answer, Client, Fault};
use super::job::Job;
use super::made::Made;
use super::queue::{Batch, Lane, Queue};
use super::request::Request;
use super::throttle::{Throttle, backoff};
use crate::connectors::{Outcome, Write, WriteFailure};
use crate::error::Error;

/// Batches under way at a time.
const IN_FLIGHT: usize = 4;

/// One phase of an export.
pub(super) struct Export<'a> {
    client: &'a Client,
    throttle: &'a mut Throttle,
    made: &'a mut Made,
    outcomes: &'a mut (dyn FnMut(Outcome) + Send),
    queue: Queue,
    /// Permissions that the application surely lacks: what takes them is not sent.
    denied: HashMap<&'static str, WriteFailure>,
    /// Batches that may be under way: one until the first answer tells how busy the service is.
    width: usize,
    /// Why nothing more can be sent.
    stopped: Option<Error>,
}

impl<'a> Export<'a> {
    pub fn new(
        client: &'a Client,
        throttle: &'a mut Throttle,
        made: &'a mut Made,
        writes: Vec<Write>,
        outcomes: &'a mut (dyn FnMut(Outcome) + Send),
    ) -> Export<'a> {
        let (idle, jobs): (Vec<Job>, Vec<Job>) =
            writes.into_iter().map(Job::new).partition(Job::is_done);
        let queue = Queue::of(jobs);
        let mut export = Export {
            client,
            throttle,
            made,
            outcomes,
            queue,
            denied: HashMap::new(),
            width: 1,
            stopped: None,
        };
        for job in idle {
            let anchor = job.object().map(str::to_owned);
            export.end(&job, Ok(anchor));
        }
        export
    }

    /// Ends when every write has its outcome.
    pub async fn run(mut self) -> Result<(), Error> {
        let client = self.client;
        let mut in_flight = FuturesUnordered::new();
        loop {
            let mut wake = None;
            while self.stopped.is_none() && in_flight.len() < self.width {
                let now = Instant::now();
                let opens = self.throttle.opens(now, batch::BATCH);
                if opens > now {
                    wake = Some(opens);
                    break;
                }
                let Some(batch) = self.take(now) else {
                    wake = self.queue.next_due(now);
                    break;
                };
                self.throttle.spend(batch.jobs().count());
                in_flight.push(send(client, batch));
            }
            if let Some(error) = self.stopped.clone().filter(|_| in_flight.is_empty()) {
                self.abandon(&error);
                return Err(error);
            }
            if in_flight.is_empty() && self.queue.next_due(Instant::now()).is_none() {
                return Ok(());
            }
            let wake = wake.unwrap_or_else(|| Instant::now() + Duration::from_secs(60));
            tokio::select! {
                Some((batch, answers)) = in_flight.next(), if !in_flight.is_empty() => self.settle(batch, answers).await,
                () = sleep_until(wake) => {}
            }
        }
    }

    /// What goes next. Jobs that take a permission we lack end here.
    fn take(&mut self, now: Instant) -> Option<Batch> {
        loop {
            let mut batch = self.queue.take(now)?;
            if !self.denied.is_empty() {
                for lane in &mut batch.lanes {
                    let (refused, allowed): (Vec<Job>, Vec<Job>) = std::mem::take(&mut lane.jobs)
                        .into_iter()
                        .partition(|job| self.denied.contains_key(job.permission()));
                    lane.jobs = allowed.into();
                    for job in refused {
                        let failure = self.denied.get(job.permission()).cloned();
                        self.end(
                            &job,
                            Err(failure.unwrap_or_else(|| lost("a permission is missing"))),
                        );
                    }
                }
                batch.lanes.retain(|lane| !lane.jobs.is_empty());
            }
            if !batch.lanes.is_empty() {
                return Some(batch);
            }
        }
    }

    async fn settle(&mut self, batch: Batch, answers: Vec<Result<Answer, Fault>>) {
        self.width = IN_FLIGHT;
        self.throttle.ended(answers.len());
        let depth = batch.depth();
        let mut answers = answers.into_iter();
        for mut lane in batch.lanes {
            let rest = lane.jobs.split_off(depth.min(lane.jobs.len()));
            let mut due = Instant::now();
            let mut left = Vec::new();
            for job in lane.jobs {
                let answer = answers
                    .next()
                    .unwrap_or_else(|| Err(Fault::Lost("the batch left it out".to_owned())));
                let (jobs, wait) = self.judge(job, answer).await;
                due = due.max(Instant::now() + wait);
                left.extend(jobs);
            }
            left.extend(rest);
            self.queue.give_back(Lane { jobs: left.into() }, due);
        }
    }

    /// Ends a job, or tells what is left of it and how long that must wait.
    async fn judge(&mut self, mut job: Job, answer: Result<Answer, Fault>) -> (Vec<Job>, Duration) {
        let next = match answer {
            Ok(answer) => {
                self.heed(&answer);
                job.answered(answer, self.made)
            }
            Err(Fault::Lost(reason)) => {
                let next = job.lost(&reason);
                self.stop_if_exhausted(&job, &reason);
                next
            }
            Err(Fault::NotSent(reason)) => {
                let next = job.not_sent(&reason);
                self.stop_if_exhausted(&job, &reason);
                next
            }
            Err(Fault::Token(error)) => {
                self.stopped = Some(error);
                Next::Send
            }
        };
        match next {
            Next::Send => (vec![job], Duration::ZERO),
            Next::Wait(wait) => (vec![job], wait),
            Next::Renew => {
                self.client.tokens.forget_current().await;
                (vec![job], Duration::ZERO)
            }
            Next::Split => (job.split(), Duration::ZERO),
            Next::Denied(failure) => {
                let failure = self.deny(job.permission(), failure).await;
                self.end(&job, Err(failure));
                (Vec::new(), Duration::ZERO)
            }
            Next::Done(result) => {
                self.end(&job, result);
                (Vec::new(), Duration::ZERO)
            }
        }
    }

    /// A job that gave up for want of an answer speaks for all.
    fn stop_if_exhausted(&mut self, job: &Job, reason: &str) {
        if job.is_exhausted() {
            self.stopped = Some(self.client.unreachable(reason));
        }
    }

    /// Tells a missing permission from an object that takes more than one.
    async fn deny(&mut self, permission: &'static str, failure: WriteFailure) -> WriteFailure {
        let granted = self.client.tokens.has_permission(permission).await;
        if granted == Some(true) {
            let message = format!(
                "{}; the application has `{permission}`: the object is protected and takes a directory role as well",
                failure.message
            );
            return WriteFailure { message, ..failure };
        }
        let message = format!(
            "{}; grant the application the permission `{permission}`",
            failure.message
        );
        let failure = WriteFailure {
            message,
            configuration: true,
            ..failure
        };
        if granted == Some(false) {
            self.denied.insert(permission, failure.clone());
        }
        failure
    }

    fn heed(&mut self, answer: &Answer) {
        if answer.status == 429 {
            let wait = answer.retry_after.unwrap_or_else(|| backoff(1));
            self.throttle.refused(Instant::now() + wait);
        }
        if let Some(share) = answer.limit_share {
            self.throttle.used(share);
        }
    }

    fn end(&mut self, job: &Job, result: Result<Option<String>, WriteFailure>) {
        for id in &job.writes {
            (self.outcomes)(Outcome {
                id: *id,
                result: result.clone(),
            });
        }
    }

    fn abandon(&mut self, error: &Error) {
        let left: Vec<Job> = self.queue.drain().collect();
        for job in left {
            self.end(&job, Err(lost(&error.message)));
        }
    }
}

/// Sends a batch; an answer to the whole of it is one to each of its requests.
async fn send(client: &Client, batch: Batch) -> (Batch, Vec<Result<Answer, Fault>>) {
    let requests: Vec<Request> = batch
        .jobs()
        .filter_map(|job| job.request(&client.base))
        .collect();
    let body = batch::encode(&requests, batch.is_sequence());
    let url = format!("{}/$batch", client.base);
    let answers = match client.send("POST", &url, None, Some(&body)).await {
        Ok(answer) if answer.status == 200 => batch::decode(answer.body, requests.len())
            .into_iter()
            .map(|item| item.ok_or_else(|| Fault::Lost("the batch left it out".to_owned())))
            .collect(),
        whole => vec![whole; requests.len()],
    };
    (batch, answers)
}
