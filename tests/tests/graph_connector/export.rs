//! Writing objects.

use std::collections::BTreeSet;

use serde_json::json;
use trib_compiler::types::{Base, Type};
use trib_runtime::connectors::Operation;

use crate::kept::{Kept, attribute, selection, set};
use crate::tenant::{Tenant, group, new_user};
use crate::writes::{create, delete, manager, map, try_write, update, write, write_all};

#[tokio::test]
async fn hundreds_of_writes_go_in_batches() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    let writes = (0..300).map(|n| create(n, &format!("u{n}"))).collect();
    let users = write_all(&mut connector, writes).await;
    assert_eq!(set(&users).len(), 300);

    let number = |n: usize| n as u64;
    let updates = users
        .iter()
        .enumerate()
        .map(|(n, id)| update(number(n), id, json!({"city": format!("c{n}")})));
    write_all(&mut connector, updates.collect()).await;
    let managers = users[1..]
        .iter()
        .enumerate()
        .map(|(n, id)| manager(number(n), id, Some(&users[0])));
    write_all(&mut connector, managers.collect()).await;

    let mut asked = selection();
    asked
        .attributes
        .push(attribute("city", Type::one(Base::TEXT), &[0]));
    let mut kept = Kept::default();
    kept.import(&mut connector, &asked).await.unwrap();
    for (n, id) in users.iter().enumerate() {
        assert_eq!(kept.entries[id].attributes[&10], format!("Text(\"c{n}\")"));
        let managers = if n == 0 {
            BTreeSet::new()
        } else {
            set(&users[..1])
        };
        assert_eq!(kept.entries[id].references[&4], managers);
    }

    let deletes = users
        .iter()
        .enumerate()
        .map(|(n, id)| delete(number(n), "user", id))
        .collect::<Vec<_>>();
    write_all(&mut connector, deletes.clone()).await;
    write_all(&mut connector, deletes).await;
    kept.import(&mut connector, &asked).await.unwrap();
    assert_eq!(kept.entries.len(), 0);
}

#[tokio::test]
async fn a_group_with_a_unique_name_is_made_once() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    tenant
        .fault(json!({"kind": "drop", "afterWork": true, "path": "/$batch"}))
        .await;
    let named = |n: u64| {
        let mut attributes = group(&format!("g{n}"));
        attributes.insert("uniqueName".to_owned(), json!(format!("ad-{n}")));
        write(
            n,
            "group",
            Operation::Create {
                attributes,
                find_by: None,
            },
        )
    };
    let groups = write_all(&mut connector, (0..25).map(named).collect()).await;
    let again = write_all(&mut connector, (0..25).map(named).collect()).await;
    assert_eq!(groups, again);
    assert_eq!(
        connector.find("group", "uniqueName", "ad-7").await.unwrap(),
        [groups[7].clone()]
    );
    let mut kept = Kept::default();
    kept.import(&mut connector, &selection()).await.unwrap();
    assert_eq!(kept.entries.len(), 25);
}

#[tokio::test]
async fn refusals_tell_what_to_do() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    let users = tenant.users((0..2).map(|n| format!("u{n}"))).await;
    let clash = json!({"userPrincipalName": "u0@contoso.onmicrosoft.com"});
    let writes = vec![
        update(1, &users[1], clash),
        update(2, &users[1], json!({"usageLocation": "Sweden"})),
        update(
            3,
            "00000000-0000-4000-8000-000000000000",
            json!({"city": "x"}),
        ),
        create(4, "u0"),
    ];
    let (results, ended) = try_write(&mut connector, writes).await;
    ended.unwrap();
    let failure = |id: u64| results[&id].clone().unwrap_err();
    assert_eq!(failure(1).conflicts, ["userPrincipalName"]);
    assert!(
        failure(1).message.contains("request-id"),
        "{:?}",
        failure(1)
    );
    assert_eq!(
        (failure(2).code.as_str(), failure(2).conflicts.len()),
        ("Request_BadRequest", 0)
    );
    assert!(failure(2).message.contains("usageLocation"));
    assert!(failure(3).missing);
    assert!(!failure(4).conflicts.is_empty());
    assert!(results.values().all(|result| {
        result
            .as_ref()
            .is_err_and(|failure| !failure.transient && !failure.configuration)
    }));
}

#[tokio::test]
async fn properties_outside_the_directory_are_written_apart() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    let mut attributes = new_user("ada");
    attributes.extend(map(json!({"aboutMe": "x", "skills": ["y"]})));
    let create = write(
        1,
        "user",
        Operation::Create {
            attributes,
            find_by: None,
        },
    );
    let ids = write_all(&mut connector, vec![create]).await;
    write_all(
        &mut connector,
        vec![update(
            2,
            &ids[0],
            json!({"aboutMe": "z", "city": "c", "interests": ["i"]}),
        )],
    )
    .await;
    assert_eq!(connector.find("user", "city", "c").await, Ok(ids));
}
