use serde_json::json;

use super::{Project, SOUND, keys};

const RULES: &str = r#"connector corp  : ad
connector cloud : entra

metaverse person {
  city        : string(64)
  displayName : string(256)
  kind        : string(20)
  objectSid   : sid  indexed
  tags        : [string]
  upn         : string(100)
}

fn Kind(text: string) -> string =
  match text { "IT", "Ops" -> "tech"  "HR" -> "people"  else -> "other" }

rule "In" {
  from       corp.user
  to         person
  precedence 100
  link       provision
  scope      cn is present
             and (title is absent or title != "Robot")
  join       objectSid == person.objectSid
  flow {
    objectSid
    city        <- l
    displayName <- displayName ?? cn
    kind        <- if department is present then Kind(Left(department, 20))
    tags        <- merge otherMailbox
    upn         <- Left(userPrincipalName, 100)
  }
}

rule "Weaker" {
  from       corp.user
  to         person
  precedence 200
  link       join
  flow {
    displayName <- cn
    tags        <- merge [l]
  }
}

rule "Never" {
  from       corp.user
  to         person
  precedence 300
  link       join
  scope      adminDescription == "never"
  flow { city <- if l == "x" then "y" }
}

rule "Of groups" {
  from       corp.group
  to         person
  precedence 400
  link       join
  flow { displayName }
}

rule "Out" {
  from       person
  to         cloud.user
  precedence 100
  link       provision
  scope      upn is present and displayName is present
  deprovision disable { accountEnabled <- false }
  flow {
    displayName
    accountEnabled    <- true
    mailNickname      <- Left(Word(upn, 1, "@"), 64)
    otherMails        <- tags
    passwordProfile   <- once { password: RandomPassword() }
    userPrincipalName <- upn
  }
}

test "one" {
  given corp.user "Ann" {
    dn: "CN=Ann,DC=x", cn: "Ann", objectSid: sid "S-1-5-21-1-2-3-1", userPrincipalName: "ann@x",
    department: "Ops", otherMailbox: ["a@x"], l: "Ghent"
  }
  expect cloud.user "Ann" { displayName: "Ann", otherMails: ["a@x", "Ghent"] }
}

test "two" {
  given corp.user { dn: "CN=R2,DC=x", cn: "R2", title: "Robot" }
  expect no person
}
"#;

#[test]
fn what_tests_never_reach_is_told() {
    let project = Project::new(&[("a.trib", RULES)]);
    let run = project.run(&["test", "a.trib", "--coverage"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let told = run.out.split_once("\n\n").unwrap().1;
    assert_eq!(told, TOLD);
}

const TOLD: &str = r#"coverage      rules      flows   branches
a.trib          3/5      13/17      12/23

never reached
  a.trib:14  match `text`: never "HR"
  a.trib:14  match `text`: never else
  a.trib:21  scope `cn is present`: never false
  a.trib:22  scope `title != "Robot"`: never true
  a.trib:27  `displayName`: never present in `displayName ?? cn`
  a.trib:28  if `department is present`: always true
  a.trib:40  flow displayName of "Weaker": never gives the value
  a.trib:45  rule "Never": never in scope (1 flow)
  a.trib:50  scope `adminDescription == "never"`: never true
  a.trib:54  rule "Of groups": no test gives an object of its type (1 flow)
  a.trib:67  scope `upn is present`: never false
  a.trib:67  scope `displayName is present`: never false
  a.trib:68  flow accountEnabled of "Out": never evaluated
"#;

#[test]
fn the_document_has_files_with_rules_flows_and_branches() {
    let project = Project::new(&[("a.trib", RULES)]);
    let (code, document) = project.json(&["test", "a.trib"]);
    assert_eq!((code, &document["coverage"]), (0, &json!(null)));
    let (_, document) = project.json(&["test", "a.trib", "--coverage"]);
    let coverage = &document["coverage"];
    assert_eq!(keys(coverage), ["files", "summary"]);
    let file = &coverage["files"][0];
    assert_eq!(keys(file), ["branches", "file", "flows", "rules"]);
    assert_eq!(
        file["rules"][2],
        json!({ "name": "Never", "line": 45, "evaluated": 2, "in_scope": 0 })
    );
    let lost = json!({
        "rule": "Weaker", "attribute": "displayName", "line": 40, "evaluated": 1, "won": 0
    });
    assert!(
        file["flows"].as_array().unwrap().contains(&lost),
        "{file:#}"
    );
    let arm = json!({
        "line": 14, "construct": "match", "of": "text", "side": "\"HR\"", "text": "\"people\"",
        "taken": 0
    });
    assert!(
        file["branches"].as_array().unwrap().contains(&arm),
        "{file:#}"
    );
    let share = |what: &str| coverage["summary"][what].clone();
    assert_eq!(share("rules"), json!({ "reached": 3, "total": 5 }));
    let sides = file["branches"].as_array().unwrap();
    let taken = sides.iter().filter(|side| side["taken"] != 0).count();
    assert_eq!(
        share("branches"),
        json!({ "reached": taken, "total": sides.len() })
    );
}

/// The records of a file, by what stands before their colon.
fn records<'t>(text: &'t str, name: &str) -> Vec<Vec<&'t str>> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let own = lines.filter(|(known, _)| *known == name);
    own.map(|(_, values)| values.splitn(4, ',').collect())
        .collect()
}

#[test]
fn lcov_adds_up() {
    let project = Project::new(&[("a.trib", RULES), ("b/b.trib", "// no rule\n")]);
    let run = project.run(&["test", "a.trib", "b", "--lcov", "out.info"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(!run.out.contains("never reached"), "{}", run.out);
    let lcov = project.read("out.info");
    assert!(lcov.starts_with("TN:\nSF:a.trib\n"), "{lcov}");
    assert_eq!(lcov.matches("end_of_record").count(), 1, "{lcov}");
    let number = |name: &str| records(&lcov, name)[0][0].parse::<usize>().unwrap();
    for (list, column, found, hit) in [
        ("DA", 1, "LF", "LH"),
        ("BRDA", 3, "BRF", "BRH"),
        ("FNDA", 0, "FNF", "FNH"),
    ] {
        let all = records(&lcov, list);
        let reached = all.iter().filter(|row| !matches!(row[column], "0" | "-"));
        assert_eq!(number(found), all.len(), "{list} {lcov}");
        assert_eq!(number(hit), reached.count(), "{list} {lcov}");
    }
    for row in records(&lcov, "DA").iter().chain(&records(&lcov, "BRDA")) {
        let line = row[0].parse::<usize>().unwrap();
        assert!(
            RULES
                .lines()
                .nth(line - 1)
                .is_some_and(|line| !line.trim().is_empty())
        );
    }
    let lines: Vec<&str> = records(&lcov, "DA").iter().map(|row| row[0]).collect();
    let mut sorted = lines.clone();
    sorted.sort_by_key(|line| line.parse::<usize>().unwrap());
    sorted.dedup();
    assert_eq!(lines, sorted);
}

#[test]
fn packs_that_are_used_are_not_measured_and_packs_that_are_given_are() {
    let uses = "use entra.users\n\ntest \"t\" {\n}\n";
    let project = Project::new(&[("a.trib", &format!("{uses}{}", mine()))]);
    let (_, document) = project.json(&["test", "a.trib", "--coverage"]);
    let files = document["coverage"]["files"].as_array().unwrap();
    let names: Vec<_> = files.iter().map(|file| &file["file"]).collect();
    assert_eq!(names, ["a.trib"], "{document:#}");
    let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/entra/users.trib");
    let (_, document) = project.json(&["test", pack, "--coverage"]);
    let files = document["coverage"]["files"].as_array().unwrap();
    assert!(files[0]["file"].as_str().unwrap().ends_with("users.trib"));
}

/// A rule of one's own beside a pack.
fn mine() -> String {
    "rule \"Mine\" {\n  from corp.user\n  to person\n  precedence 500\n  link join\n  flow { company <- \"Mine\" }\n}\n".to_owned()
}

#[test]
fn measured_rules_do_what_others_do() {
    let project = Project::new(&[("a.trib", RULES), ("b.trib", SOUND)]);
    let plain = project.json(&["test", "a.trib"]).1;
    let measured = project.json(&["test", "a.trib", "--coverage"]).1;
    assert_eq!(plain["tests"], measured["tests"]);
}
