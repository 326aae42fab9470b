//! Writes as LDAP requests: what is asked of the server, without asking.

use std::collections::{BTreeMap, HashMap};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use trib_compiler::notation::dn::parent;
use trib_compiler::notation::{rdns, time};
use trib_compiler::types::Base;

use crate::connectors::{Operation, Selection, Write};

/// References that one request adds or takes out.
const LINKS: usize = 500;

/// Writes that the server does at once, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The writes that it does.
    pub writes: Vec<u64>,
    /// Object type.
    pub object_type: String,
    /// What to do.
    pub task: Task,
}

/// What a job does. Objects are named by their guid, which no rename in between can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Make an object.
    Create {
        dn: String,
        attributes: Vec<(String, Vec<Vec<u8>>)>,
    },
    /// Change values; then give the object another name, where there is one.
    Update {
        anchor: String,
        changes: Vec<Change>,
        dn: Option<String>,
    },
    /// Delete an object.
    Delete { anchor: String },
    /// Add references and take some out: one for each of the writes, true if it comes.
    Links {
        anchor: String,
        attribute: String,
        links: Vec<(bool, String)>,
    },
}

/// A change of the values of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub attribute: String,
    pub how: How,
    pub values: Vec<Vec<u8>>,
}

/// What happens with the values of a [`Change`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Add,
    Remove,
    Replace,
}

/// A request to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    Add {
        dn: String,
        attributes: Vec<(String, Vec<Vec<u8>>)>,
    },
    Modify {
        dn: String,
        changes: Vec<Change>,
    },
    Rename {
        dn: String,
        rdn: String,
        parent: Option<String>,
    },
    Delete {
        dn: String,
    },
}

/// The name by which a server finds an object wherever it was moved.
pub fn by_guid(anchor: &str) -> String {
    format!("<GUID={anchor}>")
}

/// Gathers writes into jobs; those that cannot be put in words of LDAP come back with the reason.
pub fn jobs(writes: Vec<Write>, selection: &Selection) -> (Vec<Job>, Vec<(u64, String)>) {
    let mut jobs: Vec<Job> = Vec::new();
    let mut refused = Vec::new();
    let mut open: HashMap<(String, String), usize> = HashMap::new();
    for write in writes {
        let (adding, anchor, attribute, target) = match write.operation {
            Operation::AddLink {
                anchor,
                attribute,
                target,
            } => (true, anchor, attribute, target),
            Operation::RemoveLink {
                anchor,
                attribute,
                target,
            } => (false, anchor, attribute, target),
            operation => {
                match task(&write.object_type, operation, selection) {
                    Ok(task) => jobs.push(Job {
                        writes: vec![write.id],
                        object_type: write.object_type,
                        task,
                    }),
                    Err(reason) => refused.push((write.id, reason)),
                }
                continue;
            }
        };
        let key = (anchor.clone(), attribute.clone());
        let found = open.get(&key).and_then(|at| jobs.get_mut(*at));
        if let Some(job) = found.filter(|job| job.writes.len() < LINKS)
            && let Task::Links { links, .. } = &mut job.task
        {
            job.writes.push(write.id);
            links.push((adding, target));
            continue;
        }
        open.insert(key, jobs.len());
        jobs.push(Job {
            writes: vec![write.id],
            object_type: write.object_type,
            task: Task::Links {
                anchor,
                attribute,
                links: vec![(adding, target)],
            },
        });
    }
    // What lies below another object is made after it.
    jobs.sort_by_key(|job| match &job.task {
        Task::Create { dn, .. } => rdns(dn).count(),
        _ => 0,
    });
    (jobs, refused)
}

fn task(object_type: &str, operation: Operation, selection: &Selection) -> Result<Task, String> {
    Ok(match operation {
        Operation::Create { mut attributes, .. } => {
            let dn = name(attributes.remove("dn"))?.ok_or("no rule gives the object a `dn`")?;
            let class = ("objectClass".to_owned(), vec![object_type.into()]);
            let mut encoded = vec![class];
            for (name, value) in &attributes {
                let values = values(name, value, selection)?;
                if !values.is_empty() {
                    encoded.push((name.clone(), values));
                }
            }
            Task::Create {
                dn,
                attributes: encoded,
            }
        }
        Operation::Update {
            anchor,
            mut attributes,
        } => {
            let dn = name(attributes.remove("dn"))?;
            let mut all = Vec::new();
            for (name, value) in &attributes {
                changes(name, value, selection, &mut all)?;
            }
            Task::Update {
                anchor,
                changes: all,
                dn,
            }
        }
        Operation::Delete { anchor } => Task::Delete { anchor },
        Operation::SetLink {
            anchor,
            attribute,
            target,
        } => Task::Update {
            anchor,
            changes: vec![Change {
                attribute,
                how: How::Replace,
                values: target.iter().map(|target| by_guid(target).into()).collect(),
            }],
            dn: None,
        },
        Operation::Restore { .. } | Operation::AddLink { .. } | Operation::RemoveLink { .. } => {
            return Err("Active Directory does not bring deleted objects back".to_owned());
        }
    })
}

fn name(value: Option<Json>) -> Result<Option<String>, String> {
    match value {
        None => Ok(None),
        Some(Json::String(dn)) if parent(&dn).is_some() => Ok(Some(dn)),
        Some(other) => Err(format!("{other} is not the dn of an object")),
    }
}

/// Sets whose former values are known change value by value, so that what others add stays.
fn changes(
    name: &str,
    value: &Json,
    selection: &Selection,
    all: &mut Vec<Change>,
) -> Result<(), String> {
    let mut push = |how, values: Vec<Vec<u8>>| {
        all.push(Change {
            attribute: name.to_owned(),
            how,
            values,
        });
    };
    let Json::Object(parts) = value else {
        push(How::Replace, values(name, value, selection)?);
        return Ok(());
    };
    for (key, how) in [("remove", How::Remove), ("add", How::Add)] {
        let part = parts.get(key).unwrap_or(&Json::Null);
        let part = values(name, part, selection)?;
        if !part.is_empty() {
            push(how, part);
        }
    }
    Ok(())
}

/// A set's way from its former values to the wanted ones, in the form that [`jobs`] takes.
pub fn difference(old: &[Json], new: &[Json]) -> Json {
    let without = |all: &[Json], others: &[Json]| {
        let kept = all.iter().filter(|value| !others.contains(value));
        kept.cloned().collect::<Json>()
    };
    let parts = BTreeMap::from([("add", without(new, old)), ("remove", without(old, new))]);
    parts
        .into_iter()
        .map(|(key, part)| (key.to_owned(), part))
        .collect()
}

fn values(name: &str, value: &Json, selection: &Selection) -> Result<Vec<Vec<u8>>, String> {
    let known = selection.attributes.iter().find(|a| a.name == name);
    let base = known.map_or(&Base::TEXT, |attribute| &attribute.ty.base);
    let items = match value {
        Json::Null => &[],
        Json::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let encoded = items.iter().map(|item| {
        encode(item, base).ok_or_else(|| format!("{item} is no `{base}` for `{name}`"))
    });
    encoded.collect()
}

/// A value as the directory takes it.
fn encode(value: &Json, base: &Base) -> Option<Vec<u8>> {
    let text = || value.as_str();
    Some(match base {
        Base::Bool if value.as_bool()? => b"TRUE".to_vec(),
        Base::Bool => b"FALSE".to_vec(),
        Base::Int => value.as_i64()?.to_string().into_bytes(),
        Base::Time => time::print_generalized(time::parse(text()?)?)?.into_bytes(),
        Base::Binary | Base::Guid | Base::Sid => STANDARD.decode(text()?).ok()?,
        _ => text()?.into(),
    })
}

impl Job {
    /// The requests that do it, one after the other.
    pub fn requests(&self) -> Vec<Request> {
        match &self.task {
            Task::Create { dn, attributes } => vec![Request::Add {
                dn: dn.clone(),
                attributes: attributes.clone(),
            }],
            Task::Update {
                anchor,
                changes,
                dn,
            } => {
                let modify = Request::Modify {
                    dn: by_guid(anchor),
                    changes: changes.clone(),
                };
                let rename = dn.as_ref().map(|dn| Request::Rename {
                    dn: by_guid(anchor),
                    rdn: rdns(dn).next().unwrap_or_default().to_owned(),
                    parent: parent(dn).map(str::to_owned),
                });
                let modify = Some(modify).filter(|_| !changes.is_empty());
                modify.into_iter().chain(rename).collect()
            }
            Task::Delete { anchor } => vec![Request::Delete {
                dn: by_guid(anchor),
            }],
            Task::Links {
                anchor,
                attribute,
                links,
            } => {
                let change = |how, adding: bool| Change {
                    attribute: attribute.clone(),
                    how,
                    values: links
                        .iter()
                        .filter(|(comes, _)| *comes == adding)
                        .map(|(_, target)| by_guid(target).into())
                        .collect(),
                };
                let both = [change(How::Remove, false), change(How::Add, true)];
                vec![Request::Modify {
                    dn: by_guid(anchor),
                    changes: both.into_iter().filter(|c| !c.values.is_empty()).collect(),
                }]
            }
        }
    }

    /// The halves of a job of several references: one that is refused must not hold the others back.
    pub fn halves(&self) -> Option<[Job; 2]> {
        let Task::Links {
            anchor,
            attribute,
            links,
        } = &self.task
        else {
            return None;
        };
        let half = self.writes.len() / 2;
        let job = |writes: &[u64], links: &[(bool, String)]| Job {
            writes: writes.to_vec(),
            object_type: self.object_type.clone(),
            task: Task::Links {
                anchor: anchor.clone(),
                attribute: attribute.clone(),
                links: links.to_vec(),
            },
        };
        let (writes, others) = self.writes.split_at(half);
        let (first, second) = links.split_at(half);
        (half > 0).then(|| [job(writes, first), job(others, second)])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trib_compiler::types::Type;

    use super::*;
    use crate::connectors::SelectedAttribute;

    fn selection() -> Selection {
        let attribute = |name: &str, ty| SelectedAttribute {
            name: name.to_owned(),
            ty,
            reference: false,
            object_types: Vec::new(),
        };
        Selection {
            object_types: vec!["group".to_owned()],
            attributes: vec![
                attribute("info", Type::one(Base::TEXT)),
                attribute("otherTelephone", Type::many(Base::TEXT)),
                attribute("groupType", Type::one(Base::Int)),
                attribute("isDeleted", Type::one(Base::Bool)),
                attribute("ms-DS-ConsistencyGuid", Type::one(Base::Binary)),
                attribute("msTSExpireDate", Type::one(Base::Time)),
            ],
        }
    }

    fn write(id: u64, operation: Operation) -> Write {
        Write {
            id,
            object_type: "group".to_owned(),
            operation,
        }
    }

    fn update(attributes: Json) -> (Vec<Job>, Vec<(u64, String)>) {
        let operation = Operation::Update {
            anchor: "a".to_owned(),
            attributes: attributes.as_object().unwrap().clone(),
        };
        jobs(vec![write(7, operation)], &selection())
    }

    fn shown(request: &Request) -> String {
        let values = |values: &[Vec<u8>]| {
            let texts = values.iter().map(|value| value.escape_ascii().to_string());
            texts.collect::<Vec<_>>().join(" ")
        };
        match request {
            Request::Add { dn, attributes } => {
                let attributes = attributes
                    .iter()
                    .map(|(name, all)| format!("{name}={}", values(all)));
                format!("add {dn}: {}", attributes.collect::<Vec<_>>().join("; "))
            }
            Request::Modify { dn, changes } => {
                let changes = changes.iter().map(|change| {
                    let sign = match change.how {
                        How::Add => "+",
                        How::Remove => "-",
                        How::Replace => "",
                    };
                    format!("{}{sign}={}", change.attribute, values(&change.values))
                });
                format!("modify {dn}: {}", changes.collect::<Vec<_>>().join("; "))
            }
            Request::Rename { dn, rdn, parent } => format!(
                "rename {dn}: {rdn} in {}",
                parent.as_deref().unwrap_or_default()
            ),
            Request::Delete { dn } => format!("delete {dn}"),
        }
    }

    #[test]
    fn changes_by_type() {
        for (attributes, expected) in [
            (json!({"info": "x"}), "modify <GUID=a>: info=x"),
            (json!({"info": null}), "modify <GUID=a>: info="),
            (
                json!({"groupType": -2_147_483_640}),
                "modify <GUID=a>: groupType=-2147483640",
            ),
            (
                json!({"isDeleted": true}),
                "modify <GUID=a>: isDeleted=TRUE",
            ),
            (
                json!({"isDeleted": false}),
                "modify <GUID=a>: isDeleted=FALSE",
            ),
            (
                json!({"ms-DS-ConsistencyGuid": "AP8="}),
                "modify <GUID=a>: ms-DS-ConsistencyGuid=\\x00\\xff",
            ),
            (
                json!({"msTSExpireDate": "2026-01-31T00:00:00Z"}),
                "modify <GUID=a>: msTSExpireDate=20260131000000.0Z",
            ),
            (
                json!({"otherTelephone": ["1", "2"]}),
                "modify <GUID=a>: otherTelephone=1 2",
            ),
            (
                json!({"otherTelephone": []}),
                "modify <GUID=a>: otherTelephone=",
            ),
            (
                json!({"otherTelephone": difference(&[json!("1"), json!("2")], &[json!("2"), json!("3")])}),
                "modify <GUID=a>: otherTelephone-=1; otherTelephone+=3",
            ),
            (
                json!({"otherTelephone": difference(&[json!("a")], &[json!("A")])}),
                "modify <GUID=a>: otherTelephone-=a; otherTelephone+=A",
            ),
            (
                json!({"dn": "CN=b\\, c,OU=x,DC=y"}),
                "rename <GUID=a>: CN=b\\, c in OU=x,DC=y",
            ),
            (
                json!({"dn": "CN=b,OU=x", "info": "x"}),
                "modify <GUID=a>: info=x | rename <GUID=a>: CN=b in OU=x",
            ),
        ] {
            let (jobs, refused) = update(attributes.clone());
            assert_eq!(refused, [], "{attributes}");
            let requests: Vec<String> = jobs
                .iter()
                .flat_map(Job::requests)
                .map(|request| shown(&request))
                .collect();
            assert_eq!(requests.join(" | "), expected, "{attributes}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_refused_before_it_is_sent() {
        for (attributes, expected) in [
            (
                json!({"groupType": "x"}),
                "\"x\" is no `int` for `groupType`",
            ),
            (json!({"isDeleted": 1}), "1 is no `bool` for `isDeleted`"),
            (json!({"dn": "Ann"}), "\"Ann\" is not the dn of an object"),
            (json!({"dn": null}), "null is not the dn of an object"),
        ] {
            let (jobs, refused) = update(attributes.clone());
            assert_eq!(jobs, [], "{attributes}");
            assert_eq!(refused, [(7, expected.to_owned())], "{attributes}");
        }
    }

    #[test]
    fn parents_are_made_first_and_need_a_name() {
        let create = |id, attributes: Json| {
            let attributes = attributes.as_object().unwrap().clone();
            write(
                id,
                Operation::Create {
                    attributes,
                    find_by: None,
                },
            )
        };
        let writes = vec![
            create(
                1,
                json!({"dn": "CN=a,OU=b,DC=c", "info": "x", "otherTelephone": []}),
            ),
            create(2, json!({"dn": "OU=b,DC=c"})),
            create(3, json!({"info": "x"})),
        ];
        let (jobs, refused) = jobs(writes, &selection());
        let requests: Vec<String> = jobs
            .iter()
            .flat_map(Job::requests)
            .map(|r| shown(&r))
            .collect();
        assert_eq!(
            requests,
            [
                "add OU=b,DC=c: objectClass=group",
                "add CN=a,OU=b,DC=c: objectClass=group; info=x"
            ]
        );
        assert_eq!(refused, [(3, "no rule gives the object a `dn`".to_owned())]);
    }

    #[test]
    fn references_of_one_object_go_together_and_part_where_one_is_refused() {
        let link = |id: u64, comes: bool, anchor: &str| {
            let (anchor, attribute, target) =
                (anchor.to_owned(), "member".to_owned(), format!("t{id}"));
            let operation = match comes {
                true => Operation::AddLink {
                    anchor,
                    attribute,
                    target,
                },
                false => Operation::RemoveLink {
                    anchor,
                    attribute,
                    target,
                },
            };
            write(id, operation)
        };
        let set = Operation::SetLink {
            anchor: "u".to_owned(),
            attribute: "manager".to_owned(),
            target: Some("m".to_owned()),
        };
        let writes = vec![
            link(1, true, "g"),
            link(2, false, "g"),
            link(3, true, "h"),
            link(4, true, "g"),
            write(5, set),
            write(
                6,
                Operation::Delete {
                    anchor: "d".to_owned(),
                },
            ),
        ];
        let (all, _) = jobs(writes, &selection());
        let requests: Vec<String> = all
            .iter()
            .flat_map(Job::requests)
            .map(|r| shown(&r))
            .collect();
        assert_eq!(
            requests,
            [
                "modify <GUID=g>: member-=<GUID=t2>; member+=<GUID=t1> <GUID=t4>",
                "modify <GUID=h>: member+=<GUID=t3>",
                "modify <GUID=u>: manager=<GUID=m>",
                "delete <GUID=d>",
            ]
        );
        let [first, second] = all[0].halves().unwrap();
        assert_eq!(
            (first.writes.as_slice(), second.writes.as_slice()),
            (&[1][..], &[2, 4][..])
        );
        assert_eq!(
            shown(&second.requests()[0]),
            "modify <GUID=g>: member-=<GUID=t2>; member+=<GUID=t4>"
        );
        assert_eq!(first.halves(), None);

        let many = (0..1201).map(|id| link(id, true, "g")).collect();
        let (all, _) = jobs(many, &selection());
        let sizes: Vec<usize> = all.iter().map(|job| job.writes.len()).collect();
        assert_eq!(sizes, [500, 500, 201]);
    }
}
