use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::server::{Got, Server, got, reference, user, with};

const NEXT: &str = "@odata.nextLink";
const DELTA: &str = "@odata.deltaLink";

/// All pages of a round, and the link to the next one.
async fn round(server: &Server, start: &str) -> (Vec<Value>, String) {
    let mut url = start.to_owned();
    let mut entries = Vec::new();
    for _ in 0..500 {
        let page = server.get(&url).await;
        assert_eq!(page.status, 200, "{page:?}");
        entries.extend(page.body["value"].as_array().unwrap().clone());
        assert!(
            page.body[NEXT].is_null() != page.body[DELTA].is_null(),
            "one link, never both"
        );
        if let Some(link) = page.body[DELTA].as_str() {
            return (entries, link.to_owned());
        }
        url = page.body[NEXT].as_str().unwrap().to_owned();
    }
    panic!("the round does not end");
}

fn ids(entries: &[Value]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| entry["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_round_tells_what_changed() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let (first, link) = round(&server, "/users/delta?$select=displayName,department").await;
    assert_eq!(ids(&first), [&ada, &bo]);
    assert!(
        first[0].get("department").is_none(),
        "what was never set is absent"
    );
    let (none, link) = round(&server, &link).await;
    assert!(none.is_empty());

    server
        .patch(&format!("/users/{bo}"), json!({"jobTitle": "untracked"}))
        .await;
    server
        .patch(&format!("/users/{ada}"), json!({"department": "Ops"}))
        .await;
    server
        .patch(&format!("/users/{ada}"), json!({"department": null}))
        .await;
    let (changed, later) = round(&server, &link).await;
    assert_eq!(
        changed,
        [json!({"id": ada, "displayName": "ada", "department": null})]
    );
    let minimal = got(server
        .request("GET", &link)
        .header("Prefer", "return=minimal"))
    .await;
    assert_eq!(
        minimal.body["value"],
        json!([{"id": ada, "department": null}])
    );

    let same = server
        .patch(&format!("/users/{ada}"), json!({"displayName": "ada"}))
        .await;
    assert_eq!(same.status, 204);
    assert!(
        round(&server, &later).await.0.is_empty(),
        "a write that changes nothing is no change"
    );
}

#[tokio::test]
async fn removals_say_whether_they_are_final() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let (_, link) = round(&server, "/users/delta").await;
    server.delete(&format!("/users/{ada}")).await;
    server.delete(&format!("/users/{bo}")).await;
    server
        .delete(&format!("/directory/deletedItems/{bo}"))
        .await;
    let (entries, after) = round(&server, &link).await;
    let reasons: BTreeMap<&str, &str> = entries
        .iter()
        .map(|entry| {
            (
                entry["id"].as_str().unwrap(),
                entry["@removed"]["reason"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        reasons,
        BTreeMap::from([(ada.as_str(), "changed"), (bo.as_str(), "deleted")])
    );
    server
        .post(&format!("/directory/deletedItems/{ada}/restore"), json!({}))
        .await;
    let (entries, _) = round(&server, &after).await;
    assert_eq!(
        entries[0]["displayName"], "ada",
        "a restored object is told whole"
    );
    let (all, _) = round(&server, "/users/delta").await;
    assert_eq!(ids(&all), [&ada], "a first round starts from what there is");
}

#[tokio::test]
async fn links_arrive_as_changes() {
    let server = Server::start().await;
    let (ada, bo, group) = (
        server.user("ada").await,
        server.user("bo").await,
        server.group("g").await,
    );
    server.link(&group, "members", &ada).await;
    let (first, link) = round(&server, "/groups/delta?$select=displayName,members").await;
    let typed = |id: &str| json!({"@odata.type": "#microsoft.graph.user", "id": id});
    assert_eq!(first[0]["members@delta"], json!([typed(&ada)]));
    server.link(&group, "members", &bo).await;
    server
        .delete(&format!("/groups/{group}/members/{ada}/$ref"))
        .await;
    let (entries, _) = round(&server, &link).await;
    let removed = with(typed(&ada), &json!({"@removed": {"reason": "deleted"}}));
    assert_eq!(entries[0]["members@delta"], json!([typed(&bo), removed]));

    let (_, link) = round(&server, "/users/delta?$select=manager").await;
    let path = format!("/users/{ada}/manager/$ref");
    got(server.request("PUT", &path).json(&reference(&bo))).await;
    let (entries, link) = round(&server, &link).await;
    assert_eq!(entries, [json!({"id": ada, "manager@delta": [typed(&bo)]})]);
    server.delete(&path).await;
    let (entries, _) = round(&server, &link).await;
    assert_eq!(
        entries[0]["manager@delta"][0]["@removed"]["reason"],
        "deleted"
    );
}

#[tokio::test]
async fn a_big_group_is_spread_and_changes_meanwhile_are_not_lost() {
    let server = Server::start().await;
    let group = server.group("big").await;
    let objects: Vec<Value> = (0..2500)
        .map(|n| json!({"kind": "user", "properties": {"displayName": format!("u{n}")}}))
        .collect();
    let made = server.post("/_sandbox/objects", json!(objects)).await;
    let users: Vec<String> = serde_json::from_value(made.body["ids"].clone()).unwrap();
    let links = json!({"owner": group, "link": "members", "targets": users});
    assert_eq!(server.post("/_sandbox/links", links).await.status, 204);

    let mut members = BTreeSet::new();
    let mut entries = 0;
    let mut url = "/groups/delta?$select=members".to_owned();
    let mut pages = 0;
    loop {
        let page = server.get(&url).await;
        for entry in page.body["value"].as_array().unwrap() {
            entries += 1;
            for member in entry["members@delta"].as_array().unwrap() {
                let id = member["id"].as_str().unwrap().to_owned();
                if member.get("@removed").is_some() {
                    members.remove(&id)
                } else {
                    members.insert(id)
                };
            }
        }
        pages += 1;
        if pages == 1 {
            assert!(members.contains(&users[0]));
            server
                .delete(&format!("/groups/{group}/members/{}/$ref", users[0]))
                .await;
        }
        match page.body[NEXT].as_str() {
            Some(next) => url = next.to_owned(),
            None => break,
        }
    }
    assert!(
        entries > 2 && pages > 2,
        "{entries} entries on {pages} pages"
    );
    assert_eq!(
        members.len(),
        2499,
        "the member removed between two pages is told of"
    );
}

#[tokio::test]
async fn objects_that_change_between_pages_are_told_whole() {
    let server = Server::start().await;
    let mut users = Vec::new();
    for number in 0..5 {
        users.push(server.user(&format!("u{number}")).await);
    }
    let first = got(server
        .request("GET", "/users/delta?$select=displayName,department")
        .header("Prefer", "odata.maxpagesize=2"))
    .await;
    assert_eq!(first.ids(), users[..2]);
    server
        .patch(
            &format!("/users/{}", users[2]),
            json!({"department": "Ops"}),
        )
        .await;
    let (rest, _) = round(&server, first.body[NEXT].as_str().unwrap()).await;
    let late = rest
        .iter()
        .find(|entry| entry["id"] == json!(users[2]))
        .unwrap();
    assert_eq!(late["displayName"], "u2");
}

#[tokio::test]
async fn what_a_delta_query_refuses() {
    let server = Server::start().await;
    for query in [
        "$top=5",
        "$orderby=displayName",
        "$expand=manager",
        "$filter=displayName eq 'x'",
        "$select=nope",
        "$search=\"a:b\"",
    ] {
        let got = server.get(&format!("/users/delta?{query}")).await;
        assert_eq!(got.status, 400, "{query} {got:?}");
    }
    server
        .get("/users/delta?$select=aboutMe")
        .await
        .refused(501, "NotImplemented");
    let id = server.user("ada").await;
    server.user("bo").await;
    let (one, link) = round(&server, &format!("/users/delta?$filter=id eq '{id}'")).await;
    assert_eq!(ids(&one), [&id]);
    server
        .get(&format!("{link}&$select=id"))
        .await
        .refused(400, "Request_BadRequest");
    let many: Vec<String> = (0..51)
        .map(|n| format!("id eq '00000000-0000-4000-8000-0000000000{n:02}'"))
        .collect();
    let got = server
        .get(&format!("/users/delta?$filter={}", many.join(" or ")))
        .await;
    assert_eq!(got.status, 400);
}

#[tokio::test]
async fn tokens_can_be_latest_unknown_or_reset() {
    let server = Server::start().await;
    server.user("ada").await;
    let latest = server
        .get("/users/delta?$deltatoken=latest&$select=displayName")
        .await;
    assert_eq!(latest.body["value"], json!([]));
    let link = latest.body[DELTA].as_str().unwrap().to_owned();
    let bo = server.user("bo").await;
    assert_eq!(ids(&round(&server, &link).await.0), [&bo]);

    server
        .get("/users/delta?$deltatoken=garbage")
        .await
        .refused(400, "syncStateNotFound");
    server
        .get(&link.replace("/users/", "/groups/"))
        .await
        .refused(400, "syncStateNotFound");
    let other = Server::start().await;
    let (_, own) = link.split_once("/v1.0").unwrap();
    other.get(own).await.refused(400, "syncStateNotFound");

    let (url, token) = link.split_once("deltatoken=").unwrap();
    let made = BASE64_URL_SAFE_NO_PAD.decode(token).unwrap();
    let mut old: Value = serde_json::from_slice(&made).unwrap();
    old["made"] = json!(old["made"].as_i64().unwrap() - 8 * 24 * 3600);
    let old = BASE64_URL_SAFE_NO_PAD.encode(old.to_string());
    let expired = server.get(&format!("{url}deltatoken={old}")).await;
    expired.refused(400, "syncStateNotFound");

    assert_eq!(
        server.post("/_sandbox/delta/reset", json!({})).await.status,
        204
    );
    let gone: Got = server.get(&link).await;
    assert_eq!(gone.status, 410);
    assert_eq!(round(&server, gone.header("location")).await.0.len(), 2);
}

#[tokio::test]
async fn other_kinds_and_all_kinds() {
    let server = Server::start().await;
    let contact = server
        .seed(
            "orgContact",
            json!({"displayName": "c", "mail": "c@x.example"}),
        )
        .await;
    let device = server.seed("device", json!({"displayName": "d"})).await;
    let made = server.post("/users", user("ada")).await.id();
    assert_eq!(ids(&round(&server, "/contacts/delta").await.0), [&contact]);
    assert_eq!(ids(&round(&server, "/devices/delta()").await.0), [&device]);
    let (all, _) = round(&server, "/directoryObjects/delta").await;
    let user = all.iter().find(|entry| entry["id"] == json!(made)).unwrap();
    assert_eq!(user["@odata.type"], "#microsoft.graph.user");
    assert!(ids(&all).contains(&contact.as_str()) && ids(&all).contains(&device.as_str()));
}
