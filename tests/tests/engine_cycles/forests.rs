//! Accounts in one forest, mailboxes and groups in another, by the shipped pack.

use std::fmt::Write as _;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use trib_runtime::plan::Counts;
use trib_tests::deployment::Deployment;

use crate::NONE;

const RULES: &str = "use entra.forests with accounts, cloud\nuse entra.forests with resources, cloud\n\
                     connector accounts : ad { priority 1 }\nconnector resources : ad { priority 2 }\n\
                     connector cloud : entra\n";

/// A security identifier of a domain, as LDAP has it.
fn sid(domain: u8, number: u8) -> String {
    let mut bytes = vec![1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0];
    for part in [domain, 2, 3, number] {
        bytes.extend([part, 0, 0, 0]);
    }
    STANDARD.encode(bytes)
}

/// A forest as a file; entries are a name, classes and lines.
fn forest(domain: &str, entries: &[(&str, &[&str], String)]) -> String {
    let base = format!("DC={domain},DC=test");
    let mut ldif = format!("version: 1\n\ndn: {base}\nobjectClass: top\nobjectClass: domainDNS\n");
    for (number, (name, classes, lines)) in entries.iter().enumerate() {
        let guid = STANDARD.encode([domain.len() as u8 + number as u8; 16]);
        let _ = write!(ldif, "\ndn: CN={name},{base}\nobjectClass: top\n");
        for class in *classes {
            let _ = writeln!(ldif, "objectClass: {class}");
        }
        let _ = write!(ldif, "cn: {name}\nobjectGUID:: {guid}\n{lines}");
    }
    ldif
}

const USER: &[&str] = &["person", "organizationalPerson", "user"];

fn accounts() -> String {
    let ann = format!(
        "sAMAccountName: ann\nuserAccountControl: 512\nuserPrincipalName: ann@accounts.test\n\
         objectSid:: {}\ntitle: Engineer\n",
        sid(1, 10)
    );
    forest("accounts", &[("Ann Lee", USER, ann)])
}

fn resources(mailbox: bool) -> String {
    let ann = format!(
        "sAMAccountName: ann\nuserAccountControl: 514\nuserPrincipalName: ann@resources.test\n\
         objectSid:: {}\nmsExchMasterAccountSid:: {}\nmsExchRecipientTypeDetails: 2\n\
         mailNickname: ann.lee\ntitle: Chief engineer\nextensionAttribute1: Payroll\n",
        sid(9, 10),
        sid(1, 10)
    );
    let stands_for_ann = "S-1-5-21-1-2-3-10";
    let group = format!(
        "sAMAccountName: all\ngroupType: -2147483644\nobjectSid:: {}\n\
         member: CN={stands_for_ann},DC=resources,DC=test\n",
        sid(9, 20)
    );
    let mut entries = vec![
        ("All", &["group"][..], group),
        (
            stands_for_ann,
            &["foreignSecurityPrincipal"][..],
            String::new(),
        ),
    ];
    if mailbox {
        entries.push(("Mailbox", USER, ann));
    }
    forest("resources", &entries)
}

async fn expect(tenant: &Deployment, wanted: Counts, what: &str) {
    let (plan, applied) = tenant.cycle().await.expect(what);
    assert_eq!(plan.errors, [], "{what}");
    assert_eq!(applied.written, wanted, "{what}: {:#?}", plan.changes);
    let plan = tenant.plan().await.expect(what);
    assert!(plan.counts.is_empty(), "{what}: {:#?}", plan.changes);
}

#[tokio::test]
async fn an_account_and_its_linked_mailbox_are_one_user() {
    let sources = ["accounts", "resources"].map(|name| {
        let body = format!("ldif = \"{name}.ldif\"\nbase = \"DC={name},DC=test\"");
        (name, body)
    });
    let sources = sources
        .each_ref()
        .map(|(name, body)| (*name, body.as_str()));
    let tenant = Deployment::with_sources("accounts.test", RULES, &sources).await;
    fs::write(tenant.folder().join("accounts.ldif"), accounts()).unwrap();
    let write = |mailbox| fs::write(tenant.folder().join("resources.ldif"), resources(mailbox));
    write(true).unwrap();
    let first = Counts {
        create: 2,
        link_add: 1,
        ..NONE
    };
    expect(&tenant, first, "one user, one group").await;
    let select = "jobTitle,mailNickname,onPremisesExtensionAttributes,accountEnabled";
    let path = format!("/users/ann@accounts.test?$select={select}");
    let ann = tenant.get(&path).await;
    assert_eq!(ann["jobTitle"], "Chief engineer");
    assert_eq!(ann["mailNickname"], "ann.lee");
    assert_eq!(ann["accountEnabled"], true);
    assert_eq!(
        ann["onPremisesExtensionAttributes"]["extensionAttribute1"],
        "Payroll"
    );

    write(false).unwrap();
    expect(&tenant, Counts { update: 1, ..NONE }, "the mailbox is gone").await;
    let ann = tenant.get(&path).await;
    assert_eq!(ann["jobTitle"], "Engineer");
    assert_eq!(
        ann["onPremisesExtensionAttributes"]["extensionAttribute1"],
        json!(null)
    );
}
