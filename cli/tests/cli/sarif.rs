//! `trib check --format sarif`, as scanners read it.

use serde_json::{Value, json};

use super::{Project, SOUND, misspelt};

/// The published schema has a stray bracket in the pattern of languages, which no log of ours names.
fn schema() -> jsonschema::Validator {
    let text = include_str!("../schemas/sarif-2.1.0.json").replace("{2}]?$", "{2}$");
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn log(project: &Project, paths: &[&str]) -> Value {
    let run = project.run(&[&["check", "--format", "sarif"], paths].concat());
    let log = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err));
    let errors: Vec<String> = schema()
        .iter_errors(&log)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0]);
    log
}

#[test]
fn the_schema_refuses_what_is_no_log() {
    let level = json!({ "version": "2.1.0", "runs": [{ "tool": { "driver": { "name": "trib" } },
        "results": [{ "message": { "text": "" }, "level": "lint" }] }] });
    assert!(!schema().is_valid(&level));
}

#[test]
fn sound_rules_make_a_valid_log_without_results() {
    let log = log(&Project::new(&[("a.trib", SOUND)]), &["a.trib"]);
    assert_eq!(log["runs"][0]["results"], json!([]));
    assert_eq!(log["runs"][0]["columnKind"], "unicodeCodePoints");
}

#[test]
fn rules_have_their_pages() {
    let log = log(&Project::new(&[("a.trib", SOUND)]), &["a.trib"]);
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    assert!(rules.len() > 50);
    let rule = rules.iter().find(|rule| rule["id"] == "W0601").unwrap();
    assert_eq!(rule["shortDescription"]["text"], "may be too long");
    assert_eq!(rule["defaultConfiguration"]["level"], "warning");
    let page = rule["help"]["markdown"].as_str().unwrap();
    assert!(page.contains("## Fixed"), "{page}");
    let summary = rule["fullDescription"]["text"].as_str().unwrap();
    assert!(
        summary.ends_with('.') && !summary.contains('\n'),
        "{summary}"
    );
}

#[test]
fn results_have_places_related_places_and_fixes() {
    let long = misspelt()
        .replace(
            "displayName : string(256)",
            "displayName : string(256)\n  note : string(9)",
        )
        .replace(
            "    objectSid\n    displayName",
            "    objectSid\n    note <- cn\n    /* 🌊é */ displayName",
        );
    let long = long.replace(
        "cn is present",
        "cn is present and sn is present or mail is present",
    );
    let project = Project::new(&[("å b/a.trib", &long), ("å b/c.trib", "rule \"In\" {}\n")]);
    let log = log(&project, &["å b"]);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of = |id: &str| {
        results
            .iter()
            .find(|result| result["ruleId"] == id)
            .unwrap()
    };
    for (id, level) in [("E0203", "error"), ("W0601", "warning"), ("L0702", "note")] {
        assert_eq!(of(id)["level"], level);
    }

    let unknown = of("E0203");
    let place = &unknown["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "%C3%A5%20b/a.trib");
    let region = json!({ "startLine": 19, "startColumn": 29, "endLine": 19, "endColumn": 39 });
    assert_eq!(place["region"], region);
    let message = unknown["message"]["text"].as_str().unwrap();
    assert!(
        message.ends_with("\ndid you mean `displayName`?"),
        "{message}"
    );
    let change = &unknown["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"], place["artifactLocation"]);
    assert_eq!(change["replacements"][0]["deletedRegion"], region);
    assert_eq!(
        change["replacements"][0]["insertedContent"]["text"],
        "displayName"
    );

    let twice = &of("E0205")["relatedLocations"][0];
    assert_eq!(twice["message"]["text"], "first declared here");
    assert_eq!(
        twice["physicalLocation"]["artifactLocation"]["uri"],
        "%C3%A5%20b/a.trib"
    );
}
