//! Wall time that follows the runtime's, and jumps when told to.

use std::sync::atomic::{AtomicI64, Ordering};

use model::{Clock, Timestamp};
use tokio::time::Instant;

/// The wall clock of a simulation.
pub(crate) struct SimClock {
    began: Instant,
    base: AtomicI64,
}

impl SimClock {
    /// Shows `at` now.
    pub(crate) fn starting(at: Timestamp) -> Self {
        SimClock { began: Instant::now(), base: AtomicI64::new(at.millis()) }
    }

    /// Jumps by so many milliseconds, back too.
    pub(crate) fn jump(&self, millis: i64) {
        self.base.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.base.load(Ordering::Relaxed)) + self.began.elapsed()
    }
}
