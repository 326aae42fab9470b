//! A pending export becomes a write: what was made or deleted before is looked up, secrets are made.

use bumpalo::Bump;
use serde_json::{Map, Value as Json};
use trib_compiler::ir::{Deprovision, End, Flow, Mode};
use trib_compiler::value::Value;

use crate::connectors::ldap::request::difference;
use crate::connectors::{Operation, Write};
use crate::engine::{Connection, Engine, now};
use crate::error::Error;
use crate::eval::Frame;
use crate::json::to_json;
use crate::plan::AttributeChange;
use crate::store::{Entry, Holder, PendingExport};
use crate::sync::{SECRET, Synchronizer, found_by, keys};

impl Engine {
    pub(super) async fn write_of(
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
        let anchor = self.anchor(&entry);
        let operation = match (export.op.as_str(), anchor) {
            ("create", _) => {
                let find_by = found_by(&export.attributes).and_then(|change| {
                    Some((change.name.clone(), change.new.as_str()?.to_owned()))
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
                            if self.program.mode(change, end) == Some(Mode::Once) {
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
        let write = Write {
            id,
            object_type,
            operation,
        };
        if export.op == "create" && export.attempted {
            let selection = self.selection(connector);
            if let Some(Connection::Ldap(forest)) = self.connections.get_mut(connector)
                && let Some(anchor) = forest.find(&selection, &write).await?
            {
                return Ok(Some(Prepared::Found(anchor)));
            }
        }
        Ok(Some(Prepared::Write(write)))
    }

    /// The deleted object with this value. The directory is asked only where we saw one go.
    pub(super) async fn deleted(
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
    pub(super) fn attributes(
        &self,
        export: &PendingExport,
        entry: &Entry,
        end: End,
    ) -> Result<Map<String, Json>, Error> {
        let mut attributes = Map::new();
        let forest = matches!(end, End::Directory(at, _) if self.program.is_forest(at));
        for change in &export.attributes {
            let value = match change.new == SECRET {
                true => self.secret(change, entry, end)?,
                false => change.new.clone(),
            };
            let value = match (forest && export.op == "update", &change.old, value) {
                (true, Json::Array(old), Json::Array(new)) => difference(old, &new),
                (true, Json::Null, Json::Array(new)) => difference(&[], &new),
                (_, _, value) => value,
            };
            let gone = value.is_null() && export.op == "create";
            if !gone {
                attributes.insert(change.name.clone(), value);
            }
        }
        Ok(attributes)
    }

    pub(super) fn secret(
        &self,
        change: &AttributeChange,
        entry: &Entry,
        end: End,
    ) -> Result<Json, Error> {
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
        let synchronizer = Synchronizer::new(&self.store, &self.program, &self.parameters, now());
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
pub(super) enum Prepared {
    Write(Write),
    /// It was made by a run that did not live to see the answer.
    Found(String),
}
