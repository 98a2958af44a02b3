//! What the parts share, and the seat where the store hands over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{
    Certificates, DeliveryId, DeliveryState, Lane, OrderKey, Senders, Timestamp, Versioned, Webhook,
    WebhookId, limits,
};
use store::{Backlog, BlockedKey, Claim, Handover, Hold, Place, Recall};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use crate::care::Care;
use crate::challenge::known::Challenges;
use crate::decide::Next;
use crate::dispatch::{Dispatch, Now};
use crate::hooks::Hooks;
use crate::idle::Idle;
use crate::ports::Ports;
use crate::pulse::silences::Silences;
use crate::render::Renderer;
use crate::settle::{Ending, Settler};
use crate::states::States;

/// Sends deliveries until asked to stop.
pub struct Engine {
    pub(crate) ports: Ports,
    pub(crate) renderer: Renderer,
    pub(crate) care: Care,
    pub(crate) hooks: Hooks,
    pub(crate) silences: Silences,
    pub(crate) challenges: Challenges,
    pub(crate) states: Mutex<States>,
    desk: Mutex<Dispatch>,
    pub(crate) wake: Notify,
    pub(crate) hungry: Notify,
    pub(crate) idle: Idle,
    pub(crate) endings: mpsc::Sender<Ending>,
    /// Deliveries that found no place behind their key, on their way back to disk.
    back: mpsc::UnboundedSender<Hold>,
    pub(crate) settler: Mutex<Option<Settler>>,
}

impl Engine {
    /// An engine that does nothing yet.
    #[must_use]
    pub fn new(ports: Ports) -> Arc<Self> {
        let (endings, ended) = mpsc::channel(limits::ENDINGS);
        let (back, returned) = mpsc::unbounded_channel();
        let settler = Settler::new(&ports, ended, returned);
        Arc::new(Engine {
            renderer: Renderer::new(&ports),
            care: Care::default(),
            hooks: Hooks::default(),
            silences: Silences::default(),
            challenges: Challenges::default(),
            states: Mutex::default(),
            desk: Mutex::default(),
            wake: Notify::new(),
            hungry: Notify::new(),
            idle: Idle::default(),
            endings,
            back,
            settler: Mutex::new(Some(settler)),
            ports,
        })
    }

    pub(crate) async fn settle(&self, ending: Ending) {
        self.count(&ending);
        if self.endings.send(ending).await.is_err() {
            tracing::error!("the settler has stopped");
        }
    }

    /// Sends deliveries back to disk, where they wait for others or are raised.
    fn give_back(&self, claims: Vec<Claim>) {
        for claim in claims {
            let hold =
                Hold { delivery: claim.delivery, epoch: claim.epoch, reason: model::HoldReason::Ordering };
            // A closed channel means that the engine has stopped: the disk still has it.
            if self.back.send(hold).is_err() {
                break;
            }
        }
    }

    /// Counts what came to rest.
    fn count(&self, ending: &Ending) {
        let Ending { claim, next, at, .. } = ending;
        let state = match next {
            Next::RetryAt(_) => return,
            Next::Done => DeliveryState::Delivered,
            Next::DeadLetter => DeliveryState::DeadLettered,
            Next::Withhold => DeliveryState::Withheld,
        };
        let metrics = &self.ports.metrics;
        metrics.ended(claim.lane, state, at.since(claim.accepted));
        let compiled = self.ports.settings.now();
        let webhook = compiled.config.webhooks.get(&claim.webhook).filter(|_| !claim.test);
        // A client that does not listen is nobody's fault: it asks for what it missed.
        let given_up =
            |webhook: &&Arc<Versioned<Webhook>>| *next == Next::DeadLetter && !webhook.is_listening();
        if let Some(webhook) = webhook.filter(given_up) {
            let destination = (webhook.id, webhook.integration_id);
            metrics.recent().given_up(webhook.organisation_id, destination, *at);
        }
    }

    pub(crate) fn desk(&self) -> MutexGuard<'_, Dispatch> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Now {
        Now { at: Instant::now(), wall: self.ports.clock.now() }
    }

    /// Lets the fetcher look again: a queue has room.
    pub(crate) fn has_room(&self) {
        self.hungry.notify_one();
    }

    /// Lets the loop look again: something may be due earlier than what it sleeps for.
    pub(crate) fn has_timer(&self) {
        self.wake.notify_one();
    }
}

impl Handover for Engine {
    fn place(&self, webhook: WebhookId, lane: Lane, order: Option<OrderKey>) -> Place {
        self.desk().place(webhook, lane, order)
    }

    fn take(&self, claims: Vec<Claim>) {
        if claims.is_empty() {
            return;
        }
        let (count, now) = (claims.len(), self.now());
        let (back, ready) = {
            let mut desk = self.desk();
            let back = desk.push(claims, now);
            let (in_memory, in_flight) = desk.load();
            (back, in_memory.saturating_sub(in_flight))
        };
        self.give_back(back);
        // Senders that wait take what has come; for more than that others are started.
        if self.idle.call(count) < count || ready > count {
            self.wake.notify_one();
        }
    }

    fn spilled(&self, backlog: Vec<Backlog>) {
        self.desk().spilled(&backlog, self.now());
        self.hungry.notify_one();
    }

    fn released(&self, keys: Vec<BlockedKey>) {
        self.desk().released(&keys);
    }

    fn recalled(&self, deliveries: Vec<Recall>) {
        let back = self.desk().recall(&deliveries);
        self.give_back(back);
        self.wake.notify_one();
    }

    fn hastened(&self, deliveries: Vec<DeliveryId>) {
        self.desk().hasten(&deliveries, self.now());
        self.wake.notify_one();
    }

    fn withdrawn(&self, deliveries: Vec<DeliveryId>) {
        self.desk().withdraw(&deliveries);
        self.wake.notify_one();
    }
}

impl Senders for Engine {
    fn breaker(&self, webhook: WebhookId) -> &'static str {
        self.desk().breaker(webhook)
    }

    fn behind(&self, webhook: WebhookId) -> usize {
        self.desk().behind(webhook)
    }

    fn waits_its_turn(&self, webhook: WebhookId, delivery: DeliveryId) -> bool {
        self.desk().waits_its_turn(webhook, delivery)
    }
}

impl Certificates for Engine {
    fn certificate_until(&self, webhook: &Webhook) -> Option<Timestamp> {
        self.ports.caller.egress().certificate_until(&webhook.url.host().to_owned(), webhook.url.port())
    }
}
