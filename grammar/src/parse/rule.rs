//! Rules, their extensions, and the clauses of both.

use pest::iterators::Pair;

use super::{Builder, Rule, parts};
use crate::ast::{
    self, Clause, ClauseKind, Deprovision, Extend, ExtendItem, ExtendKind, JoinTerm, Text, TypePath,
};

impl<'t> Builder<'t> {
    pub fn rule(&mut self, pair: Pair<'t, Rule>) -> Option<ast::Rule> {
        let (span, doc) = (self.span(&pair), self.doc(&pair));
        let mut inside = parts(pair.into_inner());
        let name = self.head_text(inside.next()?)?;
        let clauses = inside.filter_map(|clause| self.clause(clause)).collect();
        Some(ast::Rule {
            span,
            doc,
            name,
            clauses,
        })
    }

    /// The name in a `rule "NAME" {`.
    pub fn head_text(&mut self, head: Pair<'t, Rule>) -> Option<Text> {
        parts(head.into_inner()).next().map(|name| self.text(name))
    }

    pub fn clause(&mut self, pair: Pair<'t, Rule>) -> Option<Clause> {
        let span = self.span(&pair);
        let clause = pair.into_inner().next()?;
        let rule = clause.as_rule();
        let keyword = self.span(&clause.clone().into_inner().next()?);
        let mut inside = parts(clause.into_inner());
        let kind = match rule {
            Rule::from_clause => ClauseKind::From(self.type_path(inside.next()?)?),
            Rule::to_clause => ClauseKind::To(self.type_path(inside.next()?)?),
            Rule::precedence_clause => ClauseKind::Precedence(self.plain_integer(inside.next()?).0),
            Rule::link_clause => ClauseKind::Link(self.name(inside.next()?)),
            Rule::scope_clause => ClauseKind::Scope(self.expression(inside.next()?)),
            Rule::join_clause => {
                ClauseKind::Join(inside.filter_map(|term| self.join_term(term)).collect())
            }
            Rule::ambiguous_clause => ClauseKind::AmbiguousContinue,
            Rule::deprovision_clause => ClauseKind::Deprovision(self.deprovision(inside.next()?)?),
            Rule::flow_clause => ClauseKind::Flow(self.flows(inside.next()?)),
            _ => ClauseKind::Disabled,
        };
        Some(Clause {
            span,
            keyword,
            kind,
        })
    }

    pub fn type_path(&mut self, pair: Pair<'t, Rule>) -> Option<TypePath> {
        let span = self.span(&pair);
        let mut names = parts(pair.into_inner()).map(|name| self.name(name));
        let first = names.next()?;
        Some(match names.next() {
            Some(object_type) => TypePath {
                span,
                connector: Some(first),
                object_type,
            },
            None => TypePath {
                span,
                connector: None,
                object_type: first,
            },
        })
    }

    fn join_term(&mut self, pair: Pair<'t, Rule>) -> Option<JoinTerm> {
        let span = self.span(&pair);
        let mut inside = parts(pair.into_inner());
        let source = self.expression(inside.next()?);
        let exact = inside.next()?.as_str() == "===";
        let (target_type, target_attribute) =
            (self.name(inside.next()?), self.name(inside.next()?));
        Some(JoinTerm {
            span,
            source,
            exact,
            target_type,
            target_attribute,
        })
    }

    fn deprovision(&mut self, pair: Pair<'t, Rule>) -> Option<Deprovision> {
        Some(match pair.as_rule() {
            Rule::kw_delete => Deprovision::Delete,
            Rule::kw_disconnect => Deprovision::Disconnect,
            _ => Deprovision::Disable(self.flows(parts(pair.into_inner()).next()?)),
        })
    }

    pub fn extend(&mut self, pair: Pair<'t, Rule>) -> Option<Extend> {
        let (span, doc) = (self.span(&pair), self.doc(&pair));
        let mut inside = parts(pair.into_inner());
        let name = self.head_text(inside.next()?)?;
        let items = inside.filter_map(|item| self.extend_item(item)).collect();
        Some(Extend {
            span,
            doc,
            name,
            items,
        })
    }

    pub fn extend_item(&mut self, pair: Pair<'t, Rule>) -> Option<ExtendItem> {
        let span = self.span(&pair);
        let item = pair.into_inner().next()?;
        let rule = item.as_rule();
        let mut inside = parts(item.into_inner());
        let kind = match rule {
            Rule::flow_clause => ExtendKind::Flow(self.flows(inside.next()?)),
            Rule::without_flow => ExtendKind::WithoutFlow(self.targets(inside.next()?)),
            Rule::and_scope => ExtendKind::AndScope(self.expression(inside.next()?)),
            _ => ExtendKind::Disabled,
        };
        Some(ExtendItem { span, kind })
    }
}
