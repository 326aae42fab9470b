//! Declarations other than metaverse types, rules and tests.

use pest::iterators::{Pair, Pairs};

use super::{Builder, Rule, parts};
use crate::ast::{
    Connector, Declaration, Expr, ExprKind, Function, Let, Name, Parameter, Script, TypeExpr, Use,
    UseSource,
};
use crate::error::SyntaxErrorKind;
use crate::span::Span;

impl<'t> Builder<'t> {
    pub fn declarations(&mut self, pairs: Pairs<'t, Rule>) -> Vec<Declaration> {
        parts(pairs)
            .filter_map(|pair| self.declaration(pair))
            .collect()
    }

    fn declaration(&mut self, pair: Pair<'t, Rule>) -> Option<Declaration> {
        match pair.as_rule() {
            Rule::use_declaration => self.use_declaration(pair).map(Declaration::Use),
            Rule::connector_declaration => self.connector(pair).map(Declaration::Connector),
            Rule::metaverse_declaration => self.metaverse(pair).map(Declaration::Metaverse),
            Rule::rule_declaration => self.rule(pair).map(Declaration::Rule),
            Rule::extend_declaration => self.extend(pair).map(Declaration::Extend),
            Rule::function_declaration => self.function(pair).map(Declaration::Function),
            Rule::script_declaration => self.script(pair).map(Declaration::Script),
            Rule::let_declaration => self.constant(pair).map(Declaration::Let),
            Rule::test_declaration => self.test(pair).map(Declaration::Test),
            _ => None,
        }
    }

    fn use_declaration(&mut self, pair: Pair<'t, Rule>) -> Option<Use> {
        let span = self.span(&pair);
        let mut inside = parts(pair.into_inner());
        let source = inside.next()?;
        let source = match source.as_rule() {
            Rule::text => UseSource::Path(self.text(source)),
            _ => UseSource::Pack(self.name(source)),
        };
        Some(Use {
            span,
            source,
            with: inside.map(|name| self.name(name)).collect(),
        })
    }

    fn connector(&mut self, pair: Pair<'t, Rule>) -> Option<Connector> {
        let (span, doc) = (self.span(&pair), self.doc(&pair));
        let mut inside = parts(pair.into_inner());
        let (name, kind) = (self.name(inside.next()?), self.name(inside.next()?));
        let (mut schema, mut priority) = (None, None);
        for item in inside {
            let place = self.span(&item);
            let is_schema = item.as_rule() == Rule::connector_schema;
            let Some(value) = parts(item.into_inner()).next() else {
                continue;
            };
            let repeated = match is_schema {
                true => schema.replace(self.text(value)).is_some(),
                false => priority.replace(self.plain_integer(value)).is_some(),
            };
            if repeated {
                let word = if is_schema { "schema" } else { "priority" };
                let help = "a connector has one of them: remove the other";
                self.report(
                    SyntaxErrorKind::Unexpected,
                    place,
                    format!("`{word}` is given twice"),
                    Some(help),
                );
            }
        }
        Some(Connector {
            span,
            doc,
            name,
            kind,
            schema,
            priority,
        })
    }

    fn function(&mut self, pair: Pair<'t, Rule>) -> Option<Function> {
        let (span, doc) = (self.span(&pair), self.doc(&pair));
        let mut inside = parts(pair.into_inner());
        let (name, parameters, result) = self.function_head(inside.next()?)?;
        let body = self.expression(inside.next()?);
        Some(Function {
            span,
            doc,
            name,
            parameters,
            result,
            body,
        })
    }

    /// A function whose body did not parse: `pairs` are what stands before it.
    pub fn function_without_body(
        &mut self,
        pairs: Pairs<'t, Rule>,
        span: Span,
    ) -> Option<Function> {
        let doc = self.tokens.doc_before(span.start as usize);
        let (name, parameters, result) = self.function_head(parts(pairs).next()?)?;
        Some(Function {
            span,
            doc,
            name,
            parameters,
            result,
            body: Expr {
                span,
                kind: ExprKind::Bad,
            },
        })
    }

    fn script(&mut self, pair: Pair<'t, Rule>) -> Option<Script> {
        let (span, doc) = (self.span(&pair), self.doc(&pair));
        let mut inside = parts(pair.into_inner());
        let (name, parameters, result) = self.function_head(inside.next()?)?;
        let source = self.script_text(inside.next()?);
        Some(Script {
            span,
            doc,
            name,
            parameters,
            result,
            source,
        })
    }

    fn function_head(&mut self, pair: Pair<'t, Rule>) -> Option<(Name, Vec<Parameter>, TypeExpr)> {
        let mut inside = parts(pair.into_inner());
        let name = self.name(inside.next()?);
        let parameters = parts(inside.next()?.into_inner())
            .filter_map(|pair| self.parameter(pair))
            .collect();
        Some((name, parameters, self.type_expr(inside.next()?)?))
    }

    fn parameter(&mut self, pair: Pair<'t, Rule>) -> Option<Parameter> {
        let mut inside = parts(pair.into_inner());
        Some(Parameter {
            name: self.name(inside.next()?),
            ty: self.type_expr(inside.next()?)?,
        })
    }

    fn constant(&mut self, pair: Pair<'t, Rule>) -> Option<Let> {
        let (span, doc) = (self.span(&pair), self.doc(&pair));
        let mut inside = parts(pair.into_inner());
        Some(Let {
            span,
            doc,
            name: self.name(inside.next()?),
            value: self.expression(inside.next()?),
        })
    }

    /// A constant whose value did not parse: `pairs` are what stands before it.
    pub fn constant_without_value(&mut self, pairs: Pairs<'t, Rule>, span: Span) -> Option<Let> {
        let doc = self.tokens.doc_before(span.start as usize);
        let name = self.name(parts(pairs).next()?);
        Some(Let {
            span,
            doc,
            name,
            value: Expr {
                span,
                kind: ExprKind::Bad,
            },
        })
    }
}
