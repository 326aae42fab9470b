//! The accounts: staff in five offices, and those that are not quite like the others.

use super::entry::guid;
use super::names::{CITIES, City, DEPARTMENTS, FIRST, LAST, TITLES};
use super::{DOMAIN, Entry, place};

const STAFF: usize = 470;
/// The first of the staff head a department in an office each: there are as many as combinations.
const HEADS: usize = CITIES.len() * DEPARTMENTS.len();

/// An account and where its owner works, empty for those who work nowhere.
pub struct Person {
    pub account: Entry,
    pub department: &'static str,
    pub city: &'static str,
}

/// All accounts, the staff first.
pub fn all() -> Vec<Person> {
    let chief = named(
        ("Margarethe", "margarethe"),
        ("Ahlström", "ahlstrom"),
        &place("OU=Staff"),
    )
    .with("title", "Chief Executive Officer")
    .with("mobile", "+46 70 555 0100");
    let mut people = staff(&chief);
    let others = [chief]
        .into_iter()
        .chain(odd())
        .chain(leavers())
        .chain(acquired())
        .chain(technical());
    people.extend(others.map(|account| Person {
        account,
        department: "",
        city: "",
    }));
    people
}

fn account(name: &str, login: &str, place: &str, class: &str) -> Entry {
    let escaped = name.replace(',', "\\,").replace('\n', "\\0A");
    Entry::new(format!("CN={escaped},{place}"), class)
        .principal()
        .with("cn", name)
        .with("sAMAccountName", login)
        .with("userAccountControl", "512")
}

fn user(name: &str, login: &str, place: &str) -> Entry {
    account(name, login, place, "top person organizationalPerson user")
}

fn disabled(account: Entry) -> Entry {
    account
        .without("userAccountControl")
        .with("userAccountControl", "514")
}

/// A person with a login and a mail address.
fn named(first: (&str, &str), last: (&str, &str), place: &str) -> Entry {
    let alias = format!("{}.{}", first.1, last.1);
    let login: String = alias.chars().take(20).collect();
    with_names(
        user(&format!("{} {}", first.0, last.0), &login, place),
        first,
        last,
    )
}

fn with_names(account: Entry, first: (&str, &str), last: (&str, &str)) -> Entry {
    let alias = format!("{}.{}", first.1, last.1);
    let mailbox = alias.replace('\'', "");
    account
        .with("displayName", format!("{} {}", first.0, last.0))
        .with("givenName", first.0)
        .with("sn", last.0)
        .with("userPrincipalName", format!("{alias}@{DOMAIN}"))
        .with("mail", format!("{mailbox}@{DOMAIN}"))
        .with("proxyAddresses", format!("SMTP:{mailbox}@{DOMAIN}"))
        .with("proxyAddresses", format!("smtp:{mailbox}@contoso.net"))
}

fn staff(chief: &Entry) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    let names = FIRST.iter().cycle().zip(LAST.iter().cycle());
    let work = CITIES
        .iter()
        .cycle()
        .zip(DEPARTMENTS.iter().cycle())
        .zip(TITLES.iter().cycle());
    for (number, (name, ((city, department), title))) in names.zip(work).take(STAFF).enumerate() {
        let (first, last) = name;
        let head = number
            .checked_sub(HEADS)
            .and_then(|_| people.get(number % HEADS));
        let title = if head.is_some() { title } else { "Head" };
        let manager = head.map_or(chief, |head| &head.account).dn.clone();
        let account = at_work(number, named(*first, *last, &office(city)), city)
            .with("title", format!("{title}, {department}"))
            .with("department", *department)
            .with("manager", manager);
        people.push(Person {
            account: sometimes(number, account),
            department,
            city: city.name,
        });
    }
    people
}

fn office(city: &City) -> String {
    place(&format!("OU={},OU=Staff", city.name))
}

fn at_work(number: usize, account: Entry, city: &City) -> Entry {
    account
        .with("company", "Contoso AB")
        .with("employeeID", format!("{}", 70_000 + number))
        .with("employeeType", "Employee")
        .with(
            "physicalDeliveryOfficeName",
            format!("{} {}", city.name, 100 + number % 60),
        )
        .with("streetAddress", city.street)
        .with("l", city.name)
        .with("postalCode", city.postal_code)
        .with("co", city.country)
        .with("c", city.code)
        .with("preferredLanguage", city.language)
        .with("telephoneNumber", format!("{}{number:03}", city.phone))
        .with(
            "extensionAttribute1",
            format!("{}-{}", city.code, 100 + number % 8),
        )
}

/// What is different with every thirty-seventh.
fn sometimes(number: usize, account: Entry) -> Entry {
    match number % 37 {
        5 => account.without("mail").without("proxyAddresses"),
        11 => account.without("userPrincipalName"),
        17 => account.with("mS-DS-ConsistencyGuid", guid(number as u32)),
        23 => account
            .without("telephoneNumber")
            .with("mobile", format!("+46 70 555 {number:04}")),
        29 => account.with_all("description", ["Works at two offices", "Half time"]),
        _ => account,
    }
}

/// People with something unusual.
fn odd() -> Vec<Entry> {
    let stockholm = place("OU=Stockholm,OU=Staff");
    let berlin = place("OU=Berlin,OU=Staff");
    let same_name = |login: &str, place: &str| {
        with_names(
            user("Anna Schmidt", login, place),
            ("Anna", "anna"),
            ("Schmidt", "schmidt"),
        )
        .without("userPrincipalName")
        .without("proxyAddresses")
        .without("mail")
        .with("userPrincipalName", format!("{login}@{DOMAIN}"))
        .with("mail", format!("{login}@{DOMAIN}"))
    };
    let long_title = "Deputy Acting Vice President for the Coordination of Cross-Regional Sales, \
                      Marketing, Partner Enablement and Customer Success";
    vec![
        named(
            ("Maximilian", "max"),
            ("Freiherr von und zu Guttenberg", "guttenberg"),
            &stockholm,
        )
        .with("title", long_title),
        same_name("anna.schmidt", &stockholm),
        same_name("anna.schmidt2", &berlin),
        // each is the other's manager
        named(("Anton", "anton"), ("Ring", "ring"), &berlin)
            .with("manager", format!("CN=Berta Ring,{berlin}")),
        named(("Berta", "berta"), ("Ring", "ring"), &berlin)
            .with("manager", format!("CN=Anton Ring,{berlin}")),
        // managed by an account that stays out of the cloud
        named(("Ines", "ines"), ("Interim", "interim"), &berlin)
            .with("manager", place("CN=Administrator,CN=Users")),
        // a comma in the name, spaces at the end, a nickname that is none
        user("Quinn, Pat", "pat.quinn", &stockholm)
            .with("displayName", "Quinn, Pat  ")
            .with("userPrincipalName", format!("pat.quinn@{DOMAIN}"))
            .with("mailNickname", "pat quinn (external)")
            .with("employeeType", "Contractor"),
        // nothing but a login
        user("kiosk1", "kiosk1", &stockholm).with("userPrincipalName", format!("kiosk1@{DOMAIN}")),
        // values that the cloud would refuse
        named(("Nils", "nils"), ("Nordlund", "nordlund"), &stockholm)
            .with("preferredLanguage", "Swedish (Finland)")
            .with("c", "SWE"),
    ]
}

/// Disabled accounts: in the cloud they are disabled too.
fn leavers() -> impl Iterator<Item = Entry> {
    let names = FIRST.iter().rev().zip(LAST.iter().rev()).take(12);
    names.map(|(first, last)| {
        disabled(named(*first, *last, &place("OU=Leavers"))).with("description", "Left the company")
    })
}

/// The people of a company that Contoso bought, whose directory product used another class.
fn acquired() -> impl Iterator<Item = Entry> {
    let names = FIRST.iter().skip(3).zip(LAST.iter().skip(20)).take(6);
    names.map(|(first, last)| {
        let name = format!("{} {}", first.0, last.0);
        let place = place("OU=Fabrikam,OU=Staff");
        let classes = "top person organizationalPerson user inetOrgPerson";
        let login = format!("fab-{}", first.1);
        with_names(account(&name, &login, &place, classes), *first, *last)
            .with("company", "Fabrikam")
    })
}

/// Accounts that are no people, and stay out of the cloud.
fn technical() -> Vec<Entry> {
    let users = place("CN=Users");
    let monitoring = place("CN=Monitoring Mailboxes,CN=Microsoft Exchange System Objects");
    let same = |name: &str, place: &str| user(name, name, place);
    let system = |name: &str| same(name, &users).with("isCriticalSystemObject", "TRUE");
    let service = |name: &str| {
        same(name, &place("OU=Service Accounts"))
            .with("userPrincipalName", format!("{name}@{DOMAIN}"))
            .with("adminDescription", "User_NoSync")
    };
    let victim = "Ada Lindqvist\nCNF:6a1c9a3e-52e8-4f0d-9d0a-3c2f7c1b8e55";
    let mut accounts = vec![
        system("Administrator"),
        disabled(system("Guest")),
        disabled(system("krbtgt")),
        disabled(same("SUPPORT_388945a0", &users)),
        same("AAD_0f3c9d2a7b41", &users),
        same("MSOL_5b1e77c0d9aa", &users),
        same("CAS_{2c1f55e0}", &users),
        disabled(user("SystemMailbox{1f05a927}", "SM_1f05a927", &users))
            .with("mailNickname", "SystemMailbox{1f05a927}"),
        disabled(user("DiscoverySearchMailbox", "SM_8b7d2c41", &users))
            .with("msExchRecipientTypeDetails", "536870912"),
        same("HealthMailbox4f1d2e", &monitoring),
        same("HealthMailboxa90c77", &monitoring),
        user(victim, "$DUPLICATE-451", &place("OU=Stockholm,OU=Staff")),
    ];
    let names = [
        "svc-backup",
        "svc-build",
        "svc-print",
        "svc-scan",
        "svc-sql",
        "svc-web",
    ];
    accounts.extend(names.map(service));
    accounts
}
