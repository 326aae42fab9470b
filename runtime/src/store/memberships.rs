//! Who belongs to the groups that rules name: kept, so that a change of a group concerns exactly the
//! entries that came or went.

use rusqlite::params;

use super::Store;
use crate::error::Error;

impl Store {
    /// Computes the members of a group anew, direct and nested; entries that came or went are marked
    /// for evaluation. `attributes` are the numbers of the attributes that list members, for SQL.
    pub fn refresh_members(
        &self,
        connector: i64,
        group_key: &str,
        attributes: &str,
    ) -> Result<(), Error> {
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
