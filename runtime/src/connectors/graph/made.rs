//! Objects made lately.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// An object counts as made just now for so long.
const FRESH: Duration = Duration::from_secs(900);

/// Objects made lately: the service may not know them everywhere yet.
#[derive(Debug, Default)]
pub(super) struct Made(HashMap<String, Instant>);

impl Made {
    pub fn insert(&mut self, anchor: &str) {
        self.0.insert(anchor.to_owned(), Instant::now());
    }

    pub fn forget_old(&mut self) {
        self.0.retain(|_, made| made.elapsed() < FRESH);
    }

    /// It was made just now.
    pub fn has(&self, anchor: &str) -> bool {
        self.0.contains_key(anchor)
    }
}
