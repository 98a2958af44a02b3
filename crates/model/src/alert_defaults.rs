//! The alert rules that a new organisation begins with.

use std::time::Duration;

use crate::{
    AlertRule, AlertRuleId, AlertScope, Lane, OrganisationId, Pattern, Severity, Signal, Span, Timestamp,
};

impl AlertRule {
    /// The rules of a new organisation; `mint` gives each its id.
    ///
    /// They tell nobody until somebody is named: alerts are listed, and
    /// operational events are raised for the webhooks that name their types.
    pub fn defaults(
        organisation_id: OrganisationId,
        created_at: Timestamp,
        mut mint: impl FnMut() -> AlertRuleId,
    ) -> Vec<AlertRule> {
        let rule = |first: &First| AlertRule {
            id: mint(),
            organisation_id,
            name: first.name.to_owned(),
            on: first.on,
            scope: AlertScope {
                event_type: first.event_type.map(|name| Pattern::Exact(name.to_owned())),
                lane: first.lane,
                ..AlertScope::default()
            },
            threshold: first.threshold,
            window: Span(first.window),
            severity: first.severity,
            notify: Vec::new(),
            active: true,
            created_at,
        };
        FIRST.iter().map(rule).collect()
    }
}

struct First {
    name: &'static str,
    on: Signal,
    event_type: Option<&'static str>,
    lane: Option<Lane>,
    threshold: f64,
    window: Duration,
    severity: Severity,
}

const fn first(name: &'static str, on: Signal, threshold: f64, severity: Severity) -> First {
    First { name, on, event_type: None, lane: None, threshold, window: minutes(5), severity }
}

const fn backlog(name: &'static str, lane: Lane, seconds: f64, severity: Severity) -> First {
    First { lane: Some(lane), ..first(name, Signal::BacklogAge, seconds, severity) }
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

const HOUR: f64 = 3_600.0;

const FIRST: [First; 12] = [
    First {
        event_type: Some("appointment.confirmed"),
        window: minutes(1),
        ..first("Appointment confirmations slower than 800 ms", Signal::Latency, 800.0, Severity::Warning)
    },
    first("Half of the attempts fail", Signal::SuccessRate, 50.0, Severity::Warning),
    // 90 s is when a critical event that is not confirmed needs a person (N1).
    backlog("Critical deliveries wait for 90 s", Lane::Critical, 90.0, Severity::Critical),
    backlog("Urgent deliveries wait for 15 minutes", Lane::Urgent, 900.0, Severity::Warning),
    backlog("Routine deliveries wait for an hour", Lane::Routine, HOUR, Severity::Warning),
    backlog("Bulk deliveries wait for a day", Lane::Bulk, 24.0 * HOUR, Severity::Info),
    first("A webhook is no longer called", Signal::WebhookState, 0.0, Severity::Critical),
    First {
        window: minutes(15),
        ..first("Deliveries were given up", Signal::DeadLetters, 0.0, Severity::Warning)
    },
    first("A source is silent for a day", Signal::SilentSource, 24.0 * HOUR, Severity::Warning),
    first("A burst of bad signatures", Signal::SignatureFailures, 10.0, Severity::Warning),
    First {
        window: minutes(60),
        ..first("A critical trigger could not be decided", Signal::UndecidedTriggers, 0.0, Severity::Critical)
    },
    first("A receiver's certificate ends within 14 days", Signal::CertificateExpiry, 14.0, Severity::Warning),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Id, Ids};

    #[test]
    fn a_new_organisation_hears_of_slow_confirmations_and_of_every_lane() {
        let (ids, now) = (Ids::new(1, 0), Timestamp::from_millis(1));
        let rules = AlertRule::defaults(OrganisationId::from_raw(1), now, || ids.next(now));
        let slow = rules.iter().find(|rule| rule.on == Signal::Latency).unwrap();
        assert!(slow.covers_type("appointment.confirmed") && !slow.covers_type("appointment.booked"));
        assert!(slow.is_breached_by(900.0) && !slow.is_breached_by(700.0));
        let backlogs = rules.iter().filter(|rule| rule.on == Signal::BacklogAge);
        assert_eq!(backlogs.filter_map(|rule| rule.scope.lane).collect::<Vec<_>>(), Lane::ALL);
        assert!(rules.iter().all(|rule| rule.active && rule.notify.is_empty()));
    }
}
