//! Values that move from one object to another: a login that two people exchange, an address handed over.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::{BATCH, Run};
use crate::connectors::{Operation, Write};
use crate::engine::{Connection, Engine};
use crate::error::Error;
use crate::plan::{AttributeChange, Counts};
use crate::store::PendingExport;

impl Engine {
    /// A value that moved from one object to another is free once the other was written.
    pub(super) async fn retry_rivals(
        &mut self,
        connector: usize,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
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

    pub(super) async fn retry(
        &mut self,
        connector: usize,
        rivals: Vec<PendingExport>,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
        run.errors.retain(|error| error.code != "ObjectConflict");
        let name = self.program.connector_name(connector).to_owned();
        run.progress.begin(
            &format!("settling moved values in {name}"),
            Some(rivals.len() as u64),
        );
        for batch in rivals.chunks(BATCH) {
            self.export_batch(connector, batch, run).await?;
        }
        run.progress.end();
        Ok(())
    }

    /// Values that objects exchange: one of them steps aside, so that the others can move up.
    pub(super) async fn settle_swaps(
        &mut self,
        connector: usize,
        run: &mut Run<'_>,
    ) -> Result<(), Error> {
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
    pub(super) async fn step_aside(
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
        let (Some(anchor), Some(ty)) = (self.anchor(&entry), ty) else {
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
        let mut result = None;
        if let Some(Connection::Graph(graph)) = self.connections.get_mut(connector) {
            graph
                .write(vec![write], &mut |outcome| result = Some(outcome.result))
                .await?;
        }
        let Some(result) = result else { return Ok(()) };
        let passed = PendingExport {
            attributes: vec![passing.clone()],
            ..export.clone()
        };
        let special = "a passing value, so that two objects can exchange theirs";
        self.store.transaction(|| {
            self.record_export(connector, &passed, None, result.as_ref().err(), special)?;
            match result {
                Ok(_) => self.remember(&entry, std::slice::from_ref(&passing)),
                Err(_) => Ok(()),
            }
        })
    }
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
