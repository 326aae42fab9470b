//! Application permissions: which exist, which are granted, what each request needs.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::Caller;
use crate::call::Reply;
use crate::failure::{Failure, Outcome};
use crate::graph::Graph;
use crate::model::Kind;
use crate::path::Path;
use crate::store::{Record, Store, Values};

/// The app id of Microsoft Graph itself.
const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";

const ROLES: [(&str, &str); 14] = [
    ("User.Read.All", "df021288-bdef-4463-88db-98f22de89214"),
    ("User.ReadWrite.All", "741f803b-c850-494e-b5df-cde7c675a1ca"),
    ("Group.Read.All", "5b567255-7703-4780-807c-7be8301ae99b"),
    (
        "Group.ReadWrite.All",
        "62a82d76-70ea-41e2-9197-370581804d09",
    ),
    (
        "GroupMember.Read.All",
        "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    ),
    (
        "GroupMember.ReadWrite.All",
        "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
    ),
    ("Directory.Read.All", "7ab1d382-f21e-4acd-a863-ba3e13f7da61"),
    (
        "Directory.ReadWrite.All",
        "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
    ),
    ("Device.Read.All", "7438b122-aefc-4978-80ed-43db9fcc7715"),
    (
        "Device.ReadWrite.All",
        "1138cb37-bd11-4084-a2b7-9f71582aeddb",
    ),
    (
        "OrgContact.Read.All",
        "e1a88a34-94c4-4418-be12-c87b00e26bea",
    ),
    (
        "Organization.Read.All",
        "498476ce-e0fe-48b0-b801-37ba7e2685c6",
    ),
    (
        "Application.Read.All",
        "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    ),
    (
        "Application.ReadWrite.All",
        "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    ),
];

/// The service principal of Microsoft Graph, which lists the roles.
pub(crate) fn graph_principal() -> Record {
    let roles: Vec<Value> = ROLES
        .iter()
        .map(|(value, id)| json!({"id": id, "value": value, "displayName": value, "allowedMemberTypes": ["Application"], "isEnabled": true}))
        .collect();
    let values = Values::from([
        ("appId".into(), json!(GRAPH_APP)),
        ("displayName".into(), json!("Microsoft Graph")),
        ("servicePrincipalType".into(), json!("Application")),
        ("appRoles".into(), json!(roles)),
    ]);
    Record::Create {
        id: Uuid::new_v4(),
        kind: Kind::ServicePrincipal,
        values,
    }
}

/// Roles granted to every app of the tenant: all of them unless seeded otherwise.
pub(crate) fn granted(store: &Store) -> Vec<String> {
    match store.meta("permissions") {
        Some(list) => list
            .split(' ')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        None => ROLES.iter().map(|(name, _)| (*name).to_owned()).collect(),
    }
}

pub(crate) fn is_known(name: &str) -> bool {
    ROLES.iter().any(|(known, _)| *known == name)
}

/// `/servicePrincipals/{id}/appRoleAssignments`
pub(crate) fn assignments(graph: &Graph, principal: Uuid) -> Outcome<Reply> {
    if graph.method() != "GET" {
        return Err(Failure::not_allowed());
    }
    let resource = graph
        .store
        .find("appId", GRAPH_APP)
        .find(|object| object.kind == Kind::ServicePrincipal);
    let resource = resource.map(|object| object.id).unwrap_or_default();
    let granted = if principal == resource {
        Vec::new()
    } else {
        granted(graph.store)
    };
    let shown: Vec<Value> = ROLES
        .iter()
        .filter(|(name, _)| granted.iter().any(|granted| granted == name))
        .map(|(_, id)| {
            json!({
                "id": format!("{}-{id}", principal.simple()), "appRoleId": id, "principalId": principal,
                "principalType": "ServicePrincipal", "resourceDisplayName": "Microsoft Graph", "resourceId": resource,
            })
        })
        .collect();
    let context = format!("{}/$metadata#appRoleAssignments", graph.call.base);
    Ok(Reply::ok(
        json!({"@odata.context": context, "value": shown}),
    ))
}

/// Refuses what the roles in the caller's token do not cover.
pub(crate) fn check(caller: &Caller, method: &str, path: &Path) -> Outcome<()> {
    let Some(needed) = needed(method != "GET" && !is_query(path), path) else {
        return Ok(());
    };
    if caller
        .roles
        .iter()
        .any(|role| needed.contains(&role.as_str()))
    {
        return Ok(());
    }
    Err(Failure::new(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    ))
}

fn is_query(path: &Path) -> bool {
    path.rest
        .last()
        .is_some_and(|last| last.starts_with("get") || last.starts_with("check"))
}

fn needed(write: bool, path: &Path) -> Option<&'static [&'static str]> {
    let members = path
        .rest
        .first()
        .is_some_and(|name| name.eq_ignore_ascii_case("members"));
    Some(match (path.root.as_str(), write) {
        ("users", false) => &[
            "User.Read.All",
            "User.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        ("users", true) => &["User.ReadWrite.All", "Directory.ReadWrite.All"],
        ("groups", false) => &[
            "Group.Read.All",
            "Group.ReadWrite.All",
            "GroupMember.Read.All",
            "GroupMember.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        ("groups", true) if members => &[
            "GroupMember.ReadWrite.All",
            "Group.ReadWrite.All",
            "Directory.ReadWrite.All",
        ],
        ("groups", true) => &["Group.ReadWrite.All", "Directory.ReadWrite.All"],
        ("devices", false) => &[
            "Device.Read.All",
            "Device.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        ("devices", true) => &["Device.ReadWrite.All", "Directory.ReadWrite.All"],
        ("contacts", _) => &[
            "OrgContact.Read.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        ("applications" | "serviceprincipals", false) => &[
            "Application.Read.All",
            "Application.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        ("applications" | "serviceprincipals", true) => &["Application.ReadWrite.All"],
        ("directory", true) => &[
            "User.ReadWrite.All",
            "Group.ReadWrite.All",
            "Directory.ReadWrite.All",
        ],
        ("directoryobjects", true) => &[
            "Directory.ReadWrite.All",
            "User.ReadWrite.All",
            "Group.ReadWrite.All",
        ],
        _ => return None,
    })
}
