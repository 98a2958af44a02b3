//! The last minutes of one rule and target, in slots of a quarter of a minute.

use std::collections::VecDeque;
use std::time::Duration;

use model::Timestamp;

use super::durations::Durations;

/// Counts of the last minutes. What is older than the window is forgotten.
#[derive(Debug, Clone, Default)]
pub(super) struct Ring(VecDeque<Slot>);

#[derive(Debug, Clone, Default)]
struct Slot {
    index: i64,
    count: u32,
    failed: u32,
    durations: Durations,
}

/// What a window adds up to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sum {
    pub(super) count: u64,
    pub(super) failed: u64,
    pub(super) durations: Durations,
}

impl Ring {
    /// One more, without a duration.
    pub(super) fn count(&mut self, at: Timestamp, window: Duration) {
        let slot = self.slot(at, window);
        slot.count = slot.count.saturating_add(1);
    }

    /// One more call.
    pub(super) fn call(&mut self, at: Timestamp, window: Duration, (micros, is_success): (u32, bool)) {
        let slot = self.slot(at, window);
        slot.count = slot.count.saturating_add(1);
        slot.failed = slot.failed.saturating_add(u32::from(!is_success));
        slot.durations.add(micros);
    }

    /// What the window that ends at `now` adds up to.
    pub(super) fn sum(&self, now: Timestamp, window: Duration) -> Sum {
        let first = index(now - window) + 1;
        let mut sum = Sum::default();
        for slot in self.0.iter().filter(|slot| slot.index >= first && slot.index <= index(now)) {
            sum.count += u64::from(slot.count);
            sum.failed += u64::from(slot.failed);
            sum.durations.merge(&slot.durations);
        }
        sum
    }

    /// Whether nothing of it is within any window that ends at `now` or later.
    pub(super) fn is_over(&self, now: Timestamp, window: Duration) -> bool {
        self.0.back().is_none_or(|last| last.index < index(now - window))
    }

    // A call that ended a moment late falls into the slot that is open: slots only rise.
    fn slot(&mut self, at: Timestamp, window: Duration) -> &mut Slot {
        let last = self.0.back().map(|slot| slot.index);
        let index = index(at).max(last.unwrap_or(i64::MIN));
        if last != Some(index) {
            self.0.push_back(Slot { index, ..Slot::default() });
        }
        let oldest = index - slots(window);
        while self.0.front().is_some_and(|slot| slot.index < oldest) {
            self.0.pop_front();
        }
        let end = self.0.len() - 1;
        &mut self.0[end]
    }
}

fn index(at: Timestamp) -> i64 {
    at.millis().div_euclid(SLOT_MILLIS)
}

fn slots(window: Duration) -> i64 {
    i64::try_from(window.as_millis()).unwrap_or(i64::MAX) / SLOT_MILLIS + 1
}

const SLOT_MILLIS: i64 = 15_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_window_holds_what_happened_within_it() {
        let mut ring = Ring::default();
        ring.call(at(10), MINUTE, (900_000, false));
        ring.call(at(50), MINUTE, (100, true));
        let sum = ring.sum(at(55), MINUTE);
        assert_eq!((sum.count, sum.failed), (2, 1));
        assert_eq!(ring.sum(at(80), MINUTE).count, 1);
        assert_eq!(ring.sum(at(130), MINUTE).count, 0);
        assert!(!ring.is_over(at(80), MINUTE) && ring.is_over(at(200), MINUTE));
    }

    #[test]
    fn it_takes_no_more_space_than_its_window() {
        let mut ring = Ring::default();
        (0..10_000).for_each(|second| ring.count(at(second), MINUTE));
        assert!(ring.0.len() <= 6, "{}", ring.0.len());
        // A clock that went back adds to the slot that is open.
        ring.count(at(0), MINUTE);
        assert!(ring.0.len() <= 6);
    }
}
