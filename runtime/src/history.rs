//! What was run and written, and how things stand: the documents of `trib history` and `trib status`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::plan::{Applied, AttributeChange, Counts, GuardResult, ObjectError, Plan};
use crate::store::Store;

/// One `trib plan` or `trib apply`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Run {
    /// Its number; numbers only grow.
    pub run: i64,
    /// `plan` or `apply`.
    pub verb: String,
    /// Hash of the rules and their parameters.
    pub rules: String,
    /// When it began.
    pub started: String,
    /// When it ended; absent while it runs, or where it was killed.
    pub ended: Option<String>,
    /// What it came to; absent if it stopped early.
    pub counts: Option<RunCounts>,
    /// The plan that was approved in spite of its guards.
    pub approved: Option<String>,
    /// The guards that tripped.
    pub guards: Vec<GuardResult>,
    /// What stopped it.
    pub error: Option<String>,
    /// How many writes of it are kept.
    pub requests: u64,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCounts {
    /// What was planned.
    pub planned: Counts,
    /// What was written.
    pub written: Counts,
    /// What was refused.
    pub failed: Counts,
    /// What was held back.
    pub waiting: Counts,
}

/// A write that was sent, with its outcome.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Written {
    /// The run that sent it.
    pub run: i64,
    /// When its outcome was kept.
    pub time: String,
    /// The target.
    pub connector: String,
    /// Object type.
    #[serde(rename = "type")]
    pub object_type: String,
    /// `create`, `update`, `delete`, `link_add` or `link_remove`.
    pub op: String,
    /// The object's anchor in the target.
    pub anchor: Option<String>,
    /// Its name for people.
    pub name: String,
    /// The dn of its source.
    pub source: String,
    /// What was written, with the rules that say so. Secrets read `(secret)`.
    pub attributes: Vec<AttributeChange>,
    /// Why it was deleted, or what was special.
    pub because: String,
    /// The directory's code, if it refused.
    pub code: Option<String>,
    /// Its words, and the id of the request.
    pub message: Option<String>,
}

impl Run {
    /// What is kept of a run that ended.
    pub(crate) fn ended(
        run: i64,
        plan: Option<&Plan>,
        applied: Option<&Applied>,
        approve: Option<&str>,
        error: Option<&Error>,
    ) -> Run {
        let counts = match (plan, applied) {
            (_, Some(applied)) => Some(RunCounts {
                planned: applied.planned,
                written: applied.written,
                failed: applied.failed,
                waiting: applied.waiting,
            }),
            (Some(plan), None) => Some(RunCounts {
                planned: plan.counts,
                ..RunCounts::default()
            }),
            (None, None) => None,
        };
        let guards = plan.map_or(&[][..], |plan| &plan.guards);
        Run {
            run,
            counts,
            approved: approve.map(str::to_owned),
            guards: guards
                .iter()
                .filter(|guard| guard.tripped)
                .cloned()
                .collect(),
            error: error.map(|error| error.message.clone()),
            ..Run::default()
        }
    }
}

/// A reader of the state database: it sees one snapshot, writes nothing and blocks nobody.
#[derive(Debug)]
pub struct History {
    store: Store,
}

impl History {
    /// Opens the state database as it is now.
    pub fn open(path: &Path) -> Result<History, Error> {
        let store = Store::open_snapshot(path)?;
        Ok(History { store })
    }

    /// The last runs, the latest first.
    pub fn runs(&self, limit: u64) -> Result<Vec<Run>, Error> {
        self.store.runs(limit)
    }

    /// One run and what it wrote.
    pub fn run(&self, id: i64) -> Result<(Run, Vec<Written>), Error> {
        let Some(run) = self.store.run(id)? else {
            return Err(
                Error::refused(format!("there is no run {id} in the history")).help(
                    "`trib history` lists the runs; `[history] keep` says how long they are kept",
                ),
            );
        };
        Ok((run, self.store.writes_of_run(id)?))
    }

    /// What was written of an object: its name, anchor or dn; the latest first.
    pub fn object(&self, object: &str, limit: u64) -> Result<Vec<Written>, Error> {
        self.store.writes_of_object(object, limit)
    }

    /// How things stand.
    pub fn status(&self) -> Result<Status, Error> {
        let last = self.store.runs(1)?.into_iter().next();
        Ok(Status {
            guards: last
                .as_ref()
                .map(|run| run.guards.clone())
                .unwrap_or_default(),
            last_run: last,
            pending: self.store.pending_counts()?,
            errors: self.store.standing_errors()?,
            connectors: self.store.read_states()?,
        })
    }
}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The last run.
    pub last_run: Option<Run>,
    /// What waits to be written.
    pub pending: Counts,
    /// The guards that the last run tripped.
    pub guards: Vec<GuardResult>,
    /// Objects with errors.
    pub errors: Vec<StandingError>,
    /// When each connector was read.
    pub connectors: Vec<ReadState>,
}

/// An error that an object has, and when it is tried again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StandingError {
    /// The error.
    #[serde(flatten)]
    pub error: ObjectError,
    /// How often it came up.
    pub attempts: u64,
    /// When it came up first.
    pub first_seen: Option<String>,
    /// When it came up last.
    pub last_seen: Option<String>,
    /// When it is tried again though nothing changed; absent: in the next cycle.
    pub next_try: Option<String>,
}

/// How far a connector was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadState {
    /// The connector.
    pub connector: String,
    /// When its last page was kept.
    pub read_at: Option<String>,
    /// How long ago that is, in seconds.
    pub age: Option<i64>,
    /// A full read ended well; otherwise the next one begins anew.
    pub complete: bool,
}
