//! Failures before anything is read: their exit codes, by class.

use super::{Project, SOUND, misspelt};

fn configured(rules: &str, rest: &str) -> Project {
    let configuration = format!("rules = \"rules\"\n{rest}");
    Project::new(&[("trib.toml", &configuration), ("rules/a.trib", rules)])
}

const CORP: &str = "[connector.corp]\nkind = \"ad\"\nldif = \"forest.ldif\"\n";

#[test]
fn exit_codes_by_class() {
    let missing_key = "[connector.corp]\nkind = \"ad\"\nldfi = \"x\"\n";
    let unreachable = "[connector.corp]\nkind = \"ad\"\nurl = \"ldap://127.0.0.1:1\"\nbase = [\"DC=x\"]\nbind = { user = \"u\", password = { file = \"trib.toml\" } }\n";
    for (rules, rest, code, message) in [
        (SOUND, "", 65, "no [connector.corp]"),
        (SOUND, missing_key, 65, "did you mean `ldif`?"),
        (SOUND, CORP, 65, "forest.ldif"),
        (misspelt().as_str(), CORP, 1, "the rules have 1 error"),
        (SOUND, unreachable, 69, "corp"),
    ] {
        let project = configured(rules, rest);
        let run = project.run(&["plan"]);
        assert_eq!((run.code, run.out.as_str()), (code, ""), "{}", run.err);
        assert!(run.err.contains(message), "{}", run.err);
        let (json, document) = project.json(&["plan"]);
        assert_eq!(json, code);
        assert!(document["error"]["message"].is_string());
    }
    for verb in [
        &["plan"][..],
        &["apply"],
        &["explain", "x"],
        &["schema", "pull", "corp", "-o", "x"],
    ] {
        let run = Project::new(&[]).run(verb);
        assert_eq!(run.code, 65, "no configuration: {}", run.err);
    }
}

#[test]
fn a_configuration_elsewhere_and_a_bundle_work() {
    let ann = "dn: DC=x\nobjectClass: top\nobjectClass: domainDNS\nobjectGUID:: AAAAAAAAAAAAAAAAAAAAAA==\n\n\
               dn: CN=Ann,DC=x\nobjectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\n\
               objectClass: user\ncn: Ann\nobjectGUID:: ERERESIiMzNERFVVVVVVVQ==\nobjectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUAQAAA==\n";
    let project = Project::new(&[
        ("a.trib", SOUND),
        (
            "deep/trib.toml",
            &format!("rules = \"rules.bundle\"\n{CORP}"),
        ),
        ("deep/forest.ldif", ann),
    ]);
    assert_eq!(
        project
            .run(&["build", "a.trib", "-o", "deep/rules.bundle"])
            .code,
        0
    );
    let (code, plan) = project.json(&["-c", "deep/trib.toml", "plan"]);
    assert_eq!(
        (code, &plan["changes"]),
        (0, &serde_json::json!([])),
        "{plan:#}"
    );
    assert!(
        project.path().join("deep/state.db").exists(),
        "paths are relative to the configuration"
    );
    let (code, document) = project.json(&[
        "-c",
        "deep/trib.toml",
        "explain",
        "cn=ann,dc=X",
        "displayName",
    ]);
    assert_eq!(
        (code, &document["attributes"][0]["value"]),
        (0, &serde_json::json!("Ann")),
        "{document:#}"
    );
    project.write("deep/rules.bundle", "{}");
    assert_eq!(project.run(&["-c", "deep/trib.toml", "plan"]).code, 65);
}

#[test]
fn schemas_are_those_of_live_directories() {
    let entra = "[connector.cloud]\nkind = \"entra\"\ntenant = \"x\"\nclient_id = \"x\"\ncredential = \"managed-identity\"\n";
    let project = configured(SOUND, &format!("{CORP}{entra}"));
    for (connector, message) in [
        ("corp", "is a file"),
        ("cloud", "ships with trib"),
        ("hr", "it has cloud, corp"),
    ] {
        let run = project.run(&["schema", "pull", connector, "-o", "out.json"]);
        assert_eq!(run.code, 65);
        assert!(run.err.contains(message), "{}", run.err);
    }
}
