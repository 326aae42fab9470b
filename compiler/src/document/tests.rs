//! The page of tests: what is promised, and over which types.

use super::book::Book;
use super::markdown::{cell, code, row, table};
use crate::checked::{StepKind, Test};
use crate::ir::End;

/// Every test, in the order of the text.
pub fn page(book: &Book<'_>) -> Option<String> {
    let tests = &book.rules.tests;
    let mut out = "# Tests\n\n".to_owned();
    out += &table(["promise", "given", "expected", "", "at"]);
    for test in tests {
        let (given, expected) = types(book, test);
        out += &row([
            &cell(&test.name),
            &given.join(", "),
            &expected.join(", "),
            &cell(book.doc(test.span)),
            &book.at(test.span),
        ]);
    }
    (!tests.is_empty()).then_some(out)
}

/// The types of objects that come, and of those that are looked at.
fn types(book: &Book<'_>, test: &Test) -> (Vec<String>, Vec<String>) {
    let (mut given, mut expected) = (Vec::new(), Vec::new());
    let add = |list: &mut Vec<String>, name: String| {
        let name = code(&name);
        if !list.contains(&name) {
            list.push(name);
        }
    };
    let connector = |at: usize| {
        let connector = book.rules.connectors.get(at);
        connector.map_or("", |connector| connector.name.as_str())
    };
    for step in test.cycles.iter().flatten() {
        match &step.kind {
            StepKind::Given {
                connector: at,
                object_type,
                ..
            } => add(&mut given, format!("{}.{object_type}", connector(*at))),
            StepKind::GivenFile {
                connector: at,
                file,
            } => add(&mut given, format!("{} from {file}", connector(*at))),
            StepKind::Expect { end, .. } => match end {
                End::Any => {}
                end => add(&mut expected, book.end(*end)),
            },
            StepKind::ExpectError(_) => add(&mut expected, "error".to_owned()),
            _ => {}
        }
    }
    (given, expected)
}
