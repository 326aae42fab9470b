//! Places in rules whose reaching is counted, for the coverage of tests.
//!
//! Only [`crate::check_measured`] makes probes: what [`crate::check`] gives has none, and costs nothing.

use serde::{Deserialize, Serialize};
use trib_grammar::Span;

use crate::ir::Expr;

/// What a probe counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Watch {
    /// Every evaluation.
    Reached,
    /// Every evaluation that gives a value.
    Given,
    /// At its point every evaluation that gives `true`, at the next one every other.
    Outcome,
}

/// The construct that a point is a side of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Construct {
    /// `if`
    #[serde(rename = "if")]
    If,
    /// `match`
    #[serde(rename = "match")]
    Match,
    /// `??`
    #[serde(rename = "??")]
    Coalesce,
    /// A part of a scope that `and` or `or` joins.
    #[serde(rename = "scope")]
    Scope,
}

/// One side of a construct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The construct.
    pub construct: Construct,
    /// Where what decides stands: the condition, the subject, the left side.
    pub of: Span,
    /// `then`, `else`, `left`, `right`, `true`, `false`, or the patterns of an arm.
    pub side: String,
    /// Where the side stands; where there is no text for it, the construct.
    pub span: Span,
}

/// The points of a program, if they are wanted.
#[derive(Debug, Default)]
pub(crate) struct Points(Option<Vec<Point>>);

impl Points {
    /// Wants them.
    pub fn wanted() -> Points {
        Points(Some(Vec::new()))
    }

    /// All that were made.
    pub fn into_list(self) -> Vec<Point> {
        self.0.unwrap_or_default()
    }

    /// Puts a probe round an expression, or leaves it alone. What is checked several times, as the
    /// body of a function, has its points once.
    pub fn probe(&mut self, watch: Watch, point: Point, value: Expr) -> Expr {
        let Some(points) = &mut self.0 else {
            return value;
        };
        let known = points.iter().position(|known| *known == point);
        let at = known.unwrap_or_else(|| {
            points.push(point.clone());
            if watch == Watch::Outcome {
                points.push(Point {
                    side: "false".to_owned(),
                    ..point
                });
                return points.len() - 2;
            }
            points.len() - 1
        });
        Expr::Probe {
            point: at,
            watch,
            value: Box::new(value),
        }
    }

    /// Counts how often a part of a scope holds, and how often not.
    pub fn outcome(&mut self, span: Span, value: Expr) -> Expr {
        let point = Point {
            construct: Construct::Scope,
            of: span,
            side: "true".to_owned(),
            span,
        };
        self.probe(Watch::Outcome, point, value)
    }

    /// Counts a side of a construct.
    pub fn side(
        &mut self,
        construct: Construct,
        of: Span,
        side: &str,
        span: Span,
        value: Expr,
    ) -> Expr {
        let watch = match (construct, side) {
            (Construct::Coalesce, "left") => Watch::Given,
            _ => Watch::Reached,
        };
        let point = Point {
            construct,
            of,
            side: side.to_owned(),
            span,
        };
        self.probe(watch, point, value)
    }
}
