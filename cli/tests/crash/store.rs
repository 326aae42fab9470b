//! What a store holds, with names in place of its numbers.

use std::path::Path;

use rusqlite::Connection;

/// Each table as texts. A metaverse object goes by the anchor of the entry it comes from, an entry of
/// the tenant by its object.
const FACTS: [&str; 10] = [
    "SELECT 'entry', name, coalesce(hex(row), ''), coalesce(hex(written), ''), coalesce(object_name, ''),
            coalesce(link_rule, '') FROM named_entry",
    "SELECT 'reference', o.name, a.name, t.name, r.ours, '' FROM reference r
       JOIN named_entry o ON o.id = r.owner JOIN named_entry t ON t.id = r.target
       JOIN attribute a ON a.id = r.attribute",
    "SELECT 'membership', m.group_key, e.name, '', '', '' FROM membership m JOIN named_entry e ON e.id = m.entry",
    "SELECT 'object', n.name, hex(o.row), coalesce(o.ended, ''), '', '' FROM object o LEFT JOIN named n ON n.id = o.id",
    "SELECT 'object reference', o.name, a.name, t.name, '', '' FROM object_reference r
       JOIN named o ON o.id = r.owner JOIN named t ON t.id = r.target JOIN attribute a ON a.id = r.attribute",
    "SELECT 'lookup', l.kind, a.name, hex(l.value), coalesce(o.name, ''), coalesce(e.name, '') FROM lookup l
       JOIN attribute a ON a.id = l.attribute LEFT JOIN named o ON l.kind = 0 AND o.id = l.holder
       LEFT JOIN named_entry e ON l.kind = 1 AND e.id = l.holder",
    "SELECT 'pending', entry, op, attributes, '', '' FROM pending",
    "SELECT 'pending link', entry, target, adding, '', '' FROM pending_link",
    "SELECT 'error', connector, object, code, message, '' FROM object_error",
    "SELECT 'to be evaluated', e.name, dirty, '', '', '' FROM entry JOIN named_entry e USING (id) WHERE dirty = 1",
];

const NAMES: &str = "
    CREATE TEMP VIEW named AS
      SELECT e.object AS id, min(hex(e.anchor)) AS name FROM entry e JOIN connector c ON c.id = e.connector
      WHERE c.name = 'corp' AND e.object IS NOT NULL GROUP BY e.object;
    CREATE TEMP VIEW named_entry AS
      SELECT e.id, c.name || ' ' || coalesce(t.name, '') || ' ' ||
        CASE WHEN c.name = 'corp' THEN coalesce(hex(e.anchor), e.dn_key, '?')
             ELSE coalesce(n.name, 'nobody') || CASE WHEN e.anchor IS NULL THEN ' to come' ELSE '' END END AS name,
        e.row, e.written, n.name AS object_name, e.link_rule
      FROM entry e JOIN connector c ON c.id = e.connector
      LEFT JOIN object_type t ON t.id = e.object_type LEFT JOIN named n ON n.id = e.object;";

/// All that a store holds, one fact a line.
pub fn facts(state: &Path) -> Vec<String> {
    let db = Connection::open(state).unwrap();
    db.execute_batch(NAMES).unwrap();
    let mut facts = Vec::new();
    for sql in FACTS {
        let mut statement = db.prepare(sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values = (0..6).map(|at| match row.get_ref(at).unwrap() {
                rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                _ => "?".to_owned(),
            });
            facts.push(values.collect::<Vec<_>>().join(" | "));
        }
    }
    facts
}
