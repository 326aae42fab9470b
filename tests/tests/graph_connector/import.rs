//! Reading: all at first, then what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use trib_compiler::types::{Base, Type};
use trib_runtime::connectors::Imported;
use trib_runtime::error::Class;

use crate::kept::{Entry, Kept, attribute, selection, set};
use crate::tenant::Tenant;
use crate::writes::{add, create, delete, manager, remove, update, write_all};

#[tokio::test]
async fn an_import_is_full_at_first_and_tells_changes_then() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    let users = tenant.users((0..250).map(|n| format!("u{n}"))).await;
    let ops = tenant.group("ops").await;
    tenant.link(&ops, "members", &users[..3]).await;
    tenant.link(&ops, "owners", &users[..1]).await;
    tenant.link(&users[1], "manager", &users[..1]).await;
    let changed = json!({"businessPhones": ["+46 1"], "department": "Ops"});
    tenant
        .door("PATCH", &format!("objects/{}", users[0]), changed)
        .await;

    let mut kept = Kept::default();
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Full)
    );
    assert_eq!(kept.entries.len(), 251);
    assert!(kept.pages > 2, "several pages");
    let first = &kept.entries[&users[0]];
    assert_eq!(first.object_type, "user");
    assert_eq!(first.attributes[&0], r#"Text("u0")"#);
    assert_eq!(first.attributes[&1], "Bool(true)");
    assert_eq!(first.attributes[&2], r#"List([Text("+46 1")])"#);
    assert!(
        first.attributes[&3].starts_with("Time("),
        "{}",
        first.attributes[&3]
    );
    assert_eq!(first.attributes[&7], r#"Text("Ops")"#);
    assert_eq!(first.references[&4], BTreeSet::new());
    assert_eq!(kept.entries[&users[1]].references[&4], set(&users[..1]));
    assert_eq!(kept.members(&ops), &set(&users[..3]));
    assert_eq!(kept.entries[&ops].references[&6], set(&users[..1]));

    // Nothing happened: nothing is told.
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Delta)
    );
    assert_eq!(kept.changes, 0);

    let writes = vec![
        update(
            1,
            &users[0],
            json!({"displayName": "New", "department": null, "businessPhones": []}),
        ),
        manager(2, &users[1], None),
        manager(3, &users[2], Some(&users[0])),
        delete(4, "user", &users[249]),
        add(5, &ops, &users[10]),
        remove(6, &ops, &users[0]),
        create(7, "late"),
    ];
    let done = write_all(&mut connector, writes).await;
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Delta)
    );
    let first = &kept.entries[&users[0]];
    assert_eq!(first.attributes[&0], r#"Text("New")"#);
    assert_eq!(first.attributes[&1], "Bool(true)", "unlisted is as it was");
    assert_eq!(
        (first.attributes.get(&2), first.attributes.get(&7)),
        (None, None)
    );
    assert_eq!(kept.entries[&users[1]].references[&4], BTreeSet::new());
    assert_eq!(kept.entries[&users[2]].references[&4], set(&users[..1]));
    assert!(!kept.entries.contains_key(&users[249]));
    assert_eq!(kept.members(&ops), &set([&users[1], &users[2], &users[10]]));
    assert_eq!(kept.entries[&done[6]].attributes[&0], r#"Text("late")"#);
    assert_eq!(kept.malformed, Vec::<String>::new());

    // What was read bit by bit is what a fresh reading finds.
    let mut fresh = Kept::default();
    assert_eq!(
        fresh.import(&mut connector, &selection()).await,
        Ok(Imported::Full)
    );
    let without_empty = |entries: &BTreeMap<String, Entry>| {
        let mut entries = entries.clone();
        entries
            .values_mut()
            .for_each(|entry| entry.references.retain(|_, ids| !ids.is_empty()));
        entries
    };
    assert_eq!(without_empty(&fresh.entries), without_empty(&kept.entries));
}

#[tokio::test]
async fn a_big_group_arrives_whole() {
    let tenant = Tenant::start().await;
    let users = tenant.users((0..2500).map(|n| format!("u{n}"))).await;
    let all = tenant.group("all").await;
    tenant.link(&all, "members", &users).await;
    let mut kept = Kept::default();
    assert_eq!(
        kept.import(&mut tenant.connector(), &selection()).await,
        Ok(Imported::Full)
    );
    assert_eq!(kept.members(&all), &set(&users));
    assert_eq!(kept.entries[&all].attributes[&0], r#"Text("all")"#);
}

#[tokio::test]
async fn a_lost_or_changed_question_starts_over() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    tenant.users((0..3).map(|n| format!("u{n}"))).await;
    let mut kept = Kept::default();
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Full)
    );

    tenant.door("POST", "delta/reset", Json::Null).await;
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Full),
        "410"
    );
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Delta)
    );

    let fault = json!({"kind": "status", "status": 400, "code": "syncStateNotFound", "path": "/users/delta"});
    tenant.fault(fault).await;
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Full),
        "sync state"
    );

    let mut wider = selection();
    wider
        .attributes
        .push(attribute("city", Type::one(Base::TEXT), &[0]));
    assert_eq!(
        kept.import(&mut connector, &wider).await,
        Ok(Imported::Full),
        "selection"
    );
    assert_eq!(
        kept.import(&mut connector, &wider).await,
        Ok(Imported::Delta)
    );
    assert_eq!(kept.entries.len(), 3);
}

#[tokio::test]
async fn an_interrupted_first_reading_leaves_no_watermark() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    tenant.users((0..450).map(|n| format!("u{n}"))).await;
    let mut kept = Kept::default();
    tenant
        .fault(json!({"kind": "status", "status": 403, "skip": 2, "path": "/users/delta"}))
        .await;
    let error = kept.import(&mut connector, &selection()).await.unwrap_err();
    assert_eq!(error.class, Class::Directory);
    assert!(error.help.unwrap().contains("`User.Read.All`"));
    assert_eq!((kept.watermark.is_some(), kept.entries.len()), (false, 400));
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Full)
    );
    assert_eq!(kept.entries.len(), 450);
}

#[tokio::test]
async fn an_interrupted_round_of_changes_goes_on_where_it_was() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    let mut kept = Kept::default();
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Full)
    );
    tenant.users((0..450).map(|n| format!("u{n}"))).await;
    tenant
        .fault(json!({"kind": "status", "status": 403, "skip": 2, "path": "/users/delta"}))
        .await;
    assert!(kept.import(&mut connector, &selection()).await.is_err());
    assert_eq!(kept.entries.len(), 400);
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Delta)
    );
    assert_eq!((kept.changes, kept.entries.len()), (50, 450));
}

#[tokio::test]
async fn transient_faults_while_reading_are_waited_out() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    tenant.users((0..3).map(|n| format!("u{n}"))).await;
    tenant
        .fault(json!({"kind": "status", "status": 429, "retryAfter": "1", "path": "/users/delta"}))
        .await;
    tenant
        .fault(json!({"kind": "status", "status": 503, "path": "/groups/delta"}))
        .await;
    tenant
        .fault(json!({"kind": "drop", "path": "/groups/delta"}))
        .await;
    tenant
        .fault(json!({"kind": "status", "status": 401, "path": "/users/delta"}))
        .await;
    let mut kept = Kept::default();
    let start = Instant::now();
    assert_eq!(
        kept.import(&mut connector, &selection()).await,
        Ok(Imported::Full)
    );
    assert_eq!(kept.entries.len(), 3);
    assert!(
        start.elapsed() >= Duration::from_secs(1),
        "`Retry-After` is honoured"
    );
}
