//! How far a run is, for whoever shows it.

use std::time::Duration;

/// Takes the steps of a run.
pub trait Progress: Sync {
    /// A task begins; `total` steps, if that is known.
    fn begin(&self, task: &str, total: Option<u64>);
    /// So many steps more are done.
    fn advance(&self, by: u64);
    /// The rest of the task takes so long at the write budget, if nothing else holds it up.
    fn left(&self, _: Duration) {}
    /// The task is done.
    fn end(&self);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}
