//! Runs and writes: appended while something is done, read by `trib history` and `trib explain`.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Store;
use crate::error::Error;
use crate::history::{Run, Written};

/// The form of times in the store: they are compared as text.
pub(super) const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')";

impl Store {
    /// A run begins.
    pub fn begin_run(&self, verb: &str, rules: &str) -> Result<i64, Error> {
        let sql = format!("INSERT INTO run (verb, rules, started) VALUES (?1, ?2, {NOW})");
        self.db.execute(&sql, params![verb, rules])?;
        Ok(self.db.last_insert_rowid())
    }

    /// A run ends, with what it came to.
    pub fn end_run(&self, run: &Run) -> Result<(), Error> {
        let sql = format!(
            "UPDATE run SET ended = {NOW}, result = ?2, approved = ?3, guards = ?4, error = ?5 WHERE id = ?1"
        );
        self.db.execute(
            &sql,
            params![
                run.run,
                to_text(&run.counts)?,
                run.approved,
                to_text(&run.guards)?,
                run.error
            ],
        )?;
        Ok(())
    }

    /// A write was sent, and this came of it.
    pub fn record(&self, run: i64, write: &Written) -> Result<(), Error> {
        let sql = format!(
            "INSERT INTO write (run, time, connector, object_type, op, anchor, name, source,
               attributes, because, code, message)
             VALUES (?1, {NOW}, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        );
        self.db.prepare_cached(&sql)?.execute(params![
            run,
            write.connector,
            write.object_type,
            write.op,
            write.anchor,
            write.name,
            write.source,
            to_text(&write.attributes)?,
            write.because,
            write.code,
            write.message
        ])?;
        Ok(())
    }

    /// Forgets what ended longer ago than so many seconds.
    pub fn prune_history(&self, seconds: u64) -> Result<(), Error> {
        let old = format!(
            "SELECT id FROM run WHERE ended IS NOT NULL
               AND started < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-{seconds} seconds')"
        );
        self.db.execute_batch(&format!(
            "DELETE FROM write WHERE run IN ({old}); DELETE FROM run WHERE id IN ({old});"
        ))?;
        Ok(())
    }

    /// The last runs, the latest first.
    pub fn runs(&self, limit: u64) -> Result<Vec<Run>, Error> {
        let sql = format!("{RUNS} ORDER BY id DESC LIMIT ?1");
        let mut statement = self.db.prepare(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map([limit], run)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One run.
    pub fn run(&self, id: i64) -> Result<Option<Run>, Error> {
        let sql = format!("{RUNS} WHERE id = ?1");
        Ok(self.db.query_row(&sql, [id], run).optional()?)
    }

    /// What a run wrote, in the order it was sent.
    pub fn writes_of_run(&self, id: i64) -> Result<Vec<Written>, Error> {
        let sql = format!("{WRITES} WHERE run = ?1 ORDER BY id");
        let mut statement = self.db.prepare(&sql)?;
        let rows = statement.query_map([id], written)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What was written of the objects with this name, anchor or source; the latest first.
    pub fn writes_of_object(&self, object: &str, limit: u64) -> Result<Vec<Written>, Error> {
        let sql = format!(
            "{WRITES} WHERE anchor = ?1 OR name = ?1 COLLATE NOCASE OR source = ?1 COLLATE NOCASE
               OR anchor IN (SELECT anchor FROM write WHERE anchor IS NOT NULL
                 AND (name = ?1 COLLATE NOCASE OR source = ?1 COLLATE NOCASE))
             ORDER BY id DESC LIMIT ?2"
        );
        let mut statement = self.db.prepare(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![object, limit], written)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

const RUNS: &str = "SELECT id, verb, rules, started, ended, result, approved, guards, error,
    (SELECT count(*) FROM write WHERE write.run = run.id) FROM run";

const WRITES: &str =
    "SELECT run, time, connector, object_type, op, anchor, name, source, attributes,
    because, code, message FROM write";

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        run: row.get(0)?,
        verb: row.get(1)?,
        rules: row.get(2)?,
        started: row.get(3)?,
        ended: row.get(4)?,
        counts: row
            .get::<_, Option<String>>(5)?
            .and_then(|text| from_text(&text)),
        approved: row.get(6)?,
        guards: from_text(&row.get::<_, String>(7)?).unwrap_or_default(),
        error: row.get(8)?,
        requests: row.get(9)?,
    })
}

fn written(row: &Row<'_>) -> rusqlite::Result<Written> {
    Ok(Written {
        run: row.get(0)?,
        time: row.get(1)?,
        connector: row.get(2)?,
        object_type: row.get(3)?,
        op: row.get(4)?,
        anchor: row.get(5)?,
        name: row.get(6)?,
        source: row.get(7)?,
        attributes: from_text(&row.get::<_, String>(8)?).unwrap_or_default(),
        because: row.get(9)?,
        code: row.get(10)?,
        message: row.get(11)?,
    })
}

fn to_text(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|error| Error::internal(format!("the history cannot be kept: {error}")))
}

fn from_text<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}
