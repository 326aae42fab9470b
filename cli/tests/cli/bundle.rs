use super::{Project, SOUND, keys, misspelt};

#[test]
fn a_bundle_is_built_and_verified() {
    let project = Project::new(&[("a.trib", SOUND)]);
    let (code, built) = project.json(&["build", "a.trib", "-o", "rules.bundle"]);
    assert_eq!(
        (code, keys(&built)),
        (0, vec!["bundle", "compiler", "hash", "rules"])
    );
    let (code, verified) = project.json(&["verify", "rules.bundle"]);
    assert_eq!(code, 0);
    assert_eq!(
        keys(&verified),
        ["bundle", "compiler", "hash", "inbound", "outbound"]
    );
    assert_eq!(verified["hash"], built["hash"]);
    let run = project.run(&["verify", "rules.bundle"]);
    assert!(
        run.out.contains("is whole: 1 rule in, 0 rules out"),
        "{}",
        run.out
    );
    let first = project.read("rules.bundle");
    project.run(&["build", "a.trib", "-o", "rules.bundle"]);
    assert_eq!(
        first,
        project.read("rules.bundle"),
        "the same rules give the same bytes"
    );
}

#[test]
fn rules_with_errors_are_not_built() {
    let project = Project::new(&[("a.trib", &misspelt())]);
    let run = project.run(&["build", "a.trib", "-o", "rules.bundle"]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("E0203") && run.err.contains("the rules have 1 error"),
        "{}",
        run.err
    );
    assert!(!project.path().join("rules.bundle").exists());
    let (code, document) = project.json(&["build", "a.trib", "-o", "rules.bundle"]);
    assert_eq!(
        (code, keys(&document)),
        (1, vec!["diagnostics", "error", "summary"])
    );
}

#[test]
fn damaged_bundles_are_refused() {
    let project = Project::new(&[("a.trib", SOUND), ("text", "hello")]);
    project.run(&["build", "a.trib", "-o", "rules.bundle"]);
    let text = project.read("rules.bundle");
    project.write("changed", text.replace("\"In\"", "\"On\""));
    project.write("cut", &text[..text.len() / 2]);
    project.write(
        "newer",
        text.replace("\"trib_bundle\":1", "\"trib_bundle\":99"),
    );
    for (file, message) in [
        ("changed", "damaged"),
        ("cut", "no bundle"),
        ("text", "no bundle"),
        ("newer", "format 99"),
        ("gone", "no file `gone`"),
    ] {
        let run = project.run(&["verify", file]);
        assert_eq!((run.code, run.out.as_str()), (65, ""), "{file}");
        assert!(run.err.contains(message), "{}", run.err);
    }
}
