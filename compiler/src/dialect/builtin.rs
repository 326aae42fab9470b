//! Functions that both sides have under one name: arguments are read by our declaration.

use trib_grammar::Span;
use trib_grammar::ast::ExprKind;

use super::Dialect;
use super::made::Made;
use super::syntax::{Call, Node, NodeKind};
use super::translator::{Position, Translator};
use crate::diagnostics::codes;
use crate::functions::{self, Absence, Function, Kind, Occurs, Shape};
use crate::types::Base;

/// Functions that make "" of an absent text in the other products; ours leave it absent.
const NULL_IS_EMPTY: [&str; 6] = ["Left", "Right", "Mid", "PadLeft", "PadRight", "Word"];

/// Functions to whose result it does not matter whether their text is absent or "".
const SAME_OF_EMPTY: [&str; 3] = ["IsPresent", "IsNullOrEmpty", "Len"];

/// Functions that give of "" the same as of nothing, save that it is "".
const KEEP_EMPTY: [&str; 13] = [
    "Left",
    "Right",
    "Mid",
    "Word",
    "LCase",
    "UCase",
    "PCase",
    "Trim",
    "LTrim",
    "RTrim",
    "Replace",
    "ReplaceChars",
    "Append",
];

impl Translator<'_> {
    /// A call of our function of this name with the arguments as they stand.
    pub fn builtin(&mut self, name: &str, call: &Call, span: Span, at: Position<'_>) -> Made {
        let Some(function) = functions::find(name) else {
            return Made::null(span);
        };
        let given = trimmed(&call.arguments);
        let (least, most) = arity(function);
        if given.len() < least || given.len() > most {
            let wanted = match (least, most) {
                (least, usize::MAX) => format!("at least {least}"),
                (least, most) if least == most => format!("{least}"),
                (least, most) => format!("{least} to {most}"),
            };
            return self.miscounted(call, &wanted, span);
        }
        let mut arguments = Vec::new();
        for (index, argument) in given.iter().enumerate() {
            let Some(parameter) = function
                .parameters
                .get(index)
                .or(function.parameters.last())
            else {
                continue;
            };
            let kind = match parameter.shape {
                Shape::One(kind) | Shape::Many(kind) | Shape::Whole(kind) => kind,
            };
            if argument.kind == NodeKind::Omitted && parameter.name == "start" {
                arguments.push((parameter.shape, Made::int(1, argument.span)));
                continue;
            }
            let blank = index == 0
                && (SAME_OF_EMPTY.contains(&name)
                    || KEEP_EMPTY.contains(&name) && at.blank
                    || name == "InStr"
                        && given
                            .get(1)
                            .and_then(Node::literal)
                            .is_some_and(|find| !find.is_empty()));
            let made = self.argument(argument, kind, at.inner().blank(blank));
            arguments.push((parameter.shape, made));
        }
        let made = self.called(function, arguments, span);
        if NULL_IS_EMPTY.contains(&name) && !at.blank && !made.present {
            return made.or(Made::text("", span)).surely();
        }
        made
    }

    /// An argument of our functions, converted as the other product converts.
    pub fn argument(&mut self, node: &Node, kind: Kind, at: Position<'_>) -> Made {
        if let Kind::Word(words) = kind {
            return self.word(node, words);
        }
        let made = self.node(node, at);
        match kind {
            Kind::Text | Kind::TextOrBinary if self.dialect == Dialect::Cloud => self.as_text(made),
            Kind::Time if self.dialect == Dialect::Cloud => self.as_time(made),
            Kind::Int if made.is_text() => {
                let span = made.expr.span;
                let present = made.present;
                Made {
                    present,
                    ..Made::call("CNum", vec![made], span).of(Base::Int)
                }
            }
            _ => made,
        }
    }

    /// One of a few words, which may stand bare or in quotes.
    fn word(&mut self, node: &Node, words: &[&str]) -> Made {
        let given = match &node.bare().kind {
            NodeKind::Text(word) | NodeKind::Word(word) => word.as_str(),
            _ => "",
        };
        match words.iter().find(|word| word.eq_ignore_ascii_case(given)) {
            Some(word) => Made::text(word, node.span),
            None => {
                let list = crate::names::list(words.iter().copied());
                let help = format!("write one of {list}");
                self.refuse(
                    &codes::FOREIGN_NAME,
                    node.span,
                    "one of a few words is needed here",
                    help,
                );
                Made::null(node.span)
            }
        }
    }

    /// A time, read from a text where it is none yet.
    pub fn as_time(&mut self, made: Made) -> Made {
        if made.is(&Base::Time) {
            return made;
        }
        let span = made.expr.span;
        let (present, many) = (made.present, made.many);
        Made {
            present,
            many,
            ..Made::call("CDate", vec![made], span).of(Base::Time)
        }
    }

    /// The call, with what our declaration says of its value.
    pub fn called(
        &mut self,
        function: &Function,
        arguments: Vec<(Shape, Made)>,
        span: Span,
    ) -> Made {
        let over = arguments
            .iter()
            .any(|(shape, made)| matches!(shape, Shape::One(_)) && made.many);
        let any = arguments
            .iter()
            .find(|(shape, _)| {
                matches!(
                    shape,
                    Shape::One(Kind::Any) | Shape::Many(Kind::Any) | Shape::Whole(Kind::Any)
                )
            })
            .and_then(|(_, made)| made.base.clone());
        let (Shape::One(kind) | Shape::Many(kind) | Shape::Whole(kind)) = function.result;
        let base = match kind {
            Kind::Text | Kind::Word(_) => Some(Base::TEXT),
            Kind::Int => Some(Base::Int),
            Kind::Bool => Some(Base::Bool),
            Kind::Binary => Some(Base::Binary),
            Kind::Guid => Some(Base::Guid),
            Kind::Time => Some(Base::Time),
            Kind::Dn => Some(Base::Dn),
            Kind::TextOrBinary | Kind::Any => any,
        };
        let present = match function.absence {
            Absence::Never => true,
            Absence::Strict => arguments.iter().all(|(_, made)| made.present),
            Absence::StrictOrAbsent | Absence::Body => false,
        };
        Made {
            base,
            many: over || matches!(function.result, Shape::Many(_)),
            present,
            ..Made::call(
                function.name,
                arguments.into_iter().map(|(_, made)| made).collect(),
                span,
            )
        }
    }

    /// `error`
    pub fn failure(&mut self, call: &Call, span: Span, at: Position<'_>) -> Made {
        let [message] = call.arguments.as_slice() else {
            return self.miscounted(call, "the message", span);
        };
        let message = self.node(message, at.inner().blank(true));
        let message = self.as_text(message);
        Made::new(ExprKind::Error(Box::new(message.expr)), span).surely()
    }
}

/// Without the arguments at the end that are left out.
pub(super) fn trimmed(arguments: &[Node]) -> &[Node] {
    let count = arguments
        .iter()
        .rposition(|argument| argument.kind != NodeKind::Omitted)
        .map_or(0, |last| last + 1);
    arguments.get(..count).unwrap_or(arguments)
}

fn arity(function: &Function) -> (usize, usize) {
    let required = function
        .parameters
        .iter()
        .filter(|p| p.occurs != Occurs::Optional)
        .count();
    let repeated = function
        .parameters
        .last()
        .is_some_and(|p| p.occurs == Occurs::Repeated);
    let most = if repeated {
        usize::MAX
    } else {
        function.parameters.len()
    };
    (required, most)
}
