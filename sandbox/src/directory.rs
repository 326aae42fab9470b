//! The one directory a sandbox serves: from a request to its answer, faults and limits included.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hyper::header::HeaderValue;
use uuid::Uuid;

use crate::auth::Caller;
use crate::call::{Body, Call, Reply};
use crate::failure::{Failure, Outcome};
use crate::faults::{FaultKind, Faults};
use crate::journal::Journal;
use crate::model::Kind;
use crate::replicas::Replicas;
use crate::store::{Record, Store};
use crate::throttle::{self, Throttle};
use crate::{
    Error, Options, Quota, applications, auth, batch, graph, organization, permissions, seed, token,
};

pub(crate) struct Directory {
    options: Options,
    inner: Mutex<Inner>,
}

struct Inner {
    store: Store,
    faults: Faults,
    throttle: Throttle,
    journal: Journal,
    replicas: Replicas,
}

/// What becomes of a request.
pub(crate) enum Answer {
    Reply(Reply),
    Drop,
}

impl Directory {
    pub fn open(options: Options) -> Result<Directory, Error> {
        let mut store = Store::open(options.data.as_deref())?;
        let mut records = Vec::new();
        if organization::get(&store).is_none() {
            records.push(organization::create(&options.tenant, &options.domains));
            records.push(permissions::graph_principal());
            let key = format!("{}{}", Uuid::new_v4(), Uuid::new_v4());
            records.push(Record::Meta {
                name: "key".into(),
                value: key,
            });
        }
        if let Some((app, _)) = &options.client {
            records.extend(applications::register(&store, app));
        }
        if !records.is_empty() {
            store.commit(records).map_err(|source| Error::Data {
                path: options.data.clone().unwrap_or_default(),
                source,
            })?;
        }
        let inner = Inner {
            store,
            faults: Faults::default(),
            throttle: Throttle::default(),
            journal: Journal::default(),
            replicas: Replicas::default(),
        };
        Ok(Directory {
            options,
            inner: Mutex::new(inner),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request; `call.path` is the whole path.
    pub async fn answer(&self, call: Call) -> Answer {
        if let Some(door) = call.path.strip_prefix("/_sandbox/") {
            return Answer::Reply(self.seed(&call, door));
        }
        let fault = self.inner().faults.strike(&call.method, &call.path);
        let Some(fault) = fault else {
            return Answer::Reply(self.work(call));
        };
        tokio::time::sleep(fault.wait()).await;
        if let Some(failure) = fault.failure() {
            let reply = refused(&call, &failure);
            self.inner().journal.note(&call, &reply);
            return Answer::Reply(reply);
        }
        match fault {
            FaultKind::Drop { after_work } => {
                if after_work {
                    self.work(call);
                }
                Answer::Drop
            }
            _ => Answer::Reply(self.work(call)),
        }
    }

    fn seed(&self, call: &Call, door: &str) -> Reply {
        let Inner {
            store,
            faults,
            journal,
            replicas,
            ..
        } = &mut *self.inner();
        match (call.method.as_str(), door) {
            ("GET", "requests") => return Reply::ok(journal.show()),
            ("DELETE", "requests") => {
                journal.clear();
                return Reply::no_content();
            }
            _ => {}
        }
        seed::answer(call, door, store, faults, replicas)
            .unwrap_or_else(|failure| refused(call, &failure))
    }

    fn work(&self, mut call: Call) -> Reply {
        let rest = call.path.trim_start_matches('/').to_owned();
        let (first, rest) = rest.split_once('/').unwrap_or((&rest, ""));
        if first == "v1.0" {
            call.path = format!("/{rest}");
            return self.graph(call);
        }
        let Inner { store, .. } = &mut *self.inner();
        match (call.method.as_str(), rest) {
            ("POST", "oauth2/v2.0/token") => {
                token::answer(&call, first, store, self.options.client.as_ref())
            }
            ("GET", "v2.0/.well-known/openid-configuration") => {
                token::discovery(&call, first, store)
            }
            (_, "oauth2/v2.0/token") => refused(&call, &Failure::not_allowed()),
            _ => refused(
                &call,
                &Failure::odata(format!("Invalid version: {first}. Use v1.0.")),
            ),
        }
    }

    fn graph(&self, call: Call) -> Reply {
        let inner = &mut *self.inner();
        let caller = match auth::verify(&crate::key(&inner.store), call.header("authorization")) {
            Ok(caller) => caller,
            Err(failure) => return refused(&call, &failure),
        };
        if call.path.eq_ignore_ascii_case("/$batch") {
            let outcome = batch::answer(&call, |item| {
                let fault = inner
                    .faults
                    .strike(&item.method, &format!("/v1.0{}", item.path));
                match fault.and_then(|fault| fault.failure()) {
                    Some(failure) => {
                        let reply = refused(item, &failure);
                        inner.journal.note(item, &reply);
                        reply
                    }
                    None => self.counted(inner, item, &caller),
                }
            });
            return outcome.map_or_else(
                |failure| refused(&call, &failure),
                |reply| with_ids(&call, reply),
            );
        }
        self.counted(inner, &call, &caller)
    }

    /// One request against the limits, then against the directory.
    fn counted(&self, inner: &mut Inner, call: &Call, caller: &Caller) -> Reply {
        let units = throttle::units(call);
        let mut reply = match self.limit(inner, call, caller, units) {
            Err(failure) => refused(call, &failure),
            Ok(share) => {
                let now = Instant::now();
                let young = inner.replicas.young(now);
                let outcome = graph::answer(call, &mut inner.store, caller, &young);
                if let Some(id) = outcome.as_ref().ok().and_then(Reply::created_id) {
                    inner.replicas.born(id, now);
                }
                let mut reply = outcome.map_or_else(
                    |failure| refused(call, &failure),
                    |reply| with_ids(call, reply),
                );
                if share > 0.8 {
                    reply
                        .headers
                        .push(("x-ms-throttle-limit-percentage", format!("{share:.1}")));
                }
                reply
            }
        };
        reply
            .headers
            .push(("x-ms-resource-unit", units.to_string()));
        inner.journal.note(call, &reply);
        reply
    }

    fn limit(&self, inner: &mut Inner, call: &Call, caller: &Caller, units: u32) -> Outcome<f64> {
        if self.options.quota == Quota::Off {
            return Ok(0.0);
        }
        let tenant =
            organization::get(&inner.store).map(|organization| organization.id.to_string());
        let users = inner.store.count(Kind::User);
        let write = throttle::is_write(call);
        inner.throttle.count(
            &caller.app,
            &tenant.unwrap_or_default(),
            users,
            units,
            write,
            Instant::now(),
        )
    }
}

/// The ids that every answer carries.
fn with_ids(call: &Call, mut reply: Reply) -> Reply {
    let request = Uuid::new_v4().to_string();
    reply
        .headers
        .push(("client-request-id", client_request_id(call, &request)));
    reply.headers.push(("request-id", request));
    if matches!(reply.body, Body::Json(_)) {
        reply.headers.push(("OData-Version", "4.0".into()));
    }
    reply
}

pub(crate) fn refused(call: &Call, failure: &Failure) -> Reply {
    let request = Uuid::new_v4().to_string();
    let client = client_request_id(call, &request);
    let mut headers = failure.headers.clone();
    let body = failure.body(&request, &client);
    headers.push(("request-id", request));
    headers.push(("client-request-id", client));
    Reply {
        status: failure.status,
        headers,
        body: Body::Json(body),
    }
}

fn client_request_id(call: &Call, request: &str) -> String {
    let given = call
        .header("client-request-id")
        .filter(|id| HeaderValue::from_str(id).is_ok());
    given.unwrap_or(request).to_owned()
}
