//! Which rules, flows and branches the tests reach.
//!
//! Branches are counted by probes, which stand only in rules that were checked to be measured; rules
//! and flows are observed after each cycle, in what the lineage of every object says.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value as Json;
use trib_compiler::Sources;
use trib_compiler::diagnostics::position;
use trib_compiler::ir::{Deprovision, End, Expr, Flow, Mode, ObjectType, Rule, Rules};
use trib_compiler::probe::{Construct, Point, Watch};

use super::Running;
use crate::error::Error;
use crate::eval::Counts;
use crate::plan::Plan;

/// What the tests reached, by file: `coverage` in the document of `trib test`.
///
/// ```json
/// {"summary": {"rules": {"reached": 1, "total": 2}, "flows": {…}, "branches": {…}},
///  "files": [{"file": "rules/a.trib",
///    "rules": [{"name": "In", "line": 3, "evaluated": 4, "in_scope": 2}],
///    "flows": [{"rule": "In", "attribute": "title", "line": 9, "evaluated": 2, "won": 1}],
///    "branches": [{"line": 9, "construct": "if|match|??|scope", "of": "text of what decides",
///                  "side": "then", "text": "text of the side", "taken": 0}]}]}
/// ```
///
/// A rule is reached that was in scope of some object, a flow that won (of a merge: that gave
/// values), a branch that was taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Coverage {
    /// All files together.
    pub summary: Summary,
    /// The files that have rules, in the order of the program.
    pub files: Vec<FileCoverage>,
}

/// How much was reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Rules in scope.
    pub rules: Share,
    /// Flows that won.
    pub flows: Share,
    /// Branches taken.
    pub branches: Share,
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The part.
    pub reached: usize,
    /// The whole.
    pub total: usize,
}

/// The coverage of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileCoverage {
    /// The file.
    pub file: String,
    /// Its rules.
    pub rules: Vec<RuleCoverage>,
    /// Its flows.
    pub flows: Vec<FlowCoverage>,
    /// Its branches.
    pub branches: Vec<BranchCoverage>,
}

/// The coverage of a rule; counts are objects, in each cycle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleCoverage {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub line: u32,
    /// Objects whose scope was looked at.
    pub evaluated: u64,
    /// Objects in scope.
    pub in_scope: u64,
}

/// The coverage of a flow; counts are objects, in each cycle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowCoverage {
    /// Its rule.
    pub rule: String,
    /// The attribute it writes.
    pub attribute: String,
    /// Where it stands.
    pub line: u32,
    /// Objects it was evaluated for.
    pub evaluated: u64,
    /// Objects that got its value.
    pub won: u64,
}

/// The coverage of one side of a construct.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BranchCoverage {
    /// Where what decides stands.
    pub line: u32,
    /// The construct.
    pub construct: Construct,
    /// Text of what decides.
    pub of: String,
    /// The side.
    pub side: String,
    /// Text of the side.
    pub text: String,
    /// How often it was taken.
    pub taken: u64,
    /// The constructs of a file are numbered: sides of one have one number.
    #[serde(skip)]
    pub block: usize,
}

impl Summary {
    /// Of one file.
    pub fn of(file: &FileCoverage) -> Summary {
        Summary {
            rules: Share::of(file.rules.iter().map(|rule| rule.in_scope)),
            flows: Share::of(file.flows.iter().map(|flow| flow.won)),
            branches: Share::of(file.branches.iter().map(|branch| branch.taken)),
        }
    }
}

impl Share {
    fn of(counts: impl Iterator<Item = u64>) -> Share {
        counts.fold(Share::default(), |share, count| Share {
            reached: share.reached + usize::from(count > 0),
            total: share.total + 1,
        })
    }

    fn add(&mut self, other: Share) {
        self.reached += other.reached;
        self.total += other.total;
    }
}

/// A flow: file, line, rule and attribute.
type FlowKey = (String, u32, String, String);
/// A rule: file, line and name.
type RuleKey = (String, u32, String);

/// What is measured while tests run.
pub(super) struct Meter<'p> {
    points: &'p [Point],
    pub counts: Arc<Counts>,
    rules: BTreeMap<RuleKey, (u64, u64)>,
    flows: BTreeMap<FlowKey, FlowCount>,
    /// The points that stand in rules that take part.
    live: HashSet<usize>,
}

#[derive(Default)]
struct FlowCount {
    /// Evaluated, as observed.
    offered: u64,
    won: u64,
    /// Points at which it is counted too: an evaluation that fails offers nothing.
    points: Vec<usize>,
}

impl<'p> Meter<'p> {
    /// Readies rules to be measured.
    pub fn new(rules: &mut Rules, points: &'p [Point]) -> Meter<'p> {
        let mut meter = Meter {
            points,
            counts: Arc::new(Counts::new(0)),
            rules: BTreeMap::new(),
            flows: BTreeMap::new(),
            live: HashSet::new(),
        };
        let mut next = points.len();
        let names = Names::of(rules);
        for rule in rules.inbound.iter_mut().chain(&mut rules.outbound) {
            meter.rules.insert(rule_key(rule), (0, 0));
            for clause in &rule.scope {
                meter.see(&clause.condition);
            }
            for term in rule.joins.iter().flat_map(|join| &join.terms) {
                meter.see(&term.source);
            }
            let (name, target) = (rule.name.clone(), rule.target);
            let disable: &mut [Flow] = match &mut rule.deprovision {
                Deprovision::Disable(flows) => flows,
                _ => &mut [],
            };
            for flow in rule.flows.iter_mut().chain(disable) {
                meter.see(&flow.value);
                let attribute = names.attribute(target, flow.target);
                let counted = meter
                    .flows
                    .entry(flow_key(&name, flow, attribute))
                    .or_default();
                // A plain copy is left alone: references are copied without a value.
                if !matches!(flow.value, Expr::Attribute(_)) {
                    counted.points.push(next);
                    let value = std::mem::replace(&mut flow.value, Expr::Skip);
                    flow.value = Expr::Probe {
                        point: next,
                        watch: Watch::Reached,
                        value: Box::new(value),
                    };
                    next += 1;
                }
            }
        }
        meter.counts = Arc::new(Counts::new(next));
        meter
    }

    fn see(&mut self, expr: &Expr) {
        expr.walk(&mut |expr| {
            if let Expr::Probe { point, watch, .. } = expr {
                self.live.insert(*point);
                if *watch == Watch::Outcome {
                    self.live.insert(point + 1);
                }
            }
        });
    }

    /// Observes the objects after a cycle, and what its plan wrote.
    pub fn observe(&mut self, running: &Running, plan: &Plan) -> Result<(), Error> {
        let engine = &running.engine;
        for change in plan.changes.iter().flat_map(|change| &change.attributes) {
            self.won(&change.rule, &change.at, &change.name);
        }
        let mut scopes = Vec::new();
        for ty in &engine.program.metaverse {
            for id in engine.store.objects_of_type(ty.number)? {
                let lineage = engine.lineage(id, running.now)?;
                scopes.extend(lineage.scopes);
                for attribute in &lineage.attributes {
                    let name = attribute.name.rsplit('.').next().unwrap_or_default();
                    if let Some(winner) = &attribute.winner {
                        self.won(&winner.rule, &winner.at, name);
                    }
                    for loser in &attribute.losers {
                        let gave = match &loser.value {
                            Json::Null => false,
                            Json::Array(items) => !items.is_empty(),
                            _ => true,
                        };
                        let merges = engine.program.rules.inbound.iter();
                        let merges = merges.chain(&engine.program.rules.outbound).any(|rule| {
                            rule.name == loser.rule
                                && rule.flows.iter().any(|flow| {
                                    matches!(flow.mode, Mode::Merge | Mode::MergeIgnoringCase)
                                        && flow.origin.to_string() == loser.at
                                })
                        });
                        if gave && merges {
                            self.won(&loser.rule, &loser.at, name);
                        } else if let Some(flow) = self.flow(&loser.rule, &loser.at, name) {
                            flow.offered += 1;
                        }
                    }
                }
            }
        }
        scopes.extend(engine.unlinked_scopes(running.now)?);
        for scope in scopes {
            for ((.., name), (evaluated, in_scope)) in &mut self.rules {
                if *name == scope.rule {
                    *evaluated += 1;
                    *in_scope += u64::from(scope.in_scope);
                }
            }
        }
        Ok(())
    }

    fn won(&mut self, rule: &str, at: &str, attribute: &str) {
        if let Some(flow) = self.flow(rule, at, attribute) {
            flow.offered += 1;
            flow.won += 1;
        }
    }

    fn flow(&mut self, rule: &str, at: &str, attribute: &str) -> Option<&mut FlowCount> {
        let (file, line) = at.rsplit_once(':')?;
        let key = (
            file.to_owned(),
            line.parse().ok()?,
            rule.to_owned(),
            attribute.to_owned(),
        );
        self.flows.get_mut(&key)
    }

    /// What was reached, in the first `files` of the sources: those that were given.
    pub fn coverage(&self, sources: &Sources, files: usize) -> Coverage {
        let mut summary = Summary::default();
        let mut found = Vec::new();
        for (id, file, text) in sources.files().take(files) {
            let own = self.points.iter().enumerate();
            let own = own.filter(|(at, point)| point.of.file == id && self.live.contains(at));
            let mut own: Vec<(usize, &Point)> = own.collect();
            let construct = |point: &Point| (point.of.start, point.of.end, point.construct as u8);
            own.sort_by_key(|(_, point)| construct(point));
            let mut constructs = BTreeSet::new();
            let mut branches: Vec<BranchCoverage> = Vec::new();
            for (at, point) in own {
                constructs.insert(construct(point));
                branches.push(BranchCoverage {
                    line: position(text, point.of.start).line,
                    construct: point.construct,
                    of: one_line(sources.text(point.of)),
                    side: point.side.clone(),
                    text: one_line(sources.text(point.span)),
                    taken: self.counts.of(at),
                    block: constructs.len(),
                });
            }
            let rules = self.rules.iter().filter(|((known, ..), _)| known == file);
            let flows = self.flows.iter().filter(|((known, ..), _)| known == file);
            let file = FileCoverage {
                file: file.to_owned(),
                rules: rules
                    .map(|((_, line, name), (evaluated, in_scope))| RuleCoverage {
                        name: name.clone(),
                        line: *line,
                        evaluated: *evaluated,
                        in_scope: *in_scope,
                    })
                    .collect(),
                flows: flows
                    .map(|((_, line, rule, attribute), count)| FlowCoverage {
                        rule: rule.clone(),
                        attribute: attribute.clone(),
                        line: *line,
                        evaluated: self.evaluated(count),
                        won: count.won,
                    })
                    .collect(),
                branches,
            };
            if file.rules.is_empty() && file.branches.is_empty() {
                continue;
            }
            let of = Summary::of(&file);
            summary.rules.add(of.rules);
            summary.flows.add(of.flows);
            summary.branches.add(of.branches);
            found.push(file);
        }
        Coverage {
            summary,
            files: found,
        }
    }

    fn evaluated(&self, flow: &FlowCount) -> u64 {
        let counted: u64 = flow.points.iter().map(|at| self.counts.of(*at)).sum();
        counted.max(flow.offered)
    }
}

/// Names of attributes by type and place.
struct Names(HashMap<End, Vec<String>>);

impl Names {
    fn of(rules: &Rules) -> Names {
        let names = |ty: &ObjectType| ty.attributes.iter().map(|a| a.name.clone()).collect();
        let mut all = HashMap::new();
        for (at, connector) in rules.connectors.iter().enumerate() {
            for (number, ty) in connector.object_types.iter().enumerate() {
                all.insert(End::Directory(at, number), names(ty));
            }
        }
        for (at, ty) in rules.metaverse.iter().enumerate() {
            all.insert(End::Metaverse(at), names(ty));
        }
        Names(all)
    }

    fn attribute(&self, end: End, slot: usize) -> String {
        let names = self.0.get(&end);
        names
            .and_then(|names| names.get(slot))
            .cloned()
            .unwrap_or_default()
    }
}

fn rule_key(rule: &Rule) -> RuleKey {
    let origin = &rule.origin;
    (origin.file.clone(), origin.line, rule.name.clone())
}

fn flow_key(rule: &str, flow: &Flow, attribute: String) -> FlowKey {
    let origin = &flow.origin;
    (origin.file.clone(), origin.line, rule.to_owned(), attribute)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
