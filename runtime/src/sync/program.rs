//! The rules of a bundle, linked to the rows of a store.

use std::sync::Arc;

use trib_compiler::ir::{self, Deprovision, End, Expr, Flow, JoinTarget};
use trib_compiler::notation::guid;
use trib_compiler::schema::Kind;
use trib_compiler::script::Prepared;
use trib_compiler::types::Base;

use crate::error::Error;
use crate::eval::{Counts, Layout, Linker, Node, Place, scripts};
use crate::store::{Entry, Store, TypeMap};

/// The attribute by which Entra says that Microsoft's own sync owns an object.
const OWNED: &str = "onPremisesSyncEnabled";

/// A rule set that is ready to run over a store.
#[derive(Debug)]
pub struct Program {
    /// The rules themselves.
    pub rules: ir::Rules,
    /// Script functions.
    pub scripts: Vec<Prepared>,
    /// For each connector of the rules its number in the store and its object types.
    pub connectors: Vec<(i64, Vec<TypeProgram>)>,
    /// Metaverse types.
    pub metaverse: Vec<TypeProgram>,
    /// Linked rules to the metaverse, strongest first.
    pub inbound: Vec<LinkedRule>,
    /// Linked rules to directories, strongest first.
    pub outbound: Vec<LinkedRule>,
    /// Groups that rules name by `member of`.
    pub groups: Vec<String>,
    /// Some rule reads the clock.
    pub timed: bool,
    /// Counters, where the rules are measured.
    pub counts: Option<Arc<Counts>>,
}

/// An object type over a store.
#[derive(Debug)]
pub struct TypeProgram {
    /// Its number in the store.
    pub number: i64,
    /// Slots of its rows.
    pub width: usize,
    /// Where its attributes are.
    pub layout: Layout,
    /// References that expressions read as values.
    pub read_references: Vec<i64>,
    /// Attributes that joins look up: place and number.
    pub indexed: Vec<(usize, i64)>,
    /// Slot of the mark that Microsoft's own sync owns the object.
    pub owned: Option<usize>,
}

/// A linked rule.
#[derive(Debug)]
pub struct LinkedRule {
    /// Parts of its scope.
    pub scope: Vec<Node>,
    /// Its join lines.
    pub joins: Vec<Vec<LinkedTerm>>,
    /// Its flows, in the order of the rule's.
    pub flows: Vec<LinkedFlow>,
    /// The flows of `deprovision disable`.
    pub disable: Vec<LinkedFlow>,
}

/// A linked comparison of a join.
#[derive(Debug)]
pub struct LinkedTerm {
    /// Computed from the source.
    pub source: Node,
    /// Numbers of the attributes it is looked up by.
    pub attributes: Vec<i64>,
    /// Case matters.
    pub exact: bool,
}

/// A linked flow.
#[derive(Debug)]
pub struct LinkedFlow {
    /// Its value.
    pub node: Node,
    /// Where its target is.
    pub target: Place,
    /// The source reference that it copies, if that is all it does.
    pub copy: Option<i64>,
}

impl Program {
    /// Links rules to a store; attributes that it does not know yet get their places.
    pub fn link(rules: ir::Rules, store: &Store) -> Result<Program, Error> {
        let mut connectors = Vec::new();
        for connector in &rules.connectors {
            let number = store.connector(&connector.name)?;
            let types: Result<Vec<_>, Error> = connector
                .object_types
                .iter()
                .map(|ty| {
                    let entra = connector.kind == trib_compiler::schema::Kind::Entra;
                    TypeProgram::new(store, number, ty, entra)
                })
                .collect();
            connectors.push((number, types?));
        }
        let metaverse: Result<Vec<_>, Error> = rules
            .metaverse
            .iter()
            .map(|ty| TypeProgram::new(store, 0, ty, false))
            .collect();
        let mut program = Program {
            scripts: scripts(&rules)?,
            connectors,
            metaverse: metaverse?,
            inbound: Vec::new(),
            outbound: Vec::new(),
            groups: groups(&rules),
            timed: rules
                .inbound
                .iter()
                .chain(&rules.outbound)
                .any(|rule| rule.time_dependent),
            counts: None,
            rules,
        };
        program.inbound = program.link_rules(&program.rules.inbound)?;
        program.outbound = program.link_rules(&program.rules.outbound)?;
        Ok(program)
    }

    /// The object type at an end.
    pub fn object_type(&self, end: End) -> Option<&TypeProgram> {
        match end {
            End::Directory(connector, at) => self.connectors.get(connector)?.1.get(at),
            End::Metaverse(at) => self.metaverse.get(at),
            End::Any => None,
        }
    }

    /// The object type of the rules at an end.
    pub fn ir_type(&self, end: End) -> Option<&ir::ObjectType> {
        match end {
            End::Directory(connector, at) => {
                self.rules.connectors.get(connector)?.object_types.get(at)
            }
            End::Metaverse(at) => self.rules.metaverse.get(at),
            End::Any => None,
        }
    }

    /// The end that a stored object type is.
    pub fn end(&self, object_type: i64) -> Option<End> {
        for (connector, (_, types)) in self.connectors.iter().enumerate() {
            if let Some(at) = types.iter().position(|ty| ty.number == object_type) {
                return Some(End::Directory(connector, at));
            }
        }
        self.metaverse
            .iter()
            .position(|ty| ty.number == object_type)
            .map(End::Metaverse)
    }

    /// The place among the rules' connectors of a stored connector.
    pub fn connector(&self, number: i64) -> Option<usize> {
        self.connectors
            .iter()
            .position(|(known, _)| *known == number)
    }

    /// Name of a connector by its place.
    pub fn connector_name(&self, connector: usize) -> &str {
        self.rules
            .connectors
            .get(connector)
            .map_or("", |connector| &connector.name)
    }

    /// Of the entries of an object the one that stands for it before people: the source that the
    /// strongest rule linked. The order in which directories were read has no part in it.
    pub(crate) fn main_source<'e>(&self, entries: &'e [Entry], target: i64) -> Option<&'e Entry> {
        let sources = entries
            .iter()
            .filter(|entry| entry.connector != target && !entry.dn.is_empty());
        sources.min_by_key(|entry| {
            let linked = |rule: &ir::Rule| Some(rule.name.as_str()) == entry.link_rule.as_deref();
            let at = self.rules.inbound.iter().position(linked);
            at.unwrap_or(usize::MAX)
        })
    }

    /// The connector is an Active Directory.
    pub fn is_forest(&self, connector: usize) -> bool {
        let connector = self.rules.connectors.get(connector);
        connector.is_some_and(|connector| connector.kind == Kind::Ad)
    }

    /// An anchor as writes and people name it: a guid in Active Directory, the id itself elsewhere.
    pub fn anchor_text(&self, connector: usize, anchor: &[u8]) -> String {
        let guid = self
            .is_forest(connector)
            .then(|| guid::print(anchor))
            .flatten();
        guid.unwrap_or_else(|| String::from_utf8_lossy(anchor).into_owned())
    }

    /// The anchor that [`Program::anchor_text`] shows so.
    pub fn anchor_bytes(&self, connector: usize, text: &str) -> Vec<u8> {
        let guid = self
            .is_forest(connector)
            .then(|| guid::parse(text))
            .flatten();
        guid.map_or_else(|| text.as_bytes().to_vec(), |guid| guid.to_vec())
    }

    fn link_rules(&self, rules: &[ir::Rule]) -> Result<Vec<LinkedRule>, Error> {
        rules.iter().map(|rule| self.link_rule(rule)).collect()
    }

    fn link_rule(&self, rule: &ir::Rule) -> Result<LinkedRule, Error> {
        let empty = Layout::default();
        let layout = self
            .object_type(rule.source)
            .map_or(&empty, |ty| &ty.layout);
        let linker = Linker { layout };
        let scope: Result<Vec<Node>, Error> = rule
            .scope
            .iter()
            .map(|clause| linker.link(&clause.condition))
            .collect();
        let mut joins = Vec::new();
        for join in &rule.joins {
            let terms: Result<Vec<LinkedTerm>, Error> = join
                .terms
                .iter()
                .map(|term| {
                    Ok(LinkedTerm {
                        source: linker.link(&term.source)?,
                        attributes: self.join_attributes(rule.target, &term.target),
                        exact: term.exact,
                    })
                })
                .collect();
            joins.push(terms?);
        }
        let disable = match &rule.deprovision {
            Deprovision::Disable(flows) => self.flows(rule, flows, &linker)?,
            _ => Vec::new(),
        };
        let flows = self.flows(rule, &rule.flows, &linker)?;
        Ok(LinkedRule {
            scope: scope?,
            joins,
            flows,
            disable,
        })
    }

    fn flows(
        &self,
        rule: &ir::Rule,
        flows: &[Flow],
        linker: &Linker<'_>,
    ) -> Result<Vec<LinkedFlow>, Error> {
        let linked = flows.iter().map(|flow| {
            let node = linker.link(&flow.value)?;
            let copy = match node {
                Node::Reference(attribute) => Some(attribute),
                _ => None,
            };
            let place = self
                .object_type(rule.target)
                .and_then(|ty| ty.layout.places.get(flow.target));
            let target = place.copied().ok_or_else(|| {
                Error::configuration(format!("rule `{}` flows an unknown attribute", rule.name))
                    .help("compile the rules again")
            })?;
            Ok(LinkedFlow { node, target, copy })
        });
        linked.collect()
    }

    fn join_attributes(&self, target: End, attribute: &JoinTarget) -> Vec<i64> {
        match attribute {
            JoinTarget::Slot(slot) => {
                let ty = self.object_type(target);
                ty.and_then(|ty| ty.layout.numbers.get(*slot))
                    .copied()
                    .into_iter()
                    .collect()
            }
            JoinTarget::Named(name) => {
                let types = self.rules.metaverse.iter().zip(&self.metaverse);
                let numbers = types.filter_map(|(ty, linked)| {
                    let slot = ty.attributes.iter().position(|a| a.name == *name)?;
                    linked.layout.numbers.get(slot).copied()
                });
                numbers.collect()
            }
        }
    }

    /// What a sink needs to store an import of a connector, given what is asked for.
    pub fn type_maps(&self, connector: usize, selection: &[String]) -> Vec<TypeMap> {
        let Some(ir) = self.rules.connectors.get(connector) else {
            return Vec::new();
        };
        let Some((_, types)) = self.connectors.get(connector) else {
            return Vec::new();
        };
        let pairs = ir.object_types.iter().zip(types);
        let maps = pairs.map(|(ir, linked)| TypeMap {
            name: ir.name.clone(),
            object_type: linked.number,
            width: linked.width,
            places: selection
                .iter()
                .map(|name| {
                    if name == OWNED
                        && let Some(slot) = linked.owned
                    {
                        return Some(Place::Slot(slot));
                    }
                    let slot = ir.attributes.iter().position(|a| a.name == *name)?;
                    linked.layout.places.get(slot).copied()
                })
                .collect(),
            indexed: linked.indexed.clone(),
        });
        maps.collect()
    }
}

impl TypeProgram {
    fn new(
        store: &Store,
        connector: i64,
        ty: &ir::ObjectType,
        entra: bool,
    ) -> Result<TypeProgram, Error> {
        let number = store.object_type(connector, &ty.name)?;
        let own_dn = |attribute: &ir::Attribute| {
            matches!(attribute.ty.base, Base::Dn) && !attribute.reference
        };
        let mut attributes: Vec<(&str, bool, bool)> = ty
            .attributes
            .iter()
            .map(|attribute| {
                (
                    attribute.name.as_str(),
                    attribute.reference,
                    own_dn(attribute),
                )
            })
            .collect();
        let mark = attributes.iter().position(|(name, ..)| *name == OWNED);
        if entra && mark.is_none() {
            attributes.push((OWNED, false, false));
        }
        let layout = store.layout(number, &attributes)?;
        let slot = |at: usize| match layout.places.get(at) {
            Some(Place::Slot(slot)) => Some(*slot),
            _ => None,
        };
        let owned = match entra {
            true => slot(mark.unwrap_or(ty.attributes.len())),
            false => None,
        };
        let numbered = ty.attributes.iter().enumerate();
        let indexed = numbered.clone().filter(|(_, attribute)| attribute.indexed);
        let indexed = indexed
            .filter_map(|(at, _)| Some((slot(at)?, *layout.numbers.get(at)?)))
            .collect();
        let read = numbered.filter(|(_, attribute)| attribute.read && attribute.reference);
        let read_references = read
            .filter_map(|(at, _)| layout.numbers.get(at).copied())
            .collect();
        let width = store.width(number)?;
        Ok(TypeProgram {
            number,
            width,
            layout,
            read_references,
            indexed,
            owned,
        })
    }
}

fn groups(rules: &ir::Rules) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut visit = |expr: &Expr| {
        expr.walk(&mut |expr| {
            if let Expr::MemberOf(group) = expr
                && !found.contains(group)
            {
                found.push(group.clone());
            }
        });
    };
    for rule in rules.inbound.iter().chain(&rules.outbound) {
        rule.scope
            .iter()
            .for_each(|clause| visit(&clause.condition));
        rule.flows.iter().for_each(|flow| visit(&flow.value));
    }
    found
}
