//! What is to be evaluated again: because its instant has come, or because rules changed.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};
use trib_compiler::value::Ticks;

use super::Store;
use crate::error::Error;
use crate::eval::{EVERY_CYCLE, Wake};

impl Store {
    /// Marks what is to be evaluated at this instant, and forgets that it was to be.
    pub fn touch_due(&self, now: Ticks) -> Result<(), Error> {
        for sql in [
            "UPDATE entry SET dirty = 1 WHERE object_type IS NOT NULL AND id IN
               (SELECT holder FROM wake WHERE kind = 1 AND at <= ?1)",
            "UPDATE object SET dirty = 1 WHERE dirty = 0 AND id IN
               (SELECT holder FROM wake WHERE kind = 0 AND at <= ?1)",
            "DELETE FROM wake WHERE at <= ?1",
        ] {
            self.db.prepare_cached(sql)?.execute([now])?;
        }
        Ok(())
    }

    /// Keeps when holders are to be evaluated again: the earliest instant that is known of each.
    pub fn set_wakes(&self, wakes: &BTreeMap<(i64, i64), Wake>) -> Result<(), Error> {
        let mut forget = self
            .db
            .prepare_cached("DELETE FROM wake WHERE kind = ?1 AND holder = ?2")?;
        let mut keep = self.db.prepare_cached(
            "INSERT INTO wake (kind, holder, at) SELECT ?1, ?2, ?3
               WHERE EXISTS (SELECT 1 FROM object WHERE ?1 = 0 AND id = ?2)
                  OR EXISTS (SELECT 1 FROM entry WHERE ?1 = 1 AND id = ?2)
             ON CONFLICT (kind, holder) DO UPDATE SET at = min(at, excluded.at)",
        )?;
        for ((kind, holder), wake) in wakes {
            if wake.fresh {
                forget.execute([kind, holder])?;
            }
            if let Some(at) = wake.at {
                keep.execute(params![kind, holder, at])?;
            }
        }
        Ok(())
    }

    /// The rules of a type changed: its entries with the objects they are linked to, or its objects, are
    /// to be evaluated.
    pub fn touch_type(&self, object_type: i64) -> Result<(), Error> {
        for sql in [
            "UPDATE entry SET dirty = 1 WHERE object_type = ?1",
            "UPDATE object SET dirty = 1 WHERE object_type = ?1 OR id IN
               (SELECT object FROM entry WHERE object_type = ?1)",
        ] {
            self.db.prepare_cached(sql)?.execute([object_type])?;
        }
        Ok(())
    }

    /// Rules of a type stand elsewhere: whoever is quoted with one of them is to be evaluated.
    pub fn touch_told(&self, object_type: i64) -> Result<(), Error> {
        for sql in [
            "UPDATE entry SET dirty = 1 WHERE object_type = ?1 AND id IN
               (SELECT CAST(holder AS INTEGER) FROM object_error WHERE holder_kind = 1)",
            "UPDATE object SET dirty = 1 WHERE object_type = ?1 AND id IN
               (SELECT object FROM entry WHERE id IN
                 (SELECT entry FROM pending UNION SELECT entry FROM pending_link))",
        ] {
            self.db.prepare_cached(sql)?.execute([object_type])?;
        }
        Ok(())
    }

    /// Rules changed: whoever waits for them, as an entry that found nobody or an object that ends, is to
    /// be evaluated.
    pub fn touch_waiting(&self) -> Result<(), Error> {
        self.db.execute_batch(
            "UPDATE entry SET dirty = 1 WHERE dirty = 2;
             UPDATE object SET dirty = 1 WHERE ended IS NOT NULL;",
        )?;
        Ok(())
    }

    /// No rule reads the clock any more.
    pub fn forget_wakes(&self) -> Result<(), Error> {
        self.db.execute("DELETE FROM wake", [])?;
        Ok(())
    }

    /// The next instant at which something is to be evaluated, beside what is in every cycle.
    pub fn next_wake(&self) -> Result<Option<Ticks>, Error> {
        let sql = "SELECT at FROM wake WHERE at > ?1 ORDER BY at LIMIT 1";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement
            .query_row([EVERY_CYCLE], |row| row.get(0))
            .optional()?)
    }
}
