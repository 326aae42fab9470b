//! Writing a plan: pending exports become writes, their outcomes become confirmed state.
//!
//! Each batch of outcomes is kept in one transaction. A create is marked before it is sent, so that one
//! whose answer was lost (even to a crash) is looked up before it is tried again.

mod links;
mod prepare;
mod record;
mod settle;
mod swaps;

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;

use crate::connectors::{Operation, Outcome, Write};
use crate::engine::{Connection, Engine};
use crate::error::Error;
use crate::guard::Kind;
use crate::plan::{Applied, Counts, ObjectError, Op, Plan};
use crate::progress::Progress;
use crate::store::{Entry, PendingExport, PendingLink};
use prepare::Prepared;

/// Writes whose outcomes are kept together.
const BATCH: usize = 400;

/// What a write is for.
enum Job {
    Export(PendingExport),
    Link(PendingLink),
}

/// The state of one apply.
struct Run<'p> {
    progress: &'p dyn Progress,
    written: Counts,
    failed: Counts,
    errors: Vec<ObjectError>,
    /// Exports that failed because another object had their value: tried once more at the end.
    rivals: Vec<PendingExport>,
    /// References with an end that was not made yet: tried once more at the end.
    unmade: Vec<PendingLink>,
    /// A permission or setting is missing: nothing more is sent to this connector.
    stopped: bool,
}

/// Kinds of writes that are held back, by object type.
type Held = BTreeSet<(Kind, i64)>;

fn is_held(held: &Held, object_type: i64, export: &PendingExport) -> bool {
    match export.op.as_str() {
        "create" => false,
        "delete" => held.contains(&(Kind::Deletes, object_type)),
        _ => held
            .iter()
            .any(|(kind, ty)| *ty == object_type && kind.limits(&export.attributes)),
    }
}

impl Engine {
    async fn write_plan(
        &mut self,
        plan: &Plan,
        approve: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Applied, Error> {
        if self.staging {
            return Err(Error::refused("`staging = true`: nothing is written")
                .help("set it to false in the configuration to write"));
        }
        // From here on only what was computed here counts: anybody may have edited the document.
        let current = self.plan()?;
        if current.plan != plan.plan {
            return Err(
                Error::refused("the plan is out of date: its inputs have changed since")
                    .help("make a new one with `trib plan` and look at it again"),
            );
        }
        if current != *plan {
            return Err(
                Error::refused("the plan is not as it was made: its document was changed")
                    .help("make a new one with `trib plan` and look at it again"),
            );
        }
        if let Some(approve) = approve
            && approve != plan.plan
        {
            return Err(Error::refused("the approval is for another plan")
                .help(format!("this plan is {}", plan.plan)));
        }
        if approve.is_some() {
            self.accept_missing()?;
        }
        let held = self.held_back(&current, approve);
        let mut run = Run {
            progress,
            written: Counts::default(),
            failed: Counts::default(),
            errors: Vec::new(),
            rivals: Vec::new(),
            unmade: Vec::new(),
            stopped: false,
        };
        for connector in 0..self.connections.len() {
            run.stopped = false;
            self.apply_connector(connector, &held, &mut run).await?;
        }
        let planned = current.counts;
        let waiting = |planned: u64, written: u64, failed: u64| {
            planned.saturating_sub(written).saturating_sub(failed)
        };
        let (done, failed) = (run.written, run.failed);
        let waiting = Counts {
            create: waiting(planned.create, done.create, failed.create),
            update: waiting(planned.update, done.update, failed.update),
            delete: waiting(planned.delete, done.delete, failed.delete),
            link_add: waiting(planned.link_add, done.link_add, failed.link_add),
            link_remove: waiting(planned.link_remove, done.link_remove, failed.link_remove),
            unchanged: 0,
            errors: 0,
        };
        Ok(Applied {
            planned,
            written: done,
            failed,
            waiting,
            errors: run.errors,
        })
    }

    /// What tripped guards hold back, by object type.
    fn held_back(&self, plan: &Plan, approve: Option<&str>) -> Held {
        let mut held = Held::new();
        if approve == Some(plan.plan.as_str()) {
            return held;
        }
        for (at, (_, types)) in self.program.connectors.iter().enumerate() {
            let Some(connector) = self.program.rules.connectors.get(at) else {
                continue;
            };
            for (ir, ty) in connector.object_types.iter().zip(types) {
                for kind in Kind::ALL {
                    let tripped = plan.guards.iter().any(|guard| {
                        guard.tripped
                            && guard.connector == connector.name
                            && guard.name == kind.name(&ir.name)
                    });
                    if tripped {
                        held.insert((kind, ty.number));
                    }
                }
            }
        }
        held
    }

    async fn apply_connector(
        &mut self,
        connector: usize,
        held: &Held,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        let Some((number, _)) = self.program.connectors.get(connector) else {
            return Ok(());
        };
        let number = *number;
        // What is to be written may be much: the entries are noted, each batch reads its own.
        let mut phases: [Vec<i64>; 4] = Default::default();
        self.store.each_pending(|export| {
            let Some(entry) = self.store.entry(export.entry)? else {
                return Ok(());
            };
            let object_type = entry.object_type.unwrap_or_default();
            if entry.connector != number || is_held(held, object_type, &export) {
                return Ok(());
            }
            if self.store.is_refused(export.entry, "", &export.change())? {
                return Ok(());
            }
            let disables = export
                .attributes
                .iter()
                .any(|change| change.name == "accountEnabled" && change.new == Json::Bool(false));
            let [disabling, updates, creates, deletes] = &mut phases;
            let phase = match export.op.as_str() {
                "create" => creates,
                "delete" => deletes,
                _ if disables => disabling,
                _ => updates,
            };
            phase.push(entry.id);
            Ok(())
        })?;
        let [disabling, updates, creates, deletes] = phases;
        self.exports(connector, "disabling", &disabling, run)
            .await?;
        self.exports(connector, "updating", &updates, run).await?;
        self.exports(connector, "creating", &creates, run).await?;
        self.retry_rivals(connector, run).await?;
        self.links(connector, number, held, run).await?;
        self.exports(connector, "deleting", &deletes, run).await?;
        self.retry_rivals(connector, run).await?;
        self.settle_swaps(connector, run).await?;
        // A delete or an exchange may have made room for an object that these wait for.
        self.late_links(connector, run).await?;
        for export in std::mem::take(&mut run.rivals) {
            count(&mut run.failed, &export.op);
        }
        Ok(())
    }

    /// Writes what these entries wait for.
    async fn exports(
        &mut self,
        connector: usize,
        task: &str,
        entries: &[i64],
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        if entries.is_empty() {
            return Ok(());
        }
        let name = self.program.connector_name(connector).to_owned();
        run.progress
            .begin(&format!("{task} in {name}"), Some(entries.len() as u64));
        let mut left = entries.len();
        for batch in entries.chunks(BATCH) {
            if run.stopped {
                break;
            }
            self.tell_time_left(connector, left, run);
            left -= batch.len();
            let mut exports = Vec::new();
            for entry in batch {
                exports.extend(self.store.pending_of(*entry)?);
            }
            self.export_batch(connector, &exports, run).await?;
        }
        run.progress.end();
        Ok(())
    }

    async fn export_batch(
        &mut self,
        connector: usize,
        batch: &[PendingExport],
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        let mut writes = Vec::new();
        let mut jobs = HashMap::new();
        let mut found = Vec::new();
        for export in batch {
            let id = jobs.len() as u64;
            match self.write_of(connector, export, id).await? {
                Some(Prepared::Write(write)) => {
                    writes.push(write);
                    jobs.insert(id, Job::Export(export.clone()));
                }
                Some(Prepared::Found(anchor)) => found.push((export.clone(), anchor)),
                None => {}
            }
        }
        self.store.transaction(|| {
            for (export, anchor) in &found {
                let special = "found: the answer to its create was lost";
                self.record_export(connector, export, Some(anchor), None, special)?;
                self.exported(connector, export, Some(anchor))?;
            }
            batch
                .iter()
                .try_for_each(|export| self.store.mark_attempted(export.entry))
        })?;
        run.written.create += found.len() as u64;
        self.send(connector, writes, jobs, run).await
    }

    /// What the rest of a task takes at the write budget.
    fn tell_time_left(&mut self, connector: usize, writes: usize, run: &Run<'_>) {
        if let Some(Connection::Graph(graph)) = self.connections.get_mut(connector)
            && let Some(time) = graph.time_for(writes as u64)
        {
            run.progress.left(time);
        }
    }

    async fn send(
        &mut self,
        connector: usize,
        writes: Vec<Write>,
        jobs: HashMap<u64, Job>,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        if writes.is_empty() {
            return Ok(());
        }
        let mut outcomes: Vec<Outcome> = Vec::new();
        let selection = self.selection(connector);
        let result = match self.connections.get_mut(connector) {
            Some(Connection::Graph(graph)) => {
                graph
                    .write(writes, &mut |outcome| outcomes.push(outcome))
                    .await
            }
            Some(Connection::Ldap(forest)) => {
                forest
                    .write(&selection, writes, &mut |outcome| outcomes.push(outcome))
                    .await
            }
            Some(Connection::None) => {
                let made = |write: Write| {
                    let anchor = matches!(write.operation, Operation::Create { .. })
                        .then(|| format!("simulated-{}", self.simulated()));
                    Outcome {
                        id: write.id,
                        result: Ok(anchor),
                    }
                };
                outcomes.extend(writes.into_iter().map(made));
                Ok(())
            }
            _ => Err(Error::configuration(format!(
                "connector `{}` cannot be written to",
                self.program.connector_name(connector)
            ))
            .help("a file is a source only; name servers with `url` in its place")),
        };
        self.store.transaction(|| {
            self.record(connector, &jobs, &outcomes)?;
            for outcome in &outcomes {
                if let Some(job) = jobs.get(&outcome.id) {
                    self.settle(connector, job, outcome, run)?;
                }
            }
            Ok(())
        })?;
        run.progress.advance(outcomes.len() as u64);
        result
    }

    /// How writes name an entry; none before it is made.
    fn anchor(&self, entry: &Entry) -> Option<String> {
        let connector = self.program.connector(entry.connector)?;
        let anchor = entry.anchor.as_deref()?;
        Some(self.program.anchor_text(connector, anchor))
    }

    /// A number for an anchor in a simulation.
    fn simulated(&self) -> i64 {
        let count = self.store.setting("simulated").ok().flatten();
        let next = count.and_then(|count| count.parse().ok()).unwrap_or(0i64) + 1;
        let _ = self.store.set("simulated", &next.to_string());
        next
    }
}

fn count(counts: &mut Counts, op: &str) {
    match op {
        "create" => counts.create += 1,
        "delete" => counts.delete += 1,
        _ => counts.update += 1,
    }
}

impl Plan {
    /// The changes of one kind.
    pub fn of(&self, op: Op) -> impl Iterator<Item = &crate::plan::Change> {
        self.changes.iter().filter(move |change| change.op == op)
    }
}
