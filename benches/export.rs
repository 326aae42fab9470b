//! How well an export uses the write quota of a tenant: against the sandbox with the limits that
//! Microsoft documents, 3,000 writes in a row and 20 a second for good.
//!
//! `cargo bench -p trib-benches --bench export`; `-- --quick` writes little beyond the first 3,000.
//!
//! All figures are shares, so they do not depend on the machine:
//!
//! - busy: writes that were taken, of those that the quota had room for in that time;
//! - sustained: the same after the first 3,000, when only the refill is left;
//! - throttled: requests that were turned away;
//! - avoidable: writes sent beyond those that the changes take at least.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::time::Instant;

use serde_json::json;
use trib_runtime::progress::Silent;
use trib_sandbox::{Options, Quota};
use trib_tests::corp::{CONNECTOR, Corp};
use trib_tests::deployment::{Deployment, PACKS};

const BURST: f64 = 3000.0;
const RATE: f64 = 20.0;
/// Members that one request adds.
const TOGETHER: usize = 20;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (users, groups) = if quick { (2800, 100) } else { (3300, 140) };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(measure(users, groups));
}

async fn measure(users: u32, groups: u32) {
    let mut corp = Corp::of(users);
    let mut least = (users + groups) as usize;
    for group in 0..groups {
        let members = 1 + (group % 45);
        corp.group(
            10_000 + group,
            (1..=members).map(|at| 1 + (group * 13 + at) % users),
        );
        least += (members as usize).div_ceil(TOGETHER);
    }
    for user in 2..=100 {
        corp.refer(user, "manager", &[1]);
        least += 1;
    }
    let options = Options {
        domains: vec!["contoso.test".to_owned()],
        quota: Quota::Real,
        ..Options::default()
    };
    let tenant = Deployment::with(options, PACKS, &[("corp", CONNECTOR)]).await;
    println!(
        "{:<10} {:>7} {:>8} {:>7} {:>9} {:>9} {:>9}",
        "", "writes", "seconds", "busy", "sustained", "throttled", "avoidable"
    );
    cycle(&tenant, &corp, "create", least, true).await;

    // What follows finds an empty quota: it shows what is avoidable and what is throttled.
    for user in 1..=20 {
        corp.set(user, "department", "Research");
    }
    let mut least = 20 + 4;
    for user in users - 3..=users {
        corp.remove(user);
    }
    for group in 20..30 {
        let links = corp.entry(10_000 + group).links.get_mut("member").unwrap();
        let gone = links.pop_first().unwrap();
        links.insert(if gone > 500 { gone - 400 } else { gone + 1000 });
        least += 2;
    }
    cycle(&tenant, &corp, "change", least, false).await;
}

async fn cycle(tenant: &Deployment, corp: &Corp, what: &str, least: usize, full: bool) {
    corp.write(tenant);
    let mut engine = tenant.engine().unwrap();
    engine.import(false, &Silent).await.unwrap();
    engine.synchronize(&Silent).unwrap();
    let plan = engine.plan().unwrap();
    tenant.door("DELETE", "/requests", json!({})).await;
    let start = Instant::now();
    let applied = engine.apply(&plan, None, &Silent).await.unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert!(applied.errors.is_empty(), "{:?}", applied.errors.first());
    let journal = tenant.door("GET", "/requests", json!({})).await;
    let requests = journal["requests"].as_array().unwrap();
    let writes: Vec<u64> = requests
        .iter()
        .filter(|request| request["method"] != "GET")
        .filter_map(|request| request["status"].as_u64())
        .collect();
    let taken = writes
        .iter()
        .filter(|status| (200..300).contains(*status))
        .count();
    let throttled = requests
        .iter()
        .filter(|request| request["status"] == 429)
        .count();
    let share = |part: f64, whole: f64| format!("{:.1} %", 100.0 * part / whole);
    let (busy, sustained) = match full {
        true => (
            share(taken as f64, BURST + RATE * seconds),
            share(taken as f64 - BURST, RATE * seconds),
        ),
        false => ("-".to_owned(), "-".to_owned()),
    };
    println!(
        "{what:<10} {taken:>7} {seconds:>8.1} {busy:>7} {sustained:>9} {:>9} {:>9}",
        share(throttled as f64, requests.len() as f64),
        writes.len() as i64 - throttled as i64 - least as i64,
    );
}
