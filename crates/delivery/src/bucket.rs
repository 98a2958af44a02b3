//! The highest rate of attempts at a destination.

use std::time::Duration;

use tokio::time::Instant;

/// Spaces attempts evenly, with a burst of a tenth of a second's worth (GCRA).
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    gap: Duration,
    burst: Duration,
    next: Instant,
}

impl Bucket {
    pub(crate) fn new(per_second: u32, now: Instant) -> Self {
        let gap = Duration::from_secs(1) / per_second.max(1);
        Bucket { gap, burst: Duration::from_millis(100).max(gap) - gap, next: now }
    }

    /// When the next attempt may begin, if not now.
    pub(crate) fn wait_until(&self, now: Instant) -> Option<Instant> {
        let earliest = self.next.checked_sub(self.burst).unwrap_or(self.next);
        (earliest > now).then_some(earliest)
    }

    /// Counts an attempt that begins now.
    pub(crate) fn take(&mut self, now: Instant) {
        self.next = self.next.max(now) + self.gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_never_sees_more_than_the_rate_and_one_burst() {
        let start = Instant::now();
        let mut bucket = Bucket::new(50, start);
        let (mut now, mut taken) = (start, 0);
        while now < start + Duration::from_secs(1) {
            match bucket.wait_until(now) {
                Some(then) => now = then,
                None => {
                    bucket.take(now);
                    taken += 1;
                }
            }
        }
        assert!((50..=55).contains(&taken), "{taken}");
    }
}
