//! Percentiles of durations, to about one in sixty-four.

/// Durations by bucket. Only buckets that hold something take space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Durations(Vec<(u16, u32)>);

impl Durations {
    pub(super) fn add(&mut self, micros: u32) {
        let bucket = bucket(micros);
        match self.0.binary_search_by_key(&bucket, |(known, _)| *known) {
            Ok(at) => self.0[at].1 = self.0[at].1.saturating_add(1),
            Err(at) => self.0.insert(at, (bucket, 1)),
        }
    }

    pub(super) fn merge(&mut self, other: &Durations) {
        for (bucket, count) in &other.0 {
            match self.0.binary_search_by_key(bucket, |(known, _)| *known) {
                Ok(at) => self.0[at].1 = self.0[at].1.saturating_add(*count),
                Err(at) => self.0.insert(at, (*bucket, *count)),
            }
        }
    }

    /// The duration that `percent` of all do not exceed, in milliseconds; none without any.
    pub(super) fn percentile(&self, percent: u64) -> Option<f64> {
        let total: u64 = self.0.iter().map(|(_, count)| u64::from(*count)).sum();
        let wanted = (total * percent).div_ceil(100);
        let mut seen = 0;
        self.0.iter().find_map(|(bucket, count)| {
            seen += u64::from(*count);
            (seen >= wanted.max(1)).then(|| f64::from(floor(*bucket)) / 1_000.0)
        })
    }
}

// Below 64 µs a bucket for each; above, every doubling is cut into 64 parts.
const FINE: u32 = 6;

fn bucket(micros: u32) -> u16 {
    let top = u32::BITS - micros.leading_zeros();
    let shift = top.saturating_sub(FINE + 1);
    let within = micros >> shift;
    // At most 26 shifts of 64 parts, and the first two rows: it fits.
    ((shift << FINE) + within) as u16
}

fn floor(bucket: u16) -> u32 {
    let (row, part) = (u32::from(bucket) >> FINE, u32::from(bucket) & 63);
    if row < 2 { u32::from(bucket) } else { (64 + part) << (row - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_never_above_what_fell_into_it_and_less_than_two_percent_below() {
        let mut micros: u32 = 1;
        while micros < u32::MAX / 3 {
            let floor = floor(bucket(micros));
            assert!(floor <= micros && f64::from(micros - floor) <= f64::from(micros) / 64.0, "{micros}");
            micros += micros / 4 + 1;
        }
        assert_eq!(floor(bucket(0)), 0);
        assert!(floor(bucket(u32::MAX)) > u32::MAX / 65 * 64);
    }

    #[test]
    fn a_percentile_is_of_all_that_was_added() {
        let mut all = Durations::default();
        assert_eq!(all.percentile(95), None);
        (1..=95).for_each(|_| all.add(10_000));
        let mut slow = Durations::default();
        (1..=5).for_each(|_| slow.add(900_000));
        all.merge(&slow);
        assert!(all.percentile(95).unwrap() < 11.0);
        all.add(900_000);
        assert!(all.percentile(95).unwrap() > 880.0);
    }
}
