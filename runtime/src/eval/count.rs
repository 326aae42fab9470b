//! Counters of measured rules.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use trib_compiler::probe::Watch;
use trib_compiler::value::Value;

/// How often each point of measured rules was reached.
#[derive(Debug)]
pub struct Counts {
    counts: Vec<AtomicU64>,
    running: AtomicBool,
}

impl Counts {
    /// So many counters, which stand still.
    pub fn new(points: usize) -> Counts {
        Counts {
            counts: (0..points).map(|_| AtomicU64::new(0)).collect(),
            running: AtomicBool::new(false),
        }
    }

    /// Lets them count, or stand still while something is only looked at.
    pub fn run(&self, running: bool) {
        self.running.store(running, Ordering::Relaxed);
    }

    /// The count of a point.
    pub fn of(&self, point: usize) -> u64 {
        let count = self.counts.get(point);
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub(super) fn pass(&self, point: usize, watch: Watch, value: Value<'_>) {
        let at = match watch {
            Watch::Given if !value.is_present() => return,
            Watch::Outcome if !value.is_true() => point + 1,
            _ => point,
        };
        if let Some(count) = self.counts.get(at)
            && self.running.load(Ordering::Relaxed)
        {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}
