use super::{Project, SOUND, keys, misspelt};

const VERBS: [&str; 17] = [
    "demo", "check", "test", "fmt", "eval", "plan", "apply", "explain", "impact", "history",
    "status", "schema", "import", "build", "verify", "doc", "sandbox",
];

#[test]
fn wrong_usage_is_64() {
    let project = Project::new(&[]);
    for arguments in [
        &[][..],
        &["nope"],
        &["check", "--nope"],
        &["check", "--format", "yaml"],
        &["fmt"],
        &["build", "a.trib"],
        &["eval"],
        &["eval", "1", "--param", "x"],
        &["eval", "1", "--object", "a.json"],
        &["sandbox", "--listen", "here"],
        &["sandbox", "--client", "id"],
        &["sandbox", "--quota", "some"],
        &["plan", "extra"],
        &["explain"],
        &["schema"],
        &["schema", "pull", "corp"],
        &["import"],
        &["import", "aadconnect", "."],
        &["import", "aadconnect", ".", "-o", "x", "--target", "ad"],
        &["init"],
        &["lsp"],
    ] {
        let run = project.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (64, ""), "{arguments:?}");
        assert!(!run.err.is_empty());
    }
}

#[test]
fn wrong_usage_is_one_document_where_json_is_wanted() {
    let (code, document) = Project::new(&[]).json(&["check", "--nope"]);
    assert_eq!((code, keys(&document)), (64, vec!["error"]));
    assert_eq!(
        document["error"]["message"],
        "unexpected argument '--nope' found"
    );
}

#[test]
fn help_and_version_are_fine_and_help_ends_with_an_example() {
    let project = Project::new(&[]);
    let version = project.run(&["--version"]);
    assert_eq!(
        (version.code, version.out.as_str()),
        (0, concat!("trib ", env!("CARGO_PKG_VERSION"), "\n"))
    );
    let help = project.run(&["--help"]);
    assert_eq!(help.code, 0);
    for verb in VERBS {
        assert!(
            help.out.contains(&format!("\n  {verb} ")),
            "{verb} is not listed"
        );
        let help = project.run(&[verb, "--help"]);
        assert_eq!(help.code, 0);
        let (_, example) = help.out.rsplit_once("\nExample").unwrap();
        assert!(example.contains(&format!("  trib {verb}")), "{example}");
    }
}

#[test]
fn what_this_version_does_not_have_is_not_listed() {
    let help = Project::new(&[]).run(&["--help"]).out;
    for verb in ["init", "run", "lsp"] {
        assert!(!help.contains(&format!("\n  {verb} ")), "{verb}");
    }
}

#[test]
fn no_colour_is_honoured_and_pipes_get_none() {
    let project = Project::new(&[("a.trib", &misspelt())]);
    for value in ["", "1"] {
        let output = project
            .command(&["check", "a.trib"])
            .env("NO_COLOR", value)
            .output()
            .unwrap();
        assert!(!output.stderr.contains(&0x1b));
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let project = Project::new(&[("a.trib", SOUND)]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = project
        .command(&["check", "a.trib", "--format", "json"])
        .stdout(writer)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure_without_a_panic() {
    let project = Project::new(&[("a.trib", SOUND)]);
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = project
        .command(&["check", "a.trib", "--format", "json"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(70));
}
