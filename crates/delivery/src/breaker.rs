//! Whether a destination may be called now.

use std::time::Duration;

use model::{Lane, limits};
use tokio::time::Instant;

/// Guards one destination: `Flowing` admits every attempt, `Tripped` one at a
/// time and rarely, `Probing` none until that one has ended.
#[derive(Debug, Clone)]
pub(crate) enum Breaker {
    Flowing { failures: u16, window: Window },
    Tripped { probed: Instant },
    Probing,
}

/// What a breaker says to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admit {
    Now,
    /// The one attempt that finds out.
    Probe,
    After(Instant),
    /// Not before the attempt under way has ended.
    WhenFree,
}

impl Breaker {
    pub(crate) fn new(now: Instant) -> Self {
        Breaker::Flowing { failures: 0, window: Window::new(now) }
    }

    /// Whether an attempt of `lane` may begin while `in_flight` are under way.
    pub(crate) fn admit(&self, lane: Lane, in_flight: u16, now: Instant) -> Admit {
        match self {
            Breaker::Flowing { .. } => Admit::Now,
            Breaker::Probing => Admit::WhenFree,
            Breaker::Tripped { .. } if in_flight > 0 => Admit::WhenFree,
            Breaker::Tripped { probed } => {
                let due = *probed + pause_before_probe(lane);
                if now >= due { Admit::Probe } else { Admit::After(due) }
            }
        }
    }

    pub(crate) fn probe(&mut self) {
        *self = Breaker::Probing;
    }

    /// Hears how an attempt ended; tells whether the breaker just changed between
    /// letting everything through and holding back.
    pub(crate) fn note(&mut self, success: bool, now: Instant) -> Option<Turned> {
        match (&mut *self, success) {
            (Breaker::Flowing { failures, window }, true) => {
                *failures = 0;
                window.count(false, now);
                None
            }
            (Breaker::Flowing { failures, window }, false) => {
                *failures = failures.saturating_add(1);
                window.count(true, now);
                if *failures < limits::BREAKER_FAILURES && !window.is_half_failed() {
                    return None;
                }
                *self = Breaker::Tripped { probed: now };
                Some(Turned::Tripped)
            }
            (Breaker::Tripped { .. } | Breaker::Probing, true) => {
                *self = Breaker::new(now);
                Some(Turned::Flowing)
            }
            // An attempt that began before the trip tells nothing new.
            (Breaker::Tripped { .. }, false) => None,
            (Breaker::Probing, false) => {
                *self = Breaker::Tripped { probed: now };
                None
            }
        }
    }

    /// The state as the API names it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Breaker::Flowing { .. } => "flowing",
            Breaker::Tripped { .. } => "tripped",
            Breaker::Probing => "probing",
        }
    }

    pub(crate) fn is_flowing(&self) -> bool {
        matches!(self, Breaker::Flowing { .. })
    }
}

/// A change that more than the next attempt must hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turned {
    Tripped,
    Flowing,
}

fn pause_before_probe(lane: Lane) -> Duration {
    match lane {
        Lane::Critical => limits::PROBE_CRITICAL,
        Lane::Urgent | Lane::Routine | Lane::Bulk => limits::PROBE,
    }
}

/// Attempts and failures of the last half minute, in parts of five seconds of which the oldest is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    /// When the newest part began.
    began: Instant,
    /// Attempts and failures, the newest part first.
    parts: [(u32, u32); PARTS],
}

const PARTS: usize = 6;

impl Window {
    fn new(now: Instant) -> Self {
        Window { began: now, parts: [(0, 0); PARTS] }
    }

    fn count(&mut self, failed: bool, now: Instant) {
        let part = limits::BREAKER_WINDOW / PARTS as u32;
        while now.saturating_duration_since(self.began) >= part {
            if now.saturating_duration_since(self.began) >= limits::BREAKER_WINDOW {
                *self = Window::new(now);
                break;
            }
            self.began += part;
            self.parts.rotate_right(1);
            self.parts[0] = (0, 0);
        }
        self.parts[0].0 += 1;
        self.parts[0].1 += u32::from(failed);
    }

    fn is_half_failed(&self) -> bool {
        let all: u32 = self.parts.iter().map(|part| part.0).sum();
        let failed: u32 = self.parts.iter().map(|part| part.1).sum();
        all >= limits::BREAKER_SAMPLE && 2 * failed >= all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tripped(now: Instant) -> Breaker {
        let mut breaker = Breaker::new(now);
        for _ in 0..limits::BREAKER_FAILURES {
            breaker.note(false, now);
        }
        breaker
    }

    #[test]
    fn ten_failures_in_a_row_trip_and_one_success_between_does_not() {
        let now = Instant::now();
        let mut breaker = Breaker::new(now);
        for turn in 0..18 {
            assert_eq!(breaker.note(turn == 9, now), None);
        }
        assert_eq!(breaker.note(false, now), None);
        assert_eq!(breaker.note(false, now), Some(Turned::Tripped));
    }

    #[test]
    fn half_of_twenty_attempts_trip_and_old_ones_are_forgotten() {
        let now = Instant::now();
        let mut breaker = Breaker::new(now);
        let later = now + limits::BREAKER_WINDOW;
        for turn in 0..19 {
            assert_eq!(breaker.note(turn % 2 == 0, now), None);
        }
        assert_eq!(breaker.note(false, later), None);
        let mut breaker = Breaker::new(now);
        let turned: Vec<_> = (0..20).filter_map(|turn| breaker.note(turn % 2 == 0, now)).collect();
        assert_eq!(turned, [Turned::Tripped]);
    }

    #[test]
    fn half_of_an_attempt_a_second_trips_within_half_a_minute() {
        let now = Instant::now();
        let mut breaker = Breaker::new(now);
        let second = |turn: u64| now + Duration::from_secs(turn);
        let turned = (0..28).find_map(|turn| breaker.note(turn % 2 == 0, second(turn)));
        assert_eq!(turned, Some(Turned::Tripped));
    }

    #[test]
    fn a_critical_delivery_probes_after_5_seconds_and_any_other_after_60() {
        let now = Instant::now();
        let breaker = tripped(now);
        let after = |secs| now + Duration::from_secs(secs);
        assert_eq!(breaker.admit(Lane::Critical, 0, after(4)), Admit::After(after(5)));
        assert_eq!(breaker.admit(Lane::Critical, 0, after(5)), Admit::Probe);
        assert_eq!(breaker.admit(Lane::Urgent, 0, after(5)), Admit::After(after(60)));
        assert_eq!(breaker.admit(Lane::Bulk, 0, after(60)), Admit::Probe);
        assert_eq!(breaker.admit(Lane::Critical, 1, after(60)), Admit::WhenFree);
    }

    #[test]
    fn a_probe_decides_and_nothing_else_goes_meanwhile() {
        let now = Instant::now();
        let mut breaker = tripped(now);
        breaker.probe();
        assert_eq!(breaker.admit(Lane::Critical, 1, now), Admit::WhenFree);
        assert_eq!(breaker.note(false, now), None);
        assert_eq!(breaker.name(), "tripped");
        breaker.probe();
        assert_eq!(breaker.note(true, now), Some(Turned::Flowing));
        assert_eq!(breaker.admit(Lane::Bulk, 7, now), Admit::Now);
    }
}
