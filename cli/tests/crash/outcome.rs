//! What a history has led to: the tenant, its recycle bin, the creates it took, the store.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use trib_tests::deployment::Deployment;

use crate::{process, store};

const USER: &str = "id,accountEnabled,userPrincipalName,displayName,mail,mailNickname,givenName,surname,department,\
                    jobTitle,businessPhones,otherMails,proxyAddresses,usageLocation,onPremisesImmutableId";
const GROUP: &str =
    "id,uniqueName,displayName,description,mailEnabled,mailNickname,securityEnabled,groupTypes";

/// Everything that must not depend on kills, one fact a line.
pub struct Outcome {
    users: usize,
    groups: usize,
    deleted: usize,
    facts: BTreeMap<&'static str, Vec<String>>,
}

impl Outcome {
    pub async fn of(tenant: &Deployment) -> Outcome {
        let users = tenant.all(&format!("/users?$select={USER}&$top=999")).await;
        let groups = tenant
            .all(&format!("/groups?$select={GROUP}&$top=999"))
            .await;
        let names: BTreeMap<String, String> = users
            .iter()
            .map(|user| (text(user, "id"), text(user, "onPremisesImmutableId")))
            .chain(
                groups
                    .iter()
                    .map(|group| (text(group, "id"), text(group, "uniqueName"))),
            )
            .collect();
        let mut facts = BTreeMap::from([
            ("users", users.iter().map(without_id).collect::<Vec<_>>()),
            ("groups", groups.iter().map(without_id).collect()),
        ]);
        let name = |object: &Json| names[&text(object, "id")].clone();
        let mut managers = Vec::new();
        for user in tenant
            .all("/users?$select=id&$expand=manager($select=id)&$top=999")
            .await
        {
            if user["manager"].is_object() {
                managers.push(format!("{} -> {}", name(&user), name(&user["manager"])));
            }
        }
        let mut members = Vec::new();
        for group in &groups {
            let id = text(group, "id");
            for member in tenant
                .all(&format!("/groups/{id}/members?$select=id&$top=999"))
                .await
            {
                members.push(format!("{} -> {}", name(group), name(&member)));
            }
        }
        facts.insert("managers", managers);
        facts.insert("members", members);
        let mut deleted = Vec::new();
        for kind in ["user", "group"] {
            let path =
                format!("/directory/deletedItems/microsoft.graph.{kind}?$select=id,displayName");
            deleted.extend(tenant.all(&path).await.iter().map(without_id));
        }
        let bin = deleted.len();
        facts.insert("deleted items", deleted);
        facts.insert("objects made", made(tenant).await);
        // Planning confirms what was written: only then the stores are alike.
        facts.insert("next plan", process::next_plan(tenant).await);
        facts.insert("store", store::facts(&tenant.folder().join("state.db")));
        facts.values_mut().for_each(|facts| facts.sort());
        Outcome {
            users: users.len(),
            groups: groups.len(),
            deleted: bin,
            facts,
        }
    }

    /// It is what the history should lead to.
    pub fn has(&self, users: usize, groups: usize, deleted: usize) {
        assert_eq!(
            (self.users, self.groups, self.deleted),
            (users, groups, deleted)
        );
        assert_eq!(self.facts["next plan"], [] as [String; 0]);
        assert_eq!(self.facts["objects made"].len(), users + groups + deleted);
        assert!(self.facts["members"].len() > 30 && self.facts["managers"].len() > 30);
    }

    pub fn compare(&self, wanted: &Outcome, story: &str) {
        for (of, wanted) in &wanted.facts {
            let found = &self.facts[of];
            let missing: Vec<_> = wanted.iter().filter(|fact| !found.contains(fact)).collect();
            let strange: Vec<_> = found.iter().filter(|fact| !wanted.contains(fact)).collect();
            let same = found.len() == wanted.len() && missing.is_empty() && strange.is_empty();
            assert!(
                same,
                "{story}: {of}: missing {missing:#?}, not expected {strange:#?}"
            );
        }
    }
}

/// The requests that made an object: each object once.
async fn made(tenant: &Deployment) -> Vec<String> {
    let journal = tenant.door("GET", "/requests", json!({})).await;
    let requests = journal["requests"].as_array().unwrap();
    let made = requests.iter().filter(|request| request["status"] == 201);
    made.map(|request| format!("{} {}", text(request, "method"), text(request, "path")))
        .collect()
}

fn text(object: &Json, name: &str) -> String {
    object[name].as_str().unwrap_or_default().to_owned()
}

fn without_id(object: &Json) -> String {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove("id");
    object.to_string()
}
