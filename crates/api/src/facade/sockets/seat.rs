//! What one socket holds among the others; given back when the socket ends, however it ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{IntegrationId, KeyId, Timestamp, WebhookId, limits};
use observe::Connected;
use tokio::sync::mpsc;

use super::bound::{Frame, Place, Sockets};
use super::farewell::Farewell;
use super::tickets::Ticket;
use crate::Api;

/// A place among the sockets, and what is bound there.
#[derive(Debug)]
pub(super) struct Seat {
    sockets: Arc<Sockets>,
    place: Place,
    to: mpsc::Sender<Frame>,
    bound: BTreeMap<WebhookId, Binding>,
    was_bound: bool,
    /// Counted for as long as it is held.
    _counted: Connected,
}

/// By whom something was bound, and until when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binding {
    pub(super) key: KeyId,
    pub(super) until: Timestamp,
}

impl Seat {
    /// A seat at an integration and the frames that come there; none where there is no room.
    pub(super) fn take(api: &Api, at: IntegrationId) -> Option<(Seat, mpsc::Receiver<Frame>)> {
        let (sockets, counted) = (api.sockets.clone(), api.metrics.socket_opened());
        let place = sockets.enter(at)?;
        let (to, frames) = mpsc::channel(limits::SOCKET_WAITING);
        let bound = BTreeMap::new();
        Some((Seat { sockets, place, to, bound, was_bound: false, _counted: counted }, frames))
    }

    /// Uses a token up.
    pub(super) fn redeem(&self, token: &str, now: Timestamp) -> Result<Ticket, Farewell> {
        self.sockets.take(token, self.place.integration, now).ok_or(Farewell::NoSuchToken)
    }

    /// Binds a webhook here, or binds it for longer.
    pub(super) fn bind(&mut self, webhook: WebhookId, binding: Binding) -> Result<(), Farewell> {
        if self.bound.len() >= limits::SOCKET_SUBSCRIPTIONS && !self.bound.contains_key(&webhook) {
            return Err(Farewell::TooMany);
        }
        self.was_bound = true;
        self.bound.insert(webhook, binding);
        self.sockets.bind(webhook, self.place, &self.to);
        Ok(())
    }

    /// Takes away what may be bound here no longer.
    pub(super) fn keep(&mut self, may: impl Fn(WebhookId, Binding) -> bool) {
        let over = self.bound.extract_if(.., |webhook, binding| !may(*webhook, *binding));
        over.for_each(|(webhook, _)| self.sockets.unbind(webhook, self.place));
    }

    /// What is bound here.
    pub(super) fn bound(&self) -> impl Iterator<Item = WebhookId> {
        self.bound.keys().copied()
    }

    /// Whether a webhook is bound here.
    pub(super) fn has(&self, webhook: WebhookId) -> bool {
        self.bound.contains_key(&webhook)
    }

    /// Whether something was ever bound here.
    pub(super) fn was_bound(&self) -> bool {
        self.was_bound
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.keep(|_, _| false);
        self.sockets.leave(self.place);
    }
}
