use super::{Project, keys};

const RULE: &str = "<synchronizationRule>
  <id>{5ca1ab1e-0000-4000-8000-000000000001}</id>
  <name>In from AD - User Join</name>
  <direction>Inbound</direction>
  <disabled>False</disabled>
  <connector>{11c0ffee-0000-4000-8000-000000000001}</connector>
  <sourceObjectType>user</sourceObjectType>
  <targetObjectType>person</targetObjectType>
  <linkType>Provision</linkType>
  <precedence>100</precedence>
  <attribute-mappings>
    <mapping><dest>displayName</dest><src><attr>displayName</attr></src><expression>IIF(IsNullOrEmpty([displayName]),[cn],[displayName])</expression><valueMergeType>Update</valueMergeType></mapping>
    <mapping><dest>nonsense</dest><expression>Nonsense()</expression><valueMergeType>Update</valueMergeType></mapping>
  </attribute-mappings>
  <relationshipCriteria><conditions><condition><csAttribute>objectSid</csAttribute><ilmAttribute>objectSid</ilmAttribute></condition></conditions></relationshipCriteria>
</synchronizationRule>
";

fn export() -> Project {
    Project::new(&[
        ("export/SynchronizationRules/rule.xml", RULE),
        ("export/notes.md", "<not read"),
    ])
}

#[test]
fn an_export_becomes_a_project_that_checks() {
    for target in ["entra-connect", "graph"] {
        let project = export();
        let arguments = [
            "import",
            "aadconnect",
            "export",
            "-o",
            "out/new",
            "--target",
            target,
        ];
        let run = project.run(&arguments);
        assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
        assert!(
            run.err.contains("1 rule: 0 kept, 1 changed, 0 left out"),
            "{}",
            run.err
        );
        assert!(
            run.err.contains("2 flows: 1 kept, 0 changed, 1 left out"),
            "{}",
            run.err
        );
        assert!(
            run.err.ends_with("next: trib check out/new\n"),
            "{}",
            run.err
        );
        let rules = project.read("out/new/rules/in/forest-user.trib");
        assert!(
            rules.contains("displayName <- displayName ?? cn"),
            "{rules}"
        );
        let report: serde_json::Value =
            serde_json::from_str(&project.read("out/new/report.json")).unwrap();
        assert_eq!(report["rules"][0]["parts"][2]["outcome"], "left out");
        assert_eq!(report["target"], target);
        let (code, document) = project.json(&["check", "out/new"]);
        assert_eq!((code, &document["summary"]["errors"]), (0, &0.into()));
        assert_eq!(project.run(&["fmt", "--check", "out/new"]).code, 0);
    }
}

#[test]
fn the_report_is_the_document() {
    let project = export();
    let (code, document) = project.json(&["import", "aadconnect", "export", "-o", "out"]);
    assert_eq!(code, 0);
    assert_eq!(
        keys(&document),
        [
            "connectors",
            "remarks",
            "rules",
            "source",
            "summary",
            "target"
        ]
    );
    let written: serde_json::Value =
        serde_json::from_str(&project.read("out/report.json")).unwrap();
    assert_eq!(document, written);
}

#[test]
fn the_configuration_that_it_writes_can_be_read() {
    let project = export();
    let run = project.run(&[
        "import",
        "aadconnect",
        "export",
        "-o",
        "out",
        "--target",
        "graph",
    ]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run = project.run(&[
        "schema",
        "pull",
        "nobody",
        "-c",
        "out/trib.toml",
        "-o",
        "x.json",
    ]);
    assert_eq!(run.code, 65);
    assert!(run.err.contains("has no connector `nobody`"), "{}", run.err);
    assert!(run.err.contains("it has forest"), "{}", run.err);
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let project = export();
    project.write("out/mine.txt", "mine");
    let run = project.run(&["import", "aadconnect", "export", "-o", "out"]);
    assert_eq!(run.code, 65);
    assert!(
        run.err.contains("the folder `out` is not empty"),
        "{}",
        run.err
    );
    assert!(!project.path().join("out/report.json").exists());
}

#[test]
fn what_cannot_be_read_is_said_and_nothing_is_written() {
    let project = export();
    project.write("cut/rule.xml", &RULE[..400]);
    project.write("bytes/rule.xml", b"<synchronizationRule>\xff");
    project.write("empty/readme.txt", "nothing");
    for (from, message) in [
        ("nowhere", "there is no file or folder `nowhere`"),
        ("cut", "`rule.xml`, line 11: the file ends within a tag"),
        ("bytes", "`rule.xml` is no text: byte 21 is not UTF-8"),
        ("empty", "there is no synchronization rule in these files"),
    ] {
        let run = project.run(&["import", "aadconnect", from, "-o", "out"]);
        assert_eq!(run.code, 65, "{}", run.err);
        assert!(run.err.contains(message), "{from}: {}", run.err);
        assert!(run.err.contains("help:"), "{from}: {}", run.err);
        assert!(!project.path().join("out").exists());
    }
}

#[test]
fn one_file_is_an_export_too() {
    let project = export();
    let file = "export/SynchronizationRules/rule.xml";
    let run = project.run(&["import", "aadconnect", file, "-o", "out"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        project
            .read("out/rules/in/forest-user.trib")
            .contains("In from AD - User Join")
    );
}
