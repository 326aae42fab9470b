//! The main job on real parts: a Samba forest, the shipped rules, the sandbox.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use serde_json::Value as Json;
use trib_runtime::plan::{Applied, Counts, Plan};
use trib_tests::deployment::{Deployment, PACKS};
use trib_tests::samba::Forest;

const USERS: usize = 200;
const GROUPS: usize = 30;

async fn fill(forest: &Forest) {
    forest.add_unit("OU=Staff").await;
    forest.add_unit("OU=Sales,OU=Staff").await;
    forest.add_unit("OU=Groups").await;
    for at in 0..USERS {
        let dn = format!("CN=Person {at:03},OU=Staff");
        let boss = forest.dn("CN=Person 000,OU=Staff");
        let department = if at % 2 == 0 { "IT" } else { "Sales" };
        let mut attributes = vec![
            ("displayName", "Pérson Nüll"),
            ("department", department),
            ("telephoneNumber", "+46 8 123 456"),
        ];
        if at > 0 {
            attributes.push(("manager", &boss));
        }
        forest
            .add_user(&dn, &format!("person{at:03}"), &attributes)
            .await;
    }
    for at in 0..GROUPS {
        let members: Vec<String> = (0..USERS)
            .filter(|person| person % GROUPS == at)
            .map(|person| format!("CN=Person {person:03},OU=Staff"))
            .collect();
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        let dn = format!("CN=Team {at:02},OU=Groups");
        forest
            .add_group(&dn, &format!("team{at:02}"), &members)
            .await;
    }
}

async fn deployment(forest: &Forest) -> Deployment {
    Deployment::start("contoso.test", PACKS, &forest.connector()).await
}

fn only(plan: &Plan, applied: &Applied, wanted: Counts, what: &str) {
    assert_eq!(plan.errors, [], "{what}");
    let counts = Counts {
        unchanged: 0,
        ..plan.counts
    };
    assert_eq!(counts, wanted, "{what}: {:#?}", plan.changes);
    assert_eq!(
        Counts {
            unchanged: 0,
            ..applied.written
        },
        wanted,
        "{what}: {:#?}",
        applied.errors
    );
    assert_eq!(applied.failed, Counts::default(), "{what}");
}

async fn user(tenant: &Deployment, login: &str) -> Json {
    let select =
        "id,accountEnabled,displayName,department,jobTitle,businessPhones,onPremisesImmutableId";
    tenant
        .get(&format!("/users/{login}?$select={select}"))
        .await
}

#[tokio::test]
async fn a_forest_follows_into_the_cloud_and_each_change_writes_what_changed() {
    let forest = Forest::start("CONTOSO.TEST", "127.0.0.3").await;
    fill(&forest).await;
    let tenant = deployment(&forest).await;

    // The first cycle brings everybody.
    let (plan, applied) = tenant.cycle().await.unwrap();
    assert_eq!(plan.errors, []);
    assert_eq!(
        plan.counts.create,
        (USERS + GROUPS) as u64,
        "{:#?}",
        plan.counts
    );
    assert_eq!(applied.written.create, (USERS + GROUPS) as u64);
    assert_eq!(
        applied.written.link_add,
        (USERS - 1 + USERS) as u64,
        "managers and members"
    );
    assert_eq!(applied.errors, []);
    assert!(plan.changes.iter().all(|change| {
        change
            .attributes
            .iter()
            .all(|value| !value.rule.is_empty() && value.at.contains(':'))
    }));

    let users = tenant
        .all("/users?$select=id,userPrincipalName,onPremisesImmutableId&$top=999")
        .await;
    assert_eq!(users.len(), USERS);
    let groups = tenant.all("/groups?$select=id,displayName&$top=999").await;
    assert_eq!(groups.len(), GROUPS);
    let one = user(&tenant, "person007@contoso.test").await;
    assert_eq!(one["accountEnabled"], true);
    assert_eq!(one["displayName"], "Pérson Nüll");
    assert_eq!(one["department"], "Sales");
    assert_eq!(one["businessPhones"][0], "+46 8 123 456");
    let manager = tenant.get("/users/person007@contoso.test/manager").await;
    assert_eq!(manager["userPrincipalName"], "person000@contoso.test");
    let team = groups
        .iter()
        .find(|group| group["displayName"] == "Team 07" || group["displayName"] == "team07");
    let team = team.expect("team 7")["id"].as_str().unwrap().to_owned();
    let members = tenant
        .all(&format!("/groups/{team}/members?$select=id"))
        .await;
    assert_eq!(
        members.len(),
        (0..USERS).filter(|person| person % GROUPS == 7).count()
    );

    // Nothing changed: nothing is planned, nothing is written.
    tenant.writes().await;
    let (plan, _) = tenant.cycle().await.unwrap();
    assert!(plan.counts.is_empty(), "{:#?}", plan.changes);
    assert_eq!(plan.counts.unchanged, (USERS + GROUPS) as u64);
    assert_eq!(tenant.writes().await, [] as [String; 0]);

    // Modify: one value of one person.
    let seven = "CN=Person 007,OU=Staff";
    forest.replace(seven, "title", &["Agent"]).await;
    forest.replace(seven, "department", &[]).await;
    let (plan, applied) = tenant.cycle().await.unwrap();
    only(
        &plan,
        &applied,
        Counts {
            update: 1,
            ..Counts::default()
        },
        "modify",
    );
    let one = user(&tenant, "person007@contoso.test").await;
    assert_eq!(
        (&one["jobTitle"], &one["department"]),
        (&Json::from("Agent"), &Json::Null)
    );
    assert_eq!(tenant.writes().await.len(), 1);

    // Rename and move: the same person, no write where no value depends on the name.
    forest.rename(seven, "CN=Person Seven", None).await;
    let seven = "CN=Person Seven,OU=Staff";
    forest
        .rename(seven, "CN=Person Seven", Some("OU=Sales,OU=Staff"))
        .await;
    let seven = "CN=Person Seven,OU=Sales,OU=Staff";
    let (plan, applied) = tenant.cycle().await.unwrap();
    only(&plan, &applied, Counts::default(), "rename and move");
    forest
        .replace(seven, "displayName", &["Person Seven"])
        .await;
    let (plan, applied) = tenant.cycle().await.unwrap();
    only(
        &plan,
        &applied,
        Counts {
            update: 1,
            ..Counts::default()
        },
        "a change after the move",
    );
    assert_eq!(plan.changes[0].source, forest.dn(seven));

    // Disable.
    forest.replace(seven, "userAccountControl", &["514"]).await;
    let (plan, applied) = tenant.cycle().await.unwrap();
    only(
        &plan,
        &applied,
        Counts {
            update: 1,
            ..Counts::default()
        },
        "disable",
    );
    assert_eq!(
        user(&tenant, "person007@contoso.test").await["accountEnabled"],
        false
    );

    // One member more, one less.
    let team_dn = "CN=Team 07,OU=Groups";
    forest.add_member(team_dn, "CN=Person 000,OU=Staff").await;
    let (plan, applied) = tenant.cycle().await.unwrap();
    only(
        &plan,
        &applied,
        Counts {
            link_add: 1,
            ..Counts::default()
        },
        "add a member",
    );
    forest.remove_member(team_dn, seven).await;
    let (plan, applied) = tenant.cycle().await.unwrap();
    only(
        &plan,
        &applied,
        Counts {
            link_remove: 1,
            ..Counts::default()
        },
        "remove a member",
    );
    let now: Vec<Json> = tenant
        .all(&format!("/groups/{team}/members?$select=id"))
        .await;
    assert_eq!(now.len(), members.len());

    // Delete: the user goes to the recycle bin, and only that is written.
    tenant.writes().await;
    forest.delete(seven).await;
    let (plan, applied) = tenant.cycle().await.unwrap();
    only(
        &plan,
        &applied,
        Counts {
            delete: 1,
            ..Counts::default()
        },
        "delete",
    );
    assert_eq!(tenant.writes().await.len(), 1);
    let bin = tenant
        .all("/directory/deletedItems/microsoft.graph.user?$select=id")
        .await;
    assert_eq!(bin.len(), 1);
    let (plan, _) = tenant.cycle().await.unwrap();
    assert!(plan.counts.is_empty(), "{:#?}", plan.changes);
}
