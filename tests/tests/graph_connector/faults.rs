//! Writing when the service does not play along.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;
use trib_runtime::error::Class;
use trib_sandbox::{Options, Quota};

use crate::kept::{Kept, selection, set};
use crate::tenant::Tenant;
use crate::writes::{add, create, try_write, update, write_all};

#[tokio::test]
async fn a_lost_answer_makes_no_second_object() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    tenant
        .fault(json!({"kind": "drop", "afterWork": true, "path": "/$batch"}))
        .await;
    tenant
        .fault(json!({"kind": "drop", "path": "/$batch"}))
        .await;
    let writes = (0..40).map(|n| create(n, &format!("u{n}"))).collect();
    let users = write_all(&mut connector, writes).await;
    let mut kept = Kept::default();
    kept.import(&mut connector, &selection()).await.unwrap();
    assert_eq!(
        kept.entries.keys().cloned().collect::<BTreeSet<_>>(),
        set(&users)
    );
    assert_eq!(kept.entries.len(), 40);
}

#[tokio::test]
async fn a_batch_that_is_turned_away_goes_again() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    tenant.fault(json!({"kind": "status", "status": 429, "retryAfter": "2", "path": "/$batch", "count": 2})).await;
    tenant
        .fault(json!({"kind": "status", "status": 503, "path": "/$batch"}))
        .await;
    tenant
        .fault(json!({"kind": "status", "status": 401, "path": "/$batch"}))
        .await;
    let start = Instant::now();
    let users = write_all(
        &mut connector,
        (0..30).map(|n| create(n, &format!("u{n}"))).collect(),
    )
    .await;
    assert_eq!(set(&users).len(), 30);
    assert!(
        start.elapsed() >= Duration::from_secs(2),
        "`Retry-After` is honoured"
    );
}

#[tokio::test]
async fn throttled_items_go_again_after_the_pause() {
    let tenant = Tenant::with(Options {
        quota: Quota::Real,
        ..Options::default()
    })
    .await;
    let ids = tenant.users((0..80).map(|n| format!("u{n}"))).await;
    // Many connectors, none of which knows of the others, spend what is allowed: the last are turned
    // away item by item.
    let mut longest = Duration::ZERO;
    for round in 0..39 {
        let start = Instant::now();
        let city = format!("c{round}");
        let writes = (0..)
            .zip(&ids)
            .map(|(n, id)| update(n, id, json!({"city": city})))
            .collect();
        write_all(&mut tenant.connector(), writes).await;
        longest = longest.max(start.elapsed());
    }
    assert!(longest >= Duration::from_secs(1), "{longest:?}");
    assert_eq!(
        tenant
            .connector()
            .find("user", "city", "c38")
            .await
            .unwrap()
            .len(),
        80
    );
}

#[tokio::test]
async fn a_missing_permission_stops_what_takes_it() {
    let tenant = Tenant::start().await;
    let ids = tenant.users((0..200).map(|n| format!("u{n}"))).await;
    let ops = tenant.group("ops").await;
    tenant
        .door(
            "PUT",
            "permissions",
            json!(["User.Read.All", "Group.ReadWrite.All"]),
        )
        .await;
    let mut connector = tenant.connector();
    let updates = (0..)
        .zip(&ids)
        .map(|(n, id)| update(n, id, json!({"city": "x"})));
    let adds = (1000..).zip(&ids).map(|(n, id)| add(n, &ops, id));
    let (results, ended) = try_write(&mut connector, updates.chain(adds).collect()).await;
    ended.unwrap();
    for (id, result) in results {
        if id >= 1000 {
            assert!(result.is_ok(), "{result:?}");
            continue;
        }
        let failure = result.unwrap_err();
        assert!(
            failure.configuration && failure.message.contains("`User.ReadWrite.All`"),
            "{failure:?}"
        );
    }
}

#[tokio::test]
async fn an_outage_ends_an_export_with_an_outcome_for_each_write() {
    let tenant = Tenant::start().await;
    let mut connector = tenant.connector();
    connector.check().await.unwrap();
    tenant
        .fault(json!({"kind": "drop", "path": "/$batch", "count": 1000}))
        .await;
    let (results, ended) = try_write(
        &mut connector,
        (0..150).map(|n| create(n, &format!("u{n}"))).collect(),
    )
    .await;
    let error = ended.unwrap_err();
    assert_eq!(error.class, Class::Directory);
    assert!(
        error.message.contains("cannot reach Graph"),
        "{}",
        error.message
    );
    assert!(
        results
            .values()
            .all(|result| result.as_ref().is_err_and(|failure| failure.transient))
    );
}
