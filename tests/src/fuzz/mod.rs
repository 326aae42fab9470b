//! What must hold for any input: the bodies of the fuzz targets in `tests/fuzz`, which `tests/tests/fuzz.rs`
//! runs for a while on every change. A body returns where all is well and panics where not.

mod bundle;
mod evaluate;
mod import;
mod ldif;
mod mutate;
mod rules;

use std::fs;
use std::path::Path;

pub use bundle::bundle;
pub use evaluate::evaluate;
pub use import::import;
pub use ldif::ldif;
pub use mutate::{Random, mutated};
pub use rules::{check, edited, parse};

/// A target: its name, its body, and inputs to start from.
pub type Target = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);

/// All targets.
pub const TARGETS: [Target; 7] = [
    ("parse", parse, rules::seeds),
    ("check", check, rules::seeds),
    ("edited", edited, rules::edits),
    ("evaluate", evaluate, evaluate::seeds),
    ("ldif", ldif, ldif::seeds),
    ("bundle", bundle, bundle::seeds),
    ("import", import, import::seeds),
];

/// The files of a folder beside the tests, in the order of their names.
fn files(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == extension));
    paths.sort();
    paths.iter().flat_map(fs::read).collect()
}
