//! The store: connector spaces, metaverse, links, watermarks and pending exports in one SQLite file.
//!
//! All SQL of the program is in this folder. Writes happen inside transactions that their callers
//! open: one per page of an import, one per synchronization, one per batch of written objects.

mod changes;
mod entries;
mod errors;
mod history;
mod import;
mod memberships;
mod objects;
mod pending;
mod status;
mod wakes;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, is_disk};
use crate::eval::{Layout, Place};

pub use changes::Reference;
pub use entries::Entry;
pub use errors::Refused;
pub use import::{ImportSink, Missing, TypeMap};
pub use objects::Object;
pub use pending::{PendingExport, PendingLink};

/// The tables, version by version; a store of an older one is brought up to date, a newer one is refused.
const VERSIONS: [&str; 2] = [include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// Kinds of holders in the lookup table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A metaverse object.
    Object = 0,
    /// An entry of a directory.
    Entry = 1,
    /// An entry that was deleted in its directory.
    Deleted = 2,
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    pub(crate) db: Connection,
}

impl Store {
    /// Opens or makes the database file.
    pub fn open(path: &Path) -> Result<Store, Error> {
        let shown = path.display();
        let db = Connection::open(path).map_err(|error| {
            Error::configuration(format!(
                "the state database `{shown}` cannot be opened: {error}"
            ))
            .help("check `state` in the configuration and the rights of its folder")
        })?;
        Store::prepare(db, &shown.to_string())
    }

    /// A store in memory, for tests of rules.
    pub fn in_memory() -> Result<Store, Error> {
        Store::prepare(Connection::open_in_memory()?, "memory")
    }

    fn prepare(db: Connection, name: &str) -> Result<Store, Error> {
        let damaged = |error: rusqlite::Error| match is_disk(&error) {
            true => Error::from(error),
            false => Error::configuration(format!("`{name}` is no state database: {error}"))
                .help("name another file in `state`, or move this one away to start over"),
        };
        db.busy_timeout(Duration::from_secs(10))?;
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;",
        )
        .map_err(damaged)?;
        db.set_prepared_statement_cache_capacity(128);
        let version: usize = db
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(damaged)?;
        if version > VERSIONS.len() {
            return Err(Error::configuration(format!(
                "the state database `{name}` was made by a newer version"
            ))
            .help("update `trib`, or name another file in `state`"));
        }
        for (at, step) in VERSIONS.iter().enumerate().skip(version) {
            let number = at + 1;
            db.execute_batch(&format!(
                "BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;"
            ))
            .map_err(damaged)?;
        }
        Ok(Store { db })
    }

    /// Begins a transaction.
    pub fn begin(&self) -> Result<(), Error> {
        self.db
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|error| match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::DatabaseBusy) => {
                    Error::internal("the state database is in use by another `trib`")
                        .help("wait until it is done")
                }
                _ => error.into(),
            })
    }

    /// Ends a transaction and keeps what was written.
    pub fn commit(&self) -> Result<(), Error> {
        Ok(self.db.execute_batch("COMMIT")?)
    }

    /// Ends a transaction and forgets what was written.
    pub fn rollback(&self) {
        // Without an open transaction there is nothing to forget.
        let _ = self.db.execute_batch("ROLLBACK");
    }

    /// Runs `work` in one transaction.
    pub fn transaction<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.begin()?;
        match work().and_then(|value| self.commit().map(|()| value)) {
            Ok(value) => Ok(value),
            Err(error) => {
                self.rollback();
                Err(error)
            }
        }
    }

    /// The number of a connector.
    pub fn connector(&self, name: &str) -> Result<i64, Error> {
        self.db
            .execute("INSERT OR IGNORE INTO connector (name) VALUES (?1)", [name])?;
        Ok(self
            .db
            .query_row("SELECT id FROM connector WHERE name = ?1", [name], |row| {
                row.get(0)
            })?)
    }

    /// The number of an object type of a connector (0: of the metaverse).
    pub fn object_type(&self, connector: i64, name: &str) -> Result<i64, Error> {
        let key = params![connector, name];
        self.db.execute(
            "INSERT OR IGNORE INTO object_type (connector, name) VALUES (?1, ?2)",
            key,
        )?;
        let sql = "SELECT id FROM object_type WHERE connector = ?1 AND name = ?2";
        Ok(self.db.query_row(sql, key, |row| row.get(0))?)
    }

    /// Where attributes lie in the rows of an object type; new ones are appended.
    /// `own_dn` and references have no slot.
    pub fn layout(
        &self,
        object_type: i64,
        attributes: &[(&str, bool, bool)],
    ) -> Result<Layout, Error> {
        let mut layout = Layout::default();
        for (name, reference, own_dn) in attributes {
            if *own_dn {
                layout.places.push(Place::Dn);
                layout.numbers.push(0);
                continue;
            }
            let known: Option<(i64, Option<i64>)> = self
                .db
                .prepare_cached(
                    "SELECT id, slot FROM attribute WHERE object_type = ?1 AND name = ?2",
                )?
                .query_row(params![object_type, name], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            let (id, slot) = match known {
                Some(known) => known,
                None => {
                    let slot: Option<i64> = match reference {
                        true => None,
                        false => Some(self.db.query_row(
                            "SELECT coalesce(max(slot) + 1, 0) FROM attribute WHERE object_type = ?1",
                            [object_type],
                            |row| row.get(0),
                        )?),
                    };
                    self.db.execute(
                        "INSERT INTO attribute (object_type, name, slot) VALUES (?1, ?2, ?3)",
                        params![object_type, name, slot],
                    )?;
                    (self.db.last_insert_rowid(), slot)
                }
            };
            layout.numbers.push(id);
            layout
                .places
                .push(match slot.and_then(|slot| usize::try_from(slot).ok()) {
                    Some(slot) => Place::Slot(slot),
                    None => Place::Reference(id),
                });
        }
        Ok(layout)
    }

    /// How many slots the rows of an object type have.
    pub fn width(&self, object_type: i64) -> Result<usize, Error> {
        let sql = "SELECT coalesce(max(slot) + 1, 0) FROM attribute WHERE object_type = ?1";
        let width: i64 = self.db.query_row(sql, [object_type], |row| row.get(0))?;
        Ok(usize::try_from(width).unwrap_or_default())
    }

    /// A setting of the store.
    pub fn setting(&self, name: &str) -> Result<Option<String>, Error> {
        let sql = "SELECT value FROM setting WHERE name = ?1";
        Ok(self
            .db
            .query_row(sql, [name], |row| row.get(0))
            .optional()?)
    }

    /// Keeps a setting.
    pub fn set(&self, name: &str, value: &str) -> Result<(), Error> {
        let sql = "INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)";
        self.db.execute(sql, params![name, value])?;
        Ok(())
    }

    /// Marks everything for evaluation, as a change of rules needs it.
    pub fn touch_all(&self) -> Result<(), Error> {
        self.db.execute_batch("UPDATE entry SET dirty = 1 WHERE object_type IS NOT NULL; UPDATE object SET dirty = 1;")?;
        Ok(())
    }

    /// The holders of a value of an indexed attribute; with `few`, no more than it takes to see that
    /// there are several.
    pub fn lookup(
        &self,
        kind: Holder,
        attribute: i64,
        value: &[u8],
        few: bool,
    ) -> Result<Vec<i64>, Error> {
        let sql = match few {
            true => {
                "SELECT holder FROM lookup WHERE kind = ?1 AND attribute = ?2 AND value = ?3 LIMIT 3"
            }
            false => "SELECT holder FROM lookup WHERE kind = ?1 AND attribute = ?2 AND value = ?3",
        };
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params![kind as i64, attribute, value], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Replaces the indexed values of a holder.
    pub fn index(&self, kind: Holder, holder: i64, values: &[(i64, Vec<u8>)]) -> Result<(), Error> {
        let sql = "DELETE FROM lookup WHERE kind = ?1 AND holder = ?2";
        self.db
            .prepare_cached(sql)?
            .execute(params![kind as i64, holder])?;
        let sql =
            "INSERT OR IGNORE INTO lookup (kind, attribute, value, holder) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = self.db.prepare_cached(sql)?;
        for (attribute, value) in values {
            insert.execute(params![kind as i64, attribute, value, holder])?;
        }
        Ok(())
    }
}
