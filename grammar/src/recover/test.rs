//! Steps of broken tests.

use std::ops::Range;

use super::brackets::Brackets;
use super::{Block, block, broken, pieces, starts, unknown};
use crate::ast::{Test, TestCycle, TestStep};
use crate::error::SyntaxErrorKind;
use crate::parse::{Builder, Rule};

const STEPS: [&str; 7] = [
    "given", "change", "remove", "expect", "then", "with", "at time",
];

pub(super) fn test(
    builder: &mut Builder,
    brackets: &Brackets,
    piece: Range<usize>,
) -> Option<Test> {
    let Block { span, name, body } = block(builder, brackets, Rule::only_test_head, &piece)?;
    let doc = builder.tokens.doc_before(span.start as usize);
    let mut cycles = vec![TestCycle {
        span,
        steps: Vec::new(),
    }];
    for piece in steps_of(builder, brackets, body) {
        let span = pieces::span(builder, &piece);
        if builder.tokens.at(piece.start) == "then" && builder.tokens.at(piece.start + 1) == "{" {
            let steps = then_block(builder, brackets, &piece);
            cycles.push(TestCycle { span, steps });
            continue;
        }
        let step = step(builder, brackets, piece);
        if step.is_some() && cycles.len() > 1 {
            let help = "write it into the `then` before it, or before the first `then`";
            builder.report(
                SyntaxErrorKind::Unexpected,
                span,
                "this step stands between two cycles",
                Some(help),
            );
        }
        cycles.last_mut()?.steps.extend(step);
    }
    Some(Test {
        span,
        doc,
        name,
        cycles,
    })
}

fn steps_of(builder: &Builder, brackets: &Brackets, body: Range<usize>) -> Vec<Range<usize>> {
    let tokens = &builder.tokens;
    let unknown = |index: usize| starts::stranger(tokens, index) && tokens.at(index + 1) != ":";
    starts::split(brackets, body, |index, _| {
        starts::step(tokens, index) || unknown(index)
    })
}

fn then_block(builder: &mut Builder, brackets: &Brackets, piece: &Range<usize>) -> Vec<TestStep> {
    let open = piece.start + 1;
    let close = brackets.partner(open).unwrap_or(piece.end);
    let pieces = steps_of(builder, brackets, open + 1..close);
    if close + 1 < piece.end {
        unknown(builder, close + 1, "step of a test", &STEPS);
    }
    pieces
        .into_iter()
        .filter_map(|piece| step(builder, brackets, piece))
        .collect()
}

fn step(builder: &mut Builder, brackets: &Brackets, piece: Range<usize>) -> Option<TestStep> {
    if let Some(pair) =
        pieces::parse(builder, Rule::only_step, &piece).and_then(|mut pairs| pairs.next())
    {
        return builder.step(pair);
    }
    let first = builder.tokens.at(piece.start);
    match STEPS
        .iter()
        .any(|step| step.split(' ').next() == Some(first))
    {
        true if first == "then" => broken(builder, brackets, Rule::then_block, piece),
        true => broken(builder, brackets, Rule::only_step, piece),
        false => unknown(builder, piece.start, "step of a test", &STEPS),
    }
    None
}
