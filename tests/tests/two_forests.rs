//! People with an account in one forest and a resource entry in another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use serde_json::{Value as Json, json};
use trib_runtime::error::Class;
use trib_runtime::plan::Counts;
use trib_tests::deployment::Deployment;
use trib_tests::samba::Forest;

const RULES: &str = r#"
connector accounts  : ad
connector resources : ad
connector cloud     : entra

metaverse person {
  anchor     : string indexed
  number     : string(16) indexed
  login      : string(1024)
  name       : string(256)
  nick       : string(64)
  enabled    : bool
  department : string(64)
  title      : string(128)
}

rule "account" {
  from accounts.user to person precedence 20 link provision
  scope employeeID is present
  join ConvertToBase64(objectGUID) === person.anchor
  flow {
    anchor <- ConvertToBase64(objectGUID)
    number <- employeeID
    login <- userPrincipalName
    name <- displayName ?? cn
    nick <- Left(sAMAccountName, 64)
    enabled <- not IsBitSet(userAccountControl, 2)
    department <- Left(department, 64)
  }
}

rule "resource" {
  from resources.user to person precedence 10 link join
  scope employeeID is present
  join employeeID == person.number
  flow {
    department <- Left(department, 64)
    title <- Left(title, 128)
  }
}

rule "cloud" {
  from person to cloud.user precedence 30 link provision
  scope anchor is present and login is present and name is present and nick is present
        and enabled is present
  flow {
    onPremisesImmutableId <- anchor
    userPrincipalName <- login
    displayName <- name
    mailNickname <- nick
    accountEnabled <- enabled
    department <- department
    jobTitle <- title
    passwordProfile <- once { password: RandomPassword(), forceChangePasswordNextSignIn: true }
  }
}
"#;

const NONE: Counts = Counts {
    create: 0,
    update: 0,
    delete: 0,
    link_add: 0,
    link_remove: 0,
    unchanged: 0,
    errors: 0,
};

async fn expect(tenant: &Deployment, wanted: Counts, what: &str) {
    let (plan, applied) = tenant.cycle().await.expect(what);
    assert_eq!(plan.errors, [], "{what}");
    assert_eq!(applied.written, wanted, "{what}: {:#?}", plan.changes);
    let plan = tenant.plan().await.expect(what);
    assert!(plan.counts.is_empty(), "{what}: {:#?}", plan.changes);
}

fn updates(update: u64) -> Counts {
    Counts { update, ..NONE }
}

/// Department and title in the tenant.
async fn work(tenant: &Deployment, account: &str) -> (Json, Json) {
    let path = format!("/users/{account}@accounts.test?$select=department,jobTitle");
    let user = tenant.get(&path).await;
    (user["department"].clone(), user["jobTitle"].clone())
}

async fn account(forest: &Forest, name: &str, number: &str) {
    let attributes = [("employeeID", number), ("department", "Payroll")];
    forest
        .add_user(&format!("CN={name}"), name, &attributes)
        .await;
}

async fn resource(forest: &Forest, name: &str, number: &str) {
    let attributes = [
        ("employeeID", number),
        ("department", "Research"),
        ("title", "Agent"),
    ];
    forest
        .add_user(&format!("CN=Mailbox {name}"), name, &attributes)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_forests_make_one_person() {
    let second = tokio::spawn(Forest::start("RESOURCES.TEST", "127.0.0.6"));
    let accounts = Forest::start("ACCOUNTS.TEST", "127.0.0.5").await;
    let mut resources = second.await.unwrap();
    account(&accounts, "ann", "100").await;
    account(&accounts, "bo", "200").await;
    resource(&resources, "ann", "100").await;
    resource(&resources, "cy", "300").await;
    let tenant = Deployment::with_sources(
        "accounts.test",
        RULES,
        &[
            ("accounts", &accounts.connector()),
            ("resources", &resources.connector()),
        ],
    )
    .await;
    let two = Counts { create: 2, ..NONE };
    expect(&tenant, two, "who has an account").await;
    assert_eq!(
        work(&tenant, "ann").await,
        (json!("Research"), json!("Agent"))
    );
    assert_eq!(work(&tenant, "bo").await, (json!("Payroll"), Json::Null));

    account(&accounts, "cy", "300").await;
    let one = Counts { create: 1, ..NONE };
    expect(&tenant, one, "the resource waited for its account").await;
    assert_eq!(
        work(&tenant, "cy").await,
        (json!("Research"), json!("Agent"))
    );

    accounts.replace("CN=ann", "department", &["Legal"]).await;
    expect(&tenant, NONE, "the weaker side changes").await;
    resources
        .replace("CN=Mailbox ann", "department", &["Design"])
        .await;
    expect(&tenant, updates(1), "the stronger side changes").await;
    assert_eq!(
        work(&tenant, "ann").await,
        (json!("Design"), json!("Agent"))
    );
    resources.replace("CN=Mailbox ann", "department", &[]).await;
    expect(&tenant, updates(1), "the stronger side says nothing").await;
    assert_eq!(work(&tenant, "ann").await, (json!("Legal"), json!("Agent")));

    resources.delete("CN=Mailbox cy").await;
    expect(&tenant, updates(1), "the resource is gone").await;
    assert_eq!(work(&tenant, "cy").await, (json!("Payroll"), Json::Null));

    let id = tenant.get("/users/ann@accounts.test").await["id"].clone();
    accounts.delete("CN=ann").await;
    let plan = tenant.plan().await.unwrap();
    assert_eq!(
        plan.changes[0].because.as_deref(),
        Some("the source entry is gone from `accounts`")
    );
    let gone = Counts { delete: 1, ..NONE };
    expect(&tenant, gone, "the account is gone, the resource is not").await;
    account(&accounts, "ann", "100").await;
    expect(&tenant, one, "a new account for the same resource").await;
    assert_eq!(
        work(&tenant, "ann").await,
        (json!("Payroll"), json!("Agent"))
    );
    assert_ne!(tenant.get("/users/ann@accounts.test").await["id"], id);

    resources.stop();
    tenant.writes().await;
    let error = tenant.cycle().await.expect_err("one forest is down");
    assert_eq!(error.class, Class::Directory, "{error}");
    assert_eq!(tenant.writes().await, [] as [String; 0]);
}
