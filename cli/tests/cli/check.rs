use serde_json::json;

use super::{Project, SOUND, keys, misspelt};

#[test]
fn sound_rules_leave_standard_output_empty() {
    let project = Project::new(&[("a.trib", SOUND)]);
    let run = project.run(&["check", "a.trib"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    assert_eq!(
        run.err.lines().last(),
        Some("1 rule in 1 file: no errors"),
        "{}",
        run.err
    );
}

#[test]
fn errors_are_told_to_people_on_standard_error() {
    let project = Project::new(&[("a.trib", &misspelt())]);
    let run = project.run(&["check", "a.trib"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    for part in [
        "E0203",
        "displayNam",
        "a.trib:17",
        "did you mean `displayName`?",
        "1 error",
    ] {
        assert!(run.err.contains(part), "no {part} in {}", run.err);
    }
    assert!(!run.err.contains('\u{1b}'), "colours without a terminal");
}

#[test]
fn json_has_every_member_of_the_contract() {
    let twice = format!("{}\nrule \"In\" {{}}\n", misspelt());
    let project = Project::new(&[("a.trib", &twice)]);
    let (code, document) = project.json(&["check", "a.trib"]);
    assert_eq!(code, 1);
    assert_eq!(keys(&document), ["diagnostics", "summary"]);
    assert_eq!(
        keys(&document["summary"]),
        ["errors", "files", "lints", "rules", "warnings"]
    );
    let list = document["diagnostics"].as_array().unwrap();
    let members = [
        "code", "end", "file", "fix", "help", "message", "related", "severity", "start",
    ];
    assert!(list.iter().all(|diagnostic| keys(diagnostic) == members));
    let unknown = list
        .iter()
        .find(|diagnostic| diagnostic["code"] == "E0203")
        .unwrap();
    assert_eq!(unknown["severity"], "error");
    assert_eq!(unknown["start"], json!({ "line": 17, "column": 20 }));
    assert_eq!(unknown["end"], json!({ "line": 17, "column": 30 }));
    assert_eq!(unknown["fix"]["edits"][0]["text"], "displayName");
    let duplicate = list
        .iter()
        .find(|diagnostic| diagnostic["code"] == "E0205")
        .unwrap();
    assert_eq!(
        keys(&duplicate["related"][0]),
        ["end", "file", "message", "start"]
    );
}

#[test]
fn warnings_refuse_only_when_asked() {
    let long = SOUND.replace("displayName : string(256)", "displayName : string(10)");
    let project = Project::new(&[("a.trib", &long)]);
    let (code, document) = project.json(&["check", "a.trib"]);
    assert_eq!(
        (code, &document["summary"]["errors"]),
        (0, &json!(0)),
        "{document:#}"
    );
    let warnings = document["summary"]["warnings"].as_u64().unwrap();
    assert!(warnings > 0, "{document:#}");
    assert_eq!(project.run(&["check", "a.trib", "--deny-warnings"]).code, 1);
    let sound = Project::new(&[("a.trib", SOUND)]);
    assert_eq!(sound.run(&["check", "a.trib", "--deny-warnings"]).code, 0);
}

#[test]
fn a_folder_is_a_program_without_the_programs_in_it() {
    let other = SOUND.replace("\"In\"", "\"Other\"");
    let project = Project::new(&[
        ("rules/b/a.trib", SOUND),
        ("rules/nested/trib.toml", "rules = \".\"\n"),
        ("rules/nested/broken.trib", "rule"),
        ("rules/notes.txt", "rule"),
    ]);
    let (code, document) = project.json(&["check", "rules"]);
    assert_eq!((code, &document["summary"]["files"]), (0, &json!(1)));
    project.write(
        "more.trib",
        other.replace(
            "metaverse person {\n  displayName : string(256)\n  objectSid   : sid  indexed\n}",
            "",
        ),
    );
    let (code, document) = project.json(&["check", "rules", "more.trib", "more.trib"]);
    assert_eq!(&document["summary"]["files"], &json!(2), "{document:#}");
    assert_eq!(&document["summary"]["rules"], &json!(2));
    assert_eq!(code, 1, "two rules of one precedence: {document:#}");
}

#[test]
fn use_brings_in_folders_files_and_packs_once() {
    let parts = SOUND.split_once("rule").unwrap();
    let project = Project::new(&[
        (
            "main.trib",
            "use \"shared/\"\nuse \"shared/types.trib\"\nuse entra.users\n",
        ),
        ("shared/types.trib", parts.0),
        ("shared/rules.trib", "use \"../deep/\"\n"),
        ("deep/rule.trib", &format!("rule{}", parts.1)),
    ]);
    let (_, document) = project.json(&["check", "main.trib"]);
    assert_eq!(document["summary"]["files"], 5, "{document:#}");
    let (_, folder) = project.json(&["check", "."]);
    assert_eq!(folder["summary"]["files"], 5, "{folder:#}");
}

#[test]
fn what_use_does_not_find_is_named_with_its_line() {
    let project = Project::new(&[("main.trib", "\nuse \"gone/\"\n")]);
    let run = project.run(&["check", "main.trib"]);
    assert_eq!(run.code, 65);
    assert!(run.err.contains("main.trib:2 uses `gone/`"), "{}", run.err);
}

#[test]
fn without_a_path_the_configuration_names_the_rules() {
    let project = Project::new(&[
        ("trib.toml", "rules = \"here\"\n"),
        ("here/a.trib", SOUND),
        ("b.trib", "rule"),
    ]);
    let (code, document) = project.json(&["check"]);
    assert_eq!((code, &document["summary"]["files"]), (0, &json!(1)));
    std::fs::remove_file(project.path().join("trib.toml")).unwrap();
    assert_eq!(
        project.run(&["check"]).code,
        1,
        "the working directory, with its broken file"
    );
}

#[test]
fn bad_input_is_65() {
    let project = Project::new(&[("notes.txt", "")]);
    project.write("latin.trib", b"// \xe9\n");
    for (arguments, message) in [
        (["check", "gone.trib"], "no file or folder `gone.trib`"),
        (["check", "latin.trib"], "`latin.trib` is not UTF-8"),
        (["check", "empty"], "no rules in `empty`"),
    ] {
        std::fs::create_dir_all(project.path().join("empty")).unwrap();
        let run = project.run(&arguments);
        assert_eq!(run.code, 65, "{arguments:?}");
        assert!(run.err.contains(message), "{}", run.err);
        let (code, document) = project.json(&arguments);
        assert_eq!(
            (code, keys(&document["error"])),
            (65, vec!["help", "message"])
        );
    }
}

#[test]
fn codes_are_explained() {
    let project = Project::new(&[]);
    let run = project.run(&["check", "--explain", "e0203"]);
    assert_eq!(run.code, 0);
    assert!(
        run.out.starts_with("E0203: unknown attribute\n\n"),
        "{}",
        run.out
    );
    let (_, document) = project.json(&["check", "--explain", "E0203"]);
    assert_eq!(keys(&document), ["code", "page", "severity", "title"]);
    for heading in ["\n## Broken\n", "\n## Fixed\n"] {
        assert!(run.out.contains(heading), "{}", run.out);
    }
    let run = project.run(&["check", "--explain", "V0101"]);
    assert!(run.out.contains("\n```trib-eval\nItem("), "{}", run.out);
    let run = project.run(&["check", "--explain", "E020"]);
    assert_eq!((run.code, run.out.as_str()), (64, ""));
    assert!(run.err.contains("did you mean `E0201`?"), "{}", run.err);
}

#[test]
fn certain_fixes_are_made_and_checked_again() {
    let project = Project::new(&[("a.trib", &misspelt())]);
    let run = project.run(&["check", "a.trib", "--fix"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("1 fix made in 1 file"), "{}", run.err);
    assert_eq!(project.read("a.trib"), SOUND);
    let run = project.run(&["check", "a.trib", "--fix"]);
    assert!(run.err.contains("0 fixes made"), "{}", run.err);
}

#[test]
fn fixes_are_made_in_all_files_and_line_ends_stay() {
    let windows = misspelt().replace('\n', "\r\n");
    let project = Project::new(&[
        ("rules/a.trib", &windows),
        ("rules/b.trib", "use entra.user\nlet = 1\n"),
    ]);
    let run = project.run(&["check", "rules", "--fix"]);
    assert!(run.err.contains("2 fixes made in 2 files"), "{}", run.err);
    assert_eq!(project.read("rules/a.trib"), SOUND.replace('\n', "\r\n"));
    assert_eq!(project.read("rules/b.trib"), "use entra.users\nlet = 1\n");
    assert_eq!(run.code, 1, "what no edit mends stays: {}", run.err);
}

#[test]
fn github_gets_annotations() {
    let project = Project::new(&[("a.trib", &misspelt())]);
    let run = project.run(&["check", "a.trib", "--format", "github"]);
    assert_eq!(run.code, 1);
    let annotation = "::error file=a.trib,line=17,endLine=17,col=20,endColumn=30,title=E0203 unknown attribute::";
    assert!(run.out.contains(annotation), "{}", run.out);
    assert!(run.out.contains("%0Adid you mean"), "{}", run.out);
}

#[test]
fn parameters_that_the_configuration_sets_are_declared() {
    let rules = SOUND.replace("displayName ?? cn", "Left(%Param.company%, 256)");
    assert_ne!(rules, SOUND);
    let lints = |configuration: &str| {
        let project = Project::new(&[("trib.toml", configuration), ("rules/a.trib", &rules)]);
        let (_, document) = project.json(&["check", "rules"]);
        let list = document["diagnostics"].as_array().unwrap().clone();
        list.iter().filter(|found| found["code"] == "L0705").count()
    };
    let head = "rules = \"rules\"\nstate = \"sqlite:state.db\"\n";
    assert_eq!(
        lints(&format!("{head}[params]\n\"Param.country\" = \"SE\"\n")),
        1
    );
    assert_eq!(
        lints(&format!(
            "{head}[params]\n\"Param.company\" = \"Contoso\"\n"
        )),
        0
    );
}
