//! The schema facts that ship with the compiler, as tab-separated tables.
//!
//! Each table opens with a line that names its columns. They are read where they lie in the
//! binary: nothing is copied but the rows' slices.

use super::Kind;

/// One property of a Microsoft Graph v1.0 entity.
#[derive(Debug, Clone, Copy)]
pub struct GraphProperty {
    /// Entity: `user`, `group`, `device`, `orgContact`, `directoryObject`.
    pub entity: &'static str,
    /// Property name, in Graph's spelling.
    pub name: &'static str,
    /// Type notation: `string(64)`, `[string]`, `record passwordProfile`, `enum X`, `ref directoryObject`.
    pub ty: &'static str,
    /// What the reference pages say of writing it: `rw`, `ro`, `create-only`, `rw-separate`, ….
    pub write: &'static str,
    /// Needed to create an object.
    pub required: bool,
    /// An object can be looked up by it.
    pub joinable: bool,
    /// No two objects share a value.
    pub unique: bool,
    /// May be cleared with `null`.
    pub nullable: bool,
}

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

/// The tables that say what a kind of directory has, as one text: what their hash is made from.
pub fn tables(kind: Kind) -> Vec<u8> {
    let tables: &[&str] = match kind {
        Kind::Ad => &[
            include_str!("ad-attributes.tsv"),
            include_str!("ad-classes.tsv"),
            include_str!("exchange-attributes.tsv"),
        ],
        Kind::Entra => &[include_str!("graph.tsv"), include_str!("graph-types.tsv")],
        Kind::EntraConnect => &[include_str!("entra-connect.tsv")],
    };
    tables.concat().into_bytes()
}

/// All properties of the Graph entities, in the order of Graph's metadata.
pub fn graph_properties() -> impl Iterator<Item = GraphProperty> {
    lines(include_str!("graph.tsv")).map(|line| {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (entity, name, ty, write, flags) = (cell(), cell(), cell(), cell(), cell());
        GraphProperty {
            entity,
            name,
            ty,
            write,
            required: flags.contains('q'),
            joinable: flags.contains('i'),
            unique: flags.contains('u'),
            nullable: !flags.contains('n'),
        }
    })
}

/// The properties of Graph's complex types: (type, property, type notation).
pub fn graph_records() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    graph_type_rows("record")
}

/// The members of Graph's enumerations: (enumeration, member, number).
pub fn graph_enums() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    graph_type_rows("enum")
}

fn graph_type_rows(
    kind: &'static str,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    lines(include_str!("graph-types.tsv")).filter_map(move |line| {
        let mut cells = line.split('\t');
        (cells.next()? == kind).then_some((cells.next()?, cells.next()?, cells.next()?))
    })
}

/// A row of an attribute table: name, type notation, flags and declaring classes.
#[derive(Debug, Clone, Copy)]
pub struct AttributeRow {
    /// LDAP display name.
    pub name: &'static str,
    /// Type notation; `[T]` is multi-valued.
    pub ty: &'static str,
    /// Flags as the table's first line explains them.
    pub flags: &'static str,
    /// Classes that declare it, separated by spaces (Exchange attributes only).
    pub classes: &'static str,
}

fn attribute_rows(table: &'static str) -> impl Iterator<Item = AttributeRow> {
    lines(table).map(|line| {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        AttributeRow {
            name: cell(),
            ty: cell(),
            flags: cell(),
            classes: cell(),
        }
    })
}

/// The attributes of Active Directory, without Exchange.
pub fn ad_attributes() -> impl Iterator<Item = AttributeRow> {
    attribute_rows(include_str!("ad-attributes.tsv"))
}

/// The attributes that the Exchange and Lync schemas add.
pub fn exchange_attributes() -> impl Iterator<Item = AttributeRow> {
    attribute_rows(include_str!("exchange-attributes.tsv"))
}

/// A class of the Active Directory schema.
#[derive(Debug, Clone, Copy)]
pub struct ClassRow {
    /// LDAP display name.
    pub name: &'static str,
    /// An entry can be of this class (structural, or of the 1988 kind).
    pub structural: bool,
    /// The class it derives from.
    pub parent: &'static str,
    /// Auxiliary classes, separated by spaces.
    pub auxiliary: &'static str,
    /// Attributes of its own, separated by spaces.
    pub attributes: &'static str,
}

/// The classes of Active Directory.
pub fn ad_classes() -> impl Iterator<Item = ClassRow> {
    lines(include_str!("ad-classes.tsv")).map(|line| {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (name, category, parent) = (cell(), cell(), cell());
        ClassRow {
            name,
            structural: matches!(category, "s" | "o"),
            parent,
            auxiliary: cell(),
            attributes: cell(),
        }
    })
}

/// The usual metaverse: (object type, attribute, type notation, indexed).
pub fn metaverse() -> impl Iterator<Item = (&'static str, &'static str, &'static str, bool)> {
    lines(include_str!("metaverse.tsv")).filter_map(|line| {
        let mut cells = line.split('\t');
        Some((
            cells.next()?,
            cells.next()?,
            cells.next()?,
            cells.next() == Some("i"),
        ))
    })
}

/// The schema of Azure AD Connect's own connector: (object type, attribute, type notation, anchor).
pub fn entra_connect() -> impl Iterator<Item = (&'static str, &'static str, &'static str, bool)> {
    lines(include_str!("entra-connect.tsv")).filter_map(|line| {
        let mut cells = line.split('\t');
        Some((
            cells.next()?,
            cells.next()?,
            cells.next()?,
            cells.next() == Some("a"),
        ))
    })
}
