//! What a source delivers becomes entries, page by page.

mod finish;
mod references;

use std::collections::HashSet;

use bumpalo::Bump;
use rusqlite::{OptionalExtension, params};
use trib_compiler::notation::dn::dn_key;
use trib_compiler::value::Value;

use super::{Holder, Store};
use crate::connectors::{EntryChange, Sink, Upsert};
use crate::error::Error;
use crate::eval::Place;
use crate::object::{Row, encode_row};

pub use finish::Missing;

/// Where the selected attributes of one object type lie.
#[derive(Debug, Clone)]
pub struct TypeMap {
    /// Name, in the directory's spelling.
    pub name: String,
    /// Its number in the store.
    pub object_type: i64,
    /// Slots of its rows.
    pub width: usize,
    /// For each selected attribute its place, if this type has it.
    pub places: Vec<Option<Place>>,
    /// Places of the attributes that joins look up, with their numbers.
    pub indexed: Vec<(usize, i64)>,
}

/// Writes an import into the store.
pub struct ImportSink<'s> {
    store: &'s mut Store,
    connector: i64,
    connector_name: &'s str,
    types: &'s [TypeMap],
    selection: &'s str,
    generation: i64,
    bump: Bump,
    open: bool,
    /// A page is complete. It is kept when the next one begins or the import ends, so that the last
    /// page, its watermark and the removal of what was not seen are one transaction.
    ready: bool,
    /// Entries seen, for the report and the guard.
    pub seen: u64,
    /// Entries whose references were all told by name in this import.
    told: HashSet<i64>,
    /// References that were added by name in this import: owner, attribute, target.
    added: HashSet<(i64, i64, i64)>,
}

impl<'s> ImportSink<'s> {
    /// A sink for one import of one connector; `selection` identifies what is asked for.
    pub fn new(
        store: &'s mut Store,
        connector: i64,
        connector_name: &'s str,
        types: &'s [TypeMap],
        selection: &'s str,
    ) -> Result<ImportSink<'s>, Error> {
        let sql = "SELECT coalesce(max(generation), 0) + 1 FROM entry WHERE connector = ?1";
        let generation = store.db.query_row(sql, [connector], |row| row.get(0))?;
        Ok(ImportSink {
            store,
            connector,
            connector_name,
            types,
            selection,
            generation,
            bump: Bump::new(),
            open: false,
            ready: false,
            seen: 0,
            told: HashSet::new(),
            added: HashSet::new(),
        })
    }

    fn open(&mut self) -> Result<(), Error> {
        if self.ready {
            self.commit()?;
        }
        if !self.open {
            self.store.begin()?;
            self.open = true;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Error> {
        if self.open {
            self.store.commit()?;
        }
        self.open = false;
        self.ready = false;
        Ok(())
    }

    fn upsert(&mut self, upsert: &Upsert<'_>) -> Result<(), Error> {
        let known = self.store.entry_by_anchor(self.connector, upsert.anchor)?;
        let wanted = upsert.object_type;
        let known_type = known.as_ref().and_then(|entry| entry.object_type);
        let types = self.types;
        let map = types.iter().find(|map| match wanted {
            Some(name) => map.name.eq_ignore_ascii_case(name),
            None => known_type == Some(map.object_type),
        });
        let Some(map) = map else {
            // A type that no rule reads (any more).
            if let Some(entry) = known.filter(|entry| entry.object_type.is_some()) {
                self.store.remove_entry(entry.id)?;
            }
            return Ok(());
        };
        let changed_type = known_type.is_some_and(|known| known != map.object_type);
        if let Some(entry) = known.as_ref().filter(|_| changed_type) {
            self.store.retype_entry(entry.id)?;
        }
        let known = match known {
            Some(entry) if changed_type => self.store.entry(entry.id)?,
            known => known,
        };
        let id = match &known {
            Some(entry) => entry.id,
            None => self.insert(upsert)?,
        };
        let mut dirty = known_type.is_none() || changed_type;
        dirty |= self.values(id, known.as_ref(), map, upsert)?;
        for (at, change) in upsert.references {
            if let Some(Some(Place::Reference(attribute))) = map.places.get(*at) {
                self.references(id, *attribute, change)?;
            }
        }
        if upsert.complete && !upsert.references.is_empty() {
            self.told.insert(id);
        }
        if upsert.complete {
            self.forget_unlisted_references(id, map, upsert)?;
        }
        let sql = "UPDATE entry SET generation = ?2, missing = 0, dirty = CASE WHEN ?3 THEN 1 ELSE dirty END
                   WHERE id = ?1";
        self.store
            .db
            .prepare_cached(sql)?
            .execute(params![id, self.generation, dirty])?;
        Ok(())
    }

    /// A new entry, in the place that references to its dn already point to, if there is one.
    fn insert(&self, upsert: &Upsert<'_>) -> Result<i64, Error> {
        let db = &self.store.db;
        let key = upsert.dn.map(dn_key);
        let sql = "SELECT id FROM entry WHERE connector = ?1 AND dn_key = ?2
                   AND object_type IS NULL AND anchor IS NULL";
        let place: Option<i64> = match &key {
            Some(key) => db
                .prepare_cached(sql)?
                .query_row(params![self.connector, key], |row| row.get(0))
                .optional()?,
            None => None,
        };
        if let Some(id) = place {
            let sql = "UPDATE entry SET anchor = ?2, dirty = 1 WHERE id = ?1";
            db.prepare_cached(sql)?
                .execute(params![id, upsert.anchor])?;
            return Ok(id);
        }
        let sql = "INSERT INTO entry (connector, anchor) VALUES (?1, ?2)";
        db.prepare_cached(sql)?
            .execute(params![self.connector, upsert.anchor])?;
        Ok(db.last_insert_rowid())
    }

    fn values(
        &mut self,
        id: i64,
        known: Option<&super::Entry>,
        map: &TypeMap,
        upsert: &Upsert<'_>,
    ) -> Result<bool, Error> {
        let mut bump = std::mem::take(&mut self.bump);
        bump.reset();
        let old_row = known.map_or(&[][..], |entry| &entry.row);
        let mut values: Vec<Value<'_>> = (0..map.width)
            .map(|slot| Row::new(old_row).get(slot, &bump))
            .collect();
        if upsert.complete {
            // What was not asked for (a password, a property kept elsewhere) stays as it was written.
            for place in map.places.iter().flatten() {
                if let Place::Slot(slot) = place
                    && let Some(value) = values.get_mut(*slot)
                {
                    *value = Value::Absent;
                }
            }
        }
        let mut shown = Vec::new();
        for (at, value) in upsert.attributes {
            if let Some(Some(Place::Slot(slot))) = map.places.get(*at)
                && let Some(place) = values.get_mut(*slot)
            {
                *place = *value;
                shown.push(*slot);
            }
        }
        let row = encode_row(&values);
        let written = known
            .filter(|entry| !entry.written.is_empty())
            .map(|entry| {
                let asked = map.places.iter().flatten().filter_map(|place| match place {
                    Place::Slot(slot) => Some(*slot),
                    _ => None,
                });
                let all: Vec<usize> = if upsert.complete {
                    asked.collect()
                } else {
                    shown
                };
                crate::sync::written::confirm(&entry.written, &Row::new(&row), &all)
            });
        let dn = upsert.dn.map(|dn| (dn, dn_key(dn)));
        let same_dn = dn
            .as_ref()
            .is_none_or(|(dn, _)| known.is_some_and(|entry| entry.dn == *dn));
        let changed = known.is_none() || row != old_row || !same_dn;
        if changed || known.is_some_and(|entry| entry.object_type.is_none()) {
            let sql = "UPDATE entry SET object_type = ?2, row = ?3, dn = coalesce(?4, dn),
                       dn_key = coalesce(?5, dn_key), written = coalesce(?6, written) WHERE id = ?1";
            if let Some((_, key)) = &dn {
                let before = known.filter(|entry| !entry.dn.is_empty());
                if let Some(entry) = before.filter(|entry| dn_key(&entry.dn) != *key) {
                    self.release_name(id, &entry.dn)?;
                }
                self.take_name(id, key)?;
            }
            let (dn, key) = dn.unzip();
            self.store.db.prepare_cached(sql)?.execute(params![
                id,
                map.object_type,
                row,
                dn,
                key,
                written
            ])?;
            let stored = Row::new(&row);
            let indexed = map.indexed.iter().flat_map(|(slot, attribute)| {
                crate::sync::keys(stored.get(*slot, &bump))
                    .into_iter()
                    .map(|key| (*attribute, key))
            });
            if !map.indexed.is_empty() {
                self.store
                    .index(Holder::Entry, id, &indexed.collect::<Vec<_>>())?;
            }
        } else if let Some(written) = written {
            let sql = "UPDATE entry SET written = ?2 WHERE id = ?1";
            self.store
                .db
                .prepare_cached(sql)?
                .execute(params![id, written])?;
        }
        self.bump = bump;
        Ok(changed)
    }

    /// Forgets what came since the last page.
    pub fn rollback(&mut self) {
        if self.open {
            self.store.rollback();
            self.open = false;
            self.ready = false;
        }
    }
}

impl Drop for ImportSink<'_> {
    fn drop(&mut self) {
        self.rollback();
    }
}

impl Sink for ImportSink<'_> {
    fn entry(&mut self, change: EntryChange<'_>) -> Result<(), Error> {
        self.open()?;
        self.seen += 1;
        match change {
            EntryChange::Upsert(upsert) => self.upsert(&upsert),
            EntryChange::Delete { anchor } => {
                match self.store.entry_by_anchor(self.connector, anchor)? {
                    Some(entry) => self.lose(entry.id),
                    None => Ok(()),
                }
            }
        }
    }

    fn malformed(&mut self, anchor: Option<&[u8]>, name: &str, message: &str) -> Result<(), Error> {
        self.open()?;
        if let Some(anchor) = anchor {
            // It was seen, and stays as it was.
            let sql = "UPDATE entry SET generation = ?3, missing = 0 WHERE connector = ?1 AND anchor = ?2";
            let key = params![self.connector, anchor, self.generation];
            self.store.db.prepare_cached(sql)?.execute(key)?;
        } else {
            let sql = "UPDATE entry SET generation = ?3, missing = 0 WHERE connector = ?1 AND dn_key = ?2";
            let key = params![self.connector, dn_key(name), self.generation];
            self.store.db.prepare_cached(sql)?.execute(key)?;
        }
        let sql = "INSERT OR REPLACE INTO object_error
                   (holder_kind, holder, connector, object, code, message, rule, at)
                   VALUES (2, ?2, ?1, ?2, 'malformed-entry', ?3, '', '')";
        self.store
            .db
            .execute(sql, params![self.connector_name, name, message])?;
        Ok(())
    }

    fn page(&mut self, watermark: Option<&[u8]>) -> Result<(), Error> {
        if !self.open {
            self.open()?;
        }
        let sql =
            "INSERT INTO watermark (connector, token, selection, generation, complete, kept_at)
                   VALUES (?1, ?2, ?3, ?4, 0, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
                   ON CONFLICT (connector) DO UPDATE SET token = excluded.token,
                     selection = excluded.selection, generation = excluded.generation,
                     kept_at = excluded.kept_at,
                     complete = CASE WHEN watermark.selection = excluded.selection
                       AND excluded.token IS NOT NULL THEN watermark.complete ELSE 0 END";
        self.store.db.execute(
            sql,
            params![self.connector, watermark, self.selection, self.generation],
        )?;
        self.ready = true;
        Ok(())
    }
}

impl Store {
    /// Where the last import of a connector ended, if it was complete and asked for the same.
    pub fn watermark(&self, connector: i64, selection: &str) -> Result<Option<Vec<u8>>, Error> {
        let sql =
            "SELECT token FROM watermark WHERE connector = ?1 AND selection = ?2 AND complete = 1";
        let mut statement = self.db.prepare(sql)?;
        let token: Option<Option<Vec<u8>>> = statement
            .query_row(params![connector, selection], |row| row.get(0))
            .optional()?;
        Ok(token.flatten())
    }

    /// Forgets which entries could not be read; the coming import says it again.
    pub fn forget_malformed(&self, connector: &str) -> Result<(), Error> {
        let sql = "DELETE FROM object_error WHERE holder_kind = 2 AND connector = ?1";
        self.db.execute(sql, [connector])?;
        Ok(())
    }
}
