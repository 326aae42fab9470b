//! Errors of objects, and when they are tried again.
//!
//! What changes is tried at once. What stays as it is waits: a cycle, then 5 minutes, and twice as long
//! each time up to a day.

use rusqlite::{OptionalExtension, Row, params};

use super::Store;
use super::history::NOW;
use crate::error::Error;
use crate::history::StandingError;
use crate::plan::ObjectError;

/// The instant of the next try after so many, in SQL: at once after the first.
fn next_try(attempts: &str) -> String {
    format!(
        "strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+' || (CASE WHEN ({attempts}) < 2 THEN 0
           ELSE min(86400, 300 << min(10, ({attempts}) - 2)) END) || ' seconds')"
    )
}

/// A write that a directory refused.
pub struct Refused<'a> {
    /// The entry.
    pub entry: i64,
    /// "" for its values; for a reference what it is.
    pub part: &'a str,
    /// The change as it was sent.
    pub change: &'a str,
    /// It has to do with this object alone, and is sent again after a delay only.
    pub delayed: bool,
}

impl Store {
    /// Replaces the error of a holder (kind 0: object, 1: entry).
    pub fn set_error(
        &self,
        kind: i64,
        holder: i64,
        error: Option<&ObjectError>,
    ) -> Result<(), Error> {
        let sql = "DELETE FROM object_error WHERE holder_kind = ?1 AND holder = ?2";
        self.db
            .prepare_cached(sql)?
            .execute(params![kind, holder])?;
        let Some(error) = error else { return Ok(()) };
        let sql = "INSERT OR REPLACE INTO object_error
                   (holder_kind, holder, connector, object, code, message, rule, at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        self.db.prepare_cached(sql)?.execute(params![
            kind,
            holder,
            error.connector,
            error.object,
            error.code,
            error.message,
            error.rule,
            error.at
        ])?;
        let next = next_try("attempts + (last_seen < excluded.last_seen)");
        let sql = format!(
            "INSERT INTO error_tries (holder_kind, holder, code, attempts, first_seen, last_seen, next_try)
             VALUES (?1, ?2, ?3, 1, {NOW}, {NOW}, {NOW})
             ON CONFLICT (holder_kind, holder) DO UPDATE SET
               attempts = CASE WHEN code = excluded.code
                 THEN attempts + (last_seen < excluded.last_seen) ELSE 1 END,
               first_seen = CASE WHEN code = excluded.code THEN first_seen ELSE excluded.first_seen END,
               next_try = CASE WHEN code = excluded.code THEN {next} ELSE excluded.next_try END,
               last_seen = excluded.last_seen, code = excluded.code"
        );
        self.db
            .prepare_cached(&sql)?
            .execute(params![kind, holder, error.code])?;
        Ok(())
    }

    /// All object errors.
    pub fn errors(&self) -> Result<Vec<ObjectError>, Error> {
        let sql = "SELECT connector, object, code, message, rule, at FROM object_error
                   UNION ALL SELECT connector, object, code, message, rule, at FROM refused
                   ORDER BY connector, object, code";
        let mut statement = self.db.prepare(sql)?;
        let rows = statement.query_map([], object_error)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The errors of one holder (kind 0: object, 1: entry), and what was refused of an entry.
    pub fn errors_of(&self, kind: i64, holder: i64) -> Result<Vec<ObjectError>, Error> {
        let sql = "SELECT connector, object, code, message, rule, at FROM object_error
                     WHERE holder_kind = ?1 AND holder = CAST(?2 AS TEXT)
                   UNION ALL SELECT connector, object, code, message, rule, at FROM refused
                     WHERE ?1 = 1 AND entry = ?2";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(params![kind, holder], object_error)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Objects with an error are evaluated again where that is due. Whether a value is free lies with
    /// other objects: who waits for one is always evaluated.
    pub fn touch_failed(&self) -> Result<(), Error> {
        let sql = format!(
            "UPDATE object SET dirty = 1 WHERE dirty = 0 AND id IN
               (SELECT CAST(e.holder AS INTEGER) FROM object_error e
                LEFT JOIN error_tries t ON t.holder_kind = 0 AND t.holder = e.holder
                WHERE e.holder_kind = 0 AND (e.code = 'value-taken' OR coalesce(t.next_try, '') <= {NOW}))"
        );
        self.db.execute(&sql, [])?;
        Ok(())
    }

    /// A write was refused: it is remembered with the change that was sent.
    pub fn refuse(&self, refused: &Refused<'_>, error: &ObjectError) -> Result<(), Error> {
        let next = match refused.delayed {
            true => next_try("attempts + 1"),
            false => NOW.to_owned(),
        };
        let sql = format!(
            "INSERT INTO refused (entry, part, change, connector, object, code, message, rule, at,
               attempts, first_seen, last_seen, next_try)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, {NOW}, {NOW}, {NOW})
             ON CONFLICT (entry, part) DO UPDATE SET
               next_try = CASE WHEN change = excluded.change THEN {next} ELSE excluded.next_try END,
               attempts = CASE WHEN change = excluded.change THEN attempts + 1 ELSE 1 END,
               first_seen = CASE WHEN change = excluded.change THEN first_seen ELSE excluded.first_seen END,
               last_seen = excluded.last_seen, change = excluded.change, object = excluded.object,
               code = excluded.code, message = excluded.message, rule = excluded.rule, at = excluded.at"
        );
        self.db.prepare_cached(&sql)?.execute(params![
            refused.entry,
            refused.part,
            refused.change,
            error.connector,
            error.object,
            error.code,
            error.message,
            error.rule,
            error.at
        ])?;
        Ok(())
    }

    /// This very change was refused, and its next try is not due.
    pub fn is_refused(&self, entry: i64, part: &str, change: &str) -> Result<bool, Error> {
        let sql = format!(
            "SELECT 1 FROM refused WHERE entry = ?1 AND part = ?2 AND change = ?3 AND next_try > {NOW}"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let found: Option<i64> = statement
            .query_row(params![entry, part, change], |row| row.get(0))
            .optional()?;
        Ok(found.is_some())
    }

    /// A write succeeded.
    pub fn accept(&self, entry: i64, part: &str) -> Result<(), Error> {
        self.db
            .prepare_cached("DELETE FROM refused WHERE entry = ?1 AND part = ?2")?
            .execute(params![entry, part])?;
        Ok(())
    }

    /// Forgets what was refused and is wanted no more, or otherwise now.
    pub fn forget_settled(&self) -> Result<(), Error> {
        self.db.execute_batch(
            "DELETE FROM refused WHERE part = '' AND NOT EXISTS (SELECT 1 FROM pending
               WHERE pending.entry = refused.entry AND pending.op || pending.attributes = refused.change);
             DELETE FROM refused WHERE part <> '' AND NOT EXISTS (SELECT 1 FROM pending_link l
               WHERE l.entry = refused.entry
                 AND l.attribute || ':' || l.target || ':' || l.adding = refused.part);
             DELETE FROM error_tries WHERE NOT EXISTS (SELECT 1 FROM object_error e
               WHERE e.holder_kind = error_tries.holder_kind AND e.holder = error_tries.holder)",
        )?;
        Ok(())
    }

    /// All object errors, with what is known of their tries.
    pub fn standing_errors(&self) -> Result<Vec<StandingError>, Error> {
        let sql = "SELECT connector, object, e.code, message, rule, at, coalesce(attempts, 1), first_seen,
                     last_seen, next_try
                   FROM object_error e LEFT JOIN error_tries t
                     ON t.holder_kind = e.holder_kind AND t.holder = e.holder
                   UNION ALL SELECT connector, object, code, message, rule, at, attempts, first_seen,
                     last_seen, next_try FROM refused
                   ORDER BY connector, object, 3";
        let mut statement = self.db.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(StandingError {
                error: object_error(row)?,
                attempts: row.get(6)?,
                first_seen: row.get(7)?,
                last_seen: row.get(8)?,
                next_try: row.get(9)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn object_error(row: &Row<'_>) -> rusqlite::Result<ObjectError> {
    Ok(ObjectError {
        connector: row.get(0)?,
        object: row.get(1)?,
        code: row.get(2)?,
        message: row.get(3)?,
        rule: row.get(4)?,
        at: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_to_a_day() {
        let store = Store::in_memory().unwrap();
        let error = ObjectError {
            connector: "cloud".to_owned(),
            object: "x".to_owned(),
            code: "c".to_owned(),
            message: String::new(),
            rule: String::new(),
            at: String::new(),
        };
        let refused = Refused {
            entry: 1,
            part: "",
            change: "a",
            delayed: true,
        };
        let delay = "SELECT strftime('%s', next_try) - strftime('%s', last_seen) FROM refused";
        let mut delays = Vec::new();
        for _ in 0..12 {
            store.refuse(&refused, &error).unwrap();
            let seconds: i64 = store.db.query_row(delay, [], |row| row.get(0)).unwrap();
            delays.push(seconds / 60);
        }
        assert_eq!(
            delays,
            [0, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]
        );
        assert!(store.is_refused(1, "", "a").unwrap());
        assert!(!store.is_refused(1, "", "b").unwrap(), "another change");
        store
            .refuse(
                &Refused {
                    change: "b",
                    ..refused
                },
                &error,
            )
            .unwrap();
        assert!(!store.is_refused(1, "", "b").unwrap(), "it begins anew");
    }
}
