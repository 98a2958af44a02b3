//! The loop that ties the parts together, and the seat where the store hands over.
//!
//! One event loop decides; senders make the calls. A sender that has ended a
//! call takes the next one itself, so under load nothing waits for the loop.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{
    Certificates, Clock, DeliveryId, DeliveryState, Ids, Lane, OrderKey, Proof, Senders, Timestamp,
    Versioned, Webhook, WebhookId, limits,
};
use observe::{Metrics, Stop, tasks};
use privacy::{Keyring, Warm};
use settings::Settings;
use store::{Backlog, BlockedKey, Claim, Handover, Hold, Place, Recall, Store};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use crate::care::Care;
use crate::challenge::{self, Challenges};
use crate::decide::Next;
use crate::dispatch::{Dispatch, Now};
use crate::hooks::Hooks;
use crate::idle::Idle;
use crate::pulse::{self, Silences};
use crate::render::Renderer;
use crate::settle::{Ending, Settler};
use crate::states::States;
use crate::{Caller, fetch, redrive, sender};

/// What the engine stands on.
pub struct Ports {
    /// Where deliveries are kept.
    pub store: Arc<dyn Store>,
    /// The live configuration.
    pub settings: Arc<Settings>,
    /// Opens what is sealed.
    pub keyring: Arc<Keyring>,
    /// Contents that were accepted a moment ago.
    pub warm: Arc<Warm>,
    /// Makes the calls.
    pub caller: Arc<Caller>,
    /// Reaches those who listen instead of being called.
    pub sockets: Arc<dyn model::Sockets>,
    /// Tells of webhooks that were given up.
    pub announce: Arc<dyn model::Announce>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Mints attempt ids.
    pub ids: Arc<Ids>,
    /// Counts.
    pub metrics: Arc<Metrics>,
    /// What is told to who watches: attempts, ends, webhooks, redrives.
    pub feed: observe::live::Feed,
    /// How receivers are taken that have not shown that they are some.
    pub proof: Proof,
}

/// Sends deliveries until asked to stop.
pub struct Engine {
    pub(crate) ports: Ports,
    pub(crate) renderer: Renderer,
    pub(crate) care: Care,
    pub(crate) hooks: Hooks,
    pub(crate) silences: Silences,
    pub(crate) challenges: Challenges,
    states: Mutex<States>,
    desk: Mutex<Dispatch>,
    wake: Notify,
    pub(crate) hungry: Notify,
    pub(crate) idle: Idle,
    endings: mpsc::Sender<Ending>,
    /// Deliveries that found no place behind their key, on their way back to disk.
    back: mpsc::UnboundedSender<Hold>,
    settler: Mutex<Option<Settler>>,
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

    /// Takes over from the store and sends until asked to stop; calls under way are finished.
    ///
    /// # Errors
    /// The store cannot say what it holds, or write how the webhooks stand.
    pub async fn run(self: Arc<Self>, stop: Stop) -> Result<(), settings::Error> {
        // Before the first look: a change that falls into it must be heard.
        let mut changes = self.ports.settings.watch();
        challenge::stand(&self).await?;
        self.take_over().await?;
        if let Some(settler) = self.settler.lock().unwrap_or_else(PoisonError::into_inner).take() {
            tasks::spawn("settler", settler.run());
        }
        tasks::spawn("fetcher", fetch::run(self.clone(), stop.clone()));
        tasks::spawn("redrives", redrive::run(self.clone(), stop.clone()));
        tasks::spawn("care", self.clone().look_after(stop.clone()));
        tasks::spawn("subscriptions", pulse::run(self.clone(), stop.clone()));
        tasks::spawn("challenges", challenge::run(self.clone(), stop.clone()));
        loop {
            let next = self.clone().start_senders();
            tokio::select! {
                () = self.wake.notified() => {}
                () = tokio::time::sleep_until(next.unwrap_or_else(|| Instant::now() + IDLE)) => {}
                changed = changes.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    self.configure();
                }
                () = stop.stopped() => break,
            }
        }
        self.drain().await;
        self.idle.close();
        Ok(())
    }

    async fn take_over(&self) -> store::Result<()> {
        self.configure();
        let (backlogs, blocked) = self.ports.store.backlog().await?;
        self.care.load(&*self.ports.store, &self.ports.settings.now().config).await?;
        let now = self.now();
        let mut desk = self.desk();
        desk.blocked(&blocked, now);
        desk.spilled(&backlogs, now);
        self.hungry.notify_one();
        Ok(())
    }

    fn configure(&self) {
        let compiled = self.ports.settings.now();
        self.hooks.keep(&compiled.config.webhooks);
        self.states
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .tell(&compiled.config.webhooks, &self.ports.feed);
        self.desk().configure(&compiled.config.webhooks, self.now());
        self.hungry.notify_one();
    }

    /// Starts every attempt that may begin; the time of what comes next.
    fn start_senders(self: Arc<Self>) -> Option<Instant> {
        let now = self.now();
        self.desk().run_timers(now);
        loop {
            let start = self.desk().pick(now);
            let Some(start) = start else { break };
            tasks::spawn("sender", sender::run(self.clone(), start));
        }
        // Asked last: a pick that was too early has set a timer.
        self.desk().next_timer()
    }

    /// Gives up what is owed too long behind a breaker or a pause.
    async fn look_after(self: Arc<Self>, stop: Stop) {
        while !stop.is_stopped() {
            tokio::select! {
                () = tokio::time::sleep(OVERDUE) => {}
                () = stop.stopped() => break,
            }
            let now = self.now();
            let overdue = self.desk().take_overdue(now);
            for claim in overdue {
                self.settle(Ending::overdue(claim, now.wall)).await;
            }
            let (in_memory, in_flight) = self.desk().load();
            self.ports.metrics.in_memory(in_memory, in_flight);
            self.ports.caller.sweep();
        }
    }

    /// Waits until the calls under way have ended, or the time for it is over.
    async fn drain(&self) {
        let until = Instant::now() + limits::DRAIN;
        while self.desk().load().1 > 0 && Instant::now() < until {
            tokio::time::sleep(BREATH).await;
        }
        let done = self.endings.reserve_many(limits::ENDINGS);
        // All places free means that the settler has taken everything.
        if tokio::time::timeout_at(until, done).await.is_err() {
            tracing::warn!("stopped with settlements under way: their deliveries will be sent again");
        }
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

const IDLE: Duration = Duration::from_secs(3_600);
const OVERDUE: Duration = Duration::from_secs(5);
const BREATH: Duration = Duration::from_millis(20);
