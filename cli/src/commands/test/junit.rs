//! Results of tests as JUnit XML, which build servers read.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use trib_runtime::testing::{TestFailure, TestResult};

use crate::output::{Exit, Failure};

/// The document: a suite for each file.
pub fn document(results: &[TestResult]) -> Result<String, Failure> {
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for result in results {
        let suite = suites
            .entry(&result.file)
            .or_insert_with(|| TestSuite::new(result.file.as_str()));
        suite.add_test_case(case(result));
    }
    let mut report = Report::new("trib");
    report.add_test_suites(suites.into_values());
    report
        .to_string()
        .map_err(|error| Failure::new(Exit::Internal, error.to_string()))
}

fn case(result: &TestResult) -> TestCase {
    let status = match result.failures.first() {
        None => TestCaseStatus::success(),
        Some(first) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let texts: Vec<String> = result.failures.iter().map(text).collect();
            status.set_message(format!(
                "expected {}, found {}",
                first.expected, first.actual
            ));
            status.set_description(texts.join("\n\n"));
            status
        }
    };
    let mut case = TestCase::new(result.name.as_str(), status);
    case.set_classname(result.file.as_str());
    let line = result.start.line.to_string();
    case.extra
        .insert("file".into(), result.file.as_str().into());
    case.extra.insert("line".into(), line.into());
    case
}

fn text(failure: &TestFailure) -> String {
    let TestFailure {
        expected,
        actual,
        at,
        ..
    } = failure;
    let mut lines = vec![
        format!("expected {expected}"),
        format!("found    {actual}"),
        format!("at       {at}"),
    ];
    lines.extend(
        failure
            .because
            .iter()
            .map(|line| format!("because  {line}")),
    );
    lines.join("\n")
}
