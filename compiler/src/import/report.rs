//! What became of everything that a configuration had.

use serde::Serialize;

/// The whole report: `report.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The product that the configuration is of.
    pub source: String,
    /// The kind of connector that stands for the cloud.
    pub target: String,
    /// Counts.
    pub summary: Summary,
    /// The connected directories.
    pub connectors: Vec<ConnectorReport>,
    /// Every rule, in the order of directions and precedences.
    pub rules: Vec<RuleReport>,
    /// What else the configuration had or lacked.
    pub remarks: Vec<Remark>,
}

/// How many rules and flows became what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Rules of the configuration.
    pub rules: usize,
    /// Rules in which everything means what it meant.
    pub rules_kept: usize,
    /// Rules of which a part means something else, or is left out.
    pub rules_changed: usize,
    /// Rules that are left out.
    pub rules_left_out: usize,
    /// Attribute flows of the configuration.
    pub flows: usize,
    /// Flows that mean what they meant.
    pub flows_kept: usize,
    /// Flows that mean something else.
    pub flows_changed: usize,
    /// Flows that are left out.
    pub flows_left_out: usize,
}

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Outcome {
    /// It means what it meant.
    #[serde(rename = "kept")]
    Kept,
    /// It is there, and means something else in a way that is told.
    #[serde(rename = "changed")]
    Changed,
    /// It is not there.
    #[serde(rename = "left out")]
    LeftOut,
}

/// A connected directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectorReport {
    /// Its identifier in the configuration.
    pub id: String,
    /// Its name in the configuration.
    pub name: String,
    /// Its name in the project; none where it is left out.
    pub connector: Option<String>,
    /// Its kind in the project, or what it is.
    pub kind: String,
    /// What is worth knowing.
    pub why: Vec<String>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleReport {
    /// Its name in the configuration.
    pub name: String,
    /// Its identifier.
    pub id: String,
    /// Its mark, if the product ships with it.
    pub tag: Option<String>,
    /// The file it was read from.
    pub from_file: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Its name in the project.
    pub rule: Option<String>,
    /// The file of the project that it, or the note about it, stands in.
    pub file: String,
    /// Why, where it is not simply kept; and what is worth knowing.
    pub why: Vec<String>,
    /// Its clauses and flows, in their order.
    pub parts: Vec<Part>,
    /// What the rule has and the configuration's had not.
    pub added: Vec<Addition>,
}

/// A clause or flow of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `scope`, `join` or `flow`.
    pub part: &'static str,
    /// The target attribute of a flow, the attribute of a clause.
    pub name: String,
    /// As the configuration says it.
    pub was: String,
    /// What became of it.
    pub outcome: Outcome,
    /// As the rule says it.
    pub is: Option<String>,
    /// Why, where it is not simply kept.
    pub why: Vec<String>,
}

/// Something new in a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Addition {
    /// As the rule says it.
    pub is: String,
    /// Why.
    pub why: String,
}

/// Something about the configuration as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What it is about: a file, an attribute, a setting.
    pub about: String,
    /// What became of it, and why.
    pub why: String,
}

impl Part {
    /// A part that is kept so far.
    pub(super) fn new(part: &'static str, name: impl Into<String>, was: impl Into<String>) -> Part {
        Part {
            part,
            name: name.into(),
            was: was.into(),
            outcome: Outcome::Kept,
            is: None,
            why: Vec::new(),
        }
    }

    /// It means something else now.
    pub(super) fn changed(&mut self, why: impl Into<String>) {
        self.outcome = self.outcome.max(Outcome::Changed);
        self.why.push(why.into());
    }

    /// It is not there.
    pub(super) fn left_out(&mut self, why: impl Into<String>) {
        self.outcome = Outcome::LeftOut;
        self.is = None;
        self.why.push(why.into());
    }
}

impl RuleReport {
    /// It means something else now.
    pub(super) fn changed(&mut self, why: impl Into<String>) {
        self.outcome = self.outcome.max(Outcome::Changed);
        self.why.push(why.into());
    }
}

impl Report {
    /// Counts what became of rules and flows.
    pub(super) fn count(&mut self) {
        let mut summary = Summary::default();
        for rule in &self.rules {
            summary.rules += 1;
            *match rule.outcome {
                Outcome::Kept => &mut summary.rules_kept,
                Outcome::Changed => &mut summary.rules_changed,
                Outcome::LeftOut => &mut summary.rules_left_out,
            } += 1;
            for part in rule.parts.iter().filter(|part| part.part == "flow") {
                summary.flows += 1;
                *match part.outcome {
                    Outcome::Kept => &mut summary.flows_kept,
                    Outcome::Changed => &mut summary.flows_changed,
                    Outcome::LeftOut => &mut summary.flows_left_out,
                } += 1;
            }
        }
        self.summary = summary;
    }
}
