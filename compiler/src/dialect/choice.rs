//! Choices, loops and names: what is a function there and a construct of the language here.

use trib_grammar::Span;
use trib_grammar::ast::{ExprKind, MatchArm};

use super::lift::comprehension;
use super::made::Made;
use super::syntax::{Call, Node, NodeKind};
use super::translator::{Binding, Meaning, Named, Position, Translator};
use crate::diagnostics::codes;

/// More choices than this are written as arms of one `match`, which does not nest.
const MOST_NESTED: usize = 16;

impl Translator<'_> {
    /// `IIF(condition, then, else)`
    pub fn iif(&mut self, call: &Call, node: &Node, at: Position<'_>) -> Made {
        let span = node.span;
        let [condition, then, otherwise] = call.arguments.as_slice() else {
            return self.miscounted(call, "a condition and two values", span);
        };
        if let Some(attribute) = self.lifted(node, at) {
            return self.one_by_one(node, &attribute, at);
        }
        if let Some(made) = self.fallback(condition, then, otherwise, at) {
            return made;
        }
        let condition = self.condition(condition, at);
        let then = self.value(then, at);
        let otherwise = self.value(otherwise, at);
        Made::choice(condition, then, otherwise, span)
    }

    /// A value of a choice; one that is left out is nothing.
    pub fn value(&mut self, node: &Node, at: Position<'_>) -> Made {
        match node.kind {
            NodeKind::Omitted => Made::null(node.span),
            _ => self.node(node, at),
        }
    }

    /// `x ?? y`, where the condition asks whether the other branch has a value. Attributes only: they hold
    /// no empty texts, so that it is the same.
    fn fallback(
        &mut self,
        condition: &Node,
        then: &Node,
        otherwise: &Node,
        at: Position<'_>,
    ) -> Option<Made> {
        let NodeKind::Call(test) = &condition.bare().kind else {
            return None;
        };
        let (value, other) = match test.name.as_str() {
            "IsNullOrEmpty" | "IsNull" => (otherwise, then),
            "IsPresent" => (then, otherwise),
            _ => return None,
        };
        let [asked] = test.arguments.as_slice() else {
            return None;
        };
        let same = match (&asked.bare().kind, &value.bare().kind) {
            (NodeKind::Attribute(a), NodeKind::Attribute(b)) => a.eq_ignore_ascii_case(b),
            _ => false,
        };
        if !same {
            return None;
        }
        let made = self.node(value, at.inner());
        if other.is_nothing() {
            return Some(made);
        }
        let other = self.node(other, at);
        Some(made.or(other))
    }

    /// Pairs of conditions and values, first to last, and the value where none holds.
    pub fn choices(&mut self, pairs: Vec<(Made, Made)>, otherwise: Made, span: Span) -> Made {
        if pairs.len() <= MOST_NESTED {
            let nested = pairs.into_iter().rev();
            return nested.fold(otherwise, |otherwise, (condition, then)| {
                Made::choice(condition, then, otherwise, span)
            });
        }
        self.matched(Made::bool(true, span), pairs, otherwise, span)
    }

    /// `match subject { pattern -> value … else -> … }`
    pub fn matched(
        &mut self,
        subject: Made,
        pairs: Vec<(Made, Made)>,
        otherwise: Made,
        span: Span,
    ) -> Made {
        let base = otherwise
            .base
            .clone()
            .filter(|base| pairs.iter().all(|(_, value)| value.is(base)));
        let many = otherwise.many || pairs.iter().any(|(_, value)| value.many);
        let arms = pairs.into_iter().map(|(pattern, value)| MatchArm {
            span: pattern.expr.span,
            patterns: vec![pattern.expr],
            value: value.expr,
        });
        let kind = ExprKind::Match {
            subject: Box::new(subject.expr),
            arms: arms.collect(),
            otherwise: match otherwise.expr.kind {
                ExprKind::Null => None,
                _ => Some(Box::new(otherwise.expr)),
            },
        };
        Made {
            base,
            many,
            ..Made::new(kind, span)
        }
    }

    /// `Select($item, list, value)` and `Where($item, list, condition)`
    pub fn each(&mut self, call: &Call, node: &Node, at: Position<'_>) -> Made {
        let span = node.span;
        let [variable, source, body] = call.arguments.as_slice() else {
            return self.miscounted(call, "a variable, a list and an expression", span);
        };
        let Some(name) = self.declared(variable, call) else {
            return Made::null(span);
        };
        let source = self.node(source, at.inner());
        let base = source.base.clone();
        let source = match source.base {
            // A list of one, where the attribute is known to have a single value.
            Some(_) if !source.many => {
                let span = source.expr.span;
                Made::new(ExprKind::List(vec![source.expr]), span)
            }
            _ => source,
        };
        let item = self.variable_name(name, at);
        let binding = Binding {
            name: Named::Variable(name),
            meaning: Meaning::Item(item.clone(), base.clone()),
            outer: at.names,
        };
        let inner = at.inner().with(&binding);
        if call.name == "Where" {
            let condition = self.condition(body, inner);
            let body = Made::new(ExprKind::Name(item.clone()), variable.span);
            let body = Made { base, ..body };
            return comprehension(body, &item, source, Some(condition), span);
        }
        let body = self.node(body, inner);
        comprehension(body, &item, source, None, span)
    }

    /// `With($name, value, body)`: the value is put where the name stands.
    pub fn with(&mut self, call: &Call, node: &Node, at: Position<'_>) -> Made {
        let [variable, value, body] = call.arguments.as_slice() else {
            return self.miscounted(call, "a variable, a value and an expression", node.span);
        };
        let Some(name) = self.declared(variable, call) else {
            return Made::null(node.span);
        };
        let uses = uses(body, name);
        if uses > 1 && has_chance(value) {
            self.refuse(
                &codes::UNTRANSLATABLE,
                value.span,
                format!("`${name}` is made by chance once and used {uses} times, which there is no form for"),
                "flow the value to a metaverse attribute of its own first",
            );
        }
        if uses == 0 {
            // What is never used must be sound all the same.
            self.node(value, at.inner());
            self.note(
                value.span,
                format!("`${name}` is never used and was left out"),
                "nothing is lost: it has no effect",
            );
        }
        let binding = Binding {
            name: Named::Variable(name),
            meaning: Meaning::Value(value, at.names),
            outer: at.names,
        };
        self.node(body, at.with(&binding))
    }

    fn declared<'n>(&mut self, variable: &'n Node, call: &Call) -> Option<&'n str> {
        match &variable.kind {
            NodeKind::Variable(name) => Some(name),
            _ => {
                let message = format!("`{}` begins with the variable it declares", call.name);
                self.refuse(
                    &codes::FOREIGN_ARGUMENTS,
                    variable.span,
                    message,
                    "write it as `$item`",
                );
                None
            }
        }
    }

    /// Reports a wrong number of arguments.
    pub fn miscounted(&mut self, call: &Call, wanted: &str, span: Span) -> Made {
        let message = format!(
            "`{}` takes {wanted}, not {}",
            call.name,
            counted(call.arguments.len())
        );
        self.refuse(
            &codes::FOREIGN_ARGUMENTS,
            call.name_span,
            message,
            "add or remove arguments",
        );
        Made::null(span)
    }
}

fn counted(arguments: usize) -> String {
    match arguments {
        1 => "1 argument".to_owned(),
        count => format!("{count} arguments"),
    }
}

/// How often a variable is used in a piece.
fn uses(node: &Node, name: &str) -> usize {
    match &node.kind {
        NodeKind::Variable(used) => usize::from(used == name),
        _ => parts(node).map(|part| uses(part, name)).sum(),
    }
}

fn has_chance(node: &Node) -> bool {
    let itself = matches!(&node.kind, NodeKind::Call(call) if matches!(call.name.as_str(), "Guid" | "RandomNum" | "RandomString"));
    itself || parts(node).any(has_chance)
}

fn parts(node: &Node) -> Box<dyn Iterator<Item = &Node> + '_> {
    match &node.kind {
        NodeKind::Group(inside) | NodeKind::Negative(inside) => {
            Box::new(std::iter::once(&**inside))
        }
        NodeKind::Call(call) => Box::new(call.arguments.iter()),
        NodeKind::Chain(first, others) => {
            Box::new(std::iter::once(&**first).chain(others.iter().map(|(_, other)| other)))
        }
        _ => Box::new(std::iter::empty()),
    }
}
