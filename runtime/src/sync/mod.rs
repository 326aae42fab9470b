//! Synchronization: entries are linked to metaverse objects, objects get their values, and what the
//! target directories lack becomes pending exports.
//!
//! ```text
//! changed entries ─link─► metaverse objects ─inbound─► values, references ─outbound─► pending exports
//! ```
//!
//! Everything happens in one transaction over the store; evaluation itself is pure.

mod basis;
mod changes;
mod contests;
mod flows;
mod inbound;
mod interrupted;
mod link;
mod outbound;
mod parameters;
pub mod program;
mod references;
mod trace;
pub(crate) mod written;

use changes::Changes;
pub(crate) use inbound::union;
pub(crate) use interrupted::found_by;
pub use outbound::SECRET;

use std::cell::Cell;

use bumpalo::Bump;
use trib_compiler::functions::Failure;
use trib_compiler::ir::{End, Rule};
use trib_compiler::value::{Ticks, Value, folded};

use crate::error::Error;
use crate::eval::{Due, Env, Frame, Object, Wakes};
use crate::object::Row;
use crate::plan::ObjectError;
use crate::progress::Progress;
use crate::store::{Entry, Holder, Store};

pub(crate) use basis::{Basis, Stale};
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
    /// The instants at which outcomes change.
    pub wakes: Wakes,
    /// What was evaluated so far.
    pub evaluated: Cell<Evaluated>,
}

/// How much a synchronization evaluated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evaluated {
    /// Entries whose link was looked at.
    pub entries: u64,
    /// Metaverse objects whose values and exports were computed.
    pub objects: u64,
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

impl<'s> Synchronizer<'s> {
    /// Rules over a store, at an instant.
    pub fn new(
        store: &'s Store,
        program: &'s Program,
        parameters: &'s Parameters,
        now: Ticks,
    ) -> Synchronizer<'s> {
        Synchronizer {
            store,
            program,
            now,
            parameters,
            wakes: Wakes::default(),
            evaluated: Cell::default(),
        }
    }
}

impl Synchronizer<'_> {
    /// Brings metaverse and pending exports in line with the connector spaces.
    pub fn run(&self, progress: &dyn Progress) -> Result<Evaluated, Error> {
        self.store.transaction(|| self.settle(progress))?;
        Ok(self.evaluated.get())
    }

    /// The same in a transaction of the caller.
    pub(crate) fn settle(&self, progress: &dyn Progress) -> Result<(), Error> {
        self.store.touch_due(self.now)?;
        self.refresh_members()?;
        self.touch_readers()?;
        self.store.touch_failed()?;
        self.store.touch_attempted()?;
        // What is known already has its values before anybody looks for it.
        let unlinked = self.refresh_links(progress)?;
        let mut changes = Changes::default();
        self.compute_objects(&mut changes, progress)?;
        self.link_entries(unlinked)?;
        loop {
            self.compute_objects(&mut changes, progress)?;
            // Whoever found nobody to join may find somebody now.
            if changes.objects.is_empty() || !self.retry_waiting()? {
                break;
            }
        }
        self.compute_exports(&mut changes, progress)?;
        self.store.set_wakes(&self.wakes.take())?;
        self.store.forget_settled()
    }

    fn count(&self, entries: u64, objects: u64) {
        let before = self.evaluated.get();
        self.evaluated.set(Evaluated {
            entries: before.entries + entries,
            objects: before.objects + objects,
        });
    }

    /// What is evaluated from scratch forgets when it was to be evaluated again.
    fn evaluate_afresh(&self, kind: Holder, id: i64) {
        if self.program.timed {
            self.wakes.begin((kind as i64, id));
        }
    }

    fn due(&self, kind: Holder, id: i64) -> Option<Due<'_>> {
        let holder = (kind as i64, id);
        self.program.timed.then_some(Due {
            wakes: &self.wakes,
            holder,
        })
    }

    /// Evaluates changed objects, and follows changed references, until none is left.
    fn compute_objects(&self, changes: &mut Changes, progress: &dyn Progress) -> Result<(), Error> {
        loop {
            let mut dirty = self.store.dirty_objects()?;
            if dirty.is_empty() {
                self.follow_references(changes)?;
                dirty = self.store.dirty_objects()?;
            }
            if dirty.is_empty() {
                return Ok(());
            }
            progress.begin("computing people and groups", Some(dirty.len() as u64));
            for id in dirty {
                self.store.clean_object(id)?;
                self.count(0, 1);
                if self.inbound(id)? {
                    changes.objects.insert(id);
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
            due: self.due(Holder::Entry, entry.id),
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
        let groups = self.program.groups.iter();
        let keys: Vec<String> = groups
            .map(|group| trib_compiler::notation::dn::dn_key(group))
            .collect();
        self.store.forget_members(&keys)?;
        for key in &keys {
            for (at, (number, _)) in self.program.connectors.iter().enumerate() {
                if let Some(members) = self.member_attributes(at) {
                    self.store.refresh_members(*number, key, &members)?;
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
            due: self.due(Holder::Object, object.id),
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
