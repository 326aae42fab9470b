//! Synchronization: entries are linked to metaverse objects, objects get their values, and what the
//! target directories lack becomes pending exports.
//!
//! ```text
//! changed entries ─link─► metaverse objects ─inbound─► values, references ─outbound─► pending exports
//! ```
//!
//! Everything happens in one transaction over the store; evaluation itself is pure.

mod contests;
mod flows;
mod inbound;
mod link;
mod outbound;
mod parameters;
pub mod program;
mod references;
mod trace;
pub(crate) mod written;

pub(crate) use inbound::union;
pub use outbound::SECRET;

use std::collections::BTreeSet;

use bumpalo::Bump;
use trib_compiler::functions::Failure;
use trib_compiler::ir::{End, Rule};
use trib_compiler::value::{Ticks, Value, folded};

use crate::error::Error;
use crate::eval::{Env, Frame, Object};
use crate::object::Row;
use crate::plan::ObjectError;
use crate::progress::Progress;
use crate::store::{Entry, Store};

pub use parameters::Parameters;
pub use program::Program;
pub(crate) use trace::{OutboundOffer, Resolution};

/// One synchronization over a store.
pub struct Synchronizer<'s> {
    /// The store.
    pub store: &'s Store,
    /// The rules.
    pub program: &'s Program,
    /// The instant of the cycle.
    pub now: Ticks,
    /// Values of run-time parameters.
    pub parameters: &'s Parameters,
}

/// Why an object could not be evaluated: the failure and the rule with its place.
#[derive(Debug)]
pub(crate) struct Failed {
    pub failure: Failure,
    pub rule: String,
    pub at: String,
    pub attribute: Option<String>,
}

/// Store trouble ends the run; a failing expression concerns one object.
pub(crate) enum Trouble {
    Store(Error),
    Object(Box<Failed>),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Store(error)
    }
}

impl Failed {
    pub(crate) fn trouble(
        failure: Failure,
        rule: &Rule,
        at: String,
        attribute: Option<&str>,
    ) -> Trouble {
        let attribute = attribute.map(str::to_owned);
        Trouble::Object(Box::new(Failed {
            failure,
            rule: rule.name.clone(),
            at,
            attribute,
        }))
    }

    fn error(&self, connector: &str, object: &str) -> ObjectError {
        let message = match &self.attribute {
            Some(attribute) => format!("{attribute}: {}", self.failure.message),
            None => self.failure.message.clone(),
        };
        ObjectError {
            connector: connector.to_owned(),
            object: object.to_owned(),
            code: self.failure.code.to_owned(),
            message,
            rule: self.rule.clone(),
            at: self.at.clone(),
        }
    }
}

impl Synchronizer<'_> {
    /// Brings metaverse and pending exports in line with the connector spaces.
    pub fn run(&self, progress: &dyn Progress) -> Result<(), Error> {
        self.store.transaction(|| {
            self.refresh_members()?;
            self.store.touch_failed()?;
            // What is known already has its values before anybody looks for it.
            let unlinked = self.refresh_links(progress)?;
            let mut changed = self.compute_objects(progress)?;
            self.link_entries(unlinked)?;
            loop {
                changed.extend(self.compute_objects(progress)?);
                // Whoever found nobody to join may find somebody now.
                if changed.is_empty() || !self.retry_waiting()? {
                    break;
                }
            }
            self.compute_exports(&changed, progress)?;
            self.store.forget_settled()
        })
    }

    /// Evaluates changed objects until none is left; gives the numbers of all of them.
    fn compute_objects(&self, progress: &dyn Progress) -> Result<BTreeSet<i64>, Error> {
        let mut changed = BTreeSet::new();
        loop {
            let dirty = self.store.dirty_objects()?;
            if dirty.is_empty() {
                return Ok(changed);
            }
            progress.begin("computing people and groups", Some(dirty.len() as u64));
            for id in dirty {
                self.store.clean_object(id)?;
                if self.inbound(id)? {
                    changed.insert(id);
                }
                progress.advance(1);
            }
            progress.end();
        }
    }

    /// What an expression sees of an entry.
    pub(crate) fn entry_env<'a>(
        &'a self,
        entry: &'a Entry,
        end: End,
        bump: &'a Bump,
    ) -> Result<Env<'a>, Error> {
        let mut references = bumpalo::collections::Vec::new_in(bump);
        if let Some(ty) = self.program.object_type(end) {
            for attribute in &ty.read_references {
                let dns = self.store.reference_dns(entry.id, *attribute)?;
                let dns = dns.iter().map(|dn| Value::Dn(bump.alloc_str(dn)));
                references.push((
                    *attribute,
                    self.shaped(end, *attribute, Value::list(bump, dns)),
                ));
            }
        }
        let mut groups = bumpalo::collections::Vec::new_in(bump);
        if !self.program.groups.is_empty() && matches!(end, End::Directory(..)) {
            for group in &self.program.groups {
                let key = trib_compiler::notation::dn::dn_key(group);
                if self.store.is_member(entry.connector, entry.id, &key)? {
                    groups.push(group.as_str());
                }
            }
        }
        let connector = match end {
            End::Directory(connector, _) => self.program.connector_name(connector),
            _ => "",
        };
        let parameters = self
            .parameters
            .of(&self.program.rules.parameters, connector, &entry.dn);
        Ok(Env {
            object: Object {
                row: Row::new(&entry.row),
                dn: &entry.dn,
                references: references.into_bump_slice(),
                groups: groups.into_bump_slice(),
            },
            bump,
            now: self.now,
            parameters: bump.alloc(parameters),
            scripts: &self.program.scripts,
            counts: self.program.counts.as_deref(),
        })
    }

    /// A single-valued reference is one value, not a list of one.
    fn shaped<'a>(&self, end: End, attribute: i64, value: Value<'a>) -> Value<'a> {
        let ty = self.program.object_type(end).zip(self.program.ir_type(end));
        let many = ty.and_then(|(linked, ir)| {
            let slot = linked
                .layout
                .numbers
                .iter()
                .position(|number| *number == attribute)?;
            ir.attributes.get(slot).map(|attribute| attribute.ty.many)
        });
        match value {
            Value::List([single]) if many == Some(false) => *single,
            value => value,
        }
    }

    /// Marks the entries that came to, or left, a group that rules name.
    fn refresh_members(&self) -> Result<(), Error> {
        for group in &self.program.groups {
            let key = trib_compiler::notation::dn::dn_key(group);
            for (at, (number, _)) in self.program.connectors.iter().enumerate() {
                if let Some(members) = self.member_attributes(at) {
                    self.store.refresh_members(*number, &key, &members)?;
                }
            }
        }
        Ok(())
    }

    /// The numbers of `member` of a connector's groups, for SQL.
    fn member_attributes(&self, connector: usize) -> Option<String> {
        let types = &self.program.rules.connectors.get(connector)?.object_types;
        let (_, linked) = self.program.connectors.get(connector)?;
        let numbers = types.iter().zip(linked).filter_map(|(ir, linked)| {
            let is_member =
                |a: &trib_compiler::ir::Attribute| a.name.eq_ignore_ascii_case("member");
            let slot = ir.attributes.iter().position(is_member)?;
            linked.layout.numbers.get(slot).map(i64::to_string)
        });
        let numbers: Vec<String> = numbers.collect();
        (!numbers.is_empty()).then(|| numbers.join(","))
    }

    /// What an expression sees of a metaverse object.
    pub(crate) fn object_env<'a>(
        &'a self,
        object: &'a crate::store::Object,
        end: End,
        bump: &'a Bump,
    ) -> Result<Env<'a>, Error> {
        let mut references = bumpalo::collections::Vec::new_in(bump);
        if let Some(ty) = self.program.object_type(end) {
            for attribute in &ty.read_references {
                let targets = self.store.object_references(object.id, *attribute)?;
                let list = Value::list(bump, targets.into_iter().map(Value::Reference));
                references.push((*attribute, self.shaped(end, *attribute, list)));
            }
        }
        let parameters = self.parameters.of(&self.program.rules.parameters, "", "");
        Ok(Env {
            object: Object {
                row: Row::new(&object.row),
                dn: "",
                references: references.into_bump_slice(),
                groups: &[],
            },
            bump,
            now: self.now,
            parameters: bump.alloc(parameters),
            scripts: &self.program.scripts,
            counts: self.program.counts.as_deref(),
        })
    }

    /// Whether a rule's scope holds; if not, the place of the first part that fails.
    pub(crate) fn in_scope<'a>(
        &self,
        rule: &Rule,
        linked: &'a program::LinkedRule,
        env: &Env<'a>,
        frame: &mut Frame<'a>,
    ) -> Result<Result<(), usize>, Trouble> {
        for (at, part) in linked.scope.iter().enumerate() {
            let value = env.eval(part, frame).map_err(|failure| {
                let origin = rule.scope.get(at).map(|clause| clause.origin.to_string());
                Failed::trouble(failure, rule, origin.unwrap_or_default(), None)
            })?;
            if !value.is_true() {
                return Ok(Err(at));
            }
        }
        Ok(Ok(()))
    }
}

/// The keys under which the values of an indexed attribute are looked up: their case is folded.
pub fn keys(value: Value<'_>) -> Vec<Vec<u8>> {
    let key = |value: &Value<'_>| {
        Some(match value {
            Value::Text(text) | Value::Dn(text) => folded(text).collect::<String>().into_bytes(),
            Value::Binary(bytes) => bytes.to_vec(),
            Value::Int(number) | Value::Time(number) => number.to_be_bytes().to_vec(),
            Value::Bool(value) => vec![u8::from(*value)],
            _ => return None,
        })
    };
    value
        .items()
        .iter()
        .filter_map(key)
        .filter(|key| !key.is_empty())
        .collect()
}

/// Whether two values are the same to a directory: exact, lists as sets.
pub fn same_value(a: Value<'_>, b: Value<'_>) -> bool {
    flows::equal(a, b)
}
