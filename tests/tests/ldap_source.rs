//! Reading a real Active Directory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::collections::{BTreeMap, BTreeSet};

use trib_compiler::types::{Base, Type};
use trib_compiler::value::Value;
use trib_runtime::config::{Ad, Bind, Secret};
use trib_runtime::connectors::ldap::LdapSource;
use trib_runtime::connectors::{
    EntryChange, Imported, ReferenceChange, SelectedAttribute, Selection, Sink, Target,
};
use trib_runtime::error::{Class, Error};
use trib_tests::meddler::{Act, DONE, ENTRY, Meddler, SEARCH};
use trib_tests::samba::Forest;

/// What an import leaves behind, as an engine would keep it.
#[derive(Default)]
struct Kept {
    entries: BTreeMap<Vec<u8>, Entry>,
    watermark: Option<Vec<u8>>,
    seen: BTreeSet<Vec<u8>>,
    deleted: usize,
    reports: Vec<String>,
}

#[derive(Default, Debug, Clone, PartialEq)]
struct Entry {
    dn: String,
    ty: String,
    values: BTreeMap<usize, String>,
    links: BTreeMap<usize, BTreeSet<String>>,
}

impl Sink for Kept {
    fn entry(&mut self, change: EntryChange<'_>) -> Result<(), Error> {
        let upsert = match change {
            EntryChange::Upsert(upsert) => upsert,
            EntryChange::Delete { anchor } => {
                self.deleted += usize::from(self.entries.remove(anchor).is_some());
                return Ok(());
            }
        };
        assert_eq!(upsert.anchor.len(), 16);
        self.seen.insert(upsert.anchor.to_vec());
        assert!(
            upsert.complete || self.entries.contains_key(upsert.anchor),
            "a new entry must be complete: {:?}",
            upsert.dn
        );
        let entry = self.entries.entry(upsert.anchor.to_vec()).or_default();
        if upsert.complete {
            *entry = Entry::default();
        }
        entry.dn = upsert
            .dn
            .map_or(std::mem::take(&mut entry.dn), str::to_owned);
        entry.ty = upsert
            .object_type
            .map_or(std::mem::take(&mut entry.ty), str::to_owned);
        for (place, value) in upsert.attributes {
            match value {
                Value::Absent => drop(entry.values.remove(place)),
                value => drop(entry.values.insert(*place, format!("{value:?}"))),
            }
        }
        for (place, change) in upsert.references {
            let links = entry.links.entry(*place).or_default();
            let names = |targets: &[Target<'_>]| {
                let name = |target: &Target<'_>| match target {
                    Target::Dn(dn) => dn.split(',').next().unwrap().to_owned(),
                    Target::Anchor(_) => panic!("a directory refers by dn"),
                };
                targets.iter().map(name).collect::<Vec<_>>()
            };
            match change {
                ReferenceChange::Replace(targets) => *links = names(targets).into_iter().collect(),
                ReferenceChange::Add(targets) => links.extend(names(targets)),
                ReferenceChange::Remove(targets) => {
                    links.retain(|link| !names(targets).contains(link))
                }
            }
        }
        entry.links.retain(|_, links| !links.is_empty());
        Ok(())
    }

    fn malformed(&mut self, _: Option<&[u8]>, name: &str, message: &str) -> Result<(), Error> {
        self.reports.push(format!("{name}: {message}"));
        Ok(())
    }

    fn page(&mut self, watermark: Option<&[u8]>) -> Result<(), Error> {
        self.watermark = watermark.map(<[u8]>::to_vec).or(self.watermark.take());
        Ok(())
    }
}

impl Kept {
    async fn import(&mut self, config: &Ad) -> Result<Imported, Error> {
        self.seen.clear();
        self.deleted = 0;
        let before = self.watermark.take();
        let mut source = LdapSource::new("corp", config)?;
        let selection = selection();
        let result = sendable(source.import(&selection, before.as_deref(), self)).await;
        if self.watermark.is_none() {
            self.watermark = before;
        }
        let seen = self.seen.clone();
        if result == Ok(Imported::Full) {
            self.entries.retain(|anchor, _| seen.contains(anchor));
        }
        result
    }

    fn named(&self, name: &str) -> &Entry {
        let start = format!("{name},");
        self.entries
            .values()
            .find(|entry| entry.dn.starts_with(&start))
            .unwrap_or_else(|| panic!("no {name}"))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .entries
            .values()
            .map(|entry| entry.dn.split(',').next().unwrap().to_owned())
            .collect();
        names.sort();
        names
    }
}

/// Imports run in parallel tasks.
fn sendable<F: Future + Send>(future: F) -> F {
    future
}

const GIVEN_NAME: usize = 0;
const PHONES: usize = 1;
const CONTROL: usize = 2;
const MANAGER: usize = 5;
const MEMBER: usize = 6;

fn selection() -> Selection {
    let attribute = |name: &str, ty: Type, reference| SelectedAttribute {
        name: name.to_owned(),
        ty,
        reference,
        object_types: Vec::new(),
    };
    Selection {
        object_types: vec!["user".to_owned(), "group".to_owned()],
        attributes: vec![
            attribute("givenName", Type::one(Base::TEXT), false),
            attribute("otherTelephone", Type::many(Base::TEXT), false),
            attribute("userAccountControl", Type::one(Base::Int), false),
            attribute("objectSid", Type::one(Base::Sid), false),
            attribute("whenCreated", Type::one(Base::Time), false),
            attribute("manager", Type::one(Base::Dn), true),
            attribute("member", Type::many(Base::Dn), true),
            attribute("distinguishedName", Type::one(Base::Dn), false),
        ],
    }
}

fn config(forest: &Forest, base: &str) -> Ad {
    Ad {
        url: vec![forest.url()],
        base: vec![forest.dn(base)],
        bind: Some(Bind {
            user: forest.user(),
            password: Secret::File(forest.password_file()),
        }),
        ca: Some(forest.ca()),
        ..Ad::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_directory() {
    let forest = Forest::start("CONTOSO.TEST", "127.0.0.1").await;
    forest.add_unit("OU=Staff").await;
    forest.add_unit("OU=Sub,OU=Staff").await;
    forest.add_unit("OU=Out").await;
    forest
        .add_user(
            "CN=Ann,OU=Staff",
            "ann",
            &[("givenName", "Ann"), ("otherTelephone", "first")],
        )
        .await;
    let ann = forest.dn("CN=Ann,OU=Staff");
    forest
        .add_user(
            "CN=Bo,OU=Staff",
            "bo",
            &[("givenName", "Bo"), ("manager", &ann)],
        )
        .await;
    forest.add_user("CN=Cy,OU=Sub,OU=Staff", "cy", &[]).await;
    forest
        .add_user("CN=Outsider,OU=Out", "outsider", &[("givenName", "Out")])
        .await;
    forest
        .add_group(
            "CN=Team,OU=Staff",
            "team",
            &["CN=Ann,OU=Staff", "CN=Cy,OU=Sub,OU=Staff"],
        )
        .await;
    forest
        .add(
            "CN=PC,OU=Staff",
            &[("objectClass", "computer"), ("sAMAccountName", "pc$")],
        )
        .await;
    forest
        .add(
            "CN=Net,OU=Staff",
            &[("objectClass", "inetOrgPerson"), ("sAMAccountName", "net")],
        )
        .await;

    full_and_changes(&forest).await;
    one_by_one(&forest).await;
    answers_cut_short(&forest).await;
    refusals(&forest).await;
    least_rights(&forest).await;
    schema(&forest).await;
}

async fn full_and_changes(forest: &Forest) {
    let config = config(forest, "");
    let mut kept = Kept::default();
    assert_eq!(kept.import(&config).await, Ok(Imported::Full));
    assert_eq!(kept.reports, Vec::<String>::new());
    let ann = kept.named("CN=Ann").clone();
    assert_eq!(ann.dn, forest.dn("CN=Ann,OU=Staff"));
    assert_eq!(ann.ty, "user");
    assert_eq!(ann.values[&GIVEN_NAME], "Text(\"Ann\")");
    assert_eq!(ann.values[&PHONES], "List([Text(\"first\")])");
    assert_eq!(ann.values[&CONTROL], "Int(512)");
    assert!(ann.values[&3].starts_with("Binary([1, 5, "));
    assert!(ann.values[&4].starts_with("Time(1"));
    assert_eq!(
        kept.named("CN=Bo").links[&MANAGER],
        ["CN=Ann".to_owned()].into()
    );
    assert_eq!(
        kept.named("CN=Team").links[&MEMBER],
        ["CN=Ann".to_owned(), "CN=Cy".to_owned()].into()
    );
    assert!(kept.names().contains(&"CN=Administrator".to_owned()));
    assert!(
        !kept.names().contains(&"CN=PC".to_owned()) && !kept.names().contains(&"CN=Net".to_owned())
    );
    let anchor = forest.anchor("CN=Ann,OU=Staff").await;
    assert_eq!(kept.entries[&anchor], ann);

    assert_eq!(kept.import(&config).await, Ok(Imported::Delta));
    assert_eq!((kept.seen.len(), kept.deleted), (0, 0), "nothing changed");

    let mut other_server = kept.watermark.clone().unwrap();
    let place = other_server
        .windows(3)
        .position(|part| part == b"DC1")
        .unwrap();
    other_server[place] = b'X';
    kept.watermark = Some(other_server);
    assert_eq!(
        kept.import(&config).await,
        Ok(Imported::Full),
        "a cookie of another server"
    );
    let mut broken: serde_json::Value =
        serde_json::from_slice(&kept.watermark.clone().unwrap()).unwrap();
    broken["marks"][forest.base()] = "AAAA".into();
    kept.watermark = Some(broken.to_string().into_bytes());
    assert_eq!(
        kept.import(&config).await,
        Ok(Imported::Full),
        "a cookie that the server refuses"
    );
}

/// The oid of DirSync.
const DIRSYNC: &[u8] = b"1.2.840.113556.1.4.841";

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The same directory, with somebody in between.
fn through(meddler: &Meddler, direct: &Ad) -> Ad {
    Ad {
        url: vec![meddler.url()],
        ..direct.clone()
    }
}

/// Every step must leave what a full import would find, by DirSync and by the numbers of changes.
async fn one_by_one(forest: &Forest) {
    let config = config(forest, "OU=Staff");
    let mut kept = Kept::default();
    assert_eq!(kept.import(&config).await, Ok(Imported::Full));
    assert_eq!(kept.names(), ["CN=Ann", "CN=Bo", "CN=Cy", "CN=Team"]);

    let refuses = |kind, message: &[u8]| match kind == SEARCH && contains(message, DIRSYNC) {
        true => Act::Done(12),
        false => Act::Pass,
    };
    let without_dirsync = through(&Meddler::start(forest, refuses).await, &config);
    let mut numbered = Kept::default();
    // Until something was deleted, nobody can know whether deletions would be told.
    forest.add_unit("OU=Short,OU=Staff").await;
    forest.delete("OU=Short,OU=Staff").await;
    assert_eq!(numbered.import(&without_dirsync).await, Ok(Imported::Full));
    let watermark = String::from_utf8(numbered.watermark.clone().unwrap()).unwrap();
    assert!(watermark.contains("\"usn\""), "{watermark}");
    assert_eq!(numbered.import(&without_dirsync).await, Ok(Imported::Delta));
    assert_eq!((numbered.seen.len(), numbered.deleted), (0, 0));
    let other = watermark.replace("DC1", "DC2");
    let mut elsewhere = Kept {
        watermark: Some(other.into_bytes()),
        ..Kept::default()
    };
    assert_eq!(
        elsewhere.import(&without_dirsync).await,
        Ok(Imported::Full),
        "numbers of another server"
    );

    macro_rules! step {
        ($what:literal) => {{
            assert_eq!(kept.import(&config).await, Ok(Imported::Delta), $what);
            assert_eq!(
                numbered.import(&without_dirsync).await,
                Ok(Imported::Delta),
                $what
            );
            assert_eq!(numbered.entries, kept.entries, $what);
            let mut fresh = Kept::default();
            assert_eq!(fresh.import(&config).await, Ok(Imported::Full), $what);
            assert_eq!(kept.entries, fresh.entries, $what);
        }};
    }

    forest
        .replace("CN=Ann,OU=Staff", "otherTelephone", &["second", "third"])
        .await;
    step!("modified");
    assert_eq!(kept.seen.len(), 1);
    assert!(kept.named("CN=Ann").values[&PHONES].contains("third"));

    forest
        .replace("CN=Ann,OU=Staff", "otherTelephone", &[])
        .await;
    forest.replace("CN=Bo,OU=Staff", "manager", &[]).await;
    step!("attributes taken away");
    assert!(!kept.named("CN=Ann").values.contains_key(&PHONES));
    assert!(kept.named("CN=Bo").links.is_empty());

    forest
        .add_member("CN=Team,OU=Staff", "CN=Bo,OU=Staff")
        .await;
    forest
        .remove_member("CN=Team,OU=Staff", "CN=Ann,OU=Staff")
        .await;
    step!("members came and went");
    assert_eq!(
        kept.named("CN=Team").links[&MEMBER],
        ["CN=Bo".to_owned(), "CN=Cy".to_owned()].into()
    );

    forest.rename("CN=Ann,OU=Staff", "CN=Anna", None).await;
    step!("renamed");
    assert_eq!(kept.names(), ["CN=Anna", "CN=Bo", "CN=Cy", "CN=Team"]);

    forest
        .rename("CN=Anna,OU=Staff", "CN=Anna", Some("OU=Sub,OU=Staff"))
        .await;
    step!("moved");
    assert_eq!(
        kept.named("CN=Anna").dn,
        forest.dn("CN=Anna,OU=Sub,OU=Staff")
    );

    forest
        .rename("CN=Outsider,OU=Out", "CN=Outsider", Some("OU=Staff"))
        .await;
    step!("moved in");
    assert_eq!(
        kept.named("CN=Outsider").values[&GIVEN_NAME],
        "Text(\"Out\")"
    );

    forest
        .rename("CN=Bo,OU=Staff", "CN=Bo", Some("OU=Out"))
        .await;
    step!("moved out");
    assert_eq!(kept.deleted, 1);
    assert_eq!(kept.names(), ["CN=Anna", "CN=Cy", "CN=Outsider", "CN=Team"]);

    forest.rename("OU=Sub,OU=Staff", "OU=Below", None).await;
    step!("a container renamed");
    assert_eq!(kept.named("CN=Cy").dn, forest.dn("CN=Cy,OU=Below,OU=Staff"));

    forest
        .rename("OU=Below,OU=Staff", "OU=Below", Some("OU=Out"))
        .await;
    step!("a container moved out");
    assert_eq!(kept.names(), ["CN=Outsider", "CN=Team"]);

    forest
        .rename("OU=Below,OU=Out", "OU=Below", Some("OU=Staff"))
        .await;
    step!("a container moved in");
    assert_eq!(kept.names(), ["CN=Anna", "CN=Cy", "CN=Outsider", "CN=Team"]);

    forest.delete("CN=Outsider,OU=Staff").await;
    forest
        .add_user("CN=New,OU=Staff", "new", &[("givenName", "New")])
        .await;
    step!("deleted and added");
    assert_eq!(kept.names(), ["CN=Anna", "CN=Cy", "CN=New", "CN=Team"]);
}

/// Whatever becomes of an answer, it is not taken for all there is.
async fn answers_cut_short(forest: &Forest) {
    let good = config(forest, "OU=Staff");
    let mut kept = Kept::default();
    assert_eq!(kept.import(&good).await, Ok(Imported::Full));
    let before = kept.entries.clone();
    let zone = "ldap://contoso.test/DC=DomainDnsZones,DC=contoso,DC=test";
    let moved = "ldap://other.test/OU=Moved,OU=Staff,DC=contoso,DC=test";
    for (act, message) in [
        (Act::Close, "broke off: the server closed the connection"),
        (Act::Done(1), "reading `OU=Staff,DC=contoso,DC=test` failed"),
        (Act::Done(3), "cut the answer"),
        (Act::Done(4), "cut the answer"),
        (Act::Done(10), "refers to another one"),
        (Act::Done(11), "cut the answer"),
        (Act::Done(32), "wrong base"),
        (Act::Done(50), "no right to read"),
        (Act::Done(51), "too busy"),
        (Act::Done(52), "too busy"),
        (Act::Done(80), "failed: code 80"),
        (Act::Done(0), "does not send"),
        (Act::Refer(moved), "refers to `ldap://other.test/OU=Moved"),
    ] {
        let spoils = Meddler::start(forest, after_an_entry(act)).await;
        kept.watermark = None;
        let error = kept.import(&through(&spoils, &good)).await.unwrap_err();
        assert_eq!(error.class, Class::Directory, "{act:?}: {error}");
        assert!(error.message.contains(message), "{act:?}: {error}");
        assert_eq!(
            kept.watermark, None,
            "{act:?}: the next one reads everything"
        );
    }
    assert_eq!(kept.entries, before, "nothing went");

    kept.watermark = None;
    assert_eq!(kept.import(&good).await, Ok(Imported::Full));
    forest
        .replace("CN=New,OU=Staff", "givenName", &["Changed"])
        .await;
    let cut = Meddler::start(forest, after_an_entry(Act::Close)).await;
    kept.import(&through(&cut, &good)).await.unwrap_err();
    assert_eq!(kept.import(&good).await, Ok(Imported::Delta));
    assert_eq!(
        kept.named("CN=New").values[&GIVEN_NAME],
        "Text(\"Changed\")",
        "changes whose answer was cut come again"
    );
    let zones = Meddler::start(forest, after_an_entry(Act::Refer(zone))).await;
    let whole = Ad {
        base: vec![forest.base()],
        ..through(&zones, &good)
    };
    assert_eq!(
        Kept::default().import(&whole).await,
        Ok(Imported::Full),
        "a partition of its own is not part of the base"
    );
}

/// Spoils the end of an answer that has entries of the source in it, and no other.
fn after_an_entry(act: Act) -> impl Fn(u8, &[u8]) -> Act + Send + Sync + 'static {
    let seen = std::sync::atomic::AtomicBool::new(false);
    move |kind, message| {
        use std::sync::atomic::Ordering::Relaxed;
        if kind == ENTRY && contains(message, b"CN=New,OU=Staff") {
            seen.store(true, Relaxed);
        }
        match kind == DONE && seen.swap(false, Relaxed) {
            true => act,
            false => Act::Pass,
        }
    }
}

async fn refusals(forest: &Forest) {
    let good = config(forest, "OU=Staff");
    let bind = |user: &str, password| {
        Some(Bind {
            user: user.to_owned(),
            password,
        })
    };
    let wrong_password = Secret::File(forest.ca());
    let starttls = Ad {
        url: vec!["ldap://127.0.0.1".to_owned()],
        starttls: true,
        ..good.clone()
    };
    for (config, message, help) in [
        (
            Ad {
                bind: bind(&forest.user(), wrong_password),
                ..good.clone()
            },
            "wrong user or password",
            "correct `bind.user`",
        ),
        (
            Ad {
                base: vec![forest.dn("OU=Nowhere")],
                ..good.clone()
            },
            "wrong base `OU=Nowhere,DC=contoso,DC=test`",
            "correct `base`",
        ),
        (
            Ad {
                base: vec!["DC=fabrikam,DC=test".to_owned()],
                ..good.clone()
            },
            "wrong base `DC=fabrikam,DC=test`",
            "correct `base`",
        ),
        (
            Ad {
                ca: None,
                ..good.clone()
            },
            "the certificate of `ldaps://127.0.0.1` is not trusted",
            "name the issuer's certificate with `ca`",
        ),
        (
            Ad {
                ca: None,
                ..starttls.clone()
            },
            "the certificate of `ldap://127.0.0.1` is not trusted",
            "name the issuer's certificate with `ca`",
        ),
        (
            Ad {
                url: vec!["ldaps://127.0.0.9".to_owned()],
                ..good.clone()
            },
            "`ldaps://127.0.0.9` refuses the connection",
            "check the address",
        ),
        (
            Ad {
                url: vec!["ldaps://dc.invalid".to_owned()],
                ..good.clone()
            },
            "the host of `ldaps://dc.invalid` is unknown",
            "check the address",
        ),
        (
            Ad {
                url: vec!["ldap://127.0.0.1".to_owned()],
                ..good.clone()
            },
            "the server asks for encryption",
            "use `ldaps://`",
        ),
    ] {
        let error = Kept::default().import(&config).await.unwrap_err();
        assert_eq!(error.class, Class::Directory, "{error}");
        assert!(error.message.contains(message), "{error}");
        assert!(
            error.help.as_deref().unwrap_or_default().contains(help),
            "{error:?}"
        );
    }
    assert_eq!(Kept::default().import(&starttls).await, Ok(Imported::Full));
    let second = Ad {
        url: vec!["ldaps://127.0.0.9".to_owned(), forest.url()],
        ..good.clone()
    };
    assert_eq!(
        Kept::default().import(&second).await,
        Ok(Imported::Full),
        "the first that answers"
    );
    let no_secret = Secret::File("/nonexistent/secret".into());
    let error = Kept::default()
        .import(&Ad {
            bind: bind("x", no_secret),
            ..good
        })
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::Configuration);
}

/// Without the right to replicate, deletions are not told: everything is read each time.
async fn least_rights(forest: &Forest) {
    let user = forest.user().replace("administrator", "new");
    let config = Ad {
        bind: Some(Bind {
            user,
            password: Secret::File(forest.password_file()),
        }),
        ..config(forest, "OU=Staff")
    };
    let mut kept = Kept::default();
    assert_eq!(kept.import(&config).await, Ok(Imported::Full));
    forest
        .replace("CN=New,OU=Staff", "givenName", &["Newer"])
        .await;
    forest.delete("CN=Team,OU=Staff").await;
    assert_eq!(kept.import(&config).await, Ok(Imported::Full));
    assert_eq!(kept.names(), ["CN=Anna", "CN=Cy", "CN=New"]);
    assert_eq!(kept.named("CN=New").values[&GIVEN_NAME], "Text(\"Newer\")");
}

async fn schema(forest: &Forest) {
    let mut source = LdapSource::new("corp", &config(forest, "")).unwrap();
    let schema = source.schema().await.unwrap();
    assert!(schema.attributes.len() > 1400 && schema.classes.len() > 250);
    let ty = |name: &str| {
        schema
            .attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| attribute.ty.as_str())
    };
    assert_eq!(ty("givenName"), Some("string(64)"));
    assert_eq!(ty("member"), Some("[dn]"));
    assert_eq!(ty("objectGUID"), Some("guid"));
    let user = schema
        .classes
        .iter()
        .find(|class| class.name == "user")
        .unwrap();
    assert_eq!(
        (user.structural, user.parent.as_str()),
        (true, "organizationalPerson")
    );
    assert!(
        user.attributes
            .iter()
            .any(|attribute| attribute == "userAccountControl")
    );
    assert!(
        user.auxiliary
            .iter()
            .any(|class| class == "securityPrincipal")
    );
}
