//! A configuration of Azure AD Connect, as its export has it.

/// A whole configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configuration {
    /// The connected directories.
    pub connectors: Vec<Connector>,
    /// The types of the metaverse; none where the export lacks it.
    pub metaverse: Vec<ObjectType>,
    /// The rules, in the order of the files.
    pub rules: Vec<Rule>,
    /// What is in the files and has no place in this model: the file, and what.
    pub unread: Vec<(String, String)>,
    /// Settings of the product as a whole: names and values.
    pub settings: Vec<(String, String)>,
}

/// A connected directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connector {
    /// Its identifier, in small letters, without braces.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it connects.
    pub kind: ConnectorKind,
    /// The attributes that are selected.
    pub attributes: Vec<String>,
    /// The types of its schema; none where the export lacks it.
    pub schema: Vec<ObjectType>,
    /// Its parts that are selected.
    pub partitions: Vec<Partition>,
    /// Parameters: names and values.
    pub parameters: Vec<(String, String)>,
}

/// What a connector connects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ConnectorKind {
    /// A forest of Active Directory.
    #[default]
    Ad,
    /// The tenant.
    AzureAd,
    /// Something else, by the product's name for it.
    Other(String),
}

/// A part of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partition {
    /// Its distinguished name.
    pub dn: String,
    /// The containers that are read.
    pub inclusions: Vec<String>,
    /// The containers that are not.
    pub exclusions: Vec<String>,
    /// Parameters: names and values.
    pub parameters: Vec<(String, String)>,
}

/// A type of objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectType {
    /// Its name.
    pub name: String,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type, in the notation of rules.
    pub ty: String,
    /// Objects can be joined by it.
    pub indexed: bool,
    /// Only the directory itself writes it.
    pub system: bool,
}

/// Which way a rule flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From a directory to the metaverse.
    Inbound,
    /// From the metaverse to a directory.
    Outbound,
}

/// What a rule does where it finds no object to join to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// It makes one.
    Provision,
    /// It does nothing.
    Join,
    /// It does nothing; what it joined stays.
    Sticky,
}

/// A synchronization rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The file it stands in.
    pub file: String,
    /// Its identifier, in small letters, without braces.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its mark, if the product ships with it.
    pub tag: String,
    /// Which way it flows.
    pub direction: Direction,
    /// It takes no part.
    pub disabled: bool,
    /// The identifier of its connector.
    pub connector: String,
    /// The type at its beginning.
    pub source: String,
    /// The type at its end; `*` is any.
    pub target: String,
    /// What it does where there is nothing to join to.
    pub link: Link,
    /// Its precedence.
    pub precedence: i64,
    /// The rule that it comes behind, if its precedence is still to be made.
    pub after: Option<String>,
    /// The rule that it comes before, if its precedence is still to be made.
    pub before: Option<String>,
    /// How long what leaves is kept, as it is written; "" for not at all.
    pub soft_delete: String,
    /// Password hashes of the accounts it joins are synchronized.
    pub password_sync: bool,
    /// Groups of clauses; one group has to hold.
    pub scope: Vec<Vec<ScopeClause>>,
    /// Groups of clauses, tried one after the other.
    pub joins: Vec<Vec<JoinClause>>,
    /// The flows.
    pub mappings: Vec<Mapping>,
}

/// A clause of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeClause {
    /// The attribute of the source.
    pub attribute: String,
    /// `EQUAL`, `NOTSTARTSWITH`, …
    pub operator: String,
    /// What it is compared with.
    pub value: String,
}

/// A clause of a join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinClause {
    /// The attribute of the source.
    pub source: String,
    /// The attribute of the target.
    pub target: String,
    /// Letters must have the same case.
    pub case_sensitive: bool,
}

/// A flow of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The target attribute.
    pub target: String,
    /// Where the value comes from.
    pub value: Flow,
    /// Only when the object is made.
    pub once: bool,
    /// `Update`, `Merge`, `MergeCaseInsensitive`, `Replace`
    pub merge: String,
}

/// Where the value of a flow comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// An attribute, as it is.
    Direct(String),
    /// A text, read as the type of the target.
    Constant(String),
    /// An expression.
    Expression(String),
    /// Nowhere: the export names neither.
    Nothing,
}
