//! Why a server refused a write, and what to do about it.

use ldap3::LdapResult;
use trib_compiler::notation::dn::parent;

use super::failure::text;
use super::request::{Job, Task};
use crate::connectors::WriteFailure;

/// The server is busy or going down: the same request can succeed in a moment.
pub fn is_transient(rc: u32) -> bool {
    matches!(rc, 51 | 52)
}

/// The failure of a write that could not even be asked for.
pub fn unusable(message: String) -> WriteFailure {
    WriteFailure {
        code: "unusable-value".to_owned(),
        message,
        configuration: false,
        transient: false,
        missing: false,
        conflicts: Vec::new(),
    }
}

/// The failure of a write that was not answered for.
pub fn unanswered(message: &str) -> WriteFailure {
    WriteFailure {
        code: "unavailable".to_owned(),
        transient: true,
        ..unusable(message.to_owned())
    }
}

/// A refused job; `user` is who asked.
pub fn refusal(job: &Job, user: &str, result: &LdapResult) -> WriteFailure {
    let words = text(result);
    let failure = |code: &str, message: String| WriteFailure {
        code: code.to_owned(),
        transient: is_transient(result.rc),
        ..unusable(message)
    };
    match result.rc {
        50 => WriteFailure {
            configuration: true,
            ..failure(
                "insufficientAccessRights",
                format!("{words}; give `{user}` the right to {}", right(job)),
            )
        },
        68 => {
            let conflict = taken(&result.text);
            WriteFailure {
                conflicts: vec![conflict.to_owned()],
                ..failure("entryAlreadyExists", words)
            }
        }
        // 000021C8: the login is another one's in the forest.
        19 if result.text.contains("000021C8") => WriteFailure {
            conflicts: vec!["userPrincipalName".to_owned()],
            ..failure("constraintViolation", words)
        },
        32 => match &job.task {
            Task::Create { dn, .. } => failure(
                "noSuchObject",
                format!(
                    "{words}; there is no `{}` to make it in",
                    parent(dn).unwrap_or_default()
                ),
            ),
            // A reference to what is gone reads the same as an object that is gone.
            _ => WriteFailure {
                missing: true,
                ..failure(
                    "noSuchObject",
                    format!("{words}; the object was deleted since the last import"),
                )
            },
        },
        19 => failure("constraintViolation", words),
        21 => failure("invalidAttributeSyntax", words),
        34 => failure("invalidDNSyntax", words),
        53 => failure("unwillingToPerform", words),
        65 => failure("objectClassViolation", words),
        66 => failure(
            "notAllowedOnNonLeaf",
            format!("{words}; other objects lie below it"),
        ),
        67 => failure(
            "notAllowedOnRDN",
            format!("{words}; flow to `dn` to rename an object"),
        ),
        _ => failure("refused", words),
    }
}

/// The attribute whose value another object has. Active Directory tells of account names by the codes
/// of users and groups that exist, Samba in words.
fn taken(words: &str) -> &'static str {
    let account = ["00000524", "00000526", "sAMAccountName"];
    match account.iter().any(|mark| words.contains(mark)) {
        true => "sAMAccountName",
        false => "dn",
    }
}

/// The right that a job takes, in the words of the security dialog.
fn right(job: &Job) -> String {
    let class = &job.object_type;
    match &job.task {
        Task::Create { dn, .. } => format!(
            "create `{class}` objects in `{}`, and to write their properties",
            parent(dn).unwrap_or_default()
        ),
        Task::Update { changes, dn, .. } => {
            let mut names: Vec<&str> = changes.iter().map(|c| c.attribute.as_str()).collect();
            names.dedup();
            if dn.is_some() {
                names.extend(["name", "cn"]);
            }
            let moves = match dn {
                Some(_) => ", and where it moves to delete and create such objects",
                None => "",
            };
            format!(
                "write the properties `{}` of this `{class}`{moves}; members of protected groups \
                 take their rights from AdminSDHolder",
                names.join("`, `")
            )
        }
        Task::Delete { .. } => format!("delete this `{class}`"),
        Task::Links { attribute, .. } => {
            format!("write the property `{attribute}` of this `{class}`")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::ldap::request::{Change, How};

    fn job(task: Task) -> Job {
        Job {
            writes: vec![1],
            object_type: "group".to_owned(),
            task,
        }
    }

    fn create() -> Job {
        job(Task::Create {
            dn: "CN=a,OU=b".to_owned(),
            attributes: Vec::new(),
        })
    }

    fn update() -> Job {
        let change = Change {
            attribute: "info".to_owned(),
            how: How::Replace,
            values: Vec::new(),
        };
        job(Task::Update {
            anchor: "a".to_owned(),
            changes: vec![change],
            dn: None,
        })
    }

    fn refused(job: &Job, rc: u32, text: &str) -> WriteFailure {
        let result = LdapResult {
            rc,
            matched: String::new(),
            text: text.to_owned(),
            refs: Vec::new(),
            ctrls: Vec::new(),
        };
        refusal(job, "svc@contoso.com", &result)
    }

    #[test]
    fn a_missing_right_is_named() {
        for (refused_job, right) in [
            (
                create(),
                "create `group` objects in `OU=b`, and to write their properties",
            ),
            (update(), "write the properties `info` of this `group`"),
            (
                job(Task::Delete {
                    anchor: "a".to_owned(),
                }),
                "delete this `group`",
            ),
            (
                job(Task::Links {
                    anchor: "a".to_owned(),
                    attribute: "member".to_owned(),
                    links: Vec::new(),
                }),
                "write the property `member` of this `group`",
            ),
        ] {
            let failure = refused(&refused_job, 50, "");
            assert!(failure.configuration && !failure.transient);
            let wanted = format!("code 50; give `svc@contoso.com` the right to {right}");
            assert!(failure.message.starts_with(&wanted), "{}", failure.message);
        }
    }

    #[test]
    fn rivals_by_what_the_server_says() {
        for (rc, words, conflict) in [
            (
                68,
                "00002071: UpdErr: DSID-0305038D, problem 6005 (ENTRY_EXISTS)",
                "dn",
            ),
            (
                68,
                "00000524: UpdErr: DSID-031A11E2, problem 6005 (ENTRY_EXISTS)",
                "sAMAccountName",
            ),
            (
                68,
                "samldb: Account name (sAMAccountName) 'a' already in use!",
                "sAMAccountName",
            ),
            (
                19,
                "000021C8: AtrErr: DSID-03200BBA, #1",
                "userPrincipalName",
            ),
        ] {
            assert_eq!(
                refused(&create(), rc, words).conflicts,
                [conflict],
                "{words}"
            );
        }
    }

    #[test]
    fn classes_of_failures() {
        for (job, rc, code, transient, missing) in [
            (update(), 32, "noSuchObject", false, true),
            (create(), 32, "noSuchObject", false, false),
            (update(), 51, "refused", true, false),
            (update(), 52, "refused", true, false),
            (update(), 53, "unwillingToPerform", false, false),
            (update(), 19, "constraintViolation", false, false),
            (update(), 67, "notAllowedOnRDN", false, false),
        ] {
            let failure = refused(&job, rc, "0000052D: no");
            assert_eq!(failure.code, code);
            assert_eq!(
                (failure.transient, failure.missing),
                (transient, missing),
                "{rc}"
            );
            assert!(!failure.configuration && failure.conflicts.is_empty());
            assert!(
                failure.message.contains("0000052D: no"),
                "{}",
                failure.message
            );
        }
    }
}
