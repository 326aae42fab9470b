//! Conditions as formulas over literals, negation pushed down to them.

use super::atom::Atom;
use crate::functions::{self, Absence};
use crate::ir::{Comparison, Constant, Expr};

static TRUE: Constant = Constant::Bool(true);
static EMPTY: Constant = Constant::Text(String::new());

/// What must hold of an object.
#[derive(Debug, Clone)]
pub(super) enum Formula<'e> {
    /// It holds, or does not.
    Known(bool),
    /// Nothing is known.
    Unknown,
    /// One thing about one value.
    Literal(Literal<'e>),
    /// All of these.
    All(Vec<Formula<'e>>),
    /// One of these at least.
    Any(Vec<Formula<'e>>),
}

/// An atom about the value of a term holds, or does not.
#[derive(Debug, Clone)]
pub(super) struct Literal<'e> {
    pub term: &'e Expr,
    pub atom: Atom<'e>,
    pub holds: bool,
}

/// Reads conditions; knows what the variables of inlined functions stand for.
#[derive(Debug, Default)]
pub(super) struct Reading<'e> {
    bound: Vec<(usize, &'e Expr)>,
}

impl<'e> Reading<'e> {
    /// The condition has this truth, where absent counts as false.
    pub fn condition(&mut self, expr: &'e Expr, truth: bool) -> Formula<'e> {
        match expr {
            Expr::Constant(Constant::Bool(value)) => Formula::Known(*value == truth),
            Expr::Constant(_) => Formula::Known(!truth),
            Expr::Not(inner) => self.condition(inner, !truth),
            Expr::Probe { value, .. } => self.condition(value, truth),
            Expr::And(parts) => {
                let parts = parts.iter().map(|part| self.condition(part, truth));
                together(truth, parts.collect())
            }
            Expr::Or(parts) => {
                let parts = parts.iter().map(|part| self.condition(part, truth));
                together(!truth, parts.collect())
            }
            Expr::Present(inner) => self.presence(inner, truth),
            Expr::If {
                condition,
                then,
                otherwise,
            } => {
                let branches = [then, otherwise].map(|branch| self.condition(branch, truth));
                self.choice(condition, branches)
            }
            Expr::Bind { local, value, body } => {
                self.within(*local, value, |reading| reading.condition(body, truth))
            }
            Expr::Local(local) => match self.value_of(*local) {
                Some(value) => self.condition(value, truth),
                None => Formula::Unknown,
            },
            Expr::Compare {
                comparison,
                exact,
                left,
                right,
            } => self.compare(*comparison, *exact, left, right, truth),
            Expr::Call {
                function,
                arguments,
                over: None,
            } => self.call(expr, function, arguments, truth),
            _ => self.literal(expr, Atom::Equal(&TRUE, true), truth),
        }
    }

    /// One branch where the condition holds, the other where it does not.
    fn choice(&mut self, condition: &'e Expr, [then, otherwise]: [Formula<'e>; 2]) -> Formula<'e> {
        Formula::Any(vec![
            Formula::All(vec![self.condition(condition, true), then]),
            Formula::All(vec![self.condition(condition, false), otherwise]),
        ])
    }

    fn within<T>(&mut self, local: usize, value: &'e Expr, read: impl FnOnce(&mut Self) -> T) -> T {
        self.bound.push((local, value));
        let result = read(self);
        self.bound.pop();
        result
    }

    fn value_of(&self, local: usize) -> Option<&'e Expr> {
        let bound = self.bound.iter().rev();
        let (_, value) = bound.clone().find(|(known, _)| *known == local)?;
        Some(value)
    }

    /// The expression has a value, or has none.
    pub fn presence(&mut self, expr: &'e Expr, truth: bool) -> Formula<'e> {
        let mut all = |parts: &'e [Expr], truth_of_all: bool| {
            let parts = parts.iter().map(|part| self.presence(part, truth));
            together(truth_of_all == truth, parts.collect())
        };
        match expr {
            Expr::Constant(constant) => {
                Formula::Known(!matches!(constant, Constant::Absent) == truth)
            }
            Expr::Not(_) | Expr::And(_) | Expr::Or(_) | Expr::Compare { .. } => {
                Formula::Known(truth)
            }
            Expr::Present(_) | Expr::MemberOf(_) => Formula::Known(truth),
            // Of a flow: `clear` and `error` leave nothing for weaker rules, `skip` does.
            Expr::Clear | Expr::Error(_) => Formula::Known(truth),
            Expr::Skip => Formula::Known(!truth),
            Expr::Probe { value, .. } => self.presence(value, truth),
            Expr::Concat(parts) => all(parts, true),
            Expr::Coalesce(parts) => all(parts, false),
            Expr::Local(local) => match self.value_of(*local) {
                Some(value) => self.presence(value, truth),
                None => Formula::Unknown,
            },
            Expr::Bind { local, value, body } => {
                self.within(*local, value, |reading| reading.presence(body, truth))
            }
            Expr::If {
                condition,
                then,
                otherwise,
            } => {
                let branches = [then, otherwise].map(|branch| self.presence(branch, truth));
                self.choice(condition, branches)
            }
            Expr::Call {
                function,
                arguments,
                ..
            } => match functions::find(function).map(|function| function.absence) {
                Some(Absence::Strict) => all(arguments, true),
                Some(Absence::Never) => Formula::Known(truth),
                _ => self.literal(expr, Atom::Present, truth),
            },
            _ => self.literal(expr, Atom::Present, truth),
        }
    }

    /// A literal about a term; what makes an atom hold makes its term present, however it is made.
    fn literal(&mut self, term: &'e Expr, atom: Atom<'e>, holds: bool) -> Formula<'e> {
        let term = match term {
            Expr::Local(local) => match self.value_of(*local) {
                Some(value) => return self.literal(value, atom, holds),
                None => return Formula::Unknown,
            },
            // Of two rules, variables of the same number are different values.
            term if has_variables(term) => return Formula::Unknown,
            term => term,
        };
        let present = match (&atom, term) {
            (Atom::Present, _) | (_, Expr::Attribute(_)) => None,
            _ if !holds => None,
            _ => Some(self.presence(term, true)),
        };
        let literal = Formula::Literal(Literal { term, atom, holds });
        match present {
            Some(present) => Formula::All(vec![literal, present]),
            None => literal,
        }
    }

    fn compare(
        &mut self,
        comparison: Comparison,
        exact: bool,
        left: &'e Expr,
        right: &'e Expr,
        truth: bool,
    ) -> Formula<'e> {
        if comparison == Comparison::NotEqual {
            return self.compare(Comparison::Equal, exact, left, right, !truth);
        }
        let (left, right) = (self.resolved(left), self.resolved(right));
        match (comparison, left, right) {
            (Comparison::In, Expr::Constant(value), list) if !matches!(list, Expr::Constant(_)) => {
                self.literal(list, Atom::Has(value, exact), truth)
            }
            (Comparison::In, _, Expr::Constant(Constant::List(values))) => {
                let parts = values
                    .iter()
                    .map(|value| self.atom(left, Atom::Equal(value, exact), truth));
                together(!truth, parts.collect())
            }
            (Comparison::Equal, Expr::Constant(value), term) => {
                self.equal(term, value, exact, truth)
            }
            (Comparison::Equal, term, Expr::Constant(value)) => {
                self.equal(term, value, exact, truth)
            }
            (_, _, Expr::Constant(value)) => match Atom::compared(comparison, value, exact) {
                Some(atom) => self.atom(left, atom, truth),
                None => self.relation(comparison, exact, left, right, truth),
            },
            _ => self.relation(comparison, exact, left, right, truth),
        }
    }

    /// `BitAnd(value, mask) == 0` is the classic way to say that no bit is set.
    fn equal(
        &mut self,
        term: &'e Expr,
        value: &'e Constant,
        exact: bool,
        truth: bool,
    ) -> Formula<'e> {
        if let (
            Expr::Call {
                function,
                arguments,
                over: None,
            },
            Constant::Int(0),
        ) = (term, value)
            && let ("BitAnd", [bits, Expr::Constant(Constant::Int(mask))]) =
                (function.as_str(), arguments.as_slice())
        {
            let parts = vec![
                self.presence(bits, truth),
                self.literal(bits, Atom::Bits(*mask), !truth),
            ];
            return together(truth, parts);
        }
        self.atom(term, Atom::Equal(value, exact), truth)
    }

    /// A literal, or its truth where the term is a constant.
    fn atom(&mut self, term: &'e Expr, atom: Atom<'e>, truth: bool) -> Formula<'e> {
        match term {
            Expr::Constant(value) => match atom.of(value, true) {
                Some(holds) => Formula::Known(holds == truth),
                None => Formula::Unknown,
            },
            term => self.literal(term, atom, truth),
        }
    }

    /// Two values that the rules do not know are compared.
    fn relation(
        &mut self,
        comparison: Comparison,
        exact: bool,
        left: &'e Expr,
        right: &'e Expr,
        truth: bool,
    ) -> Formula<'e> {
        if has_variables(right) {
            return Formula::Unknown;
        }
        let literal = self.literal(left, Atom::Relation(comparison, exact, right), truth);
        if !truth {
            return literal;
        }
        Formula::All(vec![literal, self.presence(right, true)])
    }

    fn resolved(&self, expr: &'e Expr) -> &'e Expr {
        match expr {
            Expr::Local(local) => self.value_of(*local).unwrap_or(expr),
            expr => expr,
        }
    }

    /// The tests among the functions say what operators say.
    fn call(
        &mut self,
        call: &'e Expr,
        function: &str,
        arguments: &'e [Expr],
        truth: bool,
    ) -> Formula<'e> {
        let filled = |reading: &mut Self, value: &'e Expr, truth: bool| {
            let parts = vec![
                reading.presence(value, truth),
                reading.literal(value, Atom::Equal(&EMPTY, true), !truth),
            ];
            together(truth, parts)
        };
        match (function, arguments) {
            ("IsNull", [value]) => self.presence(value, !truth),
            ("IsPresent", [value]) => filled(self, value, truth),
            ("IsNullOrEmpty", [value]) => filled(self, value, !truth),
            ("IsEmpty", [value]) => self.literal(value, Atom::Equal(&EMPTY, true), truth),
            ("IsBitSet", [value, Expr::Constant(Constant::Int(mask))]) => {
                self.literal(value, Atom::Bits(*mask), truth)
            }
            _ => self.literal(call, Atom::Equal(&TRUE, true), truth),
        }
    }
}

/// All of the parts, or any of them.
fn together<'e>(all: bool, parts: Vec<Formula<'e>>) -> Formula<'e> {
    if all {
        Formula::All(parts)
    } else {
        Formula::Any(parts)
    }
}

fn has_variables(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |part| found |= matches!(part, Expr::Local(_)));
    found
}
