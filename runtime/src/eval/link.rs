//! From IR to nodes: names are resolved, literals prepared, regular expressions compiled.

use regex::Regex;
use trib_compiler::functions::{self, Absence, Function, pattern};
use trib_compiler::ir::{Arithmetic, Comparison, Constant, Expr, Rules};
use trib_compiler::probe::Watch;
use trib_compiler::script::Prepared;

use super::clock::{Clocked, clocked};
use crate::error::Error;

/// Where the attributes of an object type lie in its stored rows.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// For each slot of the IR, where its value is.
    pub places: Vec<Place>,
    /// For each slot of the IR, the number of its attribute in the store.
    pub numbers: Vec<i64>,
}

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In this slot of the stored row.
    Slot(usize),
    /// It is the entry's own dn.
    Dn,
    /// In the rows of references, under this number.
    Reference(i64),
}

/// A linked expression.
#[derive(Debug)]
pub enum Node {
    /// A constant.
    Constant(Constant),
    /// `clear`
    Clear,
    /// `skip`
    Skip,
    /// A slot of the stored row.
    Slot(usize),
    /// The entry's own dn.
    Dn,
    /// References, under this number.
    Reference(i64),
    /// A run-time parameter.
    Parameter(usize),
    /// A variable.
    Local(usize),
    /// A variable gets its value.
    Bind(usize, Box<Node>, Box<Node>),
    /// A builtin.
    Call(Call),
    /// A script function.
    Script(usize, Vec<Node>, Option<usize>),
    /// `if`
    If(Box<Node>, Box<Node>, Box<Node>),
    /// `match`
    Match(Box<Node>, Vec<(Vec<Node>, Node)>, Box<Node>),
    /// `??`
    Coalesce(Vec<Node>),
    /// `and`
    And(Vec<Node>),
    /// `or`
    Or(Vec<Node>),
    /// `not`
    Not(Box<Node>),
    /// A comparison, and whether case matters.
    Compare(Comparison, bool, Box<Node>, Box<Node>),
    /// `matches`, with its expression compiled.
    Matches(Box<Node>, Box<Regex>),
    /// `is present`
    Present(Box<Node>),
    /// Membership in a group, by its dn.
    MemberOf(String),
    /// `&`
    Concat(Vec<Node>),
    /// Arithmetic.
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    /// `[ … ]`
    List(Vec<Node>),
    /// `{ … }`
    Record(Vec<(String, Node)>),
    /// A comprehension: variable, source, condition, body.
    Each(usize, Box<Node>, Option<Box<Node>>, Box<Node>),
    /// `error`
    Error(Box<Node>),
    /// Counts what passes at a point; in rules that are measured only.
    Probe(usize, Watch, Box<Node>),
    /// Its outcome changes with the clock, at instants that can be told.
    Clocked(Box<Clocked>),
}

/// A call of a builtin.
#[derive(Debug)]
pub struct Call {
    /// The function.
    pub function: &'static Function,
    /// Its arguments.
    pub arguments: Vec<Node>,
    /// The argument that the call maps over.
    pub over: Option<usize>,
    /// An absent argument makes the call absent.
    pub strict: bool,
}

/// Links expressions over one object type.
#[derive(Debug)]
pub struct Linker<'r> {
    /// Where the source object's attributes are.
    pub layout: &'r Layout,
}

impl Linker<'_> {
    /// Links one expression. Fails only on a bundle that this program does not fit.
    pub fn link(&self, expr: &Expr) -> Result<Node, Error> {
        let node = self.node(expr)?;
        clocked(expr, &|part| self.node(part), node)
    }

    fn node(&self, expr: &Expr) -> Result<Node, Error> {
        let one = |expr: &Expr| self.link(expr).map(Box::new);
        let all = |list: &[Expr]| -> Result<Vec<Node>, Error> {
            list.iter().map(|expr| self.link(expr)).collect()
        };
        Ok(match expr {
            Expr::Constant(constant) => Node::Constant(constant.clone()),
            Expr::Clear => Node::Clear,
            Expr::Skip => Node::Skip,
            Expr::Attribute(slot) => match self.layout.places.get(*slot) {
                Some(Place::Slot(slot)) => Node::Slot(*slot),
                Some(Place::Dn) => Node::Dn,
                Some(Place::Reference(number)) => Node::Reference(*number),
                None => return Err(misfit("an attribute")),
            },
            Expr::Parameter(at) => Node::Parameter(*at),
            Expr::Local(local) => Node::Local(*local),
            Expr::Bind { local, value, body } => Node::Bind(*local, one(value)?, one(body)?),
            Expr::Call {
                function,
                arguments,
                over,
            } => {
                let Some(found) = functions::find(function) else {
                    return Err(misfit(&format!("function `{function}`")));
                };
                let strict = matches!(found.absence, Absence::Strict | Absence::StrictOrAbsent);
                let arguments = all(arguments)?;
                Node::Call(Call {
                    function: found,
                    arguments,
                    over: *over,
                    strict,
                })
            }
            Expr::Script {
                script,
                arguments,
                over,
            } => Node::Script(*script, all(arguments)?, *over),
            Expr::If {
                condition,
                then,
                otherwise,
            } => Node::If(one(condition)?, one(then)?, one(otherwise)?),
            Expr::Match {
                subject,
                arms,
                otherwise,
            } => {
                let arms: Result<Vec<_>, Error> = arms
                    .iter()
                    .map(|(patterns, value)| Ok((all(patterns)?, self.link(value)?)))
                    .collect();
                Node::Match(one(subject)?, arms?, one(otherwise)?)
            }
            Expr::Coalesce(list) => Node::Coalesce(all(list)?),
            Expr::And(list) => Node::And(all(list)?),
            Expr::Or(list) => Node::Or(all(list)?),
            Expr::Not(inner) => Node::Not(one(inner)?),
            Expr::Compare {
                comparison: Comparison::Matches,
                left,
                right,
                ..
            } => match right.as_ref() {
                Expr::Constant(Constant::Text(pattern)) => {
                    let regex = pattern::build(pattern)
                        .map_err(|_| misfit(&format!("regular expression `{pattern}`")))?;
                    Node::Matches(one(left)?, Box::new(regex))
                }
                _ => Node::Compare(Comparison::Matches, true, one(left)?, one(right)?),
            },
            Expr::Compare {
                comparison,
                exact,
                left,
                right,
            } => Node::Compare(*comparison, *exact, one(left)?, one(right)?),
            Expr::Present(inner) => Node::Present(one(inner)?),
            Expr::MemberOf(dn) => Node::MemberOf(dn.clone()),
            Expr::Concat(list) => Node::Concat(all(list)?),
            Expr::Arithmetic {
                operator,
                left,
                right,
            } => Node::Arithmetic(*operator, one(left)?, one(right)?),
            Expr::List(list) => Node::List(all(list)?),
            Expr::Record(fields) => {
                let fields: Result<Vec<_>, Error> = fields
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.link(value)?)))
                    .collect();
                Node::Record(fields?)
            }
            Expr::Each {
                local,
                source,
                condition,
                body,
            } => {
                let condition = condition.as_deref().map(one).transpose()?;
                Node::Each(*local, one(source)?, condition, one(body)?)
            }
            Expr::Error(message) => Node::Error(one(message)?),
            Expr::Probe {
                point,
                watch,
                value,
            } => Node::Probe(*point, *watch, one(value)?),
        })
    }
}

fn misfit(what: &str) -> Error {
    Error::configuration(format!(
        "the compiled rules use {what} that this program does not know"
    ))
    .help("compile them again with the `trib` that runs them")
}

/// The scripts of a rule set, ready to run.
pub fn scripts(rules: &Rules) -> Result<Vec<Prepared>, Error> {
    let scripts = rules.scripts.iter().map(|script| {
        Prepared::new(script).map_err(|error| {
            Error::configuration(format!(
                "script `{}` does not compile: {error}",
                script.name
            ))
        })
    });
    scripts.collect()
}
