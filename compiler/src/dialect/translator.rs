//! The walk over a foreign expression: literals, names, variables, and who translates the rest.

use std::collections::HashSet;

use trib_grammar::ast::ExprKind;
use trib_grammar::{MAX_DEPTH, Span};

use super::made::Made;
use super::parse::too_deep;
use super::syntax::{Call, Node, NodeKind};
use super::{Dialect, Surroundings, cloud, connect};
use crate::check::PARAMETERS;
use crate::diagnostics::{Code, Diagnostic, codes};
use crate::types::Base;

/// Pieces that an expression and its translation may have; variables put in place multiply them.
pub(super) const MOST: usize = 50_000;

/// The state of one translation.
pub(super) struct Translator<'t> {
    pub dialect: Dialect,
    pub surroundings: &'t Surroundings<'t>,
    pub notes: Vec<Diagnostic>,
    pub errors: Vec<Diagnostic>,
    /// Names of attributes in the expression, in lower case: variables get others.
    pub attributes: HashSet<String>,
    made: usize,
}

/// Where a piece stands.
#[derive(Clone, Copy)]
pub(super) struct Position<'e> {
    pub names: Option<&'e Binding<'e>>,
    depth: usize,
    /// Its value is that of the flow.
    pub tail: bool,
    /// Nobody can tell "" from absence here.
    pub blank: bool,
}

/// A name of the expression and what stands for it.
pub(super) struct Binding<'e> {
    pub name: Named<'e>,
    pub meaning: Meaning<'e>,
    pub outer: Option<&'e Binding<'e>>,
}

/// What is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Named<'e> {
    /// `$item`
    Variable(&'e str),
    /// `[attribute]`, of whose values one is meant.
    Attribute(&'e str),
}

/// What a name stands for.
pub(super) enum Meaning<'e> {
    /// A variable of a comprehension.
    Item(String, Option<Base>),
    /// An expression, with the names that it sees.
    Value(&'e Node, Option<&'e Binding<'e>>),
}

impl<'e> Position<'e> {
    pub fn top(flow: bool) -> Position<'e> {
        Position {
            names: None,
            depth: 0,
            tail: true,
            blank: flow,
        }
    }

    /// An argument or operand: not the flow's value, and "" may matter.
    pub fn inner(self) -> Position<'e> {
        Position {
            tail: false,
            blank: false,
            ..self
        }
    }

    /// The same, where "" does not matter.
    pub fn blank(self, blank: bool) -> Position<'e> {
        Position { blank, ..self }
    }

    /// The same, with a further name.
    pub fn with(self, names: &'e Binding<'e>) -> Position<'e> {
        Position {
            names: Some(names),
            ..self
        }
    }

    pub fn find(&self, name: Named<'_>) -> Option<&'e Binding<'e>> {
        let mut names = self.names;
        while let Some(binding) = names {
            let same = match (binding.name, name) {
                (Named::Attribute(a), Named::Attribute(b)) => a.eq_ignore_ascii_case(b),
                (a, b) => a == b,
            };
            if same {
                return names;
            }
            names = binding.outer;
        }
        None
    }
}

impl<'t> Translator<'t> {
    pub fn new(
        dialect: Dialect,
        surroundings: &'t Surroundings<'t>,
        attributes: HashSet<String>,
    ) -> Translator<'t> {
        Translator {
            dialect,
            surroundings,
            notes: Vec::new(),
            errors: Vec::new(),
            attributes,
            made: 0,
        }
    }

    /// Translates one piece.
    pub fn node(&mut self, node: &Node, at: Position<'_>) -> Made {
        let span = node.span;
        self.made += 1;
        if at.depth >= MAX_DEPTH || self.made > MOST {
            if self.made <= MOST || self.errors.is_empty() {
                self.errors.push(too_deep(span));
            }
            return Made::null(span);
        }
        let at = Position {
            depth: at.depth + 1,
            ..at
        };
        match &node.kind {
            NodeKind::Text(text) => Made::text(text, span),
            NodeKind::Number(number) => Made::int(*number, span),
            NodeKind::Bool(truth) => Made::bool(*truth, span),
            NodeKind::Null => Made::null(span),
            NodeKind::AuthoritativeNull => self.outcome(ExprKind::Clear, span, at),
            NodeKind::IgnoreThisFlow => self.outcome(ExprKind::Skip, span, at),
            NodeKind::Attribute(name) => self.attribute(name, span, at),
            NodeKind::Parameter(name) => self.parameter(name, span),
            NodeKind::Variable(name) => self.variable(name, span, at),
            NodeKind::Word(word) => {
                let message = format!("`{word}` is no value");
                self.refuse(
                    &codes::FOREIGN_NAME,
                    span,
                    message,
                    "attributes stand in brackets, texts in quotes",
                );
                Made::null(span)
            }
            NodeKind::Omitted => {
                self.refuse(
                    &codes::FOREIGN_ARGUMENTS,
                    span,
                    "an argument is missing here",
                    "write it",
                );
                Made::null(span)
            }
            NodeKind::Group(inside) => {
                let inside = self.node(inside, at);
                match inside.expr.kind {
                    ExprKind::Binary { .. } => inside.grouped(),
                    _ => inside,
                }
            }
            NodeKind::Negative(operand) => {
                let operand = self.node(operand, at.inner());
                let present = operand.present;
                let kind = ExprKind::Unary {
                    operator: trib_grammar::ast::UnaryOperator::Negate,
                    operand: Box::new(operand.expr),
                };
                Made {
                    present,
                    ..Made::new(kind, span).of(Base::Int)
                }
            }
            NodeKind::Call(call) => self.call(call, node, at),
            NodeKind::Chain(first, others) => match self.lifted(node, at) {
                Some(attribute) => self.one_by_one(node, &attribute, at),
                None => self.chain(first, others, span, at),
            },
        }
    }

    fn call(&mut self, call: &Call, node: &Node, at: Position<'_>) -> Made {
        match self.dialect {
            Dialect::Connect => connect::call(self, call, node, at),
            Dialect::Cloud => cloud::call(self, call, node, at),
        }
    }

    /// `clear` or `skip`: not a value, but what becomes of the flow.
    pub fn outcome(&mut self, kind: ExprKind, span: Span, at: Position<'_>) -> Made {
        if !at.tail {
            self.refuse(
                &codes::UNTRANSLATABLE,
                span,
                "this decides about the whole flow, and stands where its value would be used for something else",
                "let the branches of the outermost `IIF` or `Switch` decide",
            );
        }
        Made::new(kind, span)
    }

    fn attribute(&mut self, name: &str, span: Span, at: Position<'_>) -> Made {
        if let Some(binding) = at.find(Named::Attribute(name)) {
            return self.meaning(binding, span, at);
        }
        let ty = (self.surroundings.attribute)(name);
        let made = Made::new(ExprKind::Name(name.to_owned()), span);
        match ty {
            Some(ty) => Made {
                many: ty.many,
                present: !ty.optional,
                base: Some(ty.base),
                ..made
            },
            None => made,
        }
    }

    fn variable(&mut self, name: &str, span: Span, at: Position<'_>) -> Made {
        match at.find(Named::Variable(name)) {
            Some(binding) => self.meaning(binding, span, at),
            None => {
                let message = format!("nothing declares `${name}`");
                self.refuse(
                    &codes::FOREIGN_NAME,
                    span,
                    message,
                    "`Select`, `Where` and `With` declare variables",
                );
                Made::null(span)
            }
        }
    }

    fn meaning(&mut self, binding: &Binding<'_>, span: Span, at: Position<'_>) -> Made {
        match &binding.meaning {
            Meaning::Item(name, base) => Made {
                base: base.clone(),
                present: true,
                ..Made::new(ExprKind::Name(name.clone()), span)
            },
            Meaning::Value(node, names) => {
                let at = Position {
                    names: *names,
                    ..at
                };
                let made = self.node(node, at);
                match made.expr.kind {
                    ExprKind::Binary { .. } => made.grouped(),
                    _ => made,
                }
            }
        }
    }

    /// Parameters that the product itself knows keep their names; others belong to the deployment.
    fn parameter(&mut self, name: &str, span: Span) -> Made {
        let known = PARAMETERS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name));
        let name = match known {
            Some(known) => (*known).to_owned(),
            None => format!("Param.{name}"),
        };
        Made::new(ExprKind::Parameter(name), span)
            .of(Base::TEXT)
            .surely()
    }

    /// Reports what cannot be translated.
    pub fn refuse(
        &mut self,
        code: &'static Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.errors
            .push(Diagnostic::new(code, span, message).help(help));
    }

    /// Tells what the reader should know.
    pub fn note(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let note = Diagnostic::new(&codes::TRANSLATION_NOTE, span, message).help(help);
        if self.notes.len() < 100 && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
