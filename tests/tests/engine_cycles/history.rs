//! Every write can be traced to a line of a rule.

use serde_json::{Value as Json, json};
use trib_runtime::history::{History, Written};
use trib_tests::corp::Corp;
use trib_tests::deployment::Deployment;

use crate::{IN, out, user, with_rules};

fn history(tenant: &Deployment) -> History {
    History::open(&tenant.folder().join("state.db")).unwrap()
}

/// The last run's writes.
fn written(tenant: &Deployment) -> Vec<Written> {
    let history = history(tenant);
    let last = history.runs(1).unwrap()[0].run;
    history.run(last).unwrap().1
}

/// The row of a request, if there is one: what it did, to which object.
fn traced(request: &str, rows: &[Written]) -> bool {
    let (method, path) = request.split_once(' ').unwrap();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let ops: &[&str] = match (method, parts.as_slice()) {
        ("POST", ["users" | "groups"]) => return rows.iter().any(|row| row.op == "create"),
        ("PATCH", [_, _]) => &["update", "link_add"],
        ("DELETE", [_, _]) => &["delete"],
        ("PUT", [_, _, "manager", "$ref"]) | ("POST", [_, _, _, "$ref"]) => &["link_add"],
        ("DELETE", _) => &["link_remove"],
        _ => panic!("what is {request}?"),
    };
    rows.iter()
        .any(|row| ops.contains(&row.op.as_str()) && row.anchor.as_deref() == Some(parts[1]))
}

/// The line a rule's flow stands on is in the rules, and its rule too.
fn assert_line(rule: &str, at: &str, rules: &str) {
    let (file, line) = at.rsplit_once(':').unwrap();
    assert_eq!(file, "rules/main.trib");
    let line: usize = line.parse().unwrap();
    assert!((1..=rules.lines().count()).contains(&line), "{at}");
    assert!(rules.contains(&format!("rule \"{rule}\"")), "{rule}");
    let text = rules.lines().nth(line - 1).unwrap();
    assert!(!text.trim().is_empty(), "{at} is an empty line");
}

#[tokio::test]
async fn every_write_is_traced_to_a_line() {
    let rules = format!(
        "{IN}{}{}",
        out(
            "and department is present",
            "department <- department\n    manager <- boss"
        ),
        r#"
rule "desk" {
  from corp.group to team precedence 10 link provision
  join cn == team.name
  flow { name <- cn  nick <- Left(cn, 64)  people <- member }
}
metaverse team { name : string(256) indexed  nick : string(64)  people : [ref person] }
rule "team" {
  from team to cloud.group precedence 10 link provision
  scope name is present and nick is present
  flow {
    displayName <- name
    mailNickname <- nick
    mailEnabled <- once false
    securityEnabled <- once true
    members <- people
  }
}
"#
    );
    let rules = rules.replacen(
        "and enabled is present and",
        "and enabled is present\n        and",
        1,
    );
    let tenant = with_rules(&rules).await;
    let text = format!("{}{rules}", crate::SMALL);
    let mut corp = Corp::of(6);
    corp.group(100, [1, 2, 3]);
    corp.refer(2, "manager", &[1]);
    let mut ops = std::collections::BTreeSet::new();
    for step in 0..4 {
        match step {
            1 => {
                corp.set(1, "department", "Desk");
                corp.group(100, [2, 4]);
                corp.refer(2, "manager", &[3]);
                corp.set(3, "userAccountControl", "514");
            }
            2 => {
                corp.remove(5);
                corp.refer(2, "manager", &[]);
            }
            3 => {
                corp.set(6, "adminDescription", "User_x");
            }
            _ => {}
        }
        tenant.writes().await;
        let (_, applied) = corp.cycle(&tenant).await.unwrap();
        assert_eq!(applied.errors, []);
        let requests = tenant.writes().await;
        assert!(!requests.is_empty(), "step {step} writes");
        let rows = written(&tenant);
        for request in &requests {
            assert!(traced(request, &rows), "{request} in {rows:#?}");
        }
        let creates = requests.iter().filter(|r| r.starts_with("POST /users"));
        let plain = creates.filter(|request| !request.contains("$ref")).count();
        let kept = rows
            .iter()
            .filter(|row| (row.op.as_str(), row.object_type.as_str()) == ("create", "user"));
        assert_eq!(plain, kept.count());
        for row in &rows {
            assert_eq!(row.code, None);
            ops.insert(row.op.clone());
            for change in &row.attributes {
                assert_line(&change.rule, &change.at, &text);
            }
            match row.op.as_str() {
                "delete" => {
                    assert_eq!(row.attributes, []);
                    assert!(
                        row.because.contains('"')
                            || row.because.contains("gone")
                            || row.because.contains("deleted"),
                        "{}",
                        row.because
                    );
                }
                _ => assert!(!row.attributes.is_empty()),
            }
        }
        if step == 1 {
            let off = rows
                .iter()
                .flat_map(|row| &row.attributes)
                .find(|change| change.name == "accountEnabled");
            assert_eq!(off.unwrap().new, Json::Bool(false));
        }
    }
    let all = ["create", "delete", "link_add", "link_remove", "update"];
    assert_eq!(ops.iter().map(String::as_str).collect::<Vec<_>>(), all);

    // Of one object, by what names it; the password is nowhere.
    let id = user(&tenant, 1).await["id"].as_str().unwrap().to_owned();
    let history = history(&tenant);
    let of_anchor = history.object(&id, 50).unwrap();
    assert_eq!(of_anchor.last().unwrap().op, "create");
    assert_eq!(
        history.object(&corp.dn(1).to_uppercase(), 50).unwrap(),
        of_anchor
    );
    let first = of_anchor.last().unwrap();
    let password = first
        .attributes
        .iter()
        .find(|c| c.name == "passwordProfile");
    assert_eq!(password.unwrap().new, json!("(secret)"));
    assert_eq!(history.object("nobody", 50).unwrap(), []);
}

#[tokio::test]
async fn a_killed_run_has_no_end_and_old_ones_go() {
    let tenant = crate::deployment().await;
    let corp = Corp::of(1);
    corp.cycle(&tenant).await.unwrap();
    tenant.engine().unwrap().begin_run("apply").unwrap();
    let runs = history(&tenant).runs(10).unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!((&runs[0].ended, runs[0].counts), (&None, None));
    assert_eq!(runs[1].counts.unwrap().written.create, 1);
    assert_eq!(runs[1].requests, 1);

    let state = rusqlite::Connection::open(tenant.folder().join("state.db")).unwrap();
    let sql = "UPDATE run SET started = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-91 days')";
    state.execute(sql, []).unwrap();
    drop(state);
    corp.cycle(&tenant).await.unwrap();
    let runs = history(&tenant).runs(10).unwrap();
    let numbers: Vec<i64> = runs.iter().map(|run| run.run).collect();
    assert_eq!(numbers, [3, 2], "the one that did not end is kept");
    assert_eq!(history(&tenant).object("Person 1", 10).unwrap(), []);
}

#[tokio::test]
async fn a_reader_sees_a_snapshot_and_blocks_nobody() {
    let tenant = crate::deployment().await;
    let mut corp = Corp::of(2);
    corp.cycle(&tenant).await.unwrap();
    let before = history(&tenant);
    assert_eq!(before.runs(10).unwrap().len(), 1);
    corp.set(1, "title", "Agent");
    corp.cycle(&tenant).await.unwrap();
    assert_eq!(before.runs(10).unwrap().len(), 1);
    assert_eq!(history(&tenant).runs(10).unwrap().len(), 2);
    // And while another one writes.
    let state = rusqlite::Connection::open(tenant.folder().join("state.db")).unwrap();
    state.execute_batch("BEGIN IMMEDIATE").unwrap();
    let status = history(&tenant).status().unwrap();
    assert_eq!(status.last_run.unwrap().run, 2);
    assert!(status.pending.is_empty());
    assert!(status.connectors.iter().all(|c| c.age.is_some()));
}

#[tokio::test]
async fn explain_tells_of_errors_and_of_what_was_deleted() {
    let tenant = crate::deployment().await;
    let mut corp = Corp::of(2);
    corp.set(2, "userPrincipalName", "P1@contoso.test");
    corp.cycle(&tenant).await.unwrap();
    let engine = tenant.engine().unwrap();
    let explanation = engine.explain(&corp.dn(2), None).unwrap();
    assert_eq!(explanation.errors[0].code, "value-taken");
    assert_eq!(engine.explain(&corp.dn(1), None).unwrap().errors, []);
    drop(engine);

    let (dn, id) = (
        corp.dn(1),
        user(&tenant, 1).await["id"].as_str().unwrap().to_owned(),
    );
    corp.remove(1);
    corp.cycle(&tenant).await.unwrap();
    corp.cycle(&tenant).await.unwrap();
    let engine = tenant.engine().unwrap();
    for name in [&dn, &id] {
        let told = engine.explain(name, None).unwrap_err();
        assert!(
            told.message.contains("was deleted in `cloud` in run "),
            "{told}"
        );
    }
    let unknown = engine.explain("nobody@contoso.test", None).unwrap_err();
    assert!(unknown.message.contains("there is no object"), "{unknown}");
}
