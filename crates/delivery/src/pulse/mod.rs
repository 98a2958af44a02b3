//! What a FHIR Subscription hears besides events: its handshake, and a heartbeat in a silence.
//!
//! Asked for, a Subscription is tried a few times and becomes active or an
//! error; only its client makes it be tried again, unless its integration says otherwise. One whose end has
//! come, or whose maker's key works no more, is turned off.

mod handshake; // From asked for to active.
pub(crate) mod silences; // When each was spoken to last.
mod turn; // Changing how a Subscription stands.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use fhir::notification::{self, Kind};
use model::{
    Channel, Config, HookState, Id as _, Lane, Media, Outcome, Subscription, SubscriptionStatus, Timestamp,
    Versioned, Webhook, WebhookId, limits,
};
use observe::{Stop, tasks};
use privacy::{Moment, Subscriber};
use tokio::sync::Semaphore;

use crate::attempt::Call;
use crate::engine::Engine;
use crate::listening;

/// Looks after Subscriptions until asked to stop.
pub(crate) async fn run(engine: Arc<Engine>, stop: Stop) {
    let mut watch = Watch { engine, asked: HashMap::new(), room: Arc::new(Semaphore::new(limits::PULSES)) };
    let mut changes = watch.engine.ports.settings.watch();
    while !stop.is_stopped() {
        watch.look();
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            changed = changes.changed() => if changed.is_err() { return },
            () = stop.stopped() => return,
        }
    }
}

struct Watch {
    engine: Arc<Engine>,
    /// The version of each Subscription for which something is under way.
    asked: HashMap<WebhookId, u64>,
    room: Arc<Semaphore>,
}

/// What there is to know of a Subscription besides itself.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Whether whoever made it may still have it.
    may: bool,
    /// Whether anybody would hear a message.
    hears: bool,
    /// How long it has heard nothing, if that is known.
    silence: Option<Duration>,
    /// After what silence an error is probed, where that is wanted.
    recovers: Option<Duration>,
}

/// What a Subscription needs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    Handshake,
    Heartbeat,
    Probe,
    End,
}

impl Watch {
    fn look(&mut self) {
        let compiled = self.engine.ports.settings.now();
        self.asked.retain(|id, _| compiled.config.webhooks.contains_key(id));
        self.engine.silences.keep(|id| compiled.config.webhooks.contains_key(&id));
        for webhook in compiled.config.webhooks.values() {
            let Some(subscription) = &webhook.subscription else { continue };
            let now = self.engine.now();
            let seen = Seen {
                may: matching::may_still(subscription, &compiled.config, now.wall),
                hears: !webhook.is_listening() || self.engine.ports.sockets.is_bound(webhook.id),
                silence: self.engine.silences.of(webhook.id, now.at),
                recovers: recovers(webhook, &compiled.config, now.wall),
            };
            let need = need(subscription, seen);
            if need != Need::Nothing && self.is_first(webhook, need) {
                self.begin(need, webhook.clone());
            }
        }
    }

    /// A handshake and an end are begun once for a version; heartbeats and probes are told apart by the silence.
    fn is_first(&mut self, webhook: &Versioned<Webhook>, need: Need) -> bool {
        matches!(need, Need::Heartbeat | Need::Probe)
            || self.asked.insert(webhook.id, webhook.version) != Some(webhook.version)
    }

    fn begin(&self, need: Need, webhook: Arc<Versioned<Webhook>>) {
        let (engine, room) = (self.engine.clone(), self.room.clone());
        self.engine.silences.note(webhook.id, self.engine.now().at);
        tasks::spawn("subscription", async move {
            let _place = room.acquire_owned().await;
            match need {
                Need::Nothing => {}
                Need::Handshake => handshake::shake(&engine, &webhook).await,
                Need::Heartbeat => beat(&engine, &webhook).await,
                Need::Probe => handshake::probe(&engine, &webhook).await,
                Need::End => turn::off(&engine, &webhook).await,
            }
        });
    }
}

fn need(subscription: &Subscription, Seen { may, hears, silence, recovers }: Seen) -> Need {
    if !may && subscription.status != SubscriptionStatus::Off {
        return Need::End;
    }
    match subscription.status {
        // A client that listens hears its handshake when it comes.
        SubscriptionStatus::Requested if subscription.channel == Channel::Websocket => Need::Nothing,
        SubscriptionStatus::Requested => Need::Handshake,
        SubscriptionStatus::Off => Need::Nothing,
        SubscriptionStatus::Error => match recovers {
            Some(pause) if silence.is_none_or(|silence| silence >= pause) => Need::Probe,
            Some(_) | None => Need::Nothing,
        },
        SubscriptionStatus::Active => match subscription.heartbeat.map(Duration::from) {
            Some(period) if hears && silence.is_none_or(|silence| silence >= due(period)) => Need::Heartbeat,
            Some(_) | None => Need::Nothing,
        },
    }
}

/// After what silence an error is probed, if its integration wants that: the longer it has lasted, the later.
fn recovers(webhook: &Webhook, config: &Config, now: Timestamp) -> Option<Duration> {
    config.integrations.get(&webhook.integration_id).filter(|integration| integration.auto_recover)?;
    let HookState::Disabled { since } = webhook.state else { return None };
    let (least, most) = limits::RECOVERY;
    Some((now.since(since) / RECOVERY_SHARE).clamp(least, most))
}

/// After what silence a heartbeat goes out, so that it arrives before the period is over.
fn due(period: Duration) -> Duration {
    period.saturating_sub(MARGIN).max(period / 2)
}

async fn beat(engine: &Engine, webhook: &Versioned<Webhook>) {
    let Some(outcome) = say(engine, webhook, Kind::Heartbeat).await else { return };
    let error = match outcome {
        Outcome::Accepted { .. } => None,
        Outcome::Failed { category, .. } => Some(category),
    };
    engine.care.note(&engine.ports, webhook, error, engine.ports.clock.now());
}

/// Sends a message that tells of no event; none if it cannot be made.
async fn say(engine: &Engine, webhook: &Versioned<Webhook>, kind: Kind) -> Option<Outcome> {
    let subscriber = Subscriber::of(webhook)?;
    let ports = &engine.ports;
    let at: Timestamp = ports.clock.now();
    let count = ports.store.last_number(webhook.id).await.inspect_err(unknown).ok()?;
    let delivery: model::DeliveryId = ports.ids.next(at);
    let moment = Moment { kind, id: delivery.raw(), count, at, test: false };
    let body = notification::bundle(&subscriber.notification(moment, Vec::new())).into();
    if webhook.is_listening() {
        return Some(listening::tell(engine, webhook, body).await.0);
    }
    let prepared = engine.hooks.of(&ports.caller, webhook).inspect_err(uncallable).ok()?;
    let timeout = webhook.attempt_timeout(Lane::Routine);
    let media = Media::Fhir;
    let call = Call { to: &prepared, delivery, body, media, now: at, timeout, traceparent: None };
    Some(ports.caller.call(call).await.outcome)
}

fn unknown(error: &store::Error) {
    tracing::error!(%error, "cannot tell how many events a Subscription has had");
}

fn uncallable(error: &crate::attempt::Unpreparable) {
    tracing::error!(%error, "a Subscription cannot be called");
}

const LOOK: Duration = Duration::from_millis(500);
/// What part of the time that an error has lasted passes between two probes.
const RECOVERY_SHARE: u32 = 8;
const MARGIN: Duration = Duration::from_secs(2);
const _: () = assert!(limits::HEARTBEAT_LEAST.as_secs() > MARGIN.as_secs());

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(status: SubscriptionStatus, heartbeat: Option<u64>) -> Subscription {
        let asked = serde_json::json!({
            "id": "1", "base": "https://h.example/fhir/int_1", "owner": "key_00000000000000000000000001",
            "topic": "urn:x", "content": "empty", "payload": "application/fhir+json",
            "status": status, "heartbeat": heartbeat.map(|seconds| format!("{seconds}s")),
        });
        serde_json::from_value(asked).unwrap()
    }

    #[test]
    fn shall_93_94_a_silence_is_broken_before_the_period_is_over_and_not_without_one() {
        let active = |heartbeat| subscription(SubscriptionStatus::Active, heartbeat);
        let seen = |silence| Seen { may: true, hears: true, silence, recovers: None };
        let of = |heartbeat, silence| need(&active(heartbeat), seen(Some(Duration::from_secs(silence))));
        assert_eq!(of(Some(60), 57), Need::Nothing);
        assert_eq!(of(Some(60), 58), Need::Heartbeat);
        assert_eq!(
            need(&active(Some(60)), seen(None)),
            Need::Heartbeat,
            "a restart is a silence of unknown length"
        );
        assert_eq!(of(None, 100_000), Need::Nothing, "nobody asked for heartbeats");
        let unheard = Seen { hears: false, ..seen(None) };
        assert_eq!(need(&active(Some(60)), unheard), Need::Nothing, "nobody listens");
    }

    #[test]
    fn a_subscription_is_tried_when_it_is_asked_for_and_never_by_itself() {
        let of = |status, may| {
            need(&subscription(status, Some(60)), Seen { may, hears: true, silence: None, recovers: None })
        };
        assert_eq!(of(SubscriptionStatus::Requested, true), Need::Handshake);
        assert_eq!(of(SubscriptionStatus::Error, true), Need::Nothing);
        assert_eq!(of(SubscriptionStatus::Off, false), Need::Nothing);
        for status in [SubscriptionStatus::Requested, SubscriptionStatus::Active, SubscriptionStatus::Error] {
            assert_eq!(of(status, false), Need::End, "whoever made it may have it no more");
        }
    }

    #[test]
    fn an_error_is_probed_only_where_its_integration_wants_that() {
        let error = subscription(SubscriptionStatus::Error, None);
        let of = |recovers: Option<u64>, silence: Option<u64>| {
            let recovers = recovers.map(Duration::from_secs);
            let silence = silence.map(Duration::from_secs);
            need(&error, Seen { may: true, hears: true, silence, recovers })
        };
        assert_eq!(of(Some(60), Some(59)), Need::Nothing);
        assert_eq!(of(Some(60), Some(60)), Need::Probe);
        assert_eq!(of(Some(60), None), Need::Probe, "a restart is a silence of unknown length");
        assert_eq!(of(None, Some(100_000)), Need::Nothing);
    }
}
