//! What a store holds, to be compared.

use std::path::Path;

use bumpalo::Bump;
use rusqlite::types::Value;
use trib_compiler::Sources;
use trib_runtime::Engine;
use trib_runtime::object::Row;
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
        let names: Vec<String> = statement
            .column_names()
            .iter()
            .map(|n| (*n).to_owned())
            .collect();
        let width = names.len();
        let found = statement.query_map([], |row| {
            let cell = |at: usize| Ok(show(&names[at], row.get(at)?));
            let cells: Result<Vec<String>, rusqlite::Error> = (0..width).map(cell).collect();
            Ok(cells?.join(" | "))
        });
        rows.extend(found.unwrap().map(Result::unwrap));
    }
    rows
}

/// Values of a row; rows that were written before an attribute was known are shorter.
fn values(bytes: &[u8]) -> Option<String> {
    let bump = Bump::new();
    let row = Row::new(bytes);
    let mut values: Vec<_> = (0..row.len()).map(|at| row.get(at, &bump)).collect();
    while values.last().is_some_and(|value| !value.is_present()) {
        values.pop();
    }
    (!values.is_empty()).then(|| format!("{values:?}"))
}

fn show(name: &str, value: Value) -> String {
    match value {
        Value::Blob(bytes) if name == "row" => values(&bytes).unwrap_or_default(),
        Value::Null if name == "row" => String::new(),
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
