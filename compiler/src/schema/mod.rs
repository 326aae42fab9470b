//! Object types and attributes of the directories and of the metaverse.

mod ad;
mod entra;
pub mod facts;
pub mod metaverse;
mod misfit;
pub mod pulled;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::types::{Base, Type};

pub use misfit::Misfit;

/// A kind of directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Active Directory over LDAP.
    Ad,
    /// Entra ID over Microsoft Graph.
    Entra,
    /// The schema of Azure AD Connect's own connector: for analysis and simulation.
    EntraConnect,
}

impl Kind {
    /// All of them, as rules write them.
    pub const NAMES: [&'static str; 3] = ["ad", "entra", "entra-connect"];

    /// The kind that rules write so.
    pub fn parse(word: &str) -> Option<Kind> {
        Some(match word {
            "ad" => Kind::Ad,
            "entra" => Kind::Entra,
            "entra-connect" => Kind::EntraConnect,
            _ => return None,
        })
    }

    /// As rules write it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ad => "ad",
            Kind::Entra => "entra",
            Kind::EntraConnect => "entra-connect",
        }
    }
}

/// Whether rules may write an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// Yes.
    Yes,
    /// Only when the object is created.
    Once,
    /// The reference does not say.
    Unknown,
    /// No, and why.
    No(&'static str),
}

/// An attribute of an object type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Name, in the schema's spelling.
    pub name: String,
    /// Its type; `optional` unless every object has it.
    pub ty: Type,
    /// Whether rules may write it.
    pub write: Write,
    /// Needed to create an object.
    pub required: bool,
    /// Objects can be looked up by it.
    pub indexed: bool,
    /// No two objects share a value.
    pub unique: bool,
}

/// An object type of a directory.
#[derive(Debug, Clone)]
pub struct ObjectType {
    /// Name, in the schema's spelling.
    pub name: String,
    /// Rules can create such objects, or why not.
    pub creatable: Result<(), &'static str>,
    attributes: Vec<Attribute>,
    by_name: HashMap<String, usize>,
    extensions: bool,
}

impl ObjectType {
    fn new(name: &str, attributes: Vec<Attribute>) -> ObjectType {
        let numbered = attributes.iter().enumerate();
        let by_name = numbered
            .map(|(at, attribute)| (attribute.name.to_lowercase(), at))
            .collect();
        ObjectType {
            name: name.to_owned(),
            creatable: Ok(()),
            attributes,
            by_name,
            extensions: false,
        }
    }

    /// All attributes.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The attribute of this name, ignoring case. Directory extensions of Entra exist by their form.
    pub fn attribute(&self, name: &str) -> Option<Attribute> {
        if let Some(at) = self.by_name.get(&name.to_lowercase()) {
            return self.attributes.get(*at).cloned();
        }
        (self.extensions && entra::is_directory_extension(name)).then(|| Attribute {
            name: name.to_owned(),
            ty: Type::one(Base::Text(Some(256))).or_absent(),
            write: Write::Yes,
            required: false,
            indexed: true,
            unique: false,
        })
    }
}

/// The schema of a connected directory.
#[derive(Debug, Clone)]
pub enum Schema {
    /// What ships with the compiler.
    Builtin(Kind),
    /// What `trib schema pull` wrote.
    Pulled(Box<pulled::PulledSchema>),
}

/// Object types of the shipped schemas that were asked for: they never change.
static BUILTIN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// Object types by kind and name in small letters.
type Known = HashMap<(Kind, String), Arc<ObjectType>>;

fn builtin(kind: Kind, name: &str) -> Option<Arc<ObjectType>> {
    let key = (kind, name.to_lowercase());
    // What a panic elsewhere left behind is whole: entries are only ever added.
    let mut known = BUILTIN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(object_type) = known.get(&key) {
        return Some(Arc::clone(object_type));
    }
    let object_type = Arc::new(match kind {
        Kind::Ad => ad::object_type(name),
        Kind::Entra => entra::object_type(name),
        Kind::EntraConnect => entra::connect_object_type(name),
    }?);
    known.insert(key, Arc::clone(&object_type));
    Some(object_type)
}

impl Schema {
    /// The object type of this name, ignoring case.
    pub fn object_type(&self, name: &str) -> Option<Arc<ObjectType>> {
        match self {
            Schema::Builtin(kind) => builtin(*kind, name),
            Schema::Pulled(schema) => ad::pulled_object_type(schema, name).map(Arc::new),
        }
    }

    /// The names of all object types.
    pub fn object_types(&self) -> Vec<String> {
        match self {
            Schema::Builtin(Kind::Ad) => ad::object_types(),
            Schema::Builtin(Kind::Entra) => entra::object_types(),
            Schema::Builtin(Kind::EntraConnect) => entra::connect_object_types(),
            Schema::Pulled(schema) => schema.classes.iter().map(|c| c.name.clone()).collect(),
        }
    }
}
