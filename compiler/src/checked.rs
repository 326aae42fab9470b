//! Checked rules: every name resolved, every type known, every place kept for what is said about them.
//! Only the checker makes them.

use trib_grammar::Span;

use crate::bundle::CheckedAgainst;
use crate::ir::{self, End, Expr, Link, Mode, Slot};
use crate::types::Type;

/// An expression with its type and place.
#[derive(Debug, Clone)]
pub struct Typed {
    /// The expression.
    pub expr: Expr,
    /// Its type.
    pub ty: Type,
    /// Where it stands.
    pub span: Span,
}

/// A checked rule set.
#[derive(Debug, Default)]
pub struct Rules {
    /// Connected directories with the attributes that rules touch.
    pub connectors: Vec<ir::Connector>,
    /// The schemas that the connectors were checked against.
    pub schemas: Vec<CheckedAgainst>,
    /// Metaverse types with the attributes that rules touch, or that are declared.
    pub metaverse: Vec<ir::ObjectType>,
    /// All rules, in the order of the text; a rule of a kind stands once for each connector.
    pub rules: Vec<Rule>,
    /// Parameters that are read at run time.
    pub parameters: Vec<String>,
    /// Script functions.
    pub scripts: Vec<ir::Script>,
    /// Tests.
    pub tests: Vec<Test>,
    /// How many `rule` declarations there are.
    pub declared: usize,
}

impl Rules {
    /// The object type at an end of a rule, none for `any`.
    pub fn object_type(&self, end: End) -> Option<&ir::ObjectType> {
        end.object_type(&self.connectors, &self.metaverse)
    }
}

/// A checked rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The place of its name.
    pub span: Span,
    /// Where it reads.
    pub source: End,
    /// Where it writes.
    pub target: End,
    /// 1 is strongest.
    pub precedence: i64,
    /// Where its precedence stands.
    pub precedence_span: Span,
    /// Priority of its connector.
    pub priority: i64,
    /// What it may do.
    pub link: Link,
    /// The parts of its scope that `and` joins.
    pub scope: Vec<Typed>,
    /// Its joins.
    pub joins: Vec<Join>,
    /// Several matches: the next line is tried.
    pub ambiguous_continue: bool,
    /// What happens when it leaves scope.
    pub deprovision: Deprovision,
    /// Its flows, one for each target.
    pub flows: Vec<Flow>,
    /// It takes no part.
    pub disabled: bool,
}

/// A checked join line.
#[derive(Debug, Clone)]
pub struct Join {
    /// Its comparisons.
    pub terms: Vec<ir::JoinTerm>,
    /// Where it stands.
    pub span: Span,
}

/// What happens to a target object when its rule leaves scope.
#[derive(Debug, Clone)]
pub enum Deprovision {
    /// It is deleted.
    Delete,
    /// It stays.
    Disconnect,
    /// It stays with these flows.
    Disable(Vec<Flow>),
}

/// A checked flow.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The attribute it writes.
    pub target: Slot,
    /// Where the target is named.
    pub span: Span,
    /// How contributions come together.
    pub mode: Mode,
    /// Its value.
    pub value: Typed,
    /// Evaluated only when the object is written.
    pub deferred: bool,
}

/// A checked test.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// The place of its name.
    pub span: Span,
    /// Its cycles.
    pub cycles: Vec<Vec<Step>>,
}

/// A step of a test.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it stands.
    pub span: Span,
    /// Which.
    pub kind: StepKind,
}

/// Values by attribute name.
pub type Values = Vec<(String, ir::Constant)>;

/// The steps of a test.
#[derive(Debug, Clone)]
pub enum StepKind {
    /// An object comes.
    Given {
        /// Its connector.
        connector: usize,
        /// Its type.
        object_type: String,
        /// Its label.
        label: Option<String>,
        /// Its values.
        values: Values,
    },
    /// The objects of a file come.
    GivenFile {
        /// The connector.
        connector: usize,
        /// The file, relative to the file of the test.
        file: String,
    },
    /// An object changes.
    Change {
        /// Its label.
        label: String,
        /// Its new values.
        values: Values,
    },
    /// An object goes.
    Remove(String),
    /// There is an object.
    Expect {
        /// Its type, as written.
        object_type: String,
        /// Where it is.
        end: End,
        /// The object it was made from.
        label: Option<String>,
        /// Its values.
        values: Values,
        /// `expect no`
        none: bool,
    },
    /// Some object failed.
    ExpectError(String),
    /// A parameter is set.
    With(String, String),
    /// The clock is set, in [`crate::value::Ticks`].
    At(i64),
}
