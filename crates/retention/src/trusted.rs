//! The time, as long as it can be believed.

use model::{Timestamp, limits};
use tokio::time::Instant;

/// A moment of the wall clock that was believed, and when that was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trusted {
    pub(crate) wall: Timestamp,
    at: Instant,
}

impl Trusted {
    /// Believes the wall clock at a moment of the runtime's.
    pub(crate) fn new(wall: Timestamp, at: Instant) -> Self {
        Trusted { wall, at }
    }

    /// Whether `now` is where the clock would be if it had gone as the runtime's did,
    /// give or take [`limits::CLOCK_STEP`], in both directions.
    pub(crate) fn follows(self, now: Timestamp, at: Instant) -> bool {
        let expected = self.wall + at.saturating_duration_since(self.at);
        now.since(expected).max(expected.since(now)) <= limits::CLOCK_STEP
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[track_caller]
    fn check(up: Duration, clock: impl Fn(Timestamp) -> Timestamp, followed: bool) {
        let (wall, at) = (Timestamp::from_millis(1_790_000_000_000), Instant::now());
        assert_eq!(Trusted::new(wall, at).follows(clock(wall), at + up), followed);
    }

    #[test]
    fn a_step_that_the_uptime_explains_is_followed_and_a_larger_one_is_not() {
        check(HOUR, |then| then + HOUR, true);
        check(HOUR, |then| then + 25 * HOUR, true);
        check(HOUR, |then| then + 26 * HOUR, false);
        check(1_000 * HOUR, |then| then + 1_000 * HOUR, true);
        check(1_000 * HOUR, |then| then, false);
        check(HOUR, |then| then - 22 * HOUR, true);
        check(HOUR, |then| then - 24 * HOUR, false);
        check(HOUR, |_| Timestamp::from_millis(0), false);
    }
}
