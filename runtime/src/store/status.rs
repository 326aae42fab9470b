//! How things stand: a snapshot of the store for those who only look.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{Store, VERSIONS};
use crate::error::Error;
use crate::history::ReadState;
use crate::plan::Counts;

impl Store {
    /// The database as it is at this instant. Nothing can be written, and nobody waits for us.
    pub fn open_snapshot(path: &Path) -> Result<Store, Error> {
        let shown = path.display();
        let nothing = "`trib plan` makes it; name it in `state` of the configuration";
        if !path.exists() {
            return Err(
                Error::configuration(format!("there is no state database `{shown}` yet"))
                    .help(nothing),
            );
        }
        let failed = |error: rusqlite::Error| {
            Error::configuration(format!(
                "the state database `{shown}` cannot be read: {error}"
            ))
            .help(nothing)
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(failed)?;
        let store = Store { db };
        let version: usize = store
            .db
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(failed)?;
        if version != VERSIONS.len() {
            return Err(Error::configuration(format!(
                "the state database `{shown}` was made by another version"
            ))
            .help("run `trib plan` once with this version"));
        }
        store.db.execute_batch("BEGIN")?;
        Ok(store)
    }

    /// A copy of the database in a new file; the original is only read.
    pub fn copy(from: &Path, to: &Path) -> Result<(), Error> {
        let store = Store::open_snapshot(from)?;
        store.db.execute_batch("COMMIT")?;
        store.db.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
        Ok(())
    }

    /// What waits to be written.
    pub fn pending_counts(&self) -> Result<Counts, Error> {
        let count =
            |sql: &str| -> Result<u64, Error> { Ok(self.db.query_row(sql, [], |row| row.get(0))?) };
        Ok(Counts {
            create: count("SELECT count(*) FROM pending WHERE op = 'create'")?,
            update: count("SELECT count(*) FROM pending WHERE op = 'update'")?,
            delete: count("SELECT count(*) FROM pending WHERE op = 'delete'")?,
            link_add: count("SELECT count(*) FROM pending_link WHERE adding = 1")?,
            link_remove: count("SELECT count(*) FROM pending_link WHERE adding = 0")?,
            unchanged: 0,
            errors: count(
                "SELECT (SELECT count(*) FROM object_error) + (SELECT count(*) FROM refused)",
            )?,
        })
    }

    /// How far each connector was read.
    pub fn read_states(&self) -> Result<Vec<ReadState>, Error> {
        let sql = "SELECT name, kept_at,
                     CAST(strftime('%s', 'now') AS INTEGER) - CAST(strftime('%s', kept_at) AS INTEGER),
                     coalesce(complete, 0)
                   FROM connector LEFT JOIN watermark ON watermark.connector = connector.id
                   ORDER BY name";
        let mut statement = self.db.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(ReadState {
                connector: row.get(0)?,
                read_at: row.get(1)?,
                age: row.get(2)?,
                complete: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
