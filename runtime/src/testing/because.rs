//! Why a failed expectation found what it found: the lineage of the value, in a few lines.

use trib_compiler::ir::{End, Expr, Link, Rule};

use super::expect::{Candidate, Expectation};
use super::given::texts;
use super::{Running, show};
use crate::error::Error;
use crate::explain::{AttributeLineage, Contribution, Explanation};

/// More wrong attributes than this are not explained: the first ones tell enough.
const ATTRIBUTES: usize = 4;
/// As many lines at most, so that a failure fits a screen.
const LINES: usize = 12;

/// The rule concerned, and the reasons in lines.
#[derive(Default)]
pub(super) struct Because {
    pub rule: Option<String>,
    pub lines: Vec<String>,
}

impl Because {
    /// Says something of a rule; the first rule said is the one concerned.
    pub fn blame(&mut self, rule: &str, line: String) {
        self.rule.get_or_insert_with(|| rule.to_owned());
        self.say(line);
    }

    pub fn say(&mut self, line: String) {
        if self.lines.len() < LINES && !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }
}

impl Running {
    /// Why an object, the nearest of `count`, has other values than expected.
    pub(super) fn because(
        &self,
        candidate: &Candidate,
        expectation: &Expectation<'_>,
        wrong: &[(&str, String)],
        count: usize,
    ) -> Result<Because, Error> {
        let mut because = Because::default();
        let program = &self.engine.program;
        if count > 1 {
            let name = show::text(&self.name(candidate)?);
            because.say(format!("of {count}, the nearest is {name}"));
        }
        let end = expectation.end;
        let (Some(id), Some(ir)) = (candidate.object, program.ir_type(end)) else {
            return Ok(because);
        };
        let lineage = self.engine.lineage(id, self.now)?;
        let prefix = match end {
            End::Directory(connector, _) => format!("{}.", program.connector_name(connector)),
            _ => String::new(),
        };
        for (name, _) in wrong.iter().take(ATTRIBUTES) {
            for (expected, value) in expectation.values {
                let known = ir.attributes.iter().find(|known| known.name == *expected);
                if expected == name && known.is_some_and(|known| known.reference) {
                    self.unreferred(candidate, name, &texts(value), &mut because)?;
                }
            }
            let full = format!("{prefix}{}.{name}", ir.name);
            self.value_of(&lineage, &full, name, end, &mut because);
        }
        Ok(because)
    }

    /// Labels and dns of an expected reference that mean no object there.
    fn unreferred(
        &self,
        candidate: &Candidate,
        name: &str,
        texts: &[&str],
        because: &mut Because,
    ) -> Result<(), Error> {
        for text in texts {
            if self.referred(candidate, text)?.is_none() {
                let text = show::text(text);
                because.say(format!("{name}: {text} has no object it could point to"));
            }
        }
        Ok(())
    }

    /// Where the value of an attribute comes from; of a target's, back to the directory.
    fn value_of(
        &self,
        lineage: &Explanation,
        full: &str,
        name: &str,
        end: End,
        because: &mut Because,
    ) {
        let told = lineage.attributes.iter().find(|known| known.name == full);
        let mut inputs: Vec<String> = Vec::new();
        if let Some(told) = told {
            tell(told, name, because);
            let flows = told.winner.iter().chain(&told.losers);
            inputs.extend(flows.flat_map(read));
        }
        let attribute = full.rsplit('.').next().unwrap_or(full);
        for rule in self.rules_to(end) {
            let Some(flow) = self.flow_to(rule, attribute) else {
                continue;
            };
            let mut scopes = lineage
                .scopes
                .iter()
                .filter(|scope| scope.rule == rule.name);
            let in_scope = scopes.clone().any(|scope| scope.in_scope);
            let at = &flow.origin;
            if in_scope && told.is_none() {
                because.blame(
                    &rule.name,
                    format!("{name}: \"{}\" ({at}) flows it", rule.name),
                );
                inputs.extend(self.names_read(rule.source, &flow.value));
            } else if !in_scope
                && let Some(clause) = scopes.find_map(|scope| scope.failed.as_deref())
            {
                let rule = &rule.name;
                because.blame(
                    rule,
                    format!("{name}: \"{rule}\" ({at}) is out of scope: {clause}"),
                );
            }
        }
        let source = self.rules_to(end).map(|rule| rule.source).find(|source| {
            let own = lineage.object.get("type").and_then(|name| name.as_str());
            let ir = self.engine.program.ir_type(*source);
            matches!(source, End::Metaverse(_)) && ir.map(|ir| ir.name.as_str()) == own
        });
        let ir = source.and_then(|end| Some((end, self.engine.program.ir_type(end)?)));
        let Some((end, ir)) = ir else { return };
        for input in inputs {
            let full = format!("{}.{input}", ir.name);
            self.value_of(lineage, &full, &full, end, because);
        }
    }

    /// Which rule made an object that should not be there.
    pub(super) fn maker(&self, found: &Candidate) -> Result<Because, Error> {
        let mut because = Because::default();
        let store = &self.engine.store;
        let rules = &self.engine.program.rules;
        let entries = found.object.map(|id| store.entries_of(id)).transpose()?;
        let entries = entries.unwrap_or_default();
        if let Some(id) = found.entry {
            let entry = store.entry(id)?;
            let name = entry.as_ref().and_then(|entry| entry.link_rule.as_deref());
            let simulated = entry
                .as_ref()
                .and_then(|entry| entry.anchor.as_deref())
                .is_some_and(|anchor| anchor.starts_with(b"simulated-"));
            let rule = rules
                .outbound
                .iter()
                .find(|rule| Some(rule.name.as_str()) == name);
            if let Some(rule) = rule {
                let what = if simulated { "made it" } else { "joined it" };
                because.blame(&rule.name, format!("{} {what}", named(rule)));
            } else if !simulated {
                because.say("it was given".to_owned());
                return Ok(because);
            } else {
                because.say("no rule keeps it any more, and none deleted it".to_owned());
            }
        }
        for entry in &entries {
            let name = entry.link_rule.as_deref();
            let rule = rules
                .inbound
                .iter()
                .find(|rule| Some(rule.name.as_str()) == name);
            if let Some(rule) = rule {
                let of = show::text(&entry.dn);
                let what = match rule.link {
                    Link::Provision => "brings the object of",
                    Link::Join | Link::Sticky => "joins",
                };
                because.blame(&rule.name, format!("{} {what} {of}", named(rule)));
            }
        }
        Ok(because)
    }

    /// The name of a candidate, for people.
    fn name(&self, candidate: &Candidate) -> Result<String, Error> {
        let entry = match (candidate.entry, candidate.object) {
            (Some(entry), _) => Some(entry),
            (None, Some(object)) => {
                let entries = self.engine.store.entries_of(object)?;
                entries.first().map(|entry| entry.id)
            }
            _ => None,
        };
        let name = entry.map(|id| self.engine.name_of(id)).transpose()?;
        Ok(name.unwrap_or_default())
    }

    /// The rules that write to an end, strongest first.
    pub(super) fn rules_to(&self, end: End) -> impl Iterator<Item = &Rule> {
        let rules = &self.engine.program.rules;
        let all = rules.inbound.iter().chain(&rules.outbound);
        all.filter(move |rule| rule.target == end)
    }

    fn flow_to<'r>(&self, rule: &'r Rule, name: &str) -> Option<&'r trib_compiler::ir::Flow> {
        let ir = self.engine.program.ir_type(rule.target)?;
        rule.flows.iter().find(|flow| {
            let attribute = ir.attributes.get(flow.target);
            attribute.is_some_and(|attribute| attribute.name == name)
        })
    }

    fn names_read(&self, end: End, value: &Expr) -> Vec<String> {
        let ir = self.engine.program.ir_type(end);
        let mut names = Vec::new();
        value.walk(&mut |expr| {
            if let Expr::Attribute(slot) = expr
                && let Some(attribute) = ir.and_then(|ir| ir.attributes.get(*slot))
            {
                names.push(attribute.name.clone());
            }
        });
        names
    }
}

/// A rule and where it stands.
pub(super) fn named(rule: &Rule) -> String {
    format!("\"{}\" ({})", rule.name, rule.origin)
}

/// The attributes that a flow read.
fn read(flow: &Contribution) -> Vec<String> {
    let inputs = flow.inputs.as_object().into_iter().flatten();
    inputs.map(|(name, _)| name.clone()).collect()
}

/// The lineage of one attribute.
fn tell(lineage: &AttributeLineage, name: &str, because: &mut Because) {
    let place = |flow: &Contribution| format!("\"{}\" ({})", flow.rule, flow.at);
    if let Some(winner) = &lineage.winner {
        let gave = match lineage.value.is_null() {
            true => "cleared it".to_owned(),
            false => format!("gave {}", show::json(&winner.value)),
        };
        let line = format!("{name}: {} {gave}{}", place(winner), from(winner));
        because.blame(&winner.rule, line);
    } else if lineage.losers.is_empty() {
        because.say(format!("{name}: no rule in scope flows it"));
    }
    for loser in &lineage.losers {
        let (place, from) = (place(loser), from(loser));
        let line = match (&lineage.winner, &loser.value) {
            (_, value) if is_nothing(value) => format!("{name}: {place} gave no value{from}"),
            (None, value) => format!("{name}: {place} gave {}{from}", show::json(value)),
            (Some(_), value) if lineage.value.is_array() => {
                format!("{name}: {place} added {}{from}", show::json(value))
            }
            (Some(_), value) => {
                format!("{name}: {place} gave {}{from}, and lost", show::json(value))
            }
        };
        because.blame(&loser.rule, line);
    }
}

fn is_nothing(value: &serde_json::Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// What a flow read, and of which object.
fn from(flow: &Contribution) -> String {
    let inputs = flow.inputs.as_object().into_iter().flatten();
    let inputs: Vec<String> = inputs
        .map(|(name, value)| format!("{name} {}", show::json(value)))
        .collect();
    let of = match flow.connector.as_str() {
        "metaverse" => String::new(),
        connector => format!(" of {connector} {}", show::text(&flow.source)),
    };
    // A plain copy of references reads no value.
    let mut read = flow.inputs.as_object().into_iter().flatten();
    let copied = !is_nothing(&flow.value) && read.all(|(_, value)| value.is_null());
    match copied || inputs.is_empty() {
        true => of,
        false => format!(" from {}{of}", inputs.join(", ")),
    }
}
