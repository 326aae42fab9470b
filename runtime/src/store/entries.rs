//! The connector space: entries, their links and their references.

use rusqlite::{OptionalExtension, Row, params};

use trib_compiler::notation::dn::dn_key;

use super::{Holder, Store};
use crate::error::Error;

/// An entry as it is stored.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// Its connector.
    pub connector: i64,
    /// Its object type; none where it is only referred to.
    pub object_type: Option<i64>,
    /// Its anchor; none before it is made.
    pub anchor: Option<Vec<u8>>,
    /// Its dn, "" where there is none.
    pub dn: String,
    /// The directory's confirmed state.
    pub row: Vec<u8>,
    /// For each slot what was written last, and what the directory showed then.
    pub written: Vec<u8>,
    /// The metaverse object it is linked to.
    pub object: Option<i64>,
    /// The rule that linked it.
    pub link_rule: Option<String>,
}

const COLUMNS: &str = "id, connector, object_type, anchor, dn, row, written, object, link_rule";

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        connector: row.get(1)?,
        object_type: row.get(2)?,
        anchor: row.get(3)?,
        dn: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        row: row.get::<_, Option<Vec<u8>>>(5)?.unwrap_or_default(),
        written: row.get::<_, Option<Vec<u8>>>(6)?.unwrap_or_default(),
        object: row.get(7)?,
        link_rule: row.get(8)?,
    })
}

impl Store {
    /// The entry with this number.
    pub fn entry(&self, id: i64) -> Result<Option<Entry>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM entry WHERE id = ?1");
        Ok(self
            .db
            .prepare_cached(&sql)?
            .query_row([id], read)
            .optional()?)
    }

    /// The entry with this anchor.
    pub fn entry_by_anchor(&self, connector: i64, anchor: &[u8]) -> Result<Option<Entry>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM entry WHERE connector = ?1 AND anchor = ?2");
        Ok(self
            .db
            .prepare_cached(&sql)?
            .query_row(params![connector, anchor], read)
            .optional()?)
    }

    /// The entry with this dn, by its key.
    pub fn entry_by_dn(&self, connector: i64, dn_key: &str) -> Result<Option<Entry>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM entry WHERE connector = ?1 AND dn_key = ?2
             ORDER BY object_type IS NULL, id LIMIT 1"
        );
        Ok(self
            .db
            .prepare_cached(&sql)?
            .query_row(params![connector, dn_key], read)
            .optional()?)
    }

    /// The entries linked to an object, in the order of connectors and anchors.
    pub fn entries_of(&self, object: i64) -> Result<Vec<Entry>, Error> {
        let sql =
            format!("SELECT {COLUMNS} FROM entry WHERE object = ?1 ORDER BY connector, anchor, id");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([object], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The numbers of the entries of a connector that changed, in the order of their anchors.
    pub fn dirty_entries(&self, connector: i64) -> Result<Vec<i64>, Error> {
        // `dirty > 0` repeats the condition of the index, which is not used without it.
        let sql = "SELECT id FROM entry WHERE connector = ?1 AND dirty = 1 AND dirty > 0
                   ORDER BY anchor, id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([connector], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The entries of a connector that are in scope and found nobody to be linked to.
    pub fn waiting_entries(&self, connector: i64) -> Result<Vec<i64>, Error> {
        let sql = "SELECT id FROM entry WHERE connector = ?1 AND dirty = 2 AND dirty > 0
                   ORDER BY anchor, id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([connector], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// An entry found nobody; it is tried again when the metaverse changes.
    pub fn wait_entry(&self, id: i64) -> Result<(), Error> {
        self.db
            .prepare_cached("UPDATE entry SET dirty = 2 WHERE id = ?1")?
            .execute([id])?;
        Ok(())
    }

    /// Objects that wait to be made in a connector are evaluated again.
    pub fn touch_pending_creates(&self, connector: i64) -> Result<(), Error> {
        let sql = "UPDATE object SET dirty = 1 WHERE dirty = 0 AND id IN (
                     SELECT e.object FROM pending p JOIN entry e ON e.id = p.entry
                     WHERE p.op = 'create' AND e.connector = ?1)";
        self.db.prepare_cached(sql)?.execute([connector])?;
        Ok(())
    }

    /// An entry was evaluated.
    pub fn clean_entry(&self, id: i64) -> Result<(), Error> {
        self.db
            .prepare_cached("UPDATE entry SET dirty = 0 WHERE id = ?1")?
            .execute([id])?;
        Ok(())
    }

    /// Links an entry to an object, or to none.
    pub fn link(&self, entry: i64, object: Option<i64>, rule: Option<&str>) -> Result<(), Error> {
        let sql = "UPDATE entry SET object = ?2, link_rule = ?3 WHERE id = ?1";
        self.db
            .prepare_cached(sql)?
            .execute(params![entry, object, rule])?;
        Ok(())
    }

    /// An entry that is still to be made in its directory.
    pub fn new_entry(
        &self,
        connector: i64,
        object_type: i64,
        object: i64,
        rule: &str,
    ) -> Result<i64, Error> {
        let sql = "INSERT INTO entry (connector, object_type, object, link_rule, dirty)
                   VALUES (?1, ?2, ?3, ?4, 0)";
        self.db
            .prepare_cached(sql)?
            .execute(params![connector, object_type, object, rule])?;
        Ok(self.db.last_insert_rowid())
    }

    /// We made an entry in its directory.
    pub fn mark_made(&self, id: i64) -> Result<(), Error> {
        let sql = "UPDATE entry SET made = 1 WHERE id = ?1";
        self.db.prepare_cached(sql)?.execute([id])?;
        Ok(())
    }

    /// An entry was made by us.
    pub fn is_made(&self, id: i64) -> Result<bool, Error> {
        let sql = "SELECT made FROM entry WHERE id = ?1";
        let mut statement = self.db.prepare_cached(sql)?;
        let made: Option<bool> = statement.query_row([id], |row| row.get(0)).optional()?;
        Ok(made == Some(true))
    }

    /// An entry got another name by a write.
    pub fn name_entry(&self, id: i64, dn: &str) -> Result<(), Error> {
        let sql = "UPDATE entry SET dn = ?2, dn_key = ?3 WHERE id = ?1";
        let key = params![id, dn, dn_key(dn)];
        self.db.prepare_cached(sql)?.execute(key)?;
        Ok(())
    }

    /// What was written to an entry.
    pub fn set_written(&self, id: i64, written: &[u8]) -> Result<(), Error> {
        self.db
            .prepare_cached("UPDATE entry SET written = ?2 WHERE id = ?1")?
            .execute(params![id, written])?;
        Ok(())
    }

    /// What is known of an entry after a write; `indexed` are the values that joins look up.
    pub fn update_entry(
        &self,
        id: i64,
        row: &[u8],
        written: &[u8],
        indexed: &[(i64, Vec<u8>)],
    ) -> Result<(), Error> {
        if !indexed.is_empty() {
            self.index(Holder::Entry, id, indexed)?;
        }
        let sql = "UPDATE entry SET row = ?2, written = ?3 WHERE id = ?1";
        self.db
            .prepare_cached(sql)?
            .execute(params![id, row, written])?;
        Ok(())
    }

    /// An entry is gone from its directory. Its object remembers which one that was.
    pub fn lose_entry(&self, id: i64, connector: &str) -> Result<(), Error> {
        let sql = "UPDATE object SET lost = ?2 WHERE id =
                     (SELECT object FROM entry WHERE id = ?1 AND dn IS NOT NULL)";
        self.db
            .prepare_cached(sql)?
            .execute(params![id, connector])?;
        self.remove_entry(id)
    }

    /// Removes an entry with everything that hangs on it. Its object is marked for evaluation.
    pub fn remove_entry(&self, id: i64) -> Result<(), Error> {
        for sql in [
            "UPDATE object SET dirty = 1 WHERE id = (SELECT object FROM entry WHERE id = ?1)",
            // A target object may lie in the recycle bin: by these values it is found there.
            "UPDATE OR REPLACE lookup SET kind = 2 WHERE kind = 1 AND holder = ?1 AND EXISTS
               (SELECT 1 FROM entry WHERE id = ?1 AND object IS NOT NULL AND dn IS NULL)",
            "DELETE FROM reference WHERE owner = ?1",
            "DELETE FROM reference WHERE target = ?1",
            "DELETE FROM membership WHERE entry = ?1",
            "DELETE FROM pending WHERE entry = ?1",
            "DELETE FROM pending_link WHERE entry = ?1 OR target = ?1",
            "DELETE FROM object_error WHERE holder_kind = 1 AND holder = ?1",
            "DELETE FROM wake WHERE kind = 1 AND holder = ?1",
            "DELETE FROM entry WHERE id = ?1",
        ] {
            self.db.prepare_cached(sql)?.execute([id])?;
        }
        self.index(Holder::Entry, id, &[])
    }

    /// An entry has another object type: what it was is forgotten, references to it stay.
    pub fn retype_entry(&self, id: i64) -> Result<(), Error> {
        for sql in [
            "UPDATE object SET dirty = 1 WHERE id = (SELECT object FROM entry WHERE id = ?1)",
            "UPDATE entry SET object_type = NULL, row = NULL, written = NULL, object = NULL,
               link_rule = NULL WHERE id = ?1",
            "DELETE FROM reference WHERE owner = ?1",
            "DELETE FROM pending WHERE entry = ?1",
            "DELETE FROM pending_link WHERE entry = ?1",
            "DELETE FROM object_error WHERE holder_kind = 1 AND holder = ?1",
        ] {
            self.db.prepare_cached(sql)?.execute([id])?;
        }
        self.index(Holder::Entry, id, &[])
    }

    /// The entries that an attribute of an entry refers to.
    pub fn references(&self, owner: i64, attribute: i64) -> Result<Vec<i64>, Error> {
        let sql =
            "SELECT target FROM reference WHERE owner = ?1 AND attribute = ?2 ORDER BY target";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params![owner, attribute], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The dns of the entries that an attribute of an entry refers to.
    pub fn reference_dns(&self, owner: i64, attribute: i64) -> Result<Vec<String>, Error> {
        let sql = "SELECT coalesce(e.dn, CAST(e.anchor AS TEXT)) FROM reference r JOIN entry e ON e.id = r.target
                   WHERE r.owner = ?1 AND r.attribute = ?2 ORDER BY e.dn_key, e.id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params![owner, attribute], |row| {
            Ok(row.get::<_, Option<String>>(0)?.unwrap_or_default())
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The metaverse objects behind the references of an entry; `object_type` restricts them.
    pub fn referenced_objects(
        &self,
        owner: i64,
        attribute: i64,
        object_type: Option<i64>,
    ) -> Result<Vec<i64>, Error> {
        let sql = "SELECT DISTINCT o.id FROM reference r JOIN entry e ON e.id = r.target
                   JOIN object o ON o.id = e.object
                   WHERE r.owner = ?1 AND r.attribute = ?2 AND o.ended IS NULL
                     AND (?3 IS NULL OR o.object_type = ?3)
                   ORDER BY o.id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params![owner, attribute, object_type], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Of the references of an attribute, the ones that we wrote.
    pub fn own_references(&self, owner: i64, attribute: i64) -> Result<Vec<i64>, Error> {
        let sql = "SELECT target FROM reference WHERE owner = ?1 AND attribute = ?2 AND ours = 1";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params![owner, attribute], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// We wrote a reference.
    pub fn own_reference(&self, owner: i64, attribute: i64, target: i64) -> Result<(), Error> {
        let sql = "INSERT OR REPLACE INTO reference (owner, attribute, target, ours) VALUES (?1, ?2, ?3, 1)";
        self.db
            .prepare_cached(sql)?
            .execute(params![owner, attribute, target])?;
        Ok(())
    }

    /// A reference is there, or not.
    pub fn set_reference(
        &self,
        owner: i64,
        attribute: i64,
        target: i64,
        there: bool,
    ) -> Result<(), Error> {
        let sql = match there {
            true => {
                "INSERT OR IGNORE INTO reference (owner, attribute, target) VALUES (?1, ?2, ?3)"
            }
            false => "DELETE FROM reference WHERE owner = ?1 AND attribute = ?2 AND target = ?3",
        };
        self.db
            .prepare_cached(sql)?
            .execute(params![owner, attribute, target])?;
        Ok(())
    }

    /// How many entries of a type are linked and exist in their directory.
    pub fn count_linked(&self, object_type: i64) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM entry WHERE object_type = ?1 AND object IS NOT NULL
                   AND anchor IS NOT NULL";
        let count: i64 = self.db.query_row(sql, [object_type], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// How many references the linked entries of a type have.
    pub fn count_references(&self, object_type: i64) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM reference r JOIN entry e ON e.id = r.owner
                   WHERE e.object_type = ?1 AND e.object IS NOT NULL";
        let count: i64 = self.db.query_row(sql, [object_type], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

impl Store {
    /// A planned entry was made and got its anchor. If an import brought the object already, the
    /// planned entry becomes that one.
    pub fn anchor_entry(&self, planned: &Entry, anchor: &[u8]) -> Result<Entry, Error> {
        let imported = self.entry_by_anchor(planned.connector, anchor)?;
        let Some(imported) = imported.filter(|entry| entry.id != planned.id) else {
            let sql = "UPDATE entry SET anchor = ?2, generation =
                       coalesce((SELECT generation FROM watermark WHERE connector = ?3), 0) WHERE id = ?1";
            let key = params![planned.id, anchor, planned.connector];
            self.db.prepare_cached(sql)?.execute(key)?;
            return Ok(Entry {
                anchor: Some(anchor.to_vec()),
                ..planned.clone()
            });
        };
        self.db
            .prepare_cached("UPDATE OR REPLACE pending_link SET entry = ?2 WHERE entry = ?1")?
            .execute([planned.id, imported.id])?;
        self.db
            .prepare_cached("UPDATE OR REPLACE pending_link SET target = ?2 WHERE target = ?1")?
            .execute([planned.id, imported.id])?;
        let sql =
            "UPDATE entry SET object = ?2, link_rule = ?3, object_type = coalesce(object_type, ?4)
                   WHERE id = ?1";
        let key = params![
            imported.id,
            planned.object,
            planned.link_rule,
            planned.object_type
        ];
        self.db.prepare_cached(sql)?.execute(key)?;
        self.db
            .prepare_cached("DELETE FROM pending WHERE entry = ?1")?
            .execute([planned.id])?;
        self.db
            .prepare_cached("DELETE FROM entry WHERE id = ?1")?
            .execute([planned.id])?;
        Ok(Entry {
            object: planned.object,
            link_rule: planned.link_rule.clone(),
            object_type: imported.object_type.or(planned.object_type),
            ..imported
        })
    }
}

impl Store {
    /// All entries of a type.
    pub fn entries_of_type(&self, object_type: i64) -> Result<Vec<i64>, Error> {
        let sql = "SELECT id FROM entry WHERE object_type = ?1 ORDER BY id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([object_type], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
