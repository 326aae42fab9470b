//! Who belongs to the groups that rules name: kept, so that a change of a group concerns exactly the
//! entries that came or went.

use rusqlite::params;

use super::Store;
use crate::error::Error;

impl Store {
    /// Computes the members of a group anew, direct and nested, if a reference of a group in it changed;
    /// entries that came or went are marked for evaluation. `attributes` are the numbers of the
    /// attributes that list members, for SQL.
    pub fn refresh_members(
        &self,
        connector: i64,
        group_key: &str,
        attributes: &str,
    ) -> Result<(), Error> {
        let computed_from = self.members_from(connector, group_key, attributes)?;
        if !self.members_changed(connector, group_key, attributes, &computed_from)? {
            return Ok(());
        }
        let sql = format!(
            "CREATE TEMP TABLE member_now AS
             WITH RECURSIVE down (id) AS (
               SELECT r.target FROM reference r JOIN entry e ON e.id = r.owner
                 WHERE e.connector = ?1 AND e.dn_key = ?2 AND r.attribute IN ({attributes})
               UNION SELECT r.target FROM reference r JOIN down ON r.owner = down.id
                 WHERE r.attribute IN ({attributes}))
             SELECT id FROM down"
        );
        let key = params![connector, group_key];
        self.db.execute(&sql, key)?;
        let before = "SELECT entry FROM membership WHERE connector = ?1 AND group_key = ?2";
        let sql = format!(
            "UPDATE entry SET dirty = 1 WHERE object_type IS NOT NULL AND (
               id IN (SELECT id FROM member_now EXCEPT {before})
               OR id IN ({before} EXCEPT SELECT id FROM member_now))"
        );
        self.db.execute(&sql, key)?;
        let sql = "DELETE FROM membership WHERE connector = ?1 AND group_key = ?2";
        self.db.execute(sql, key)?;
        let sql = "INSERT INTO membership (connector, group_key, entry) SELECT ?1, ?2, id FROM member_now";
        self.db.execute(sql, key)?;
        self.db.execute_batch("DROP TABLE member_now")?;
        let sql = "INSERT OR REPLACE INTO member_group (connector, group_key, computed_from)
                   VALUES (?1, ?2, ?3)";
        self.db
            .execute(sql, params![connector, group_key, computed_from])?;
        Ok(())
    }

    /// What the members of a group are computed from: attributes, and the entries with the group's name.
    fn members_from(
        &self,
        connector: i64,
        group_key: &str,
        attributes: &str,
    ) -> Result<String, Error> {
        let sql = "SELECT coalesce(group_concat(id), '') FROM
                   (SELECT id FROM entry WHERE connector = ?1 AND dn_key = ?2 ORDER BY id)";
        let key = params![connector, group_key];
        let entries: String = self.db.query_row(sql, key, |row| row.get(0))?;
        Ok(format!("{attributes};{entries}"))
    }

    fn members_changed(
        &self,
        connector: i64,
        group_key: &str,
        attributes: &str,
        computed_from: &str,
    ) -> Result<bool, Error> {
        let sql = format!(
            "SELECT NOT EXISTS (SELECT 1 FROM member_group
               WHERE connector = ?1 AND group_key = ?2 AND computed_from = ?3)
             OR EXISTS (SELECT 1 FROM reference_change c WHERE c.attribute IN ({attributes}) AND (
               EXISTS (SELECT 1 FROM membership m
                 WHERE m.group_key = ?2 AND m.connector = ?1 AND m.entry = c.owner)
               OR EXISTS (SELECT 1 FROM entry e
                 WHERE e.id = c.owner AND e.connector = ?1 AND e.dn_key = ?2)))"
        );
        let key = params![connector, group_key, computed_from];
        Ok(self.db.query_row(&sql, key, |row| row.get(0))?)
    }

    /// Forgets the members of groups that no rule names any more.
    pub fn forget_members(&self, named: &[String]) -> Result<(), Error> {
        let named = serde_json::Value::from(named).to_string();
        for table in ["member_group", "membership"] {
            let sql = format!(
                "DELETE FROM {table} WHERE group_key NOT IN (SELECT value FROM json_each(?1))"
            );
            self.db.execute(&sql, [&named])?;
        }
        Ok(())
    }

    /// Whether an entry is a member, direct or nested, of the group with this dn.
    pub fn is_member(&self, connector: i64, entry: i64, group_key: &str) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM membership
                   WHERE connector = ?1 AND group_key = ?2 AND entry = ?3)";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row(params![connector, group_key, entry], |row| row.get(0))?)
    }
}
