//! The compiled rules: plain data with numbers for names, an origin for every rule and flow, and the
//! attributes that each object type's rules read and write.

use serde::{Deserialize, Serialize};

use crate::probe::Watch;
use crate::schema::Kind;
use crate::types::Type;

/// Place of an attribute in [`ObjectType::attributes`].
pub type Slot = usize;

/// A compiled rule set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Connected directories.
    pub connectors: Vec<Connector>,
    /// Metaverse object types.
    pub metaverse: Vec<ObjectType>,
    /// Enabled rules from a directory to the metaverse, strongest first.
    pub inbound: Vec<Rule>,
    /// Enabled rules from the metaverse to a directory, strongest first.
    pub outbound: Vec<Rule>,
    /// Parameters that are read at run time, without percent signs.
    pub parameters: Vec<String>,
    /// Script functions.
    pub scripts: Vec<Script>,
}

/// A connected directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Connector {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// The object types that rules name, with the attributes they read or write.
    pub object_types: Vec<ObjectType>,
}

/// An object type and those of its attributes that rules read or write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObjectType {
    /// Its name.
    pub name: String,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

/// An attribute that rules read or write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name, in the schema's spelling.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Objects can be looked up by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub indexed: bool,
    /// No two objects of the directory share a value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    /// It points to objects: a `dn` of a directory, a `ref` of Entra or the metaverse.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reference: bool,
    /// Never cleared by `null`: the directory refuses it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// An expression reads it (a plain copy of references alone does not count).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read: bool,
}

/// An object type at one end of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// Connector and object type, by their places.
    Directory(usize, usize),
    /// Metaverse type, by its place.
    Metaverse(usize),
    /// A metaverse object of any type.
    Any,
}

impl End {
    /// The object type there, none for `any`.
    pub fn object_type<'r>(
        self,
        connectors: &'r [Connector],
        metaverse: &'r [ObjectType],
    ) -> Option<&'r ObjectType> {
        match self {
            End::Directory(connector, at) => connectors.get(connector)?.object_types.get(at),
            End::Metaverse(at) => metaverse.get(at),
            End::Any => None,
        }
    }
}

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// File, as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What a rule may do with objects of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// Makes the target object, and keeps it alive.
    Provision,
    /// Only links.
    Join,
    /// Links, and keeps the target object alive once linked.
    Sticky,
}

/// A compiled rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub origin: Origin,
    /// Where it reads.
    pub source: End,
    /// Where it writes.
    pub target: End,
    /// 1 is strongest.
    pub precedence: i64,
    /// Priority of the connector it was made for, where a rule of a kind became several.
    pub priority: i64,
    /// What it may do.
    pub link: Link,
    /// All hold for an object in scope.
    pub scope: Vec<Clause>,
    /// Tried from top to bottom.
    pub joins: Vec<Join>,
    /// Several matches of a line: the next line is tried.
    pub ambiguous_continue: bool,
    /// What happens to what it provisioned when it leaves scope.
    pub deprovision: Deprovision,
    /// Its flows.
    pub flows: Vec<Flow>,
    /// Its outcome depends on the clock.
    pub time_dependent: bool,
}

/// One part of a scope, with its text for explanations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// The condition.
    pub condition: Expr,
    /// As it was written.
    pub text: String,
    /// Where it stands.
    pub origin: Origin,
}

/// A `join` line: all comparisons hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Join {
    /// The comparisons.
    pub terms: Vec<JoinTerm>,
    /// Where it stands.
    pub origin: Origin,
}

/// One comparison of a join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JoinTerm {
    /// Computed from the source object.
    pub source: Expr,
    /// The attribute it is looked up by: a slot, or for `any` the name.
    pub target: JoinTarget,
    /// Case matters.
    pub exact: bool,
}

/// What a join looks up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JoinTarget {
    /// An attribute of the target type.
    Slot(Slot),
    /// The attribute of this name, of whatever type.
    Named(String),
}

/// What happens to a target object when its rule leaves scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deprovision {
    /// It is deleted.
    Delete,
    /// It stays as it is.
    Disconnect,
    /// It stays, and these flows replace those of the rule.
    Disable(Vec<Flow>),
}

/// How contributions come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The strongest wins.
    Replace,
    /// Union.
    Merge,
    /// Union; values that differ in case only are one.
    MergeIgnoringCase,
    /// Written when the target object is created only.
    Once,
}

/// A compiled flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// The attribute it writes.
    pub target: Slot,
    /// How contributions come together.
    pub mode: Mode,
    /// Its value.
    pub value: Expr,
    /// It depends on chance or is a secret: evaluated only when the object is written.
    pub deferred: bool,
    /// Where it stands.
    pub origin: Origin,
}

/// A script function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Script {
    /// Its name.
    pub name: String,
    /// Names of its parameters.
    pub parameters: Vec<String>,
    /// Its Rhai source.
    pub source: String,
    /// Type of its result.
    pub result: Type,
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Constant {
    /// No value.
    Absent,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// An instant, in [`crate::value::Ticks`].
    Time(i64),
    /// A distinguished name.
    Dn(String),
    /// Several values.
    List(Vec<Constant>),
    /// A record.
    Record(Vec<(String, Constant)>),
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
    /// `contains`, of texts
    Contains,
    /// `in`: the left is among the values of the right
    In,
    /// `matches`
    Matches,
    /// `under`
    Under,
}

/// Arithmetic on integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// A compiled expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expr {
    /// A constant.
    Constant(Constant),
    /// An authoritative null.
    Clear,
    /// As if the flow were not there.
    Skip,
    /// An attribute of the source object.
    Attribute(Slot),
    /// A parameter, by its place in [`Rules::parameters`].
    Parameter(usize),
    /// A variable of a comprehension or an inlined function.
    Local(usize),
    /// `value` under the name of a variable in `body`.
    Bind {
        /// The variable.
        local: usize,
        /// Evaluated once.
        value: Box<Expr>,
        /// Sees the variable.
        body: Box<Expr>,
    },
    /// A call of a builtin.
    Call {
        /// Its name.
        function: String,
        /// Its arguments.
        arguments: Vec<Expr>,
        /// The argument over whose values the call maps.
        over: Option<usize>,
    },
    /// A call of a script function, by its place in [`Rules::scripts`].
    Script {
        /// Which.
        script: usize,
        /// Its arguments.
        arguments: Vec<Expr>,
        /// The argument over whose values the call maps.
        over: Option<usize>,
    },
    /// `if`
    If {
        /// The condition.
        condition: Box<Expr>,
        /// Where it holds.
        then: Box<Expr>,
        /// Where not.
        otherwise: Box<Expr>,
    },
    /// `match`
    Match {
        /// What is compared.
        subject: Box<Expr>,
        /// Patterns and values.
        arms: Vec<(Vec<Expr>, Expr)>,
        /// Where no arm fits.
        otherwise: Box<Expr>,
    },
    /// `??`
    Coalesce(Vec<Expr>),
    /// `and`
    And(Vec<Expr>),
    /// `or`
    Or(Vec<Expr>),
    /// `not`
    Not(Box<Expr>),
    /// A comparison.
    Compare {
        /// Which.
        comparison: Comparison,
        /// Case matters.
        exact: bool,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `is present`
    Present(Box<Expr>),
    /// `dn member of "…"`: the source object is a member, direct or nested, of this group.
    MemberOf(String),
    /// `&`
    Concat(Vec<Expr>),
    /// Arithmetic.
    Arithmetic {
        /// Which.
        operator: Arithmetic,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `[ … ]`
    List(Vec<Expr>),
    /// `{ … }`
    Record(Vec<(String, Expr)>),
    /// A comprehension.
    Each {
        /// The variable.
        local: usize,
        /// Where the values come from.
        source: Box<Expr>,
        /// Which take part.
        condition: Option<Box<Expr>>,
        /// What each becomes.
        body: Box<Expr>,
    },
    /// `error`
    Error(Box<Expr>),
    /// Counts what passes; in rules that are measured only.
    Probe {
        /// Where it is counted: the place of a [`crate::probe::Point`].
        point: usize,
        /// What is counted.
        watch: Watch,
        /// What passes.
        value: Box<Expr>,
    },
}

impl Expr {
    /// Calls `visit` on this expression and everything in it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        let mut all = |list: &'a [Expr]| list.iter().for_each(|expr| expr.walk(visit));
        match self {
            Expr::Constant(_) | Expr::Clear | Expr::Skip | Expr::Attribute(_) => {}
            Expr::Parameter(_) | Expr::Local(_) | Expr::MemberOf(_) => {}
            Expr::Call { arguments, .. } | Expr::Script { arguments, .. } => all(arguments),
            Expr::Coalesce(list) | Expr::And(list) | Expr::Or(list) => all(list),
            Expr::Concat(list) | Expr::List(list) => all(list),
            Expr::Not(inner) | Expr::Present(inner) | Expr::Error(inner) => inner.walk(visit),
            Expr::Probe { value, .. } => value.walk(visit),
            Expr::Bind { value, body, .. } => {
                value.walk(visit);
                body.walk(visit);
            }
            Expr::If {
                condition,
                then,
                otherwise,
            } => {
                condition.walk(visit);
                then.walk(visit);
                otherwise.walk(visit);
            }
            Expr::Match {
                subject,
                arms,
                otherwise,
            } => {
                subject.walk(visit);
                for (patterns, value) in arms {
                    patterns.iter().for_each(|pattern| pattern.walk(visit));
                    value.walk(visit);
                }
                otherwise.walk(visit);
            }
            Expr::Compare { left, right, .. } | Expr::Arithmetic { left, right, .. } => {
                left.walk(visit);
                right.walk(visit);
            }
            Expr::Record(fields) => fields.iter().for_each(|(_, value)| value.walk(visit)),
            Expr::Each {
                source,
                condition,
                body,
                ..
            } => {
                source.walk(visit);
                if let Some(condition) = condition {
                    condition.walk(visit);
                }
                body.walk(visit);
            }
        }
    }
}
