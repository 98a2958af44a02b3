//! Latencies at a share of attempts, from power-of-two buckets.

/// The milliseconds within which this share of the attempts ended; none without attempts.
///
/// Bucket `n` holds those under 2ⁿ ms, so the answer is off by less than half.
pub(crate) fn at(buckets: &[u64], share: f64) -> Option<f64> {
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
