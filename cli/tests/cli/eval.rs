use serde_json::{Value, json};

use super::{Project, SOUND, keys};

const ANN: &str = r#"{
    "dn": "CN=Ann,OU=Staff,DC=x", "CN": "Ann Lee", "objectGUID": "11111111-2222-3333-4444-555555555555",
    "objectSid": "S-1-5-21-1-2-3-1104", "userAccountControl": 514, "whenCreated": "2026-01-31T00:00:00Z",
    "proxyAddresses": ["SMTP:a@b.c", "smtp:d@e.f"], "memberOf": ["CN=G,DC=x"], "description": ["one"]
}"#;

#[test]
fn values_and_types() {
    let project = Project::new(&[("ann.json", ANN)]);
    for (expression, ty, value) in [
        ("1 + 2 * 3", "int", json!(7)),
        ("-1", "int", json!(-1)),
        ("null", "null", Value::Null),
        ("Trim(displayName) ?? cn", "string(256)?", json!("Ann Lee")),
        ("displayName", "string(256)?", Value::Null),
        ("objectGUID", "guid", json!("ERERESIiMzNERFVVVVVVVQ==")),
        (
            "objectSid",
            "sid?",
            json!("AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUAQAAA=="),
        ),
        ("whenCreated", "time?", json!("2026-01-31T00:00:00Z")),
        ("not IsBitSet(userAccountControl, 2)", "bool", json!(false)),
        (
            "[Mid(a, 6, 99) for a in proxyAddresses]",
            "[string(99)]?",
            json!(["a@b.c", "d@e.f"]),
        ),
        ("dn", "dn", json!("CN=Ann,OU=Staff,DC=x")),
        ("dn under \"dc=X\"", "bool", json!(true)),
        ("dn member of \"cn=g,dc=x\"", "bool", json!(true)),
        ("dn member of \"cn=h,dc=x\"", "bool", json!(false)),
    ] {
        let (code, document) = project.json(&[
            "eval", expression, "--from", "ad.user", "--object", "ann.json",
        ]);
        assert_eq!(
            (code, document),
            (0, json!({ "type": ty, "value": value })),
            "{expression}"
        );
    }
}

#[test]
fn results_go_to_standard_output() {
    let run = Project::new(&[]).run(&["eval", "UCase(\"a\")"]);
    assert_eq!(
        (run.code, run.out.as_str(), run.err.as_str()),
        (0, "\"A\" : string(1)\n", "")
    );
}

#[test]
fn an_object_can_be_given_in_the_form_of_results() {
    let object = r#"{"objectGUID": "ERERESIiMzNERFVVVVVVVQ==", "objectSid": "AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUAQAAA=="}"#;
    let project = Project::new(&[("o.json", object)]);
    let (_, document) = project.json(&["eval", "objectGUID == guid \"11111111-2222-3333-4444-555555555555\" and objectSid == sid \"S-1-5-21-1-2-3-1104\"", "--from", "ad.user", "--object", "o.json"]);
    assert_eq!(document["value"], true);
}

#[test]
fn errors_in_the_expression_are_1() {
    let project = Project::new(&[]);
    for (expression, code) in [
        ("1 +", "E0101"),
        ("displayNam", "E0203"),
        ("Trim(1)", "E0301"),
        ("Nope()", "E0204"),
    ] {
        let (exit, document) = project.json(&["eval", expression, "--from", "ad.user"]);
        assert_eq!(
            (exit, &document["error"]["code"]),
            (1, &json!(code)),
            "{expression}: {document:#}"
        );
        assert!(document["error"]["message"].is_string());
        let run = project.run(&["eval", expression, "--from", "ad.user"]);
        assert_eq!((run.code, run.out.as_str()), (1, ""));
        assert!(run.err.contains(code));
    }
}

#[test]
fn errors_while_evaluating_are_3() {
    let project = Project::new(&[]);
    for expression in ["1 / 0", "error \"no\"", "%Domain.FQDN%"] {
        let (exit, document) = project.json(&["eval", expression]);
        assert_eq!(
            (exit, keys(&document["error"])),
            (3, vec!["code", "message"]),
            "{expression}"
        );
        assert_eq!(project.run(&["eval", expression]).out, "");
    }
}

#[test]
fn parameters_and_rules_are_in_reach() {
    let functions =
        format!("{SOUND}\nfn Twice(x: string) -> string = x & x\nlet town = \"Oslo\"\n");
    let project = Project::new(&[("a.trib", &functions)]);
    let value = |arguments: &[&str]| project.json(arguments).1["value"].clone();
    assert_eq!(
        value(&["eval", "%Domain.FQDN%", "--param", "Domain.FQDN=a.b"]),
        "a.b"
    );
    assert_eq!(
        value(&["eval", "%Param.x%", "--param", "%Param.x%=1=2"]),
        "1=2"
    );
    assert_eq!(
        value(&["eval", "Twice(town)", "--rules", "a.trib"]),
        "OsloOslo"
    );
    let (code, document) =
        project.json(&["eval", "cn", "--rules", "a.trib", "--from", "corp.user"]);
    assert_eq!(
        (code, &document["value"]),
        (0, &Value::Null),
        "{document:#}"
    );
}

#[test]
fn the_translation_is_shown_with_a_dialect() {
    let project = Project::new(&[]);
    let (code, document) = project.json(&["eval", "1", "--dialect", "tributary"]);
    assert_eq!(
        (code, document),
        (0, json!({ "type": "int", "value": 1, "tributary": "1" }))
    );
    let object = r#"{"displayName": null, "cn": "Ann Lee", "mail": null}"#;
    let project = Project::new(&[("ann.json", object)]);
    let over = |expression: &str, dialect: &str| {
        let run = [
            "eval",
            expression,
            "--dialect",
            dialect,
            "--from",
            "ad.user",
            "--object",
            "ann.json",
        ];
        project.json(&run)
    };
    let (code, document) = over(
        "IIF(IsNullOrEmpty([displayName]),[cn],[displayName])",
        "connect",
    );
    assert_eq!(
        (code, document),
        (
            0,
            json!({ "type": "string(256)?", "value": "Ann Lee", "tributary": "displayName ?? cn" })
        )
    );
    let (code, document) = over("Join(\"-\", ToLower([cn]), , [mail])", "cloud");
    assert_eq!(
        (code, &document["value"]),
        (0, &json!("ann lee")),
        "{document:#}"
    );
    assert!(
        document["tributary"]
            .as_str()
            .unwrap()
            .contains("LCase(cn)")
    );
    let (code, document) = over("Error(\"no\")", "connect");
    assert_eq!(
        (code, &document["error"]["message"], &document["tributary"]),
        (3, &json!("no"), &json!("error \"no\""))
    );
    let run = project.run(&["eval", "UCase(\"a\")", "--dialect", "connect"]);
    assert_eq!((run.code, run.out.as_str()), (0, "\"A\" : string(1)\n"));
    assert!(run.err.contains("UCase(\"a\")"), "{}", run.err);
}

#[test]
fn errors_in_a_foreign_expression_are_shown_at_their_place() {
    let project = Project::new(&[]);
    let foreign =
        |expression: &str, dialect: &str| project.json(&["eval", expression, "--dialect", dialect]);
    let (code, document) = foreign("IIF(True,\n  Lefty(\"a\", 1), NULL)", "connect");
    assert_eq!(
        (code, &document["error"]["code"]),
        (1, &json!("E0802")),
        "{document:#}"
    );
    assert_eq!(
        document["diagnostics"][0]["start"],
        json!({ "line": 2, "column": 3 })
    );
    let (code, document) = foreign("IIF(IsPresent([a]) && True, \"x\", \"y\")", "cloud");
    assert_eq!(
        (code, &document["error"]["code"]),
        (1, &json!("E0801")),
        "{document:#}"
    );
    let run = project.run(&["eval", "Trim(\"a", "--dialect", "connect"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("never closed"), "{}", run.err);
    // What is wrong with the translation is told of the translation, which is there to be read.
    let (code, document) = project.json(&[
        "eval",
        "Trim([nobody])",
        "--dialect",
        "connect",
        "--from",
        "ad.user",
    ]);
    assert_eq!(
        (code, &document["error"]["code"]),
        (1, &json!("E0203")),
        "{document:#}"
    );
    assert_eq!(document["tributary"], "Trim(nobody)");
}

#[test]
fn a_foreign_parameter_is_given_by_its_own_name() {
    let project = Project::new(&[]);
    for given in ["Suffix=b", "Param.Suffix=b", "%suffix%=b"] {
        let (code, document) = project.json(&[
            "eval",
            "\"a\" & %Suffix%",
            "--dialect",
            "connect",
            "--param",
            given,
        ]);
        assert_eq!(
            (code, &document["value"]),
            (0, &json!("ab")),
            "{document:#}"
        );
    }
}

#[test]
fn wrong_objects_and_types_are_told() {
    let project = Project::new(&[
        ("list.json", "[]"),
        ("bad.json", "{"),
        ("wrong.json", r#"{"cn": 1}"#),
    ]);
    for (file, message) in [
        ("list.json", "no JSON object"),
        ("bad.json", "no JSON"),
        ("wrong.json", "`cn` is `string(64)`, and `1` is not"),
        ("gone.json", "no file `gone.json`"),
    ] {
        let run = project.run(&["eval", "cn", "--from", "ad.user", "--object", file]);
        assert_eq!(run.code, 65, "{file}");
        assert!(run.err.contains(message), "{}", run.err);
    }
    for from in ["ad.nothing", "nowhere.user", "nothing"] {
        let run = project.run(&["eval", "1", "--from", from]);
        assert_eq!(run.code, 64, "{from}: {}", run.err);
    }
}
