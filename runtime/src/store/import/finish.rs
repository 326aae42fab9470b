//! How an import ends: what was not seen is gone, or missing where that is too much to believe.

use rusqlite::params;

use super::ImportSink;
use crate::config::Limit;
use crate::error::Error;
use crate::guard;
use crate::store::Store;

/// Entries of one type that a full import did not return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The connector.
    pub connector: String,
    /// Object type, in the directory's spelling.
    pub object_type: String,
    /// Entries of the type that are known.
    pub known: u64,
    /// How many of them did not come.
    pub missing: u64,
}

const UNSEEN: &str = "connector = ?1 AND anchor IS NOT NULL AND object_type IS NOT NULL \
                      AND generation < ?2";

impl ImportSink<'_> {
    /// Ends a full import. What was not seen is removed. Where that is more of one type than the guard
    /// allows it is only marked: the entries stay, and the next import is a full one. An empty answer
    /// from a directory that had entries is an error, since that is how a broken source looks.
    pub fn finish_full(&mut self, guard: &Limit) -> Result<(), Error> {
        let key = params![self.connector, self.generation];
        let sql = format!("SELECT count(*) FROM entry WHERE {UNSEEN}");
        let gone: u64 = self.store.db.query_row(&sql, key, |row| row.get(0))?;
        if gone > 0 && self.seen == 0 {
            self.rollback();
            return Err(Error::directory(format!(
                "connector `{}` returned no entry at all, and it had {gone}",
                self.connector_name
            ))
            .help(
                "nothing was deleted; check the base, the filter and the rights of the account",
            ));
        }
        if !self.open {
            self.open()?;
        }
        self.release_taken_names()?;
        // Types that no rule reads any more were not asked for.
        self.mark("NOT IN")?;
        self.store.remove_missing(Some(self.connector))?;
        self.mark("IN")?;
        let too_many = self.store.missing()?.iter().any(|missing| {
            missing.connector == self.connector_name
                && missing.missing > guard::limit(guard, missing.known)
        });
        if !too_many {
            self.store.remove_missing(Some(self.connector))?;
        }
        let sql = "UPDATE watermark SET complete = ?2 WHERE connector = ?1";
        self.store
            .db
            .execute(sql, params![self.connector, !too_many])?;
        self.commit()
    }

    /// Marks what was not seen, of the types that were asked for or of the others.
    fn mark(&self, which: &str) -> Result<(), Error> {
        let asked: Vec<String> = self
            .types
            .iter()
            .map(|map| map.object_type.to_string())
            .collect();
        let sql = format!(
            "UPDATE entry SET missing = object_type {which} ({}) WHERE {UNSEEN}",
            asked.join(",")
        );
        let key = params![self.connector, self.generation];
        self.store.db.execute(&sql, key)?;
        Ok(())
    }

    /// Ends a delta import.
    pub fn finish_delta(&mut self) -> Result<(), Error> {
        self.commit()
    }
}

impl Store {
    /// What full imports did not return and nobody has said yet to be gone.
    pub fn missing(&self) -> Result<Vec<Missing>, Error> {
        let sql = "SELECT c.name, t.name, (SELECT count(*) FROM entry e
                     WHERE e.connector = m.connector AND e.object_type = m.object_type
                       AND e.anchor IS NOT NULL), count(*)
                   FROM entry m JOIN connector c ON c.id = m.connector
                     JOIN object_type t ON t.id = m.object_type
                   WHERE m.missing = 1 GROUP BY m.connector, m.object_type ORDER BY 1, 2";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Missing {
                connector: row.get(0)?,
                object_type: row.get(1)?,
                known: row.get(2)?,
                missing: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Removes what is missing in a connector, or in all of them.
    pub fn remove_missing(&self, connector: Option<i64>) -> Result<(), Error> {
        let sql = "SELECT e.id, c.name FROM entry e JOIN connector c ON c.id = e.connector
                   WHERE e.missing = 1 AND (?1 IS NULL OR e.connector = ?1)";
        let gone: Vec<(i64, String)> = {
            let mut statement = self.db.prepare_cached(sql)?;
            let rows = statement.query_map([connector], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        for (id, connector) in gone {
            self.lose_entry(id, &connector)?;
        }
        Ok(())
    }
}
