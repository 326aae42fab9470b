//! Expectations of tests, met by what the store holds after a cycle.

use trib_compiler::Sources;
use trib_compiler::checked::{Step, StepKind, Values};
use trib_compiler::ir::End;

use super::because::Because;
use super::{Running, TestFailure, show};
use crate::error::Error;
use crate::plan::ObjectError;
use crate::store::Entry;

/// An object that an expectation may mean: an entry or a metaverse object.
pub(super) struct Candidate {
    pub entry: Option<i64>,
    pub object: Option<i64>,
    pub connector: i64,
    pub row: Vec<u8>,
    pub dn: String,
}

/// What an expectation says.
pub(super) struct Expectation<'t> {
    pub object_type: &'t str,
    pub end: End,
    pub label: Option<&'t str>,
    pub values: &'t Values,
    pub none: bool,
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
            let at = sources.at(step.span);
            match &step.kind {
                StepKind::Expect {
                    object_type,
                    end,
                    label,
                    values,
                    none,
                } => {
                    let expectation = Expectation {
                        object_type,
                        end: *end,
                        label: label.as_deref(),
                        values,
                        none: *none,
                    };
                    failures.extend(self.expectation(&expectation, at)?);
                }
                StepKind::ExpectError(text) => {
                    expected.push(text.as_str());
                    if !errors.iter().any(|error| says(error, text)) {
                        failures.push(no_such_error(text, &errors, at));
                    }
                }
                _ => {}
            }
        }
        let unexpected = errors
            .iter()
            .filter(|error| !expected.iter().any(|text| says(error, text)));
        failures.extend(unexpected.map(|error| TestFailure {
            expected: "no object fails".to_owned(),
            actual: told(error),
            rule: Some(error.rule.clone()).filter(|rule| !rule.is_empty()),
            at: error.at.clone(),
            because: Vec::new(),
        }));
        Ok(failures)
    }

    fn expectation(
        &self,
        expectation: &Expectation<'_>,
        at: String,
    ) -> Result<Option<TestFailure>, Error> {
        let Expectation { end, values, .. } = *expectation;
        let candidates = self.candidates(expectation)?;
        let mut closest: Option<(&Candidate, Vec<(&str, String)>)> = None;
        for candidate in &candidates {
            let mut wrong = Vec::new();
            for (name, value) in values {
                if let Some(actual) = self.differs(candidate, end, name, value)? {
                    wrong.push((name.as_str(), actual));
                }
            }
            if closest
                .as_ref()
                .is_none_or(|(_, before)| wrong.len() < before.len())
            {
                closest = Some((candidate, wrong));
            }
        }
        let (actual, because) = match (closest, expectation.none) {
            (Some((found, wrong)), true) if wrong.is_empty() => {
                ("there is one".to_owned(), self.maker(found)?)
            }
            (_, true) => return Ok(None),
            (Some((_, wrong)), false) if wrong.is_empty() => return Ok(None),
            (Some((nearest, wrong)), false) => {
                let shown = wrong
                    .iter()
                    .map(|(name, actual)| format!("{name}: {actual}"));
                let actual = shown.collect::<Vec<_>>().join(", ");
                let because = self.because(nearest, expectation, &wrong, candidates.len())?;
                (actual, because)
            }
            (None, false) => {
                let from = named(expectation.label);
                let actual = format!("there is no {}{from}", expectation.object_type);
                (actual, self.missing(expectation)?)
            }
        };
        let ir = self.engine.program.ir_type(end);
        let values = ir.map(|ir| show::values(values, ir)).unwrap_or_default();
        let from = named(expectation.label);
        let no = if expectation.none { "no " } else { "" };
        let Because { rule, lines } = because;
        Ok(Some(TestFailure {
            expected: format!("{no}{}{from}{values}", expectation.object_type),
            actual,
            rule,
            at,
            because: lines,
        }))
    }

    fn candidates(&self, expectation: &Expectation<'_>) -> Result<Vec<Candidate>, Error> {
        let store = &self.engine.store;
        let Some(ty) = self.engine.program.object_type(expectation.end) else {
            return Ok(Vec::new());
        };
        let from = match expectation.label {
            Some(label) => Some(Origin {
                made: self.made.get(label),
                entry: self.labelled(label)?,
            }),
            None => None,
        };
        let mut candidates = Vec::new();
        if let End::Metaverse(_) = expectation.end {
            for id in store.objects_of_type(ty.number)? {
                if from.as_ref().is_some_and(|from| !from.made_object(id)) {
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
            if from.as_ref().is_none_or(|from| from.made_entry(&entry)) && entry.anchor.is_some() {
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
}

/// The object that an expectation names, and what was made of it in earlier cycles.
struct Origin<'m> {
    made: Option<&'m super::Made>,
    entry: Option<Entry>,
}

impl Origin<'_> {
    fn object(&self) -> Option<i64> {
        self.entry.as_ref().and_then(|entry| entry.object)
    }

    fn made_object(&self, id: i64) -> bool {
        match &self.entry {
            Some(entry) => entry.object == Some(id),
            None => self.made.is_some_and(|made| made.objects.contains(&id)),
        }
    }

    /// An entry linked to the same object; or where one of the two is linked no more, once was.
    fn made_entry(&self, entry: &Entry) -> bool {
        if self.entry.as_ref().is_some_and(|from| from.id == entry.id) {
            return true;
        }
        match (self.object(), entry.object) {
            (Some(from), Some(object)) => from == object,
            _ => self
                .made
                .is_some_and(|made| made.entries.contains(&entry.id)),
        }
    }
}

fn named(label: Option<&str>) -> String {
    label
        .map(|label| format!(" {}", show::text(label)))
        .unwrap_or_default()
}

fn says(error: &ObjectError, text: &str) -> bool {
    error.code.contains(text) || error.message.contains(text)
}

fn told(error: &ObjectError) -> String {
    format!("{}: {} ({})", error.object, error.message, error.code)
}

fn no_such_error(text: &str, errors: &[ObjectError], at: String) -> TestFailure {
    let others: Vec<String> = errors.iter().take(3).map(told).collect();
    TestFailure {
        expected: format!("an error with {}", show::text(text)),
        actual: match others.is_empty() {
            true => "no object failed".to_owned(),
            false => others.join("; "),
        },
        rule: None,
        at,
        because: Vec::new(),
    }
}
