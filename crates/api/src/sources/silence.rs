//! When a source is too quiet: as configured, or as its own past tells.

use std::time::Duration;

/// The longest silence that a source had so far, and half as much again; none if it is not known well enough.
///
/// `hours` are those with events, rising; a source is known once it was heard in
/// 24 different hours over three days. Nights and weekends are pauses like any other.
pub(super) fn learned(hours: &[i64]) -> Option<Duration> {
    let (first, last) = (hours.first()?, hours.last()?);
    if hours.len() < KNOWN_HOURS || last - first < KNOWN_SPAN {
        return None;
    }
    let longest = hours.windows(2).map(|pair| pair[1] - pair[0]).max()?;
    let seconds = u64::try_from(longest).ok()? * 3_600;
    // An event early in one hour and late in the next lie up to two hours apart.
    Some(Duration::from_secs(seconds + seconds / 2 + 3_600))
}

const KNOWN_HOURS: usize = 24;
const KNOWN_SPAN: i64 = 3 * 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_silent_after_half_as_much_again_as_its_longest_pause() {
        let steady: Vec<i64> = (0..80).collect();
        assert_eq!(learned(&steady), Some(Duration::from_secs(3_600 + 1_800 + 3_600)));
        let nights: Vec<i64> = (0..10).flat_map(|day| (8..18).map(move |hour| day * 24 + hour)).collect();
        assert_eq!(learned(&nights), Some(Duration::from_secs(15 * 3_600 + 15 * 1_800 + 3_600)));
    }

    #[test]
    fn a_source_that_is_hardly_known_is_never_called_silent() {
        let young: Vec<i64> = (0..30).collect();
        let rare: Vec<i64> = (0..20).map(|day| day * 24).collect();
        assert_eq!((learned(&young), learned(&rare), learned(&[])), (None, None, None));
    }
}
