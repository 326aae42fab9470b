//! `trib doc`: pages with links that lead somewhere.

use serde_json::json;

use crate::{Project, SOUND, keys, misspelt};

/// The targets of a page's links.
fn links(text: &str) -> Vec<&str> {
    let links = text.split("](").skip(1);
    links
        .filter_map(|rest| Some(rest.split_once(')')?.0))
        .collect()
}

#[test]
fn pages_link_to_each_other_and_to_the_lines_of_the_rules() {
    let project = Project::new(&[("my rules/a.trib", SOUND)]);
    let run = project.run(&["doc", "my rules", "-o", "out/pages"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    assert_eq!(run.err, "1 rule documented in 4 pages of `out/pages`\n");
    let mut followed = 0;
    for page in ["index.md", "rules.md", "metaverse.md", "attributes.md"] {
        let text = project.read(&format!("out/pages/{page}"));
        for link in links(&text) {
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let file = file.replace("%20", " ");
            let target = project.path().join("out/pages").join(file);
            let target =
                std::fs::read_to_string(&target).unwrap_or_else(|error| panic!("{link}: {error}"));
            followed += 1;
            if let Some(line) = place.strip_prefix('L') {
                let line: usize = line.parse().unwrap();
                assert!(line >= 1 && line <= target.lines().count(), "{link}");
            }
        }
    }
    assert!(followed > 5, "{followed}");
    let rules = project.read("out/pages/rules.md");
    assert!(rules.contains("(../../my%20rules/a.trib#L8)"), "{rules}");
    assert!(
        rules.contains("| `displayName` | `displayName ?? cn` | `cn`, `displayName` |"),
        "{rules}"
    );
}

#[test]
fn packs_are_documented_and_cannot_be_linked_to() {
    let rules = "use entra.users with corp, cloud\nconnector corp : ad\nconnector cloud : entra\n\n\
                 /// Nobody wants it.\nextend rule \"Out to Entra - User Common\" {\n  without flow faxNumber\n}\n";
    let project = Project::new(&[("rules/main.trib", rules)]);
    assert_eq!(project.run(&["doc", "rules", "-o", "pages"]).code, 0);
    let rules = project.read("pages/rules.md");
    assert!(
        rules.contains("\n## In from AD - User Join\n\nrules/entra/users.trib:"),
        "{rules}"
    );
    assert!(
        rules.contains("(../rules/main.trib#L6): fewer flows. Nobody wants it."),
        "{rules}"
    );
    assert!(!rules.contains("| `faxNumber` |"), "{rules}");
    assert!(
        project
            .read("pages/default-rules.md")
            .contains("| `Out to AAD - User Identity` |")
    );
}

#[test]
fn without_a_path_the_configured_rules_are_documented() {
    let configuration = "rules = \"rules\"\nstate = \"sqlite:state.db\"\n\n[connector.corp]\nkind = \"ad\"\nldif = \"corp.ldif\"\n";
    let project = Project::new(&[("rules/a.trib", SOUND), ("trib.toml", configuration)]);
    let (code, document) = project.json(&["doc", "-o", "pages"]);
    assert_eq!(code, 0);
    assert_eq!(keys(&document), ["pages", "rules"]);
    assert_eq!(document["rules"], 1);
    assert_eq!(
        document["pages"],
        json!([
            "pages/index.md",
            "pages/rules.md",
            "pages/metaverse.md",
            "pages/attributes.md"
        ])
    );
}

#[test]
fn broken_rules_and_places_are_refused() {
    let project = Project::new(&[("a.trib", &misspelt()), ("b.trib", SOUND), ("file", "")]);
    let run = project.run(&["doc", "a.trib", "-o", "pages"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(!project.path().join("pages").exists());
    let run = project.run(&["doc", "b.trib", "-o", "file"]);
    assert_eq!(run.code, 65, "{}", run.err);
    assert!(run.err.contains("`file`"), "{}", run.err);
    assert_eq!(project.run(&["doc", "b.trib"]).code, 64);
}
