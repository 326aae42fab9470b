//! The metaverse: objects and the references between them.

use rusqlite::{OptionalExtension, params};

use super::{Holder, Store};
use crate::error::Error;

/// A metaverse object as it is stored.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its number.
    pub id: i64,
    /// Its type.
    pub object_type: i64,
    /// Its values.
    pub row: Vec<u8>,
    /// Why it has no source any more, if it has none.
    pub ended: Option<String>,
}

impl Store {
    /// The object with this number.
    pub fn object(&self, id: i64) -> Result<Option<Object>, Error> {
        let sql = "SELECT id, object_type, row, ended FROM object WHERE id = ?1";
        let mut statement = self.db.prepare_cached(sql)?;
        let object = statement.query_row([id], |row| {
            Ok(Object {
                id: row.get(0)?,
                object_type: row.get(1)?,
                row: row.get(2)?,
                ended: row.get(3)?,
            })
        });
        Ok(object.optional()?)
    }

    /// A new object without values.
    pub fn new_object(&self, object_type: i64) -> Result<i64, Error> {
        let sql = "INSERT INTO object (object_type, row) VALUES (?1, x'0000')";
        self.db.prepare_cached(sql)?.execute([object_type])?;
        Ok(self.db.last_insert_rowid())
    }

    /// The objects that changed, in the order of their numbers.
    pub fn dirty_objects(&self) -> Result<Vec<i64>, Error> {
        let mut statement = self
            .db
            .prepare_cached("SELECT id FROM object WHERE dirty = 1 ORDER BY id")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// An object is to be evaluated.
    pub fn touch_object(&self, id: i64) -> Result<(), Error> {
        self.db
            .prepare_cached("UPDATE object SET dirty = 1 WHERE id = ?1 AND dirty = 0")?
            .execute([id])?;
        Ok(())
    }

    /// Objects with writes on their way whose answers nobody saw are evaluated again.
    pub fn touch_attempted(&self) -> Result<(), Error> {
        let sql = "UPDATE object SET dirty = 1 WHERE dirty = 0 AND id IN
                   (SELECT e.object FROM pending p JOIN entry e ON e.id = p.entry
                    WHERE p.attempted = 1)";
        self.db.execute(sql, [])?;
        Ok(())
    }

    /// An object was evaluated.
    pub fn clean_object(&self, id: i64) -> Result<(), Error> {
        self.db
            .prepare_cached("UPDATE object SET dirty = 0 WHERE id = ?1")?
            .execute([id])?;
        Ok(())
    }

    /// The values of an object changed.
    pub fn update_object(&self, id: i64, row: &[u8]) -> Result<(), Error> {
        let sql = "UPDATE object SET row = ?2 WHERE id = ?1";
        self.db.prepare_cached(sql)?.execute(params![id, row])?;
        Ok(())
    }

    /// An object lost its last source, or has one again.
    pub fn end_object(&self, id: i64, ended: Option<&str>) -> Result<(), Error> {
        let sql = "UPDATE object SET ended = ?2 WHERE id = ?1";
        self.db.prepare_cached(sql)?.execute(params![id, ended])?;
        Ok(())
    }

    /// The connector whose entry of an object went last.
    pub fn lost_from(&self, id: i64) -> Result<Option<String>, Error> {
        let sql = "SELECT lost FROM object WHERE id = ?1";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row([id], |row| row.get(0))?)
    }

    /// Removes an object.
    pub fn remove_object(&self, id: i64) -> Result<(), Error> {
        for sql in [
            "INSERT OR IGNORE INTO object_reference_change
               SELECT owner, attribute, target FROM object_reference WHERE target = ?1",
            "DELETE FROM object_reference WHERE owner = ?1",
            "DELETE FROM object_reference WHERE target = ?1",
            "DELETE FROM object_error WHERE holder_kind = 0 AND holder = ?1",
            "DELETE FROM wake WHERE kind = 0 AND holder = ?1",
            "DELETE FROM object WHERE id = ?1",
        ] {
            self.db.prepare_cached(sql)?.execute([id])?;
        }
        self.index(Holder::Object, id, &[])
    }

    /// The objects that an attribute of an object refers to, in the order of their numbers.
    pub fn object_references(&self, owner: i64, attribute: i64) -> Result<Vec<i64>, Error> {
        let sql = "SELECT target FROM object_reference WHERE owner = ?1 AND attribute = ?2 ORDER BY target";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params![owner, attribute], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes the references of an object these; true if they were others. `wanted` is sorted.
    pub fn set_object_references(
        &self,
        owner: i64,
        attribute: i64,
        wanted: &[i64],
    ) -> Result<bool, Error> {
        let known = self.object_references(owner, attribute)?;
        if known == wanted {
            return Ok(false);
        }
        let gone = known
            .iter()
            .filter(|target| wanted.binary_search(target).is_err());
        let sql =
            "DELETE FROM object_reference WHERE owner = ?1 AND attribute = ?2 AND target = ?3";
        let mut delete = self.db.prepare_cached(sql)?;
        for target in gone {
            delete.execute(params![owner, attribute, target])?;
        }
        let come = wanted
            .iter()
            .filter(|target| known.binary_search(target).is_err());
        let sql = "INSERT INTO object_reference (owner, attribute, target) VALUES (?1, ?2, ?3)";
        let mut insert = self.db.prepare_cached(sql)?;
        for target in come {
            insert.execute(params![owner, attribute, target])?;
        }
        Ok(true)
    }

    /// The entries of a connector behind the references of an object, in the order of their numbers.
    pub fn referenced_entries(
        &self,
        owner: i64,
        attribute: i64,
        connector: i64,
    ) -> Result<Vec<i64>, Error> {
        let sql = "SELECT e.id FROM object_reference r JOIN entry e ON e.object = r.target
                   WHERE r.owner = ?1 AND r.attribute = ?2 AND e.connector = ?3 ORDER BY e.id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params![owner, attribute, connector], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All objects of a type.
    pub fn objects_of_type(&self, object_type: i64) -> Result<Vec<i64>, Error> {
        let mut statement = self
            .db
            .prepare_cached("SELECT id FROM object WHERE object_type = ?1 ORDER BY id")?;
        let rows = statement.query_map([object_type], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
