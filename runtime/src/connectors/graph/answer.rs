//! What an answer, or the lack of one, means for a write.

use std::time::Duration;

use serde_json::Value;

use super::client::Answer;
use super::error::Refusal;
use super::job::Job;
use super::made::Made;
use super::request;
use super::step::Step;
use super::throttle::backoff;
use crate::connectors::WriteFailure;

/// A request is sent at most so often, throttling included.
const SENDS: u32 = 100;
/// How often an object made just now may seem not to be there.
const MISSES: u32 = 4;
/// How often a create whose answer was lost is looked up before it is tried again.
const LOOKUPS: u32 = 2;

/// What to do with a job after an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Next {
    /// Send what is next.
    Send,
    /// Send after a while.
    Wait(Duration),
    /// Send with a new token.
    Renew,
    /// Send its writes one by one.
    Split,
    /// A permission is missing, or the object is protected.
    Denied(WriteFailure),
    /// It has ended.
    Done(Result<Option<String>, WriteFailure>),
}

impl Job {
    /// Its request was answered.
    pub fn answered(&mut self, answer: Answer, made: &mut Made) -> Next {
        self.sends += 1;
        if answer.is_success() {
            return self.succeeded(&answer, made);
        }
        let refusal = Refusal::of(&answer);
        if self.sends >= SENDS {
            return self.exhausted(refusal);
        }
        match refusal.status {
            401 if !self.renewed => {
                self.renewed = true;
                Next::Renew
            }
            424 => Next::Send,
            429 => Next::Wait(answer.retry_after.unwrap_or_else(|| backoff(self.sends))),
            _ if refusal.is_transient() => {
                self.attempts += 1;
                if self.is_exhausted() {
                    return self.exhausted(refusal);
                }
                let wait = answer.retry_after.unwrap_or_else(|| backoff(self.attempts));
                if refusal.status == 409 {
                    Next::Wait(wait)
                } else {
                    self.doubted(wait)
                }
            }
            404 => self.not_found(refusal, made),
            400 => self.bad(refusal, made),
            403 if refusal.code != "Directory_QuotaExceeded" => Next::Denied(refusal.failure()),
            _ => Next::Done(Err(refusal.failure())),
        }
    }

    /// Its request was sent, and nothing is known of what became of it.
    pub fn lost(&mut self, reason: &str) -> Next {
        self.attempts += 1;
        if self.is_exhausted() {
            Next::Done(Err(lost(reason)))
        } else {
            self.doubted(backoff(self.attempts))
        }
    }

    /// Its request could not be sent.
    pub fn not_sent(&mut self, reason: &str) -> Next {
        self.attempts += 1;
        if self.is_exhausted() {
            Next::Done(Err(lost(reason)))
        } else {
            Next::Wait(backoff(self.attempts))
        }
    }

    /// A request that may have been carried out goes again; a create only after a look.
    fn doubted(&mut self, wait: Duration) -> Next {
        self.uncertain = true;
        match self.steps.front() {
            Some(Step::Create {
                find_by: Some((property, value)),
                ..
            }) => {
                let step = Step::FindMade {
                    property: property.clone(),
                    value: value.clone(),
                    lookups: 0,
                };
                self.steps.push_front(step);
                Next::Wait(wait)
            }
            Some(Step::Create { find_by: None, .. }) => Next::Done(Err(lost(
                "nobody knows whether the object was made, and it has no unique attribute to find it by",
            ))),
            _ => Next::Wait(wait),
        }
    }

    fn succeeded(&mut self, answer: &Answer, made: &mut Made) -> Next {
        let id = answer
            .body
            .get("id")
            .and_then(Value::as_str)
            .map(str::to_owned);
        match self.steps.front_mut() {
            Some(Step::Create { .. } | Step::Resolve { .. } | Step::FindExisting { .. }) => {
                if id.is_none() {
                    return Next::Done(Err(lost("the service did not tell the id of the object")));
                }
                self.known(id, made);
            }
            Some(Step::Upsert { unique_name, .. }) if id.is_none() => {
                let resolve = Step::Resolve {
                    unique_name: unique_name.clone(),
                };
                self.steps.pop_front();
                self.steps.push_front(resolve);
                return self.go_on();
            }
            Some(Step::Upsert { .. }) => self.known(id, made),
            Some(Step::FindMade { lookups, .. }) => {
                let first = answer.body.get("value").and_then(|value| value.get(0));
                match first
                    .and_then(|object| object.get("id"))
                    .and_then(Value::as_str)
                {
                    Some(id) => {
                        let id = id.to_owned();
                        self.steps.pop_front();
                        self.known(Some(id), made);
                    }
                    // What was made may not be found yet.
                    None if *lookups + 1 < LOOKUPS => {
                        *lookups += 1;
                        return Next::Wait(Duration::from_secs(2));
                    }
                    None => {
                        self.steps.pop_front();
                        return Next::Send;
                    }
                }
            }
            Some(Step::Restore) => {
                if let Some(anchor) = &self.anchor {
                    made.insert(anchor);
                }
            }
            _ => {}
        }
        self.done_with_step()
    }

    fn known(&mut self, id: Option<String>, made: &mut Made) {
        if let Some(id) = id {
            made.insert(&id);
            self.anchor = Some(id);
        }
    }

    fn done_with_step(&mut self) -> Next {
        self.steps.pop_front();
        self.go_on()
    }

    fn go_on(&mut self) -> Next {
        (self.attempts, self.misses, self.renewed) = (0, 0, false);
        if self.steps.is_empty() {
            Next::Done(Ok(self.anchor.clone()))
        } else {
            Next::Send
        }
    }

    fn not_found(&mut self, refusal: Refusal, made: &Made) -> Next {
        if let Some(Step::FindExisting { refusal, .. }) = self.steps.front() {
            return Next::Done(Err(refusal.clone().failure()));
        }
        let gone = match self.steps.front() {
            Some(Step::Delete | Step::RemoveLink { .. } | Step::SetLink { target: None, .. }) => {
                true
            }
            // An earlier try brought it back: it is in the bin no more.
            Some(Step::Restore) => self.uncertain,
            _ => false,
        };
        if gone {
            return self.done_with_step();
        }
        if self.is_fresh(made) && self.misses < MISSES {
            self.misses += 1;
            return Next::Wait(Duration::from_secs(1 << (self.misses - 1)));
        }
        if self.is_shared() {
            Next::Split
        } else {
            Next::Done(Err(refusal.failure()))
        }
    }

    fn bad(&mut self, refusal: Refusal, made: &Made) -> Next {
        match self.steps.front() {
            Some(Step::AddMembers { .. }) => Next::Split,
            Some(Step::AddLink { .. }) if refusal.is_already_linked() => self.done_with_step(),
            Some(Step::Upsert { .. }) => self.find_existing(refusal),
            // The rival may be what an earlier try made.
            Some(Step::Create { .. })
                if self.uncertain && !refusal.conflicts.is_empty() && self.misses < MISSES =>
            {
                self.misses += 1;
                self.doubted(Duration::from_secs(1 << (self.misses - 1)))
            }
            _ if refusal.code == "Request_ResourceNotFound" => self.not_found(refusal, made),
            _ => Next::Done(Err(refusal.failure())),
        }
    }

    /// A group that is there refuses what can be given at creation only: it takes the rest.
    fn find_existing(&mut self, refusal: Refusal) -> Next {
        let Some(Step::Upsert {
            unique_name,
            attributes,
        }) = self.steps.pop_front()
        else {
            return Next::Done(Err(refusal.failure()));
        };
        let rest = request::changeable(&self.object_type, attributes);
        if !rest.is_empty() {
            self.steps.push_front(Step::Change(rest));
        }
        self.steps.push_front(Step::FindExisting {
            unique_name,
            refusal,
        });
        Next::Send
    }

    /// Its object, or one that it refers to, was made just now.
    fn is_fresh(&self, made: &Made) -> bool {
        let step = self.steps.front();
        let targets = step.map(Step::targets).unwrap_or_default();
        matches!(step, Some(Step::Resolve { .. }))
            || self.anchor.iter().chain(targets).any(|id| made.has(id))
    }

    fn is_shared(&self) -> bool {
        matches!(self.steps.front(), Some(Step::AddMembers { .. }))
    }

    fn exhausted(&self, refusal: Refusal) -> Next {
        let failure = refusal.failure();
        Next::Done(Err(WriteFailure {
            transient: true,
            ..failure
        }))
    }
}

/// A write of which nobody knows whether it happened.
pub(super) fn lost(reason: &str) -> WriteFailure {
    WriteFailure {
        code: "unreachable".to_owned(),
        message: reason.to_owned(),
        configuration: false,
        transient: true,
        missing: false,
        conflicts: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connectors::{Operation, Write};

    fn job(object_type: &str, operation: Operation) -> Job {
        Job::new(Write {
            id: 1,
            object_type: object_type.to_owned(),
            operation,
        })
    }

    fn create(find_by: Option<&str>) -> Job {
        let attributes = json!({"displayName": "Ada", "aboutMe": "x"})
            .as_object()
            .unwrap()
            .clone();
        let find_by = find_by.map(|key| ("onPremisesImmutableId".to_owned(), key.to_owned()));
        job(
            "user",
            Operation::Create {
                attributes,
                find_by,
            },
        )
    }

    fn delete() -> Job {
        job(
            "user",
            Operation::Delete {
                anchor: "u1".to_owned(),
            },
        )
    }

    fn add(target: &str) -> Job {
        let (anchor, attribute) = ("g1".to_owned(), "members".to_owned());
        job(
            "group",
            Operation::AddLink {
                anchor,
                attribute,
                target: target.to_owned(),
            },
        )
    }

    fn answer(status: u16, body: Value) -> Answer {
        Answer {
            status,
            body,
            ..Answer::default()
        }
    }

    fn refused(status: u16, code: &str, message: &str) -> Answer {
        answer(status, json!({"error": {"code": code, "message": message}}))
    }

    fn sends(job: &Job) -> String {
        let request = job.request("https://graph.test/v1.0").unwrap();
        format!("{} {}", request.method, request.path)
    }

    const LOOKUP: &str = "GET /users?$filter=onPremisesImmutableId%20eq%20%27k%27&$select=id";

    #[test]
    fn a_create_goes_on_with_what_is_written_apart() {
        let made = &mut Made::default();
        let mut job = create(None);
        assert_eq!(sends(&job), "POST /users");
        assert_eq!(
            job.answered(answer(201, json!({"id": "u9"})), made),
            Next::Send
        );
        assert_eq!(sends(&job), "PATCH /users/u9");
        // Not yet known everywhere.
        assert_eq!(
            job.answered(answer(404, Value::Null), made),
            Next::Wait(Duration::from_secs(1))
        );
        assert_eq!(
            job.answered(answer(404, Value::Null), made),
            Next::Wait(Duration::from_secs(2))
        );
        assert_eq!(
            job.answered(answer(204, Value::Null), made),
            Next::Done(Ok(Some("u9".to_owned())))
        );
    }

    #[test]
    fn a_create_without_an_answer_is_looked_up_twice_before_it_goes_again() {
        let made = &mut Made::default();
        let mut job = create(Some("k"));
        assert!(matches!(job.lost("closed"), Next::Wait(_)));
        assert_eq!(sends(&job), LOOKUP);
        let nothing = || answer(200, json!({"value": []}));
        assert_eq!(
            job.answered(nothing(), made),
            Next::Wait(Duration::from_secs(2))
        );
        assert_eq!(sends(&job), LOOKUP);
        assert_eq!(job.answered(nothing(), made), Next::Send);
        assert_eq!(sends(&job), "POST /users");
        // It had been made after all, and is found now.
        let conflict = answer(
            400,
            json!({"error": {"code": "Request_BadRequest", "message": "m",
            "details": [{"code": "ObjectConflict", "target": "userPrincipalName"}]}}),
        );
        assert_eq!(
            job.answered(conflict, made),
            Next::Wait(Duration::from_secs(1))
        );
        assert_eq!(sends(&job), LOOKUP);
        assert_eq!(
            job.answered(answer(200, json!({"value": [{"id": "u9"}]})), made),
            Next::Send
        );
        assert_eq!(sends(&job), "PATCH /users/u9");
    }

    #[test]
    fn a_server_error_leaves_a_create_in_doubt_and_a_throttled_one_not() {
        let made = &mut Made::default();
        let mut job = create(Some("k"));
        let throttled = Answer {
            retry_after: Some(Duration::from_secs(11)),
            ..answer(429, Value::Null)
        };
        assert_eq!(
            job.answered(throttled, made),
            Next::Wait(Duration::from_secs(11))
        );
        assert_eq!(sends(&job), "POST /users");
        assert!(matches!(
            job.answered(answer(504, Value::Null), made),
            Next::Wait(_)
        ));
        assert_eq!(sends(&job), LOOKUP);
        let Next::Done(Err(failure)) = create(None).lost("closed") else {
            panic!("it must not go again")
        };
        assert!(failure.transient);
    }

    #[test]
    fn what_is_gone_needs_no_delete_and_what_is_linked_no_link() {
        let made = &mut Made::default();
        let gone = Next::Done(Ok(Some("u1".to_owned())));
        assert_eq!(delete().answered(answer(404, Value::Null), made), gone);
        let mut shared = add("u1");
        shared.absorb(add("u2")).unwrap();
        let there = || {
            refused(
                400,
                "Request_BadRequest",
                "One or more added object references already exist.",
            )
        };
        assert_eq!(shared.answered(there(), made), Next::Split);
        let mut singles = shared.split();
        assert_eq!(singles.len(), 2);
        assert_eq!(sends(&singles[1]), "POST /groups/g1/members/$ref");
        assert_eq!(
            singles[1].answered(there(), made),
            Next::Done(Ok(Some("g1".to_owned())))
        );
        let Next::Done(Err(failure)) = singles[0].answered(answer(404, Value::Null), made) else {
            panic!("there is no such member")
        };
        assert!(failure.missing);
    }

    #[test]
    fn an_upsert_of_a_group_that_is_there_changes_what_can_be_changed() {
        let made = &mut Made::default();
        let attributes = json!({"uniqueName": "k", "displayName": "Ops", "mailEnabled": false});
        let attributes = attributes.as_object().unwrap().clone();
        let upsert = || {
            job(
                "group",
                Operation::Create {
                    attributes: attributes.clone(),
                    find_by: None,
                },
            )
        };
        let mut job = upsert();
        assert_eq!(sends(&job), "PATCH /groups(uniqueName='k')");
        assert_eq!(
            job.answered(refused(400, "Request_BadRequest", "read-only"), made),
            Next::Send
        );
        assert_eq!(sends(&job), "GET /groups(uniqueName='k')?$select=id");
        assert_eq!(
            job.answered(answer(200, json!({"id": "g9"})), made),
            Next::Send
        );
        let request = job.request("").unwrap();
        assert_eq!(
            (request.path.as_str(), request.body),
            ("/groups/g9", Some(json!({"displayName": "Ops"})))
        );
        assert_eq!(
            job.answered(answer(204, Value::Null), made),
            Next::Done(Ok(Some("g9".to_owned())))
        );

        let mut job = upsert();
        job.answered(refused(400, "Request_BadRequest", "a bad value"), made);
        let Next::Done(Err(failure)) = job.answered(answer(404, Value::Null), made) else {
            panic!("there is no such group")
        };
        assert_eq!(
            failure.message, "a bad value",
            "the first refusal is the one that counts"
        );
    }

    #[test]
    fn attempts_are_bounded() {
        let made = &mut Made::default();
        let mut job = delete();
        let waits = (0..50)
            .take_while(|_| matches!(job.answered(answer(503, Value::Null), made), Next::Wait(_)));
        assert_eq!(waits.count(), 5);
        let mut job = delete();
        assert_eq!(job.answered(answer(401, Value::Null), made), Next::Renew);
        let Next::Done(Err(failure)) = job.answered(answer(401, Value::Null), made) else {
            panic!("one new token is enough")
        };
        assert!(failure.configuration);
        let mut job = delete();
        let waits = (0..500)
            .take_while(|_| matches!(job.answered(answer(429, Value::Null), made), Next::Wait(_)));
        assert_eq!(waits.count(), 99);
        assert!(matches!(
            delete().answered(answer(403, Value::Null), made),
            Next::Denied(_)
        ));
    }

    #[test]
    fn a_restore_that_was_carried_out_is_not_missed() {
        let made = &mut Made::default();
        let attributes = json!({"displayName": "Ada"}).as_object().unwrap().clone();
        let restore = || {
            job(
                "user",
                Operation::Restore {
                    anchor: "u1".to_owned(),
                    attributes: attributes.clone(),
                },
            )
        };
        let mut job = restore();
        job.lost("closed");
        assert_eq!(job.answered(answer(404, Value::Null), made), Next::Send);
        assert_eq!(sends(&job), "PATCH /users/u1");
        assert!(matches!(
            restore().answered(answer(404, Value::Null), made),
            Next::Done(Err(_))
        ));
    }

    #[test]
    fn nothing_to_change_is_nothing_to_send() {
        let empty = Operation::Update {
            anchor: "u1".to_owned(),
            attributes: serde_json::Map::new(),
        };
        assert!(job("user", empty).is_done());
    }
}
