//! Flows.

use pest::iterators::Pair;

use super::{Builder, Rule, parts};
use crate::ast::{Flow, FlowMode, Name};
use crate::error::SyntaxErrorKind;

impl<'t> Builder<'t> {
    /// The flows of a block.
    pub fn flows(&mut self, pair: Pair<'t, Rule>) -> Vec<Flow> {
        let flows: Vec<Flow> = parts(pair.into_inner())
            .filter_map(|flow| self.flow(flow))
            .collect();
        for (flow, next) in flows.iter().zip(flows.iter().skip(1)) {
            self.expect_arrow_between(flow, next);
        }
        flows
    }

    /// Two names beside each other in one line are hardly two flows: an arrow is missing.
    fn expect_arrow_between(&mut self, flow: &Flow, next: &Flow) {
        let gap = self
            .tokens
            .text
            .get(flow.span.end as usize..next.span.start as usize)
            .unwrap_or_default();
        let (Some(target), Some(found)) = (flow.targets.last(), next.targets.first()) else {
            return;
        };
        if flow.value.is_none() && !gap.contains(['\n', ',']) {
            let message = format!(
                "expected `<-` or `,` after `{}`, found `{}`",
                target.text, found.text
            );
            let help = "write `target <- source`, or put a comma between two names";
            self.report(SyntaxErrorKind::Unexpected, found.span, message, Some(help));
        }
    }

    pub fn flow(&mut self, pair: Pair<'t, Rule>) -> Option<Flow> {
        let (span, doc) = (self.span(&pair), self.doc(&pair));
        let mut inside = parts(pair.into_inner()).peekable();
        let targets = self.targets(inside.next()?);
        let mode = inside
            .next_if(|part| part.as_rule() == Rule::flow_mode)
            .map(|mode| {
                let word = match mode.as_str() {
                    "once" => FlowMode::Once,
                    "merge" => FlowMode::Merge,
                    _ => FlowMode::MergeIgnoringCase,
                };
                (word, self.span(&mode))
            });
        let value = inside.next().map(|value| self.expression(value));
        Some(Flow {
            span,
            doc,
            targets,
            mode,
            value,
        })
    }

    pub fn targets(&mut self, pair: Pair<'t, Rule>) -> Vec<Name> {
        parts(pair.into_inner())
            .map(|name| self.name(name))
            .collect()
    }
}
