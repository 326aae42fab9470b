//! Runs `test` declarations: the real engine over a store in memory, with simulated directories.

mod expect;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use futures_util::FutureExt;
use serde::Serialize;
use trib_compiler::checked::{Step, StepKind, Test, Values};
use trib_compiler::ir::{Constant, End};
use trib_compiler::types::Base;
use trib_compiler::value::{Ticks, Value};
use trib_compiler::{Checked, Sources, lower};

use crate::config::Ad;
use crate::connectors::ldif::LdifSource;
use crate::connectors::{EntryChange, ReferenceChange, Sink, Target, Upsert};
use crate::engine::{Engine, now};
use crate::error::Error;
use crate::object::constant;
use crate::progress::Silent;
use crate::store::{ImportSink, Store};
use crate::sync::Parameters;

/// How a test ended, as cli.md fixes its JSON form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestResult {
    /// Its name.
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// Where its name stands.
    pub start: Place,
    /// Every expectation was met and no object failed unexpectedly.
    pub passed: bool,
    /// What was not met.
    pub failures: Vec<TestFailure>,
}

/// A line and a column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column, in characters.
    pub column: u32,
}

/// An expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestFailure {
    /// What was expected.
    pub expected: String,
    /// What there was.
    pub actual: String,
    /// The rule concerned, where one is known.
    pub rule: Option<String>,
    /// `file:line` of the expectation.
    pub at: String,
}

/// Runs all tests of a sound program. Files that tests name are looked for beside the file that names
/// them, below `base`.
pub fn run(checked: &Checked, sources: &Sources, base: &Path) -> Vec<TestResult> {
    let rules = lower(&checked.rules, sources);
    let results = checked.rules.tests.iter().map(|test| {
        let (file, text) = sources.get(test.span.file);
        let index = trib_compiler::diagnostics::position(text, test.span.start);
        let failures = match Running::new(test, rules.clone(), sources, base) {
            Ok(mut running) => running.run(test, sources),
            Err(error) => vec![broken(sources.at(test.span), &error)],
        };
        TestResult {
            name: test.name.clone(),
            file: file.to_owned(),
            start: Place {
                line: index.line,
                column: index.column,
            },
            passed: failures.is_empty(),
            failures,
        }
    });
    results.collect()
}

fn broken(at: String, error: &Error) -> TestFailure {
    let actual = match &error.help {
        Some(help) => format!("{error}; {help}"),
        None => error.to_string(),
    };
    TestFailure {
        expected: "the test runs".to_owned(),
        actual,
        rule: None,
        at,
    }
}

/// A test while it runs.
struct Running {
    engine: Engine,
    now: Ticks,
    base: PathBuf,
    /// Labels: connector and anchor of the object.
    labels: HashMap<String, Label>,
    unnamed: u32,
}

/// A labelled object.
#[derive(Debug, Clone)]
struct Label {
    connector: usize,
    object_type: String,
    anchor: Vec<u8>,
}

impl Running {
    fn new(
        test: &Test,
        rules: trib_compiler::ir::Rules,
        sources: &Sources,
        base: &Path,
    ) -> Result<Running, Error> {
        let mut parameters = Parameters::default();
        for step in test.cycles.iter().flatten() {
            if let StepKind::With(name, value) = &step.kind {
                parameters.given.insert(name.clone(), value.clone());
            }
        }
        for name in &rules.parameters {
            // A deployment's own parameter that a test does not set is absent in it.
            if name.starts_with("Param.") {
                parameters.given.entry(name.clone()).or_default();
            }
        }
        let folder = Path::new(sources.get(test.span.file).0)
            .parent()
            .unwrap_or(base);
        let mut running = Running {
            engine: Engine::over(Store::in_memory()?, rules, parameters)?,
            now: now(),
            base: if folder.is_absolute() {
                folder.to_owned()
            } else {
                base.join(folder)
            },
            labels: HashMap::new(),
            unnamed: 0,
        };
        for step in test.cycles.iter().flatten() {
            if let StepKind::Given {
                connector,
                object_type,
                label: Some(label),
                values,
            } = &step.kind
            {
                let anchor = anchor(label, values);
                let object_type = object_type.clone();
                let known = Label {
                    connector: *connector,
                    object_type,
                    anchor,
                };
                running.labels.insert(label.clone(), known);
            }
        }
        Ok(running)
    }

    fn run(&mut self, test: &Test, sources: &Sources) -> Vec<TestFailure> {
        let mut failures = Vec::new();
        for cycle in &test.cycles {
            if let Err(error) = self.cycle(cycle) {
                failures.push(broken(sources.at(test.span), &error));
                return failures;
            }
            match self.check(cycle, sources) {
                Ok(found) => failures.extend(found),
                Err(error) => failures.push(broken(sources.at(test.span), &error)),
            }
        }
        failures
    }

    /// Changes the directories, synchronizes and writes.
    fn cycle(&mut self, steps: &[Step]) -> Result<(), Error> {
        for step in steps {
            match &step.kind {
                StepKind::Given {
                    connector,
                    object_type,
                    label,
                    values,
                } => {
                    let anchor = match label {
                        Some(label) => anchor(label, values),
                        None => {
                            self.unnamed += 1;
                            anchor(&format!("unnamed {}", self.unnamed), values)
                        }
                    };
                    self.deliver(*connector, &anchor, Some(object_type), values)?;
                }
                StepKind::GivenFile { connector, file } => self.deliver_file(*connector, file)?,
                StepKind::Change { label, values } => {
                    if let Some(known) = self.labels.get(label).cloned() {
                        self.deliver(known.connector, &known.anchor, None, values)?;
                    }
                }
                StepKind::Remove(label) => {
                    if let Some(known) = self.labels.get(label).cloned() {
                        let anchor = &known.anchor;
                        self.sink(known.connector, |sink, _| {
                            sink.entry(EntryChange::Delete { anchor })
                        })?;
                    }
                }
                StepKind::At(instant) => self.now = *instant,
                StepKind::With(..) | StepKind::Expect { .. } | StepKind::ExpectError(_) => {}
            }
        }
        self.engine.synchronize_at(self.now, &Silent)?;
        let plan = self.engine.plan()?;
        // Simulated directories answer at once, so the future never waits.
        match self
            .engine
            .apply(&plan, Some(&plan.plan), &Silent)
            .now_or_never()
        {
            Some(applied) => applied.map(|_| ()),
            None => Err(Error::internal("a simulated directory did not answer")),
        }
    }

    fn sink(
        &mut self,
        connector: usize,
        work: impl FnOnce(&mut ImportSink<'_>, &[String]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let selection = self.engine.selection(connector);
        let mut names: Vec<String> = selection
            .attributes
            .iter()
            .map(|attribute| attribute.name.clone())
            .collect();
        names.push("id".to_owned());
        let types = self.engine.program.type_maps(connector, &names);
        let Some((number, _)) = self.engine.program.connectors.get(connector) else {
            return Ok(());
        };
        let (number, name) = (
            *number,
            self.engine.program.connector_name(connector).to_owned(),
        );
        let mut sink = ImportSink::new(&mut self.engine.store, number, &name, &types, "test")?;
        work(&mut sink, &names)?;
        sink.finish_delta()
    }

    fn deliver_file(&mut self, connector: usize, file: &str) -> Result<(), Error> {
        let ad = Ad {
            ldif: Some(self.base.join(file)),
            ..Ad::default()
        };
        let selection = self.engine.selection(connector);
        let name = self.engine.program.connector_name(connector).to_owned();
        let mut source = LdifSource::new(&name, &ad)?;
        self.sink(connector, |sink, _| {
            match source.import(&selection, None, sink).now_or_never() {
                Some(imported) => imported.map(|_| ()),
                None => Err(Error::internal("a file did not answer")),
            }
        })
    }

    /// An object of a directory with its values; in a change, those that are listed.
    fn deliver(
        &mut self,
        connector: usize,
        anchor: &[u8],
        object_type: Option<&str>,
        values: &Values,
    ) -> Result<(), Error> {
        let bump = Bump::new();
        let labels = self.labels.clone();
        let known = object_type.map(str::to_owned).or_else(|| {
            let label = labels.values().find(|label| label.anchor == anchor)?;
            Some(label.object_type.clone())
        });
        let ty = self.engine.program.rules.connectors.get(connector);
        let ty = ty.and_then(|c| {
            c.object_types
                .iter()
                .find(|ty| Some(&ty.name) == known.as_ref())
        });
        let attributes = ty.map_or(&[][..], |ty| &ty.attributes).iter();
        let known: Vec<String> = attributes
            .filter(|a| a.reference)
            .map(|a| a.name.clone())
            .collect();
        let is_reference = |name: &String| known.contains(name);
        let references: Vec<(String, Vec<Target<'_>>)> = values
            .iter()
            .filter(|(name, _)| is_reference(name))
            .map(|(name, value)| {
                let targets = texts(value).into_iter().map(|text| match labels.get(text) {
                    Some(label) => Target::Anchor(&label.anchor),
                    None => Target::Dn(text),
                });
                (name.clone(), targets.collect())
            })
            .collect();
        let dn = dn_of(values);
        let guid = object_type.is_some() && !values.iter().any(|(name, _)| name == "objectGUID");
        self.sink(connector, |sink, names| {
            let place = |name: &str| names.iter().position(|known| known == name);
            let mut attributes: Vec<(usize, Value<'_>)> = values
                .iter()
                .filter(|(name, _)| !is_reference(name))
                .filter_map(|(name, value)| Some((place(name)?, constant(value, &bump))))
                .collect();
            if guid && let Some(at) = place("objectGUID") {
                attributes.push((at, Value::Binary(anchor)));
            }
            let references: Vec<(usize, ReferenceChange<'_>)> = references
                .iter()
                .filter_map(|(name, targets)| {
                    Some((place(name)?, ReferenceChange::Replace(targets)))
                })
                .collect();
            sink.entry(EntryChange::Upsert(Upsert {
                anchor,
                dn: dn.as_deref(),
                object_type,
                complete: object_type.is_some(),
                attributes: &attributes,
                references: &references,
            }))
        })
    }

    /// The stored entry of a label.
    fn labelled(&self, label: &str) -> Result<Option<crate::store::Entry>, Error> {
        let Some(known) = self.labels.get(label) else {
            return Ok(None);
        };
        let Some((number, _)) = self.engine.program.connectors.get(known.connector) else {
            return Ok(None);
        };
        self.engine.store.entry_by_anchor(*number, &known.anchor)
    }

    fn end_type(&self, end: End) -> Option<&trib_compiler::ir::ObjectType> {
        self.engine.program.ir_type(end)
    }
}

fn texts(value: &Constant) -> Vec<&str> {
    match value {
        Constant::Text(text) | Constant::Dn(text) => vec![text],
        Constant::List(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn dn_of(values: &Values) -> Option<String> {
    let wanted = |name: &str| name == "dn" || name == "distinguishedName";
    let value = values
        .iter()
        .find(|(name, _)| wanted(name))
        .map(|(_, value)| value)?;
    texts(value).first().map(|dn| (*dn).to_owned())
}

/// The anchor of an object: what it says itself, or one made of its label.
fn anchor(label: &str, values: &Values) -> Vec<u8> {
    let own = values
        .iter()
        .find(|(name, _)| name == "objectGUID" || name == "id");
    match own.map(|(_, value)| value) {
        Some(Constant::Binary(bytes)) => bytes.clone(),
        Some(Constant::Text(id)) => id.clone().into_bytes(),
        _ => {
            use sha2::{Digest, Sha256};
            Sha256::digest(label).iter().copied().take(16).collect()
        }
    }
}

/// An attribute that is the entry's own name.
fn is_own_dn(attribute: &trib_compiler::ir::Attribute) -> bool {
    matches!(attribute.ty.base, Base::Dn) && !attribute.reference
}
