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
    let odd = r#"
test "odd <&\"' \u{1}\u{7f}\u{fffe} ünd 🦀" {
  given corp.user "Ann" { dn: "CN=Ann,DC=x", cn: "A\u{2}]]><b>", objectSid: sid "S-1-5-21-1-2-3-1" }
  expect person { displayName: "<x> & \"y\"" }
  expect no person
}
"#;
    let rules = format!("{SOUND}{TESTS}");
    let project = Project::new(&[("a.trib", rules.as_str()), ("b.trib", odd)]);
    let run = project.run(&["test", "a.trib", "b.trib", "--junit", "out.xml"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let xml = project.read("out.xml");
    let (mut suites, mut cases, mut failures, mut texts) =
        (0, Vec::new(), Vec::new(), String::new());
    let mut reader = quick_xml::Reader::from_str(&xml);
    let value = |event: &quick_xml::events::BytesStart<'_>, name: &str| {
        let attribute = event.try_get_attribute(name).unwrap().unwrap();
        attribute.unescape_value().unwrap().into_owned()
    };
    loop {
        use quick_xml::events::Event;
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(event) | Event::Empty(event) => match event.name().as_ref() {
                b"testsuite" => suites += 1,
                b"testcase" => cases.push((value(&event, "name"), value(&event, "line"))),
                b"failure" => failures.push(value(&event, "message")),
                _ => {}
            },
            Event::Text(text) => texts += &text.decode().unwrap(),
            _ => {}
        }
    }
    assert_eq!(suites, 2, "{xml}");
    let names: Vec<&str> = cases.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[1], "another name <is> taken");
    assert!(names[2].starts_with("odd <&\"' "), "{names:?}");
    assert!(names[2].ends_with("ünd 🦀"), "{names:?}");
    assert_eq!(cases[1].1, "26");
    assert_eq!(failures.len(), 2, "{xml}");
    assert!(failures[1].contains("<x> & "), "{failures:?}");
    assert!(texts.contains("because  displayName: "), "{texts}");
    let control = |character: char| character.is_control() && !"\n\t".contains(character);
    assert!(
        !xml.contains(|character| control(character) && character != '\u{7f}'),
        "{xml}"
    );
}

#[test]
fn a_filter_picks_tests_and_no_test_is_a_warning() {
    let project = Project::new(&[("a.trib", &format!("{SOUND}{TESTS}")), ("b/b.trib", SOUND)]);
    let run = project.run(&["test", "a.trib", "--filter", "the name"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(
        run.out.contains("1 test: 1 passed, 0 failed"),
        "{}",
        run.out
    );
    let run = project.run(&["test", "a.trib", "--filter", "plum"]);
    assert_eq!(run.code, 0);
    let warning = "warning: there is no test whose name contains `plum` in `a.trib`\n";
    assert_eq!(run.err, warning);
    let run = project.run(&["test", "b"]);
    assert_eq!(
        (run.code, run.err.as_str()),
        (0, "warning: there is no test in `b`\n")
    );
    assert_eq!(run.out, "0 tests: 0 passed, 0 failed\n");
    let (code, document) = project.json(&["test", "b"]);
    assert_eq!((code, &document["tests"]), (0, &serde_json::json!([])));
}

#[test]
fn files_of_a_test_lie_beside_it() {
    let test =
        "test \"t\" { given corp from \"people.ldif\"  expect person { displayName: \"Ann\" } }";
    let ldif = "dn: CN=Ann,DC=x\nobjectClass: top\nobjectClass: user\ncn: Ann\n\
                objectGUID:: AQAAAAAAAAAAAAAAAAAAAA==\n\
                objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAACgAAAA==\n";
    let project = Project::new(&[
        ("rules/a.trib", SOUND),
        ("rules/tests/t.trib", test),
        ("rules/tests/people.ldif", ldif),
    ]);
    let run = project.run(&["test", "rules"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let folder = project.folder("rules/tests");
    let run = folder.run(&["test", ".."]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}
