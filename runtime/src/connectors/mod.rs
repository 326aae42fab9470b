//! Connected directories: what is asked of them, what they deliver, what is written to them.
//!
//! A source pushes what it reads into a [`Sink`] page by page; values borrow from the page, so that an
//! import allocates nothing per attribute that it does not have to.

pub mod classes;
pub mod decode;
pub mod entry;
pub mod graph;
pub mod ldap;
pub mod ldif;

use trib_compiler::types::Type;
use trib_compiler::value::Value;

use crate::error::Error;

/// What the rules read from one directory (and, in a target, write to it).
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Object types, in the directory's spelling: `user`, `group`.
    pub object_types: Vec<String>,
    /// Attributes; an [`EntryChange`] names them by their place in this list.
    pub attributes: Vec<SelectedAttribute>,
}

/// An attribute that the rules read.
#[derive(Debug, Clone)]
pub struct SelectedAttribute {
    /// Name, in the directory's spelling.
    pub name: String,
    /// Its type. A `dn` (AD) or `ref` (Entra) is a reference.
    pub ty: Type,
    /// Delivered in [`Upsert::references`] instead of [`Upsert::attributes`].
    pub reference: bool,
    /// Object types (places in [`Selection::object_types`]) that have it.
    pub object_types: Vec<usize>,
}

/// What happened to one entry of a directory.
#[derive(Debug, Clone, Copy)]
pub enum EntryChange<'a> {
    /// It is there, new or changed.
    Upsert(Upsert<'a>),
    /// It is gone.
    Delete {
        /// Its anchor.
        anchor: &'a [u8],
    },
}

/// The state of an entry, or the part of it that changed.
#[derive(Debug, Clone, Copy)]
pub struct Upsert<'a> {
    /// What never changes: the 16 bytes of `objectGUID` in AD, the text of `id` in Entra.
    pub anchor: &'a [u8],
    /// Distinguished name; `None` where the directory has none, or in a delta that does not tell.
    pub dn: Option<&'a str>,
    /// Object type, in the directory's spelling; `None` in a delta that does not tell.
    pub object_type: Option<&'a str>,
    /// Attributes that are not listed are absent; otherwise they are as they were.
    pub complete: bool,
    /// Values by the attribute's place in the selection. [`Value::Absent`]: it has none any more.
    pub attributes: &'a [(usize, Value<'a>)],
    /// References by the attribute's place in the selection.
    pub references: &'a [(usize, ReferenceChange<'a>)],
}

/// What happened to the references of one attribute of one entry.
#[derive(Debug, Clone, Copy)]
pub enum ReferenceChange<'a> {
    /// These are all. A large set may come in several changes: the first replaces, the others add.
    Replace(&'a [Target<'a>]),
    /// These came.
    Add(&'a [Target<'a>]),
    /// These went.
    Remove(&'a [Target<'a>]),
}

/// What a reference points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// The entry with this distinguished name.
    Dn(&'a str),
    /// The entry with this anchor.
    Anchor(&'a [u8]),
}

/// Takes what a source reads.
pub trait Sink {
    /// One entry. An entry may come several times; the last state counts.
    fn entry(&mut self, change: EntryChange<'_>) -> Result<(), Error>;

    /// An entry that could not be read is reported and kept as it was.
    fn malformed(&mut self, anchor: Option<&[u8]>, name: &str, message: &str) -> Result<(), Error>;

    /// All entries so far and this watermark belong together and are stored in one transaction.
    fn page(&mut self, watermark: Option<&[u8]>) -> Result<(), Error>;
}

/// How an import ended, if it ended well. An import that did not end completely is an `Err`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// Everything was read: what was not seen is gone.
    Full,
    /// Only what changed since the watermark was read.
    Delta,
}

/// A write to a target directory.
#[derive(Debug, Clone)]
pub struct Write {
    /// Who asks; comes back with the [`Outcome`].
    pub id: u64,
    /// Object type, in the directory's spelling.
    pub object_type: String,
    /// What to do.
    pub operation: Operation,
}

/// The kinds of writes.
#[derive(Debug, Clone)]
pub enum Operation {
    /// Make an object with these attributes.
    Create {
        /// Attributes in the directory's JSON form.
        attributes: serde_json::Map<String, serde_json::Value>,
        /// Attribute and value by which a create whose answer was lost is found again.
        find_by: Option<(String, String)>,
    },
    /// Bring an object back from the recycle bin, then give it these attributes.
    Restore {
        /// Its anchor.
        anchor: String,
        /// Attributes in the directory's JSON form.
        attributes: serde_json::Map<String, serde_json::Value>,
    },
    /// Change attributes; `null` clears.
    Update {
        /// Its anchor.
        anchor: String,
        /// Attributes in the directory's JSON form.
        attributes: serde_json::Map<String, serde_json::Value>,
    },
    /// Delete an object.
    Delete {
        /// Its anchor.
        anchor: String,
    },
    /// Set a single-valued reference (`manager`), or take it away.
    SetLink {
        /// The object that refers.
        anchor: String,
        /// The reference.
        attribute: String,
        /// Anchor of the object referred to; `None` takes the reference away.
        target: Option<String>,
    },
    /// Add one object to a multi-valued reference (`members`). The target gathers them into requests.
    AddLink {
        /// The object that refers.
        anchor: String,
        /// The reference.
        attribute: String,
        /// Anchor of the object referred to.
        target: String,
    },
    /// Take one object out of a multi-valued reference.
    RemoveLink {
        /// The object that refers.
        anchor: String,
        /// The reference.
        attribute: String,
        /// Anchor of the object referred to.
        target: String,
    },
}

/// How a write ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The [`Write::id`].
    pub id: u64,
    /// The anchor of the object made (or of the object itself), or why it failed.
    pub result: Result<Option<String>, WriteFailure>,
}

/// Why a write failed for good (what is transient was tried again before).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteFailure {
    /// The directory's code, such as `Request_BadRequest`.
    pub code: String,
    /// The directory's words, and the request's id.
    pub message: String,
    /// It concerns more than this object: a permission or setting is missing, the connector stops.
    pub configuration: bool,
    /// The same write can succeed later without a change of the object (outage, throttling).
    pub transient: bool,
    /// The object is not there (any more).
    pub missing: bool,
    /// Properties whose value another object has.
    pub conflicts: Vec<String>,
}
