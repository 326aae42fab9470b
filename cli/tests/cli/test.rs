use super::{Project, SOUND, keys, misspelt};

const TESTS: &str = r#"
test "the name is taken" {
  given corp.user "Ann" { dn: "CN=Ann,DC=x", cn: "Ann", objectSid: sid "S-1-5-21-1-2-3-1104" }
  expect person { displayName: "Ann" }
}

test "another name <is> taken" {
  given corp.user "Ann" { dn: "CN=Ann,DC=x", cn: "Ann", objectSid: sid "S-1-5-21-1-2-3-1104" }
  expect person { displayName: "Bea" }
}
"#;

#[test]
fn failing_tests_are_told_and_exit_1() {
    let project = Project::new(&[("a.trib", &format!("{SOUND}{TESTS}"))]);
    let run = project.run(&["test", "a.trib"]);
    assert_eq!(run.code, 1, "{}", run.err);
    for part in [
        "ok    the name is taken",
        "FAIL  another name",
        "Bea",
        "2 tests: 1 passed, 1 failed",
    ] {
        assert!(run.out.contains(part), "no {part} in {}", run.out);
    }
    let (code, document) = project.json(&["test", "a.trib"]);
    assert_eq!(
        (code, keys(&document)),
        (1, vec!["coverage", "summary", "tests"])
    );
    assert_eq!(
        document["summary"],
        serde_json::json!({ "passed": 1, "failed": 1 })
    );
    let failed = &document["tests"][1];
    assert_eq!(
        keys(failed),
        ["failures", "file", "name", "passed", "start"]
    );
    assert_eq!(
        keys(&failed["failures"][0]),
        ["actual", "at", "because", "expected", "rule"]
    );
    assert_eq!(
        failed["start"],
        serde_json::json!({ "line": 26, "column": 6 })
    );
}

#[test]
fn passing_tests_exit_0_and_broken_rules_1() {
    let passing = TESTS.split("test \"another").next().unwrap();
    let project = Project::new(&[
        ("a.trib", &format!("{SOUND}{passing}")),
        ("b/b.trib", &misspelt()),
    ]);
    let run = project.run(&["test", "a.trib"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let (code, document) = project.json(&["test", "b"]);
    assert_eq!(
        (code, keys(&document)),
        (1, vec!["diagnostics", "error", "summary"])
    );
}

#[test]
fn build_servers_get_junit() {
    let project = Project::new(&[("a.trib", &format!("{SOUND}{TESTS}"))]);
    assert_eq!(
        project.run(&["test", "a.trib", "--junit", "out.xml"]).code,
        1
    );
    let xml = project.read("out.xml");
    assert!(
        xml.contains("<testsuite name=\"trib\" tests=\"2\" failures=\"1\">"),
        "{xml}"
    );
    assert!(
        xml.contains("name=\"another name &lt;is&gt; taken\""),
        "{xml}"
    );
    assert_eq!(xml.matches("<failure ").count(), 1, "{xml}");
}
