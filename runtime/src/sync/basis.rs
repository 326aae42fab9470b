//! What a change of rules concerns.
//!
//! Of the rules that a store was evaluated with it keeps, rule by rule, a hash of what the rule means
//! and one of the texts and places that errors and plans quote. Numbers are replaced by names first, so
//! that a rule is the same one wherever it stands among others.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use trib_compiler::ir::{Deprovision, End, Expr, Flow, JoinTarget, ObjectType, Rule, Rules};

use super::{Parameters, Program, keys};
use crate::engine::hex;
use crate::error::Error;
use crate::object::Row;
use crate::store::{Holder, Store};

/// An object type by its connector and name; metaverse types have no connector.
type TypeName = (String, String);

/// What is kept of the rules that a store was evaluated with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// The program that evaluated them.
    version: String,
    /// Connectors in their order, which decides between entries that are equally strong.
    connectors: Vec<String>,
    /// The rules.
    rules: BTreeSet<Digested>,
    /// Attributes that objects can be looked up by.
    indexed: BTreeSet<(TypeName, String)>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Digested {
    source: TypeName,
    meaning: String,
    told: String,
}

/// What has to be evaluated again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// Everything.
    All,
    /// Some object types.
    Some {
        /// Types whose rules mean something else now.
        types: BTreeSet<TypeName>,
        /// Types with attributes that were not looked up before.
        indexed: BTreeSet<TypeName>,
        /// Types with rules that stand elsewhere or changed: what errors and planned writes say of them
        /// is out of date.
        moved: BTreeSet<TypeName>,
    },
}

impl Basis {
    /// That of a rule set with these parameters.
    pub fn of(rules: &Rules, parameters: &Parameters) -> Basis {
        let namer = Namer { rules, parameters };
        let both = rules.inbound.iter().chain(&rules.outbound);
        let mut indexed = BTreeSet::new();
        for (connector, ty) in types(rules) {
            for attribute in ty.attributes.iter().filter(|attribute| attribute.indexed) {
                let ty = (connector.to_owned(), ty.name.clone());
                indexed.insert((ty, attribute.name.clone()));
            }
        }
        Basis {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            connectors: rules.connectors.iter().map(|c| c.name.clone()).collect(),
            rules: both.map(|rule| namer.digest(rule)).collect(),
            indexed,
        }
    }

    /// What has to be evaluated again where `before` was the basis.
    pub fn since(&self, before: &Basis) -> Stale {
        let common = |a: &Basis, b: &Basis| -> Vec<String> {
            let both = a
                .connectors
                .iter()
                .filter(|name| b.connectors.contains(name));
            both.cloned().collect()
        };
        if self.version != before.version || common(self, before) != common(before, self) {
            return Stale::All;
        }
        let meanings = |basis: &Basis| -> BTreeSet<(TypeName, String)> {
            let rules = basis.rules.iter();
            rules
                .map(|rule| (rule.source.clone(), rule.meaning.clone()))
                .collect()
        };
        let (new, old) = (meanings(self), meanings(before));
        let types = new
            .symmetric_difference(&old)
            .map(|(source, _)| source.clone());
        let indexed = self.indexed.difference(&before.indexed);
        let moved = self.rules.symmetric_difference(&before.rules);
        Stale::Some {
            types: types.collect(),
            indexed: indexed.map(|(ty, _)| ty.clone()).collect(),
            moved: moved.map(|rule| rule.source.clone()).collect(),
        }
    }
}

impl Stale {
    /// Nothing has to be.
    pub fn is_none(&self) -> bool {
        let Stale::Some {
            types,
            indexed,
            moved,
        } = self
        else {
            return false;
        };
        types.is_empty() && indexed.is_empty() && moved.is_empty()
    }

    /// Marks what has to be evaluated again.
    pub fn touch(&self, store: &Store, program: &Program) -> Result<(), Error> {
        let Stale::Some {
            types,
            indexed,
            moved,
        } = self
        else {
            return store.touch_all();
        };
        for ty in indexed {
            program.index_again(store, ty)?;
        }
        for ty in types {
            store.touch_type(number(store, ty)?)?;
        }
        for ty in moved {
            store.touch_told(number(store, ty)?)?;
        }
        store.touch_waiting()
    }
}

/// The number of an object type, of which the rules may know nothing any more.
fn number(store: &Store, (connector, name): &TypeName) -> Result<i64, Error> {
    let connector = match connector.as_str() {
        "" => 0,
        connector => store.connector(connector)?,
    };
    store.object_type(connector, name)
}

fn types(rules: &Rules) -> impl Iterator<Item = (&str, &ObjectType)> {
    let directories = rules.connectors.iter().flat_map(|connector| {
        let types = connector.object_types.iter();
        types.map(|ty| (connector.name.as_str(), ty))
    });
    directories.chain(rules.metaverse.iter().map(|ty| ("", ty)))
}

/// Puts names in place of numbers.
struct Namer<'r> {
    rules: &'r Rules,
    parameters: &'r Parameters,
}

impl Namer<'_> {
    fn digest(&self, rule: &Rule) -> Digested {
        let disable: &[Flow] = match &rule.deprovision {
            Deprovision::Disable(flows) => flows,
            _ => &[],
        };
        let flows = |flows: &[Flow]| -> Vec<Json> {
            flows.iter().map(|flow| self.flow(rule, flow)).collect()
        };
        let scope = rule.scope.iter();
        let scope: Vec<Json> = scope
            .map(|clause| self.expr(rule.source, &clause.condition))
            .collect();
        let joins = rule.joins.iter().map(|join| -> Vec<Json> {
            let terms = join.terms.iter();
            terms
                .map(|term| {
                    let source = self.expr(rule.source, &term.source);
                    json!([
                        source,
                        self.join_target(rule.target, &term.target),
                        term.exact
                    ])
                })
                .collect()
        });
        let meaning = json!([
            rule.name,
            self.end(rule.source),
            self.end(rule.target),
            rule.precedence,
            rule.priority,
            rule.link,
            rule.ambiguous_continue,
            scope,
            joins.collect::<Vec<_>>(),
            matches!(rule.deprovision, Deprovision::Disconnect),
            matches!(rule.deprovision, Deprovision::Disable(_)),
            flows(disable),
            flows(&rule.flows),
        ]);
        let places = |flows: &[Flow]| -> Vec<String> {
            flows.iter().map(|flow| flow.origin.to_string()).collect()
        };
        let clauses = rule.scope.iter();
        let clauses: Vec<Json> = clauses
            .map(|clause| json!([clause.text, clause.origin]))
            .collect();
        let joins = rule.joins.iter().map(|join| join.origin.to_string());
        let told = json!([
            rule.origin,
            clauses,
            joins.collect::<Vec<_>>(),
            places(disable),
            places(&rule.flows),
        ]);
        let (connector, ty, _) = self.end(rule.source);
        Digested {
            source: (connector, ty),
            meaning: hash(&meaning),
            told: hash(&told),
        }
    }

    fn end(&self, end: End) -> (String, String, Json) {
        let ty = end.object_type(&self.rules.connectors, &self.rules.metaverse);
        let name = ty.map(|ty| ty.name.clone()).unwrap_or_default();
        match end {
            End::Directory(at, _) => {
                let connector = self.rules.connectors.get(at);
                let of = connector.map(|c| c.name.clone()).unwrap_or_default();
                (of, name, json!(connector.map(|c| c.kind)))
            }
            End::Metaverse(_) | End::Any => (String::new(), name, Json::Null),
        }
    }

    /// An attribute as evaluation sees it, not whether others read it or look it up.
    fn attribute(&self, end: End, slot: usize) -> Json {
        let ty = end.object_type(&self.rules.connectors, &self.rules.metaverse);
        json!(
            ty.and_then(|ty| ty.attributes.get(slot))
                .map(|attribute| json!([
                    attribute.name,
                    attribute.ty,
                    attribute.reference,
                    attribute.required,
                    attribute.unique,
                ]))
        )
    }

    fn flow(&self, rule: &Rule, flow: &Flow) -> Json {
        json!([
            self.attribute(rule.target, flow.target),
            flow.mode,
            flow.deferred,
            self.expr(rule.source, &flow.value),
        ])
    }

    fn join_target(&self, end: End, target: &JoinTarget) -> Json {
        match target {
            JoinTarget::Slot(slot) => self.attribute(end, *slot),
            JoinTarget::Named(name) => {
                let types = self.rules.metaverse.iter();
                let holders = types.filter_map(|ty| {
                    let found = ty.attributes.iter().find(|a| a.name == *name)?;
                    Some(json!([ty.name, found.name, found.indexed]))
                });
                json!(holders.collect::<Vec<_>>())
            }
        }
    }

    fn expr(&self, source: End, expr: &Expr) -> Json {
        let mut json = json!(expr);
        self.rename(source, &mut json, &mut BTreeMap::new());
        json
    }

    /// All keys of a serialized expression are those of the IR; names that rules give are values.
    fn rename(&self, source: End, json: &mut Json, locals: &mut BTreeMap<u64, usize>) {
        match json {
            Json::Array(items) => {
                for item in items {
                    self.rename(source, item, locals);
                }
            }
            Json::Object(fields) => {
                for (key, value) in fields {
                    let number = value.as_u64();
                    let place = number.and_then(|number| usize::try_from(number).ok());
                    match (key.as_str(), number, place) {
                        ("attribute", _, Some(slot)) => *value = self.attribute(source, slot),
                        ("parameter", _, Some(at)) => {
                            let name = self.rules.parameters.get(at);
                            let given = name.and_then(|name| self.parameters.given.get(name));
                            *value = json!([name, given]);
                        }
                        ("script", _, Some(at)) => *value = json!(self.rules.scripts.get(at)),
                        ("local", Some(local), _) => {
                            let next = locals.len();
                            *value = json!(*locals.entry(local).or_insert(next));
                        }
                        _ => self.rename(source, value, locals),
                    }
                }
            }
            _ => {}
        }
    }
}

fn hash(json: &Json) -> String {
    hex(&Sha256::digest(json.to_string()))
}

impl Program {
    /// Makes every object of a type be found by all attributes that are looked up now.
    fn index_again(&self, store: &Store, (connector, name): &TypeName) -> Result<(), Error> {
        let directories = self.rules.connectors.iter().zip(&self.connectors);
        let directory = directories
            .filter(|(ir, _)| ir.name == *connector)
            .flat_map(|(ir, (_, types))| ir.object_types.iter().zip(types));
        let metaverse = self.rules.metaverse.iter().zip(&self.metaverse);
        let found = match connector.as_str() {
            "" => metaverse.into_iter().find(|(ty, _)| ty.name == *name),
            _ => directory.into_iter().find(|(ty, _)| ty.name == *name),
        };
        let Some((_, ty)) = found else { return Ok(()) };
        let (kind, holders) = match connector.as_str() {
            "" => (Holder::Object, store.objects_of_type(ty.number)?),
            _ => (Holder::Entry, store.entries_of_type(ty.number)?),
        };
        for id in holders {
            let row = match kind {
                Holder::Object => store.object(id)?.map(|object| object.row),
                _ => store.entry(id)?.map(|entry| entry.row),
            };
            let row = row.unwrap_or_default();
            let bump = bumpalo::Bump::new();
            let indexed = ty.indexed.iter().flat_map(|(slot, number)| {
                let value = Row::new(&row).get(*slot, &bump);
                keys(value).into_iter().map(|key| (*number, key))
            });
            store.index(kind, id, &indexed.collect::<Vec<_>>())?;
        }
        Ok(())
    }
}
