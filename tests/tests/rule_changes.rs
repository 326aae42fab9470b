//! After a change of rules only what it concerns is evaluated, and the result is that of evaluating
//! everything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod stores;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use stores::{contents, engine, touch_all};
use trib_compiler::notation::time::{DAY, print};
use trib_compiler::value::Ticks;
use trib_runtime::plan::Plan;
use trib_runtime::progress::Silent;
use trib_runtime::sync::Evaluated;
use trib_tests::corp::{CONNECTOR, Corp};
use trib_tests::deployment::Deployment;

const PEOPLE: u32 = 7;
const GROUPS: u32 = 3;

/// The instant of all cycles over the first store, which was made a little earlier.
fn instant() -> Ticks {
    static INSTANT: OnceLock<Ticks> = OnceLock::new();
    *INSTANT.get_or_init(|| trib_runtime::now() + DAY)
}

/// The places of a rule set that edits change, and how many ways each has; way 0 is how it starts.
const WAYS: [usize; 24] = [
    3, 4, 2, 2, 2, 3, 3, 3, 4, 2, 3, 2, 3, 3, 2, 3, 2, 2, 2, 2, 3, 2, 2, 2,
];

/// The place where rules that make people become ones that only keep them.
const STICKY: usize = 21;

type Spec = [usize; WAYS.len()];

const START: Spec = [0; WAYS.len()];

/// Every attribute that some variant reads.
const READ: &str = r#"
rule "reads everything" {
  from corp.user
  to person
  precedence 900
  link join
  scope sAMAccountName == "nobody" and adminDescription == department and title == First(description)
        and whenCreated < Now() and mail == displayName and company == cn and l is present
  join objectSid == person.objectSid
  flow { city <- l }
}
"#;

fn pick<'a>(spec: &Spec, place: usize, ways: &[&'a str]) -> &'a str {
    assert_eq!(ways.len(), WAYS[place], "place {place}");
    ways[spec[place]]
}

fn render(spec: &Spec) -> String {
    let p = |place: usize, ways: &[&'static str]| pick(spec, place, ways);
    let lines = p(0, &["", "\n\n", "\n// moved\n\n\n"]);
    let scope = p(
        1,
        &[
            "userAccountControl is present",
            "not adminDescription starts with \"User_\"",
            "dn under \"OU=Staff,DC=corp,DC=contoso,DC=test\"",
            "whenCreated < DateAdd(\"d\", -30, Now())",
        ],
    );
    let name = p(2, &["user in", "user in, renamed"]);
    let join = p(3, &["", "join mail == person.mail"]);
    let indexed = p(4, &["", " indexed"]);
    let indexed = if join.is_empty() { indexed } else { " indexed" };
    let title = p(
        5,
        &[
            "title <- Trim(title)",
            "",
            "title <- UCase(title) ?? \"none\"",
        ],
    );
    let extra = p(6, &["", "disabled", "x"]);
    let extra_precedence = p(7, &["200", "40", "41"]);
    let extra_flow = p(
        8,
        &[
            "title <- First(description)",
            "department <- if title == \"T1\" then skip else \"Extra\"",
            "displayName <- if title == \"T2\" then error \"no\" else displayName",
            "title <- clear",
        ],
    );
    let manager = p(9, &["manager", ""]);
    let deprovision = p(
        10,
        &[
            "delete",
            "disconnect",
            "disable { accountEnabled <- false }",
        ],
    );
    let out = p(11, &["user out", "user out, renamed"]);
    let out_scope = p(
        12,
        &["", "and title is present", "and department == \"Sales\""],
    );
    let out_title = p(
        13,
        &[
            "jobTitle <- title",
            "",
            "jobTitle <- Left(title & \"!\", 128)",
        ],
    );
    let manager_out = p(14, &["manager", ""]);
    let manager_out = if manager.is_empty() { "" } else { manager_out };
    let second = p(
        15,
        &[
            "",
            "rule \"more out\" { from person to cloud.user precedence 90 link join flow { jobTitle <- if department == \"Sales\" then \"seller\" } }",
            "rule \"more out\" { from person to cloud.user precedence 190 link join scope title == \"T1\" flow { companyName <- \"C\" } }",
        ],
    );
    let group_name = p(16, &["cn", "cn & \"*\""]);
    let member = p(17, &["member", ""]);
    let members = p(18, &["members <- member", ""]);
    let members = if member.is_empty() { "" } else { members };
    let groups = p(19, &["", "disabled"]);
    let group_scope = p(
        20,
        &[
            "",
            "and displayName != \"G101\"",
            "and description is present",
        ],
    );
    let link = p(
        21,
        &[
            "link provision",
            "link sticky\n  join objectSid == person.objectSid",
        ],
    );
    let department = p(22, &["department", "department <- department ?? company"]);
    let flows_moved = p(23, &["", "\n\n"]);
    let extra = match extra {
        "" => String::new(),
        kept => format!(
            "rule \"extra\" {{ from corp.user to person precedence {extra_precedence} link join {} flow {{ {extra_flow} }} }}",
            if kept == "x" { "" } else { kept }
        ),
    };
    format!(
        r#"{lines}
connector corp  : ad
connector cloud : entra
metaverse person {{
  accountEnabled    : bool
  city              : string(128)
  department        : string(64)
  displayName       : string(256)
  mail              : string(256){indexed}
  manager           : ref person
  objectSid         : sid indexed
  sourceAnchor      : string(64) indexed
  title             : string(128)
  userPrincipalName : string(113)
}}
metaverse group {{
  description  : string(1024)
  displayName  : string(256)
  member       : [ref any]
  sourceAnchor : string(36) indexed
}}
{READ}
rule "{name}" {{
  from corp.user
  to person
  precedence 100
  {link}
  scope {scope}
  {join}
  flow {{{flows_moved}
    sourceAnchor      <- ConvertToBase64(objectGUID)
    accountEnabled    <- not IsBitSet(userAccountControl, 2)
    displayName       <- Left(displayName ?? cn, 256)
    userPrincipalName <- Left(userPrincipalName ?? sAMAccountName & "@contoso.test", 113)
    mail <- Left(mail, 256)
    objectSid
    {department}
    {title}
    {manager}
  }}
}}
rule "users of last resort" {{
  from corp.user
  to person
  precedence 800
  link provision
  scope First(description) == "kept"
  join objectSid == person.objectSid
  flow {{ sourceAnchor <- ConvertToBase64(objectGUID) }}
}}
{extra}
rule "{out}" {{
  from person
  to cloud.user
  precedence 100
  link provision
  scope sourceAnchor is present and userPrincipalName is present and displayName is present
        and accountEnabled is present {out_scope}
  join sourceAnchor == user.onPremisesImmutableId
  deprovision {deprovision}
  flow {{
    onPremisesImmutableId <- sourceAnchor
    accountEnabled, displayName, userPrincipalName, department, mail, city
    mailNickname    <- Left(Word(userPrincipalName, 1, "@"), 64)
    passwordProfile <- once {{ password: RandomPassword(), forceChangePasswordNextSignIn: true }}
    {out_title}
    {manager_out}
  }}
}}
{second}
rule "group in" {{
  from corp.group
  to group
  precedence 100
  link provision
  flow {{
    sourceAnchor <- StringFromGuid(objectGUID)
    displayName  <- Left({group_name}, 256)
    description  <- First(description)
    {member}
  }}
}}
rule "group out" {{
  {groups}
  from group
  to cloud.group
  precedence 100
  link provision
  scope sourceAnchor is present and displayName is present {group_scope}
  join sourceAnchor == group.uniqueName
  flow {{
    uniqueName      <- once sourceAnchor
    mailEnabled     <- once false
    securityEnabled <- true
    mailNickname    <- Left(sourceAnchor, 64)
    displayName, description
    {members}
  }}
}}
"#
    )
}

fn corp() -> Corp {
    let mut corp = Corp::of(PEOPLE);
    for number in 1..=PEOPLE {
        corp.set(number, "mail", &format!("m{number}@contoso.test"));
        corp.set(number, "title", &format!("T{}", number % 3));
        let created = print(instant() - (23 + 2 * i64::from(number)) * DAY);
        let created: String = created
            .chars()
            .filter(char::is_ascii_digit)
            .take(14)
            .collect();
        corp.set(number, "whenCreated", &format!("{created}.0Z"));
    }
    corp.clear(4, "title");
    corp.set(2, "adminDescription", "User_out");
    corp.set(3, "description", "kept");
    corp.set(5, "department", "Ops");
    corp.entry(6).unit = "OU=Away".to_owned();
    corp.set(7, "company", "Other");
    corp.clear(7, "department");
    for number in 2..=PEOPLE {
        corp.refer(number, "manager", &[number - 1]);
    }
    corp.group(101, [1, 2, 3]);
    corp.group(102, [4, 5, 101]);
    corp.group(103, []);
    corp.set(102, "description", "the second");
    corp
}

/// A store after a whole cycle with the first rules: everybody is in the cloud, and an import said so.
/// One more person appeared since.
fn base() -> &'static Path {
    static BASE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = BASE.get_or_init(|| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut corp = corp();
            let tenant = Deployment::start("contoso.test", &render(&START), CONNECTOR).await;
            let (plan, applied) = corp.cycle(&tenant).await.unwrap();
            assert_eq!(applied.errors, [], "{plan:#?}");
            assert_eq!(plan.counts.create, u64::from(PEOPLE + GROUPS), "{plan:#?}");
            let plan = tenant.plan().await.unwrap();
            assert!(plan.changes.is_empty(), "{plan:#?}");
            corp.user(PEOPLE + 1);
            corp.write(&tenant);
            tenant.plan().await.unwrap();
            let kept = tempfile::tempdir().unwrap();
            let path = kept.path().join("base.db");
            fs::copy(tenant.folder().join("state.db"), &path).unwrap();
            (kept, path)
        })
    });
    path
}

/// Evaluates what a change of rules concerns, and everything in a copy of the same store.
fn step(state: &Path, rules: &str, what: &str) -> (Evaluated, Evaluated) {
    let full = state.with_extension("full");
    fs::copy(state, &full).unwrap();
    let mut warm = engine(state, rules);
    let few = warm.synchronize_at(instant(), &Silent).unwrap();
    let plan = warm.plan().unwrap();
    drop(warm);
    touch_all(&full);
    let mut cold = engine(&full, rules);
    let all = cold.synchronize_at(instant(), &Silent).unwrap();
    let wanted = cold.plan().unwrap();
    assert_eq!(plan.changes, wanted.changes, "{what}");
    assert_eq!(plan, wanted, "{what}");
    drop(cold);
    assert_eq!(contents(state), contents(&full), "{what}");
    (few, all)
}

fn copy_of_base(folder: &tempfile::TempDir) -> PathBuf {
    let state = folder.path().join("state.db");
    fs::copy(base(), &state).unwrap();
    state
}

#[test]
fn edits_end_where_evaluating_everything_ends() {
    let config = Config {
        cases: 24,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let edit = (0..WAYS.len()).prop_flat_map(|place| (Just(place), 0..WAYS[place]));
    let edits = proptest::collection::vec(proptest::collection::vec(edit, 1..4), 1..6);
    TestRunner::new(config)
        .run(&edits, |edits| {
            let folder = tempfile::tempdir().unwrap();
            let state = copy_of_base(&folder);
            let mut spec = START;
            for edit in &edits {
                for (place, way) in edit {
                    spec[*place] = *way;
                }
                step(&state, &render(&spec), &format!("{edit:?} in {edits:?}"));
            }
            Ok(())
        })
        .unwrap();
}

/// How much one edit evaluates.
fn edited(place: usize, way: usize) -> (Evaluated, Evaluated) {
    let folder = tempfile::tempdir().unwrap();
    let state = copy_of_base(&folder);
    let mut spec = START;
    spec[place] = way;
    step(&state, &render(&spec), &format!("{place}: {way}"))
}

#[test]
fn every_edit_alone() {
    for (place, ways) in WAYS.iter().enumerate() {
        for way in 1..*ways {
            edited(place, way);
        }
    }
}

#[test]
fn an_edit_of_a_group_rule_evaluates_no_user() {
    let groups = u64::from(GROUPS);
    let (outbound, all) = edited(16, 1);
    assert!(
        all.entries > outbound.entries && all.objects > outbound.objects,
        "{all:?}"
    );
    assert_eq!((outbound.entries, outbound.objects), (groups, groups));
    // Only what the metaverse gives to the cloud is another.
    let (outbound, _) = edited(20, 1);
    assert_eq!(outbound.entries, 0);
    assert_eq!(outbound.objects, groups);
}

#[test]
fn moved_lines_evaluate_only_what_waits_to_be_written() {
    let (few, all) = edited(0, 2);
    assert!(all.entries > 0 && all.objects > 1, "{all:?}");
    // The one who appeared since.
    assert_eq!((few.entries, few.objects), (0, 1));
}

#[test]
fn rules_that_stay_evaluate_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let state = copy_of_base(&folder);
    let (few, all) = step(&state, &render(&START), "nothing");
    assert!(all.entries > 0 && all.objects > 1, "{all:?}");
    assert_eq!((few.entries, few.objects), (0, 0));
}

/// A plan whose lists of references do not tell in which order the store came to know their objects.
fn in_order(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    plan.plan.clear();
    let changes = plan.changes.iter_mut();
    for attribute in changes.flat_map(|change| &mut change.attributes) {
        for list in [&mut attribute.old, &mut attribute.new] {
            if let Some(list) = list.as_array_mut() {
                list.sort_by_key(ToString::to_string);
            }
        }
    }
    plan
}

/// New rules over a store that knows other ones give the plan that they give over an empty store, where
/// nothing was written yet that could make a difference.
#[test]
fn edits_end_where_an_empty_store_ends() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut tenant = Deployment::start("contoso.test", &render(&START), CONNECTOR).await;
        corp().write(&tenant);
        tenant.plan().await.unwrap();
        let state = tenant.folder().join("state.db");
        for (place, ways) in WAYS.iter().enumerate() {
            // A link stays though its rule would make no new one.
            if place == STICKY {
                continue;
            }
            let mut spec = START;
            spec[place] = ways - 1;
            tenant.set_rules(&render(&spec));
            let warm = tenant.plan().await.unwrap();
            let kept = tenant.folder().join("kept.db");
            fs::rename(&state, &kept).unwrap();
            let cold = tenant.plan().await.unwrap();
            assert_eq!(in_order(&warm), in_order(&cold), "place {place}");
            fs::rename(&kept, &state).unwrap();
        }
    });
}
