//! Runs `test` declarations: the real engine over a store in memory, with simulated directories.

mod because;
mod compare;
pub mod coverage;
mod expect;
mod given;
mod missing;
mod show;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use futures_util::FutureExt;
use serde::Serialize;
use trib_compiler::checked::{Step, StepKind, Test};
use trib_compiler::ir::Rules;
use trib_compiler::probe::Point;
use trib_compiler::value::Ticks;
use trib_compiler::{Checked, Sources, lower};

use crate::engine::{Engine, now};
use crate::error::Error;
use crate::plan::Plan;
use crate::progress::Silent;
use crate::store::Store;
use crate::sync::Parameters;
use coverage::{Coverage, Meter};
use given::Labels;

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
    /// Where the actual value, or the lack of one, comes from: rules with their places.
    pub because: Vec<String>,
}

/// Runs the tests of a sound program whose name contains `filter`. Files that tests name are looked
/// for beside the file that names them, below `base`.
pub fn run(checked: &Checked, sources: &Sources, base: &Path, filter: &str) -> Vec<TestResult> {
    let rules = lower(&checked.rules, sources);
    run_all(checked, rules, sources, base, filter, &mut None)
}

/// The same over rules with probes at `points`, with what the tests reach in the first `files` of the
/// sources.
pub fn measure(
    (checked, points): &(Checked, Vec<Point>),
    sources: &Sources,
    files: usize,
    base: &Path,
    filter: &str,
) -> (Vec<TestResult>, Coverage) {
    let mut rules = lower(&checked.rules, sources);
    let mut meter = Some(Meter::new(&mut rules, points));
    let results = run_all(checked, rules, sources, base, filter, &mut meter);
    let coverage = meter.map(|meter| meter.coverage(sources, files));
    (results, coverage.unwrap_or_default())
}

fn run_all(
    checked: &Checked,
    rules: Rules,
    sources: &Sources,
    base: &Path,
    filter: &str,
    meter: &mut Option<Meter<'_>>,
) -> Vec<TestResult> {
    let tests = checked.rules.tests.iter();
    let wanted = tests.filter(|test| test.name.contains(filter));
    let results = wanted.map(|test| {
        let (file, text) = sources.get(test.span.file);
        let index = trib_compiler::diagnostics::position(text, test.span.start);
        let failures = match Running::new(test, rules.clone(), sources, base) {
            Ok(mut running) => running.run(test, sources, meter),
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
    TestFailure {
        expected: "the test runs".to_owned(),
        actual: error.to_string(),
        rule: None,
        at,
        because: error.help.iter().cloned().collect(),
    }
}

/// A test while it runs.
struct Running {
    engine: Engine,
    now: Ticks,
    /// The folder of the test's file.
    folder: PathBuf,
    labels: Labels,
    unnamed: u32,
    /// For each object that expectations name, what was made of it so far: it may be gone when they
    /// ask what became of that.
    made: BTreeMap<String, Made>,
}

/// The entries and metaverse objects that an object was linked to.
#[derive(Default)]
struct Made {
    entries: BTreeSet<i64>,
    objects: BTreeSet<i64>,
}

impl Running {
    fn new(test: &Test, rules: Rules, sources: &Sources, base: &Path) -> Result<Running, Error> {
        let mut parameters = Parameters::default();
        for name in &rules.parameters {
            // A deployment's own parameter that a test does not set is absent in it.
            if name.starts_with("Param.") {
                parameters.given.entry(name.clone()).or_default();
            }
        }
        let file = Path::new(sources.get(test.span.file).0);
        let steps = test.cycles.iter().flatten();
        let named = steps.filter_map(|step| match &step.kind {
            StepKind::Expect { label, .. } => Some((label.clone()?, Made::default())),
            _ => None,
        });
        Ok(Running {
            engine: Engine::over(Store::in_memory()?, rules, parameters)?,
            now: now(),
            folder: base.join(file.parent().unwrap_or(Path::new(""))),
            labels: Labels::default(),
            unnamed: 0,
            made: named.collect(),
        })
    }

    fn run(
        &mut self,
        test: &Test,
        sources: &Sources,
        meter: &mut Option<Meter<'_>>,
    ) -> Vec<TestFailure> {
        let mut failures = Vec::new();
        for cycle in &test.cycles {
            let done = match meter {
                Some(meter) => self.measured(cycle, meter),
                None => self.cycle(cycle).map(|_| ()),
            };
            if let Err(error) = done {
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

    /// A cycle whose evaluations are counted, and nothing else's.
    fn measured(&mut self, steps: &[Step], meter: &mut Meter<'_>) -> Result<(), Error> {
        self.engine.program.counts = Some(meter.counts.clone());
        meter.counts.run(true);
        let plan = self.cycle(steps);
        meter.counts.run(false);
        meter.observe(self, &plan?)
    }

    /// Changes the directories, synchronizes and writes.
    fn cycle(&mut self, steps: &[Step]) -> Result<Plan, Error> {
        self.set(steps)?;
        self.give(steps)?;
        self.engine.synchronize_at(self.now, &Silent)?;
        let plan = self.engine.plan()?;
        // Simulated directories answer at once, so the future never waits.
        match self
            .engine
            .apply(&plan, Some(&plan.plan), &Silent)
            .now_or_never()
        {
            Some(applied) => applied.map(|_| ())?,
            None => return Err(Error::internal("a simulated directory did not answer")),
        }
        self.remember()?;
        Ok(plan)
    }

    /// Sets the clock and the parameters, which hold until a later cycle sets them anew.
    fn set(&mut self, steps: &[Step]) -> Result<(), Error> {
        let mut changed = false;
        for step in steps {
            match &step.kind {
                StepKind::At(instant) => self.now = *instant,
                StepKind::With(name, value) => {
                    let given = &mut self.engine.parameters.given;
                    changed |= given.insert(name.clone(), value.clone()).as_ref() != Some(value);
                }
                _ => {}
            }
        }
        match changed {
            true => {
                let store = &self.engine.store;
                store.transaction(|| store.touch_all())
            }
            false => Ok(()),
        }
    }

    /// Keeps what has been made of the objects that expectations name.
    fn remember(&mut self) -> Result<(), Error> {
        let names: Vec<String> = self.made.keys().cloned().collect();
        for name in names {
            let object = self.labelled(&name)?.and_then(|entry| entry.object);
            let (Some(object), Some(made)) = (object, self.made.get_mut(&name)) else {
                continue;
            };
            made.objects.insert(object);
            let entries = self.engine.store.entries_of(object)?;
            made.entries.extend(entries.iter().map(|entry| entry.id));
        }
        Ok(())
    }
}
