//! Several values where the foreign product works on each: operators and conditions over a multi-valued
//! attribute become a comprehension over it.

use trib_grammar::Span;
use trib_grammar::ast::{Expr, ExprKind, Name};

use super::made::Made;
use super::syntax::{Call, Node, NodeKind};
use super::translator::{Binding, Meaning, Named, Position, Translator};
use crate::diagnostics::codes;
use crate::functions::{self, Occurs, Shape};

impl Translator<'_> {
    /// The multi-valued attribute over which the operands of this piece go one by one. Two of them are an
    /// error: nothing says how their values belong together.
    pub fn lifted(&mut self, node: &Node, at: Position<'_>) -> Option<String> {
        let mut found: Vec<String> = Vec::new();
        match &node.kind {
            // `&` goes over one list as `Concat` does; with two the same attribute is meant twice.
            NodeKind::Chain(first, others) => {
                self.lists(first, at, &mut found);
                others
                    .iter()
                    .for_each(|(_, other)| self.lists(other, at, &mut found));
            }
            NodeKind::Call(call) => {
                if let Some(condition) = call.arguments.first() {
                    self.lists(condition, at, &mut found);
                }
            }
            _ => {}
        }
        if let [_, second, ..] = found.as_slice() {
            let message =
                format!("this goes over the values of `{second}` and of another attribute at once");
            self.refuse(
                &codes::UNTRANSLATABLE,
                node.span,
                message,
                "write the flow anew as a comprehension over one of them",
            );
            return None;
        }
        found.pop()
    }

    /// Adds the multi-valued attributes whose values come through to the value of this piece.
    fn lists(&self, node: &Node, at: Position<'_>, found: &mut Vec<String>) {
        match &node.kind {
            NodeKind::Attribute(name) => {
                let several = at.find(Named::Attribute(name)).is_none()
                    && (self.surroundings.attribute)(name).is_some_and(|ty| ty.many);
                if several && !found.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                    found.push(name.clone());
                }
            }
            NodeKind::Group(inside) | NodeKind::Negative(inside) => self.lists(inside, at, found),
            NodeKind::Chain(first, others) => {
                self.lists(first, at, found);
                others
                    .iter()
                    .for_each(|(_, other)| self.lists(other, at, found));
            }
            NodeKind::Call(call) => self.lists_of_call(call, at, found),
            _ => {}
        }
    }

    fn lists_of_call(&self, call: &Call, at: Position<'_>, found: &mut Vec<String>) {
        if call.name == "IIF" {
            call.arguments
                .iter()
                .for_each(|argument| self.lists(argument, at, found));
        }
        let Some(function) = functions::find(&call.name) else {
            if let ("ToLower" | "ToUpper", Some(text)) =
                (call.name.as_str(), call.arguments.first())
            {
                self.lists(text, at, found);
            }
            return;
        };
        let parameters = function.parameters;
        for (index, argument) in call.arguments.iter().enumerate() {
            let repeated = parameters
                .last()
                .filter(|parameter| parameter.occurs == Occurs::Repeated);
            let parameter = parameters.get(index).or(repeated);
            if parameter.is_some_and(|parameter| matches!(parameter.shape, Shape::One(_))) {
                self.lists(argument, at, found);
            }
        }
    }

    /// `[… for value in attribute]`, with the attribute meaning one of its values in the piece.
    pub fn one_by_one(&mut self, node: &Node, attribute: &str, at: Position<'_>) -> Made {
        let span = node.span;
        let variable = self.variable_name("value", at);
        let base = (self.surroundings.attribute)(attribute).map(|ty| ty.base);
        let binding = Binding {
            name: Named::Attribute(attribute),
            meaning: Meaning::Item(variable.clone(), base),
            outer: at.names,
        };
        let body = self.node(node, at.inner().with(&binding));
        let source = Made::new(ExprKind::Name(attribute.to_owned()), span);
        comprehension(body, &variable, source, None, span)
    }

    /// A name for a variable that hides neither an attribute nor a variable round it.
    pub fn variable_name(&self, wish: &str, at: Position<'_>) -> String {
        let plain = wish
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
            && wish.starts_with(|first: char| first.is_ascii_alphabetic());
        const TAKEN: [&str; 24] = [
            "if", "then", "else", "match", "not", "and", "or", "in", "is", "for", "true", "false",
            "null", "it", "clear", "skip", "exactly", "error", "contains", "starts", "ends",
            "matches", "under", "dn",
        ];
        let wish = if plain && !TAKEN.contains(&wish) {
            wish
        } else {
            "value"
        };
        let mut name = wish.to_owned();
        let mut number = 2;
        while self.is_taken(&name, at) {
            name = format!("{wish}{number}");
            number += 1;
        }
        name
    }

    fn is_taken(&self, name: &str, at: Position<'_>) -> bool {
        let mut names = at.names;
        while let Some(binding) = names {
            if matches!(&binding.meaning, Meaning::Item(taken, _) if taken == name) {
                return true;
            }
            names = binding.outer;
        }
        (self.surroundings.attribute)(name).is_some()
            || self.attributes.contains(&name.to_ascii_lowercase())
    }
}

/// A comprehension; a body that is an `if` without `else` becomes its condition.
pub(super) fn comprehension(
    body: Made,
    variable: &str,
    source: Made,
    condition: Option<Made>,
    span: Span,
) -> Made {
    let base = body.base.clone();
    let (body, condition) = match (body.expr, condition) {
        (
            Expr {
                kind:
                    ExprKind::If {
                        condition,
                        then,
                        otherwise: None,
                    },
                ..
            },
            None,
        ) => (*then, Some(*condition)),
        (body, condition) => (body, condition.map(|condition| condition.expr)),
    };
    let kind = ExprKind::Comprehension {
        body: Box::new(body),
        variable: Name {
            text: variable.to_owned(),
            span,
        },
        source: Box::new(source.expr),
        condition: condition.map(Box::new),
    };
    Made {
        base,
        many: true,
        ..Made::new(kind, span)
    }
}
