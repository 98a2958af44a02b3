//! What happens, for who watches now. Whoever is slow misses some.

use model::{Category, DeliveryId, EventId, Lane, WebhookId};
use serde::Serialize;
use tokio::sync::broadcast;

/// One thing that happened: ids of ours and codes, nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Note {
    /// An attempt ended.
    #[serde(rename_all = "camelCase")]
    Attempt {
        /// The delivery.
        delivery_id: DeliveryId,
        /// Its event.
        event_id: EventId,
        /// Its destination.
        webhook_id: WebhookId,
        /// How urgent it is.
        lane: Lane,
        /// What went wrong; none if it was delivered.
        error: Option<Category>,
    },
    /// A webhook was paused, disabled, resumed, or its breaker turned.
    #[serde(rename_all = "camelCase")]
    Webhook {
        /// The webhook.
        webhook_id: WebhookId,
        /// How it is now.
        status: &'static str,
    },
}

impl Note {
    /// An attempt ended.
    #[must_use]
    pub fn attempt(
        delivery_id: DeliveryId,
        event_id: EventId,
        webhook_id: WebhookId,
        lane: Lane,
        error: Option<Category>,
    ) -> Self {
        Note::Attempt { delivery_id, event_id, webhook_id, lane, error }
    }

    /// The webhook it is about: by it, a watcher's organisation is known.
    #[must_use]
    pub fn webhook(&self) -> WebhookId {
        match self {
            Note::Attempt { webhook_id, .. } | Note::Webhook { webhook_id, .. } => *webhook_id,
        }
    }
}

/// Where things are told. Cheap to clone, and free while nobody watches.
#[derive(Debug, Clone)]
pub struct Feed(broadcast::Sender<Note>);

impl Feed {
    /// A feed that nobody watches yet.
    #[must_use]
    pub fn new() -> Self {
        Feed(broadcast::Sender::new(NOTES))
    }

    /// Tells who watches; without anybody, the note is not even made.
    pub fn tell(&self, note: impl FnOnce() -> Note) {
        if self.0.receiver_count() > 0 {
            // The last watcher may have gone this very moment.
            drop(self.0.send(note()));
        }
    }

    /// Watches from now on.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Note> {
        self.0.subscribe()
    }
}

impl Default for Feed {
    fn default() -> Self {
        Feed::new()
    }
}

// Notes that a slow watcher may be behind, about 100 KiB.
const NOTES: usize = 1_024;
