//! The rules of groups.

use serde_json::{Map, Value, json};

use super::address;
use super::user::{synced, text};
use super::write::{after, check_required, read};
use crate::failure::{Failure, Outcome};
use crate::model::Kind;
use crate::organization;
use crate::store::{Object, Store, Values};

const LINKS: [&str; 2] = ["members@odata.bind", "owners@odata.bind"];

/// The values to store for a POST (`object` is absent) or a PATCH.
pub(crate) fn values(
    store: &Store,
    object: Option<&Object>,
    body: &Map<String, Value>,
) -> Outcome<Values> {
    let known = |name: &str| !name.contains('@') || name == "@odata.type" || LINKS.contains(&name);
    if let Some(annotation) = body.keys().find(|name| !known(name)) {
        return Err(Failure::bad(format!(
            "The annotation '{annotation}' is not supported here."
        )));
    }
    let mut values = read(store, Kind::Group, object, body)?;
    if object.is_some_and(Object::is_synced) && !values.is_empty() {
        return Err(synced());
    }
    if object.is_none() {
        check_required(Kind::Group, &values)?;
    }
    if let Some(nickname) = text(&values, "mailNickname") {
        address::mail_nickname(nickname, "Group")?;
    }
    let shape = Shape::of(object, &values);
    shape.check_nickname(store, object, &values)?;
    shape.check_kind(object, &values)?;
    shape.check_rule(object, &values)?;
    shape.check_roles(object, &values)?;
    shape.check_visibility(object, &values)?;
    if object.is_none() {
        shape.derive(store, &mut values);
    }
    Ok(values)
}

/// What kind of group it is after the write.
struct Shape {
    types: Vec<String>,
    unified: bool,
    dynamic: bool,
    mail_enabled: bool,
    security_enabled: bool,
}

impl Shape {
    fn of(object: Option<&Object>, values: &Values) -> Shape {
        let types: Vec<String> = after(object, values, "groupTypes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect();
        let flag = |name| {
            after(object, values, name)
                .and_then(Value::as_bool)
                .unwrap_or(false)
        };
        Shape {
            unified: types.iter().any(|kind| kind == "Unified"),
            dynamic: types.iter().any(|kind| kind == "DynamicMembership"),
            mail_enabled: flag("mailEnabled"),
            security_enabled: flag("securityEnabled"),
            types,
        }
    }

    fn check_kind(&self, object: Option<&Object>, values: &Values) -> Outcome<()> {
        let known = |kind: &String| kind == "Unified" || kind == "DynamicMembership";
        if !self.types.iter().all(known) {
            return Err(Failure::invalid("groupTypes", "Group"));
        }
        if object.is_some_and(|object| object.is_unified() != self.unified) {
            return Err(Failure::invalid_because(
                "groupTypes",
                "A group cannot become or stop being a Microsoft 365 group.",
            ));
        }
        let touched = object.is_none()
            || values.contains_key("groupTypes")
            || values.contains_key("securityEnabled");
        if !touched {
            return Ok(());
        }
        if self.unified && !self.mail_enabled {
            return Err(Failure::invalid_because(
                "mailEnabled",
                "A Microsoft 365 group must be mail-enabled.",
            ));
        }
        if !self.unified && (self.mail_enabled || !self.security_enabled) {
            return Err(Failure::bad(
                "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.",
            ));
        }
        Ok(())
    }

    /// Nicknames are unique among Microsoft 365 groups.
    fn check_nickname(
        &self,
        store: &Store,
        object: Option<&Object>,
        values: &Values,
    ) -> Outcome<()> {
        let Some(nickname) = text(values, "mailNickname").filter(|_| self.unified) else {
            return Ok(());
        };
        let id = object.map(|object| object.id);
        let mut others = store.find("mailNickname", nickname);
        match others
            .find(|other| other.kind == Kind::Group && other.is_unified() && Some(other.id) != id)
        {
            Some(holder) => Err(Failure::conflict("mailNickname", &holder.id.to_string())),
            None => Ok(()),
        }
    }

    fn check_rule(&self, object: Option<&Object>, values: &Values) -> Outcome<()> {
        let rule = after(object, values, "membershipRule").is_some();
        let state = after(object, values, "membershipRuleProcessingState").and_then(Value::as_str);
        if self.dynamic && !(rule && state.is_some()) {
            return Err(Failure::invalid_because(
                "membershipRule",
                "A dynamic group needs membershipRule and membershipRuleProcessingState.",
            ));
        }
        let given = |name| {
            values
                .get(name)
                .is_some_and(|value: &Value| !value.is_null())
        };
        if !self.dynamic && (given("membershipRule") || given("membershipRuleProcessingState")) {
            return Err(Failure::invalid_because(
                "membershipRule",
                "A membership rule is only allowed on a group whose groupTypes contain DynamicMembership.",
            ));
        }
        if state.is_some_and(|state| state != "On" && state != "Paused") {
            return Err(Failure::invalid("membershipRuleProcessingState", "Group"));
        }
        Ok(())
    }

    fn check_roles(&self, object: Option<&Object>, values: &Values) -> Outcome<()> {
        let assignable =
            after(object, values, "isAssignableToRole").and_then(Value::as_bool) == Some(true);
        if !assignable {
            return Ok(());
        }
        let public = text(values, "visibility").is_some_and(|visibility| visibility != "Private");
        if self.dynamic || !self.security_enabled || public {
            return Err(Failure::invalid_because(
                "isAssignableToRole",
                "A role-assignable group must be security-enabled, private and without a membership rule.",
            ));
        }
        Ok(())
    }

    fn check_visibility(&self, object: Option<&Object>, values: &Values) -> Outcome<()> {
        let Some(visibility) = text(values, "visibility") else {
            return Ok(());
        };
        let hidden = visibility.eq_ignore_ascii_case("HiddenMembership");
        if !hidden && visibility != "Public" && visibility != "Private" {
            return Err(Failure::invalid("visibility", "Group"));
        }
        let was_hidden = object
            .and_then(|object| object.text("visibility"))
            .map(|old| old.eq_ignore_ascii_case("HiddenMembership"));
        if hidden && !self.unified || was_hidden.is_some_and(|was| was != hidden) {
            return Err(Failure::invalid_because(
                "visibility",
                "Hidden membership is only for Microsoft 365 groups and only set when they are created.",
            ));
        }
        Ok(())
    }

    /// What the service fills in by itself.
    fn derive(&self, store: &Store, values: &mut Values) {
        let now = crate::now();
        values.insert("createdDateTime".into(), json!(now));
        values.insert("renewedDateTime".into(), json!(now));
        values
            .entry("groupTypes".into())
            .or_insert_with(|| json!([]));
        if self.unified {
            let nickname = text(values, "mailNickname").unwrap_or_default();
            let mail = format!("{nickname}@{}", organization::default_domain(store));
            values.insert("proxyAddresses".into(), json!([format!("SMTP:{mail}")]));
            values.insert("mail".into(), json!(mail));
            values
                .entry("visibility".into())
                .or_insert_with(|| json!("Public"));
        } else {
            values
                .entry("visibility".into())
                .or_insert_with(|| json!("Private"));
        }
    }
}
