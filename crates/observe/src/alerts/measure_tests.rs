use std::sync::Arc;
use std::time::Duration;

use model::{AlertRuleId, AlertScope, Id, Severity, Span, Versioned};

use super::*;
use crate::alerts::Called;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000) + Duration::from_secs(seconds)
}

fn organisation() -> OrganisationId {
    OrganisationId::from_raw(1)
}

fn hook() -> WebhookId {
    WebhookId::from_raw(7)
}

fn source() -> IntegrationId {
    IntegrationId::from_raw(8)
}

fn rule(on: Signal, threshold: f64) -> AlertRule {
    AlertRule {
        id: AlertRuleId::from_raw(1),
        organisation_id: organisation(),
        name: "rule".to_owned(),
        on,
        scope: AlertScope::default(),
        threshold,
        window: Span::secs(60),
        severity: Severity::Warning,
        notify: Vec::new(),
        active: true,
        created_at: at(0),
    }
}

fn watching(rule: &AlertRule) -> Recent {
    let recent = Recent::default();
    recent.watch([&Arc::new(Versioned { version: 1, doc: rule.clone() })].into_iter());
    recent
}

fn call(event_type: &str, micros: u32, is_success: bool) -> Called<'_> {
    let (organisation, integration, webhook) = (organisation(), source(), hook());
    Called { organisation, integration, webhook, event_type, lane: Lane::Routine, micros, is_success }
}

fn hook_facts(state: HookState) -> HookFacts {
    let (id, organisation, integration) = (hook(), organisation(), source());
    HookFacts { id, organisation, integration, state, certificate_until: None }
}

#[track_caller]
fn reading(rule: &AlertRule, recent: &Recent, world: &World, now: u64) -> Option<f64> {
    let all = readings(rule, recent, world, at(now));
    assert!(all.len() < 2, "{all:?}");
    all.first().and_then(|(_, value)| *value)
}

#[test]
fn confirmations_that_take_900_ms_are_beyond_800_and_those_of_700_are_not() {
    for (micros, is_breached) in [(900_000, true), (700_000, false)] {
        let mut rule = rule(Signal::Latency, 800.0);
        rule.scope.event_type = "appointment.confirmed".parse().ok();
        let recent = watching(&rule);
        recent.called(call("appointment.confirmed", micros, true), at(1));
        recent.called(call("appointment.booked", 5_000_000, true), at(1));
        let value = reading(&rule, &recent, &World::default(), 5).unwrap();
        assert_eq!(rule.is_breached_by(value), is_breached, "{value}");
        assert_eq!(reading(&rule, &recent, &World::default(), 300), None, "the window has passed");
    }
}

#[test]
fn a_share_of_failures_says_nothing_of_a_handful() {
    let rule = rule(Signal::SuccessRate, 50.0);
    let recent = watching(&rule);
    (0..9).for_each(|_| recent.called(call("lab.result.final", 1, false), at(1)));
    assert_eq!(reading(&rule, &recent, &World::default(), 5), None);
    (0..11).for_each(|_| recent.called(call("lab.result.final", 1, true), at(1)));
    assert_eq!(reading(&rule, &recent, &World::default(), 5), Some(55.0));
}

#[test]
fn another_organisation_is_never_counted() {
    let rule = rule(Signal::Latency, 1.0);
    let recent = watching(&rule);
    let organisation = OrganisationId::from_raw(99);
    recent.called(Called { organisation, ..call("lab.result.final", 9_000, true) }, at(1));
    assert_eq!(reading(&rule, &recent, &World::default(), 5), None);
    let hooks = vec![HookFacts { organisation, ..hook_facts(HookState::Disabled { since: at(0) }) }];
    let world = World { hooks, ..World::default() };
    let rule = AlertRule { on: Signal::WebhookState, ..rule };
    assert_eq!(readings(&rule, &recent, &world, at(5)), []);
}

#[test]
fn the_age_of_a_backlog_is_that_of_the_oldest_in_the_lane() {
    let mut rule = rule(Signal::BacklogAge, 90.0);
    rule.scope.lane = Some(Lane::Critical);
    let owed = |lane, since| Owed { webhook: hook(), lane, since: at(since), count: 1 };
    let owed = vec![owed(Lane::Critical, 400), owed(Lane::Bulk, 0)];
    let world = World { hooks: vec![hook_facts(HookState::Active)], owed, ..World::default() };
    assert_eq!(reading(&rule, &Recent::default(), &world, 500), Some(100.0));
    let world = World { owed: Vec::new(), ..world };
    assert_eq!(reading(&rule, &Recent::default(), &world, 500), Some(0.0), "nothing waits");
}

#[test]
fn a_webhook_that_a_person_paused_is_meant_to_be_quiet() {
    let rule = rule(Signal::WebhookState, 0.0);
    let paused = |reason| HookState::Paused { since: at(0), reason };
    for (state, value) in [
        (HookState::Active, 0.0),
        (paused(PauseReason::Operator), 0.0),
        (paused(PauseReason::Gone), 1.0),
        (HookState::Disabled { since: at(0) }, 1.0),
    ] {
        let world = World { hooks: vec![hook_facts(state)], ..World::default() };
        assert_eq!(reading(&rule, &Recent::default(), &world, 1), Some(value));
    }
}

#[test]
fn a_receiver_has_time_to_show_itself_before_anybody_is_told() {
    let rule = rule(Signal::WebhookState, 0.0);
    let hooks = vec![hook_facts(HookState::Pending { since: at(0) })];
    let world = World { hooks, ..World::default() };
    let grace = limits::CHALLENGE_GRACE.as_secs();
    for (second, value) in [(grace - 1, 0.0), (grace, 1.0)] {
        assert_eq!(reading(&rule, &Recent::default(), &world, second), Some(value));
    }
}

#[test]
fn a_source_is_silent_since_its_last_event() {
    let rule = rule(Signal::SilentSource, 60.0);
    let world = World { sources: vec![(organisation(), source(), at(10))], ..World::default() };
    assert_eq!(reading(&rule, &Recent::default(), &world, 100), Some(90.0));
}

#[test]
fn what_is_refused_and_given_up_is_counted_by_its_kind() {
    let refused = rule(Signal::Rejections, 0.0);
    let unproved =
        AlertRule { on: Signal::SignatureFailures, id: AlertRuleId::from_raw(2), ..refused.clone() };
    let dead = AlertRule { on: Signal::DeadLetters, id: AlertRuleId::from_raw(3), ..refused.clone() };
    let recent = Recent::default();
    let all: Vec<_> = [&refused, &unproved, &dead]
        .map(|rule| Arc::new(Versioned { version: 1, doc: rule.clone() }))
        .to_vec();
    recent.watch(all.iter());
    recent.refused(organisation(), source(), false, at(1));
    recent.refused(organisation(), source(), true, at(1));
    recent.given_up(organisation(), (hook(), source()), at(1));
    for (rule, value) in [(&refused, 2.0), (&unproved, 1.0), (&dead, 1.0)] {
        assert_eq!(reading(rule, &recent, &World::default(), 2), Some(value), "{:?}", rule.on);
    }
    recent.watch(all.iter());
    assert_eq!(reading(&dead, &recent, &World::default(), 2), Some(1.0), "a change elsewhere keeps counts");
}

#[test]
fn a_certificate_is_measured_by_the_days_it_has_left() {
    let rule = rule(Signal::CertificateExpiry, 14.0);
    let mut facts = hook_facts(HookState::Active);
    facts.certificate_until = Some(at(0) + Duration::from_secs(10 * 86_400));
    let world = World { hooks: vec![facts], ..World::default() };
    assert!(rule.is_breached_by(reading(&rule, &Recent::default(), &world, 0).unwrap()));
    let port = |days: u64| World {
        ports: vec![(organisation(), source(), at(0) + Duration::from_secs(days * 86_400))],
        ..World::default()
    };
    for (days, is_breached) in [(10, true), (20, false)] {
        let told = readings(&rule, &Recent::default(), &port(days), at(0));
        let [(AlertTarget::Integration(id), Some(value))] = told[..] else { panic!("{told:?}") };
        assert_eq!((id, rule.is_breached_by(value)), (source(), is_breached), "the port of a source");
    }
}
