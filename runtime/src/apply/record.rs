//! What is written goes into the history, in the transaction that keeps its outcome.

use std::collections::BTreeMap;
use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::Job;
use crate::connectors::{Outcome, WriteFailure};
use crate::engine::Engine;
use crate::error::Error;
use crate::history::{Run, Written};
use crate::plan::{Applied, AttributeChange, Plan};
use crate::progress::Progress;
use crate::store::{Entry, PendingExport, PendingLink};

impl Engine {
    /// Writes a plan. It must be the plan of the current state; a tripped guard holds back what it
    /// guards unless `approve` is the plan's hash. It is a run of its own, unless one has begun.
    pub async fn apply(
        &mut self,
        plan: &Plan,
        approve: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<Applied, Error> {
        let own = self.run.is_none();
        if own {
            self.begin_run("apply")?;
        }
        let applied = self.write_plan(plan, approve, progress).await;
        if own {
            let ended = applied.as_ref().map(|applied| (Some(plan), Some(applied)));
            self.end_run(ended, approve)?;
        }
        applied
    }

    /// From now on everything belongs to one run of the history.
    pub fn begin_run(&mut self, verb: &str) -> Result<(), Error> {
        self.run = Some(self.store.begin_run(verb, &self.rules_hash)?);
        Ok(())
    }

    /// The run ended: with a plan, with what was applied of it, or with an error.
    pub fn end_run(
        &mut self,
        result: Result<(Option<&Plan>, Option<&Applied>), &Error>,
        approve: Option<&str>,
    ) -> Result<(), Error> {
        let Some(number) = self.run.take() else {
            return Ok(());
        };
        let run = match result {
            Ok((plan, applied)) => Run::ended(number, plan, applied, approve, None),
            Err(error) => Run::ended(number, None, None, approve, Some(error)),
        };
        self.store.transaction(|| {
            self.store.end_run(&run)?;
            self.store.prune_history(self.keep.as_secs())
        })
    }

    /// Appends what was sent to the history. References of one object are one row.
    pub(super) fn record(
        &self,
        connector: usize,
        jobs: &HashMap<u64, Job>,
        outcomes: &[Outcome],
    ) -> Result<(), Error> {
        let mut links: BTreeMap<LinkKey, Vec<&PendingLink>> = BTreeMap::new();
        for outcome in outcomes {
            let failure = outcome.result.as_ref().err();
            match jobs.get(&outcome.id) {
                Some(Job::Export(export)) => {
                    let made = outcome.result.as_ref().ok().and_then(Option::as_deref);
                    self.record_export(connector, export, made, failure, "")?;
                }
                Some(Job::Link(link)) => {
                    let refused = failure.map(|f| (f.code.clone(), f.message.clone()));
                    let key = (link.entry, link.attribute, link.adding, refused);
                    links.entry(key).or_default().push(link);
                }
                None => {}
            }
        }
        links
            .into_iter()
            .try_for_each(|(key, links)| self.record_links(connector, key, &links))
    }

    /// Appends the write of an object. `special` says what was not as usual about it.
    pub(super) fn record_export(
        &self,
        connector: usize,
        export: &PendingExport,
        anchor: Option<&str>,
        failure: Option<&WriteFailure>,
        special: &str,
    ) -> Result<(), Error> {
        let Some((run, entry)) = self.run.zip(self.store.entry(export.entry)?) else {
            return Ok(());
        };
        let because = match special {
            "" if export.op == "delete" => export.cause.as_str(),
            special => special,
        };
        let written = Written {
            op: export.op.clone(),
            anchor: anchor.map(str::to_owned).or_else(|| self.anchor(&entry)),
            name: export.name.clone(),
            source: export.source.clone(),
            attributes: export.attributes.clone(),
            because: because.to_owned(),
            code: failure.map(|failure| failure.code.clone()),
            message: failure.map(|failure| failure.message.clone()),
            ..self.written(connector, &entry)
        };
        self.store.record(run, &written)
    }

    fn record_links(
        &self,
        connector: usize,
        (owner, _, adding, refused): LinkKey,
        links: &[&PendingLink],
    ) -> Result<(), Error> {
        let (Some(run), Some(entry), Some(first)) =
            (self.run, self.store.entry(owner)?, links.first())
        else {
            return Ok(());
        };
        let targets: Result<Vec<Json>, Error> = links
            .iter()
            .map(|link| Ok(json!(self.name_of(link.target)?)))
            .collect();
        let targets = Json::Array(targets?);
        let (old, new) = match adding {
            true => (json!([]), targets),
            false => (targets, json!([])),
        };
        let (code, message) = refused.unzip();
        let written = Written {
            op: if adding { "link_add" } else { "link_remove" }.to_owned(),
            name: self.name_of(owner)?,
            source: self.source_of(&entry)?,
            attributes: vec![AttributeChange {
                name: self.link_name(first)?,
                old,
                new,
                rule: first.rule.clone(),
                at: first.at.clone(),
            }],
            code,
            message,
            ..self.written(connector, &entry)
        };
        self.store.record(run, &written)
    }

    /// What every row says of its object.
    fn written(&self, connector: usize, entry: &Entry) -> Written {
        let end = entry.object_type.and_then(|ty| self.program.end(ty));
        let ty = end.and_then(|end| self.program.ir_type(end));
        Written {
            connector: self.program.connector_name(connector).to_owned(),
            object_type: ty.map(|ty| ty.name.clone()).unwrap_or_default(),
            anchor: self.anchor(entry),
            ..Written::default()
        }
    }
}

/// Owner, attribute, added or taken away, and why it was refused.
type LinkKey = (i64, i64, bool, Option<(String, String)>);
