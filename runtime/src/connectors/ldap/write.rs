//! Sends writes, and finds out what became of those whose answer was lost.

use std::collections::HashSet;
use std::time::Duration;

use ldap3::controls::RawControl;
use ldap3::{LdapError, LdapResult, Mod};
use trib_compiler::notation::{dn_equal, guid};

use super::refusal::{is_transient, refusal, unanswered, unusable};
use super::request::{Change, How, Job, Request, Task, jobs};
use super::session::Session;
use super::{LdapSource, failure};
use crate::connectors::{Outcome, Selection, Write, WriteFailure};
use crate::error::Error;

/// A value that is there already may be added, one that is not there removed: what is said twice is
/// done once.
const PERMISSIVE_MODIFY: &str = "1.2.840.113556.1.4.1413";
/// How often a write is sent before we give up: after 1, 2, 4 and 8 seconds.
const ATTEMPTS: u32 = 5;
/// What the server keeps otherwise than it was given, or to itself.
const KEPT_OTHERWISE: [&str; 2] = ["userAccountControl", "unicodePwd"];

/// How a write ends: the anchor of the object made, or why it failed.
type Ended = Result<Option<String>, WriteFailure>;

/// Why a write has no end yet.
enum Trouble {
    /// The connection broke: the server may have done it.
    Lost(Error),
    /// The server has no time now.
    Busy(LdapResult),
}

impl LdapSource {
    /// Writes, one job after the other, and tells how each write ended. Stops where the server does
    /// not answer any more: the writes that are left fail for now.
    pub async fn write(
        &mut self,
        selection: &Selection,
        writes: Vec<Write>,
        outcomes: &mut (dyn FnMut(Outcome) + Send),
    ) -> Result<(), Error> {
        let (jobs, refused) = jobs(writes, selection);
        for (id, reason) in refused {
            let result = Err(unusable(reason));
            outcomes(Outcome { id, result });
        }
        let mut waiting: Vec<Job> = jobs;
        waiting.reverse();
        let mut session = Some(Session::open(&self.connector, &self.config).await?);
        while let Some(job) = waiting.pop() {
            let ended = match self.job(&mut session, &job).await {
                Ok(ended) => ended,
                Err(error) => {
                    waiting.push(job);
                    for id in waiting.iter().flat_map(|job| &job.writes) {
                        let result = Err(unanswered(&error.message));
                        outcomes(Outcome { id: *id, result });
                    }
                    return Err(error);
                }
            };
            let refused = matches!(&ended, Err(failure) if !failure.configuration);
            if let Some([first, second]) = job.halves().filter(|_| refused) {
                waiting.extend([second, first]);
                continue;
            }
            for id in job.writes {
                let result = ended.clone();
                outcomes(Outcome { id, result });
            }
        }
        Ok(())
    }

    /// The anchor of an object that a create made whose answer was lost: it has the name, the type and
    /// the values that were sent.
    pub async fn find(
        &mut self,
        selection: &Selection,
        write: &Write,
    ) -> Result<Option<String>, Error> {
        let (jobs, _) = jobs(vec![write.clone()], selection);
        let mut session = Session::open(&self.connector, &self.config).await?;
        match jobs.first() {
            Some(job) => session.made(&job.task).await,
            None => Ok(None),
        }
    }

    async fn job(&self, session: &mut Option<Session>, job: &Job) -> Result<Ended, Error> {
        let mut attempt = 1;
        loop {
            let open = match session.as_mut() {
                Some(open) => Ok(open),
                None => Session::open(&self.connector, &self.config)
                    .await
                    .map(|opened| session.insert(opened)),
            };
            let trouble = match open {
                Ok(open) => match self.attempt(open, job, attempt > 1).await {
                    Ok(ended) => return Ok(ended),
                    Err(trouble) => trouble,
                },
                Err(error) => Trouble::Lost(error),
            };
            if attempt == ATTEMPTS {
                return Err(match trouble {
                    Trouble::Lost(error) => error,
                    Trouble::Busy(result) => Error::directory(format!(
                        "connector `{}`: the server is too busy to write: {}",
                        self.connector,
                        failure::text(&result)
                    ))
                    .help("try again later"),
                });
            }
            if matches!(trouble, Trouble::Lost(_)) {
                *session = None;
            }
            tokio::time::sleep(Duration::from_secs(1 << (attempt - 1))).await;
            attempt += 1;
        }
    }

    async fn attempt(
        &self,
        session: &mut Session,
        job: &Job,
        again: bool,
    ) -> Result<Ended, Trouble> {
        if again && let Some(anchor) = session.made(&job.task).await.map_err(Trouble::Lost)? {
            return Ok(Ok(Some(anchor)));
        }
        for request in job.requests() {
            let result = session.send(&request).await.map_err(|error| {
                Trouble::Lost(failure::unfinished(&self.connector, request.name(), &error))
            })?;
            if result.rc == 0 || session.done(&request, &result).await? {
                continue;
            }
            if is_transient(result.rc) {
                return Err(Trouble::Busy(result));
            }
            let user = self.config.bind.as_ref().map_or("", |bind| &bind.user);
            return Ok(Err(refusal(job, user, &result)));
        }
        match &job.task {
            Task::Create { dn, .. } => {
                let anchor = session.anchor(dn).await.map_err(Trouble::Lost)?;
                Ok(anchor.map(Some).ok_or_else(|| {
                    unusable(format!(
                        "`{dn}` was made, and we may not read it; give the user of `bind` the right to"
                    ))
                }))
            }
            Task::Update { anchor, .. } | Task::Delete { anchor } | Task::Links { anchor, .. } => {
                Ok(Ok(Some(anchor.clone())))
            }
        }
    }
}

impl Session {
    async fn send(&mut self, request: &Request) -> Result<LdapResult, LdapError> {
        let ldap = self.ready();
        match request {
            Request::Add { dn, attributes } => {
                let attributes = attributes.iter().map(|(name, values)| {
                    let values = values.iter().map(Vec::as_slice).collect::<HashSet<_>>();
                    (name.as_bytes(), values)
                });
                ldap.add(dn, attributes.collect()).await
            }
            Request::Modify { dn, changes } => {
                ldap.with_controls(RawControl {
                    ctype: PERMISSIVE_MODIFY.to_owned(),
                    crit: true,
                    val: None,
                });
                ldap.modify(dn, changes.iter().map(modification).collect())
                    .await
            }
            Request::Rename { dn, rdn, parent } => {
                ldap.modifydn(dn, rdn, true, parent.as_deref()).await
            }
            Request::Delete { dn } => ldap.delete(dn).await,
        }
    }

    /// What the server refuses to do because it is done already.
    async fn done(&mut self, request: &Request, result: &LdapResult) -> Result<bool, Trouble> {
        Ok(match (request, result.rc) {
            (Request::Delete { .. }, 32) => true,
            (Request::Rename { dn, rdn, parent }, 68) => {
                let entry = self.read(dn, &["1.1"]).await.map_err(Trouble::Lost)?;
                let wanted = format!("{rdn},{}", parent.as_deref().unwrap_or_default());
                entry.is_some_and(|entry| dn_equal(&entry.dn, &wanted))
            }
            _ => false,
        })
    }

    /// The anchor of the object that a create describes, if it is there as it was sent.
    async fn made(&mut self, task: &Task) -> Result<Option<String>, Error> {
        let Task::Create { dn, attributes } = task else {
            return Ok(None);
        };
        let mut names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
        names.push("objectGUID");
        let Some(entry) = self.read(dn, &names).await? else {
            return Ok(None);
        };
        let mut sent = attributes
            .iter()
            .filter(|(name, _)| !KEPT_OTHERWISE.contains(&name.as_str()));
        let same = sent.all(|(name, values)| {
            let there = entry.attribute(name).map(|known| known.values.as_slice());
            values
                .iter()
                .all(|value| there.is_some_and(|there| there.contains(value)))
        });
        Ok(entry
            .value("objectGUID")
            .filter(|_| same)
            .and_then(guid::print))
    }

    async fn anchor(&mut self, dn: &str) -> Result<Option<String>, Error> {
        let entry = self.read(dn, &["objectGUID"]).await?;
        Ok(entry.and_then(|entry| entry.value("objectGUID").and_then(guid::print)))
    }
}

impl Request {
    fn name(&self) -> &str {
        match self {
            Request::Add { dn, .. }
            | Request::Modify { dn, .. }
            | Request::Rename { dn, .. }
            | Request::Delete { dn } => dn,
        }
    }
}

fn modification(change: &Change) -> Mod<&[u8]> {
    let attribute = change.attribute.as_bytes();
    let values = change.values.iter().map(Vec::as_slice).collect();
    match change.how {
        How::Add => Mod::Add(attribute, values),
        How::Remove => Mod::Delete(attribute, values),
        How::Replace => Mod::Replace(attribute, values),
    }
}
