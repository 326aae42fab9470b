//! Faults to order: the next requests answered with an error, dropped, or slowly.

use std::time::Duration;

use serde::Deserialize;

use crate::failure::Failure;

/// A fault as it is posted to `/_sandbox/faults`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fault {
    /// How many requests it strikes.
    #[serde(default = "one")]
    count: u32,
    /// How many requests pass before the first is struck.
    #[serde(default)]
    skip: u32,
    /// Strikes only this method.
    method: Option<String>,
    /// Strikes only where the path contains this.
    path: Option<String>,
    #[serde(flatten)]
    pub kind: FaultKind,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub(crate) enum FaultKind {
    /// Answers with a status instead of doing the work.
    Status {
        status: u16,
        code: Option<String>,
        retry_after: Option<String>,
    },
    /// Closes the connection, before the work is done or after.
    Drop {
        #[serde(default)]
        after_work: bool,
    },
    /// Waits before the work.
    Slow { milliseconds: u64 },
}

fn one() -> u32 {
    1
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that strikes this request.
    pub fn strike(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        let place = self.0.iter().position(|fault| fault.fits(method, path))?;
        let fault = self.0.get_mut(place)?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.count = fault.count.saturating_sub(1);
        let kind = fault.kind.clone();
        if fault.count == 0 {
            self.0.remove(place);
        }
        Some(kind)
    }
}

impl Fault {
    fn fits(&self, method: &str, path: &str) -> bool {
        self.count > 0
            && self
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self
                .path
                .as_deref()
                .is_none_or(|wanted| path.contains(wanted))
    }
}

impl FaultKind {
    pub fn wait(&self) -> Duration {
        match self {
            FaultKind::Slow { milliseconds } => Duration::from_millis(*milliseconds),
            _ => Duration::ZERO,
        }
    }

    /// The refusal that stands for the work.
    pub fn failure(&self) -> Option<Failure> {
        let FaultKind::Status {
            status,
            code,
            retry_after,
        } = self
        else {
            return None;
        };
        let default = match status {
            429 => "TooManyRequests",
            500 => "Service_InternalServerError",
            503 => "ServiceUnavailable",
            504 => "GatewayTimeout",
            404 => "Request_ResourceNotFound",
            409 => "Directory_ConcurrencyViolation",
            _ => "UnknownError",
        };
        let headers = retry_after
            .iter()
            .map(|seconds| ("Retry-After", seconds.clone()))
            .collect();
        let mut failure = Failure::new(*status, default, "This fault was ordered.");
        failure.headers = headers;
        failure.code = code.clone().map_or(default.into(), Into::into);
        Some(failure)
    }
}
