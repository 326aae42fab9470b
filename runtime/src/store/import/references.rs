//! References of imported entries, by name or by anchor, to entries that may come later.

use rusqlite::{OptionalExtension, params};
use trib_compiler::notation::dn::dn_key;

use super::{ImportSink, TypeMap};
use crate::connectors::{ReferenceChange, Target, Upsert};
use crate::error::Error;
use crate::eval::Place;

impl ImportSink<'_> {
    fn known_target(&self, target: Target<'_>) -> Result<Option<i64>, Error> {
        let (sql, key): (_, &dyn rusqlite::ToSql) = match target {
            Target::Dn(dn) => (
                "SELECT id FROM entry WHERE connector = ?1 AND dn_key = ?2
                 ORDER BY object_type IS NULL, generation DESC, id LIMIT 1",
                &dn_key(dn),
            ),
            Target::Anchor(ref anchor) => (
                "SELECT id FROM entry WHERE connector = ?1 AND anchor = ?2",
                anchor,
            ),
        };
        let mut statement = self.store.db.prepare_cached(sql)?;
        Ok(statement
            .query_row(params![self.connector, key], |row| row.get(0))
            .optional()?)
    }

    /// The number of the entry that a reference points to; one that is not known yet gets a place.
    fn target(&self, target: Target<'_>) -> Result<i64, Error> {
        match self.known_target(target)? {
            Some(id) => Ok(id),
            None => self.place(target),
        }
    }

    /// A place for an entry that is only referred to.
    fn place(&self, target: Target<'_>) -> Result<i64, Error> {
        let db = &self.store.db;
        match target {
            Target::Dn(dn) => {
                let sql = "INSERT INTO entry (connector, dn, dn_key, dirty) VALUES (?1, ?2, ?3, 0)";
                db.prepare_cached(sql)?
                    .execute(params![self.connector, dn, dn_key(dn)])?;
            }
            Target::Anchor(anchor) => {
                let sql = "INSERT INTO entry (connector, anchor, dirty, generation) VALUES (?1, ?2, 0, ?3)";
                db.prepare_cached(sql)?.execute(params![
                    self.connector,
                    anchor,
                    self.generation
                ])?;
            }
        }
        Ok(db.last_insert_rowid())
    }

    /// Another entry with this name.
    fn namesake(&self, id: i64, dn: &str) -> Result<Option<i64>, Error> {
        let sql = "SELECT id FROM entry WHERE connector = ?1 AND dn_key = ?2 AND id <> ?3
                   ORDER BY object_type IS NULL, generation DESC, id LIMIT 1";
        let mut statement = self.store.db.prepare_cached(sql)?;
        let key = params![self.connector, dn_key(dn), id];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?)
    }

    /// An entry has another name. References that this import told by the old one, while the entry
    /// still had it, mean whoever has that name now.
    pub(super) fn release_name(&mut self, id: i64, dn: &str) -> Result<(), Error> {
        let sql = "SELECT owner, attribute FROM reference WHERE target = ?1";
        let by_name: Vec<(i64, i64)> = {
            let mut statement = self.store.db.prepare_cached(sql)?;
            let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        // Whoever reads the name through a reference reads another one.
        let sql = "UPDATE entry SET dirty = 1 WHERE dirty = 0 AND object_type IS NOT NULL
                   AND id IN (SELECT owner FROM reference WHERE target = ?1)";
        self.store.db.prepare_cached(sql)?.execute([id])?;
        for (owner, attribute) in by_name {
            let added = self.added.remove(&(owner, attribute, id));
            if !added && !self.told.contains(&owner) {
                continue;
            }
            let now = match self.namesake(id, dn)? {
                Some(now) => now,
                None => self.place(Target::Dn(dn))?,
            };
            self.store.set_reference(owner, attribute, id, false)?;
            self.store.set_reference(owner, attribute, now, true)?;
            if added {
                self.added.insert((owner, attribute, now));
            }
        }
        Ok(())
    }

    /// Entries that this import has not seen while another one has their name: objects that were made
    /// anew in their place. What was told by the name means the new one.
    pub(super) fn release_taken_names(&mut self) -> Result<(), Error> {
        let sql = "SELECT e.id, e.dn FROM entry e
                   WHERE e.connector = ?1 AND e.anchor IS NOT NULL AND e.object_type IS NOT NULL
                     AND e.generation < ?2 AND e.dn_key IS NOT NULL
                     AND EXISTS (SELECT 1 FROM entry n WHERE n.connector = e.connector
                                 AND n.dn_key = e.dn_key AND n.id <> e.id)";
        let taken: Vec<(i64, String)> = {
            let mut statement = self.store.db.prepare_cached(sql)?;
            let key = params![self.connector, self.generation];
            let rows = statement.query_map(key, |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        for (id, dn) in taken {
            self.release_name(id, &dn)?;
        }
        Ok(())
    }

    /// An entry is gone. What this import referred to by its name is another entry of that name, if
    /// there is one.
    pub(super) fn lose(&mut self, id: i64) -> Result<(), Error> {
        if let Some(entry) = self.store.entry(id)?
            && !entry.dn.is_empty()
            && self.namesake(id, &entry.dn)?.is_some()
        {
            self.release_name(id, &entry.dn)?;
        }
        self.store.lose_entry(id, self.connector_name)
    }

    /// References to a name that this entry has taken over point to the entry from now on.
    pub(super) fn take_name(&self, id: i64, key: &str) -> Result<bool, Error> {
        let sql = "SELECT id FROM entry WHERE connector = ?1 AND dn_key = ?2 AND id <> ?3
                   AND object_type IS NULL AND anchor IS NULL";
        let mut statement = self.store.db.prepare_cached(sql)?;
        let place: Option<i64> = statement
            .query_row(params![self.connector, key, id], |row| row.get(0))
            .optional()?;
        let Some(place) = place else { return Ok(false) };
        let sql = "UPDATE OR REPLACE reference SET target = ?2 WHERE target = ?1";
        self.store
            .db
            .prepare_cached(sql)?
            .execute(params![place, id])?;
        self.store
            .db
            .prepare_cached("DELETE FROM entry WHERE id = ?1")?
            .execute([place])?;
        Ok(true)
    }

    pub(super) fn references(
        &mut self,
        owner: i64,
        attribute: i64,
        change: &ReferenceChange<'_>,
    ) -> Result<(), Error> {
        let resolve = |targets: &[Target<'_>]| -> Result<Vec<i64>, Error> {
            targets.iter().map(|target| self.target(*target)).collect()
        };
        match change {
            ReferenceChange::Replace(targets) => {
                let mut wanted = resolve(targets)?;
                wanted.sort_unstable();
                wanted.dedup();
                for gone in self.store.references(owner, attribute)? {
                    if wanted.binary_search(&gone).is_err() {
                        self.store.set_reference(owner, attribute, gone, false)?;
                    }
                }
                for target in wanted {
                    self.store.set_reference(owner, attribute, target, true)?;
                }
            }
            ReferenceChange::Add(targets) => {
                for target in resolve(targets)? {
                    self.store.set_reference(owner, attribute, target, true)?;
                    if matches!(targets, [Target::Dn(_), ..]) {
                        self.added.insert((owner, attribute, target));
                    }
                }
            }
            ReferenceChange::Remove(targets) => {
                for target in *targets {
                    if let Some(target) = self.known_target(*target)? {
                        self.store.set_reference(owner, attribute, target, false)?;
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn forget_unlisted_references(
        &self,
        id: i64,
        map: &TypeMap,
        upsert: &Upsert<'_>,
    ) -> Result<(), Error> {
        for (at, place) in map.places.iter().enumerate() {
            if let Some(Place::Reference(attribute)) = place
                && !upsert.references.iter().any(|(listed, _)| *listed == at)
            {
                let sql = "DELETE FROM reference WHERE owner = ?1 AND attribute = ?2";
                let mut statement = self.store.db.prepare_cached(sql)?;
                statement.execute(params![id, attribute])?;
            }
        }
        Ok(())
    }
}
