//! When the outcome of an expression that reads the clock changes next.
//!
//! Only what was evaluated counts. Until the earliest instant that the evaluated parts gave, each of
//! them comes out as it did, so the evaluation takes the same branches to the same end; a branch that
//! was not taken matters only after one that was has changed, and then everything is evaluated again.

use std::cell::RefCell;
use std::collections::BTreeMap;

use trib_compiler::functions::{self, Effect};
use trib_compiler::ir::{Arithmetic, Comparison, Constant, Expr};
use trib_compiler::notation::time::{DAY, HOUR, MINUTE, SECOND};
use trib_compiler::value::{Ticks, Value};

use super::link::Node;
use super::run::{Env, Frame};

/// In place of an instant: the outcome may be another one in every cycle.
pub const EVERY_CYCLE: Ticks = 0;

/// Months differ in length: so far off its steady course a time can be that is moved by months.
const CALENDAR: Ticks = 7 * DAY;

/// The instants at which holders (kind and number, as in the lookup table) are to be evaluated again.
#[derive(Debug, Default)]
pub struct Wakes {
    known: RefCell<BTreeMap<(i64, i64), Wake>>,
}

/// When a holder is to be evaluated again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wake {
    /// The earliest instant that is known.
    pub at: Option<Ticks>,
    /// It was evaluated from scratch: what was known of it before does not count.
    pub fresh: bool,
}

impl Wakes {
    /// A holder is evaluated from scratch.
    pub fn begin(&self, holder: (i64, i64)) {
        let fresh = Wake {
            at: None,
            fresh: true,
        };
        self.known.borrow_mut().insert(holder, fresh);
    }

    fn note(&self, holder: (i64, i64), at: Ticks) {
        let mut known = self.known.borrow_mut();
        let wake = known.entry(holder).or_default();
        wake.at = Some(wake.at.map_or(at, |before| before.min(at)));
    }

    /// Takes out everything that is known.
    pub fn take(&self) -> BTreeMap<(i64, i64), Wake> {
        self.known.take()
    }
}

/// Whose instants an evaluation notes.
#[derive(Debug, Clone, Copy)]
pub struct Due<'a> {
    /// Where they are kept.
    pub wakes: &'a Wakes,
    /// Whose they are.
    pub holder: (i64, i64),
}

impl Due<'_> {
    /// The outcome can change at this instant.
    pub fn note(&self, at: Ticks) {
        self.wakes.note(self.holder, at);
    }
}

/// An expression whose outcome changes at instants that can be told.
#[derive(Debug)]
pub struct Clocked {
    /// The expression.
    pub inner: Node,
    /// The part of it that moves with the clock.
    moving: Node,
    /// It is moved by months somewhere.
    calendar: bool,
    turn: Turn,
}

#[derive(Debug)]
enum Turn {
    /// When the moving part, on the left, passes this one.
    Crossing(Comparison, Node),
    /// When the distance to this one is so much longer.
    Steps(Ticks, Node),
    /// When the moving part comes to a multiple of this.
    Every(Ticks),
}

/// What can be told of an expression's outcome; `link` makes its parts into nodes.
pub(super) fn clocked<E>(
    expr: &Expr,
    link: &dyn Fn(&Expr) -> Result<Node, E>,
    inner: Node,
) -> Result<Node, E> {
    let Some((moving, calendar, turn)) = found(expr) else {
        return Ok(inner);
    };
    let turn = match turn {
        Found::Crossing(comparison, other) => Turn::Crossing(comparison, link(other)?),
        Found::Steps(length, other) => Turn::Steps(length, link(other)?),
        Found::Every(length) => Turn::Every(length),
    };
    Ok(Node::Clocked(Box::new(Clocked {
        inner,
        moving: link(moving)?,
        calendar,
        turn,
    })))
}

enum Found<'e> {
    Crossing(Comparison, &'e Expr),
    Steps(Ticks, &'e Expr),
    Every(Ticks),
}

fn found(expr: &Expr) -> Option<(&Expr, bool, Found<'_>)> {
    match expr {
        Expr::Compare {
            comparison,
            left,
            right,
            ..
        } => {
            if let (Some(calendar), false) = (moves(left), reads_clock(right)) {
                return Some((left, calendar, Found::Crossing(*comparison, right)));
            }
            let (false, Some(calendar)) = (reads_clock(left), moves(right)) else {
                return None;
            };
            let turned = match comparison {
                Comparison::Less => Comparison::Greater,
                Comparison::LessOrEqual => Comparison::GreaterOrEqual,
                Comparison::Greater => Comparison::Less,
                Comparison::GreaterOrEqual => Comparison::LessOrEqual,
                Comparison::Equal | Comparison::NotEqual => *comparison,
                _ => return None,
            };
            Some((right, calendar, Found::Crossing(turned, left)))
        }
        Expr::Call {
            function,
            arguments,
            over: None,
        } => match (function.as_str(), arguments.as_slice()) {
            ("DateDiff", [interval, from, to]) => {
                let length = match text(interval)?.to_lowercase().as_str() {
                    "yyyy" | "q" | "m" | "ww" => None,
                    "w" => Some(7 * DAY),
                    "h" => Some(HOUR),
                    "n" => Some(MINUTE),
                    "s" => Some(SECOND),
                    _ => Some(DAY),
                };
                let (moving, other) = match reads_clock(from) {
                    true => (from, to),
                    false => (to, from),
                };
                let calendar = moves(moving).filter(|_| !reads_clock(other))?;
                let turn = match length {
                    Some(_) if calendar => return None,
                    Some(length) => Found::Steps(length, other),
                    // Boundaries of the calendar are midnights.
                    None => Found::Every(DAY),
                };
                Some((moving, calendar, turn))
            }
            ("FormatDateTime", [time, format]) => {
                let format = text(format)?;
                // A single letter is a format of its own; the others are of hours and what is shorter.
                let days =
                    format.chars().count() > 1 && !format.contains(|c| "HhmsfFtzK".contains(c));
                let calendar = moves(time).filter(|_| days)?;
                Some((time, calendar, Found::Every(DAY)))
            }
            _ => None,
        },
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Constant(Constant::Text(text)) => Some(text),
        _ => None,
    }
}

/// Whether an expression is the instant of the cycle moved by what does not depend on it; and whether
/// by months.
fn moves(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::Call {
            function,
            arguments,
            over: None,
        } => match (function.as_str(), arguments.as_slice()) {
            ("Now", []) => Some(false),
            ("NumFromDate", [time]) => moves(time),
            ("DateAdd", [interval, count, time]) if !reads_clock(count) => {
                let months = ["yyyy", "q", "m"];
                let interval = text(interval)?.to_lowercase();
                Some(moves(time)? || months.contains(&interval.as_str()))
            }
            _ => None,
        },
        Expr::Arithmetic {
            operator: Arithmetic::Add | Arithmetic::Subtract,
            left,
            right,
        } if !reads_clock(right) => moves(left),
        _ => None,
    }
}

fn reads_clock(expr: &Expr) -> bool {
    let mut reads = false;
    expr.walk(&mut |expr| {
        if let Expr::Call { function, .. } = expr {
            reads |= functions::find(function).is_some_and(|found| found.effect == Effect::Clock);
        }
    });
    reads
}

impl Clocked {
    /// The instant after which the outcome may be another one, if there will be one.
    pub(super) fn turn<'a>(&'a self, env: &Env<'a>, frame: &mut Frame<'a>) -> Option<Ticks> {
        let mut instant = |node: &'a Node| match env.eval(node, frame) {
            Ok(Value::Time(ticks) | Value::Int(ticks)) => Ok(ticks),
            Ok(Value::Absent) => Err(None),
            _ => Err(Some(EVERY_CYCLE)),
        };
        let moving = match instant(&self.moving) {
            Ok(ticks) => ticks,
            Err(at) => return at,
        };
        let (Turn::Crossing(_, other) | Turn::Steps(_, other)) = &self.turn else {
            return self.after(env.now, moving, moving);
        };
        match instant(other) {
            Ok(other) => self.after(env.now, moving, other),
            Err(at) => at,
        }
    }

    fn after(&self, now: Ticks, moving: Ticks, other: Ticks) -> Option<Ticks> {
        let ahead = other.saturating_sub(moving);
        let ticks = match &self.turn {
            Turn::Every(length) => Some(length - moving.rem_euclid(*length)),
            Turn::Steps(length, _) => {
                Some(next_step(ahead.saturating_neg(), *length).saturating_add(ahead))
            }
            Turn::Crossing(..) if self.calendar && ahead > CALENDAR => Some(ahead - CALENDAR),
            Turn::Crossing(..) if self.calendar && ahead < -CALENDAR => None,
            Turn::Crossing(..) if self.calendar => return Some(EVERY_CYCLE),
            Turn::Crossing(comparison, _) => match comparison {
                Comparison::Less | Comparison::GreaterOrEqual => (ahead > 0).then_some(ahead),
                Comparison::LessOrEqual | Comparison::Greater => {
                    (ahead >= 0).then(|| ahead.saturating_add(1))
                }
                Comparison::Equal | Comparison::NotEqual => (ahead >= 0).then(|| ahead.max(1)),
                _ => return Some(EVERY_CYCLE),
            },
        };
        ticks.map(|ticks| now.saturating_add(ticks))
    }
}

/// The distance at which one more step is counted; whole steps are counted towards zero.
fn next_step(distance: Ticks, length: Ticks) -> Ticks {
    match distance / length {
        whole if whole < 0 => whole.saturating_mul(length) + 1,
        whole => (whole + 1).saturating_mul(length),
    }
}
