//! Graph's limits: resource units and writes, in token buckets for each app.

use std::collections::HashMap;
use std::time::Instant;

use crate::call::Call;
use crate::failure::{Failure, Outcome};
use crate::path::Path;
use crate::query::options::Options;

const WRITES: f64 = 3000.0;
const WRITES_SECONDS: f64 = 150.0;
const UNITS_SECONDS: f64 = 10.0;

#[derive(Debug, Default)]
pub(crate) struct Throttle {
    apps: HashMap<String, (Bucket, Bucket)>,
}

/// How much of a limit is used; it drains evenly.
#[derive(Debug)]
struct Bucket {
    used: f64,
    at: Instant,
}

impl Bucket {
    fn new(at: Instant) -> Bucket {
        Bucket { used: 0.0, at }
    }

    /// Takes `cost`; if that is too much, says after how many seconds it will not be.
    fn take(&mut self, cost: f64, limit: f64, seconds: f64, now: Instant) -> Result<f64, f64> {
        let rate = limit / seconds;
        self.used = (self.used - now.duration_since(self.at).as_secs_f64() * rate).max(0.0);
        self.at = now;
        if self.used + cost > limit {
            return Err((self.used + cost - limit) / rate);
        }
        self.used += cost;
        Ok(self.used / limit)
    }
}

impl Throttle {
    /// Counts a request; answers the share of its limits that is used.
    pub fn count(
        &mut self,
        app: &str,
        tenant: &str,
        users: usize,
        units: u32,
        write: bool,
        now: Instant,
    ) -> Outcome<f64> {
        let (unit, writes) = self
            .apps
            .entry(app.to_owned())
            .or_insert_with(|| (Bucket::new(now), Bucket::new(now)));
        let limit = match users {
            0..50 => 3500.0,
            50..=500 => 5000.0,
            _ => 8000.0,
        };
        let refused = |information: &str, limit: f64, wait: f64| {
            let scope = format!("Tenant_Application/{information}/{app}/{tenant}");
            let headers = vec![
                ("Retry-After", format!("{}", wait.ceil().max(1.0))),
                ("x-ms-throttle-scope", scope),
                ("x-ms-throttle-information", information.to_owned()),
                (
                    "x-ms-throttle-limit-percentage",
                    format!("{:.1}", 1.0 + wait / limit),
                ),
            ];
            let message = "Too many requests. Wait for the time in Retry-After and try again.";
            Failure {
                headers,
                ..Failure::new(429, "TooManyRequests", message)
            }
        };
        let mut share = unit
            .take(f64::from(units), limit, UNITS_SECONDS, now)
            .map_err(|wait| refused("ResourceUnitLimitExceeded", limit, wait))?;
        if write {
            let writes = writes
                .take(1.0, WRITES, WRITES_SECONDS, now)
                .map_err(|wait| refused("WriteLimitExceeded", WRITES, wait))?;
            share = share.max(writes);
        }
        Ok(share)
    }
}

/// What a request costs in resource units.
pub(crate) fn units(call: &Call) -> u32 {
    let Ok(path) = Path::parse(&call.path) else {
        return 1;
    };
    let rest = path.rest();
    let last = rest.last().map(String::as_str).unwrap_or_default();
    let base: i32 = match (call.method.as_str(), path.root.as_str(), last) {
        ("POST", _, "getbyids") => 3,
        (
            "POST",
            _,
            "getmembergroups" | "getmemberobjects" | "checkmembergroups" | "checkmemberobjects",
        ) => 2,
        ("GET", _, "transitivemembers" | "transitivememberof") => 5,
        ("GET", "groups", "members") => 3,
        ("GET", _, "memberof") => 2,
        ("GET", "users" | "applications", _) => 2,
        _ => 1,
    };
    let Ok(options) = Options::read(call) else {
        return 1;
    };
    if call.method != "GET" {
        return base.unsigned_abs();
    }
    let less =
        i32::from(options.select.is_some()) + i32::from(options.top.is_some_and(|top| top < 20));
    let more = i32::from(!options.expand.is_empty());
    (base - less + more).max(1).unsigned_abs()
}

/// Queries come as POST, too.
pub(crate) fn is_write(call: &Call) -> bool {
    let action = call
        .path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    call.method != "GET" && !action.starts_with("get") && !action.starts_with("check")
}
