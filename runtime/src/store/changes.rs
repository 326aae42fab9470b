//! References that may have come or gone. Triggers of the schema record them (`schema/2.sql`), so that one
//! member more of a large group is one row to look at.

use rusqlite::{OptionalExtension, params};

use super::{PendingLink, Store};
use crate::error::Error;

/// A reference of an entry or of a metaverse object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The entry or object that refers.
    pub owner: i64,
    /// The number of the attribute.
    pub attribute: i64,
    /// The entry or object referred to.
    pub target: i64,
}

impl Store {
    /// Entries are evaluated whose changed references are read by expressions; `attributes` are the
    /// numbers of those, for SQL.
    pub fn touch_readers(&self, attributes: &str) -> Result<(), Error> {
        let sql = format!(
            "UPDATE entry SET dirty = 1 WHERE dirty <> 1 AND object_type IS NOT NULL AND id IN
               (SELECT owner FROM reference_change WHERE attribute IN ({attributes}))"
        );
        self.db.execute(&sql, [])?;
        Ok(())
    }

    /// The references of entries to look at, in the order of their owners; they are forgotten here.
    pub fn take_reference_changes(&self) -> Result<Vec<Reference>, Error> {
        self.take("reference_change")
    }

    /// The references of metaverse objects to look at; they are forgotten here.
    pub fn take_object_reference_changes(&self) -> Result<Vec<Reference>, Error> {
        self.take("object_reference_change")
    }

    fn take(&self, table: &str) -> Result<Vec<Reference>, Error> {
        let sql = format!(
            "SELECT owner, attribute, target FROM {table} WHERE target <> 0
             ORDER BY owner, attribute, target"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Reference {
                owner: row.get(0)?,
                attribute: row.get(1)?,
                target: row.get(2)?,
            })
        })?;
        let taken = rows.collect::<Result<_, _>>()?;
        self.db.execute(&format!("DELETE FROM {table}"), [])?;
        Ok(taken)
    }

    /// The connector of an entry and the object it is linked to.
    pub fn link_of(&self, entry: i64) -> Result<Option<(i64, i64)>, Error> {
        let sql = "SELECT connector, object FROM entry WHERE id = ?1 AND object IS NOT NULL";
        let mut statement = self.db.prepare_cached(sql)?;
        let link = statement.query_row([entry], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(link.optional()?)
    }

    /// The entries of a connector that are linked to an object.
    pub fn linked_entries(&self, object: i64, connector: i64) -> Result<Vec<i64>, Error> {
        let sql = "SELECT id FROM entry WHERE object = ?1 AND connector = ?2 ORDER BY id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([object, connector], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether an attribute of an entry refers to an entry of this object.
    pub fn refers_to_object(&self, owner: i64, attribute: i64, object: i64) -> Result<bool, Error> {
        // The few entries of the object first, never the many references of the owner.
        let sql = "SELECT EXISTS (SELECT 1 FROM entry e CROSS JOIN reference r
                   ON r.owner = ?1 AND r.attribute = ?2 AND r.target = e.id WHERE e.object = ?3)";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row([owner, attribute, object], |row| row.get(0))?)
    }

    /// Whether a reference of an object is there.
    pub fn has_object_reference(&self, reference: Reference) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM object_reference
                   WHERE owner = ?1 AND attribute = ?2 AND target = ?3)";
        let mut statement = self.db.prepare_cached(sql)?;
        let key = [reference.owner, reference.attribute, reference.target];
        Ok(statement.query_row(key, |row| row.get(0))?)
    }

    /// A reference of an object is there, or not.
    pub fn set_object_reference(&self, reference: Reference, there: bool) -> Result<(), Error> {
        let sql = match there {
            true => {
                "INSERT OR IGNORE INTO object_reference (owner, attribute, target) VALUES (?1, ?2, ?3)"
            }
            false => {
                "DELETE FROM object_reference WHERE owner = ?1 AND attribute = ?2 AND target = ?3"
            }
        };
        let key = [reference.owner, reference.attribute, reference.target];
        self.db.prepare_cached(sql)?.execute(key)?;
        Ok(())
    }

    /// Whether a reference of an entry is there and, if so, whether we wrote it.
    pub fn reference(&self, reference: Reference) -> Result<Option<bool>, Error> {
        let sql = "SELECT ours FROM reference WHERE owner = ?1 AND attribute = ?2 AND target = ?3";
        let mut statement = self.db.prepare_cached(sql)?;
        let key = [reference.owner, reference.attribute, reference.target];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?)
    }

    /// What one reference waits for.
    pub fn set_pending_link(&self, link: &PendingLink) -> Result<(), Error> {
        let sql = "INSERT OR REPLACE INTO pending_link (entry, attribute, target, adding, rule, at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.db.prepare_cached(sql)?.execute(params![
            link.entry,
            link.attribute,
            link.target,
            link.adding,
            link.rule,
            link.at
        ])?;
        Ok(())
    }

    /// Whether an entry has an error.
    pub fn entry_failed(&self, entry: i64) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM object_error WHERE holder_kind = 1 AND holder = CAST(?1 AS TEXT))";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row([entry], |row| row.get(0))?)
    }
}
