//! What a store holds, to be compared.

use std::path::Path;

use rusqlite::types::Value;
use trib_compiler::Sources;
use trib_runtime::Engine;
use trib_runtime::store::Store;
use trib_runtime::sync::Parameters;

const TABLES: &[&str] = &[
    "SELECT 'entry', id, object_type, anchor, row, object, link_rule, dirty = 2 FROM entry ORDER BY id",
    "SELECT 'object', id, object_type, row, ended FROM object ORDER BY id",
    "SELECT 'object reference', owner, attribute, target FROM object_reference ORDER BY 2, 3, 4",
    "SELECT 'lookup', kind, attribute, value, holder FROM lookup ORDER BY 2, 3, 4, 5",
    "SELECT 'membership', group_key, connector, entry FROM membership ORDER BY 2, 3, 4",
    "SELECT 'pending', entry, op, attributes, cause, source, name FROM pending ORDER BY entry",
    "SELECT 'link', entry, attribute, target, adding, rule, at FROM pending_link ORDER BY 2, 3, 4",
    "SELECT 'error', holder_kind, holder, connector, object, code, message, rule, at FROM object_error ORDER BY 2, 3, 4",
    "SELECT 'wake', kind, holder, at FROM wake ORDER BY 2, 3",
];

/// Everything that evaluation leaves in a store, row by row.
pub fn contents(path: &Path) -> Vec<String> {
    let db = rusqlite::Connection::open(path).unwrap();
    let mut rows = Vec::new();
    for sql in TABLES {
        let mut statement = db.prepare(sql).unwrap();
        let width = statement.column_count();
        let found = statement.query_map([], |row| {
            let cells: Result<Vec<String>, _> = (0..width).map(|at| row.get(at).map(show)).collect();
            Ok(cells?.join(" | "))
        });
        rows.extend(found.unwrap().map(Result::unwrap));
    }
    rows
}

fn show(value: Value) -> String {
    match value {
        Value::Blob(bytes) => format!("{:?}", String::from_utf8_lossy(&bytes)),
        Value::Text(text) => text,
        other => format!("{other:?}"),
    }
}

/// An engine over a store, connected to nothing.
pub fn engine(path: &Path, rules: &str) -> Engine {
    let mut sources = Sources::default();
    sources.add("rules/main.trib", rules);
    let checked = trib_compiler::check(&mut sources);
    let rules = trib_compiler::compile(&checked, &sources).unwrap_or_else(|| {
        panic!(
            "{}\n{rules}",
            trib_compiler::diagnostics::human(&checked.diagnostics, &sources, false)
        )
    });
    Engine::over(Store::open(path).unwrap(), rules, Parameters::default()).unwrap()
}

/// Everything in a store is evaluated in the next cycle.
pub fn touch_all(path: &Path) {
    let store = Store::open(path).unwrap();
    store.transaction(|| store.touch_all()).unwrap();
}
