//! Running linked expressions over one object.

use bumpalo::Bump;
use bumpalo::collections::{String as BumpString, Vec as BumpVec};
use trib_compiler::functions::{Context, Effect, Failure, codes, pattern, reserve};
use trib_compiler::ir::{Arithmetic, Comparison};
use trib_compiler::notation;
use trib_compiler::script::{Allowance, Prepared};
use trib_compiler::value::{
    Ticks, Value, text_contains, text_ends, text_equals_ignoring_case, text_starts,
};

use super::clock::{Due, EVERY_CYCLE};
use super::count::Counts;
use super::link::{Call, Node};
use crate::object::{Row, constant};

/// The object that an expression reads.
#[derive(Clone, Copy)]
pub struct Object<'a> {
    /// Its stored row.
    pub row: Row<'a>,
    /// Its dn, "" where it has none.
    pub dn: &'a str,
    /// References that expressions read, by their number.
    pub references: &'a [(i64, Value<'a>)],
    /// Those of the groups that the rules name (`member of`) in which it is, direct or nested.
    pub groups: &'a [&'a str],
}

impl<'a> Object<'a> {
    /// An object of values only, in no group.
    pub fn of(row: Row<'a>, dn: &'a str) -> Object<'a> {
        Object {
            row,
            dn,
            references: &[],
            groups: &[],
        }
    }
}

/// Everything an expression can see.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// The object.
    pub object: Object<'a>,
    /// Where values live.
    pub bump: &'a Bump,
    /// The instant of the cycle.
    pub now: Ticks,
    /// Values of the run-time parameters that the rules read, by their place.
    pub parameters: &'a [Option<String>],
    /// Script functions, by their place.
    pub scripts: &'a [Prepared],
    /// Counters of the points in measured rules.
    pub counts: Option<&'a Counts>,
    /// Where the instants are noted at which the outcome can change.
    pub due: Option<Due<'a>>,
}

/// The variables of a running expression; reused from object to object.
#[derive(Debug, Default)]
pub struct Frame<'a> {
    values: Vec<Value<'a>>,
    allowance: Allowance,
}

impl<'a> Frame<'a> {
    fn set(&mut self, local: usize, value: Value<'a>) {
        if self.values.len() <= local {
            self.values.resize(local + 1, Value::Absent);
        }
        if let Some(place) = self.values.get_mut(local) {
            *place = value;
        }
    }

    fn get(&self, local: usize) -> Value<'a> {
        self.values.get(local).copied().unwrap_or(Value::Absent)
    }
}

impl<'a> Env<'a> {
    /// Evaluates an expression.
    pub fn eval(&self, node: &'a Node, frame: &mut Frame<'a>) -> Result<Value<'a>, Failure> {
        Ok(match node {
            Node::Constant(value) => constant(value, self.bump),
            Node::Clear => Value::Clear,
            Node::Skip => Value::Skip,
            Node::Slot(slot) => self.object.row.get(*slot, self.bump),
            Node::Dn => match self.object.dn {
                "" => Value::Absent,
                dn => Value::Dn(dn),
            },
            Node::Reference(number) => {
                let known = self
                    .object
                    .references
                    .iter()
                    .find(|(known, _)| known == number);
                known.map_or(Value::Absent, |(_, value)| *value)
            }
            Node::Parameter(at) => match self.parameters.get(*at) {
                Some(Some(text)) => Value::Text(text),
                _ => {
                    return Err(Failure::new(
                        codes::NO_PARAMETER,
                        "a parameter of the rules has no value",
                    ));
                }
            },
            Node::Local(local) => frame.get(*local),
            Node::Bind(local, value, body) => {
                let value = self.eval(value, frame)?;
                frame.set(*local, value);
                self.eval(body, frame)?
            }
            Node::Call(call) => self.call(call, frame)?,
            Node::Script(script, arguments, over) => {
                self.script(*script, arguments, *over, frame)?
            }
            Node::If(condition, then, otherwise) => {
                let branch = if self.eval(condition, frame)?.is_true() {
                    then
                } else {
                    otherwise
                };
                self.eval(branch, frame)?
            }
            Node::Match(subject, arms, otherwise) => {
                let subject = self.eval(subject, frame)?;
                for (patterns, value) in arms {
                    for pattern in patterns {
                        if subject.equals(self.eval(pattern, frame)?, false) {
                            return self.eval(value, frame);
                        }
                    }
                }
                self.eval(otherwise, frame)?
            }
            Node::Coalesce(parts) => {
                let mut value = Value::Absent;
                for part in parts {
                    value = self.eval(part, frame)?;
                    if !matches!(value, Value::Absent) {
                        break;
                    }
                }
                value
            }
            Node::And(parts) => {
                for part in parts {
                    if !self.eval(part, frame)?.is_true() {
                        return Ok(Value::Bool(false));
                    }
                }
                Value::Bool(true)
            }
            Node::Or(parts) => {
                for part in parts {
                    if self.eval(part, frame)?.is_true() {
                        return Ok(Value::Bool(true));
                    }
                }
                Value::Bool(false)
            }
            Node::Not(inner) => Value::Bool(!self.eval(inner, frame)?.is_true()),
            Node::Compare(comparison, exact, left, right) => {
                let (left, right) = (self.eval(left, frame)?, self.eval(right, frame)?);
                Value::Bool(compare(*comparison, *exact, left, right)?)
            }
            Node::Matches(left, regex) => {
                let left = self.eval(left, frame)?;
                Value::Bool(left.as_text().is_some_and(|text| regex.is_match(text)))
            }
            Node::Present(inner) => Value::Bool(self.eval(inner, frame)?.is_present()),
            Node::MemberOf(group) => Value::Bool(self.object.groups.contains(&group.as_str())),
            Node::Concat(parts) => {
                let mut text = BumpString::new_in(self.bump);
                for part in parts {
                    match self.eval(part, frame)?.as_text() {
                        Some(part) => {
                            reserve(text.len(), part.len())?;
                            text.push_str(part);
                        }
                        None => return Ok(Value::Absent),
                    }
                }
                Value::Text(text.into_bump_str())
            }
            Node::Arithmetic(operator, left, right) => {
                arithmetic(*operator, self.eval(left, frame)?, self.eval(right, frame)?)?
            }
            Node::List(items) => {
                let mut list = BumpVec::with_capacity_in(items.len(), self.bump);
                for item in items {
                    list.push(self.eval(item, frame)?);
                }
                Value::list(self.bump, list)
            }
            Node::Record(fields) => {
                let mut record = BumpVec::with_capacity_in(fields.len(), self.bump);
                for (name, value) in fields {
                    let value = self.eval(value, frame)?;
                    if value.is_present() {
                        record.push((name.as_str(), value));
                    }
                }
                if record.is_empty() {
                    Value::Absent
                } else {
                    Value::Record(record.into_bump_slice())
                }
            }
            Node::Each(local, source, condition, body) => {
                let source = self.eval(source, frame)?;
                let mut list = BumpVec::new_in(self.bump);
                for item in source.items() {
                    frame.set(*local, *item);
                    let takes_part = match condition {
                        Some(condition) => self.eval(condition, frame)?.is_true(),
                        None => true,
                    };
                    if takes_part {
                        list.push(self.eval(body, frame)?);
                    }
                }
                Value::list(self.bump, list)
            }
            Node::Probe(point, watch, inner) => {
                let value = self.eval(inner, frame)?;
                if let Some(counts) = self.counts {
                    counts.pass(*point, *watch, value);
                }
                value
            }
            Node::Clocked(clocked) => {
                let noted = Env { due: None, ..*self };
                if let Some(due) = self.due
                    && let Some(at) = clocked.turn(&noted, frame)
                {
                    due.note(at);
                }
                noted.eval(&clocked.inner, frame)?
            }
            Node::Error(message) => {
                let message = self.eval(message, frame)?;
                let text = message
                    .as_text()
                    .unwrap_or("the rule says this object is in error");
                return Err(Failure::new(codes::REFUSED, text));
            }
        })
    }

    fn context(&self) -> Context<'a> {
        Context {
            bump: self.bump,
            now: self.now,
        }
    }

    fn call(&self, call: &'a Call, frame: &mut Frame<'a>) -> Result<Value<'a>, Failure> {
        let mut arguments = BumpVec::with_capacity_in(call.arguments.len(), self.bump);
        for argument in &call.arguments {
            let value = self.eval(argument, frame)?;
            if call.strict && !value.is_present() {
                return Ok(Value::Absent);
            }
            arguments.push(value);
        }
        if let (Effect::Clock, Some(due)) = (call.function.effect, self.due) {
            due.note(EVERY_CYCLE);
        }
        let context = self.context();
        match call.over {
            None => (call.function.body)(&arguments, &context),
            Some(over) => {
                let run = |arguments: &[Value<'a>]| (call.function.body)(arguments, &context);
                self.map(&mut arguments, over, run)
            }
        }
    }

    /// Calls once for each value of the argument in place `over`.
    fn map(
        &self,
        arguments: &mut [Value<'a>],
        over: usize,
        mut run: impl FnMut(&[Value<'a>]) -> Result<Value<'a>, Failure>,
    ) -> Result<Value<'a>, Failure> {
        let source = arguments.get(over).copied().unwrap_or(Value::Absent);
        let mut list = BumpVec::new_in(self.bump);
        for item in source.items() {
            if let Some(place) = arguments.get_mut(over) {
                *place = *item;
            }
            list.push(run(arguments)?);
        }
        Ok(Value::list(self.bump, list))
    }

    fn script(
        &self,
        script: usize,
        arguments: &'a [Node],
        over: Option<usize>,
        frame: &mut Frame<'a>,
    ) -> Result<Value<'a>, Failure> {
        let Some(script) = self.scripts.get(script) else {
            return Ok(Value::Absent);
        };
        let mut values = BumpVec::with_capacity_in(arguments.len(), self.bump);
        for argument in arguments {
            let value = self.eval(argument, frame)?;
            if !value.is_present() {
                return Ok(Value::Absent);
            }
            values.push(value);
        }
        let context = self.context();
        match over {
            None => script.call(&values, &context, &mut frame.allowance),
            Some(over) => self.map(&mut values, over, |values| {
                script.call(values, &context, &mut frame.allowance)
            }),
        }
    }
}

fn compare(
    comparison: Comparison,
    exact: bool,
    left: Value<'_>,
    right: Value<'_>,
) -> Result<bool, Failure> {
    let texts = || left.as_text().zip(right.as_text());
    let order = || left.compare(right);
    Ok(match comparison {
        Comparison::Equal => left.equals(right, exact),
        Comparison::NotEqual => !left.equals(right, exact),
        Comparison::Less => order().is_some_and(|order| order.is_lt()),
        Comparison::LessOrEqual => order().is_some_and(|order| order.is_le()),
        Comparison::Greater => order().is_some_and(|order| order.is_gt()),
        Comparison::GreaterOrEqual => order().is_some_and(|order| order.is_ge()),
        Comparison::In => right.items().iter().any(|item| left.equals(*item, exact)),
        Comparison::StartsWith => {
            texts().is_some_and(|(text, part)| text_starts(text, part, exact))
        }
        Comparison::EndsWith => texts().is_some_and(|(text, part)| text_ends(text, part, exact)),
        Comparison::Contains => {
            texts().is_some_and(|(text, part)| text_contains(text, part, exact))
        }
        Comparison::Under => texts().is_some_and(|(text, part)| notation::dn::dn_under(text, part)),
        Comparison::Matches => match texts() {
            Some((text, regex)) => pattern::compiled(regex)
                .map_err(|failure| Failure::new(codes::NO_PATTERN, failure.message))?
                .is_match(text),
            None => false,
        },
    })
}

fn arithmetic<'a>(
    operator: Arithmetic,
    left: Value<'a>,
    right: Value<'a>,
) -> Result<Value<'a>, Failure> {
    let (Value::Int(a), Value::Int(b)) = (left, right) else {
        return Ok(Value::Absent);
    };
    let result = match operator {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide if b == 0 => {
            return Err(Failure::new(
                codes::DIVISION_BY_ZERO,
                format!("`{a}` is divided by zero"),
            ));
        }
        Arithmetic::Divide => a.checked_div(b),
    };
    result.map(Value::Int).ok_or_else(|| {
        Failure::new(
            codes::INT_OVERFLOW,
            format!("the result of `{a}` and `{b}` is too large for an int"),
        )
    })
}

/// Whether two values are one in a merge.
pub fn same(a: Value<'_>, b: Value<'_>, ignoring_case: bool) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) if ignoring_case => text_equals_ignoring_case(a, b),
        _ => a.equals(b, true),
    }
}
