//! What one member more of a group costs: the same, however many members the group has.
//!
//! `cargo bench -p trib-benches --bench references` compares groups of 2,000 and 200,000 members;
//! `-- --quick` small ones, `-- 1000 50000` the sizes given.
#![allow(missing_docs, clippy::expect_used)]

use std::time::{Duration, Instant};

use trib_compiler::Sources;
use trib_compiler::value::Value;
use trib_runtime::connectors::{EntryChange, ReferenceChange, Sink, Target, Upsert};
use trib_runtime::progress::Silent;
use trib_runtime::store::{ImportSink, Store};
use trib_runtime::sync::{Parameters, Program, Synchronizer};

/// How many members come one after the other.
const TIMES: u32 = 21;

const RULES: &str = r#"
connector corp  : ad
connector cloud : entra
metaverse person { name : string(256) }
metaverse group  { name : string(256) member : [ref any] }
rule "user in" { from corp.user to person precedence 1 link provision flow { name <- cn } }
rule "group in" { from corp.group to group precedence 2 link provision flow { name <- cn member } }
rule "user out" {
  from person to cloud.user precedence 3 link provision
  scope name is present
  flow {
    displayName <- name
    userPrincipalName <- name & "@contoso.com"
    mailNickname <- Left(name, 64)
    accountEnabled <- true
    passwordProfile <- once { password: RandomPassword(), forceChangePasswordNextSignIn: true }
  }
}
rule "group out" {
  from group to cloud.group precedence 4 link provision
  scope name is present
  flow {
    displayName <- name
    mailNickname <- Left(name, 64)
    mailEnabled <- once false
    securityEnabled <- true
    members <- member
  }
}
"#;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let given: Vec<u32> = std::env::args()
        .filter_map(|size| size.parse().ok())
        .collect();
    let sizes: &[u32] = match (quick, given.is_empty()) {
        (true, _) => &[100, 1000],
        (_, true) => &[2000, 200_000],
        (_, false) => &given,
    };
    println!(
        "{:>9} {:>12} {:>16} {:>7}",
        "members", "all of them", "one member more", "ratio"
    );
    let mut first = None;
    for size in sizes {
        let (all, one) = measure(*size);
        let base = *first.get_or_insert(one);
        println!(
            "{size:>9} {:>10.0}ms {:>14.3}ms {:>7.2}",
            all.as_secs_f64() * 1e3,
            one.as_secs_f64() * 1e3,
            one.as_secs_f64() / base.as_secs_f64()
        );
    }
}

/// The time to synchronize a group with all its members, and the median of one member more.
fn measure(size: u32) -> (Duration, Duration) {
    let mut sources = Sources::default();
    sources.add("rules/main.trib", RULES);
    let checked = trib_compiler::check(&mut sources);
    let rules = trib_compiler::compile(&checked, &sources).expect("the rules compile");
    let mut store = Store::in_memory().expect("a store");
    let program = Program::link(rules, &store).expect("the rules are linked");
    let parameters = Parameters::default();

    let members: Vec<u32> = (1..=size).collect();
    import(&mut store, &program, 1..=size + TIMES, &members);
    let all = synchronize(&store, &program, &parameters);
    export(&store);
    synchronize(&store, &program, &parameters);
    let mut times = Vec::new();
    for more in 1..=TIMES {
        import(&mut store, &program, std::iter::empty(), &[size + more]);
        times.push(synchronize(&store, &program, &parameters));
        let waiting = store.pending_links().expect("what waits").len();
        assert_eq!(waiting, more as usize, "one link more");
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    (all, median)
}

fn synchronize(store: &Store, program: &Program, parameters: &Parameters) -> Duration {
    let synchronizer = Synchronizer::new(store, program, parameters, 0);
    let start = Instant::now();
    synchronizer.run(&Silent).expect("a synchronization");
    start.elapsed()
}

/// The target has everything now.
fn export(store: &Store) {
    store
        .transaction(|| {
            for export in store.pending()? {
                let planned = store.entry(export.entry)?.expect("a planned entry");
                store.anchor_entry(&planned, export.entry.to_string().as_bytes())?;
                store.set_pending(export.entry, None)?;
            }
            for link in store.pending_links()? {
                store.own_reference(link.entry, link.attribute, link.target)?;
                store.clear_pending_link(link.entry, link.attribute, link.target)?;
            }
            Ok(())
        })
        .expect("an export");
}

/// Brings users, and members that the one group gets beside those it has.
fn import(store: &mut Store, program: &Program, users: impl Iterator<Item = u32>, members: &[u32]) {
    let (number, _) = *program.connectors.first().expect("a connector");
    let selection = ["cn".to_owned(), "member".to_owned()];
    let types = program.type_maps(0, &selection);
    let mut sink = ImportSink::new(store, number, "corp", &types, "all").expect("a sink");
    for user in users {
        entry(&mut sink, "user", user, &[]);
    }
    let dns: Vec<String> = members.iter().map(|user| dn("user", *user)).collect();
    let targets: Vec<Target<'_>> = dns.iter().map(|dn| Target::Dn(dn)).collect();
    entry(
        &mut sink,
        "group",
        0,
        &[(1, ReferenceChange::Add(&targets))],
    );
    sink.page(None).expect("a page");
    sink.finish_delta().expect("an import");
}

fn dn(class: &str, number: u32) -> String {
    format!("CN={class}{number},DC=contoso,DC=com")
}

fn entry(
    sink: &mut ImportSink<'_>,
    class: &str,
    number: u32,
    references: &[(usize, ReferenceChange<'_>)],
) {
    let name = format!("{class}{number}");
    sink.entry(EntryChange::Upsert(Upsert {
        anchor: &number.to_be_bytes(),
        dn: Some(&dn(class, number)),
        object_type: Some(class),
        complete: false,
        attributes: &[(0, Value::Text(&name))],
        references,
    }))
    .expect("an entry");
}
