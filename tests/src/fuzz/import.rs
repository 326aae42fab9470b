//! Configurations of other products: what can be read becomes a project without errors.

use trib_compiler::import::aadconnect::{Target, import as project, read};
use trib_compiler::import::decode;

/// A file of an export, or a script, alone.
pub fn import(data: &[u8]) {
    let Ok(text) = decode("file", data) else {
        return;
    };
    let Ok(configuration) = read(&[("file".to_owned(), text)]) else {
        return;
    };
    for target in [Target::EntraConnect, Target::Graph] {
        // That the project is sound is what the import itself makes sure of, or refuses as its own defect.
        let made = project(&configuration, target);
        let listed = made.as_ref().map(|made| made.report.rules.len());
        assert_eq!(listed, Ok(configuration.rules.len()));
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = super::files("exports/contoso/SynchronizationRules", "xml");
    seeds.extend(super::files("exports/script", "ps1"));
    seeds
}
