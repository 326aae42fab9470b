use super::{Project, SOUND, keys};

const UGLY: &str = "// first\nlet   x=1  // same line\n";
const PRETTY: &str = "// first\nlet x = 1  // same line\n";

#[test]
fn files_that_differ_are_rewritten_and_comments_survive() {
    let project = Project::new(&[("a.trib", UGLY), ("sub/b.trib", PRETTY)]);
    let run = project.run(&["fmt", "."]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    let text = project.read("a.trib");
    assert!(
        text.contains("// first") && text.contains("let x = 1") && text.contains("// same line"),
        "{text}"
    );
    assert!(run.err.contains("formatted a.trib"), "{}", run.err);
    let again = project.run(&["fmt", "--check", "."]);
    assert_eq!(again.code, 0, "{}", again.err);
}

#[test]
fn check_writes_nothing() {
    let project = Project::new(&[("a.trib", UGLY)]);
    let run = project.run(&["fmt", "--check", "a.trib"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("would change a.trib"), "{}", run.err);
    assert_eq!(project.read("a.trib"), UGLY);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let project = Project::new(&[]);
    let run = project.run_with_input(&["fmt", "-"], UGLY);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("let x = 1"), "{}", run.out);
    let again = project.run_with_input(&["fmt", "-"], &run.out);
    assert_eq!(again.out, run.out);
    let check = project.run_with_input(&["fmt", "--check", "-"], UGLY);
    assert_eq!((check.code, check.out.as_str()), (1, ""));
    assert_eq!(project.run(&["fmt", "-", "a.trib"]).code, 64);
}

#[test]
fn a_file_that_does_not_parse_is_left_alone() {
    let broken = "rule \"x\" {\n";
    let project = Project::new(&[("a.trib", broken), ("b.trib", UGLY)]);
    let run = project.run(&["fmt", "a.trib", "b.trib"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("left alone a.trib"), "{}", run.err);
    assert_eq!(project.read("a.trib"), broken);
    assert_ne!(project.read("b.trib"), UGLY, "the others are formatted");
    let run = project.run_with_input(&["fmt", "-"], broken);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
}

#[test]
fn formatting_changes_no_meaning() {
    let project = Project::new(&[("a.trib", SOUND)]);
    // The bundle also says from which bytes it was made, and those may change.
    let compiled = || {
        assert_eq!(project.run(&["build", "a.trib", "-o", "out"]).code, 0);
        let bundle: serde_json::Value = serde_json::from_str(&project.read("out")).unwrap();
        bundle["contents"]["rules"].clone()
    };
    let before = compiled();
    assert!(before["inbound"][0].is_object());
    project.run(&["fmt", "a.trib"]);
    project.write("a.trib", project.read("a.trib").trim_start());
    let lines = |text: &str| text.lines().position(|line| line.starts_with("rule"));
    assert_eq!(
        lines(&project.read("a.trib")),
        lines(SOUND),
        "places are part of the bundle"
    );
    assert_eq!(before, compiled());
}

#[test]
fn json_tells_what_changed() {
    let project = Project::new(&[("a.trib", UGLY)]);
    let (code, document) = project.json(&["fmt", "--check", "a.trib"]);
    assert_eq!(code, 1);
    assert_eq!(keys(&document), ["files", "summary"]);
    assert_eq!(document["files"][0]["changed"], true);
    assert_eq!(document["summary"]["changed"], 1);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let project = Project::new(&[("real.trib", UGLY)]);
    let real = project.path().join("real.trib");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.trib", project.path().join("link.trib")).unwrap();
    assert_eq!(project.run(&["fmt", "link.trib"]).code, 0);
    assert!(project.path().join("link.trib").is_symlink());
    assert_ne!(project.read("real.trib"), UGLY);
    assert_eq!(
        std::fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
}
