//! A project before it is written: rules in pieces, each with its line of the report.

use super::report::{Addition, ConnectorReport, Outcome, Part, Remark, Report, RuleReport};
use crate::schema::Kind;

/// A whole project.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// The product it comes from.
    pub source: &'static str,
    /// The kind of connector that stands for the cloud.
    pub target: String,
    pub connectors: Vec<Connector>,
    pub types: Vec<ObjectType>,
    pub rules: Vec<Rule>,
    /// Files that are no rules: the configuration, schemas.
    pub others: Vec<(String, String)>,
    pub remarks: Vec<Remark>,
    /// Connectors that the project does not have.
    pub strangers: Vec<ConnectorReport>,
}

/// A connected directory.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    pub name: String,
    pub kind: Kind,
    /// The file of its schema, as the file of connectors names it.
    pub schema: Option<String>,
    pub doc: String,
    /// A function that says which of its entries are read.
    pub filter: Option<String>,
    pub report: ConnectorReport,
}

/// A metaverse type.
#[derive(Debug, Clone)]
pub(super) struct ObjectType {
    pub name: String,
    pub attributes: Vec<Attribute>,
}

/// A metaverse attribute.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub name: String,
    pub ty: String,
    pub indexed: bool,
}

/// A rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub file: String,
    pub docs: Vec<String>,
    pub name: String,
    pub from: String,
    pub to: String,
    pub precedence: i64,
    pub link: &'static str,
    /// What happens to what it provisioned.
    pub deprovision: Option<&'static str>,
    pub disabled: bool,
    /// Clauses that hold whatever group holds.
    pub conditions: Vec<String>,
    pub scope: Vec<Vec<Clause>>,
    pub joins: Vec<Vec<Clause>>,
    pub flows: Vec<Flow>,
    pub report: RuleReport,
}

/// A clause of a scope or a join.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    pub text: String,
    /// Its line of the report.
    pub part: usize,
}

/// A flow.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub target: String,
    pub mode: Option<&'static str>,
    pub value: String,
    /// Its lines of the report: several where one flow carries them all, none where it is new.
    pub parts: Vec<usize>,
}

impl Rule {
    /// It is not in the project.
    pub fn is_out(&self) -> bool {
        self.report.outcome == Outcome::LeftOut
    }

    /// Takes the rule out of the project.
    pub fn leave_out(&mut self, why: impl Into<String>) {
        self.report.outcome = Outcome::LeftOut;
        self.report.why.push(why.into());
        self.report.rule = None;
        for part in &mut self.report.parts {
            if part.outcome != Outcome::LeftOut {
                part.left_out("the rule is left out");
            }
        }
        self.report.added.clear();
    }

    /// The line of the report on a flow.
    pub fn part(&mut self, part: usize) -> Option<&mut Part> {
        self.report.parts.get_mut(part)
    }

    /// Takes a flow out of the rule.
    pub fn leave_flow_out(&mut self, flow: usize, why: &str) {
        if flow >= self.flows.len() {
            return;
        }
        let flow = self.flows.remove(flow);
        if flow.parts.is_empty() {
            let own = format!("{} <- ", flow.target);
            self.report
                .added
                .retain(|added| !added.is.starts_with(&own));
        }
        for part in flow.parts {
            if let Some(part) = self.part(part) {
                part.left_out(why);
            }
        }
    }

    /// Gives a flow another value, and tells why.
    pub fn change_flow(
        &mut self,
        flow: usize,
        mode: Option<&'static str>,
        value: String,
        why: &str,
    ) {
        let Some(flow) = self.flows.get_mut(flow) else {
            return;
        };
        flow.mode = mode;
        flow.value.clone_from(&value);
        for part in flow.parts.clone() {
            if let Some(part) = self.part(part) {
                let mode = mode.map_or(String::new(), |mode| format!("{mode} "));
                part.is = Some(format!("{mode}{value}"));
                part.changed(why);
            }
        }
    }

    /// Adds a flow that the configuration does not have.
    pub fn add_flow(&mut self, target: &str, mode: Option<&'static str>, value: &str, why: &str) {
        self.flows.push(Flow {
            target: target.to_owned(),
            mode,
            value: value.to_owned(),
            parts: Vec::new(),
        });
        let mode = mode.map_or(String::new(), |mode| format!("{mode} "));
        self.report.added.push(Addition {
            is: format!("{target} <- {mode}{value}"),
            why: why.to_owned(),
        });
    }

    /// Takes the rule out of action, since it would take objects that it did not take.
    pub fn disable(&mut self, part: usize, why: &str) {
        if let Some(part) = self.part(part) {
            part.left_out(why);
        }
        if !self.disabled {
            self.disabled = true;
            self.report.changed(
                "it is disabled: without a clause that is left out it would take other objects",
            );
        }
    }
}

impl Draft {
    /// The report on the project as it stands.
    pub fn report(&self) -> Report {
        let mut report = Report {
            source: self.source.to_owned(),
            target: self.target.clone(),
            connectors: self
                .connectors
                .iter()
                .map(|known| known.report.clone())
                .collect(),
            rules: self.rules.iter().map(|rule| rule.report.clone()).collect(),
            remarks: self.remarks.clone(),
            ..Report::default()
        };
        report.connectors.extend(self.strangers.iter().cloned());
        for rule in report
            .rules
            .iter_mut()
            .filter(|rule| rule.outcome == Outcome::Kept)
        {
            let touched = rule.parts.iter().any(|part| part.outcome != Outcome::Kept);
            if touched || !rule.added.is_empty() {
                rule.outcome = Outcome::Changed;
            }
        }
        report.count();
        report
    }
}
