//! The values of a metaverse object, from all entries linked to it.

use bumpalo::Bump;
use trib_compiler::ir::{End, Link, Mode};
use trib_compiler::notation::dn::dn_key;
use trib_compiler::types::Base;
use trib_compiler::value::Value;

use super::flows::{Contribution, Resolved, resolve, settled};
use super::program::LinkedFlow;
use super::{Failed, Synchronizer, Trouble, keys};
use crate::error::Error;
use crate::eval::{Env, Frame, Place};
use crate::object::{Row, encode_row};
use crate::store::{Entry, Holder, Object};

/// An entry that contributes: what an expression sees of it, and the rules in whose scope it is.
pub(crate) struct Source<'a> {
    pub entry: &'a Entry,
    pub connector: usize,
    pub end: End,
    pub env: Env<'a>,
    pub rules: Vec<usize>,
}

/// The references that a flow gave.
pub(crate) struct ReferenceContribution {
    pub rule: usize,
    pub flow: usize,
    pub source: usize,
    pub merge: bool,
    pub targets: Vec<i64>,
}

/// Everything that is contributed to an object, in the order of strength.
pub(crate) struct Contributions<'a> {
    /// By slot.
    pub values: Vec<Vec<Contribution<'a>>>,
    /// By the number of the attribute.
    pub references: Vec<(i64, Vec<ReferenceContribution>)>,
}

impl Synchronizer<'_> {
    /// Evaluates an object from its entries. True if its exports have to be looked at.
    pub(super) fn inbound(&self, id: i64) -> Result<bool, Error> {
        let Some(object) = self.store.object(id)? else {
            return Ok(false);
        };
        let Some(end) = self.program.end(object.object_type) else {
            return Ok(false);
        };
        let entries = self.store.entries_of(id)?;
        if entries.is_empty() {
            self.store.remove_object(id)?;
            return Ok(false);
        }
        let bump = Bump::new();
        match self.evaluate(&object, end, &entries, &bump) {
            Ok(look) => Ok(look),
            Err(Trouble::Store(error)) => Err(error),
            // The entry has its error; the object keeps its earlier values.
            Err(Trouble::Object(_)) => Ok(false),
        }
    }

    fn evaluate(
        &self,
        object: &Object,
        end: End,
        entries: &[Entry],
        bump: &Bump,
    ) -> Result<bool, Trouble> {
        let sources = self.sources(entries, bump)?;
        // What we made in a directory does not keep alive what it was made from.
        let origins = sources
            .iter()
            .filter(|source| !self.linked_outbound(source.entry));
        let lives = origins.flat_map(|source| &source.rules).any(|at| {
            self.program.rules.inbound.get(*at).is_some_and(|rule| {
                rule.target == end && matches!(rule.link, Link::Provision | Link::Sticky)
            })
        });
        if !lives {
            if object.ended.is_none() {
                let cause = self.cause(object.id, &sources, end)?;
                self.store.end_object(object.id, Some(&cause))?;
            }
            return Ok(true);
        }
        if object.ended.is_some() {
            self.store.end_object(object.id, None)?;
        }
        let contributions = self.contributions(object, end, &sources, bump)?;
        let old = Row::new(&object.row);
        let values: Vec<Value<'_>> = contributions
            .values
            .iter()
            .enumerate()
            .map(|(slot, list)| match resolve(list, bump) {
                Resolved::Value(value, _) => value,
                Resolved::Kept if !list.is_empty() => old.get(slot, bump),
                _ => Value::Absent,
            })
            .collect();
        let row = encode_row(&values);
        if row != object.row {
            self.store.update_object(object.id, &row)?;
            if let Some(ty) = self.program.object_type(end) {
                let indexed = ty.indexed.iter().flat_map(|(slot, number)| {
                    let value = values.get(*slot).copied().unwrap_or(Value::Absent);
                    keys(value).into_iter().map(|key| (*number, key))
                });
                self.store
                    .index(Holder::Object, object.id, &indexed.collect::<Vec<_>>())?;
            }
        }
        for (attribute, list) in &contributions.references {
            let (targets, _) = union(list);
            self.store
                .set_object_references(object.id, *attribute, &targets)?;
        }
        Ok(true)
    }

    /// The entries of directories whose rules flow to the metaverse. An entry that cannot be evaluated
    /// gets its error.
    pub(crate) fn sources<'a>(
        &'a self,
        entries: &'a [Entry],
        bump: &'a Bump,
    ) -> Result<Vec<Source<'a>>, Trouble> {
        let mut sources = Vec::new();
        for entry in entries {
            let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty)) else {
                continue;
            };
            let End::Directory(connector, _) = end else {
                continue;
            };
            if !self
                .program
                .rules
                .inbound
                .iter()
                .any(|rule| rule.source == end)
            {
                continue;
            }
            let env = self.entry_env(entry, end, bump)?;
            match self.rules_in_scope(end, &env) {
                Ok(rules) => sources.push(Source {
                    entry,
                    connector,
                    end,
                    env,
                    rules,
                }),
                Err(Trouble::Object(failed)) => {
                    self.entry_error(connector, entry, &failed)?;
                    return Err(Trouble::Object(failed));
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(sources)
    }

    /// Why no rule keeps an object alive any more, in words that the guards count.
    fn cause(&self, object: i64, sources: &[Source<'_>], end: End) -> Result<String, Error> {
        let mut frame = Frame::default();
        for source in sources {
            for (rule, linked) in self.program.rules.inbound.iter().zip(&self.program.inbound) {
                if rule.source != source.end || rule.target != end || rule.link == Link::Join {
                    continue;
                }
                if let Ok(Err(at)) = self.in_scope(rule, linked, &source.env, &mut frame)
                    && let Some(clause) = rule.scope.get(at)
                {
                    return Ok(format!(
                        "rule \"{}\" ({}) does not match any more: {}",
                        rule.name, clause.origin, clause.text
                    ));
                }
            }
        }
        Ok(match (self.store.lost_from(object)?, sources) {
            (Some(connector), _) => format!("the source entry is gone from `{connector}`"),
            (None, []) => "the source entry is gone".to_owned(),
            (None, _) => "no rule that provisions is in scope any more".to_owned(),
        })
    }

    /// Evaluates all flows of all rules in scope.
    pub(crate) fn contributions<'a>(
        &'a self,
        object: &'a Object,
        end: End,
        sources: &[Source<'a>],
        bump: &'a Bump,
    ) -> Result<Contributions<'a>, Trouble> {
        let width = self.program.object_type(end).map_or(0, |ty| ty.width);
        let mut all = Contributions {
            values: vec![Vec::new(); width],
            references: Vec::new(),
        };
        let old = Row::new(&object.row);
        let mut frame = Frame::default();
        for (at, (rule, linked)) in self
            .program
            .rules
            .inbound
            .iter()
            .zip(&self.program.inbound)
            .enumerate()
        {
            if rule.target != end {
                continue;
            }
            for (source_at, source) in sources.iter().enumerate() {
                if rule.source != source.end || !source.rules.contains(&at) {
                    continue;
                }
                for (flow_at, (flow, node)) in rule.flows.iter().zip(&linked.flows).enumerate() {
                    let failed = |failure| {
                        let attribute = self.attribute_name(end, flow.target);
                        Failed::trouble(failure, rule, flow.origin.to_string(), Some(attribute))
                    };
                    match node.target {
                        Place::Dn => {}
                        Place::Slot(slot) => {
                            let kept = flow.mode == Mode::Once && !old.is_empty();
                            let value = match kept {
                                true => old.get(slot, bump),
                                false => match source.env.eval(&node.node, &mut frame) {
                                    Ok(value) => settled(value, bump),
                                    Err(failure) => {
                                        let trouble = failed(failure);
                                        if let Trouble::Object(failed) = &trouble {
                                            self.entry_error(
                                                source.connector,
                                                source.entry,
                                                failed,
                                            )?;
                                        }
                                        return Err(trouble);
                                    }
                                },
                            };
                            if let Some(list) = all.values.get_mut(slot) {
                                list.push(Contribution {
                                    rule: at,
                                    flow: flow_at,
                                    source: source_at,
                                    mode: flow.mode,
                                    value,
                                });
                            }
                        }
                        Place::Reference(attribute) => {
                            let wanted = self.wanted_type(end, flow.target);
                            let targets = match self.targets(source, node, wanted, &mut frame) {
                                Ok(targets) => targets?,
                                Err(failure) => {
                                    let trouble = failed(failure);
                                    if let Trouble::Object(failed) = &trouble {
                                        self.entry_error(source.connector, source.entry, failed)?;
                                    }
                                    return Err(trouble);
                                }
                            };
                            let merge = matches!(flow.mode, Mode::Merge | Mode::MergeIgnoringCase);
                            let contribution = ReferenceContribution {
                                rule: at,
                                flow: flow_at,
                                source: source_at,
                                merge,
                                targets,
                            };
                            match all
                                .references
                                .iter_mut()
                                .find(|(known, _)| *known == attribute)
                            {
                                Some((_, list)) => list.push(contribution),
                                None => all.references.push((attribute, vec![contribution])),
                            }
                        }
                    }
                }
            }
        }
        self.forgotten_references(end, &mut all);
        Ok(all)
    }

    /// References that no rule in scope flows have no targets.
    fn forgotten_references(&self, end: End, all: &mut Contributions<'_>) {
        let Some(ty) = self.program.object_type(end) else {
            return;
        };
        for place in &ty.layout.places {
            if let Place::Reference(attribute) = place
                && !all.references.iter().any(|(known, _)| known == attribute)
            {
                all.references.push((*attribute, Vec::new()));
            }
        }
    }

    /// The name of an attribute by its place in the IR.
    pub(crate) fn attribute_name(&self, end: End, slot: usize) -> &str {
        let ty = self.program.ir_type(end);
        ty.and_then(|ty| ty.attributes.get(slot))
            .map_or("", |attribute| &attribute.name)
    }

    /// The stored type that a metaverse reference points to, where it is one only.
    pub(super) fn wanted_type(&self, end: End, slot: usize) -> Option<i64> {
        let attribute = self.program.ir_type(end)?.attributes.get(slot)?;
        let Base::Ref(Some(name)) = &attribute.ty.base else {
            return None;
        };
        let at = self
            .program
            .rules
            .metaverse
            .iter()
            .position(|ty| ty.name == *name)?;
        self.program.metaverse.get(at).map(|ty| ty.number)
    }

    /// The objects that a flow to a reference points to, sorted.
    fn targets<'a>(
        &self,
        source: &Source<'a>,
        flow: &'a LinkedFlow,
        wanted: Option<i64>,
        frame: &mut Frame<'a>,
    ) -> Result<Result<Vec<i64>, Error>, trib_compiler::functions::Failure> {
        if let Some(attribute) = flow.copy {
            return Ok(self
                .store
                .referenced_objects(source.entry.id, attribute, wanted));
        }
        let value = source.env.eval(&flow.node, frame)?;
        Ok(self.objects_named(source, value, wanted))
    }

    fn objects_named(
        &self,
        source: &Source<'_>,
        value: Value<'_>,
        wanted: Option<i64>,
    ) -> Result<Vec<i64>, Error> {
        let mut targets = Vec::new();
        for item in value.items() {
            let Some(dn) = item.as_text() else { continue };
            let entry = self
                .store
                .entry_by_dn(source.entry.connector, &dn_key(dn))?;
            let Some(id) = entry.and_then(|entry| entry.object) else {
                continue;
            };
            let Some(object) = self.store.object(id)? else {
                continue;
            };
            if object.ended.is_none() && wanted.is_none_or(|ty| ty == object.object_type) {
                targets.push(id);
            }
        }
        targets.sort_unstable();
        targets.dedup();
        Ok(targets)
    }
}

/// The references that win, sorted, and the place of the strongest flow that gives some.
pub(crate) fn union(list: &[ReferenceContribution]) -> (Vec<i64>, Option<usize>) {
    let mut targets = Vec::new();
    let mut winner = None;
    for (at, contribution) in list.iter().enumerate() {
        if contribution.targets.is_empty() {
            continue;
        }
        winner = winner.or(Some(at));
        targets.extend(&contribution.targets);
        if !contribution.merge {
            break;
        }
    }
    targets.sort_unstable();
    targets.dedup();
    (targets, winner)
}
