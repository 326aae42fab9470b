//! Expectations of tests, met by what the store holds after a cycle.

use bumpalo::Bump;
use trib_compiler::Sources;
use trib_compiler::checked::{Step, StepKind, Values};
use trib_compiler::ir::{Constant, End};
use trib_compiler::value::Value;

use super::{Running, TestFailure, is_own_dn, texts};
use crate::error::Error;
use crate::eval::Place;
use crate::json::to_json;
use crate::object::{Row, constant};

/// An object that an expectation may mean: an entry or a metaverse object.
struct Candidate {
    entry: Option<i64>,
    object: Option<i64>,
    connector: i64,
    row: Vec<u8>,
    dn: String,
}

impl Running {
    /// Checks the expectations of a cycle. Errors that none of them expects are failures too.
    pub(super) fn check(
        &self,
        steps: &[Step],
        sources: &Sources,
    ) -> Result<Vec<TestFailure>, Error> {
        let mut failures = Vec::new();
        let errors = self.engine.store.errors()?;
        let mut expected = Vec::new();
        for step in steps {
            match &step.kind {
                StepKind::Expect {
                    object_type,
                    end,
                    label,
                    values,
                    none,
                } => {
                    let found =
                        self.expectation(object_type, *end, label.as_deref(), values, *none)?;
                    failures.extend(found.map(|(expected, actual)| TestFailure {
                        expected,
                        actual,
                        rule: None,
                        at: sources.at(step.span),
                    }));
                }
                StepKind::ExpectError(text) => {
                    expected.push(text.as_str());
                    let met = |error: &crate::plan::ObjectError| {
                        error.code.contains(text) || error.message.contains(text)
                    };
                    if !errors.iter().any(met) {
                        let others: Vec<&str> =
                            errors.iter().map(|error| error.message.as_str()).collect();
                        failures.push(TestFailure {
                            expected: format!("an error with \"{text}\""),
                            actual: match others.is_empty() {
                                true => "no object failed".to_owned(),
                                false => others.join("; "),
                            },
                            rule: None,
                            at: sources.at(step.span),
                        });
                    }
                }
                _ => {}
            }
        }
        for error in &errors {
            let met = expected
                .iter()
                .any(|text| error.code.contains(text) || error.message.contains(text));
            if !met {
                failures.push(TestFailure {
                    expected: "no object fails".to_owned(),
                    actual: format!("{}: {} ({})", error.object, error.message, error.code),
                    rule: Some(error.rule.clone()).filter(|rule| !rule.is_empty()),
                    at: error.at.clone(),
                });
            }
        }
        Ok(failures)
    }

    fn expectation(
        &self,
        object_type: &str,
        end: End,
        label: Option<&str>,
        values: &Values,
        none: bool,
    ) -> Result<Option<(String, String)>, Error> {
        let candidates = self.candidates(end, label)?;
        let mut met = None;
        let mut closest: Option<(usize, String)> = None;
        for candidate in &candidates {
            let mut wrong = Vec::new();
            for (name, value) in values {
                if let Some(actual) = self.differs(candidate, end, name, value)? {
                    wrong.push(format!("{name}: {actual}"));
                }
            }
            if wrong.is_empty() {
                met = Some(candidate);
                break;
            }
            if closest
                .as_ref()
                .is_none_or(|(count, _)| wrong.len() < *count)
            {
                closest = Some((wrong.len(), wrong.join(", ")));
            }
        }
        let from = label
            .map(|label| format!(" \"{label}\""))
            .unwrap_or_default();
        let shown = format!("{object_type}{from}{}", show(values));
        Ok(match (met, none) {
            (Some(_), false) | (None, true) => None,
            (Some(_), true) => Some((format!("no {shown}"), "there is one".to_owned())),
            (None, false) => Some((
                shown,
                match closest {
                    Some((_, wrong)) => wrong,
                    None => format!("there is no {object_type}{from}"),
                },
            )),
        })
    }

    fn candidates(&self, end: End, label: Option<&str>) -> Result<Vec<Candidate>, Error> {
        let store = &self.engine.store;
        let Some(ty) = self.engine.program.object_type(end) else {
            return Ok(Vec::new());
        };
        let from = match label {
            Some(label) => match self.labelled(label)? {
                Some(entry) => Some(entry),
                None => return Ok(Vec::new()),
            },
            None => None,
        };
        let mut candidates = Vec::new();
        if let End::Metaverse(_) = end {
            for id in store.objects_of_type(ty.number)? {
                if from.as_ref().is_some_and(|entry| entry.object != Some(id)) {
                    continue;
                }
                if let Some(object) = store.object(id)?.filter(|object| object.ended.is_none()) {
                    candidates.push(Candidate {
                        entry: None,
                        object: Some(id),
                        connector: 0,
                        row: object.row,
                        dn: String::new(),
                    });
                }
            }
            return Ok(candidates);
        }
        for id in store.entries_of_type(ty.number)? {
            let Some(entry) = store.entry(id)? else {
                continue;
            };
            let own = from.as_ref().is_none_or(|from| {
                from.id == id || (from.object.is_some() && from.object == entry.object)
            });
            if own && entry.anchor.is_some() {
                candidates.push(Candidate {
                    entry: Some(id),
                    object: entry.object,
                    connector: entry.connector,
                    row: entry.row,
                    dn: entry.dn,
                });
            }
        }
        Ok(candidates)
    }

    /// What an attribute has instead of the expected value, if it has another.
    fn differs(
        &self,
        candidate: &Candidate,
        end: End,
        name: &str,
        expected: &Constant,
    ) -> Result<Option<String>, Error> {
        let Some(ir) = self.end_type(end) else {
            return Ok(Some("unknown".to_owned()));
        };
        let Some(at) = ir.attributes.iter().position(|a| a.name == name) else {
            return Ok(Some("unknown".to_owned()));
        };
        let ty = self.engine.program.object_type(end);
        let place = ty.and_then(|ty| ty.layout.places.get(at));
        let bump = Bump::new();
        let wanted = constant(expected, &bump);
        if let Some(Place::Reference(attribute)) = place {
            return self.references_differ(candidate, *attribute, expected);
        }
        let actual = match (place, ir.attributes.get(at)) {
            (_, Some(attribute)) if is_own_dn(attribute) => match candidate.dn.as_str() {
                "" => Value::Absent,
                dn => Value::Dn(dn),
            },
            (Some(Place::Slot(slot)), _) => Row::new(&candidate.row).get(*slot, &bump),
            _ => Value::Absent,
        };
        let equal = crate::sync::same_value(wanted, actual);
        Ok((!equal).then(|| to_json(actual).to_string()))
    }

    fn references_differ(
        &self,
        candidate: &Candidate,
        attribute: i64,
        expected: &Constant,
    ) -> Result<Option<String>, Error> {
        let store = &self.engine.store;
        let actual = match (candidate.entry, candidate.object) {
            (Some(entry), _) => store.references(entry, attribute)?,
            (None, Some(object)) => store.object_references(object, attribute)?,
            _ => Vec::new(),
        };
        let mut wanted = Vec::new();
        for text in texts(expected) {
            wanted.push(self.referred(candidate, text)?);
        }
        let mut found: Vec<Option<i64>> = actual.iter().copied().map(Some).collect();
        wanted.sort_unstable();
        found.sort_unstable();
        if wanted == found {
            return Ok(None);
        }
        let mut names = Vec::new();
        for id in actual {
            names.push(match candidate.entry {
                Some(_) => self.engine.name_of(id)?,
                None => {
                    let first = store.entries_of(id)?.first().map(|entry| entry.id);
                    first
                        .map(|id| self.engine.name_of(id))
                        .transpose()?
                        .unwrap_or_default()
                }
            });
        }
        Ok(Some(format!("{names:?}")))
    }

    /// The object (or its entry in the candidate's directory) that a label or dn means.
    fn referred(&self, candidate: &Candidate, text: &str) -> Result<Option<i64>, Error> {
        let store = &self.engine.store;
        let mut entry = self.labelled(text)?;
        if entry.is_none() {
            let key = trib_compiler::notation::dn::dn_key(text);
            for (number, _) in &self.engine.program.connectors {
                entry = entry.or(store.entry_by_dn(*number, &key)?);
            }
        }
        let Some(entry) = entry else { return Ok(None) };
        if candidate.entry.is_none() {
            return Ok(entry.object);
        }
        if entry.connector == candidate.connector {
            return Ok(Some(entry.id));
        }
        let Some(object) = entry.object else {
            return Ok(None);
        };
        let entries = store.entries_of(object)?;
        let own = entries
            .iter()
            .find(|entry| entry.connector == candidate.connector);
        Ok(own.map(|entry| entry.id))
    }
}

fn show(values: &Values) -> String {
    if values.is_empty() {
        return String::new();
    }
    let bump = Bump::new();
    let values = values
        .iter()
        .map(|(name, value)| format!("{name}: {}", to_json(constant(value, &bump))));
    format!(" {{ {} }}", values.collect::<Vec<_>>().join(", "))
}
