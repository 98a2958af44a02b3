//! Latencies at a share of attempts, from power-of-two buckets.

use serde::Serialize;
use utoipa::ToSchema;

/// Milliseconds within which a share of what was counted ended; null if nothing was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub(crate) struct Latency {
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
}

impl Latency {
    /// The latencies of what fell into these buckets.
    pub(crate) fn of(buckets: &[u64]) -> Self {
        Latency { p50: at(buckets, 0.50), p95: at(buckets, 0.95), p99: at(buckets, 0.99) }
    }
}

/// The share of successes, rounded down, so that one failure never reads as none; null without attempts.
pub(crate) fn rate(delivered: u64, failed: u64) -> Option<f64> {
    let all = delivered + failed;
    (all > 0).then(|| (delivered as f64 / all as f64 * 10_000.0).floor() / 10_000.0)
}

/// The milliseconds within which this share of the attempts ended; none without attempts.
///
/// Bucket `n` holds those under 2ⁿ ms, so the answer is off by less than half.
fn at(buckets: &[u64], share: f64) -> Option<f64> {
    let all: u64 = buckets.iter().sum();
    if all == 0 {
        return None;
    }
    let wanted = share * all as f64;
    let mut below = 0.0;
    for (place, count) in buckets.iter().enumerate() {
        let count = *count as f64;
        if count > 0.0 && below + count >= wanted {
            let (low, high) = edges(place);
            let within = low + (high - low) * ((wanted - below) / count);
            return Some((within * 10.0).round() / 10.0);
        }
        below += count;
    }
    Some(edges(buckets.len().saturating_sub(1)).1)
}

fn edges(place: usize) -> (f64, f64) {
    let high = 2_f64.powi(i32::try_from(place).unwrap_or(0));
    (if place == 0 { 0.0 } else { high / 2.0 }, high)
}

#[cfg(test)]
mod tests {
    use super::at;

    #[test]
    fn a_share_falls_into_its_bucket() {
        let mut buckets = [0; 17];
        assert_eq!(at(&buckets, 0.5), None);
        buckets[4] = 90; // 8 to 16 ms
        buckets[7] = 10; // 64 to 128 ms
        assert_eq!(at(&buckets, 0.45), Some(12.0));
        assert_eq!(at(&buckets, 0.9), Some(16.0));
        assert_eq!(at(&buckets, 0.95), Some(96.0));
        assert_eq!(at(&buckets, 1.0), Some(128.0));
    }
}
