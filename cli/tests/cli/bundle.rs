use serde_json::{Value, json};

use super::{Project, SOUND, keys, misspelt};

/// Made by `openssl genpkey -algorithm ed25519` for these tests only.
const KEY: &str = include_str!("keys/test-key.pem");
const PUBLIC: &str = include_str!("keys/test-key.pub.pem");
const OTHER: &str = include_str!("keys/other-test-key.pub.pem");
const RSA: &str = include_str!("keys/rsa-test-key.pem");
const ENCRYPTED: &str = include_str!("keys/encrypted-test-key.pem");

const CORP: &str = "[connector.corp]\nkind = \"ad\"\nldif = \"forest.ldif\"\n";

#[test]
fn a_bundle_is_built_and_verified() {
    let project = Project::new(&[("a.trib", SOUND)]);
    let (code, built) = project.json(&["build", "a.trib", "-o", "rules.bundle"]);
    assert_eq!(
        (code, keys(&built)),
        (0, vec!["bundle", "compiler", "hash", "rules", "signed_by"])
    );
    let (code, verified) = project.json(&["verify", "rules.bundle"]);
    assert_eq!(code, 0);
    assert_eq!(
        keys(&verified),
        [
            "bundle",
            "compiler",
            "hash",
            "inbound",
            "key_checked",
            "outbound",
            "schemas",
            "signed_by",
            "sources"
        ]
    );
    assert_eq!(verified["sources"][0]["path"], "a.trib");
    assert_eq!(verified["schemas"][0]["connector"], "corp");
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

/// A deployment of `rules.bundle`, with these lines before its connector, and its keys.
fn deployment(lines: &str) -> Project {
    Project::new(&[
        ("a.trib", SOUND),
        ("key.pem", KEY),
        ("pub.pem", PUBLIC),
        ("other.pem", OTHER),
        (
            "trib.toml",
            &format!("rules = \"rules.bundle\"\n{lines}{CORP}"),
        ),
        (
            "forest.ldif",
            "dn: DC=x\nobjectClass: top\nobjectClass: domainDNS\nobjectGUID:: AAAAAAAAAAAAAAAAAAAAAA==\n",
        ),
    ])
}

#[test]
fn order_and_working_directory_leave_no_trace() {
    let second = SOUND
        .replace("\"In\"", "\"Second\"")
        .replace("precedence 100", "precedence 200");
    let (_, second) = second.split_once("rule ").unwrap();
    let second = format!("rule {second}");
    let project = Project::new(&[
        ("rules/a.trib", SOUND),
        ("rules/deep/b.trib", &second),
        ("rules/use.trib", "use \"../more\"\n"),
        ("more/c.trib", "let unit = \"x\"\n"),
    ]);
    let absolute = |path: &str| project.path().join(path).display().to_string();
    let (rules, a, b) = (
        absolute("rules"),
        absolute("rules/a.trib"),
        absolute("rules/deep/b.trib"),
    );
    let used = absolute("rules/use.trib");
    let inside = project.folder("rules/deep");
    for (at, (folder, paths)) in [
        (&project, vec!["rules"]),
        (&project, vec!["./rules/../rules"]),
        (&project, vec!["more", "rules"]),
        (&inside, vec![".."]),
        (&inside, vec!["b.trib", "../use.trib", "../a.trib"]),
        (&inside, vec![&rules]),
        (&inside, vec![&used, &b, &a]),
    ]
    .into_iter()
    .enumerate()
    {
        let output = absolute(&format!("{at}.bundle"));
        let run = folder.run(&[&["build", "-o", &output][..], &paths].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        let bundle = project.read(&format!("{at}.bundle"));
        assert_eq!(bundle, project.read("0.bundle"), "{paths:?}");
    }
    let document: Value = serde_json::from_str(&project.read("0.bundle")).unwrap();
    let sources = document["contents"]["sources"].as_array().unwrap();
    let paths: Vec<&Value> = sources.iter().map(|source| &source["path"]).collect();
    assert_eq!(
        paths,
        [
            "more/c.trib",
            "rules/a.trib",
            "rules/deep/b.trib",
            "rules/use.trib"
        ]
    );
    assert_eq!(
        document["contents"]["rules"]["inbound"][1]["origin"]["file"],
        "rules/deep/b.trib"
    );
}

#[test]
fn a_bundle_is_signed_and_its_signer_checked() {
    let project = deployment("");
    let run = project.run(&["build", "a.trib", "-o", "rules.bundle", "--sign", "key.pem"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let secret = KEY.lines().nth(1).unwrap();
    let bundle = project.read("rules.bundle");
    assert!(!(run.out + &run.err + &bundle).contains(secret));
    project.run(&["build", "a.trib", "-o", "again", "--sign", "key.pem"]);
    assert_eq!(
        bundle,
        project.read("again"),
        "a signature is deterministic"
    );

    let run = project.run(&["verify", "rules.bundle", "--key", "pub.pem"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out.contains("signed by the key in `pub.pem`"),
        "{}",
        run.out
    );
    let (code, document) = project.json(&["verify", "rules.bundle", "--key", "pub.pem"]);
    assert_eq!((code, &document["key_checked"]), (0, &json!(true)));
    let run = project.run(&["verify", "rules.bundle"]);
    assert_eq!(run.code, 0);
    assert!(
        run.out.contains("`--key PUB` says whether it is yours"),
        "{}",
        run.out
    );

    project.run(&["build", "a.trib", "-o", "unsigned"]);
    for (arguments, message) in [
        (
            ["rules.bundle", "--key", "other.pem"],
            "signed by another key",
        ),
        (["unsigned", "--key", "pub.pem"], "is not signed"),
        (["rules.bundle", "--key", "key.pem"], "holds a private key"),
        (["rules.bundle", "--key", "a.trib"], "holds no public key"),
        (["rules.bundle", "--key", "gone.pem"], "no file `gone.pem`"),
    ] {
        let run = project.run(&[&["verify"][..], &arguments].concat());
        assert_eq!((run.code, run.out.as_str()), (65, ""), "{arguments:?}");
        assert!(run.err.contains(message), "{}", run.err);
        assert!(!run.err.contains(secret));
    }
}

#[test]
fn what_is_no_signing_key_is_refused_before_anything_is_written() {
    let project = deployment("");
    project.write("rsa.pem", RSA);
    project.write("encrypted.pem", ENCRYPTED);
    for (key, message) in [
        ("pub.pem", "holds a public key, and a private key is wanted"),
        ("rsa.pem", "not an Ed25519 key: `openssl genpkey"),
        ("encrypted.pem", "holds an encrypted key: `openssl pkey"),
        ("a.trib", "holds no private key"),
        ("gone.pem", "no file `gone.pem`"),
    ] {
        let run = project.run(&["build", "a.trib", "-o", "out", "--sign", key]);
        assert_eq!((run.code, run.out.as_str()), (65, ""), "{key}");
        assert!(run.err.contains(message), "{}", run.err);
        assert!(!project.path().join("out").exists());
    }
}

#[test]
fn a_deployment_with_a_key_runs_only_what_it_signed() {
    let project = deployment("rules_key = \"pub.pem\"\n");
    let plan = |message: &str| {
        let run = project.run(&["plan"]);
        assert_eq!((run.code, run.out.as_str()), (65, ""), "{}", run.err);
        assert!(run.err.contains(message), "{}", run.err);
    };
    project.run(&["build", "a.trib", "-o", "rules.bundle"]);
    plan("the bundle is not signed");
    project.run(&["build", "a.trib", "-o", "rules.bundle", "--sign", "key.pem"]);
    let run = project.run(&["plan"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let signed = project.read("rules.bundle");
    project.write("pub.pem", OTHER);
    plan("signed by another key");
    project.write("pub.pem", PUBLIC);
    project.write(
        "rules.bundle",
        signed.replace("\"cn is present\"", "\"cn is presenT\""),
    );
    plan("damaged");
    let text = project.read("trib.toml").replace("rules.bundle", "a.trib");
    project.write("trib.toml", text);
    plan("`rules_key` asks for a signed bundle");
    plan("`trib build PATH -o rules.bundle --sign KEY` makes one");
}

#[test]
fn without_a_key_a_signature_is_told_and_not_asked_for() {
    let project = deployment("");
    project.run(&["build", "a.trib", "-o", "rules.bundle"]);
    let run = project.run(&["plan"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(!run.err.contains("signed"), "{}", run.err);
    project.run(&["build", "a.trib", "-o", "rules.bundle", "--sign", "key.pem"]);
    let run = project.run(&["plan"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("the bundle is signed"), "{}", run.err);
}

const SCHEMA: &str = r#"{"kind":"ad","attributes":[
  {"name":"cn","type":"string(64)"},
  {"name":"displayName","type":"string(256)"},
  {"name":"objectSid","type":"sid","system":true}],
 "classes":[{"name":"user","structural":true,"parent":"user","auxiliary":[],
  "attributes":["cn","displayName","objectSid"]}]}"#;

#[test]
fn a_bundle_that_does_not_fit_the_schema_is_refused() {
    let project = deployment("");
    project.run(&["build", "a.trib", "-o", "rules.bundle"]);
    let text = project.read("trib.toml") + "schema = \"corp.schema.json\"\n";
    project.write("trib.toml", text);
    project.write("corp.schema.json", SCHEMA);
    let run = project.run(&["plan"]);
    assert_eq!(run.code, 0, "{}", run.err);
    for (schema, message) in [
        (
            SCHEMA.replace("\"name\":\"user\"", "\"name\":\"robot\""),
            "connector `corp`: the rules use `user`, and `corp.schema.json` has no such type",
        ),
        (
            SCHEMA.replace("\"displayName\"", "\"shownName\""),
            "connector `corp`: the rules use `user.displayName`, and `corp.schema.json` has no such attribute",
        ),
        (
            SCHEMA.replace("string(256)", "[string(256)]"),
            "connector `corp`: the rules use `user.displayName` as `string(256)?`, and in `corp.schema.json` it is `[string(256)]?`",
        ),
        ("{}".to_owned(), "`corp.schema.json` is no schema file"),
    ] {
        project.write("corp.schema.json", schema);
        let run = project.run(&["plan"]);
        assert_eq!((run.code, run.out.as_str()), (65, ""), "{}", run.err);
        let words = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(message), "{}", run.err);
    }
}

#[test]
fn a_bundle_checked_against_a_pulled_schema_says_so() {
    let schema = SCHEMA.replace("\"displayName\"", "\"shoeSize\"");
    let rules = SOUND
        .replace("corp  : ad", "corp : ad { schema \"corp.schema.json\" }")
        .replace("displayName ?? cn", "shoeSize ?? cn");
    let project = deployment("");
    project.write("a.trib", rules);
    project.write("corp.schema.json", &schema);
    let run = project.run(&["build", "a.trib", "-o", "rules.bundle"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let (_, document) = project.json(&["verify", "rules.bundle"]);
    assert_eq!(document["schemas"][0]["file"], "corp.schema.json");
    let first = document["schemas"][0]["sha256"].clone();
    // The program's own schema says nothing of that directory.
    let run = project.run(&["plan"]);
    assert_eq!(run.code, 0, "{}", run.err);
    project.write("corp.schema.json", schema + "\n");
    project.run(&["build", "a.trib", "-o", "rules.bundle"]);
    let (_, document) = project.json(&["verify", "rules.bundle"]);
    assert_ne!(document["schemas"][0]["sha256"], first);
}
