//! Whether an alert opens, stays or ends.

use std::time::Duration;

use model::{AlertRule, Signal, Timestamp, limits};

/// An alert that is open for a rule and a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// When the signal was last beyond the threshold.
    pub seen: Timestamp,
}

/// What becomes of a rule and a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No alert is open, and none is due.
    Rest,
    /// An alert opens.
    Fire,
    /// It is open, and its signal is still beyond the threshold.
    Keep,
    /// It is open; its signal is back, but not for long enough, or cannot be read.
    Calm,
    /// It is over.
    Resolve,
}

/// Decides for one rule and target.
///
/// What is measured must be back for [`limits::ALERT_CALM`] before its alert ends, so
/// that one that hovers about its threshold is one alert. A signal that cannot
/// be read ends an alert only after [`limits::ALERT_UNSEEN`]: silence is not health.
#[must_use]
pub fn decide(rule: &AlertRule, standing: Option<Standing>, reading: Option<f64>, now: Timestamp) -> Verdict {
    let is_breached = reading.map(|value| rule.is_breached_by(value));
    match (standing, is_breached) {
        (None, Some(true)) => Verdict::Fire,
        (None, Some(false) | None) => Verdict::Rest,
        (Some(_), Some(true)) => Verdict::Keep,
        (Some(open), Some(false)) if now.since(open.seen) >= calm(rule.on) => Verdict::Resolve,
        (Some(open), None) if now.since(open.seen) >= limits::ALERT_UNSEEN => Verdict::Resolve,
        (Some(_), Some(false) | None) => Verdict::Calm,
    }
}

/// A state that somebody has mended is mended; only what is measured hovers.
fn calm(on: Signal) -> Duration {
    match on {
        Signal::WebhookState | Signal::CertificateExpiry => Duration::ZERO,
        Signal::Latency
        | Signal::SuccessRate
        | Signal::BacklogAge
        | Signal::SilentSource
        | Signal::DeadLetters
        | Signal::Rejections
        | Signal::SignatureFailures
        | Signal::UndecidedTriggers => limits::ALERT_CALM,
    }
}

#[cfg(test)]
mod tests {
    use model::{AlertRuleId, Id, OrganisationId};

    use super::*;

    fn rule() -> AlertRule {
        let mut rules = AlertRule::defaults(OrganisationId::from_raw(1), at(0), || AlertRuleId::from_raw(1));
        rules.retain(|rule| rule.on == Signal::Latency);
        rules.remove(0)
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(0) + Duration::from_secs(seconds)
    }

    #[track_caller]
    fn check(open: Option<u64>, reading: Option<f64>, now: u64, expected: Verdict) {
        let standing = open.map(|seen| Standing { seen: at(seen) });
        assert_eq!(decide(&rule(), standing, reading, at(now)), expected);
    }

    #[test]
    fn an_alert_opens_when_the_signal_is_beyond_the_threshold() {
        check(None, Some(900.0), 5, Verdict::Fire);
        check(None, Some(800.0), 5, Verdict::Rest);
        check(None, None, 5, Verdict::Rest);
    }

    #[test]
    fn an_open_alert_is_never_opened_again() {
        check(Some(0), Some(900.0), 5, Verdict::Keep);
        check(Some(0), Some(900.0), 9_999, Verdict::Keep);
    }

    #[test]
    fn it_ends_only_when_the_signal_has_been_back_for_a_while() {
        check(Some(100), Some(700.0), 159, Verdict::Calm);
        check(Some(100), Some(700.0), 160, Verdict::Resolve);
    }

    #[test]
    fn a_state_that_was_mended_is_over_at_once() {
        let state = AlertRule { on: Signal::WebhookState, threshold: 0.0, ..rule() };
        let standing = Some(Standing { seen: at(100) });
        assert_eq!(decide(&state, standing, Some(1.0), at(101)), Verdict::Keep);
        assert_eq!(decide(&state, standing, Some(0.0), at(101)), Verdict::Resolve);
    }

    #[test]
    fn silence_is_not_health_until_it_has_lasted() {
        check(Some(100), None, 160, Verdict::Calm);
        check(Some(100), None, 3_700, Verdict::Resolve);
    }
}
