//! Objects as JSON, with the properties that were asked for.

use serde_json::{Map, Value, json};

use super::options::{Expand, Options};
use crate::failure::{Failure, Outcome};
use crate::model::{self, Kind, Type, is_extension};
use crate::store::{Link, Object, Store};

const USER_DEFAULT: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

const GROUP_HIDDEN: [&str; 17] = [
    "accessType",
    "allowExternalSenders",
    "assignedLabels",
    "assignedLicenses",
    "autoSubscribeNewMembers",
    "hasMembersWithLicenseErrors",
    "hideFromAddressLists",
    "hideFromOutlookClients",
    "infoCatalogs",
    "isArchived",
    "isFavorite",
    "isSubscribedByMail",
    "licenseProcessingState",
    "onPremisesExtensionAttributes",
    "organizationId",
    "unseenConversationsCount",
    "unseenCount",
];

/// How many linked objects `$expand` shows for each object.
const EXPANDED: usize = 20;

/// Names shown when nothing is selected.
pub(crate) fn default_names(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::User => USER_DEFAULT.to_vec(),
        Kind::Group | Kind::OrgContact | Kind::Device => model::properties(kind)
            .iter()
            .filter(|property| !property.ty.is_link() && !property.is_separate())
            .map(|property| property.name)
            .filter(|name| kind != Kind::Group || !GROUP_HIDDEN.contains(name))
            .filter(|name| !name.starts_with("unseen") && *name != "welcomeMessageEnabled")
            .collect(),
        other => model::other_names(other).to_vec(),
    }
}

/// Refuses names the kind does not have; in a list also those kept elsewhere.
pub(crate) fn check_select(kind: Kind, select: &[String], many: bool) -> Outcome<()> {
    for name in select {
        if name == "*" || is_extension(name) || model::other_names(kind).contains(&name.as_str()) {
            continue;
        }
        let property = model::property(kind, name).ok_or_else(|| {
            Failure::odata(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
                kind.name()
            ))
        })?;
        if many && property.is_separate() {
            return Err(Failure::not_implemented(name));
        }
    }
    Ok(())
}

/// The object with the selected properties, or its default ones.
pub(crate) fn object(object: &Object, select: Option<&[String]>) -> Map<String, Value> {
    let mut shown = Map::new();
    match select.filter(|names| !names.iter().any(|name| name == "*")) {
        Some(names) => names.iter().for_each(|name| show(object, name, &mut shown)),
        None => default_names(object.kind)
            .into_iter()
            .for_each(|name| show(object, name, &mut shown)),
    }
    shown
}

fn show(object: &Object, name: &str, shown: &mut Map<String, Value>) {
    if name == "id" {
        shown.insert("id".into(), json!(object.id));
        return;
    }
    let property = model::property(object.kind, name);
    let value = match object.get(name) {
        Some(value) => complete(value, property.map(|property| &property.ty)),
        None if property.is_none() && is_extension(name) => return,
        None => empty(property.map(|property| &property.ty)),
    };
    let is_link = property.is_some_and(|property| property.ty.is_link());
    if !is_link {
        let secret = name == "passwordProfile";
        shown.insert(name.to_owned(), if secret { Value::Null } else { value });
    }
}

fn empty(ty: Option<&Type>) -> Value {
    match ty {
        Some(Type::List(_)) => json!([]),
        Some(Type::Record("onPremisesExtensionAttributes")) => complete(&json!({}), ty),
        _ => Value::Null,
    }
}

/// Graph shows all fifteen extension attributes, set or not.
fn complete(value: &Value, ty: Option<&Type>) -> Value {
    let (Some(Type::Record(name @ "onPremisesExtensionAttributes")), Some(set)) =
        (ty, value.as_object())
    else {
        return value.clone();
    };
    let members = model::record(name).iter().map(|member| member.name);
    members
        .map(|name| (name.to_owned(), set.get(name).cloned().unwrap_or_default()))
        .collect()
}

/// Adds the links that `$expand` names.
pub(crate) fn expand(
    store: &Store,
    object: &Object,
    expands: &[Expand],
    shown: &mut Map<String, Value>,
) -> Outcome<()> {
    for expand in expands {
        let value = match (object.kind, expand.link.as_str()) {
            (Kind::User, "manager") => match store.linked(object, Link::Manager, 0).next() {
                Some((_, manager)) => linked(manager, expand.select.as_deref()),
                None => continue,
            },
            (Kind::User, "directReports") => {
                expanded(store.linking(object.id, Link::Manager), expand)
            }
            (Kind::Group, "members" | "owners") => {
                let link = if expand.link == "members" {
                    Link::Members
                } else {
                    Link::Owners
                };
                expanded(
                    store.linked(object, link, 0).map(|(_, target)| target),
                    expand,
                )
            }
            (Kind::User | Kind::Group | Kind::Device | Kind::OrgContact, "memberOf") => {
                expanded(store.linking(object.id, Link::Members), expand)
            }
            (kind, link) => {
                return Err(Failure::odata(format!(
                    "Parsing OData Select and Expand failed: '{link}' of type 'microsoft.graph.{}' cannot be expanded.",
                    kind.name()
                )));
            }
        };
        shown.insert(expand.link.clone(), value);
    }
    Ok(())
}

fn expanded<'a>(objects: impl Iterator<Item = &'a Object>, expand: &Expand) -> Value {
    objects
        .take(EXPANDED)
        .map(|object| linked(object, expand.select.as_deref()))
        .collect()
}

/// An object among objects of other kinds, so with its type.
pub(crate) fn linked(target: &Object, select: Option<&[String]>) -> Value {
    let mut shown = Map::new();
    shown.insert("@odata.type".into(), json!(target.kind.odata_type()));
    let known = |name: &&String| {
        *name == "id"
            || model::property(target.kind, name).is_some()
            || is_extension(name)
            || model::other_names(target.kind).contains(&name.as_str())
    };
    match select {
        Some(names) => names
            .iter()
            .filter(known)
            .for_each(|name| show(target, name, &mut shown)),
        None => shown.extend(object(target, None)),
    }
    Value::Object(shown)
}

/// `$metadata#users(id,displayName)/$entity` and its like.
pub(crate) fn context(base: &str, set: &str, options: &Options, single: bool) -> Value {
    let selected = options
        .select
        .as_ref()
        .map(|names| format!("({})", names.join(",")))
        .unwrap_or_default();
    let entity = if single { "/$entity" } else { "" };
    json!(format!("{base}/$metadata#{set}{selected}{entity}"))
}
