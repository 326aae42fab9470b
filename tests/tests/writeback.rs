//! What the cloud knows comes back to a forest: values of its users, and groups made there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ldap3::{Scope, SearchEntry};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use trib_runtime::plan::{Applied, Counts, ObjectError, Plan};
use trib_runtime::progress::Silent;
use trib_tests::deployment::Deployment;
use trib_tests::samba::Forest;

const RULES: &str = r#"
connector corp  : ad
connector cloud : entra

metaverse person {
  login    : string(1024) indexed
  title    : string(128)
  phones   : [string(64)]
  boss     : ref person
}

metaverse team {
  cloudId : string(36) indexed
  name    : string(256)
  mail    : string(256)
  note    : string(1024)
  member  : [ref any]
}

rule "AD user" {
  from corp.user to person precedence 10 link provision
  scope userPrincipalName is present and not isCriticalSystemObject == true
  join userPrincipalName == person.login
  flow { login <- userPrincipalName }
}

rule "cloud user" {
  from cloud.user to person precedence 20 link join
  join userPrincipalName == person.login
  flow {
    title  <- Left(jobTitle, 128)
    phones <- [Left(phone, 64) for phone in businessPhones]
    boss   <- manager
  }
}

rule "cloud group" {
  from cloud.group to team precedence 30 link provision
  scope displayName is present and securityEnabled == true
  join id == team.cloudId
  flow {
    cloudId <- Left(id, 36)
    name    <- Left(displayName, 256)
    note    <- Left(description, 1024)
    member  <- members
  }
}

rule "user back to AD" {
  from person to corp.user precedence 40 link join
  join login == user.userPrincipalName
  flow {
    info           <- title
    otherTelephone <- merge phones
    manager        <- boss
  }
}

rule "group back to AD" {
  from team to corp.group precedence 50 link provision
  scope cloudId is present and name is present
  join  cloudId == group.adminDescription
  flow {
    dn               <- "CN=" & EscapeDNComponent(name) & ",OU=Cloud,DC=contoso,DC=test"
    sAMAccountName   <- once "cloud-" & Left(cloudId, 8)
    adminDescription <- cloudId
    displayName      <- name
    info             <- note
    groupType        <- once CNum("-2147483640")
    member
  }
}
"#;

async fn deployment(forest: &Forest, url: &str, user: &str) -> Deployment {
    let corp = format!(
        "url = \"{url}\"\nbase = \"{}\"\nbind = {{ user = \"{}\", password = {{ file = \"{}\" }} }}\nca = \"{}\"",
        forest.base(),
        user,
        forest.password_file().display(),
        forest.ca().display(),
    );
    Deployment::start("contoso.test", RULES, &corp).await
}

/// The entry with this dn, relative to the domain: texts by attribute, sorted.
async fn entry(forest: &Forest, dn: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let wanted = [
        "info",
        "otherTelephone",
        "manager",
        "member",
        "displayName",
        "sAMAccountName",
        "adminDescription",
        "groupType",
    ];
    let mut ldap = forest.connect().await;
    let found = ldap
        .search(&forest.dn(dn), Scope::Base, "(objectClass=*)", wanted)
        .await;
    let (mut entries, _) = found.unwrap().success().ok()?;
    let mut values: BTreeMap<_, _> = SearchEntry::construct(entries.pop()?)
        .attrs
        .into_iter()
        .collect();
    values.values_mut().for_each(|values| values.sort());
    Some(values)
}

async fn make(tenant: &Deployment, kind: &str, properties: Json) -> String {
    let made = tenant
        .door(
            "POST",
            "/objects",
            json!({"kind": kind, "properties": properties}),
        )
        .await;
    made["ids"][0].as_str().unwrap().to_owned()
}

fn only(cycle: &(Plan, Applied), wanted: Counts, what: &str) {
    let (plan, applied) = cycle;
    assert_eq!(plan.errors, [], "{what}");
    let counts = |counts: Counts| Counts {
        unchanged: 0,
        ..counts
    };
    assert_eq!(counts(plan.counts), wanted, "{what}: {:#?}", plan.changes);
    assert_eq!(
        counts(applied.written),
        wanted,
        "{what}: {:#?}",
        applied.errors
    );
    assert_eq!(applied.errors, [], "{what}");
}

/// A cycle that does what is wanted, and a second one that finds nothing to do.
async fn cycle(tenant: &Deployment, wanted: Counts, what: &str) -> Plan {
    let first = tenant.cycle().await.unwrap();
    only(&first, wanted, what);
    let second = tenant.cycle().await.unwrap();
    only(&second, Counts::default(), &format!("after: {what}"));
    first.0
}

fn counts(create: u64, update: u64, delete: u64, link_add: u64, link_remove: u64) -> Counts {
    Counts {
        create,
        update,
        delete,
        link_add,
        link_remove,
        ..Counts::default()
    }
}

#[tokio::test]
async fn values_and_groups_come_back_from_the_cloud() {
    let forest = Forest::start("CONTOSO.TEST", "127.0.0.7").await;
    forest.add_unit("OU=Staff").await;
    forest.add_unit("OU=Cloud").await;
    forest
        .add_user(
            "CN=Ann,OU=Staff",
            "ann",
            &[("otherTelephone", "local"), ("info", "old")],
        )
        .await;
    forest.add_user("CN=Bob,OU=Staff", "bob", &[]).await;
    let tenant = deployment(&forest, &forest.url(), &forest.user()).await;
    let user = |login: &str| {
        json!({
            "userPrincipalName": format!("{login}@contoso.test"), "displayName": login,
            "mailNickname": login, "accountEnabled": true, "jobTitle": "Agent",
            "businessPhones": ["+46 8 1"],
        })
    };
    let ann = make(&tenant, "user", user("ann")).await;
    let bob = make(&tenant, "user", user("bob")).await;
    let nobody = make(&tenant, "user", user("nobody")).await;
    let group = make(
        &tenant,
        "group",
        json!({"displayName": "Agents, all", "description": "of the house",
               "mailNickname": "agents", "mailEnabled": false, "securityEnabled": true}),
    )
    .await;
    let refer =
        |id: &str| json!({"@odata.id": format!("{}/v1.0/directoryObjects/{id}", tenant.url())});
    for id in [&ann, &nobody] {
        let path = format!("/groups/{group}/members/$ref");
        assert_eq!(tenant.send("POST", &path, refer(id)).await, 204);
    }
    let path = format!("/users/{ann}/manager/$ref");
    assert_eq!(tenant.send("PUT", &path, refer(&bob)).await, 204);

    // Values of those who are there, a group for the one that is not; who is not in the forest is no member.
    cycle(&tenant, counts(1, 2, 0, 2, 0), "the first cycle").await;
    let found = entry(&forest, "CN=Ann,OU=Staff").await.unwrap();
    assert_eq!(found["info"], ["Agent"]);
    assert_eq!(found["otherTelephone"], ["+46 8 1", "local"]);
    assert_eq!(found["manager"], [forest.dn("CN=Bob,OU=Staff")]);
    let made = entry(&forest, "CN=Agents\\, all,OU=Cloud").await.unwrap();
    assert_eq!(made["member"], [forest.dn("CN=Ann,OU=Staff")]);
    assert_eq!(made["adminDescription"], std::slice::from_ref(&group));
    assert_eq!(made["groupType"], ["-2147483640"]);
    assert_eq!(made["info"], ["of the house"]);
    let anchor = forest.anchor("CN=Agents\\, all,OU=Cloud").await;

    // One member more, then one less.
    let path = format!("/groups/{group}/members/$ref");
    assert_eq!(tenant.send("POST", &path, refer(&bob)).await, 204);
    cycle(&tenant, counts(0, 0, 0, 1, 0), "a member").await;
    let path = format!("/groups/{group}/members/{ann}/$ref");
    assert_eq!(tenant.send("DELETE", &path, Json::Null).await, 204);
    cycle(&tenant, counts(0, 0, 0, 0, 1), "no member").await;
    let made = entry(&forest, "CN=Agents\\, all,OU=Cloud").await.unwrap();
    assert_eq!(made["member"], [forest.dn("CN=Bob,OU=Staff")]);

    // A value goes; of a merged set only what we brought.
    let path = format!("/users/{ann}");
    let body = json!({"jobTitle": null, "businessPhones": ["+46 8 2"]});
    assert_eq!(tenant.send("PATCH", &path, body).await, 204);
    cycle(&tenant, counts(0, 1, 0, 0, 0), "other values").await;
    let found = entry(&forest, "CN=Ann,OU=Staff").await.unwrap();
    assert!(!found.contains_key("info"));
    assert_eq!(found["otherTelephone"], ["+46 8 2", "local"]);

    // What somebody changes in the forest is put right.
    forest.replace("CN=Bob,OU=Staff", "info", &["mine"]).await;
    forest
        .add_member("CN=Agents\\, all,OU=Cloud", "CN=Ann,OU=Staff")
        .await;
    cycle(&tenant, counts(0, 1, 0, 0, 1), "put right").await;
    let found = entry(&forest, "CN=Bob,OU=Staff").await.unwrap();
    assert_eq!(found["info"], ["Agent"]);

    // Another name renames the group, which stays the same object.
    let path = format!("/groups/{group}");
    let body = json!({"displayName": "Spies"});
    assert_eq!(tenant.send("PATCH", &path, body).await, 204);
    let plan = cycle(&tenant, counts(0, 1, 0, 0, 0), "a rename").await;
    let renamed = plan.changes[0].attributes.iter().find(|c| c.name == "dn");
    assert_eq!(
        renamed.unwrap().new,
        Json::from(forest.dn("CN=Spies,OU=Cloud"))
    );
    assert_eq!(forest.anchor("CN=Spies,OU=Cloud").await, anchor);

    // Somebody moves it elsewhere: it comes home.
    forest
        .rename("CN=Spies,OU=Cloud", "CN=Lost", Some("OU=Staff"))
        .await;
    cycle(&tenant, counts(0, 1, 0, 0, 0), "a move").await;
    assert_eq!(forest.anchor("CN=Spies,OU=Cloud").await, anchor);

    // The group ends in the cloud, and with it the one that we made. Users are left as they are.
    let path = format!("/groups/{group}");
    assert_eq!(tenant.send("DELETE", &path, Json::Null).await, 204);
    assert_eq!(
        tenant
            .send("DELETE", &format!("/users/{ann}"), Json::Null)
            .await,
        204
    );
    let plan = tenant.cycle().await.unwrap().0;
    assert_eq!(plan.counts.delete, 1, "{:#?}", plan.changes);
    assert_eq!(entry(&forest, "CN=Spies,OU=Cloud").await, None);
    assert!(entry(&forest, "CN=Ann,OU=Staff").await.is_some());
    let second = tenant.cycle().await.unwrap();
    only(&second, Counts::default(), "after the end");

    what_was_there_is_joined_and_never_deleted(&forest, &tenant).await;
    a_rival_is_named(&forest, &tenant).await;
    what_a_killed_process_made_is_known_as_ours(&forest, &tenant).await;
    a_missing_right_is_named(&forest).await;
    a_connection_cut_at_any_instant_loses_and_doubles_nothing(&forest).await;
}

async fn what_was_there_is_joined_and_never_deleted(forest: &Forest, tenant: &Deployment) {
    let group = make(
        tenant,
        "group",
        json!({"displayName": "Old", "mailNickname": "old", "mailEnabled": false, "securityEnabled": true}),
    )
    .await;
    forest.add_group("CN=Elder,OU=Staff", "elder", &[]).await;
    forest
        .replace("CN=Elder,OU=Staff", "adminDescription", &[&group])
        .await;
    cycle(tenant, counts(0, 1, 0, 0, 0), "joined").await;
    let joined = entry(forest, "CN=Old,OU=Cloud").await.unwrap();
    assert_eq!(joined["displayName"], ["Old"]);
    assert_eq!(joined["sAMAccountName"], ["elder"]);
    let path = format!("/groups/{group}");
    assert_eq!(tenant.send("DELETE", &path, Json::Null).await, 204);
    cycle(tenant, Counts::default(), "the end of a joined group").await;
    assert!(entry(forest, "CN=Old,OU=Cloud").await.is_some());
}

async fn a_rival_is_named(forest: &Forest, tenant: &Deployment) {
    let group = |name: &str| json!({"displayName": name, "mailNickname": name, "mailEnabled": false, "securityEnabled": true});
    make(tenant, "group", group("Old")).await;
    let (_, applied) = tenant.cycle().await.unwrap();
    assert_eq!(applied.failed.create, 1);
    let error = &applied.errors[0];
    assert_eq!(error.code, "ObjectConflict");
    assert!(
        error
            .message
            .starts_with("another object has dn \"CN=Old,OU=Cloud,DC=contoso,DC=test\""),
        "{}",
        error.message
    );
    // Once the rival is gone, the create goes through; the error is told until then.
    forest.delete("CN=Old,OU=Cloud").await;
    let (plan, applied) = tenant.cycle().await.unwrap();
    let told: Vec<&str> = plan.errors.iter().map(|e| e.code.as_str()).collect();
    assert_eq!(told, ["ObjectConflict"]);
    assert_eq!((applied.written.create, applied.errors), (1, vec![]));
    only(
        &tenant.cycle().await.unwrap(),
        Counts::default(),
        "after: the rival is gone",
    );
}

async fn a_missing_right_is_named(forest: &Forest) {
    forest.add_user("CN=svc,OU=Staff", "svc", &[]).await;
    let tenant = deployment(forest, &forest.url(), "svc@contoso.test").await;
    let group = json!({"displayName": "Denied", "mailNickname": "denied", "mailEnabled": false,
                       "securityEnabled": true});
    make(&tenant, "group", group).await;
    let (_, applied) = tenant.cycle().await.unwrap();
    assert_eq!(applied.failed.create, 1);
    let mut codes = applied.errors.iter().map(|error| error.code.as_str());
    assert!(codes.all(|code| code == "insufficientAccessRights"));
    let right = "give `svc@contoso.test` the right to create `group` objects in \
                 `OU=Cloud,DC=contoso,DC=test`";
    let told = |error: &ObjectError| error.message.contains(right);
    assert!(applied.errors.iter().any(told), "{:#?}", applied.errors);
}

/// A process ends between the write and its answer: the object is there, and the store knows that it
/// was asked for.
async fn what_a_killed_process_made_is_known_as_ours(forest: &Forest, tenant: &Deployment) {
    for imported in [false, true] {
        let name = format!("Killed {imported}");
        let group = json!({"displayName": name, "mailNickname": format!("killed{imported}"),
                           "mailEnabled": false, "securityEnabled": true});
        let group = make(tenant, "group", group).await;
        let mut engine = tenant.engine().unwrap();
        engine.import(false, &Silent).await.unwrap();
        engine.synchronize(&Silent).unwrap();
        let plan = engine.plan().unwrap();
        assert_eq!(plan.counts.create, 1);
        let dn = format!("CN={name},OU=Cloud");
        let account = format!("cloud-{}", &group[..8]);
        let sent = [
            ("objectClass", "group"),
            ("sAMAccountName", &account),
            ("adminDescription", &group),
            ("displayName", &name),
            ("groupType", "-2147483640"),
        ];
        forest.add(&dn, &sent).await;
        let store = rusqlite::Connection::open(tenant.folder().join("state.db")).unwrap();
        let marked = store.execute("UPDATE pending SET attempted = 1", []);
        assert_eq!(marked.unwrap(), 1);
        if !imported {
            let applied = engine.apply(&plan, None, &Silent).await.unwrap();
            assert_eq!(applied.written.create, 1, "{:#?}", applied.errors);
        }
        drop(engine);
        cycle(tenant, Counts::default(), "it is there").await;
        let path = format!("/groups/{group}");
        assert_eq!(tenant.send("DELETE", &path, Json::Null).await, 204);
        cycle(tenant, counts(0, 0, 1, 0, 0), "it is ours").await;
        assert_eq!(entry(forest, &dn).await, None);
    }
}

/// Passes a forest's connections on, and cuts the first one after the so-manieth message of the client
/// has arrived, before it is answered.
struct Cutter {
    port: u16,
    after: Arc<AtomicUsize>,
    cuts: Arc<AtomicUsize>,
}

impl Cutter {
    async fn start(address: &'static str) -> Cutter {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let after = Arc::new(AtomicUsize::new(usize::MAX));
        let cuts = Arc::new(AtomicUsize::new(0));
        let (armed, counted) = (after.clone(), cuts.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((address, 636)).await.unwrap();
                let after = armed.swap(usize::MAX, Ordering::SeqCst);
                tokio::spawn(pass_on(client, server, after, counted.clone()));
            }
        });
        Cutter { port, after, cuts }
    }
}

async fn pass_on(client: TcpStream, server: TcpStream, after: usize, cuts: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers =
        tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut buffer = vec![0; 65536];
    for message in 1.. {
        let length = from_client.read(&mut buffer).await.unwrap_or_default();
        if length == 0 {
            break;
        }
        if message == after {
            answers.abort();
        }
        to_server.write_all(&buffer[..length]).await.unwrap();
        if message == after {
            cuts.fetch_add(1, Ordering::SeqCst);
            // The server has the time to do what it was asked.
            tokio::time::sleep(Duration::from_millis(300)).await;
            break;
        }
    }
}

async fn a_connection_cut_at_any_instant_loses_and_doubles_nothing(forest: &Forest) {
    let cutter = Cutter::start("127.0.0.7").await;
    let tenant = deployment(
        forest,
        &format!("{}:{}", forest.url(), cutter.port),
        &forest.user(),
    )
    .await;
    tenant.cycle().await.unwrap();
    for after in 3..8 {
        let name = format!("Cut {after}");
        let group = json!({"displayName": name, "mailNickname": name.replace(' ', ""),
                           "mailEnabled": false, "securityEnabled": true});
        make(&tenant, "group", group).await;
        let mut engine = tenant.engine().unwrap();
        engine.import(false, &Silent).await.unwrap();
        engine.synchronize(&Silent).unwrap();
        let plan = engine.plan().unwrap();
        assert_eq!(plan.counts.create, 1);
        cutter.after.store(after, Ordering::SeqCst);
        // What is cut before we are logged on ends the run; the next one does what is left.
        let applied = engine.apply(&plan, None, &Silent).await;
        drop(engine);
        if let Ok(applied) = applied {
            assert_eq!(applied.written.create, 1, "{after}: {:#?}", applied.errors);
        } else {
            tenant.cycle().await.unwrap();
        }
        let (plan, _) = tenant.cycle().await.unwrap();
        assert!(plan.counts.is_empty(), "{after}: {:#?}", plan.changes);
        assert_eq!(plan.errors, [], "{after}");
        let dn = format!("CN={name},OU=Cloud");
        assert!(entry(forest, &dn).await.is_some(), "{after}");
    }
    assert!(cutter.cuts.load(Ordering::SeqCst) >= 4);
    // All of them are ours, and go when the groups of the cloud do.
    let groups = tenant.all("/groups?$select=id&$top=999").await;
    let some = groups.iter().take(5);
    for group in some {
        let path = format!("/groups/{}", group["id"].as_str().unwrap());
        assert_eq!(tenant.send("DELETE", &path, Json::Null).await, 204);
    }
    cycle(&tenant, counts(0, 0, 5, 0, 0), "those that were cut go").await;
}
