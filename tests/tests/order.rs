//! The order in which things come decides nothing: two forests whose people are joined and whose groups
//! cross, read in any order of records, of connectors and of cycles, end in the same metaverse, the same
//! links, the same errors and the same plan.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trib_compiler::Sources;
use trib_runtime::Engine;
use trib_runtime::config::Config;
use trib_runtime::plan::{Change, ObjectError};
use trib_runtime::progress::Silent;
use trib_sandbox::{Options, Sandbox};
use trib_tests::fuzz::Random;

const CONNECTORS: [&str; 3] = [
    "connector acc : ad\n",
    "connector res : ad\n",
    "connector cloud : entra\n",
];

const RULES: &str = r#"
metaverse person {
  number     : string(16) indexed
  mail       : string(256) indexed
  name       : string(256)
  department : string(64)
  phone      : string(64)
  boss       : ref person
}
metaverse group {
  label  : string(256) indexed
  member : [ref any]
}
rule "account" {
  from acc.user to person precedence 10 link provision
  scope department is present
  join employeeID == person.number
  flow {
    number <- employeeID
    mail
    name <- cn
    department <- Left(department, 64)
    boss <- manager
  }
}
rule "resource" {
  from res.user to person precedence 20 link provision
  scope not title starts with "none"
  join employeeID == person.number
  join mail == person.mail
  flow {
    number <- employeeID
    mail
    name <- cn
    phone <- Left(telephoneNumber, 64)
    department <- Left(department, 64)
    boss <- manager
  }
}
rule "contact" {
  from res.contact to person precedence 30 link join
  join mail == person.mail
  flow { phone <- Left(telephoneNumber, 64) }
}
rule "account group" {
  from acc.group to group precedence 40 link provision
  join cn == group.label
  flow { label <- cn member <- merge member }
}
rule "resource group" {
  from res.group to group precedence 50 link provision
  join cn == group.label
  flow { label <- cn member <- merge member }
}
rule "person out" {
  from person to cloud.user precedence 60 link provision
  scope name is present and number is present
  flow {
    displayName <- name
    userPrincipalName <- number & "@contoso.test"
    mailNickname <- Left(number, 64)
    accountEnabled <- true
    department
    mobilePhone <- phone
    manager <- boss
    passwordProfile <- once { password: RandomPassword(), forceChangePasswordNextSignIn: true }
  }
}
rule "group out" {
  from group to cloud.group precedence 70 link provision
  scope label is present
  flow {
    displayName <- label
    mailNickname <- Left(label, 64)
    mailEnabled <- once false
    securityEnabled <- true
    members <- member
  }
}
"#;

/// One entry of a forest, as text of an LDIF file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    forest: usize,
    text: String,
}

const BASES: [&str; 2] = ["DC=acc,DC=test", "DC=res,DC=test"];

fn dn(forest: usize, class: &str, number: usize) -> String {
    format!("CN={class} {number},{}", BASES[forest])
}

fn record(forest: usize, class: &str, number: usize, cn: &str, lines: &str) -> Record {
    let classes = match class {
        "user" => "person\nobjectClass: organizationalPerson\nobjectClass: user",
        "contact" => "person\nobjectClass: organizationalPerson\nobjectClass: contact",
        class => class,
    };
    let mut anchor = [forest as u8 + 1; 16];
    anchor[0] = class.len() as u8;
    anchor[15] = number as u8;
    let anchor = STANDARD.encode(anchor);
    let dn = dn(forest, class, number);
    let text = format!(
        "\ndn: {dn}\nobjectClass: top\nobjectClass: {classes}\ncn: {cn}\nobjectGUID:: {anchor}\n{lines}"
    );
    Record { forest, text }
}

/// Two forests. With `conflicts` several entries claim one person or group.
fn forests(random: &mut Random, conflicts: bool) -> Vec<Record> {
    let mut records = Vec::new();
    let people = 5;
    for forest in 0..2 {
        for number in 0..people {
            // Without conflicts a contact is the only entry of its forest for its person.
            let contact = !conflicts && forest == 1 && number < 2;
            if contact || random.below(5) == 0 {
                continue;
            }
            let who = match conflicts {
                true => random.below(people),
                false => number,
            };
            let mut lines = format!(
                "employeeID: {who}\nmail: m{who}@contoso.test\ntelephoneNumber: +{forest}{number}\n"
            );
            if conflicts && random.below(4) == 0 {
                let other = random.below(people);
                lines = format!("employeeID: {who}\nmail: m{other}@contoso.test\n");
            }
            if random.below(4) > 0 {
                lines += &format!("department: D{}\n", random.below(3));
            }
            if random.below(6) == 0 {
                lines += "title: none\n";
            }
            if random.below(2) == 0 {
                lines += &format!("manager: {}\n", dn(forest, "user", random.below(people)));
            }
            records.push(record(
                forest,
                "user",
                number,
                &format!("P{number}"),
                &lines,
            ));
        }
        for number in 0..4 {
            let label = match conflicts {
                true => random.below(4),
                false => number,
            };
            let mut members = BTreeSet::new();
            for _ in 0..random.below(5) {
                members.insert(match random.below(3) {
                    0 => dn(forest, "group", random.below(4)),
                    _ => dn(forest, "user", random.below(people + 1)),
                });
            }
            let lines: String = members.iter().map(|m| format!("member: {m}\n")).collect();
            records.push(record(
                forest,
                "group",
                number,
                &format!("G{label}"),
                &lines,
            ));
        }
    }
    for number in 0..2 {
        let lines = format!("mail: m{number}@contoso.test\ntelephoneNumber: +9{number}\n");
        records.push(record(1, "contact", number, &format!("C{number}"), &lines));
    }
    records
}

fn shuffled(records: &[Record], random: &mut Random) -> Vec<Record> {
    let mut records = records.to_vec();
    for at in (1..records.len()).rev() {
        records.swap(at, random.below(at + 1));
    }
    records
}

/// What a deployment knows, without the numbers it gave to things.
#[derive(Debug)]
struct Outcome {
    /// The entries of each object, with the rules that linked them.
    links: BTreeSet<Vec<String>>,
    references: BTreeSet<(Vec<String>, Vec<String>)>,
    errors: Vec<ObjectError>,
    changes: Vec<Change>,
}

impl Outcome {
    fn is(&self, other: &Outcome, what: &str) {
        assert_eq!(self.errors, other.errors, "errors, {what}");
        assert_eq!(self.links, other.links, "links, {what}");
        assert_eq!(self.references, other.references, "references, {what}");
        assert_eq!(self.changes, other.changes, "changes, {what}");
    }
}

struct World {
    folder: tempfile::TempDir,
    rules: String,
}

impl World {
    fn new(url: &str, connectors: &[&str]) -> World {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "a secret").unwrap();
        let forest = |name: &str, base: &str| {
            format!(
                "[connector.{name}]\nkind = \"ad\"\nldif = \"{name}.ldif\"\nbase = \"{base}\"\n"
            )
        };
        let config = format!(
            "rules = \"rules\"\nstate = \"sqlite:state.db\"\n{}{}\
             [connector.cloud]\nkind = \"entra\"\ntenant = \"contoso.onmicrosoft.com\"\n\
             client_id = \"11111111-2222-3333-4444-555555555555\"\n\
             credential = {{ secret = {{ file = \"secret\" }} }}\ngraph = \"{url}\"\nlogin = \"{url}\"\n",
            forest("acc", BASES[0]),
            forest("res", BASES[1])
        );
        fs::write(folder.path().join("trib.toml"), config).unwrap();
        let rules = connectors.concat() + RULES;
        World { folder, rules }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    async fn cycle(&self, records: &[Record]) -> Outcome {
        for (forest, name) in ["acc", "res"].iter().enumerate() {
            let base = BASES[forest];
            let mut text =
                format!("version: 1\n\ndn: {base}\nobjectClass: top\nobjectClass: domainDNS\n");
            for record in records.iter().filter(|record| record.forest == forest) {
                text += &record.text;
            }
            fs::write(self.path().join(format!("{name}.ldif")), text).unwrap();
        }
        let mut sources = Sources::default();
        sources.add("rules/main.trib", self.rules.as_str());
        let checked = trib_compiler::check(&mut sources);
        let rules = trib_compiler::compile(&checked, &sources).unwrap_or_else(|| {
            panic!(
                "{}",
                trib_compiler::diagnostics::human(&checked.diagnostics, &sources, false)
            )
        });
        let config = Config::load(&self.path().join("trib.toml")).unwrap();
        let mut engine = Engine::open(rules, &config).unwrap();
        engine.import(true, &Silent).await.unwrap();
        engine.synchronize(&Silent).unwrap();
        let plan = engine.plan().unwrap();
        self.outcome(plan.errors, plan.changes)
    }

    fn outcome(&self, mut errors: Vec<ObjectError>, mut changes: Vec<Change>) -> Outcome {
        let db = rusqlite::Connection::open(self.path().join("state.db")).unwrap();
        let mut objects: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        let sql = "SELECT object, c.name || ' ' || dn || ' ' || link_rule FROM entry e
                   JOIN connector c ON c.id = e.connector WHERE object IS NOT NULL AND dn IS NOT NULL
                   ORDER BY 2";
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        for row in rows.unwrap() {
            let (object, entry) = row.unwrap();
            objects.entry(object).or_default().push(entry);
        }
        let mut statement = db
            .prepare("SELECT owner, target FROM object_reference")
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let named = |id: i64| objects.get(&id).cloned().unwrap_or_default();
        let references = rows
            .unwrap()
            .map(|row| row.unwrap())
            .map(|(owner, target)| (named(owner), named(target)))
            .collect();
        errors.sort_by_key(|error| format!("{error:?}"));
        for change in &mut changes {
            for attribute in &mut change.attributes {
                attribute.at.clear();
                for list in [&mut attribute.old, &mut attribute.new] {
                    if let Some(list) = list.as_array_mut() {
                        list.sort_by_key(ToString::to_string);
                    }
                }
            }
            change.attributes.sort_by_key(|a| a.name.clone());
        }
        for error in &mut errors {
            error.at.clear();
        }
        changes.sort_by_key(|change| format!("{change:?}"));
        Outcome {
            links: objects.into_values().collect(),
            references,
            errors,
            changes,
        }
    }
}

async fn tenant() -> Sandbox {
    let options = Options {
        domains: vec!["contoso.test".to_owned()],
        ..Options::default()
    };
    Sandbox::start("127.0.0.1:0".parse().unwrap(), options)
        .await
        .unwrap()
}

const ORDERS: [[usize; 3]; 4] = [[0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0]];

fn connectors(order: [usize; 3]) -> [&'static str; 3] {
    order.map(|at| CONNECTORS[at])
}

#[tokio::test]
async fn records_and_connectors_in_any_order() {
    let tenant = tenant().await;
    for seed in 0..12 {
        let mut random = Random(seed);
        let records = forests(&mut random, seed % 3 > 0);
        let first = World::new(&tenant.url(), &CONNECTORS).cycle(&records).await;
        assert!(!first.changes.is_empty() && !first.references.is_empty());
        for order in ORDERS {
            let records = shuffled(&records, &mut random);
            let world = World::new(&tenant.url(), &connectors(order));
            let again = world.cycle(&records).await;
            again.is(&first, &format!("seed {seed}, connectors {order:?}"));
        }
    }
}

#[tokio::test]
async fn cycles_in_any_cut() {
    let tenant = tenant().await;
    for seed in 100..112 {
        let mut random = Random(seed);
        let records = forests(&mut random, false);
        let first = World::new(&tenant.url(), &CONNECTORS).cycle(&records).await;
        let world = World::new(&tenant.url(), &connectors(ORDERS[random.below(4)]));
        // Records come and go, sides are recalled and come back; in the end all of them are there.
        for _ in 0..3 {
            let mut some = shuffled(&records, &mut random);
            let some_of: Vec<Record> = some.drain(..).filter(|_| random.below(3) > 0).collect();
            // A directory without an entry is a broken one: its base is always there.
            world.cycle(&some_of).await;
        }
        let again = world.cycle(&shuffled(&records, &mut random)).await;
        again.is(&first, &format!("seed {seed}"));
    }
}
