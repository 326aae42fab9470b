//! Whatever happened on the way: cycle by cycle ends where one cold cycle of the final state ends.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value as Json;
use trib_runtime::progress::Silent;
use trib_tests::corp::{CONNECTOR, Corp};
use trib_tests::deployment::{Deployment, PACKS};

const PEOPLE: u32 = 8;
const GROUPS: u32 = 3;

#[derive(Debug, Clone)]
enum Step {
    Appear(u32),
    Vanish(u32),
    Title(u32, Option<u8>),
    Mail(u32, Option<u32>),
    Login(u32, u32),
    Rename(u32, u32),
    Move(u32, bool),
    Scope(u32, bool),
    Boss(u32, Option<u32>),
    Member(u32, u32, bool),
    Disable(u32, bool),
}

fn person() -> impl Strategy<Value = u32> {
    1..=PEOPLE
}

fn step() -> impl Strategy<Value = Step> {
    let group = || 101..=100 + GROUPS;
    let member = || prop_oneof![1..=PEOPLE, 101..=100 + GROUPS];
    prop_oneof![
        2 => prop_oneof![person(), group()].prop_map(Step::Appear),
        1 => prop_oneof![person(), group()].prop_map(Step::Vanish),
        2 => (person(), proptest::option::of(0..3u8)).prop_map(|(p, t)| Step::Title(p, t)),
        2 => (person(), proptest::option::of(person())).prop_map(|(p, m)| Step::Mail(p, m)),
        1 => (person(), person()).prop_map(|(p, l)| Step::Login(p, l)),
        2 => (person(), person()).prop_map(|(p, n)| Step::Rename(p, n)),
        1 => (person(), any::<bool>()).prop_map(|(p, m)| Step::Move(p, m)),
        2 => (prop_oneof![person(), group()], any::<bool>()).prop_map(|(p, s)| Step::Scope(p, s)),
        2 => (person(), proptest::option::of(person())).prop_map(|(p, b)| Step::Boss(p, b)),
        4 => (group(), member(), any::<bool>()).prop_map(|(g, m, a)| Step::Member(g, m, a)),
        1 => (person(), any::<bool>()).prop_map(|(p, d)| Step::Disable(p, d)),
    ]
}

/// Values that a directory keeps unique stay so within it: two swap.
fn swap(corp: &mut Corp, number: u32, attribute: &str, value: &str) {
    let before = corp.entry(number).values.get(attribute).cloned();
    let holder = corp.entries.iter().find(|(_, entry)| {
        entry
            .values
            .get(attribute)
            .is_some_and(|values| values[0] == value)
    });
    if let Some((holder, _)) = holder {
        let holder = *holder;
        match before {
            Some(before) => corp.set(holder, attribute, &before[0]),
            None => corp.clear(holder, attribute),
        }
    }
    corp.set(number, attribute, value);
}

fn rename(corp: &mut Corp, number: u32, rdn: &str) {
    let before = corp.entry(number).rdn.clone();
    if let Some((other, _)) = corp.entries.iter().find(|(_, entry)| entry.rdn == rdn) {
        let other = *other;
        corp.entry(other).rdn = before;
    }
    corp.entry(number).rdn = rdn.to_owned();
}

fn apply(corp: &mut Corp, step: &Step) {
    let there = |corp: &Corp, number: &u32| corp.entries.contains_key(number);
    match step {
        Step::Appear(number) if !there(corp, number) => {
            if *number > 100 {
                corp.group(*number, []);
            } else {
                corp.user(*number);
                corp.entry(*number).rdn = format!("New{number}");
                corp.set(
                    *number,
                    "userPrincipalName",
                    &format!("new{number}@contoso.test"),
                );
            }
        }
        Step::Vanish(number) if there(corp, number) => {
            corp.remove(*number);
        }
        Step::Title(number, title) if there(corp, number) => match title {
            Some(title) => corp.set(*number, "title", &format!("T{title}")),
            None => corp.clear(*number, "title"),
        },
        Step::Mail(number, mail) if there(corp, number) => match mail {
            Some(mail) => swap(corp, *number, "mail", &format!("m{mail}@contoso.test")),
            None => corp.clear(*number, "mail"),
        },
        Step::Login(number, login) if there(corp, number) => {
            swap(
                corp,
                *number,
                "userPrincipalName",
                &format!("p{login}@contoso.test"),
            );
        }
        Step::Rename(number, name) if there(corp, number) => {
            rename(corp, *number, &format!("P{name}"))
        }
        Step::Move(number, away) if there(corp, number) => {
            corp.entry(*number).unit = if *away { "OU=Away" } else { "OU=Staff" }.to_owned();
        }
        Step::Scope(number, out) if there(corp, number) => {
            let prefix = if *number > 100 { "Group_" } else { "User_" };
            if *out {
                corp.set(*number, "adminDescription", prefix)
            } else {
                corp.clear(*number, "adminDescription")
            }
        }
        Step::Boss(number, boss) if there(corp, number) => {
            let boss = boss.filter(|boss| boss != number && there(corp, boss));
            corp.refer(*number, "manager", boss.as_slice());
        }
        Step::Member(group, member, add)
            if there(corp, group) && there(corp, member) && group != member =>
        {
            let members = corp
                .entry(*group)
                .links
                .entry("member".to_owned())
                .or_default();
            if *add {
                members.insert(*member)
            } else {
                members.remove(member)
            };
        }
        Step::Disable(number, off) if there(corp, number) => {
            corp.set(
                *number,
                "userAccountControl",
                if *off { "514" } else { "512" },
            );
        }
        _ => {}
    }
}

/// What the tenant has, by the anchors that the rules give.
async fn state(tenant: &Deployment) -> BTreeMap<String, Json> {
    let text = |json: &Json, name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let mut names = BTreeMap::new();
    let mut found = BTreeMap::new();
    let users = "/users?$select=id,onPremisesImmutableId,userPrincipalName,mail,jobTitle,accountEnabled,displayName,mailNickname&$expand=manager($select=id)&$top=999";
    let groups = "/groups?$select=id,uniqueName,displayName,mailNickname&$top=999";
    for (path, key) in [(users, "onPremisesImmutableId"), (groups, "uniqueName")] {
        for mut object in tenant.all(path).await {
            let (id, anchor) = (text(&object, "id"), text(&object, key));
            assert!(!anchor.is_empty(), "{object}");
            object.as_object_mut().unwrap().remove("id");
            names.insert(id.clone(), anchor);
            assert!(found.insert(id, object).is_none());
        }
    }
    let mut state = BTreeMap::new();
    for (id, mut object) in found {
        if let Some(manager) = object.as_object_mut().unwrap().remove("manager") {
            object["boss"] = names.get(&text(&manager, "id")).cloned().into();
        }
        if object.get("uniqueName").is_some() {
            let members = tenant
                .all(&format!("/groups/{id}/members?$select=id&$top=999"))
                .await;
            let members: BTreeSet<&String> = members
                .iter()
                .map(|member| &names[&text(member, "id")])
                .collect();
            object["members"] = serde_json::to_value(members).unwrap();
        }
        let anchor = names[&id].clone();
        assert!(
            state.insert(anchor, object).is_none(),
            "two objects for one source"
        );
    }
    state
}

async fn cycle(tenant: &Deployment, corp: &Corp, what: &str) {
    corp.write(tenant);
    let mut engine = tenant.engine().unwrap();
    engine.import(false, &Silent).await.unwrap();
    engine.synchronize(&Silent).unwrap();
    let plan = engine.plan().unwrap();
    // Small directories trip guards.
    let applied = engine
        .apply(&plan, Some(&plan.plan), &Silent)
        .await
        .unwrap();
    assert_eq!(applied.errors, [], "{what}: {plan:#?}");
}

async fn check(cycles: &[Vec<Step>]) {
    let mut corp = Corp::of(PEOPLE / 2);
    corp.group(101, [1, 2]);
    let warm = Deployment::start("contoso.test", PACKS, CONNECTOR).await;
    cycle(&warm, &corp, "first").await;
    for (at, steps) in cycles.iter().enumerate() {
        steps.iter().for_each(|step| apply(&mut corp, step));
        corp.backwards = at % 2 == 0;
        cycle(&warm, &corp, &format!("cycle {at}")).await;
    }
    // What moved between objects may take one cycle more.
    cycle(&warm, &corp, "settling").await;
    let plan = warm.plan().await.unwrap();
    assert!(
        plan.counts.is_empty() && plan.errors.is_empty(),
        "{plan:#?}"
    );

    let cold = Deployment::start("contoso.test", PACKS, CONNECTOR).await;
    corp.backwards = !corp.backwards;
    cycle(&cold, &corp, "cold").await;
    let plan = cold.plan().await.unwrap();
    assert!(plan.counts.is_empty(), "{plan:#?}");
    assert_eq!(state(&warm).await, state(&cold).await);
}

#[test]
fn histories_end_where_a_cold_cycle_ends() {
    let config = Config {
        cases: 16,
        max_shrink_iters: 150,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cycles = proptest::collection::vec(proptest::collection::vec(step(), 1..8), 1..5);
    TestRunner::new(config)
        .run(&cycles, |cycles| {
            runtime.block_on(check(&cycles));
            Ok(())
        })
        .unwrap();
}
