//! The signal of a rule, target by target.

use model::{
    AlertRule, AlertTarget, HookState, IntegrationId, Lane, OrganisationId, PauseReason, Signal, Timestamp,
    WebhookId, limits,
};

use super::recent::Recent;
use super::ring::Sum;

/// What a rule may look at besides what was counted.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Every webhook.
    pub hooks: Vec<HookFacts>,
    /// Sources that have sent something once, and when last.
    pub sources: Vec<(OrganisationId, IntegrationId, Timestamp)>,
    /// Integrations whose MLLP port shows a certificate, and when it ends.
    pub ports: Vec<(OrganisationId, IntegrationId, Timestamp)>,
    /// The oldest of what is owed, by webhook and lane.
    pub owed: Vec<Owed>,
}

/// What a rule may know of a webhook.
#[derive(Debug, Clone)]
pub struct HookFacts {
    /// The webhook.
    pub id: WebhookId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The integration it hangs under.
    pub integration: IntegrationId,
    /// Whether it is called.
    pub state: HookState,
    /// When the certificate that its receiver showed last ends, if it showed one.
    pub certificate_until: Option<Timestamp>,
}

/// The oldest delivery that a webhook is owed in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// The destination.
    pub webhook: WebhookId,
    /// The lane.
    pub lane: Lane,
    /// Since when it is owed.
    pub since: Timestamp,
    /// How many are.
    pub count: u64,
}

/// What a rule's signal reads for each of its targets; none where nothing can be said.
/// A target that is not listed has nothing to be said of.
#[must_use]
pub fn readings(
    rule: &AlertRule,
    recent: &Recent,
    world: &World,
    now: Timestamp,
) -> Vec<(AlertTarget, Option<f64>)> {
    match rule.on {
        Signal::Latency => counted(rule, recent, now, |sum| sum.durations.percentile(95)),
        Signal::SuccessRate => counted(rule, recent, now, success_rate),
        Signal::DeadLetters | Signal::Rejections | Signal::SignatureFailures | Signal::UndecidedTriggers => {
            counted(rule, recent, now, |sum| Some(sum.count as f64))
        }
        Signal::BacklogAge => hooks(rule, world, |hook| Some(backlog_age(rule, world, hook, now))),
        Signal::WebhookState => {
            hooks(rule, world, |hook| Some(f64::from(u8::from(is_given_up(&hook.state, now)))))
        }
        Signal::CertificateExpiry => {
            let receivers = hooks(rule, world, |hook| Some(days(now, hook.certificate_until?)));
            receivers.into_iter().chain(sources(rule, &world.ports, |until| days(now, until))).collect()
        }
        Signal::SilentSource => sources(rule, &world.sources, |last| now.since(last).as_secs_f64()).collect(),
    }
}

/// What is read of a moment of each integration that the rule covers.
fn sources(
    rule: &AlertRule,
    all: &[(OrganisationId, IntegrationId, Timestamp)],
    read: impl Fn(Timestamp) -> f64,
) -> impl Iterator<Item = (AlertTarget, Option<f64>)> {
    let own = all
        .iter()
        .filter(|(organisation, id, _)| *organisation == rule.organisation_id && rule.covers_source(*id));
    own.map(move |(_, id, at)| (AlertTarget::Integration(*id), Some(read(*at))))
}

fn counted(
    rule: &AlertRule,
    recent: &Recent,
    now: Timestamp,
    read: impl Fn(&Sum) -> Option<f64>,
) -> Vec<(AlertTarget, Option<f64>)> {
    recent.sums(rule, now).into_iter().map(|(target, sum)| (target, read(&sum))).collect()
}

fn hooks(
    rule: &AlertRule,
    world: &World,
    read: impl Fn(&HookFacts) -> Option<f64>,
) -> Vec<(AlertTarget, Option<f64>)> {
    let own = world.hooks.iter().filter(|hook| hook.organisation == rule.organisation_id);
    own.filter(|hook| rule.covers(hook.id, hook.integration))
        .map(|hook| (AlertTarget::Webhook(hook.id), read(hook)))
        .collect()
}

fn success_rate(sum: &Sum) -> Option<f64> {
    let is_enough = sum.count >= limits::ALERT_SAMPLE;
    is_enough.then(|| 100.0 * (sum.count - sum.failed) as f64 / sum.count as f64)
}

fn backlog_age(rule: &AlertRule, world: &World, hook: &HookFacts, now: Timestamp) -> f64 {
    let own = world.owed.iter().filter(|owed| owed.webhook == hook.id && rule.covers_lane(owed.lane));
    own.map(|owed| now.since(owed.since).as_secs_f64()).fold(0.0, f64::max)
}

/// A pause by a person is meant; the others are not. A receiver that was just named has time to show itself.
fn is_given_up(state: &HookState, now: Timestamp) -> bool {
    match state {
        HookState::Disabled { .. } => true,
        HookState::Paused { reason, .. } => *reason == PauseReason::Gone,
        HookState::Pending { since } => now.since(*since) >= limits::CHALLENGE_GRACE,
        HookState::Active => false,
    }
}

fn days(now: Timestamp, until: Timestamp) -> f64 {
    (until.millis() - now.millis()) as f64 / 86_400_000.0
}

#[cfg(test)]
#[path = "measure_tests.rs"]
mod tests;
