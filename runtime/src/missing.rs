//! Entries that a full import did not return, too many to be believed gone.
//!
//! They stay as they were, with all that hangs on them, and what the others ask for goes on. The plan
//! shows what would follow if they were gone, and an approval of it says that they are.

use crate::engine::{Engine, now};
use crate::error::Error;
use crate::guard;
use crate::plan::Plan;
use crate::progress::Silent;
use crate::sync::Synchronizer;

impl Engine {
    /// What would be written now, if what is missing were gone.
    pub fn plan(&self) -> Result<Plan, Error> {
        let missing = self.store.missing()?;
        if missing.is_empty() {
            return self.plan_pending(Vec::new());
        }
        let limit = &self.guard.deletes;
        let guards = missing
            .iter()
            .map(|missing| guard::missing(missing, limit))
            .collect();
        self.store.begin()?;
        let plan = self.lose_missing().and_then(|()| self.plan_pending(guards));
        self.store.rollback();
        plan
    }

    /// What is missing is gone: somebody has approved it.
    pub(crate) fn accept_missing(&self) -> Result<(), Error> {
        match self.store.missing()?.as_slice() {
            [] => Ok(()),
            _ => self.store.transaction(|| self.lose_missing()),
        }
    }

    /// Removes what is missing and evaluates what hangs on it, at the instant of the last
    /// synchronization, so that the plan and its approval see the same.
    fn lose_missing(&self) -> Result<(), Error> {
        self.store.remove_missing(None)?;
        let last = self.store.setting("clock")?;
        let now = last.and_then(|last| last.parse().ok()).unwrap_or_else(now);
        let synchronizer = Synchronizer::new(&self.store, &self.program, &self.parameters, now);
        synchronizer.settle(&Silent)
    }
}
