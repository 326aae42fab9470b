//! Flows.

use pest::iterators::Pair;

use super::{Builder, Rule, parts};
use crate::ast::{Flow, FlowMode, Name};

impl<'t> Builder<'t> {
    /// The flows of a block.
    pub fn flows(&mut self, pair: Pair<'t, Rule>) -> Vec<Flow> {
        parts(pair.into_inner())
            .filter_map(|flow| self.flow(flow))
            .collect()
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
