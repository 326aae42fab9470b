//! Scripts that misbehave: they end as an error of their object, soon and in little memory, and the
//! other objects go on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::path::Path;
use std::time::{Duration, Instant};

use trib_compiler::diagnostics::{Severity, human};
use trib_compiler::{Sources, check};

/// A story of two objects: the script gets `good` and gives it back, and misbehaves for `bad`.
fn story(signature: &str, body: &str, call: &str, code: &str) -> String {
    format!(
        r#"connector corp : ad
metaverse person {{
  objectSid   : sid  indexed
  displayName : string
  count       : int
  names       : [string]
}}
script fn Tested({signature} = """
{body}
"""
rule "In" {{
  from       corp.user
  to         person
  precedence 100
  link       provision
  scope      cn is present
  join       objectSid == person.objectSid
  flow {{
    objectSid
    {call}
  }}
}}
test "one fails, the other goes on" {{
  given corp.user {{
    dn: "CN=Good,DC=x", cn: "good", objectSid: sid "S-1-5-21-1-2-3-1", otherMailbox: ["a", "b"]
  }}
  given corp.user {{
    dn: "CN=Bad,DC=x", cn: "bad", objectSid: sid "S-1-5-21-1-2-3-2", otherMailbox: ["a", "b"]
  }}
  expect person {{ objectSid: sid "S-1-5-21-1-2-3-1" }}
  expect no person {{ objectSid: sid "S-1-5-21-1-2-3-2" }}
  expect error "{code}"
}}
"#
    )
}

fn fails(signature: &str, body: &str, call: &str, code: &str) {
    let text = story(signature, body, call, code);
    let mut sources = Sources::default();
    sources.add("a.trib", text.as_str());
    let checked = check(&mut sources);
    let said = human(&checked.diagnostics, &sources, false);
    assert!(
        checked
            .diagnostics
            .iter()
            .all(|found| found.severity() != Severity::Error),
        "{said}"
    );
    let start = Instant::now();
    let results = trib_runtime::testing::run(&checked, &sources, Path::new("."), "");
    assert!(start.elapsed() < Duration::from_secs(20), "{body}");
    let [result] = results.as_slice() else {
        panic!("one test");
    };
    assert!(result.passed, "{body}: {:#?}", result.failures);
}

const TEXT: &str = "name: string) -> string";
const FLOW: &str = "displayName <- Tested(cn)";

fn misbehaves(body: &str) {
    let body = format!("if name == \"bad\" {{ {body} }}\nname");
    fails(TEXT, &body, FLOW, "V0150");
}

#[test]
fn endless_loops_end() {
    misbehaves("loop { }");
    misbehaves("while true { let x = 1; }");
    misbehaves("for i in 0..9223372036854775807 { let x = i; }");
}

#[test]
fn memory_has_a_limit() {
    misbehaves("let s = \"x\"; loop { s += s; }");
    misbehaves("let a = [0]; loop { a += a; }");
    misbehaves("let a = [0]; loop { a.push(a); }");
    misbehaves("let m = #{}; let i = 0; loop { m[\"k\" + i] = i; i += 1; }");
    misbehaves("let s = \"\"; s.pad(1000000000, \"x\");");
    misbehaves("let a = []; a.pad(1000000000, \"x\");");
    misbehaves("let a = []; for i in 0..5000 { let s = \"\"; s.pad(60000, \"x\"); a.push(s); }");
    misbehaves("let b = blob(1000000000, 1);");
}

#[test]
fn recursion_has_a_limit() {
    misbehaves("Tested(name);");
    misbehaves("let f = |g| g.call(g); f.call(f);");
}

#[test]
fn what_reaches_out_is_not_there() {
    for body in [
        "eval(\"1\")",
        "import \"x\" as x",
        "print(name)",
        "debug(name)",
    ] {
        let text = story(TEXT, &format!("{body};\nname"), FLOW, "V0150");
        let mut sources = Sources::default();
        sources.add("a.trib", text.as_str());
        let checked = check(&mut sources);
        let said = human(&checked.diagnostics, &sources, false);
        assert!(said.contains("E0306"), "{body}: {said}");
    }
    for body in [
        "timestamp();",
        "open_file(\"/etc/passwd\");",
        "env(\"HOME\");",
        "sleep(1);",
        "sleep(0.5);",
    ] {
        misbehaves(body);
    }
}

#[test]
fn a_result_is_what_was_declared() {
    let body = |bad: &str, good: &str| format!("if name == \"bad\" {{ {bad} }} else {{ {good} }}");
    for bad in [
        "7",
        "true",
        "[\"a\"]",
        "#{ a: 1 }",
        "1.5",
        "'c'",
        "blob(3, 1)",
        "|x| x",
    ] {
        fails(TEXT, &body(bad, "name"), FLOW, "V0151");
    }
    for bad in ["\"7\"", "1.5", "[7]"] {
        let signature = "name: string) -> int";
        let flow = "count <- Tested(cn)";
        fails(signature, &body(bad, "7"), flow, "V0151");
    }
    for bad in ["[1]", "\"a\"", "[[\"a\"]]", "[\"a\", ()]"] {
        let signature = "name: string) -> [string]";
        let flow = "names <- Tested(cn)";
        fails(signature, &body(bad, "[name]"), flow, "V0151");
    }
}

#[test]
fn an_object_has_so_many_operations_for_all_its_values() {
    // Each of these values alone stays within the limit of a call.
    let values: Vec<String> = (0..60).map(|at| format!("\"v{at}\"")).collect();
    let values = format!("[{}]", values.join(", "));
    let body = "let n = 0; for i in 0..20000 { n += 1; }\nname";
    let mut text = story(TEXT, body, "names <- Tested(otherMailbox)", "V0150");
    let last = text.rfind("[\"a\", \"b\"]").unwrap();
    text.replace_range(last..last + 10, &values);
    let mut sources = Sources::default();
    sources.add("a.trib", text.as_str());
    let checked = check(&mut sources);
    let results = trib_runtime::testing::run(&checked, &sources, Path::new("."), "");
    assert!(
        results.iter().all(|result| result.passed) && results.len() == 1,
        "{}\n{results:#?}",
        human(&checked.diagnostics, &sources, false)
    );
}
