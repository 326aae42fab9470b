//! A small company, written to an LDIF file as a directory would export it.
#![allow(clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trib_runtime::error::Error;
use trib_runtime::plan::{Applied, Counts, Plan};

use crate::deployment::Deployment;

/// The domain of the company.
pub const BASE: &str = "DC=corp,DC=contoso,DC=test";

/// What `[connector.corp]` says.
pub const CONNECTOR: &str = "ldif = \"corp.ldif\"\nbase = \"DC=corp,DC=contoso,DC=test\"";

/// An entry. References name other entries by their numbers.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its structural class.
    pub class: &'static str,
    /// Its first name component.
    pub rdn: String,
    /// The unit it is in, such as `OU=Staff`.
    pub unit: String,
    /// Texts.
    pub values: BTreeMap<String, Vec<String>>,
    /// References.
    pub links: BTreeMap<String, BTreeSet<u32>>,
}

/// The directory, by the numbers that its entries keep for life.
#[derive(Debug, Clone, Default)]
pub struct Corp {
    /// Its entries.
    pub entries: BTreeMap<u32, Entry>,
    /// Entries stand in the file from the largest number to the smallest.
    pub backwards: bool,
}

fn guid(number: u32) -> [u8; 16] {
    let mut guid = [7; 16];
    let [a, b, c, d] = number.to_be_bytes();
    guid[0] = a;
    guid[1] = b;
    guid[2] = c;
    guid[3] = d;
    guid
}

/// The anchor that the shipped rules give the cloud user of an entry.
pub fn immutable_id(number: u32) -> String {
    STANDARD.encode(guid(number))
}

impl Corp {
    /// So many users, `p1` and on.
    pub fn of(users: u32) -> Corp {
        let mut corp = Corp::default();
        (1..=users).for_each(|number| corp.user(number));
        corp
    }

    /// A user: `CN=P7,OU=Staff` with the login `p7@contoso.test`.
    pub fn user(&mut self, number: u32) {
        self.add(number, "user", "OU=Staff", &format!("P{number}"));
        self.set(number, "sAMAccountName", &format!("p{number}"));
        self.set(
            number,
            "userPrincipalName",
            &format!("p{number}@contoso.test"),
        );
        self.set(number, "displayName", &format!("Person {number}"));
        self.set(number, "userAccountControl", "512");
        self.set(number, "department", "Sales");
    }

    /// A security group: `CN=G7,OU=Groups`.
    pub fn group(&mut self, number: u32, members: impl IntoIterator<Item = u32>) {
        self.add(number, "group", "OU=Groups", &format!("G{number}"));
        self.set(number, "sAMAccountName", &format!("g{number}"));
        self.set(number, "groupType", "-2147483646");
        self.entry(number)
            .links
            .insert("member".to_owned(), members.into_iter().collect());
    }

    fn add(&mut self, number: u32, class: &'static str, unit: &str, rdn: &str) {
        let entry = Entry {
            class,
            rdn: rdn.to_owned(),
            unit: unit.to_owned(),
            values: BTreeMap::new(),
            links: BTreeMap::new(),
        };
        self.entries.insert(number, entry);
    }

    /// The entry with this number.
    pub fn entry(&mut self, number: u32) -> &mut Entry {
        self.entries
            .get_mut(&number)
            .expect("an entry of the directory")
    }

    /// Gives an attribute one value.
    pub fn set(&mut self, number: u32, attribute: &str, value: &str) {
        self.entry(number)
            .values
            .insert(attribute.to_owned(), vec![value.to_owned()]);
    }

    /// Gives an attribute values.
    pub fn set_all(&mut self, number: u32, attribute: &str, values: &[&str]) {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.entry(number)
            .values
            .insert(attribute.to_owned(), values);
    }

    /// Takes an attribute's values away.
    pub fn clear(&mut self, number: u32, attribute: &str) {
        self.entry(number).values.remove(attribute);
    }

    /// Makes an attribute refer to these.
    pub fn refer(&mut self, number: u32, attribute: &str, to: &[u32]) {
        self.entry(number)
            .links
            .insert(attribute.to_owned(), to.iter().copied().collect());
    }

    /// Deletes an entry, and what refers to it, as a directory does.
    pub fn remove(&mut self, number: u32) -> Entry {
        for entry in self.entries.values_mut() {
            entry.links.values_mut().for_each(|link| {
                link.remove(&number);
            });
        }
        self.entries
            .remove(&number)
            .expect("an entry of the directory")
    }

    /// The dn of an entry.
    pub fn dn(&self, number: u32) -> String {
        let entry = self
            .entries
            .get(&number)
            .expect("an entry of the directory");
        format!("CN={},{},{BASE}", entry.rdn, entry.unit)
    }

    /// The directory as a file.
    pub fn ldif(&self) -> String {
        let mut ldif =
            format!("version: 1\n\ndn: {BASE}\nobjectClass: top\nobjectClass: domainDNS\n");
        let units: BTreeSet<&str> = self
            .entries
            .values()
            .map(|entry| entry.unit.as_str())
            .collect();
        for unit in units {
            let _ = write!(
                ldif,
                "\ndn: {unit},{BASE}\nobjectClass: top\nobjectClass: organizationalUnit\n"
            );
        }
        let mut numbers: Vec<u32> = self.entries.keys().copied().collect();
        if self.backwards {
            numbers.reverse();
        }
        for number in numbers {
            let entry = self.entries.get(&number).expect("an entry");
            let _ = write!(ldif, "\ndn: {}\nobjectClass: top\n", self.dn(number));
            if entry.class != "group" {
                ldif.push_str("objectClass: person\nobjectClass: organizationalPerson\n");
            }
            if entry.class == "inetOrgPerson" {
                ldif.push_str("objectClass: user\n");
            }
            let _ = writeln!(ldif, "objectClass: {}\ncn: {}", entry.class, entry.rdn);
            let _ = writeln!(ldif, "objectGUID:: {}", immutable_id(number));
            let sid = [
                &[
                    1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0,
                ][..],
                &number.to_le_bytes(),
            ];
            if !entry.values.contains_key("objectSid") {
                let _ = writeln!(ldif, "objectSid:: {}", STANDARD.encode(sid.concat()));
            }
            for (attribute, values) in &entry.values {
                for value in values {
                    let _ = writeln!(ldif, "{attribute}:: {}", STANDARD.encode(value));
                }
            }
            for (attribute, targets) in &entry.links {
                for target in targets
                    .iter()
                    .filter(|target| self.entries.contains_key(target))
                {
                    let _ = writeln!(ldif, "{attribute}: {}", self.dn(*target));
                }
            }
        }
        ldif
    }

    /// Writes the file of a deployment.
    pub fn write(&self, tenant: &Deployment) {
        fs::write(tenant.folder().join("corp.ldif"), self.ldif()).expect("the file is written");
    }

    /// The next cycle of a deployment.
    ///
    /// # Errors
    /// Whatever stops the engine.
    pub async fn cycle(&self, tenant: &Deployment) -> Result<(Plan, Applied), Error> {
        self.write(tenant);
        tenant.cycle().await
    }

    /// The next cycle does exactly this, without an error, and after it there is nothing left to do.
    pub async fn expect(&self, tenant: &Deployment, wanted: Counts, what: &str) -> Plan {
        let (plan, applied) = self.cycle(tenant).await.expect(what);
        assert_eq!(plan.errors, [], "{what}");
        assert_eq!(
            Counts {
                unchanged: 0,
                ..plan.counts
            },
            wanted,
            "{what}: {:#?}",
            plan.changes
        );
        assert_eq!(applied.errors, [], "{what}");
        assert_eq!(applied.written, wanted, "{what}");
        idle(tenant, what).await;
        plan
    }
}

impl Corp {
    /// The next cycle does this and has one error, which stays.
    pub async fn expect_error(&self, tenant: &Deployment, wanted: Counts, code: &str) {
        let (plan, applied) = self.cycle(tenant).await.expect(code);
        assert!(
            plan.errors.iter().any(|error| error.code == code),
            "{:?}",
            plan.errors
        );
        assert_eq!(applied.written, wanted, "{code}: {:#?}", plan.changes);
        idle(tenant, code).await;
        let plan = tenant.plan().await.expect(code);
        assert!(
            plan.errors.iter().any(|error| error.code == code),
            "{:?}",
            plan.errors
        );
    }
}

/// There is nothing left to do.
pub async fn idle(tenant: &Deployment, what: &str) {
    let plan = tenant.plan().await.expect(what);
    assert!(
        plan.counts.is_empty(),
        "{what}, the second plan: {:#?}",
        plan.changes
    );
}
