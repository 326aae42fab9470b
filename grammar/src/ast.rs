//! The syntax tree: what the text says, before anything is looked up.
//!
//! Every node knows its span. Names keep the author's spelling; `[quoted name]` is kept without its
//! brackets. What could not be parsed is left out of the tree (an error tells of it), or stands as
//! [`ExprKind::Bad`] where a hole would change the shape of what surrounds it.

use crate::span::{FileId, Span};

/// One source file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Which file.
    pub id: FileId,
    /// Declarations in the order of the text.
    pub declarations: Vec<Declaration>,
    /// All comments, doc comments included, in the order of the text.
    pub comments: Vec<Comment>,
}

/// A comment with its marks (`// …`, `/// …`, `/* … */`).
#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// Where it stands, marks included, line end excluded.
    pub span: Span,
    /// The text, marks included.
    pub text: String,
}

/// An identifier as written, without quoting brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The identifier.
    pub text: String,
    /// Where it stands, quoting brackets included.
    pub span: Span,
}

/// A text literal after its escapes were resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The value.
    pub value: String,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// A declaration.
#[derive(Debug, Clone, PartialEq)]
pub enum Declaration {
    /// `use …`
    Use(Use),
    /// `connector …`
    Connector(Connector),
    /// `metaverse TYPE { … }`
    Metaverse(Metaverse),
    /// `rule "…" { … }`
    Rule(Rule),
    /// `extend rule "…" { … }`
    Extend(Extend),
    /// `fn …`
    Function(Function),
    /// `script fn …`
    Script(Script),
    /// `let NAME = …`
    Let(Let),
    /// `test "…" { … }`
    Test(Test),
}

impl Declaration {
    /// The whole declaration, without its documentation.
    pub fn span(&self) -> Span {
        match self {
            Declaration::Use(found) => found.span,
            Declaration::Connector(found) => found.span,
            Declaration::Metaverse(found) => found.span,
            Declaration::Rule(found) => found.span,
            Declaration::Extend(found) => found.span,
            Declaration::Function(found) => found.span,
            Declaration::Script(found) => found.span,
            Declaration::Let(found) => found.span,
            Declaration::Test(found) => found.span,
        }
    }
}

/// `use entra.users with corp, cloud` or `use "path/"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// The whole declaration.
    pub span: Span,
    /// What is brought in.
    pub source: UseSource,
    /// Names that stand for the pack's connectors, in the order the pack declares them.
    pub with: Vec<Name>,
}

/// What a `use` names.
#[derive(Debug, Clone, PartialEq)]
pub enum UseSource {
    /// A pack that ships with the compiler: `entra.users`.
    Pack(Name),
    /// A folder or file, relative to the file that says it.
    Path(Text),
}

/// `connector NAME : KIND { schema "file" priority N }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Connector {
    /// The whole declaration.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Its name.
    pub name: Name,
    /// `ad`, `entra`, `entra-connect`, as written.
    pub kind: Name,
    /// Schema file, relative to the file that says it.
    pub schema: Option<Text>,
    /// Priority among the connectors of its kind, 1 strongest.
    pub priority: Option<(i64, Span)>,
}

/// `metaverse TYPE { attribute : type indexed … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Metaverse {
    /// The whole declaration.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// The object type.
    pub name: Name,
    /// Its attributes.
    pub attributes: Vec<MetaverseAttribute>,
}

/// An attribute of a metaverse type.
#[derive(Debug, Clone, PartialEq)]
pub struct MetaverseAttribute {
    /// Name, type and mark.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// Objects can be joined by it.
    pub indexed: bool,
}

/// A type as written.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeExpr {
    /// Where it stands.
    pub span: Span,
    /// Which.
    pub kind: TypeExprKind,
}

/// The forms of a type.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeExprKind {
    /// `string`, `string(64)`, `int`, `bool`, `binary`, `guid`, `sid`, `time`, `dn`, or a name nobody knows.
    Named {
        /// The word.
        name: Name,
        /// The number in parentheses.
        length: Option<(i64, Span)>,
    },
    /// `ref person`, `ref any`.
    Ref(Name),
    /// `[T]`
    List(Box<TypeExpr>),
    /// `{ name: T, … }`
    Record(Vec<(Name, TypeExpr)>),
}

/// `rule "NAME" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The whole declaration, without its documentation.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Its name.
    pub name: Text,
    /// Clauses in the order of the text. Repeated ones are kept: the checker reports them.
    pub clauses: Vec<Clause>,
}

/// A clause of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// From its keyword to its end.
    pub span: Span,
    /// The keyword alone.
    pub keyword: Span,
    /// Which.
    pub kind: ClauseKind,
}

/// The clauses of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum ClauseKind {
    /// `from corp.user`, `from person`
    From(TypePath),
    /// `to person`, `to cloud.user`, `to any`
    To(TypePath),
    /// `precedence 100`
    Precedence(i64),
    /// `link provision | join | sticky`, as written
    Link(Name),
    /// `scope …`
    Scope(Expr),
    /// `join a == person.b and …`
    Join(Vec<JoinTerm>),
    /// `ambiguous continue`
    AmbiguousContinue,
    /// `deprovision delete | disconnect | disable { … }`
    Deprovision(Deprovision),
    /// `disabled`
    Disabled,
    /// `flow { … }`
    Flow(Vec<Flow>),
}

/// An object type, with the connector or kind it belongs to where there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct TypePath {
    /// The whole path.
    pub span: Span,
    /// `corp` in `corp.user`.
    pub connector: Option<Name>,
    /// `user` in `corp.user`, `person` in `person`, `any`.
    pub object_type: Name,
}

/// One comparison of a `join` line.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinTerm {
    /// The whole comparison.
    pub span: Span,
    /// The side that is computed from the source object.
    pub source: Expr,
    /// `===` instead of `==`.
    pub exact: bool,
    /// `person` in `person.objectSid`.
    pub target_type: Name,
    /// `objectSid` in `person.objectSid`.
    pub target_attribute: Name,
}

/// What happens to the target object when its rule leaves scope.
#[derive(Debug, Clone, PartialEq)]
pub enum Deprovision {
    /// `delete`
    Delete,
    /// `disconnect`
    Disconnect,
    /// `disable { FLOWS }`
    Disable(Vec<Flow>),
}

/// `targets <- mode expression`.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// The whole flow.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Target attributes; several share one expression.
    pub targets: Vec<Name>,
    /// `merge`, `merge ignoring case`, `once`, with its place.
    pub mode: Option<(FlowMode, Span)>,
    /// Absent where there is no arrow: the attribute of the same name is copied.
    pub value: Option<Expr>,
}

/// The word before a flow's expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowMode {
    /// Union of all contributors.
    Merge,
    /// The same, values that differ in case only are one.
    MergeIgnoringCase,
    /// Only when the target object is created.
    Once,
}

/// `extend rule "NAME" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Extend {
    /// The whole declaration.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// The rule it changes.
    pub name: Text,
    /// The changes.
    pub items: Vec<ExtendItem>,
}

/// One change of an `extend`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtendItem {
    /// The whole item.
    pub span: Span,
    /// Which.
    pub kind: ExtendKind,
}

/// The changes an `extend` can make.
#[derive(Debug, Clone, PartialEq)]
pub enum ExtendKind {
    /// `flow { … }`: adds or replaces flows.
    Flow(Vec<Flow>),
    /// `without flow a, b`
    WithoutFlow(Vec<Name>),
    /// `and scope …`
    AndScope(Expr),
    /// `disabled`
    Disabled,
}

/// `fn NAME(a: T, …) -> T = expression`.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The whole declaration.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Type of its result.
    pub result: TypeExpr,
    /// Its body.
    pub body: Expr,
}

/// `script fn NAME(a: T, …) -> T = """ … """`.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// The whole declaration.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Type of its result.
    pub result: TypeExpr,
    /// The Rhai source, verbatim; its span is that of the text between the quotes.
    pub source: Text,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
}

/// `let NAME = expression`.
#[derive(Debug, Clone, PartialEq)]
pub struct Let {
    /// The whole declaration.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
}

/// `test "NAME" { … }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The whole declaration.
    pub span: Span,
    /// Documentation.
    pub doc: Option<String>,
    /// Its name.
    pub name: Text,
    /// The first cycle, then one for each `then`.
    pub cycles: Vec<TestCycle>,
}

/// One cycle of a test: changes of the directories, then expectations.
#[derive(Debug, Clone, PartialEq)]
pub struct TestCycle {
    /// The body of the test or of the `then`.
    pub span: Span,
    /// Steps in the order of the text.
    pub steps: Vec<TestStep>,
}

/// A line of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct TestStep {
    /// The whole step.
    pub span: Span,
    /// Which.
    pub kind: TestStepKind,
}

/// The lines of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum TestStepKind {
    /// `given corp.user "Ann" { … }`
    Given {
        /// Type of the object.
        object_type: TypePath,
        /// Its name in this test.
        label: Option<Text>,
        /// Its attributes.
        attributes: Vec<(Name, Expr)>,
    },
    /// `given corp from "file.ldif"`
    GivenFile {
        /// The connector.
        connector: Name,
        /// File, relative to the file that says it.
        file: Text,
    },
    /// `change "Ann" { … }`
    Change {
        /// Which object.
        label: Text,
        /// The attributes that get new values; `null` removes.
        attributes: Vec<(Name, Expr)>,
    },
    /// `remove "Ann"`
    Remove(Text),
    /// `expect person "Ann" { … }`
    Expect {
        /// Type of the object.
        object_type: TypePath,
        /// The object it was made from.
        label: Option<Text>,
        /// Values that it has.
        attributes: Vec<(Name, Expr)>,
    },
    /// `expect no cloud.user { … }`
    ExpectNo {
        /// Type of the object.
        object_type: TypePath,
        /// The object it would be made from.
        label: Option<Text>,
        /// Values that nobody has together.
        attributes: Vec<(Name, Expr)>,
    },
    /// `expect error "text"`
    ExpectError(Text),
    /// `with %Domain.FQDN% = "contoso.com"`
    With {
        /// Name of the parameter, without the percent signs.
        parameter: Name,
        /// Its value.
        value: Text,
    },
    /// `at time "…"`; the text is the instant as written
    At(Text),
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Where it stands.
    pub span: Span,
    /// Which.
    pub kind: ExprKind,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `"text"`
    Text(String),
    /// `514`, `0x202`, `&H202`
    Int(i64),
    /// `true`, `false`
    Bool(bool),
    /// `null`
    Null,
    /// `guid "…"`, `sid "…"`, `hex "…"`, `time "…"`: which, and the text (checked by the compiler)
    Tagged(Tag, Text),
    /// `it`
    It,
    /// An attribute, constant, parameter of a function or variable.
    Name(String),
    /// `%Domain.FQDN%`, without the percent signs
    Parameter(String),
    /// `["a", "b"]`
    List(Vec<Expr>),
    /// `{ name: value, … }`
    Record(Vec<(Name, Expr)>),
    /// `[f(x) for x in attribute if condition]`
    Comprehension {
        /// What each value becomes.
        body: Box<Expr>,
        /// The variable.
        variable: Name,
        /// Where the values come from.
        source: Box<Expr>,
        /// Which values take part.
        condition: Option<Box<Expr>>,
    },
    /// `Left(x, 3)`
    Call {
        /// The function.
        function: Name,
        /// Its arguments.
        arguments: Vec<Expr>,
    },
    /// `if c then a else b`
    If {
        /// The condition.
        condition: Box<Expr>,
        /// Its value where the condition holds.
        then: Box<Expr>,
        /// Its value elsewhere; absent where left out.
        otherwise: Option<Box<Expr>>,
    },
    /// `match x { "a", "b" -> v  else -> w }`
    Match {
        /// What is compared.
        subject: Box<Expr>,
        /// The arms, from top to bottom.
        arms: Vec<MatchArm>,
        /// The value where no arm fits; absent where left out.
        otherwise: Option<Box<Expr>>,
    },
    /// `a OP b`
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// Where the operator stands.
        operator_span: Span,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `not a`, `-a`
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it works on.
        operand: Box<Expr>,
    },
    /// `a is present`, `a is absent`
    Presence {
        /// What is tested.
        operand: Box<Expr>,
        /// `is present`
        present: bool,
    },
    /// `( a )`, kept so that mixed operators without parentheses can be told from those with
    Parenthesized(Box<Expr>),
    /// `clear`: an authoritative null
    Clear,
    /// `skip`: as if this flow were not there
    Skip,
    /// `error "text"`: fails the object
    Error(Box<Expr>),
    /// What could not be parsed.
    Bad,
}

/// The word before a tagged literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `guid "11111111-2222-…"`
    Guid,
    /// `sid "S-1-5-…"`
    Sid,
    /// `hex "00FF"`
    Hex,
    /// `time "2026-01-31T00:00:00Z"`
    Time,
}

/// An arm of a `match`.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchArm {
    /// The whole arm.
    pub span: Span,
    /// The values it stands for.
    pub patterns: Vec<Expr>,
    /// Its value.
    pub value: Expr,
}

/// Operators of one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `not`
    Not,
    /// `-`
    Negate,
}

/// Operators of two operands. `exactly` forms mind the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `??`
    Coalesce,
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `===`
    EqualExactly,
    /// `!==`
    NotEqualExactly,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `in exactly`
    InExactly,
    /// `contains`
    Contains,
    /// `contains exactly`
    ContainsExactly,
    /// `starts with`
    StartsWith,
    /// `starts with exactly`
    StartsWithExactly,
    /// `ends with`
    EndsWith,
    /// `ends with exactly`
    EndsWithExactly,
    /// `matches`
    Matches,
    /// `under`
    Under,
    /// `member of`
    MemberOf,
    /// `&`
    Concat,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl BinaryOperator {
    /// The operator as it is written.
    pub fn text(self) -> &'static str {
        match self {
            BinaryOperator::Coalesce => "??",
            BinaryOperator::Or => "or",
            BinaryOperator::And => "and",
            BinaryOperator::Equal => "==",
            BinaryOperator::NotEqual => "!=",
            BinaryOperator::EqualExactly => "===",
            BinaryOperator::NotEqualExactly => "!==",
            BinaryOperator::Less => "<",
            BinaryOperator::LessOrEqual => "<=",
            BinaryOperator::Greater => ">",
            BinaryOperator::GreaterOrEqual => ">=",
            BinaryOperator::In => "in",
            BinaryOperator::InExactly => "in exactly",
            BinaryOperator::Contains => "contains",
            BinaryOperator::ContainsExactly => "contains exactly",
            BinaryOperator::StartsWith => "starts with",
            BinaryOperator::StartsWithExactly => "starts with exactly",
            BinaryOperator::EndsWith => "ends with",
            BinaryOperator::EndsWithExactly => "ends with exactly",
            BinaryOperator::Matches => "matches",
            BinaryOperator::Under => "under",
            BinaryOperator::MemberOf => "member of",
            BinaryOperator::Concat => "&",
            BinaryOperator::Add => "+",
            BinaryOperator::Subtract => "-",
            BinaryOperator::Multiply => "*",
            BinaryOperator::Divide => "/",
        }
    }
}
