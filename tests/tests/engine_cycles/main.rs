//! Stories of a deployment, cycle by cycle: what is planned, what the tenant then has, and that a
//! further cycle has nothing to do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod contests;
mod ends;
mod faults;
mod flows;
mod forests;
mod guards;
mod history;
mod joins;
mod lifecycle;
mod migration;
mod references;
mod refusals;
mod sources;

use serde_json::{Value as Json, json};
use trib_runtime::plan::Counts;
use trib_tests::corp::CONNECTOR;
use trib_tests::deployment::{Deployment, PACKS};

const NONE: Counts = Counts {
    create: 0,
    update: 0,
    delete: 0,
    link_add: 0,
    link_remove: 0,
    unchanged: 0,
    errors: 0,
};

fn creates(create: u64) -> Counts {
    Counts { create, ..NONE }
}

fn updates(update: u64) -> Counts {
    Counts { update, ..NONE }
}

fn deletes(delete: u64) -> Counts {
    Counts { delete, ..NONE }
}

async fn deployment() -> Deployment {
    Deployment::start("contoso.test", PACKS, CONNECTOR).await
}

/// A deployment whose rules are these, besides connectors and a person with the usual attributes.
async fn with_rules(rules: &str) -> Deployment {
    Deployment::start("contoso.test", &format!("{SMALL}{rules}"), CONNECTOR).await
}

/// The frame of small rule sets.
const SMALL: &str = r#"
connector corp  : ad
connector cloud : entra
metaverse person {
  anchor     : string indexed
  login      : string(1024)
  name       : string(256)
  nick       : string(64)
  enabled    : bool
  department : string(64)
  title      : string(128)
  phones     : [string]
  boss       : ref person
}
"#;

/// In, and out again: what most stories need.
const IN: &str = r#"
rule "in" {
  from corp.user to person precedence 10 link provision
  scope not adminDescription starts with "User_"
  join ConvertToBase64(objectGUID) === person.anchor
  flow {
    anchor <- ConvertToBase64(objectGUID)
    login <- userPrincipalName
    name <- displayName ?? cn
    nick <- Left(sAMAccountName, 64)
    enabled <- not IsBitSet(userAccountControl, 2)
    department <- Left(department, 64)
    boss <- manager
  }
}
"#;

fn out(clauses: &str, flows: &str) -> String {
    format!(
        r#"
rule "out" {{
  from person to cloud.user precedence 20 link provision
  scope anchor is present and login is present and name is present and nick is present
        and enabled is present {clauses}
  flow {{
    onPremisesImmutableId <- anchor
    userPrincipalName <- login
    displayName <- name
    mailNickname <- nick
    accountEnabled <- enabled
    passwordProfile <- once {{ password: RandomPassword(), forceChangePasswordNextSignIn: true }}
    {flows}
  }}
}}
"#
    )
}

const SELECT: &str = "id,accountEnabled,userPrincipalName,displayName,mail,department,jobTitle,businessPhones,\
                      onPremisesImmutableId,mailNickname,otherMails";

/// All users of the tenant by their logins.
async fn users(tenant: &Deployment) -> Vec<Json> {
    let mut users = tenant
        .all(&format!("/users?$select={SELECT}&$top=999"))
        .await;
    users.sort_by_key(|user| user["userPrincipalName"].to_string());
    users
}

async fn user(tenant: &Deployment, number: u32) -> Json {
    tenant
        .get(&format!("/users/p{number}@contoso.test?$select={SELECT}"))
        .await
}

/// Makes a user in the tenant behind the engine's back; its id.
async fn seed(tenant: &Deployment, login: &str, more: Json) -> String {
    let mut properties = json!({
        "userPrincipalName": format!("{login}@contoso.test"), "displayName": login,
        "mailNickname": login, "accountEnabled": true,
    });
    for (name, value) in more.as_object().unwrap() {
        properties[name] = value.clone();
    }
    let made = tenant
        .door(
            "POST",
            "/objects",
            json!({"kind": "user", "properties": properties}),
        )
        .await;
    made["ids"][0]
        .as_str()
        .unwrap_or_else(|| panic!("{made}"))
        .to_owned()
}

/// The names of a group's members.
async fn members(tenant: &Deployment, group: &str) -> Vec<String> {
    let groups = tenant.all("/groups?$select=id,displayName&$top=999").await;
    let group = groups.iter().find(|found| found["displayName"] == group);
    let id = group.expect("the group")["id"].as_str().unwrap();
    let found = tenant
        .all(&format!(
            "/groups/{id}/members?$select=id,displayName&$top=999"
        ))
        .await;
    let mut names: Vec<String> = found
        .iter()
        .map(|member| member["displayName"].as_str().unwrap_or("?").to_owned())
        .collect();
    names.sort();
    names
}
