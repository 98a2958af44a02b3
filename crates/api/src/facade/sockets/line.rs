//! One socket, from its opening to its end.

use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use model::{KeyId, SubscriptionStatus, Timestamp, Versioned, Webhook, limits};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::bound::Frame;
use super::farewell::Farewell;
use super::said::{self, Said};
use super::seat::{Binding, Seat};
use super::unanswered::Unanswered;
use crate::Api;

/// One socket.
pub(super) struct Line {
    pub(super) api: Api,
    socket: WebSocket,
    seat: Seat,
    frames: mpsc::Receiver<Frame>,
    unanswered: Unanswered,
    opened: Instant,
    /// When something was sent last.
    spoke: Instant,
}

impl Line {
    pub(super) fn new(api: Api, socket: WebSocket, (seat, frames): (Seat, mpsc::Receiver<Frame>)) -> Self {
        let now = Instant::now();
        Line { api, socket, seat, frames, unanswered: Unanswered::default(), opened: now, spoke: now }
    }

    /// Listens and tells until one side ends it.
    pub(super) async fn run(mut self) {
        let farewell = self.listen().await;
        let Line { socket, seat, .. } = self;
        // Nobody is to hand over frames that are not sent any more.
        drop(seat);
        tracing::debug!(?farewell, "a websocket ends");
        if timeout(GOODBYE, part(socket, farewell)).await.is_err() {
            tracing::debug!("a client did not answer the end of its websocket");
        }
    }

    async fn listen(&mut self) -> Farewell {
        let (mut changes, stop) = (self.api.settings.watch(), self.api.stop.clone());
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                said = self.socket.recv() => self.hear(said).await,
                Some(frame) = self.frames.recv() => self.tell(frame).await,
                _ = look.tick() => self.look().await,
                changed = changes.changed() => match changed {
                    Ok(()) => self.look().await,
                    Err(_) => Err(Farewell::Stopping),
                },
                () = stop.stopped() => Err(Farewell::Stopping),
            };
            if let Err(farewell) = done {
                return farewell;
            }
        }
    }

    async fn hear(&mut self, said: Option<Result<Message, axum::Error>>) -> Result<(), Farewell> {
        let message = said.ok_or(Farewell::Left)?.map_err(|_| Farewell::Unreadable)?;
        match said::read(&message)? {
            Said::Bind(token) => self.bind(&token).await?,
            Said::Answered(number) => self.unanswered.answered(number),
            Said::Nothing => {}
        }
        Ok(())
    }

    /// Binds what a token is for. Frames wait until each of it has heard its handshake.
    async fn bind(&mut self, token: &str) -> Result<(), Farewell> {
        let now = self.api.clock.now();
        let ticket = self.seat.redeem(token, now)?;
        let binding = Binding { key: ticket.key, until: ticket.until };
        let compiled = self.api.settings.now();
        let wanted = ticket.webhooks.iter().filter_map(|id| compiled.config.webhooks.get(id));
        let wanted: Vec<_> = wanted.filter(|one| may_listen(&self.api, one, binding.key, now)).collect();
        for webhook in &wanted {
            // First bound, then counted: what comes between is told and not missed.
            self.seat.bind(webhook.id, binding)?;
        }
        for webhook in wanted {
            self.greet(webhook).await?;
        }
        if self.seat.bound().next().is_none() { Err(Farewell::Unbound) } else { Ok(()) }
    }

    async fn tell(&mut self, frame: Frame) -> Result<(), Farewell> {
        // Its right may have ended while the frame waited.
        if !self.seat.has(frame.webhook) {
            return Ok(());
        }
        self.say(frame.body).await?;
        self.ask(Some(frame.heard)).await
    }

    /// Ends what is over, and finds out whether the client is still there.
    async fn look(&mut self) -> Result<(), Farewell> {
        let (api, now) = (&self.api, self.api.clock.now());
        let compiled = api.settings.now();
        self.seat.keep(|id, binding| {
            let webhook = compiled.config.webhooks.get(&id);
            now < binding.until && webhook.is_some_and(|one| may_listen(api, one, binding.key, now))
        });
        if self.seat.was_bound() && self.seat.bound().next().is_none() {
            return Err(Farewell::Unbound);
        }
        self.is_alive()?;
        let bound: Vec<_> = self.seat.bound().filter_map(|id| compiled.config.webhooks.get(&id)).collect();
        for webhook in bound.into_iter().filter(|one| is_requested(one)) {
            self.greet(webhook).await?;
        }
        if self.spoke.elapsed() >= limits::SOCKET_SILENCE { self.ask(None).await } else { Ok(()) }
    }

    fn is_alive(&self) -> Result<(), Farewell> {
        if !self.seat.was_bound() && self.opened.elapsed() >= limits::SOCKET_SAYS {
            return Err(Farewell::Silent);
        }
        let is_late = self.unanswered.since().is_some_and(|since| since.elapsed() >= limits::SOCKET_ANSWERS);
        if is_late { Err(Farewell::Slow) } else { Ok(()) }
    }

    /// Asks the client's side whether it has received everything up to here.
    async fn ask(&mut self, heard: Option<oneshot::Sender<()>>) -> Result<(), Farewell> {
        let number = self.unanswered.ask(heard, Instant::now());
        self.send(Message::Ping(number.to_be_bytes().to_vec().into())).await
    }

    /// Says a text.
    pub(super) async fn say(&mut self, text: Utf8Bytes) -> Result<(), Farewell> {
        self.send(Message::Text(text)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Farewell> {
        self.spoke = Instant::now();
        match timeout(limits::SOCKET_ANSWERS, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Farewell::Left),
            Err(_) => Err(Farewell::Slow),
        }
    }
}

/// Says that a socket ends, and waits until its client has answered (RFC 6455, 7.1.1), whatever it says before.
async fn part(mut socket: WebSocket, farewell: Farewell) {
    if socket.send(said::goodbye(farewell)).await.is_ok() {
        while let Some(Ok(_)) = socket.recv().await {}
    }
}

/// Whether a key may listen for a webhook: its own, by websocket, as long as it may have it.
fn may_listen(api: &Api, webhook: &Webhook, key: KeyId, at: Timestamp) -> bool {
    let Some(facet) = webhook.subscription.as_deref().filter(|_| webhook.is_listening()) else {
        return false;
    };
    let may = || matching::may_still(facet, &api.settings.now().config, at);
    facet.owner == key && facet.status != SubscriptionStatus::Off && may()
}

/// Whether the client has asked for a handshake.
pub(super) fn is_requested(webhook: &Versioned<Webhook>) -> bool {
    webhook.subscription.as_deref().is_some_and(|facet| facet.status == SubscriptionStatus::Requested)
}

/// How soon what is over is noticed, where nothing else tells.
const LOOK: Duration = Duration::from_secs(1);
/// How long a client may take to hear that a socket ends, and to answer.
const GOODBYE: Duration = Duration::from_secs(2);
