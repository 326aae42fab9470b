//! Tests.

use super::doc::{Doc, WIDTH, flat_width};
use super::rule::type_path;
use super::{Formatter, names};
use crate::ast::{Test, TestCycle, TestStep, TestStepKind};

/// A step that is ready to be written, its head and values apart so that columns can be made.
struct Row {
    gap: Doc,
    head: String,
    values: Option<Doc>,
    /// An expectation that fits in a line.
    aligned: bool,
    /// An empty line stands before it.
    apart: bool,
}

impl Formatter<'_> {
    pub fn test(&mut self, test: &Test) -> Doc {
        let head = format!("test {} {{", self.text(&test.name));
        let Some((first, later)) = test.cycles.split_first() else {
            return Doc::text(head + "}");
        };
        self.first = true;
        let mut inside = vec![self.steps(first)];
        for cycle in later {
            inside.extend([self.between(cycle.span.start), self.then_block(cycle)]);
            self.written = cycle.span.end;
        }
        inside.push(self.closing(test.span.end.saturating_sub(1)));
        Doc::Concat(vec![
            Doc::text(head),
            Doc::Nest(inside),
            Doc::Break,
            Doc::text("}"),
        ])
    }

    fn then_block(&mut self, cycle: &TestCycle) -> Doc {
        self.first = true;
        let inside = vec![
            self.steps(cycle),
            self.closing(cycle.span.end.saturating_sub(1)),
        ];
        Doc::Concat(vec![
            Doc::text("then {"),
            Doc::Nest(inside),
            Doc::Break,
            Doc::text("}"),
        ])
    }

    /// The steps of a cycle; neighbouring expectations have their braces aligned.
    fn steps(&mut self, cycle: &TestCycle) -> Doc {
        let rows: Vec<Row> = cycle.steps.iter().map(|step| self.row(step)).collect();
        let mut docs = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while let Some(row) = rows.next() {
            let mut run = vec![row];
            while let Some(next) = rows
                .next_if(|next| next.aligned && !next.apart && run.iter().all(|row| row.aligned))
            {
                run.push(next);
            }
            let width = run
                .iter()
                .map(|row| row.head.chars().count())
                .max()
                .unwrap_or(0);
            for row in run {
                docs.push(row.gap);
                docs.push(match row.values {
                    Some(values) => {
                        Doc::Concat(vec![Doc::text(format!("{:width$} ", row.head)), values])
                    }
                    None => Doc::text(row.head),
                });
            }
        }
        Doc::Concat(docs)
    }

    fn row(&mut self, step: &TestStep) -> Row {
        let apart = self.is_apart(self.written, step.span.start);
        let (gap, head) = (self.between(step.span.start), self.head(&step.kind));
        let values = match &step.kind {
            TestStepKind::Given { attributes, .. } | TestStepKind::Change { attributes, .. } => {
                Some(attributes)
            }
            TestStepKind::Expect { attributes, .. } | TestStepKind::ExpectNo { attributes, .. } => {
                (!attributes.is_empty()).then_some(attributes)
            }
            _ => None,
        };
        let values = values.map(|values| self.record(values, step.span.end));
        let room = WIDTH.saturating_sub(head.chars().count() + 5);
        let fits = values
            .as_ref()
            .and_then(flat_width)
            .is_some_and(|width| width <= room);
        let expects = matches!(
            step.kind,
            TestStepKind::Expect { .. } | TestStepKind::ExpectNo { .. }
        );
        self.written = step.span.end;
        Row {
            gap,
            head,
            values,
            aligned: expects && fits,
            apart,
        }
    }

    /// A step without its values.
    fn head(&self, kind: &TestStepKind) -> String {
        let label = |label: &Option<_>| {
            label
                .as_ref()
                .map(|label| format!(" {}", self.text(label)))
                .unwrap_or_default()
        };
        match kind {
            TestStepKind::Given {
                object_type,
                label: name,
                ..
            } => format!("given {}{}", type_path(object_type), label(name)),
            TestStepKind::GivenFile { connector, file } => {
                format!(
                    "given {} from {}",
                    names::plain(&connector.text),
                    self.text(file)
                )
            }
            TestStepKind::Change { label, .. } => format!("change {}", self.text(label)),
            TestStepKind::Remove(label) => format!("remove {}", self.text(label)),
            TestStepKind::Expect {
                object_type,
                label: name,
                ..
            } => {
                let path = type_path(object_type);
                let path = names::quoted(&path, matches!(path.as_str(), "no" | "error"));
                format!("expect {path}{}", label(name))
            }
            TestStepKind::ExpectNo {
                object_type,
                label: name,
                ..
            } => {
                format!("expect no {}{}", type_path(object_type), label(name))
            }
            TestStepKind::ExpectError(text) => format!("expect error {}", self.text(text)),
            TestStepKind::With { parameter, value } => {
                format!("with %{}% = {}", parameter.text, self.text(value))
            }
            TestStepKind::At(text) => format!("at time {}", self.text(text)),
        }
    }
}
