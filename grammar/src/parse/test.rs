//! Tests and their steps.

use pest::iterators::Pair;

use super::{Builder, Rule, parts};
use crate::ast::{Expr, Name, Test, TestCycle, TestStep, TestStepKind, Text, TypePath};

/// What `given`, `expect` and `expect no` have in common.
type Object = (TypePath, Option<Text>, Vec<(Name, Expr)>);

impl<'t> Builder<'t> {
    pub fn test(&mut self, pair: Pair<'t, Rule>) -> Option<Test> {
        let (span, doc) = (self.span(&pair), self.doc(&pair));
        let mut inside = parts(pair.into_inner());
        let head = inside.next()?;
        let name = self.head_text(head)?;
        let mut cycles = vec![TestCycle {
            span,
            steps: Vec::new(),
        }];
        for part in inside {
            match part.as_rule() {
                Rule::then_block => {
                    let span = self.span(&part);
                    let steps = self.steps(part);
                    cycles.push(TestCycle { span, steps });
                }
                _ => cycles.first_mut()?.steps.extend(self.step(part)),
            }
        }
        Some(Test {
            span,
            doc,
            name,
            cycles,
        })
    }

    fn steps(&mut self, pair: Pair<'t, Rule>) -> Vec<TestStep> {
        parts(pair.into_inner())
            .filter_map(|step| self.step(step))
            .collect()
    }

    pub fn step(&mut self, pair: Pair<'t, Rule>) -> Option<TestStep> {
        let span = self.span(&pair);
        let step = pair.into_inner().next()?;
        let rule = step.as_rule();
        let mut inside = parts(step.into_inner());
        let kind = match rule {
            Rule::given_step => self.given(inside.next()?, inside)?,
            Rule::change_step => {
                let label = self.text(inside.next()?);
                TestStepKind::Change {
                    label,
                    attributes: self.entries(inside.next()?),
                }
            }
            Rule::remove_step => TestStepKind::Remove(self.text(inside.next()?)),
            Rule::expect_error => TestStepKind::ExpectError(self.text(inside.next()?)),
            Rule::expect_none => {
                let (object_type, label, attributes) = self.object(inside.next()?, inside)?;
                TestStepKind::ExpectNo {
                    object_type,
                    label,
                    attributes,
                }
            }
            Rule::expect_step => {
                let (object_type, label, attributes) = self.object(inside.next()?, inside)?;
                TestStepKind::Expect {
                    object_type,
                    label,
                    attributes,
                }
            }
            Rule::with_step => {
                let pair = inside.next()?;
                let parameter = Name {
                    text: pair.as_str().trim_matches('%').to_owned(),
                    span: self.span(&pair),
                };
                TestStepKind::With {
                    parameter,
                    value: self.text(inside.next()?),
                }
            }
            _ => TestStepKind::At(self.text(inside.next()?)),
        };
        Some(TestStep { span, kind })
    }

    fn given(
        &mut self,
        first: Pair<'t, Rule>,
        rest: impl Iterator<Item = Pair<'t, Rule>>,
    ) -> Option<TestStepKind> {
        if first.as_rule() == Rule::given_file {
            let mut inside = parts(first.into_inner());
            return Some(TestStepKind::GivenFile {
                connector: self.name(inside.next()?),
                file: self.text(inside.next()?),
            });
        }
        let (object_type, label, attributes) = self.object(first, rest)?;
        Some(TestStepKind::Given {
            object_type,
            label,
            attributes,
        })
    }

    fn object(
        &mut self,
        first: Pair<'t, Rule>,
        rest: impl Iterator<Item = Pair<'t, Rule>>,
    ) -> Option<Object> {
        let object_type = self.type_path(first)?;
        let (mut label, mut attributes) = (None, Vec::new());
        for part in rest {
            match part.as_rule() {
                Rule::text => label = Some(self.text(part)),
                _ => attributes = self.entries(part),
            }
        }
        Some((object_type, label, attributes))
    }
}
