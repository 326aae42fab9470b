//! Pass 4: checked rules to IR. Disabled rules go, origins and the order of precedence come.

use trib_grammar::{LineIndex, Span};

use crate::checked::{self, Rules};
use crate::functions::{self, Effect};
use crate::ir::{self, Clause, Deprovision, End, Expr, Flow, Join, Origin, Rule};
use crate::sources::Sources;

/// Compiles checked rules.
pub fn lower(rules: &Rules, sources: &Sources) -> ir::Rules {
    let mut lowering = Lowering {
        lines: Vec::new(),
        sources,
    };
    let enabled = rules.rules.iter().filter(|rule| !rule.disabled);
    let mut compiled: Vec<Rule> = enabled.map(|rule| lowering.rule(rule)).collect();
    compiled.sort_by(|a, b| {
        let key = |rule: &Rule| (rule.precedence, rule.priority);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.name.cmp(&b.name))
            .then_with(|| {
                format!("{:?}", (a.source, a.target)).cmp(&format!("{:?}", (b.source, b.target)))
            })
    });
    let (outbound, inbound) = compiled
        .into_iter()
        .partition(|rule| matches!(rule.target, End::Directory(..)));
    let mut out = ir::Rules {
        connectors: rules.connectors.clone(),
        metaverse: rules.metaverse.clone(),
        inbound,
        outbound,
        parameters: rules.parameters.clone(),
        scripts: rules.scripts.clone(),
    };
    mark_read(&mut out);
    out
}

struct Lowering<'s> {
    lines: Vec<(trib_grammar::FileId, LineIndex)>,
    sources: &'s Sources,
}

impl Lowering<'_> {
    fn origin(&mut self, span: Span) -> Origin {
        let (path, text) = self.sources.get(span.file);
        let at = self
            .lines
            .iter()
            .position(|(file, _)| *file == span.file)
            .unwrap_or_else(|| {
                self.lines.push((span.file, LineIndex::new(text)));
                self.lines.len() - 1
            });
        let line = self
            .lines
            .get(at)
            .map_or(0, |(_, index)| index.position(text, span.start).line);
        Origin {
            file: path.to_owned(),
            line,
        }
    }

    fn rule(&mut self, rule: &checked::Rule) -> Rule {
        let scope: Vec<Clause> = rule
            .scope
            .iter()
            .map(|part| Clause {
                condition: part.expr.clone(),
                text: one_line(self.sources.text(part.span)),
                origin: self.origin(part.span),
            })
            .collect();
        let joins = rule.joins.iter();
        let joins = joins
            .map(|join| Join {
                terms: join.terms.clone(),
                origin: self.origin(join.span),
            })
            .collect();
        let flows: Vec<Flow> = rule.flows.iter().map(|flow| self.flow(flow)).collect();
        let deprovision = match &rule.deprovision {
            checked::Deprovision::Delete => Deprovision::Delete,
            checked::Deprovision::Disconnect => Deprovision::Disconnect,
            checked::Deprovision::Disable(flows) => {
                Deprovision::Disable(flows.iter().map(|flow| self.flow(flow)).collect())
            }
        };
        let disable: &[Flow] = match &deprovision {
            Deprovision::Disable(flows) => flows,
            _ => &[],
        };
        let values = flows.iter().chain(disable).map(|flow| &flow.value);
        let sources = rule.joins.iter().flat_map(|join| &join.terms);
        let time_dependent = scope
            .iter()
            .map(|clause| &clause.condition)
            .chain(values)
            .chain(sources.map(|term| &term.source))
            .any(reads_clock);
        Rule {
            name: rule.name.clone(),
            origin: self.origin(rule.span),
            source: rule.source,
            target: rule.target,
            precedence: rule.precedence,
            priority: rule.priority,
            link: rule.link,
            scope,
            joins,
            ambiguous_continue: rule.ambiguous_continue,
            deprovision,
            flows,
            time_dependent,
        }
    }

    fn flow(&mut self, flow: &checked::Flow) -> Flow {
        Flow {
            target: flow.target,
            mode: flow.mode,
            value: flow.value.expr.clone(),
            deferred: flow.deferred,
            origin: self.origin(flow.span),
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn reads_clock(expr: &Expr) -> bool {
    let mut reads = false;
    expr.walk(&mut |expr| {
        if let Expr::Call { function, .. } = expr {
            reads |= functions::find(function).is_some_and(|f| f.effect == Effect::Clock);
        }
    });
    reads
}

/// Marks the attributes that expressions read. A plain copy of references is done on their rows and
/// reads no value.
fn mark_read(rules: &mut ir::Rules) {
    let mut read: Vec<(End, usize)> = Vec::new();
    let mut all = |end: End, expr: &Expr| {
        expr.walk(&mut |expr| {
            if let Expr::Attribute(slot) = expr {
                read.push((end, *slot));
            }
        });
    };
    for rule in rules.inbound.iter().chain(&rules.outbound) {
        rule.scope
            .iter()
            .for_each(|clause| all(rule.source, &clause.condition));
        let terms = rule.joins.iter().flat_map(|join| &join.terms);
        terms.for_each(|term| all(rule.source, &term.source));
        let disable: &[Flow] = match &rule.deprovision {
            Deprovision::Disable(flows) => flows,
            _ => &[],
        };
        for flow in rule.flows.iter().chain(disable) {
            let copy =
                matches!(flow.value, Expr::Attribute(slot) if reference(rules, rule.source, slot));
            if !copy {
                all(rule.source, &flow.value);
            }
        }
    }
    for (end, slot) in read {
        let object_type = match end {
            End::Directory(connector, at) => rules
                .connectors
                .get_mut(connector)
                .and_then(|c| c.object_types.get_mut(at)),
            End::Metaverse(at) => rules.metaverse.get_mut(at),
            End::Any => None,
        };
        if let Some(attribute) = object_type.and_then(|ty| ty.attributes.get_mut(slot)) {
            attribute.read = true;
        }
    }
}

fn reference(rules: &ir::Rules, end: End, slot: usize) -> bool {
    end.object_type(&rules.connectors, &rules.metaverse)
        .and_then(|ty| ty.attributes.get(slot))
        .is_some_and(|attribute| attribute.reference)
}
