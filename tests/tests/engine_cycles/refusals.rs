//! What a directory refuses: kept with its object, and sent again when that can help.

use serde_json::json;
use trib_runtime::history::History;
use trib_tests::corp::Corp;
use trib_tests::deployment::Deployment;

use crate::{deployment, updates, user};

async fn strike(tenant: &Deployment, status: u16, code: &str, count: u32) {
    tenant.door("DELETE", "/faults", json!({})).await;
    let fault = json!({"kind": "status", "status": status, "code": code, "retryAfter": "0",
                       "count": count, "method": "PATCH", "path": "/users/"});
    tenant.door("POST", "/faults", fault).await;
}

fn state(tenant: &Deployment) -> rusqlite::Connection {
    rusqlite::Connection::open(tenant.folder().join("state.db")).unwrap()
}

#[tokio::test]
async fn a_refused_write_waits_until_it_is_another_or_due() {
    let tenant = deployment().await;
    let mut corp = Corp::of(3);
    corp.cycle(&tenant).await.unwrap();
    strike(&tenant, 400, "Request_BadRequest", 100).await;
    corp.set(1, "title", "Agent");
    let (_, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(applied.failed, updates(1));
    let error = &applied.errors[0];
    assert_eq!(
        (error.code.as_str(), &error.object),
        ("Request_BadRequest", &corp.dn(1))
    );
    assert!(
        !error.rule.is_empty() && error.at.contains(".trib:"),
        "{error:?}"
    );

    // The next cycle tries once more, the one after that waits, and everything else goes on.
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!((plan.errors.len(), applied.failed), (1, updates(1)));
    tenant.writes().await;
    let (plan, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!(tenant.writes().await, [] as [String; 0]);
    assert_eq!((applied.failed.update, applied.waiting), (0, updates(1)));
    assert_eq!(plan.errors[0].code, "Request_BadRequest");
    let status = History::open(&tenant.folder().join("state.db"))
        .unwrap()
        .status()
        .unwrap();
    assert_eq!(status.errors.len(), 1);
    assert_eq!(status.errors[0].attempts, 2);
    assert!(status.errors[0].next_try > status.errors[0].last_seen);
    tenant.door("DELETE", "/faults", json!({})).await;
    corp.set(2, "title", "Clerk");
    let (_, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!((applied.written, applied.waiting), (updates(1), updates(1)));
    assert_eq!(user(&tenant, 2).await["jobTitle"], "Clerk");

    // Due: it is sent as it is.
    let sql = "UPDATE refused SET next_try = last_seen";
    assert_eq!(state(&tenant).execute(sql, []).unwrap(), 1);
    corp.expect_after_refusal(&tenant).await;
    assert_eq!(user(&tenant, 1).await["jobTitle"], "Agent");

    // Another change: it is sent at once.
    strike(&tenant, 400, "Request_BadRequest", 2).await;
    corp.set(1, "title", "Boss");
    corp.cycle(&tenant).await.unwrap();
    corp.cycle(&tenant).await.unwrap();
    corp.set(1, "title", "Chief");
    corp.expect(&tenant, updates(1), "another change").await;
    assert_eq!(user(&tenant, 1).await["jobTitle"], "Chief");
}

trait AfterRefusal {
    async fn expect_after_refusal(&self, tenant: &Deployment);
}

impl AfterRefusal for Corp {
    /// The write succeeds, and its error is gone.
    async fn expect_after_refusal(&self, tenant: &Deployment) {
        let (_, applied) = self.cycle(tenant).await.unwrap();
        assert_eq!((applied.written, applied.errors), (updates(1), vec![]));
        let plan = tenant.plan().await.unwrap();
        assert_eq!((plan.errors.len(), plan.counts.update), (0, 0));
    }
}

/// What each answer of the service leads to, in the same run and in the next.
#[tokio::test]
async fn each_code_has_its_class() {
    enum Class {
        Retried,
        Object,
        Stops(&'static str),
    }
    use Class::{Object, Retried, Stops};
    let table = [
        (429, "TooManyRequests", Retried),
        (500, "InternalServerError", Retried),
        (502, "BadGateway", Retried),
        (503, "ServiceUnavailable", Retried),
        (504, "GatewayTimeout", Retried),
        (409, "Directory_ConcurrencyViolation", Retried),
        (400, "Request_BadRequest", Object),
        (400, "Request_UnsupportedQuery", Object),
        (405, "Request_BadRequest", Object),
        (501, "NotImplemented", Object),
        (429, "Request_ThrottledTemporarily", Retried),
        (401, "InvalidAuthenticationToken", Retried),
        (400, "Request_MultipleObjectsWithSameKeyValue", Object),
        (403, "Authorization_RequestDenied", Object),
        (403, "Directory_QuotaExceeded", Stops("quota")),
    ];
    for (status, code, class) in table {
        let tenant = deployment().await;
        let mut corp = Corp::of(2);
        corp.cycle(&tenant).await.unwrap();
        corp.set(1, "title", "Agent");
        strike(&tenant, status, code, 1).await;
        let (_, applied) = corp.cycle(&tenant).await.unwrap();
        match class {
            Retried => {
                assert_eq!(applied.errors, [], "{code}");
                assert_eq!(applied.written, updates(1), "{code}");
            }
            Object | Stops(_) => {
                assert_eq!(applied.failed, updates(1), "{code}");
                let error = &applied.errors[0];
                assert_eq!(error.code, code);
                assert_eq!(error.object, corp.dn(1));
                assert!(!error.rule.is_empty(), "{code}");
                if let Stops(missing) = class {
                    assert!(
                        error.message.to_lowercase().contains(missing),
                        "{}",
                        error.message
                    );
                }
                // The next cycle tries it again, and it is forgotten.
                corp.expect_after_refusal(&tenant).await;
            }
        }
        assert_eq!(user(&tenant, 1).await["jobTitle"], "Agent", "{code}");
    }
}

#[tokio::test]
async fn what_concerns_all_stops_the_connector() {
    let tenant = deployment().await;
    let corp = Corp::of(450);
    let fault = json!({"kind": "status", "status": 403, "code": "Directory_QuotaExceeded",
                       "count": 1000, "method": "POST", "path": "/users"});
    tenant.door("POST", "/faults", fault).await;
    let (_, applied) = corp.cycle(&tenant).await.unwrap();
    // One batch of creates learns it; the rest is not even sent.
    assert_eq!((applied.failed.create, applied.waiting.create), (400, 50));
    assert!(
        applied.errors[0].message.contains("recycle bin"),
        "{:?}",
        applied.errors[0]
    );
    tenant.door("DELETE", "/faults", json!({})).await;
    let (_, applied) = corp.cycle(&tenant).await.unwrap();
    assert_eq!((applied.written.create, applied.errors.len()), (450, 0));
}
