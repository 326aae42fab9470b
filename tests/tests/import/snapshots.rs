//! Generated files as people read them.

use std::fs;
use std::path::Path;

use super::{TARGETS, export, imported};
use trib_compiler::import::aadconnect::Target;

/// Files that tell most, and where they are expected.
const SHOWN: [(Target, &str, &str); 6] = [
    (
        Target::EntraConnect,
        "rules/connectors.trib",
        "connectors.trib",
    ),
    (
        Target::EntraConnect,
        "rules/in/contoso-user.trib",
        "contoso-user.trib",
    ),
    (
        Target::EntraConnect,
        "rules/out/cloud-group.trib",
        "cloud-group.trib",
    ),
    (
        Target::Graph,
        "rules/out/cloud-group.trib",
        "graph-group.trib",
    ),
    (
        Target::Graph,
        "rules/out/cloud-user.trib",
        "graph-user.trib",
    ),
    (Target::Graph, "trib.toml", "graph.toml"),
];

#[test]
fn generated_files_are_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("exports/expected");
    for target in TARGETS {
        let imported = imported(&export("contoso"), target);
        for (_, path, name) in SHOWN.iter().filter(|(of, ..)| *of == target) {
            let made = imported.files.iter().find(|(known, _)| known == path);
            let made = &made.unwrap_or_else(|| panic!("{path}")).1;
            let expected = folder.join(name);
            if std::env::var_os("BLESS").is_some() {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&expected, made).unwrap();
            }
            let expected = fs::read_to_string(&expected).unwrap_or_default();
            assert_eq!(*made, expected, "{path}: `BLESS=1` writes it anew");
        }
    }
}

#[test]
fn generated_rules_have_the_layout_of_fmt() {
    for target in TARGETS {
        for (path, text) in imported(&export("contoso"), target).files {
            if !path.ends_with(".trib") {
                continue;
            }
            let parsed = trib_grammar::parse(trib_grammar::FileId(0), &text);
            assert_eq!(trib_grammar::format(&parsed.file, &text), text, "{path}");
        }
    }
}
