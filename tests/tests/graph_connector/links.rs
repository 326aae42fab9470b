//! Writing references.

use serde_json::json;
use trib_runtime::connectors::{Operation, Write};

use crate::kept::{Kept, selection, set};
use crate::tenant::Tenant;
use crate::writes::{add, remove, try_write, write, write_all};

#[tokio::test]
async fn a_thousand_members_go_and_come() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    let users = tenant.users((0..1000).map(|n| format!("u{n}"))).await;
    let all = tenant.group("all").await;
    // Some are members already, and one does not exist.
    tenant.link(&all, "members", &users[500..505]).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let mut writes: Vec<Write> = (0..).zip(&users).map(|(n, id)| add(n, &all, id)).collect();
    writes.insert(700, add(5000, &all, nobody));
    let (mut results, ended) = try_write(&mut connector, writes).await;
    ended.unwrap();
    let failure = results.remove(&5000).unwrap().unwrap_err();
    assert!(failure.missing && !failure.transient, "{failure:?}");
    assert!(results.values().all(Result::is_ok));
    let mut kept = Kept::default();
    kept.import(&mut connector, &selection()).await.unwrap();
    assert_eq!(kept.members(&all), &set(&users));

    let removes: Vec<Write> = (0..)
        .zip(&users[..990])
        .map(|(n, id)| remove(n, &all, id))
        .collect();
    write_all(&mut connector, removes.clone()).await;
    write_all(&mut connector, removes).await;
    kept.import(&mut connector, &selection()).await.unwrap();
    assert_eq!(kept.members(&all), &set(&users[990..]));
}

#[tokio::test]
async fn owners_are_added_and_removed_one_by_one() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    let users = tenant.users((0..30).map(|n| format!("u{n}"))).await;
    let ops = tenant.group("ops").await;
    let (anchor, attribute) = (&ops, "owners".to_owned());
    let add = |(id, target): (u64, &String)| {
        let (anchor, attribute, target) = (anchor.clone(), attribute.clone(), target.clone());
        write(
            id,
            "group",
            Operation::AddLink {
                anchor,
                attribute,
                target,
            },
        )
    };
    let adds: Vec<Write> = (0..).zip(&users).map(add).collect();
    write_all(&mut connector, adds.clone()).await;
    write_all(&mut connector, adds).await;
    let (anchor, attribute, target) = (ops.clone(), attribute.clone(), users[0].clone());
    write_all(
        &mut connector,
        vec![write(
            1,
            "group",
            Operation::RemoveLink {
                anchor,
                attribute,
                target,
            },
        )],
    )
    .await;
    let mut kept = Kept::default();
    kept.import(&mut connector, &selection()).await.unwrap();
    assert_eq!(kept.entries[&ops].references[&6], set(&users[1..]));
}

#[tokio::test]
async fn members_survive_a_lost_answer() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    let users = tenant.users((0..45).map(|n| format!("u{n}"))).await;
    let ops = tenant.group("ops").await;
    tenant
        .fault(json!({"kind": "drop", "afterWork": true, "path": "/$batch"}))
        .await;
    write_all(
        &mut connector,
        (0..).zip(&users).map(|(n, id)| add(n, &ops, id)).collect(),
    )
    .await;
    let mut kept = Kept::default();
    kept.import(&mut connector, &selection()).await.unwrap();
    assert_eq!(kept.members(&ops), &set(&users));
}
