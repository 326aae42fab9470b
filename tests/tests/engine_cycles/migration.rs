//! Beside Azure AD Connect, and after it.

use serde_json::{Value as Json, json};
use trib_runtime::plan::Counts;
use trib_tests::corp::{CONNECTOR, Corp, Entry, idle, immutable_id};
use trib_tests::deployment::{Deployment, PACKS};

use crate::{NONE, creates, deployment, seed, user};

/// Puts objects into the tenant as they are, read-only properties included; their ids.
async fn objects(tenant: &Deployment, kind: &str, properties: Json) -> String {
    let object = json!({"kind": kind, "properties": properties});
    let made = tenant.door("POST", "/objects", object).await;
    made["ids"][0].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn beside_azure_ad_connect_everything_is_found_and_left_alone() {
    let tenant = deployment().await;
    let theirs = json!({"onPremisesSyncEnabled": true, "onPremisesImmutableId": immutable_id(1)});
    let person = seed(&tenant, "p1", theirs).await;
    let group = objects(
        &tenant,
        "group",
        json!({
            "displayName": "Ops", "mailNickname": "ops", "mailEnabled": false, "securityEnabled": true,
            "onPremisesSyncEnabled": true, "onPremisesSecurityIdentifier": "S-1-5-21-1-2-3-9",
        }),
    )
    .await;
    let mut corp = Corp::of(1);
    corp.group(9, [1]);
    corp.write(&tenant);
    let plan = tenant.plan().await.unwrap();
    assert!(plan.changes.is_empty(), "{:#?}", plan.changes);
    let codes: Vec<&str> = plan
        .errors
        .iter()
        .map(|error| error.code.as_str())
        .collect();
    assert_eq!(codes, ["owned-by-other-sync", "owned-by-other-sync"]);

    // Handed over: the same objects, and no others.
    for id in [&person, &group] {
        let body = json!({"onPremisesSyncEnabled": false});
        tenant.door("PATCH", &format!("/objects/{id}"), body).await;
    }
    let changes = Counts {
        update: 2,
        link_add: 1,
        ..NONE
    };
    corp.expect(&tenant, changes, "handed over").await;
    assert_eq!(user(&tenant, 1).await["id"], person);
    let members = tenant
        .all(&format!("/groups/{group}/members?$select=id"))
        .await;
    assert_eq!(members[0]["id"], person);
}

#[tokio::test]
async fn contacts_of_the_tenant_are_members_and_managers() {
    let rules = format!("{PACKS}use entra.contacts\n");
    let tenant = Deployment::start("contoso.test", &rules, CONNECTOR).await;
    let contact = json!({
        "displayName": "Orders", "mail": "orders@supplier.test", "onPremisesSyncEnabled": true,
    });
    let contact = objects(&tenant, "orgContact", contact).await;
    let mut corp = Corp::of(1);
    let entry = Entry {
        class: "contact",
        rdn: "Orders".to_owned(),
        unit: "OU=Contacts".to_owned(),
        values: [("mail".to_owned(), vec!["Orders@supplier.test".to_owned()])].into(),
        links: Default::default(),
    };
    corp.entries.insert(7, entry);
    corp.group(9, [1, 7]);
    corp.refer(1, "manager", &[7]);
    let links = Counts {
        link_add: 3,
        ..creates(2)
    };
    corp.expect(&tenant, links, "a contact is a member").await;
    idle(&tenant, "and stays one").await;
    let manager = tenant
        .get("/users/p1@contoso.test/manager?$select=id")
        .await;
    assert_eq!(manager["id"], contact);
    corp.remove(7);
    let gone = Counts {
        link_remove: 2,
        ..NONE
    };
    corp.expect(&tenant, gone, "the contact is no member any more")
        .await;
    let contacts = tenant.all("/contacts?$select=id,displayName").await;
    assert_eq!(contacts[0]["displayName"], "Orders", "{contacts:?}");
}
