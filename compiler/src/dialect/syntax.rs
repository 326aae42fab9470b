//! The tree of a foreign expression: what its text says, before anything is translated.

use trib_grammar::Span;

/// A piece of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub span: Span,
    pub kind: NodeKind,
}

/// The forms of a piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NodeKind {
    /// `"text"`, its escapes read.
    Text(String),
    /// `514`, `&H202`
    Number(i64),
    /// `True`, `False`
    Bool(bool),
    /// `NULL`
    Null,
    /// `AuthoritativeNull`
    AuthoritativeNull,
    /// `IgnoreThisFlow`
    IgnoreThisFlow,
    /// `[attribute]`
    Attribute(String),
    /// `%Domain.FQDN%`, without the percent signs.
    Parameter(String),
    /// `$item`, without the sign.
    Variable(String),
    /// A bare word: a member of an enumeration.
    Word(String),
    /// Nothing between two commas.
    Omitted,
    /// `( a )`
    Group(Box<Node>),
    /// `-a`
    Negative(Box<Node>),
    /// `Left(a, 3)`
    Call(Call),
    /// Operands of one priority with the operators between them, left to right.
    Chain(Box<Node>, Vec<(Operator, Node)>),
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub name: String,
    pub name_span: Span,
    pub arguments: Vec<Node>,
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concat,
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// How tightly an operator binds, loosest first. `+`, `-` and `*` are equal, as these products read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Priority {
    Or,
    And,
    Comparison,
    Concat,
    Arithmetic,
}

impl Operator {
    /// Every operator as it is written; longer ones first.
    pub const WRITTEN: [(&'static str, Operator); 13] = [
        ("||", Operator::Or),
        ("&&", Operator::And),
        ("<>", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("=", Operator::Equal),
        ("&", Operator::Concat),
        ("+", Operator::Add),
        ("-", Operator::Subtract),
        ("*", Operator::Multiply),
        ("/", Operator::Divide),
    ];

    pub fn priority(self) -> Priority {
        match self {
            Operator::Or => Priority::Or,
            Operator::And => Priority::And,
            Operator::Concat => Priority::Concat,
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide => {
                Priority::Arithmetic
            }
            _ => Priority::Comparison,
        }
    }
}

impl Priority {
    /// The next tighter one; `None` is an operand.
    pub fn tighter(self) -> Option<Priority> {
        match self {
            Priority::Or => Some(Priority::And),
            Priority::And => Some(Priority::Comparison),
            Priority::Comparison => Some(Priority::Concat),
            Priority::Concat => Some(Priority::Arithmetic),
            Priority::Arithmetic => None,
        }
    }
}

impl Node {
    /// The node without the parentheses round it.
    pub fn bare(&self) -> &Node {
        let mut node = self;
        while let NodeKind::Group(inside) = &node.kind {
            node = inside;
        }
        node
    }

    /// The text, if it is a text literal.
    pub fn literal(&self) -> Option<&str> {
        match &self.bare().kind {
            NodeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// It is `NULL`, or left out.
    pub fn is_nothing(&self) -> bool {
        matches!(self.bare().kind, NodeKind::Null | NodeKind::Omitted)
    }
}
