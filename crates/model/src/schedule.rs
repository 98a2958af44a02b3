//! When a delivery is tried again, and when it is given up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Lane, Span, Timestamp};

/// What a webhook says about retries; absent, the schedule of the lane holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wishes", into = "Wishes")]
pub enum Retry {
    /// Gaps measured from attempt start; the last repeats until the horizon,
    /// which is by default the sum of the gaps.
    Gaps {
        /// 1 to 100 gaps of 1 s to 72 h.
        schedule: Vec<Span>,
        /// When to give up.
        horizon: Option<Span>,
    },
    /// Plain exponential backoff: each gap is twice the one before.
    Backoff {
        /// Attempts in all.
        max_attempts: u16,
        /// The first gap.
        base_delay: Span,
        /// The longest gap.
        max_delay: Span,
    },
    /// Only the horizon is set; the gaps are the lane's.
    Horizon {
        /// When to give up.
        horizon: Span,
    },
}

/// The schedule of one delivery: a webhook's wishes over the lane's defaults.
#[derive(Debug, Clone, Copy)]
pub struct Schedule<'a> {
    retry: Option<&'a Retry>,
    lane: Lane,
}

impl<'a> Schedule<'a> {
    /// The schedule that holds for a delivery of `lane` to a webhook.
    #[must_use]
    pub fn of(retry: Option<&'a Retry>, lane: Lane) -> Self {
        Schedule { retry, lane }
    }

    /// When the next attempt is due after `made` attempts, the last of which
    /// began at `began`; none when the delivery is to be given up.
    ///
    /// `jitter` is between 0 and 1 and adds at most a fifth of the gap.
    /// One last attempt falls on the horizon itself.
    #[must_use]
    pub fn next(&self, accepted: Timestamp, began: Timestamp, made: u16, jitter: f64) -> Option<Timestamp> {
        let gap = self.gap_after(made)?;
        let due = began + gap.mul_f64(1.0 + JITTER * jitter.clamp(0.0, 1.0));
        let Some(horizon) = self.horizon() else { return Some(due) };
        let last = accepted + horizon;
        if began >= last { None } else { Some(due.min(last)) }
    }

    /// How long a delivery is owed, from acceptance; none if attempts are counted.
    #[must_use]
    pub fn horizon(&self) -> Option<Duration> {
        match self.retry {
            Some(Retry::Backoff { .. }) => None,
            Some(Retry::Gaps { horizon: Some(horizon), .. } | Retry::Horizon { horizon }) => Some(horizon.0),
            Some(Retry::Gaps { schedule, horizon: None }) => Some(schedule.iter().map(|gap| gap.0).sum()),
            None => Some(DEFAULT_HORIZON),
        }
    }

    /// The gaps after the first attempts, of which the last repeats; empty if they grow by doubling.
    #[must_use]
    pub fn gaps(&self) -> Vec<Span> {
        match self.retry {
            Some(Retry::Gaps { schedule, .. }) => schedule.clone(),
            Some(Retry::Backoff { .. }) => Vec::new(),
            Some(Retry::Horizon { .. }) | None => {
                lane_gaps(self.lane).iter().map(|secs| Span::secs(*secs)).collect()
            }
        }
    }

    fn gap_after(&self, made: u16) -> Option<Duration> {
        let step = usize::from(made.saturating_sub(1));
        match self.retry {
            Some(Retry::Gaps { schedule, .. }) => schedule.get(step).or(schedule.last()).map(|gap| gap.0),
            Some(Retry::Backoff { max_attempts, base_delay, max_delay }) => {
                let doubled = base_delay.0.saturating_mul(1_u32.checked_shl(step as u32).unwrap_or(u32::MAX));
                (made < *max_attempts).then(|| doubled.min(max_delay.0))
            }
            Some(Retry::Horizon { .. }) | None => {
                let gaps = lane_gaps(self.lane);
                gaps.get(step).or(gaps.last()).map(|secs| Duration::from_secs(*secs))
            }
        }
    }
}

/// The JSON of [`Retry`]: its three forms have no member in common but the horizon.
#[derive(Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wishes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schedule: Option<Vec<Span>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    horizon: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_attempts: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base_delay: Option<Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_delay: Option<Span>,
}

impl TryFrom<Wishes> for Retry {
    type Error = &'static str;

    fn try_from(wishes: Wishes) -> Result<Self, Self::Error> {
        let Wishes { schedule, horizon, max_attempts, base_delay, max_delay } = wishes;
        let gap_fits = |gap: &Span| (Span::secs(1)..=LONGEST_GAP).contains(gap);
        match (schedule, horizon, max_attempts, base_delay, max_delay) {
            (Some(schedule), horizon, None, None, None) => {
                if schedule.is_empty() || schedule.len() > 100 || !schedule.iter().all(gap_fits) {
                    return Err("a schedule has 1 to 100 gaps of 1s to 72h");
                }
                Ok(Retry::Gaps { schedule, horizon })
            }
            (None, Some(horizon), None, None, None) => Ok(Retry::Horizon { horizon }),
            (None, None, Some(max_attempts), Some(base_delay), Some(max_delay)) => {
                if max_attempts == 0 || !gap_fits(&base_delay) || !gap_fits(&max_delay) {
                    return Err("maxAttempts is at least 1, baseDelay and maxDelay are 1s to 72h");
                }
                Ok(Retry::Backoff { max_attempts, base_delay, max_delay })
            }
            _ => Err("either schedule and horizon, or maxAttempts, baseDelay and maxDelay"),
        }
    }
}

impl From<Retry> for Wishes {
    fn from(retry: Retry) -> Self {
        match retry {
            Retry::Gaps { schedule, horizon } => {
                Wishes { schedule: Some(schedule), horizon, ..Wishes::default() }
            }
            Retry::Horizon { horizon } => Wishes { horizon: Some(horizon), ..Wishes::default() },
            Retry::Backoff { max_attempts, base_delay, max_delay } => Wishes {
                max_attempts: Some(max_attempts),
                base_delay: Some(base_delay),
                max_delay: Some(max_delay),
                ..Wishes::default()
            },
        }
    }
}

const LONGEST_GAP: Span = Span::secs(72 * 3_600);

// Critical: attempts 0, 5, 25 and 85 s after acceptance, so that three timed
// retries end before an escalation is due at 90 s.
const fn lane_gaps(lane: Lane) -> &'static [u64] {
    match lane {
        Lane::Critical => &[5, 20, 60, 120, 300, 900, 1_800, 3_600],
        Lane::Urgent => &[15, 60, 300, 900, 3_600],
        Lane::Routine | Lane::Bulk => &[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000],
    }
}

const JITTER: f64 = 0.2;
const DEFAULT_HORIZON: Duration = Duration::from_secs(72 * 3_600);

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(retry: Option<&Retry>, lane: Lane) -> Vec<u64> {
        let accepted = Timestamp::from_millis(0);
        let schedule = Schedule::of(retry, lane);
        let mut starts = vec![accepted];
        while let Some(next) = schedule.next(accepted, starts[starts.len() - 1], starts.len() as u16, 0.0) {
            starts.push(next);
        }
        starts.iter().map(|at| at.seconds() as u64).collect()
    }

    #[test]
    fn a_critical_delivery_is_tried_four_times_within_90_seconds_and_last_at_72_hours() {
        let starts = attempts(None, Lane::Critical);
        assert_eq!(starts[..6], [0, 5, 25, 85, 205, 505]);
        assert_eq!(starts.last(), Some(&(72 * 3_600)));
    }

    #[test]
    fn a_list_of_gaps_ends_at_its_sum() {
        let retry = Retry::Gaps { schedule: vec![Span::secs(5), Span::secs(20)], horizon: None };
        assert_eq!(attempts(Some(&retry), Lane::Routine), [0, 5, 25]);
    }

    #[test]
    fn the_last_gap_repeats_until_the_horizon() {
        let retry = Retry::Gaps { schedule: vec![Span::secs(10)], horizon: Some(Span::secs(35)) };
        assert_eq!(attempts(Some(&retry), Lane::Routine), [0, 10, 20, 30, 35]);
    }

    #[test]
    fn backoff_doubles_up_to_its_longest_gap_and_counts_attempts() {
        let retry = Retry::Backoff { max_attempts: 5, base_delay: Span::secs(1), max_delay: Span::secs(4) };
        assert_eq!(attempts(Some(&retry), Lane::Critical), [0, 1, 3, 7, 11]);
    }

    #[test]
    fn jitter_adds_at_most_a_fifth() {
        let next = |jitter| {
            Schedule::of(None, Lane::Urgent).next(Timestamp::default(), Timestamp::default(), 1, jitter)
        };
        assert_eq!(next(1.0).map(Timestamp::millis), Some(18_000));
        assert_eq!(next(7.0).map(Timestamp::millis), Some(18_000));
    }
}
