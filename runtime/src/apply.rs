//! Writing a plan: pending exports become writes, their outcomes become confirmed state.
//!
//! Each batch of outcomes is kept in one transaction. A create is marked before it is sent, so that one
//! whose answer was lost (even to a crash) is looked up before it is tried again.

use std::collections::{BTreeSet, HashMap};

use bumpalo::Bump;
use serde_json::{Map, Value as Json};
use trib_compiler::ir::{Deprovision, End, Flow, Mode};
use trib_compiler::value::Value;

use crate::connectors::graph;
use crate::connectors::{Operation, Outcome, Write, WriteFailure};
use crate::engine::{Connection, Engine, now};
use crate::error::Error;
use crate::eval::{Frame, Place};
use crate::json::to_json;
use crate::object::{Row, encode_row};
use crate::plan::{Applied, AttributeChange, Counts, ObjectError, Op, Plan};
use crate::progress::Progress;
use crate::store::{Entry, Holder, PendingExport, PendingLink};
use crate::sync::{SECRET, Synchronizer, keys, written};

/// Writes whose outcomes are kept together.
const BATCH: usize = 400;

/// Attributes by which a create whose answer was lost is found again.
const FIND_BY: [&str; 3] = ["onPremisesImmutableId", "uniqueName", "userPrincipalName"];

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
}

impl Engine {
    /// Writes a plan. It must be the plan of the current state; a tripped guard holds back what it
    /// guards unless `approve` is the plan's hash.
    pub async fn apply(
        &mut self,
        plan: &Plan,
        approve: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Applied, Error> {
        if self.staging {
            return Err(Error::refused("`staging = true`: nothing is written")
                .help("set it to false in the configuration to write"));
        }
        let current = self.plan()?.plan;
        if current != plan.plan {
            return Err(
                Error::refused("the plan is out of date: its inputs have changed since")
                    .help("make a new one with `trib plan` and look at it again"),
            );
        }
        if let Some(approve) = approve
            && approve != plan.plan
        {
            return Err(Error::refused("the approval is for another plan")
                .help(format!("this plan is {}", plan.plan)));
        }
        let held = self.held_back(plan, approve);
        let mut run = Run {
            progress,
            written: Counts::default(),
            failed: Counts::default(),
            errors: Vec::new(),
            rivals: Vec::new(),
        };
        for connector in 0..self.connections.len() {
            self.apply_connector(connector, &held, &mut run).await?;
        }
        let planned = plan.counts;
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

    /// Object types whose deletes a tripped guard holds back.
    fn held_back(&self, plan: &Plan, approve: Option<&str>) -> BTreeSet<i64> {
        let mut held = BTreeSet::new();
        if approve == Some(plan.plan.as_str()) {
            return held;
        }
        for (at, (_, types)) in self.program.connectors.iter().enumerate() {
            let Some(connector) = self.program.rules.connectors.get(at) else {
                continue;
            };
            for (ir, ty) in connector.object_types.iter().zip(types) {
                let tripped = plan.guards.iter().any(|guard| {
                    guard.tripped
                        && guard.connector == connector.name
                        && guard.name == format!("deletes of {}", ir.name)
                });
                if tripped {
                    held.insert(ty.number);
                }
            }
        }
        held
    }

    async fn apply_connector(
        &mut self,
        connector: usize,
        held: &BTreeSet<i64>,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        let Some((number, _)) = self.program.connectors.get(connector) else {
            return Ok(());
        };
        let number = *number;
        let mut phases: [Vec<PendingExport>; 4] = Default::default();
        for export in self.store.pending()? {
            let Some(entry) = self.store.entry(export.entry)? else {
                continue;
            };
            let object_type = entry.object_type.unwrap_or_default();
            if entry.connector != number || (export.op == "delete" && held.contains(&object_type)) {
                continue;
            }
            let disables = export
                .attributes
                .iter()
                .any(|change| change.name == "accountEnabled" && change.new == Json::Bool(false));
            let [disabling, updates, creates, deletes] = &mut phases;
            match export.op.as_str() {
                "create" => creates.push(export),
                "delete" => deletes.push(export),
                _ if disables => disabling.push(export),
                _ => updates.push(export),
            }
        }
        let [disabling, updates, creates, deletes] = phases;
        self.exports(connector, "disabling", disabling, run).await?;
        self.exports(connector, "updating", updates, run).await?;
        self.exports(connector, "creating", creates, run).await?;
        self.retry_rivals(connector, run).await?;
        self.links(connector, number, run).await?;
        self.exports(connector, "deleting", deletes, run).await?;
        self.retry_rivals(connector, run).await?;
        self.settle_swaps(connector, run).await?;
        for export in std::mem::take(&mut run.rivals) {
            count(&mut run.failed, &export.op);
        }
        Ok(())
    }

    /// A value that moved from one object to another is free once the other was written.
    async fn retry_rivals(&mut self, connector: usize, run: &mut Run<'_>) -> Result<(), Error> {
        loop {
            let rivals = std::mem::take(&mut run.rivals);
            let before = run.written;
            if rivals.is_empty() || before == Counts::default() {
                run.rivals = rivals;
                return Ok(());
            }
            self.retry(connector, rivals, run).await?;
            if run.written == before {
                return Ok(());
            }
        }
    }

    async fn retry(
        &mut self,
        connector: usize,
        rivals: Vec<PendingExport>,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        run.errors.retain(|error| error.code != "ObjectConflict");
        self.exports(connector, "settling moved values", rivals, run)
            .await
    }

    /// Values that objects exchange: one of them steps aside, so that the others can move up.
    async fn settle_swaps(&mut self, connector: usize, run: &mut Run<'_>) -> Result<(), Error> {
        let mut aside = BTreeSet::new();
        loop {
            let rivals = std::mem::take(&mut run.rivals);
            let Some((export, change)) = swapped(&rivals, &aside) else {
                run.rivals = rivals;
                return Ok(());
            };
            aside.insert((export.entry, change.name.clone()));
            self.step_aside(connector, export, change).await?;
            let before = run.written;
            self.retry(connector, rivals, run).await?;
            if run.written != before {
                self.retry_rivals(connector, run).await?;
            }
        }
    }

    /// Gives an object a passing value in place of one that another object waits for.
    async fn step_aside(
        &mut self,
        connector: usize,
        export: &PendingExport,
        change: &AttributeChange,
    ) -> Result<(), Error> {
        let Some(entry) = self.store.entry(export.entry)? else {
            return Ok(());
        };
        let ty = entry.object_type.and_then(|ty| self.program.end(ty));
        let ty = ty.and_then(|end| self.program.ir_type(end));
        let (Some(anchor), Some(ty)) = (text(&entry.anchor), ty) else {
            return Ok(());
        };
        let domain = change.new.as_str().and_then(|value| value.split_once('@'));
        let passing = match domain {
            Some((_, domain)) => format!("moving-{anchor}@{domain}"),
            None => format!("moving-{anchor}"),
        };
        let passing = AttributeChange {
            new: Json::String(passing),
            ..change.clone()
        };
        let write = Write {
            id: 0,
            object_type: ty.name.clone(),
            operation: Operation::Update {
                anchor,
                attributes: Map::from_iter([(passing.name.clone(), passing.new.clone())]),
            },
        };
        let mut done = false;
        if let Some(Connection::Graph(graph)) = self.connections.get_mut(connector) {
            graph
                .write(vec![write], &mut |outcome| done = outcome.result.is_ok())
                .await?;
        }
        match done {
            true => self
                .store
                .transaction(|| self.remember(&entry, std::slice::from_ref(&passing))),
            false => Ok(()),
        }
    }

    async fn exports(
        &mut self,
        connector: usize,
        task: &str,
        exports: Vec<PendingExport>,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        if exports.is_empty() {
            return Ok(());
        }
        let name = self.program.connector_name(connector).to_owned();
        run.progress
            .begin(&format!("{task} in {name}"), Some(exports.len() as u64));
        for batch in exports.chunks(BATCH) {
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
                    self.exported(export, Some(anchor))?;
                }
                batch
                    .iter()
                    .try_for_each(|export| self.store.mark_attempted(export.entry))
            })?;
            run.written.create += found.len() as u64;
            self.send(connector, writes, jobs, run).await?;
        }
        run.progress.end();
        Ok(())
    }

    async fn links(
        &mut self,
        connector: usize,
        number: i64,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        let mut links = Vec::new();
        for link in self.store.pending_links()? {
            let Some(entry) = self.store.entry(link.entry)? else {
                continue;
            };
            if entry.connector == number {
                links.push(link);
            }
        }
        if links.is_empty() {
            return Ok(());
        }
        let name = self.program.connector_name(connector).to_owned();
        run.progress.begin(
            &format!("writing references in {name}"),
            Some(links.len() as u64),
        );
        // What goes makes room for what comes: a single-valued reference that is replaced is set once.
        for batch in links.chunks(BATCH * 5) {
            let mut writes = Vec::new();
            let mut jobs = HashMap::new();
            for link in batch {
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
    fn link_write(
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
        let (Some(anchor), Some(target)) = (text(&entry.anchor), text(&target.anchor)) else {
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
        let result = match self.connections.get_mut(connector) {
            Some(Connection::Graph(graph)) => {
                graph
                    .write(writes, &mut |outcome| outcomes.push(outcome))
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
            .help("only `entra` connectors are targets in this version")),
        };
        self.store.transaction(|| {
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

    /// A number for an anchor in a simulation.
    fn simulated(&self) -> i64 {
        let count = self.store.setting("simulated").ok().flatten();
        let next = count.and_then(|count| count.parse().ok()).unwrap_or(0i64) + 1;
        let _ = self.store.set("simulated", &next.to_string());
        next
    }

    fn settle(
        &self,
        connector: usize,
        job: &Job,
        outcome: &Outcome,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        match (job, &outcome.result) {
            (Job::Export(export), Ok(anchor)) => {
                self.exported(export, anchor.as_deref())?;
                count(&mut run.written, &export.op);
            }
            (Job::Export(export), Err(failure)) => {
                self.failed(connector, export.entry, failure, &export.attributes, run)?;
                if failure.conflicts.is_empty() {
                    count(&mut run.failed, &export.op);
                } else {
                    run.rivals.push(export.clone());
                }
            }
            (Job::Link(link), Ok(_)) => {
                match link.adding {
                    true => self
                        .store
                        .own_reference(link.entry, link.attribute, link.target)?,
                    false => {
                        self.store
                            .set_reference(link.entry, link.attribute, link.target, false)?
                    }
                }
                self.store
                    .clear_pending_link(link.entry, link.attribute, link.target)?;
                if link.adding {
                    run.written.link_add += 1;
                    self.forget_replaced(link, run)?;
                } else {
                    run.written.link_remove += 1;
                }
            }
            (Job::Link(link), Err(failure)) => {
                if link.adding {
                    run.failed.link_add += 1
                } else {
                    run.failed.link_remove += 1
                }
                self.failed(connector, link.entry, failure, &[], run)?;
            }
        }
        Ok(())
    }

    /// A single-valued reference that was set has taken the place of the one before.
    fn forget_replaced(&self, link: &PendingLink, run: &mut Run<'_>) -> Result<(), Error> {
        let many = {
            let name = self.link_name(link)?;
            let entry = self.store.entry(link.entry)?;
            let end = entry
                .and_then(|entry| entry.object_type)
                .and_then(|ty| self.program.end(ty));
            let ir = end.and_then(|end| self.program.ir_type(end));
            ir.and_then(|ty| ty.attributes.iter().find(|a| a.name == name))
                .is_none_or(|a| a.ty.many)
        };
        if many {
            return Ok(());
        }
        for other in self.store.references(link.entry, link.attribute)? {
            if other != link.target {
                self.store
                    .set_reference(link.entry, link.attribute, other, false)?;
                self.store
                    .clear_pending_link(link.entry, link.attribute, other)?;
                run.written.link_remove += 1;
            }
        }
        Ok(())
    }

    fn failed(
        &self,
        connector: usize,
        entry: i64,
        failure: &WriteFailure,
        attributes: &[AttributeChange],
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        let entry = self.store.entry(entry)?;
        let source = entry
            .as_ref()
            .map(|entry| self.source_of(entry))
            .transpose()?;
        let conflicts = failure.conflicts.iter();
        let concerned = conflicts.filter_map(|name| attributes.iter().find(|c| c.name == *name));
        let concerned: Vec<&AttributeChange> = concerned.collect();
        let blame = concerned.first().copied().or(attributes.first());
        let rival = concerned
            .iter()
            .map(|change| format!("{} {}", change.name, change.new));
        let rival: Vec<String> = rival.collect();
        let message = match rival.is_empty() {
            true => failure.message.clone(),
            false => format!(
                "another object has {}: {}",
                rival.join(", "),
                failure.message
            ),
        };
        let error = ObjectError {
            connector: self.program.connector_name(connector).to_owned(),
            object: source.unwrap_or_default(),
            code: match failure.conflicts.is_empty() {
                true => failure.code.clone(),
                false => "ObjectConflict".to_owned(),
            },
            message,
            rule: blame.map(|change| change.rule.clone()).unwrap_or_default(),
            at: blame.map(|change| change.at.clone()).unwrap_or_default(),
        };
        if let Some(object) = entry.and_then(|entry| entry.object) {
            self.store.set_error(0, object, Some(&error))?;
        }
        run.errors.push(error);
        Ok(())
    }

    /// Keeps what a successful export did.
    fn exported(&self, export: &PendingExport, anchor: Option<&str>) -> Result<(), Error> {
        let Some(entry) = self.store.entry(export.entry)? else {
            return Ok(());
        };
        if let Some(object) = entry.object {
            self.store.set_error(0, object, None)?;
        }
        if export.op == "delete" {
            return self.store.remove_entry(entry.id);
        }
        let entry = match anchor.filter(|_| export.op == "create") {
            Some(anchor) => self.store.anchor_entry(&entry, anchor.as_bytes())?,
            None => entry,
        };
        self.store.set_pending(export.entry, None)?;
        self.remember(&entry, &export.attributes)
    }

    /// The written values are what the directory has until an import shows others.
    fn remember(&self, entry: &Entry, attributes: &[AttributeChange]) -> Result<(), Error> {
        let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty)) else {
            return Ok(());
        };
        let Some((ir, ty)) = self.program.ir_type(end).zip(self.program.object_type(end)) else {
            return Ok(());
        };
        let bump = Bump::new();
        let row = Row::new(&entry.row);
        let mut values: Vec<Value<'_>> = (0..ty.width).map(|slot| row.get(slot, &bump)).collect();
        let mut slots = Vec::new();
        for change in attributes.iter().filter(|change| change.new != SECRET) {
            let Some(at) = ir.attributes.iter().position(|a| a.name == change.name) else {
                continue;
            };
            let (Some(attribute), Some(Place::Slot(slot))) =
                (ir.attributes.get(at), ty.layout.places.get(at))
            else {
                continue;
            };
            let value = graph::typed(&change.new, &attribute.ty, &bump).unwrap_or(Value::Absent);
            let value = match (value, row.get(*slot, &bump)) {
                (Value::Record(new), Value::Record(old)) => {
                    let kept = old
                        .iter()
                        .filter(|(name, _)| !change_names(&change.new, name));
                    let all: Vec<_> = kept.chain(new).copied().collect();
                    Value::Record(bump.alloc_slice_copy(&all))
                }
                (value, _) => value,
            };
            if let Some(place) = values.get_mut(*slot) {
                *place = value;
            }
            let merges = matches!(
                self.mode(change, end),
                Some(Mode::Merge | Mode::MergeIgnoringCase)
            );
            let intended = match merges {
                true => {
                    written::contributed(&entry.written, *slot, row.get(*slot, &bump), value, &bump)
                }
                false => value,
            };
            slots.push((*slot, intended));
        }
        let memory = written::remember(&entry.written, ty.width, &slots);
        let indexed: Vec<(i64, Vec<u8>)> = ty
            .indexed
            .iter()
            .flat_map(|(slot, number)| {
                let value = values.get(*slot).copied().unwrap_or(Value::Absent);
                keys(value).into_iter().map(|key| (*number, key))
            })
            .collect();
        self.store
            .update_entry(entry.id, &encode_row(&values), &memory, &indexed)
    }

    /// The mode of the flow that a change comes from.
    fn mode(&self, change: &AttributeChange, end: End) -> Option<Mode> {
        let ir = self.program.ir_type(end)?;
        let target = ir.attributes.iter().position(|a| a.name == change.name)?;
        let mut rules = self.program.rules.outbound.iter();
        let rule = rules.find(|rule| rule.name == change.rule && rule.target == end)?;
        let flow = rule.flows.iter().find(|flow| flow.target == target)?;
        Some(flow.mode)
    }

    async fn write_of(
        &mut self,
        connector: usize,
        export: &PendingExport,
        id: u64,
    ) -> Result<Option<Prepared>, Error> {
        let Some(entry) = self.store.entry(export.entry)? else {
            return Ok(None);
        };
        let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty)) else {
            return Ok(None);
        };
        let Some(ir) = self.program.ir_type(end) else {
            return Ok(None);
        };
        let object_type = ir.name.clone();
        let anchor = text(&entry.anchor);
        let operation = match (export.op.as_str(), anchor) {
            ("create", _) => {
                let find_by = FIND_BY.iter().find_map(|name| {
                    let change = export
                        .attributes
                        .iter()
                        .find(|change| change.name == *name)?;
                    Some(((*name).to_owned(), change.new.as_str()?.to_owned()))
                });
                if export.attempted
                    && let Some((property, value)) = &find_by
                    && let Some(Connection::Graph(graph)) = self.connections.get_mut(connector)
                {
                    let found = graph.find(&object_type, property, value).await?;
                    if let [anchor] = found.as_slice() {
                        return Ok(Some(Prepared::Found(anchor.clone())));
                    }
                }
                let deleted = match &find_by {
                    Some((property, value)) => {
                        self.deleted(connector, end, property, value).await?
                    }
                    None => None,
                };
                let mut attributes = self.attributes(export, &entry, end)?;
                match deleted {
                    Some(anchor) => {
                        // What is set only when an object is made, it has already.
                        for change in &export.attributes {
                            if self.mode(change, end) == Some(Mode::Once) {
                                attributes.remove(&change.name);
                            }
                        }
                        Operation::Restore { anchor, attributes }
                    }
                    None => Operation::Create {
                        attributes,
                        find_by,
                    },
                }
            }
            ("delete", Some(anchor)) => Operation::Delete { anchor },
            (_, Some(anchor)) => Operation::Update {
                anchor,
                attributes: self.attributes(export, &entry, end)?,
            },
            _ => return Ok(None),
        };
        Ok(Some(Prepared::Write(Write {
            id,
            object_type,
            operation,
        })))
    }

    /// The deleted object with this value. The directory is asked only where we saw one go.
    async fn deleted(
        &mut self,
        connector: usize,
        end: End,
        property: &str,
        value: &str,
    ) -> Result<Option<String>, Error> {
        let Some((ir, ty)) = self.program.ir_type(end).zip(self.program.object_type(end)) else {
            return Ok(None);
        };
        let at = ir.attributes.iter().position(|a| a.name == property);
        let number = at.and_then(|at| ty.layout.numbers.get(at).copied());
        let key = keys(Value::Text(value)).into_iter().next();
        let Some((number, key)) = number.zip(key) else {
            return Ok(None);
        };
        if self
            .store
            .lookup(Holder::Deleted, number, &key, true)?
            .is_empty()
        {
            return Ok(None);
        }
        let object_type = ir.name.clone();
        match self.connections.get_mut(connector) {
            Some(Connection::Graph(graph)) => graph.deleted(&object_type, property, value).await,
            _ => Ok(None),
        }
    }

    /// The JSON to be sent; secrets are made here and now, and kept nowhere.
    fn attributes(
        &self,
        export: &PendingExport,
        entry: &Entry,
        end: End,
    ) -> Result<Map<String, Json>, Error> {
        let mut attributes = Map::new();
        for change in &export.attributes {
            let value = match change.new == SECRET {
                true => self.secret(change, entry, end)?,
                false => change.new.clone(),
            };
            let gone = value.is_null() && export.op == "create";
            if !gone {
                attributes.insert(change.name.clone(), value);
            }
        }
        Ok(attributes)
    }

    fn secret(&self, change: &AttributeChange, entry: &Entry, end: End) -> Result<Json, Error> {
        let object = entry
            .object
            .map(|id| self.store.object(id))
            .transpose()?
            .flatten();
        let Some(object) = object else {
            return Ok(Json::Null);
        };
        let Some(source) = self.program.end(object.object_type) else {
            return Ok(Json::Null);
        };
        let flows = |flows: &[Flow]| {
            flows.iter().position(|flow| {
                let attributes = self.program.ir_type(end).map(|ty| &ty.attributes);
                attributes
                    .and_then(|list| list.get(flow.target))
                    .is_some_and(|a| a.name == change.name)
            })
        };
        let synchronizer = Synchronizer {
            store: &self.store,
            program: &self.program,
            now: now(),
            parameters: &self.parameters,
        };
        let bump = Bump::new();
        for (rule, linked) in self
            .program
            .rules
            .outbound
            .iter()
            .zip(&self.program.outbound)
        {
            if rule.name != change.rule || rule.target != end {
                continue;
            }
            let nodes = match (flows(&rule.flows), &rule.deprovision) {
                (Some(at), _) => linked.flows.get(at),
                (None, Deprovision::Disable(list)) => {
                    flows(list).and_then(|at| linked.disable.get(at))
                }
                _ => None,
            };
            let Some(flow) = nodes else { continue };
            let env = synchronizer.object_env(&object, source, &bump)?;
            let value = env
                .eval(&flow.node, &mut Frame::default())
                .map_err(|failure| {
                    Error::internal(format!("rule `{}`: {}", rule.name, failure.message))
                })?;
            return Ok(to_json(value));
        }
        Ok(Json::Null)
    }
}

/// What is to be done for an export.
enum Prepared {
    Write(Write),
    /// It was made by a run that did not live to see the answer.
    Found(String),
}

/// An export that waits for the value of another one, which in turn waits: what it has itself is wanted
/// by a third or that one.
fn swapped<'e>(
    rivals: &'e [PendingExport],
    aside: &BTreeSet<(i64, String)>,
) -> Option<(&'e PendingExport, &'e AttributeChange)> {
    let same = |a: &Json, b: &Json| match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    };
    let wanted = |export: &PendingExport, value: &Json| {
        let others = rivals.iter().filter(|other| other.entry != export.entry);
        let mut changes = others.flat_map(|other| &other.attributes);
        changes.any(|change| same(&change.new, value))
    };
    let updates = rivals.iter().filter(|export| export.op == "update");
    let mut changes = updates.flat_map(|export| export.attributes.iter().map(move |c| (export, c)));
    changes.find(|(export, change)| {
        let exchanged = ["userPrincipalName", "mail", "onPremisesImmutableId"];
        exchanged.contains(&change.name.as_str())
            && change.new.is_string()
            && wanted(export, &change.old)
            && !aside.contains(&(export.entry, change.name.clone()))
    })
}

fn text(anchor: &Option<Vec<u8>>) -> Option<String> {
    anchor
        .as_deref()
        .map(|anchor| String::from_utf8_lossy(anchor).into_owned())
}

fn change_names(json: &Json, name: &str) -> bool {
    json.as_object()
        .is_some_and(|fields| fields.contains_key(name))
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
