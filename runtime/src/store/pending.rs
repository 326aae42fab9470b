//! Pending exports.

use rusqlite::{OptionalExtension, Row, params};

use super::{Reference, Store};
use crate::error::Error;
use crate::plan::AttributeChange;

/// A write that an entry waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingExport {
    /// The entry.
    pub entry: i64,
    /// `create`, `update` or `delete`.
    pub op: String,
    /// The values.
    pub attributes: Vec<AttributeChange>,
    /// Why, in words: counted by the guards.
    pub cause: String,
    /// The source object's dn.
    pub source: String,
    /// A name for people.
    pub name: String,
    /// It was sent once, and no answer was kept.
    pub attempted: bool,
}

impl PendingExport {
    /// The change as it is compared with one that was refused: as the store has it.
    pub fn change(&self) -> String {
        let attributes = serde_json::to_string(&self.attributes).unwrap_or_default();
        format!("{}{attributes}", self.op)
    }
}

/// A reference that waits to be added or taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingLink {
    /// The entry that refers.
    pub entry: i64,
    /// The number of the attribute.
    pub attribute: i64,
    /// The entry referred to.
    pub target: i64,
    /// Added, or taken away.
    pub adding: bool,
    /// The rule that says so.
    pub rule: String,
    /// Where its flow stands.
    pub at: String,
}

/// The object of an entry has one that its source did not return.
fn missing(entry: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM entry e JOIN entry m ON m.object = e.object AND m.missing = 1
                 WHERE e.id = {entry})"
    )
}

const PENDING: &str = "SELECT entry, op, attributes, cause, source, name, attempted FROM pending";

fn pending(row: &Row<'_>) -> rusqlite::Result<PendingExport> {
    let attributes: String = row.get(2)?;
    Ok(PendingExport {
        entry: row.get(0)?,
        op: row.get(1)?,
        attributes: serde_json::from_str(&attributes).unwrap_or_default(),
        cause: row.get(3)?,
        source: row.get(4)?,
        name: row.get(5)?,
        attempted: row.get(6)?,
    })
}

impl PendingLink {
    /// What it is, among all that its entry waits for.
    pub fn part(&self) -> String {
        let adding = u8::from(self.adding);
        format!("{}:{}:{adding}", self.attribute, self.target)
    }
}

impl Store {
    /// Replaces what an entry waits for.
    pub fn set_pending(&self, entry: i64, export: Option<&PendingExport>) -> Result<(), Error> {
        let Some(export) = export else {
            self.db
                .prepare_cached("DELETE FROM pending WHERE entry = ?1")?
                .execute([entry])?;
            return Ok(());
        };
        let attributes = serde_json::to_string(&export.attributes)
            .map_err(|error| Error::internal(format!("a change cannot be stored: {error}")))?;
        let sql = "INSERT INTO pending (entry, op, attributes, cause, source, name)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (entry) DO UPDATE SET op = excluded.op, attributes = excluded.attributes,
                     cause = excluded.cause, source = excluded.source, name = excluded.name,
                     attempted = CASE WHEN pending.op = excluded.op THEN pending.attempted ELSE 0 END";
        self.db.prepare_cached(sql)?.execute(params![
            entry,
            export.op,
            attributes,
            export.cause,
            export.source,
            export.name
        ])?;
        Ok(())
    }

    /// The write of an entry was refused: nothing came of it.
    pub fn forget_attempt(&self, entry: i64) -> Result<(), Error> {
        let sql = "UPDATE pending SET attempted = 0 WHERE entry = ?1";
        self.db.prepare_cached(sql)?.execute([entry])?;
        Ok(())
    }

    /// A write of this entry is about to be sent.
    pub fn mark_attempted(&self, entry: i64) -> Result<(), Error> {
        let sql = "UPDATE pending SET attempted = 1 WHERE entry = ?1";
        self.db.prepare_cached(sql)?.execute([entry])?;
        Ok(())
    }

    /// Everything that waits, in the order of entries.
    pub fn pending(&self) -> Result<Vec<PendingExport>, Error> {
        let mut all = Vec::new();
        self.each_pending(|export| {
            all.push(export);
            Ok(())
        })?;
        Ok(all)
    }

    /// Hands out everything that waits, one after the other, in the order of entries. What is missing
    /// in its source stays as it is.
    pub fn each_pending(
        &self,
        mut take: impl FnMut(PendingExport) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let sql = format!("{PENDING} WHERE NOT {} ORDER BY entry", missing("entry"));
        let mut statement = self.db.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            take(pending(row)?)?;
        }
        Ok(())
    }

    /// What an entry waits for.
    pub fn pending_of(&self, entry: i64) -> Result<Option<PendingExport>, Error> {
        let mut statement = self
            .db
            .prepare_cached(&format!("{PENDING} WHERE entry = ?1"))?;
        Ok(statement.query_row([entry], pending).optional()?)
    }

    /// What waited for a planned entry, and for others to refer to it, waits for the entry it became.
    pub fn move_pending_links(&self, planned: i64, made: i64) -> Result<(), Error> {
        for sql in [
            "UPDATE OR IGNORE pending_link SET entry = ?2 WHERE entry = ?1",
            "UPDATE OR IGNORE pending_link SET target = ?2 WHERE target = ?1",
        ] {
            self.db.prepare_cached(sql)?.execute([planned, made])?;
        }
        Ok(())
    }

    /// References that waited to be added and are there by now are ours: a run that did not live to see
    /// the answer added them.
    pub fn own_awaited_references(&self, entry: i64) -> Result<(), Error> {
        let sql = "UPDATE reference SET ours = 1 WHERE ours = 0 AND owner = ?1 AND EXISTS
                     (SELECT 1 FROM pending_link p WHERE p.entry = ?1 AND p.adding = 1
                      AND p.attribute = reference.attribute AND p.target = reference.target)";
        self.db.prepare_cached(sql)?.execute([entry])?;
        Ok(())
    }

    /// The same of one reference.
    pub fn own_awaited_reference(&self, reference: Reference) -> Result<(), Error> {
        let sql =
            "UPDATE reference SET ours = 1 WHERE owner = ?1 AND attribute = ?2 AND target = ?3
                   AND EXISTS (SELECT 1 FROM pending_link WHERE entry = ?1 AND attribute = ?2
                               AND target = ?3 AND adding = 1)";
        self.db.prepare_cached(sql)?.execute(params![
            reference.owner,
            reference.attribute,
            reference.target
        ])?;
        Ok(())
    }

    /// Replaces the references that an attribute of an entry waits for.
    pub fn set_pending_links(
        &self,
        entry: i64,
        attribute: i64,
        links: &[PendingLink],
    ) -> Result<(), Error> {
        let sql = "DELETE FROM pending_link WHERE entry = ?1 AND attribute = ?2";
        self.db
            .prepare_cached(sql)?
            .execute(params![entry, attribute])?;
        let sql = "INSERT INTO pending_link (entry, attribute, target, adding, rule, at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut insert = self.db.prepare_cached(sql)?;
        for link in links {
            insert.execute(params![
                link.entry,
                link.attribute,
                link.target,
                link.adding,
                link.rule,
                link.at
            ])?;
        }
        Ok(())
    }

    /// A reference was written, or is not wanted any more.
    pub fn clear_pending_link(&self, entry: i64, attribute: i64, target: i64) -> Result<(), Error> {
        let sql = "DELETE FROM pending_link WHERE entry = ?1 AND attribute = ?2 AND target = ?3";
        self.db
            .prepare_cached(sql)?
            .execute(params![entry, attribute, target])?;
        Ok(())
    }

    /// Nothing of this entry waits any more.
    pub fn clear_pending_links(&self, entry: i64) -> Result<(), Error> {
        self.db
            .prepare_cached("DELETE FROM pending_link WHERE entry = ?1")?
            .execute([entry])?;
        Ok(())
    }

    /// All references that wait, in the order of entries.
    pub fn pending_links(&self) -> Result<Vec<PendingLink>, Error> {
        let sql = format!(
            "SELECT entry, attribute, target, adding, rule, at FROM pending_link
             WHERE NOT {} AND (adding OR NOT {})
             ORDER BY entry, attribute, adding, target",
            missing("entry"),
            missing("target")
        );
        let mut statement = self.db.prepare(&sql)?;
        let rows = statement.query_map([], |row| {
            Ok(PendingLink {
                entry: row.get(0)?,
                attribute: row.get(1)?,
                target: row.get(2)?,
                adding: row.get(3)?,
                rule: row.get(4)?,
                at: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// A delete takes the references to its object with it: they are not removed one by one.
    pub fn drop_links_of_deleted(&self) -> Result<(), Error> {
        self.db.execute_batch(
            "DELETE FROM pending_link WHERE adding = 0
               AND target IN (SELECT entry FROM pending WHERE op = 'delete')",
        )?;
        Ok(())
    }
}
