//! What becomes of the cloud's side when the source leaves, and of rules that are no more.

use trib_tests::corp::{Corp, idle};

use crate::{IN, NONE, SMALL, creates, deletes, out, updates, user, users, with_rules};

fn leaving(deprovision: &str) -> String {
    let scope = "and department != \"Left\"";
    let rule = out(scope, "department <- department").replace("  flow {\n    onPrem", &format!("  deprovision {deprovision}\n  join anchor === user.onPremisesImmutableId\n  flow {{\n    onPrem"));
    format!("{IN}{rule}")
}

#[tokio::test]
async fn delete() {
    let tenant = with_rules(&leaving("delete")).await;
    let mut corp = Corp::of(3);
    corp.expect(&tenant, creates(3), "first").await;
    corp.set(1, "department", "Left");
    corp.remove(2);
    let plan = corp.expect(&tenant, deletes(2), "both").await;
    assert_eq!(plan.counts.unchanged, 1);
    assert_eq!(users(&tenant).await.len(), 1);
    corp.set(1, "department", "Back");
    corp.expect(&tenant, creates(1), "back").await;
}

#[tokio::test]
async fn disconnect() {
    let tenant = with_rules(&leaving("disconnect")).await;
    let mut corp = Corp::of(3);
    corp.expect(&tenant, creates(3), "first").await;
    let ids = [
        user(&tenant, 1).await["id"].clone(),
        user(&tenant, 2).await["id"].clone(),
    ];
    corp.set(1, "department", "Left");
    let two = corp.remove(2);
    corp.expect(&tenant, NONE, "both stay as they are").await;
    assert_eq!(users(&tenant).await.len(), 3);
    assert_eq!(user(&tenant, 1).await["department"], "Sales");
    corp.set(1, "department", "Back");
    corp.entries.insert(2, two);
    corp.set(2, "department", "Back");
    corp.expect(&tenant, updates(2), "joined again").await;
    assert_eq!(user(&tenant, 1).await["id"], ids[0]);
    assert_eq!(user(&tenant, 2).await["id"], ids[1]);
    assert_eq!(users(&tenant).await.len(), 3);
}

#[tokio::test]
async fn disable() {
    let tenant = with_rules(&leaving(
        "disable { accountEnabled <- false  jobTitle <- \"Left\" }",
    ))
    .await;
    let mut corp = Corp::of(3);
    corp.expect(&tenant, creates(3), "first").await;
    let id = user(&tenant, 2).await["id"].clone();
    corp.set(1, "department", "Left");
    let two = corp.remove(2);
    corp.expect(&tenant, updates(2), "both are disabled").await;
    for number in [1, 2] {
        let found = user(&tenant, number).await;
        assert_eq!(
            (&found["accountEnabled"], &found["jobTitle"]),
            (&false.into(), &"Left".into()),
            "{number}"
        );
        assert_eq!(found["department"], "Sales");
    }
    corp.set(1, "displayName", "Renamed");
    corp.expect(&tenant, NONE, "its own flows rest").await;
    corp.set(1, "department", "Back");
    corp.entries.insert(2, two);
    corp.expect(&tenant, updates(2), "back").await;
    assert_eq!(user(&tenant, 1).await["displayName"], "Renamed");
    assert_eq!(user(&tenant, 1).await["accountEnabled"], true);
    assert_eq!(user(&tenant, 2).await["id"], id);
    assert_eq!(users(&tenant).await.len(), 3);
}

/// What a rule provisioned follows its `deprovision`; a rule that is gone from the rule set has none to
/// ask, so its objects stay as they are. Where the rule that keeps people alive is gone, they end as if
/// they had left its scope: the plan and the guard say that it was the rule.
#[tokio::test]
async fn a_rule_that_is_gone_deletes_nothing_silently() {
    let rules = leaving("delete");
    let mut tenant = with_rules(&rules).await;
    let corp = Corp::of(30);
    corp.expect(&tenant, creates(30), "first").await;
    let joining = r#"
rule "join only" { from person to cloud.user precedence 30 link join flow { jobTitle <- "kept" } }
"#;
    tenant.set_rules(&format!("{SMALL}{IN}{joining}"));
    corp.expect(&tenant, NONE, "no rule provisions any more")
        .await;
    assert_eq!(users(&tenant).await.len(), 30);
    tenant.set_rules(&format!("{SMALL}{rules}"));
    corp.expect(&tenant, NONE, "the rule is back, and so are its links")
        .await;

    tenant.set_rules(&format!(
        "{SMALL}{}",
        rules.replace("link provision\n  scope not", "link join\n  scope not")
    ));
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(plan.counts.delete, 30);
    let guard = plan
        .guards
        .iter()
        .find(|guard| guard.tripped)
        .expect("a guard");
    assert!(guard.because[0].contains("rule"), "{:?}", guard.because);
    assert_eq!(applied.written, NONE);
    tenant.set_rules(&format!("{SMALL}{rules}"));
    corp.expect(&tenant, NONE, "put right").await;

    tenant.set_rules(&format!(
        "{SMALL}{}",
        rules
            .replace("rule \"in\"", "rule \"in, renamed\"")
            .replace("rule \"out\"", "rule \"out, renamed\"")
    ));
    corp.expect(&tenant, NONE, "a new name is no other rule")
        .await;
    idle(&tenant, "after all").await;
}
