//! Counting, rule by rule: each rule sees only what its scope takes in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use model::{
    AlertRule, AlertRuleId, AlertTarget, IntegrationId, Lane, OrganisationId, Signal, Timestamp, Versioned,
    WebhookId, limits,
};

use super::ring::{Ring, Sum};

/// What happened in the last minutes, as far as a rule asks for it.
///
/// Lives in memory: after a restart windows fill anew.
#[derive(Debug, Default)]
pub struct Recent {
    streams: RwLock<HashMap<OrganisationId, Vec<Stream>>>,
    arrived: Mutex<HashMap<IntegrationId, Timestamp>>,
}

/// A call that ended. Calls for test events are not told here (T1).
#[derive(Debug, Clone, Copy)]
pub struct Called<'a> {
    /// Whose it was.
    pub organisation: OrganisationId,
    /// The integration that the webhook hangs under.
    pub integration: IntegrationId,
    /// The destination.
    pub webhook: WebhookId,
    /// What had happened.
    pub event_type: &'a str,
    /// How urgent it was.
    pub lane: Lane,
    /// How long it took, in microseconds.
    pub micros: u32,
    /// Whether a 2xx came back.
    pub is_success: bool,
}

#[derive(Debug)]
struct Stream {
    rule: Arc<Versioned<AlertRule>>,
    rings: Mutex<HashMap<AlertTarget, Ring>>,
}

impl Recent {
    /// Counts for these rules from now on; a rule that did not change keeps its counts.
    pub fn watch<'a>(&self, rules: impl Iterator<Item = &'a Arc<Versioned<AlertRule>>>) {
        let mut streams = self.streams.write().unwrap_or_else(PoisonError::into_inner);
        let mut known: HashMap<AlertRuleId, Stream> =
            streams.drain().flat_map(|(_, streams)| streams).map(|stream| (stream.rule.id, stream)).collect();
        for rule in rules.filter(|rule| rule.active && is_counted(rule.on)) {
            let rings = known.remove(&rule.id).filter(|stream| counts_alike(&stream.rule, rule));
            let rings = rings.map(|stream| stream.rings).unwrap_or_default();
            streams.entry(rule.organisation_id).or_default().push(Stream { rule: rule.clone(), rings });
        }
    }

    /// A call ended.
    pub fn called(&self, call: Called<'_>, at: Timestamp) {
        let takes = |rule: &AlertRule| {
            matches!(rule.on, Signal::Latency | Signal::SuccessRate)
                && rule.covers(call.webhook, call.integration)
                && rule.covers_lane(call.lane)
                && rule.covers_type(call.event_type)
        };
        self.add(call.organisation, AlertTarget::Webhook(call.webhook), takes, |ring, window| {
            ring.call(at, window, (call.micros, call.is_success));
        });
    }

    /// A delivery was given up.
    pub fn given_up(
        &self,
        organisation: OrganisationId,
        (webhook, of): (WebhookId, IntegrationId),
        at: Timestamp,
    ) {
        let takes = |rule: &AlertRule| rule.on == Signal::DeadLetters && rule.covers(webhook, of);
        self.add(organisation, AlertTarget::Webhook(webhook), takes, |ring, window| ring.count(at, window));
    }

    /// An input was refused; `is_unproved` when nothing proved who sent it.
    pub fn refused(
        &self,
        organisation: OrganisationId,
        from: IntegrationId,
        is_unproved: bool,
        at: Timestamp,
    ) {
        let takes = |rule: &AlertRule| {
            let is_asked = match rule.on {
                Signal::Rejections => true,
                Signal::SignatureFailures => is_unproved,
                Signal::Latency
                | Signal::SuccessRate
                | Signal::BacklogAge
                | Signal::SilentSource
                | Signal::DeadLetters
                | Signal::WebhookState
                | Signal::UndecidedTriggers
                | Signal::CertificateExpiry => false,
            };
            is_asked && rule.covers_source(from)
        };
        self.add(organisation, AlertTarget::Integration(from), takes, |ring, window| ring.count(at, window));
    }

    /// A trigger of the critical lane could not be decided for something that came in. Tests are not told here (T1).
    pub fn undecided(&self, organisation: OrganisationId, from: IntegrationId, at: Timestamp) {
        let takes = |rule: &AlertRule| rule.on == Signal::UndecidedTriggers && rule.covers_source(from);
        self.add(organisation, AlertTarget::Integration(from), takes, |ring, window| ring.count(at, window));
    }

    /// A source sent something.
    pub fn arrived(&self, from: IntegrationId, at: Timestamp) {
        let mut arrived = lock(&self.arrived);
        let last = arrived.entry(from).or_insert(at);
        *last = at.max(*last);
    }

    /// When a source last sent something; none if it has not since the start and nobody told.
    #[must_use]
    pub fn last_arrival(&self, from: IntegrationId) -> Option<Timestamp> {
        lock(&self.arrived).get(&from).copied()
    }

    /// Forgets windows that are over.
    pub fn sweep(&self, now: Timestamp) {
        let streams = self.streams.read().unwrap_or_else(PoisonError::into_inner);
        for stream in streams.values().flatten() {
            lock(&stream.rings).retain(|_, ring| !ring.is_over(now, stream.rule.window.0));
        }
    }

    /// What the window of a rule adds up to, target by target.
    pub(super) fn sums(&self, rule: &AlertRule, now: Timestamp) -> Vec<(AlertTarget, Sum)> {
        let streams = self.streams.read().unwrap_or_else(PoisonError::into_inner);
        let own = streams.get(&rule.organisation_id);
        let Some(stream) = own.and_then(|own| own.iter().find(|stream| stream.rule.id == rule.id)) else {
            return Vec::new();
        };
        let rings = lock(&stream.rings);
        rings.iter().map(|(target, ring)| (*target, ring.sum(now, rule.window.0))).collect()
    }

    fn add(
        &self,
        organisation: OrganisationId,
        target: AlertTarget,
        takes: impl Fn(&AlertRule) -> bool,
        add: impl Fn(&mut Ring, std::time::Duration),
    ) {
        let streams = self.streams.read().unwrap_or_else(PoisonError::into_inner);
        for stream in streams.get(&organisation).into_iter().flatten().filter(|stream| takes(&stream.rule)) {
            let mut rings = lock(&stream.rings);
            if rings.len() < limits::ALERT_TARGETS || rings.contains_key(&target) {
                add(rings.entry(target).or_default(), stream.rule.window.0);
            }
        }
    }
}

/// Whether a signal is counted as things happen; the others are looked up.
fn is_counted(on: Signal) -> bool {
    match on {
        Signal::Latency
        | Signal::SuccessRate
        | Signal::DeadLetters
        | Signal::Rejections
        | Signal::SignatureFailures
        | Signal::UndecidedTriggers => true,
        Signal::BacklogAge | Signal::SilentSource | Signal::WebhookState | Signal::CertificateExpiry => false,
    }
}

fn counts_alike(one: &AlertRule, other: &AlertRule) -> bool {
    one.on == other.on && one.scope == other.scope && one.window == other.window
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
