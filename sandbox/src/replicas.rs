//! Replication that lags: for a while after its creation an object is not found by its key.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use uuid::Uuid;

#[derive(Debug, Default)]
pub(crate) struct Replicas {
    lag: Duration,
    born: Vec<(Instant, Uuid)>,
}

impl Replicas {
    pub fn set_lag(&mut self, lag: Duration) {
        self.lag = lag;
    }

    pub fn born(&mut self, id: Uuid, now: Instant) {
        if !self.lag.is_zero() {
            self.born.push((now, id));
        }
    }

    /// Objects that have not reached every replica.
    pub fn young(&mut self, now: Instant) -> HashSet<Uuid> {
        let lag = self.lag;
        self.born
            .retain(|(born, _)| now.duration_since(*born) < lag);
        self.born.iter().map(|(_, id)| *id).collect()
    }
}
