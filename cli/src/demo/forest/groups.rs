//! The groups: of departments and offices, of projects, nested, empty, huge, and Windows' own.

use super::names::{CITIES, DEPARTMENTS};
use super::people::Person;
use super::{DOMAIN, Entry, place, rest};

// what `groupType` says: the sign is the bit of security groups
const GLOBAL: &str = "-2147483646";
const LOCAL: &str = "-2147483644";
const UNIVERSAL: &str = "-2147483640";
const BUILT_IN: &str = "-2147483643";
const DISTRIBUTION: &str = "8";

const PROJECTS: [&str; 18] = [
    "Aurora", "Bifrost", "Cascade", "Dovetail", "Ember", "Fjord", "Granite", "Halcyon", "Iris",
    "Juniper", "Kestrel", "Lantern", "Meridian", "Nimbus", "Orchard", "Pelican", "Quartz", "Rowan",
];

/// All groups. What they name as members is not always in the cloud, or anywhere.
pub fn all(people: &[Person]) -> Vec<Entry> {
    let mut groups = of_work(people);
    groups.extend(of_projects(people));
    groups.extend(odd(people));
    groups.extend(with_addresses(people));
    groups.extend(unwanted(people));
    groups
}

fn group(name: &str, kind: &str, place: &str) -> Entry {
    let escaped = name.replace('\n', "\\0A");
    Entry::new(format!("CN={escaped},{place}"), "top group")
        .principal()
        .with("cn", name)
        .with("groupType", kind)
        .with("sAMAccountName", name.replace('\n', "-"))
}

fn named(name: &str, kind: &str) -> Entry {
    group(name, kind, &place("OU=Groups")).with("displayName", name)
}

fn dns<'a>(people: impl IntoIterator<Item = &'a Person>) -> impl Iterator<Item = &'a str> {
    people.into_iter().map(|person| person.account.dn.as_str())
}

/// Everybody of a department, of an office, and of all departments by nesting.
fn of_work(people: &[Person]) -> Vec<Entry> {
    let departments = DEPARTMENTS.iter().map(|name| {
        let members = people.iter().filter(|person| person.department == *name);
        named(&format!("Department {name}"), GLOBAL)
            .with("description", format!("Everybody who works in {name}"))
            .with_all("member", dns(members))
    });
    let offices = CITIES.iter().map(|city| {
        let members = people.iter().filter(|person| person.city == city.name);
        named(&format!("Office {}", city.name), GLOBAL).with_all("member", dns(members))
    });
    let mut groups: Vec<Entry> = departments.collect();
    let all = named("All Departments", UNIVERSAL)
        .with_all("member", groups.iter().map(|group| group.dn.as_str()));
    groups.extend(offices);
    groups.push(all);
    groups
}

/// Groups of a dozen, from everywhere.
fn of_projects(people: &[Person]) -> impl Iterator<Item = Entry> {
    PROJECTS.iter().enumerate().map(|(number, name)| {
        let members = people.iter().skip(number * 3).step_by(41);
        named(&format!("Project {name}"), GLOBAL).with_all("member", dns(members))
    })
}

/// Groups with something unusual.
fn odd(people: &[Person]) -> Vec<Entry> {
    let some = |from: usize| dns(people.iter().skip(from).step_by(97));
    let long = "Read and write access to the archive of drawings of the plants in Stockholm, Berlin and Paris";
    vec![
        named("Town Hall", UNIVERSAL).with_all("member", dns(people.iter().take(300))),
        named("Archive Readers", LOCAL),
        // each is a member of the other
        named("Circle A", GLOBAL)
            .with("member", place("CN=Circle B,OU=Groups"))
            .with_all("member", some(1)),
        named("Circle B", GLOBAL)
            .with("member", place("CN=Circle A,OU=Groups"))
            .with_all("member", some(2)),
        // not everything that is a member here has its like in the cloud
        named("Mixed Company", UNIVERSAL)
            .with_all("member", some(3))
            .with("member", place("CN=Administrator,CN=Users"))
            .with("member", place("CN=svc-web,OU=Service Accounts"))
            .with_all(
                "member",
                rest::contacts()
                    .iter()
                    .chain(&rest::computers())
                    .take(12)
                    .map(|e| e.dn.as_str()),
            )
            .with("member", place("CN=News,OU=Groups")),
        // the name is the same, the group is not
        group("Printers", LOCAL, &place("OU=Stockholm,OU=Staff"))
            .without("sAMAccountName")
            .with("sAMAccountName", "Printers-Stockholm")
            .with_all("member", some(4)),
        group("Printers", LOCAL, &place("OU=Berlin,OU=Staff"))
            .without("sAMAccountName")
            .with("sAMAccountName", "Printers-Berlin")
            .with_all("member", some(5)),
        named("Geschäftsführung", GLOBAL)
            .with_all(
                "description",
                ["Vorstand und Bereichsleitung", "Vertraulich"],
            )
            .with_all("member", dns(people.iter().take(10))),
        named("Küche & Einkauf (Süd)", GLOBAL).with_all("member", some(6)),
        // nothing but Windows' name for it
        group("VPN Users", GLOBAL, &place("OU=Groups")).with_all("member", some(8)),
        group("Drawings RW", LOCAL, &place("OU=Groups"))
            .without("sAMAccountName")
            .with("sAMAccountName", long)
            .with("displayName", long)
            .with_all("member", some(7)),
    ]
}

/// Security groups that are mail lists too, and mail lists that are nothing else.
fn with_addresses(people: &[Person]) -> impl Iterator<Item = Entry> {
    let list = |name: &str, kind: &str, from: usize| {
        let mail = format!("{}@{DOMAIN}", name.to_lowercase());
        named(name, kind)
            .with("mail", mail.as_str())
            .with("mailNickname", name.to_lowercase())
            .with("proxyAddresses", format!("SMTP:{mail}"))
            .with_all("member", dns(people.iter().skip(from).step_by(53)))
    };
    let security = ["Payroll", "Auditors", "Oncall"].map(|name| list(name, UNIVERSAL, name.len()));
    let plain = ["News", "Lunch", "Sports", "Alumni", "Press"]
        .map(|name| list(name, DISTRIBUTION, name.len()));
    security.into_iter().chain(plain)
}

/// Groups that stay out of the cloud: Windows' own, those marked, and a loser of replication.
fn unwanted(people: &[Person]) -> Vec<Entry> {
    let users = place("CN=Users");
    let system = |name: &str, kind: &str, place: &str| {
        group(name, kind, place).with("isCriticalSystemObject", "TRUE")
    };
    let administrator = || place("CN=Administrator,CN=Users");
    let mut groups = vec![
        system("Administrators", BUILT_IN, &place("CN=Builtin")).with("member", administrator()),
        system("Users", BUILT_IN, &place("CN=Builtin")),
        system("Guests", BUILT_IN, &place("CN=Builtin")),
        system("Domain Admins", GLOBAL, &users).with("member", administrator()),
        system("Domain Users", GLOBAL, &users),
        system("Enterprise Admins", UNIVERSAL, &users).with("member", administrator()),
        group("MSOL_AD_Sync_RichCoexistence", GLOBAL, &users),
        named("Lab Access", LOCAL)
            .with("adminDescription", "Group_NoSync")
            .with_all("member", dns(people.iter().take(3))),
    ];
    let victim = "Project Aurora\nCNF:0d1f7f0e-7f0b-4c59-8a4e-2f6a7d3c9b10";
    groups.push(group(victim, GLOBAL, &place("OU=Groups")));
    groups
}
