//! Kinds of objects and their properties, from the schema facts the compiler ships with.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use trib_compiler::schema::facts;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    User,
    Group,
    OrgContact,
    Device,
    ServicePrincipal,
    Application,
    ExtensionProperty,
    Organization,
}

impl Kind {
    pub const DIRECTORY: [Kind; 5] = [
        Kind::User,
        Kind::Group,
        Kind::OrgContact,
        Kind::Device,
        Kind::ServicePrincipal,
    ];

    /// Name of the entity type.
    pub fn name(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Group => "group",
            Kind::OrgContact => "orgContact",
            Kind::Device => "device",
            Kind::ServicePrincipal => "servicePrincipal",
            Kind::Application => "application",
            Kind::ExtensionProperty => "extensionProperty",
            Kind::Organization => "organization",
        }
    }

    /// Name of the entity set.
    pub fn set(self) -> &'static str {
        match self {
            Kind::User => "users",
            Kind::Group => "groups",
            Kind::OrgContact => "contacts",
            Kind::Device => "devices",
            Kind::ServicePrincipal => "servicePrincipals",
            Kind::Application => "applications",
            Kind::ExtensionProperty => "extensionProperties",
            Kind::Organization => "organization",
        }
    }

    /// Name as Graph's messages spell it: `User`, `Group`.
    pub fn title(self) -> &'static str {
        match self {
            Kind::User => "User",
            Kind::Group => "Group",
            Kind::OrgContact => "Contact",
            Kind::Device => "Device",
            Kind::ServicePrincipal => "ServicePrincipal",
            Kind::Application => "Application",
            Kind::ExtensionProperty => "ExtensionProperty",
            Kind::Organization => "Organization",
        }
    }

    pub fn from_name(name: &str) -> Option<Kind> {
        let name = name
            .trim_start_matches('#')
            .trim_start_matches("microsoft.graph.");
        let all = [
            Kind::Application,
            Kind::ExtensionProperty,
            Kind::Organization,
        ];
        Kind::DIRECTORY
            .into_iter()
            .chain(all)
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    pub fn from_set(name: &str) -> Option<Kind> {
        let all = [Kind::Application, Kind::Organization];
        Kind::DIRECTORY
            .into_iter()
            .chain(all)
            .find(|kind| kind.set().eq_ignore_ascii_case(name))
    }

    pub fn odata_type(self) -> String {
        format!("#microsoft.graph.{}", self.name())
    }
}

/// Type of a property.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    Text(Option<usize>),
    Bool,
    Int,
    Time,
    Binary,
    Record(&'static str),
    Enum(&'static str),
    Reference,
    List(Box<Type>),
}

impl Type {
    fn parse(text: &'static str) -> Type {
        if let Some(inner) = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            return Type::List(Box::new(Type::parse(inner)));
        }
        if let Some(length) = text
            .strip_prefix("string(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            return Type::Text(length.parse().ok());
        }
        match text.split_once(' ') {
            Some(("record", name)) => Type::Record(name),
            Some(("enum", name)) => Type::Enum(name),
            Some(("ref", _)) => Type::Reference,
            _ => match text {
                "bool" => Type::Bool,
                "int" => Type::Int,
                "time" => Type::Time,
                "binary" => Type::Binary,
                _ => Type::Text(None),
            },
        }
    }

    pub fn is_link(&self) -> bool {
        match self {
            Type::Reference => true,
            Type::List(item) => item.is_link(),
            _ => false,
        }
    }
}

/// A property of an entity or of a complex type.
#[derive(Debug)]
pub(crate) struct Property {
    pub name: &'static str,
    pub ty: Type,
    pub write: &'static str,
    pub required: bool,
    pub nullable: bool,
}

impl Property {
    /// Kept outside the directory: written alone, never in a list.
    pub fn is_separate(&self) -> bool {
        self.write == "rw-separate"
    }
}

type Table = BTreeMap<&'static str, Vec<Property>>;

static ENTITIES: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::new();
    for row in facts::graph_properties() {
        table.entry(row.entity).or_default().push(Property {
            name: row.name,
            ty: Type::parse(row.ty),
            write: row.write,
            required: row.required,
            nullable: row.nullable,
        });
    }
    table
});

static RECORDS: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::new();
    for (record, name, ty) in facts::graph_records() {
        table.entry(record).or_default().push(Property {
            name,
            ty: Type::parse(ty),
            write: "rw",
            required: false,
            nullable: true,
        });
    }
    table
});

/// Names that some kinds carry though the facts do not list them.
const OTHER: [(Kind, &[&str]); 5] = [
    (Kind::Device, &["extensionAttributes"]),
    (
        Kind::ServicePrincipal,
        &[
            "id",
            "appId",
            "displayName",
            "accountEnabled",
            "appDisplayName",
            "appOwnerOrganizationId",
            "appRoles",
            "servicePrincipalNames",
            "servicePrincipalType",
            "deletedDateTime",
        ],
    ),
    (
        Kind::Application,
        &[
            "id",
            "appId",
            "displayName",
            "createdDateTime",
            "deletedDateTime",
            "signInAudience",
            "identifierUris",
        ],
    ),
    (
        Kind::ExtensionProperty,
        &[
            "id",
            "deletedDateTime",
            "appDisplayName",
            "name",
            "dataType",
            "isMultiValued",
            "isSyncedFromOnPremises",
            "targetObjects",
        ],
    ),
    (
        Kind::Organization,
        &[
            "id",
            "displayName",
            "verifiedDomains",
            "onPremisesSyncEnabled",
            "tenantType",
            "createdDateTime",
        ],
    ),
];

/// All properties of a kind, links included.
pub(crate) fn properties(kind: Kind) -> &'static [Property] {
    ENTITIES
        .get(kind.name())
        .map(Vec::as_slice)
        .unwrap_or_default()
}

pub(crate) fn property(kind: Kind, name: &str) -> Option<&'static Property> {
    properties(kind)
        .iter()
        .find(|property| property.name == name)
}

/// Names of a kind the facts are silent about.
pub(crate) fn other_names(kind: Kind) -> &'static [&'static str] {
    OTHER
        .iter()
        .find(|(other, _)| *other == kind)
        .map(|(_, names)| *names)
        .unwrap_or_default()
}

pub(crate) fn record(name: &str) -> &'static [Property] {
    RECORDS.get(name).map(Vec::as_slice).unwrap_or_default()
}

pub(crate) fn is_enum_member(name: &str, member: &str) -> bool {
    facts::graph_enums().any(|(owner, value, _)| owner == name && value == member)
}

/// The name of a directory extension's property.
pub(crate) fn is_extension(name: &str) -> bool {
    name.strip_prefix("extension_")
        .is_some_and(|rest| rest.get(32..33) == Some("_"))
}
