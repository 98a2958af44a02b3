//! Who listens for what, and handing messages over.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use futures_util::future::select_ok;
use model::{Category, IntegrationId, Outcome, Secret, Timestamp, WebhookId, limits};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::tickets::{Ticket, Tickets};

/// Every open socket, what is bound to it, and the tokens that bind more.
#[derive(Debug, Default)]
pub struct Sockets {
    kept: Mutex<Kept>,
    farewells: TaskTracker,
}

/// A message on its way to a client.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) webhook: WebhookId,
    pub(super) body: Utf8Bytes,
    /// Told when the client's side has received it.
    pub(super) heard: oneshot::Sender<()>,
}

/// A place among the sockets of an integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) integration: IntegrationId,
    number: u64,
}

#[derive(Debug, Default)]
struct Kept {
    tickets: Tickets,
    last: u64,
    /// Each open socket, and whether it was bound once.
    open: HashMap<(IntegrationId, u64), bool>,
    listeners: HashMap<WebhookId, Vec<Listener>>,
}

#[derive(Debug, Clone)]
struct Listener {
    socket: u64,
    to: mpsc::Sender<Frame>,
}

impl Sockets {
    /// Nobody listens yet.
    #[must_use]
    pub fn new() -> Self {
        Sockets::default()
    }

    /// Waits until every socket has said its farewell. New ones get none.
    pub async fn ended(&self) {
        self.farewells.close();
        self.farewells.wait().await;
    }

    /// What a socket holds until it has said its farewell.
    pub(super) fn farewell(&self) -> TaskTrackerToken {
        self.farewells.token()
    }

    /// A token for a ticket.
    pub(super) fn give(&self, ticket: Ticket, now: Timestamp) -> Secret<String> {
        self.kept().tickets.give(ticket, now)
    }

    /// Uses a token up.
    pub(super) fn take(&self, text: &str, at: IntegrationId, now: Timestamp) -> Option<Ticket> {
        self.kept().tickets.take(text, at, now)
    }

    /// A place for a new socket; none where the integration has too many, or too many that said nothing.
    pub(super) fn enter(&self, integration: IntegrationId) -> Option<Place> {
        let mut kept = self.kept();
        let (most, most_new) = limits::SOCKETS;
        let of = || kept.open.iter().filter(|((of, _), _)| *of == integration);
        if of().count() >= most || of().filter(|(_, was_bound)| !**was_bound).count() >= most_new {
            return None;
        }
        kept.last += 1;
        let place = Place { integration, number: kept.last };
        kept.open.insert((integration, place.number), false);
        Some(place)
    }

    /// Binds a webhook to a socket.
    pub(super) fn bind(&self, webhook: WebhookId, place: Place, to: &mpsc::Sender<Frame>) {
        let mut kept = self.kept();
        kept.open.insert((place.integration, place.number), true);
        let listeners = kept.listeners.entry(webhook).or_default();
        if listeners.iter().all(|listener| listener.socket != place.number) {
            listeners.push(Listener { socket: place.number, to: to.clone() });
        }
    }

    /// Takes a webhook from a socket.
    pub(super) fn unbind(&self, webhook: WebhookId, place: Place) {
        let mut kept = self.kept();
        let Some(listeners) = kept.listeners.get_mut(&webhook) else { return };
        listeners.retain(|listener| listener.socket != place.number);
        if listeners.is_empty() {
            kept.listeners.remove(&webhook);
        }
    }

    /// A socket is open no more; what it had bound was taken from it before.
    pub(super) fn leave(&self, place: Place) {
        self.kept().open.remove(&(place.integration, place.number));
    }

    fn listeners(&self, webhook: WebhookId) -> Vec<Listener> {
        self.kept().listeners.get(&webhook).cloned().unwrap_or_default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl model::Sockets for Sockets {
    fn is_bound(&self, webhook: WebhookId) -> bool {
        self.kept().listeners.contains_key(&webhook)
    }

    async fn tell(&self, webhook: WebhookId, body: Bytes, within: Duration) -> Outcome {
        let Ok(body) = Utf8Bytes::try_from(body) else { return failed(Category::Internal) };
        let listeners = self.listeners(webhook);
        let hand_over = |listener: &Listener| {
            let (heard, hears) = oneshot::channel();
            // A socket whose messages pile up is too slow; its own clock ends it.
            listener.to.try_send(Frame { webhook, body: body.clone(), heard }).is_ok().then_some(hears)
        };
        let sent: Vec<oneshot::Receiver<()>> = listeners.iter().filter_map(hand_over).collect();
        if sent.is_empty() {
            return failed(Category::NotBound);
        }
        match tokio::time::timeout(within, select_ok(sent)).await {
            Ok(Ok(_)) => Outcome::Accepted { status: None },
            Ok(Err(_)) | Err(_) => failed(Category::NotBound),
        }
    }
}

const fn failed(category: Category) -> Outcome {
    Outcome::Failed { category, status: None, retry_after: None }
}
