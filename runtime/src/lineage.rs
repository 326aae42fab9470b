//! `trib explain`: evaluates an object again and keeps what synchronization throws away — the losers,
//! the inputs of each flow, and the part of a scope that failed.

use bumpalo::Bump;
use serde_json::{Map, Value as Json, json};
use trib_compiler::ir::{End, Expr, Flow, Rule};
use trib_compiler::notation;
use trib_compiler::notation::dn::dn_key;
use trib_compiler::value::{Ticks, Value};

use crate::engine::{Engine, now};
use crate::error::Error;
use crate::eval::{Env, Frame, Place};
use crate::explain::{AttributeLineage, Contribution, Explanation, ScopeResult};
use crate::json::to_json;
use crate::object::Row;
use crate::store::{Entry, Object};
use crate::sync::{Failed, OutboundOffer, Resolution, Synchronizer, Trouble};

/// What an explanation is of.
enum Subject {
    /// A metaverse object.
    Object(i64),
    /// An entry that is linked to none.
    Entry(Box<Entry>),
}

impl From<Entry> for Subject {
    fn from(entry: Entry) -> Subject {
        match entry.object {
            Some(object) => Subject::Object(object),
            None => Subject::Entry(Box::new(entry)),
        }
    }
}

impl Engine {
    /// Lineage of an object: a dn, a userPrincipalName, an anchor or a metaverse id. With `attribute`,
    /// of that attribute only (`displayName`, or `person.displayName`).
    pub fn explain(&self, object: &str, attribute: Option<&str>) -> Result<Explanation, Error> {
        let Some(subject) = self.find(object)? else {
            return Err(self.unknown(object)?);
        };
        let mut explanation = match subject {
            Subject::Object(id) => self.lineage(id, now())?,
            Subject::Entry(entry) => return self.explain_unlinked(&self.reader(now()), &entry),
        };
        if let Some(wanted) = attribute {
            let known: Vec<String> = explanation
                .attributes
                .iter()
                .map(|lineage| lineage.name.clone())
                .collect();
            explanation.attributes.retain(|lineage| {
                lineage.name.eq_ignore_ascii_case(wanted)
                    || lineage
                        .name
                        .rsplit('.')
                        .next()
                        .is_some_and(|n| n.eq_ignore_ascii_case(wanted))
            });
            if explanation.attributes.is_empty() {
                let short = known.iter().filter_map(|name| name.rsplit('.').next());
                let near = trib_compiler::diagnostics::nearest(wanted, short);
                return Err(
                    Error::refused(format!("no rule flows an attribute `{wanted}`")).help(
                        near.map_or_else(
                            || format!("there are {}", known.join(", ")),
                            |near| format!("did you mean `{near}`?"),
                        ),
                    ),
                );
            }
        }
        Ok(explanation)
    }

    /// What evaluates the store as it is, at an instant.
    pub(crate) fn reader(&self, now: Ticks) -> Synchronizer<'_> {
        Synchronizer::new(&self.store, &self.program, &self.parameters, now)
    }

    /// Lineage of a metaverse object at an instant.
    pub(crate) fn lineage(&self, id: i64, now: Ticks) -> Result<Explanation, Error> {
        let Some(object) = self.store.object(id)? else {
            return Err(Error::internal(
                "the object vanished while it was looked at",
            ));
        };
        let mut explanation = Explanation {
            object: self.describe(&object)?,
            attributes: Vec::new(),
            scopes: Vec::new(),
            errors: self.errors_of(Some(id), &self.store.entries_of(id)?)?,
        };
        self.explain_object(&self.reader(now), &object, &mut explanation)?;
        Ok(explanation)
    }

    /// The scopes of all entries that are linked to no object.
    pub(crate) fn unlinked_scopes(&self, now: Ticks) -> Result<Vec<ScopeResult>, Error> {
        let mut scopes = Vec::new();
        for ty in self.program.connectors.iter().flat_map(|(_, types)| types) {
            for id in self.store.entries_of_type(ty.number)? {
                let entry = self.store.entry(id)?.filter(|entry| entry.object.is_none());
                if let Some(entry) = entry {
                    scopes.extend(self.explain_unlinked(&self.reader(now), &entry)?.scopes);
                }
            }
        }
        Ok(scopes)
    }

    fn find(&self, name: &str) -> Result<Option<Subject>, Error> {
        if let Ok(id) = name.parse::<i64>()
            && self.store.object(id)?.is_some()
        {
            return Ok(Some(Subject::Object(id)));
        }
        let mut anchors = vec![name.as_bytes().to_vec()];
        if let Some(guid) = notation::guid::parse(name) {
            anchors.push(guid.to_vec());
        }
        if let Some(bytes) = crate::json::from_base64(name) {
            anchors.push(bytes);
        }
        for (number, _) in &self.program.connectors {
            for anchor in &anchors {
                if let Some(entry) = self.store.entry_by_anchor(*number, anchor)? {
                    return Ok(Some(entry.into()));
                }
            }
            if name.contains('=')
                && let Some(entry) = self.store.entry_by_dn(*number, &dn_key(name))?
            {
                return Ok(Some(entry.into()));
            }
        }
        self.find_by_login(name)
    }

    fn find_by_login(&self, name: &str) -> Result<Option<Subject>, Error> {
        for (ir, ty) in self
            .program
            .rules
            .metaverse
            .iter()
            .zip(&self.program.metaverse)
        {
            let slot = ir
                .attributes
                .iter()
                .position(|a| a.name.eq_ignore_ascii_case("userPrincipalName"));
            let Some(Some(Place::Slot(slot))) = slot.map(|slot| ty.layout.places.get(slot)) else {
                continue;
            };
            for id in self.store.objects_of_type(ty.number)? {
                let Some(object) = self.store.object(id)? else {
                    continue;
                };
                let bump = Bump::new();
                if Row::new(&object.row)
                    .get(*slot, &bump)
                    .equals(Value::Text(name), false)
                {
                    return Ok(Some(Subject::Object(id)));
                }
            }
        }
        Ok(None)
    }

    fn describe(&self, object: &Object) -> Result<Json, Error> {
        let end = self.program.end(object.object_type);
        let ty = end
            .and_then(|end| self.program.ir_type(end))
            .map(|ty| ty.name.clone());
        let mut entries = Vec::new();
        for entry in self.store.entries_of(object.id)? {
            entries.push(self.describe_entry(&entry));
        }
        Ok(json!({ "id": object.id, "type": ty, "ended": object.ended, "entries": entries }))
    }

    fn describe_entry(&self, entry: &Entry) -> Json {
        let connector = self.program.connector(entry.connector);
        let name = connector.map(|at| self.program.connector_name(at));
        let ty = entry.object_type.and_then(|ty| self.program.end(ty));
        let ty = ty
            .and_then(|end| self.program.ir_type(end))
            .map(|ty| ty.name.clone());
        json!({
            "connector": name,
            "type": ty,
            "dn": Some(&entry.dn).filter(|dn| !dn.is_empty()),
            "anchor": entry.anchor.as_deref().map(show_anchor),
            "rule": entry.link_rule,
        })
    }

    /// An entry without an object: only the scopes can tell why.
    fn explain_unlinked(
        &self,
        synchronizer: &Synchronizer<'_>,
        entry: &Entry,
    ) -> Result<Explanation, Error> {
        let object = json!({ "id": null, "type": null, "ended": null, "entries": [self.describe_entry(entry)] });
        let mut explanation = Explanation {
            object,
            attributes: Vec::new(),
            scopes: Vec::new(),
            errors: self.errors_of(None, std::slice::from_ref(entry))?,
        };
        self.entry_scopes(synchronizer, entry, &mut explanation)?;
        Ok(explanation)
    }

    fn entry_scopes(
        &self,
        synchronizer: &Synchronizer<'_>,
        entry: &Entry,
        explanation: &mut Explanation,
    ) -> Result<(), Error> {
        let Some(end) = entry.object_type.and_then(|ty| self.program.end(ty)) else {
            return Ok(());
        };
        let bump = Bump::new();
        let env = synchronizer.entry_env(entry, end, &bump)?;
        for (rule, linked) in self.program.rules.inbound.iter().zip(&self.program.inbound) {
            if rule.source == end {
                let result = synchronizer.in_scope(rule, linked, &env, &mut Frame::default());
                explanation.scopes.push(scope_result(rule, result)?);
            }
        }
        Ok(())
    }

    fn explain_object(
        &self,
        synchronizer: &Synchronizer<'_>,
        object: &Object,
        explanation: &mut Explanation,
    ) -> Result<(), Error> {
        let Some(end) = self.program.end(object.object_type) else {
            return Ok(());
        };
        let entries = self.store.entries_of(object.id)?;
        for entry in &entries {
            self.entry_scopes(synchronizer, entry, explanation)?;
        }
        let bump = Bump::new();
        self.explain_inbound(synchronizer, object, end, &entries, &bump, explanation)?;
        self.explain_outbound(synchronizer, object, end, &entries, &bump, explanation)
    }

    fn explain_inbound<'a>(
        &'a self,
        synchronizer: &'a Synchronizer<'_>,
        object: &'a Object,
        end: End,
        entries: &'a [Entry],
        bump: &'a Bump,
        explanation: &mut Explanation,
    ) -> Result<(), Error> {
        let Some((ir, ty)) = self.program.ir_type(end).zip(self.program.object_type(end)) else {
            return Ok(());
        };
        let sources = match synchronizer.sources(entries, bump) {
            Ok(sources) => sources,
            Err(Trouble::Store(error)) => return Err(error),
            Err(Trouble::Object(_)) => return Ok(()),
        };
        let contributions = match synchronizer.contributions(object, end, &sources, bump) {
            Ok(contributions) => contributions,
            Err(Trouble::Store(error)) => return Err(error),
            Err(Trouble::Object(_)) => return Ok(()),
        };
        for (attribute, place) in ir.attributes.iter().zip(&ty.layout.places) {
            let mut offers = Vec::new();
            let winner;
            let value;
            match place {
                Place::Slot(slot) => {
                    let list = contributions
                        .values
                        .get(*slot)
                        .map_or(&[][..], Vec::as_slice);
                    let resolved = Resolution::of(list, bump);
                    value = to_json(resolved.value.unwrap_or(Value::Absent));
                    winner = resolved.winner;
                    for offer in list {
                        offers.push((offer.rule, offer.flow, offer.source, to_json(offer.value)));
                    }
                }
                Place::Reference(number) => {
                    let known = contributions
                        .references
                        .iter()
                        .find(|(known, _)| known == number);
                    let list = known.map_or(&[][..], |(_, list)| list.as_slice());
                    let (targets, strongest) = crate::sync::union(list);
                    winner = strongest;
                    value = self.object_names(&targets)?;
                    for offer in list {
                        let names = self.object_names(&offer.targets)?;
                        offers.push((offer.rule, offer.flow, offer.source, names));
                    }
                }
                Place::Dn => continue,
            }
            let told = offers.iter().filter_map(|(rule, flow, source, value)| {
                let rule = self.program.rules.inbound.get(*rule)?;
                let source = sources.get(*source)?;
                let flow = rule.flows.get(*flow)?;
                let from = self.program.connector_name(source.connector);
                let inputs = self.inputs(flow, source.end, &source.env);
                Some(told(
                    rule,
                    flow,
                    from,
                    &source.entry.dn,
                    inputs,
                    value.clone(),
                ))
            });
            let told: Vec<Contribution> = told.collect();
            explanation.attributes.push(lineage(
                format!("{}.{}", ir.name, attribute.name),
                value,
                told,
                winner,
            ));
        }
        Ok(())
    }

    fn object_names(&self, ids: &[i64]) -> Result<Json, Error> {
        let mut names = Vec::new();
        for id in ids {
            let entry = self.store.entries_of(*id)?.into_iter().next();
            names.push(match entry {
                Some(entry) => Json::from(self.name_of(entry.id)?),
                None => json!(id),
            });
        }
        Ok(Json::Array(names))
    }

    fn explain_outbound<'a>(
        &'a self,
        synchronizer: &'a Synchronizer<'_>,
        object: &'a Object,
        end: End,
        entries: &[Entry],
        bump: &'a Bump,
        explanation: &mut Explanation,
    ) -> Result<(), Error> {
        let env = synchronizer.object_env(object, end, bump)?;
        for (rule, linked) in self
            .program
            .rules
            .outbound
            .iter()
            .zip(&self.program.outbound)
        {
            if rule.source == end {
                let result = synchronizer.in_scope(rule, linked, &env, &mut Frame::default());
                explanation.scopes.push(scope_result(rule, result)?);
            }
        }
        for connector in 0..self.program.connectors.len() {
            let offers = match synchronizer.offers_to(object, end, connector, entries, bump) {
                Ok(offers) => offers,
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Object(_)) => continue,
            };
            for OutboundOffer {
                target,
                slot,
                list,
                resolved,
            } in offers
            {
                let Some(ir) = self.program.ir_type(target) else {
                    continue;
                };
                let Some(attribute) = ir.attributes.get(slot) else {
                    continue;
                };
                let told = list.iter().filter_map(|(rule, flow, value)| {
                    let rule = self.program.rules.outbound.get(*rule)?;
                    let flow = rule.flows.get(*flow)?;
                    let inputs = self.inputs(flow, end, &env);
                    let source = object.id.to_string();
                    Some(told(
                        rule,
                        flow,
                        "metaverse",
                        &source,
                        inputs,
                        value.clone(),
                    ))
                });
                let told: Vec<Contribution> = told.collect();
                let name = self.program.connector_name(connector);
                explanation.attributes.push(lineage(
                    format!("{name}.{}.{}", ir.name, attribute.name),
                    resolved.1,
                    told,
                    resolved.0,
                ));
            }
        }
        Ok(())
    }

    /// The attributes that a flow reads, with their values.
    fn inputs(&self, flow: &Flow, end: End, env: &Env<'_>) -> Json {
        let mut read: Vec<usize> = Vec::new();
        flow.value.walk(&mut |expr| {
            if let Expr::Attribute(slot) = expr
                && !read.contains(slot)
            {
                read.push(*slot);
            }
        });
        let ir = self.program.ir_type(end);
        let ty = self.program.object_type(end);
        let mut inputs = Map::new();
        for slot in read {
            let attribute = ir.and_then(|ir| ir.attributes.get(slot));
            let place = ty.and_then(|ty| ty.layout.places.get(slot));
            let (Some(attribute), Some(place)) = (attribute, place) else {
                continue;
            };
            let value = match place {
                Place::Slot(slot) => env.object.row.get(*slot, env.bump),
                Place::Dn => Value::Dn(env.object.dn),
                Place::Reference(number) => {
                    let known = env
                        .object
                        .references
                        .iter()
                        .find(|(known, _)| known == number);
                    known.map_or(Value::Absent, |(_, value)| *value)
                }
            };
            inputs.insert(attribute.name.clone(), to_json(value));
        }
        Json::Object(inputs)
    }
}

fn told(
    rule: &Rule,
    flow: &Flow,
    connector: &str,
    source: &str,
    inputs: Json,
    value: Json,
) -> Contribution {
    Contribution {
        rule: rule.name.clone(),
        at: flow.origin.to_string(),
        connector: connector.to_owned(),
        source: source.to_owned(),
        inputs,
        value,
    }
}

fn lineage(
    name: String,
    value: Json,
    mut told: Vec<Contribution>,
    winner: Option<usize>,
) -> AttributeLineage {
    let absent = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    let absent_because = absent.then(|| match told.as_slice() {
        [] => "no rule in scope flows it".to_owned(),
        list => {
            let flows: Vec<String> = list
                .iter()
                .map(|told| format!("\"{}\" ({})", told.rule, told.at))
                .collect();
            format!("the flows of {} gave no value", flows.join(", "))
        }
    });
    let winner = winner
        .filter(|at| *at < told.len())
        .map(|at| told.remove(at));
    AttributeLineage {
        name,
        value,
        winner,
        losers: told,
        absent_because,
    }
}

fn scope_result(
    rule: &Rule,
    result: Result<Result<(), usize>, Trouble>,
) -> Result<ScopeResult, Error> {
    let (in_scope, failed) = match result {
        Ok(Ok(())) => (true, None),
        Ok(Err(at)) => (false, rule.scope.get(at).map(|clause| clause.text.clone())),
        Err(Trouble::Object(failed)) => {
            let Failed { failure, .. } = *failed;
            (false, Some(failure.message))
        }
        Err(Trouble::Store(error)) => return Err(error),
    };
    Ok(ScopeResult {
        rule: rule.name.clone(),
        in_scope,
        failed,
    })
}

/// A guid as text, an id of Entra as it is.
fn show_anchor(anchor: &[u8]) -> String {
    match std::str::from_utf8(anchor) {
        Ok(text) if anchor.len() != 16 => text.to_owned(),
        _ => notation::guid::print(anchor).unwrap_or_else(|| notation::hex::print(anchor)),
    }
}
