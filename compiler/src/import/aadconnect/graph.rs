//! What attributes of Azure AD Connect's own connector are in Microsoft Graph.

use crate::import::draft::{Draft, Rule};
use crate::import::report::Remark;
use crate::import::write::{canonical_expression, or};
use crate::schema::{Attribute, Kind, ObjectType, Schema, Write};

/// What an attribute of the connector is in Graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mapped {
    /// A property.
    Property(String),
    /// A property that takes a list, of which the connector has one value.
    List(&'static str),
    /// A field of a complex property.
    Field(&'static str, String),
    /// An expression of Azure AD Connect over properties, with its type.
    Expression(String, &'static str),
    /// A truth: that a property is absent.
    Absent(&'static str),
    /// Nothing, and why.
    Nothing(String),
}

/// Object types of the connector and of Graph.
const TYPES: [(&str, &str); 4] = [
    ("user", "user"),
    ("group", "group"),
    ("contact", "orgContact"),
    ("device", "device"),
];

/// Properties that have another name in Graph; all others have the same, or are not there.
const RENAMED: [(&str, &str, &str); 18] = [
    ("user", "alias", "mailNickname"),
    ("user", "company", "companyName"),
    ("user", "dnsDomainName", "onPremisesDomainName"),
    ("user", "facsimileTelephoneNumber", "faxNumber"),
    (
        "user",
        "lastPasswordChangeTimestamp",
        "lastPasswordChangeDateTime",
    ),
    ("user", "mobile", "mobilePhone"),
    (
        "user",
        "onPremiseSecurityIdentifier",
        "onPremisesSecurityIdentifier",
    ),
    ("user", "physicalDeliveryOfficeName", "officeLocation"),
    ("user", "sourceAnchor", "onPremisesImmutableId"),
    ("user", "title", "jobTitle"),
    ("group", "alias", "mailNickname"),
    ("group", "dnsDomainName", "onPremisesDomainName"),
    ("group", "member", "members"),
    ("group", "netBiosName", "onPremisesNetBiosName"),
    (
        "group",
        "onPremiseSecurityIdentifier",
        "onPremisesSecurityIdentifier",
    ),
    ("group", "sourceAnchor", "uniqueName"),
    ("device", "deviceOSType", "operatingSystem"),
    ("device", "deviceOSVersion", "operatingSystemVersion"),
];

/// Attributes that have no property, and where they went.
const ELSEWHERE: [(&str, &str); 4] = [
    (
        "dn",
        "it is the name of the object in the connector of Azure AD Connect; in Entra ID objects have no names of that kind",
    ),
    (
        "thumbnailPhoto",
        "Graph takes photos by a request of their own, which is no part of synchronization",
    ),
    (
        "managedBy",
        "in Entra ID groups have owners, who may do more than the manager of a group of Active Directory",
    ),
    (
        "userCertificate",
        "Graph has no property for certificates of users; only Microsoft's own sync may write them",
    ),
];

/// Why there is nothing like an attribute of Exchange.
const EXCHANGE: &str = "it belongs to Exchange Online; Graph gives nobody but Microsoft's own sync the right to write it";
/// Why there is nothing like an attribute of Skype for Business.
const SKYPE: &str = "it belongs to Skype for Business Online; Graph gives nobody but Microsoft's own sync the right to write it";

/// Why there is nothing like another attribute.
const UNKNOWN: &str =
    "Graph has no such property; nobody but Microsoft's own sync has the right to write it";
/// Why a property is not written.
const READ_ONLY: &str =
    "read-only in Graph; nobody but Microsoft's own sync has the right to write it";
/// Why an attribute is not read.
const UNSEEN: &str = "Graph shows no such property";

/// The object type of Graph for one of the connector.
pub(super) fn object_type(name: &str) -> Option<&'static str> {
    let found = TYPES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, graph)| *graph)
}

fn of_graph(object_type: &str) -> Option<std::sync::Arc<ObjectType>> {
    Schema::Builtin(Kind::Entra).object_type(self::object_type(object_type)?)
}

fn property(object_type: &str, name: &str) -> Option<Attribute> {
    let renamed = RENAMED.iter().find(|(ty, known, _)| {
        ty.eq_ignore_ascii_case(object_type) && known.eq_ignore_ascii_case(name)
    });
    of_graph(object_type)?.attribute(renamed.map_or(name, |(_, _, renamed)| renamed))
}

/// What an attribute is when it is read.
pub(super) fn read(object_type: &str, name: &str) -> Mapped {
    let user = object_type.eq_ignore_ascii_case("user");
    let group = object_type.eq_ignore_ascii_case("group");
    if user || group {
        let (anchor, word) = if user {
            ("onPremisesImmutableId", "User")
        } else {
            ("uniqueName", "Group")
        };
        match name.to_ascii_lowercase().as_str() {
            "cloudanchor" => return Mapped::Expression(format!("(\"{word}_\" & [id])"), "string"),
            // What a rule of ours made or took over has an anchor.
            "cloudmastered" => return Mapped::Absent(anchor),
            "telephonenumber" if user => {
                return Mapped::Expression("ItemOrNull([businessPhones],1)".to_owned(), "string");
            }
            _ => {}
        }
    }
    match property(object_type, name) {
        Some(found) => Mapped::Property(found.name),
        None => Mapped::Nothing(UNSEEN.to_owned()),
    }
}

/// What an attribute is when it is written.
pub(super) fn written(object_type: &str, name: &str) -> Mapped {
    let known = ELSEWHERE
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    if let Some((_, why)) = known {
        return Mapped::Nothing((*why).to_owned());
    }
    let user = object_type.eq_ignore_ascii_case("user");
    if user && name.eq_ignore_ascii_case("telephoneNumber") {
        return Mapped::List("businessPhones");
    }
    let number = name.to_ascii_lowercase();
    let number = number
        .strip_prefix("extensionattribute")
        .and_then(|number| number.parse().ok());
    if let Some(number @ 1..=15) = number
        && user
    {
        let number: u8 = number;
        return Mapped::Field(
            "onPremisesExtensionAttributes",
            format!("extensionAttribute{number}"),
        );
    }
    match property(object_type, name) {
        Some(found) => match found.write {
            Write::No(_) => Mapped::Nothing(READ_ONLY.to_owned()),
            _ => Mapped::Property(found.name),
        },
        None => Mapped::Nothing(nothing(name)),
    }
}

fn nothing(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("msrtcsip") {
        return SKYPE.to_owned();
    }
    if lower.starts_with("msexch")
        || lower.starts_with("cloudmsexch")
        || lower.starts_with("extensionattribute")
    {
        return EXCHANGE.to_owned();
    }
    UNKNOWN.to_owned()
}

/// A property that may be written when the object is made, and never again.
pub(super) fn is_once(object_type: &str, name: &str) -> bool {
    let found = of_graph(object_type).and_then(|known| known.attribute(name));
    found.is_some_and(|found| found.write == Write::Once)
}

/// Why objects of a type cannot be made or changed.
pub(super) fn refusal(object_type: &str) -> Option<&'static str> {
    of_graph(object_type)?.creatable.err()
}

/// What Graph needs to make a user or a group, in the names of both.
const NEEDED: [(&str, &[&str]); 2] = [
    (
        "user",
        &["accountEnabled", "displayName", "userPrincipalName"],
    ),
    ("group", &["displayName", "securityEnabled"]),
];

/// Adds what Graph needs to make users and groups.
pub(super) fn complete(draft: &mut Draft, cloud: &str) {
    draft.remarks.extend(REMARKS.map(|(about, why)| Remark {
        about: about.to_owned(),
        why: why.to_owned(),
    }));
    for (object_type, needed) in NEEDED {
        let to = format!("{cloud}.[{object_type}]");
        let ours = |rule: &&mut Rule| rule.to == to && !rule.is_out();
        let otherwise = nickname(object_type);
        let mut flowed: Vec<String> = Vec::new();
        for rule in draft.rules.iter_mut().filter(ours) {
            for at in 0..rule.flows.len() {
                let Some(flow) = rule.flows.get(at) else {
                    continue;
                };
                flowed.push(flow.target.clone());
                if flow.target == "mailNickname" {
                    let value = format!("Left({}, 64)", or(&flow.value, otherwise));
                    let why = "Graph makes nothing without a nickname; Azure AD made one itself";
                    rule.change_flow(at, flow.mode, canonical_expression(&value), why);
                }
            }
        }
        let provisions = |rule: &&mut Rule| ours(rule) && rule.link == "provision";
        for rule in draft.rules.iter_mut().filter(provisions) {
            let has = |name: &str| flowed.iter().any(|known| known == name);
            let why = format!(
                "Graph makes no {object_type} without it, and no rule of the export brings it"
            );
            for name in needed.iter().filter(|name| !has(name)) {
                rule.add_flow(name, None, name, &why);
            }
            if !has("mailNickname") {
                rule.add_flow(
                    "mailNickname",
                    None,
                    &format!("Left({otherwise}, 64)"),
                    &why,
                );
            }
            match object_type {
                "user" => rule.add_flow(
                    "passwordProfile",
                    Some("once"),
                    PASSWORD,
                    "Graph makes no user without a password; nobody knows this one",
                ),
                _ => group(rule),
            }
        }
    }
}

/// What Azure AD did with what it got, and Graph does not.
const REMARKS: [(&str, &str); 3] = [
    (
        "login names",
        "Azure AD itself replaced login names of domains that the tenant has not verified, and characters \
         that a nickname cannot have; Graph refuses such users, and the plan's errors name them",
    ),
    (
        "matching in Entra ID",
        "Azure AD itself matched new users by login name and mail address; if that is wanted, add \
         `join userPrincipalName == user.userPrincipalName` to the rule that provisions users",
    ),
    (
        "handing over",
        "objects that Azure AD Connect still synchronizes are not written to: turn that off first",
    ),
];

/// A password that nobody knows.
const PASSWORD: &str = "{ password: RandomPassword(), forceChangePasswordNextSignIn: true }";

/// Graph makes security groups only.
fn group(rule: &mut Rule) {
    let flows = rule.flows.iter().enumerate();
    let mail: Vec<usize> = flows
        .filter(|(_, flow)| flow.target == "mailEnabled")
        .map(|(at, _)| at)
        .collect();
    for at in mail.into_iter().rev() {
        rule.leave_flow_out(
            at,
            "Graph makes no mail-enabled groups but those of Microsoft 365",
        );
    }
    let why = "Graph makes no mail-enabled groups but those of Microsoft 365";
    rule.add_flow("mailEnabled", Some("once"), "false", why);
    rule.conditions.push("securityEnabled == true".to_owned());
    rule.report
        .changed("it takes security groups only, since Graph makes no distribution groups");
}

/// What a nickname is made from where there is none.
fn nickname(object_type: &str) -> &'static str {
    match object_type {
        "user" => "Word(userPrincipalName, 1, \"@\")",
        _ => "RegexReplace(Transliterate(displayName), \"[^A-Za-z0-9_-]+\", \"-\")",
    }
}
