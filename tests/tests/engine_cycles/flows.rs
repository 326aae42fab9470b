//! What flows, and what does not.

use serde_json::{Value as Json, json};
use trib_tests::corp::{Corp, idle};

use crate::{IN, NONE, creates, out, updates, user, with_rules};

#[tokio::test]
async fn a_failing_expression_keeps_the_earlier_values_and_others_go_on() {
    let rules = IN.replace(
        "department <- Left(department, 64)",
        "department <- if department == \"Bad\" then error \"no such department\" else Left(department, 64)",
    );
    let tenant = with_rules(&format!("{rules}{}", out("", "department <- department"))).await;
    let mut corp = Corp::of(3);
    corp.expect(&tenant, creates(3), "first").await;
    corp.set(1, "department", "Bad");
    corp.set(1, "displayName", "Changed");
    corp.set(2, "displayName", "Changed too");
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(plan.errors.len(), 1);
    let error = &plan.errors[0];
    assert_eq!(
        (error.object.as_str(), error.rule.as_str()),
        (corp.dn(1).as_str(), "in")
    );
    assert!(
        error.message.contains("no such department") && error.at.contains(':'),
        "{error:?}"
    );
    assert_eq!(applied.written, updates(1));
    assert_eq!(user(&tenant, 1).await["displayName"], "Person 1");
    assert_eq!(user(&tenant, 1).await["department"], "Sales");
    idle(&tenant, "the error stays, nothing is written").await;
    assert_eq!(tenant.plan().await.unwrap().errors.len(), 1);
    // A new user with the error is not made; one with an error that leaves is deleted.
    corp.user(4);
    corp.set(4, "department", "Bad");
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!((plan.errors.len(), applied.written), (2, NONE));
    corp.set(1, "department", "Good");
    corp.remove(4);
    corp.expect(&tenant, updates(1), "mended").await;
    assert_eq!(user(&tenant, 1).await["displayName"], "Changed");
}

#[tokio::test]
async fn the_null_family() {
    let inbound = |strong: &str| {
        IN.replace("    department <- Left(department, 64)\n", "")
            + &*format!(
                r#"
rule "strong" {{ from corp.user to person precedence 5 link join flow {{ department <- {strong} }} }}
rule "weak" {{ from corp.user to person precedence 50 link join flow {{ department <- "weak" }} }}
"#
            )
    };
    let outbound = out("", "department <- department");
    let mut tenant = with_rules(&format!("{}{outbound}", inbound("Left(department, 64)"))).await;
    let mut corp = Corp::of(1);
    corp.expect(&tenant, creates(1), "the stronger wins").await;
    assert_eq!(user(&tenant, 1).await["department"], "Sales");
    corp.clear(1, "department");
    corp.expect(&tenant, updates(1), "null falls through").await;
    assert_eq!(user(&tenant, 1).await["department"], "weak");
    for (strong, expected, counts) in [
        ("Left(department, 64) ?? clear", Json::Null, updates(1)),
        ("Left(department, 64) ?? skip", json!("weak"), updates(1)),
        ("Left(department, 64) ?? \"\"", json!("weak"), NONE),
    ] {
        tenant.set_rules(&format!("{}{}{outbound}", crate::SMALL, inbound(strong)));
        corp.expect(&tenant, counts, strong).await;
        assert_eq!(user(&tenant, 1).await["department"], expected, "{strong}");
    }
    // A skip outbound keeps what the target has, whoever wrote it.
    let skipping = out("", "department <- skip");
    tenant.set_rules(&format!("{}{}{skipping}", crate::SMALL, inbound("null")));
    corp.expect(&tenant, NONE, "skip").await;
    tenant
        .send(
            "PATCH",
            "/users/p1@contoso.test",
            json!({"department": "By hand"}),
        )
        .await;
    corp.expect(&tenant, NONE, "skip is not drift").await;
    assert_eq!(user(&tenant, 1).await["department"], "By hand");
}

#[tokio::test]
async fn a_merge_takes_out_only_what_it_brought() {
    let rules = format!(
        r#"{IN}{}
rule "phones" {{ from corp.user to person precedence 11 link join flow {{ phones <- merge otherTelephone }} }}
"#,
        out("", "otherMails <- merge phones")
    );
    let tenant = with_rules(&rules).await;
    let mut corp = Corp::of(1);
    corp.set_all(1, "otherTelephone", &["a@x.org", "b@x.org"]);
    corp.expect(&tenant, creates(1), "first").await;
    let mails = json!({"otherMails": ["a@x.org", "b@x.org", "hand@x.org"]});
    tenant.send("PATCH", "/users/p1@contoso.test", mails).await;
    corp.expect(&tenant, NONE, "a value of others stays").await;
    corp.set_all(1, "otherTelephone", &["b@x.org", "c@x.org"]);
    corp.expect(&tenant, updates(1), "one goes, one comes")
        .await;
    let mut now: Vec<String> = user(&tenant, 1).await["otherMails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| mail.as_str().unwrap().to_owned())
        .collect();
    now.sort();
    assert_eq!(now, ["b@x.org", "c@x.org", "hand@x.org"]);
    corp.clear(1, "otherTelephone");
    corp.expect(&tenant, updates(1), "all of ours go").await;
    assert_eq!(user(&tenant, 1).await["otherMails"], json!(["hand@x.org"]));
}

#[tokio::test]
async fn once_is_once() {
    let rules = format!("{IN}{}", out("", "jobTitle <- once department"));
    let tenant = with_rules(&rules).await;
    let mut corp = Corp::of(1);
    corp.expect(&tenant, creates(1), "first").await;
    assert_eq!(user(&tenant, 1).await["jobTitle"], "Sales");
    corp.set(1, "department", "Other");
    corp.expect(&tenant, NONE, "not again").await;
    tenant
        .send(
            "PATCH",
            "/users/p1@contoso.test",
            json!({"jobTitle": "By hand"}),
        )
        .await;
    corp.expect(&tenant, NONE, "nor put right").await;
    assert_eq!(user(&tenant, 1).await["jobTitle"], "By hand");
}

#[tokio::test]
async fn a_scope_on_a_group_follows_its_members() {
    let rules = IN.replace(
        "scope not adminDescription starts with \"User_\"",
        "scope dn member of \"CN=G9,OU=Groups,DC=corp,DC=contoso,DC=test\"",
    ) + r#"
rule "group in" { from corp.group to group precedence 1 link provision flow { label <- cn member } }
metaverse group { label : string member : [ref any] }
"#;
    let tenant = with_rules(&format!("{rules}{}", out("", "department <- department"))).await;
    let mut corp = Corp::of(4);
    corp.group(9, [1, 8]);
    corp.group(8, [2]);
    corp.expect(&tenant, creates(2), "a member, and a nested one")
        .await;
    corp.refer(8, "member", &[2, 3]);
    corp.expect(
        &tenant,
        creates(1),
        "one more, though only the group changed",
    )
    .await;
    corp.refer(9, "member", &[1]);
    let (plan, _) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(plan.counts.delete, 2, "the nested group went");
    idle(&tenant, "after all").await;
}

#[tokio::test]
async fn other_rules_are_evaluated_at_once() {
    let mut tenant = with_rules(&format!("{IN}{}", out("", "department <- department"))).await;
    let corp = Corp::of(3);
    corp.expect(&tenant, creates(3), "first").await;
    let flow = out("", "department <- UCase(department)\n    jobTitle <- nick");
    tenant.set_rules(&format!("{}{IN}{flow}", crate::SMALL));
    corp.expect(&tenant, updates(3), "new flows").await;
    assert_eq!(user(&tenant, 2).await["department"], "SALES");
    assert_eq!(user(&tenant, 2).await["jobTitle"], "p2");
    // A flow that is gone from the rules: its attribute is no longer ours.
    tenant.set_rules(&format!(
        "{}{IN}{}",
        crate::SMALL,
        out("", "department <- UCase(department)")
    ));
    corp.expect(&tenant, NONE, "a flow less").await;
    assert_eq!(user(&tenant, 2).await["jobTitle"], "p2");
}
