//! Operands of expressions; operators.rs puts them together.

use pest::iterators::Pair;

use super::operators::Item;
use super::{Builder, Rule, parts};
use crate::ast::{Expr, ExprKind, MatchArm, Name, Tag, UnaryOperator};

impl<'t> Builder<'t> {
    /// An expression (or the source side of a join term): operands and the operators between them.
    pub fn expression(&mut self, pair: Pair<'t, Rule>) -> Expr {
        let whole = self.span(&pair);
        let mut items = Vec::new();
        for part in pair.into_inner() {
            let span = self.span(&part);
            let item = match part.as_rule() {
                Rule::prefix if part.as_str() == "-" => Item::Prefix(UnaryOperator::Negate, span),
                Rule::prefix => Item::Prefix(UnaryOperator::Not, span),
                Rule::presence => Item::Presence(part.as_str().ends_with("present"), span),
                Rule::infix | Rule::arithmetic => self.infix(part.as_str(), span),
                Rule::integer => {
                    let minus =
                        items.pop_if(|item| matches!(item, Item::Prefix(UnaryOperator::Negate, _)));
                    let span = minus.as_ref().map_or(span, |sign| sign.span().to(span));
                    let value = self.integer(part.as_str(), minus.is_some(), span);
                    Item::Operand(Expr {
                        span,
                        kind: ExprKind::Int(value),
                    })
                }
                _ => Item::Operand(self.operand(part)),
            };
            items.push(item);
        }
        self.combine(items).unwrap_or(Expr {
            span: whole,
            kind: ExprKind::Bad,
        })
    }

    fn operand(&mut self, pair: Pair<'t, Rule>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::text => ExprKind::Text(self.text(pair).value),
            Rule::parameter => ExprKind::Parameter(pair.as_str().trim_matches('%').to_owned()),
            Rule::constant => constant(pair.as_str()),
            Rule::bare_name | Rule::quoted_name => ExprKind::Name(self.name(pair).text),
            Rule::tagged => self.tagged(pair).unwrap_or(ExprKind::Bad),
            Rule::failure => self.only(pair).map_or(ExprKind::Bad, ExprKind::Error),
            Rule::parenthesized => self
                .only(pair)
                .map_or(ExprKind::Bad, ExprKind::Parenthesized),
            Rule::call => self.call(pair).unwrap_or(ExprKind::Bad),
            Rule::conditional => self.conditional(pair).unwrap_or(ExprKind::Bad),
            Rule::matching => self.matching(pair).unwrap_or(ExprKind::Bad),
            Rule::record => ExprKind::Record(self.entries(pair)),
            Rule::list => self.list(pair),
            _ => ExprKind::Bad,
        };
        Expr { span, kind }
    }

    fn only(&mut self, pair: Pair<'t, Rule>) -> Option<Box<Expr>> {
        let inside = parts(pair.into_inner()).next()?;
        Some(Box::new(self.expression(inside)))
    }

    fn tagged(&mut self, pair: Pair<'t, Rule>) -> Option<ExprKind> {
        let mut inside = parts(pair.into_inner());
        let tag = match inside.next()?.as_str() {
            "guid" => Tag::Guid,
            "sid" => Tag::Sid,
            "hex" => Tag::Hex,
            _ => Tag::Time,
        };
        Some(ExprKind::Tagged(tag, self.text(inside.next()?)))
    }

    fn call(&mut self, pair: Pair<'t, Rule>) -> Option<ExprKind> {
        let mut inside = parts(pair.into_inner());
        let function = self.name(inside.next()?);
        let arguments = inside.map(|argument| self.expression(argument)).collect();
        Some(ExprKind::Call {
            function,
            arguments,
        })
    }

    fn conditional(&mut self, pair: Pair<'t, Rule>) -> Option<ExprKind> {
        let mut inside = parts(pair.into_inner());
        let condition = Box::new(self.expression(inside.next()?));
        let then = Box::new(self.expression(inside.next()?));
        let otherwise = inside
            .next()
            .map(|branch| Box::new(self.expression(branch)));
        Some(ExprKind::If {
            condition,
            then,
            otherwise,
        })
    }

    fn matching(&mut self, pair: Pair<'t, Rule>) -> Option<ExprKind> {
        let mut inside = parts(pair.into_inner());
        let subject = Box::new(self.expression(inside.next()?));
        let (mut arms, mut otherwise) = (Vec::new(), None);
        for part in inside {
            match part.as_rule() {
                Rule::default_arm => otherwise = self.only(part),
                _ => arms.extend(self.arm(part)),
            }
        }
        Some(ExprKind::Match {
            subject,
            arms,
            otherwise,
        })
    }

    fn arm(&mut self, pair: Pair<'t, Rule>) -> Option<MatchArm> {
        let mut patterns: Vec<Expr> = parts(pair.clone().into_inner())
            .map(|part| self.expression(part))
            .collect();
        let value = patterns.pop()?;
        let end = value.span;
        Some(MatchArm {
            span: self.span(&pair).to(end),
            patterns,
            value,
        })
    }

    /// The `name: value` pairs of a record or of a test's object.
    pub fn entries(&mut self, pair: Pair<'t, Rule>) -> Vec<(Name, Expr)> {
        parts(pair.into_inner())
            .filter_map(|entry| self.entry(entry))
            .collect()
    }

    fn entry(&mut self, pair: Pair<'t, Rule>) -> Option<(Name, Expr)> {
        let mut inside = parts(pair.into_inner());
        Some((self.name(inside.next()?), self.expression(inside.next()?)))
    }

    fn list(&mut self, pair: Pair<'t, Rule>) -> ExprKind {
        let mut items = Vec::new();
        for part in parts(pair.into_inner()) {
            match part.as_rule() {
                Rule::comprehension => {
                    return self
                        .comprehension(items.pop(), part)
                        .unwrap_or(ExprKind::Bad);
                }
                _ => items.push(self.expression(part)),
            }
        }
        ExprKind::List(items)
    }

    fn comprehension(&mut self, body: Option<Expr>, pair: Pair<'t, Rule>) -> Option<ExprKind> {
        let mut inside = parts(pair.into_inner());
        let variable = self.name(inside.next()?);
        let source = Box::new(self.expression(inside.next()?));
        let condition = inside
            .next()
            .map(|condition| Box::new(self.expression(condition)));
        Some(ExprKind::Comprehension {
            body: Box::new(body?),
            variable,
            source,
            condition,
        })
    }
}

fn constant(word: &str) -> ExprKind {
    match word {
        "true" => ExprKind::Bool(true),
        "false" => ExprKind::Bool(false),
        "it" => ExprKind::It,
        "clear" => ExprKind::Clear,
        "skip" => ExprKind::Skip,
        _ => ExprKind::Null,
    }
}
