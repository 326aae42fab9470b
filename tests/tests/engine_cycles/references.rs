//! Managers and members.

use serde_json::{Value as Json, json};
use trib_runtime::plan::Counts;
use trib_tests::corp::{Corp, idle};

use crate::{IN, NONE, creates, deployment, members, out, seed, user, with_rules};

fn links(link_add: u64, link_remove: u64) -> Counts {
    Counts {
        link_add,
        link_remove,
        ..NONE
    }
}

async fn boss(tenant: &trib_tests::deployment::Deployment, number: u32) -> Json {
    tenant
        .get(&format!(
            "/users/p{number}@contoso.test/manager?$select=displayName"
        ))
        .await["displayName"]
        .take()
}

#[tokio::test]
async fn managers_in_a_circle() {
    let tenant = deployment().await;
    let mut corp = Corp::of(3);
    for (number, manager) in [(1, 2), (2, 3), (3, 1)] {
        corp.refer(number, "manager", &[manager]);
    }
    corp.expect(
        &tenant,
        Counts {
            create: 3,
            link_add: 3,
            ..NONE
        },
        "a circle",
    )
    .await;
    assert_eq!(boss(&tenant, 1).await, "Person 2");
    corp.refer(1, "manager", &[3]);
    corp.expect(&tenant, links(1, 1), "another manager").await;
    assert_eq!(boss(&tenant, 1).await, "Person 3");
    corp.refer(1, "manager", &[]);
    corp.expect(&tenant, links(0, 1), "none").await;
    assert_eq!(boss(&tenant, 1).await, Json::Null);
    // A manager who leaves: the reference goes with the object, without a write of its own.
    corp.remove(1);
    corp.expect(&tenant, Counts { delete: 1, ..NONE }, "the manager leaves")
        .await;
    assert_eq!(boss(&tenant, 3).await, Json::Null);
}

#[tokio::test]
async fn groups_in_groups() {
    let tenant = deployment().await;
    let mut corp = Corp::of(2);
    corp.group(10, [1, 11]);
    corp.group(11, [2, 12]);
    corp.group(12, [10]);
    corp.expect(
        &tenant,
        Counts {
            create: 5,
            link_add: 5,
            ..NONE
        },
        "a circle of groups",
    )
    .await;
    assert_eq!(members(&tenant, "G10").await, ["G11", "Person 1"]);
    assert_eq!(members(&tenant, "G12").await, ["G10"]);
    corp.remove(11);
    corp.expect(&tenant, Counts { delete: 1, ..NONE }, "a nested group goes")
        .await;
    assert_eq!(members(&tenant, "G10").await, ["Person 1"]);
}

#[tokio::test]
async fn members_come_and_go_with_their_scope() {
    let tenant = deployment().await;
    let mut corp = Corp::of(3);
    corp.group(10, [1, 2, 3]);
    corp.set(3, "adminDescription", "User_later");
    corp.expect(
        &tenant,
        Counts {
            create: 3,
            link_add: 2,
            ..NONE
        },
        "one is not there",
    )
    .await;
    corp.clear(3, "adminDescription");
    corp.expect(
        &tenant,
        Counts {
            create: 1,
            link_add: 1,
            ..NONE
        },
        "now it is",
    )
    .await;
    assert_eq!(members(&tenant, "G10").await.len(), 3);
    corp.set(2, "adminDescription", "User_out");
    corp.expect(&tenant, Counts { delete: 1, ..NONE }, "one leaves")
        .await;
    assert_eq!(members(&tenant, "G10").await, ["Person 1", "Person 3"]);
    corp.clear(2, "adminDescription");
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(plan.counts.create, 1);
    assert_eq!(applied.errors, []);
    idle(&tenant, "back").await;
    assert_eq!(members(&tenant, "G10").await.len(), 3);
}

#[tokio::test]
async fn members_added_by_hand_go_unless_the_flow_merges() {
    let tenant = deployment().await;
    let mut corp = Corp::of(2);
    corp.group(10, [1, 2]);
    corp.expect(
        &tenant,
        Counts {
            create: 3,
            link_add: 2,
            ..NONE
        },
        "first",
    )
    .await;
    let stranger = seed(&tenant, "stranger", json!({})).await;
    let group = tenant.all("/groups?$select=id").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let add = json!({"@odata.id": format!("{}/v1.0/directoryObjects/{stranger}", tenant.url())});
    assert_eq!(
        tenant
            .send("POST", &format!("/groups/{group}/members/$ref"), add)
            .await,
        204
    );
    let one = user(&tenant, 1).await["id"].as_str().unwrap().to_owned();
    assert_eq!(
        tenant
            .send(
                "DELETE",
                &format!("/groups/{group}/members/{one}/$ref"),
                json!({})
            )
            .await,
        204
    );
    corp.expect(&tenant, links(1, 1), "put right").await;
    assert_eq!(members(&tenant, "G10").await, ["Person 1", "Person 2"]);
}

#[tokio::test]
async fn members_of_others_stay_when_the_flow_merges() {
    let rules = format!(
        r#"{IN}{}
metaverse group {{ label : string(256) key : string(64) member : [ref any] }}
rule "group in" {{ from corp.group to group precedence 1 link provision flow {{ label <- cn key <- StringFromGuid(objectGUID) member }} }}
rule "group out" {{
  from group to cloud.group precedence 1 link provision
  scope label is present and key is present
  flow {{
    displayName <- label
    mailNickname <- Left(key, 64)
    mailEnabled <- once false
    securityEnabled <- true
    members <- merge member
  }}
}}
"#,
        out("", "department <- department")
    );
    let tenant = with_rules(&rules).await;
    let mut corp = Corp::of(3);
    corp.group(10, [1, 2]);
    corp.expect(
        &tenant,
        Counts {
            create: 4,
            link_add: 2,
            ..NONE
        },
        "first",
    )
    .await;
    let stranger = seed(&tenant, "stranger", json!({})).await;
    let group = tenant.all("/groups?$select=id").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let add =
        |id: &str| json!({"@odata.id": format!("{}/v1.0/directoryObjects/{id}", tenant.url())});
    let path = format!("/groups/{group}/members/$ref");
    assert_eq!(tenant.send("POST", &path, add(&stranger)).await, 204);
    // Somebody that the rules know, added by hand: not ours to take out either.
    let three = user(&tenant, 3).await["id"].as_str().unwrap().to_owned();
    assert_eq!(tenant.send("POST", &path, add(&three)).await, 204);
    corp.expect(&tenant, NONE, "others stay").await;
    corp.refer(10, "member", &[2]);
    corp.expect(&tenant, links(0, 1), "ours goes").await;
    assert_eq!(
        members(&tenant, "G10").await,
        ["Person 2", "Person 3", "stranger"]
    );
}

#[tokio::test]
async fn a_large_group() {
    let tenant = deployment().await;
    let mut corp = Corp::of(3000);
    corp.group(5000, 1..=3000);
    corp.expect(
        &tenant,
        Counts {
            create: 3001,
            link_add: 3000,
            ..NONE
        },
        "all of them",
    )
    .await;
    assert_eq!(members(&tenant, "G5000").await.len(), 3000);
    tenant.writes().await;
    corp.entry(5000)
        .links
        .get_mut("member")
        .unwrap()
        .remove(&77);
    corp.expect(&tenant, links(0, 1), "one less").await;
    assert_eq!(tenant.writes().await.len(), 1);
    tenant.door("POST", "/delta/reset", json!({})).await;
    corp.expect(&tenant, NONE, "read anew, in pieces").await;
}

#[tokio::test]
async fn a_name_that_passes_from_one_to_another() {
    for backwards in [false, true] {
        let tenant = deployment().await;
        let mut corp = Corp::of(2);
        corp.backwards = backwards;
        corp.group(10, [1]);
        corp.expect(
            &tenant,
            Counts {
                create: 3,
                link_add: 1,
                ..NONE
            },
            "first",
        )
        .await;
        // P1 becomes Former, and a newcomer takes the name P1: the group is still the first one's.
        corp.entry(1).rdn = "Former".to_owned();
        corp.user(3);
        corp.entry(3).rdn = "P1".to_owned();
        corp.expect(&tenant, creates(1), "the name passes on").await;
        assert_eq!(members(&tenant, "G10").await, ["Person 1"]);
        // Two swap their names.
        corp.entry(1).rdn = "P2".to_owned();
        corp.entry(2).rdn = "Former".to_owned();
        corp.expect(&tenant, NONE, "swapped").await;
        assert_eq!(members(&tenant, "G10").await, ["Person 1"]);
        // The newcomer takes the place of the first one in the group, and its name.
        corp.entry(1).rdn = "P1".to_owned();
        corp.entry(3).rdn = "P2".to_owned();
        corp.refer(10, "member", &[3]);
        corp.expect(&tenant, links(1, 1), "another member by the same name")
            .await;
        assert_eq!(members(&tenant, "G10").await, ["Person 3"]);
        idle(&tenant, "after all").await;
    }
}

#[tokio::test]
async fn a_group_that_is_its_own_member() {
    let tenant = deployment().await;
    let mut corp = Corp::of(1);
    corp.group(10, [1, 10]);
    corp.refer(1, "manager", &[1]);
    let (plan, _) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(plan.errors, []);
    assert_eq!((plan.counts.create, plan.counts.link_add), (2, 3));
    let (plan, _) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(plan.counts.create, 0, "{:#?}", plan.changes);
    assert!(
        members(&tenant, "G10")
            .await
            .contains(&"Person 1".to_owned())
    );
}

#[tokio::test]
async fn an_object_made_anew_in_the_place_of_a_member() {
    for backwards in [false, true] {
        let tenant = deployment().await;
        let mut corp = Corp::of(1);
        corp.backwards = backwards;
        corp.group(2, [1]);
        let first = Counts {
            create: 2,
            link_add: 1,
            ..NONE
        };
        corp.expect(&tenant, first, "first").await;
        // The same name and another objectGUID: the group's member is the new one, in the same cycle.
        corp.remove(1);
        corp.user(3);
        corp.entry(3).rdn = "P1".to_owned();
        corp.refer(2, "member", &[3]);
        let anew = Counts {
            create: 1,
            delete: 1,
            link_add: 1,
            ..NONE
        };
        corp.expect(&tenant, anew, "made anew").await;
        assert_eq!(members(&tenant, "G2").await, ["Person 3"]);
    }
}

#[tokio::test]
async fn two_entries_of_one_name() {
    let tenant = deployment().await;
    let mut corp = Corp::of(2);
    corp.group(10, [1, 2]);
    let first = Counts {
        create: 3,
        link_add: 2,
        ..NONE
    };
    corp.expect(&tenant, first, "first").await;
    corp.entry(2).rdn = "P1".to_owned();
    let (plan, _) = corp.cycle(&tenant).await.unwrap();
    let named: Vec<(&str, &str)> = plan
        .errors
        .iter()
        .map(|error| (error.object.as_str(), error.code.as_str()))
        .collect();
    assert_eq!(named, [(corp.dn(1).as_str(), "malformed-entry")]);
    assert_eq!(plan.counts.delete, 0, "nobody is lost");
    corp.entry(2).rdn = "P2".to_owned();
    corp.cycle(&tenant).await.unwrap();
    idle(&tenant, "names of their own").await;
    assert_eq!(members(&tenant, "G10").await, ["Person 1", "Person 2"]);
}

#[tokio::test]
async fn a_circle_of_groups_ten_thousand_deep() {
    let rules = IN.replace(
        "scope not adminDescription starts with \"User_\"",
        "scope dn member of \"CN=G10,OU=Groups,DC=corp,DC=contoso,DC=test\"",
    ) + r#"
metaverse group { label : string member : [ref any] }
rule "group in" { from corp.group to group precedence 1 link provision flow { label <- cn member } }
"#;
    let tenant = with_rules(&format!("{rules}{}", out("", "department <- department"))).await;
    let mut corp = Corp::of(2);
    let last = 10_009;
    for number in 10..last {
        corp.group(number, [number + 1]);
    }
    corp.group(last, [1, 10]);
    corp.expect(&tenant, creates(1), "a member at the far end")
        .await;
    corp.refer(last, "member", &[1, 2, 10]);
    corp.expect(&tenant, creates(1), "one more there").await;
}
