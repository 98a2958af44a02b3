//! When each Subscription was spoken to last, on the clock that cannot jump.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::WebhookId;
use tokio::time::Instant;

/// The last call of each Subscription that asked for heartbeats.
#[derive(Debug, Default)]
pub(crate) struct Silences(Mutex<HashMap<WebhookId, Instant>>);

impl Silences {
    /// Remembers that a Subscription is spoken to now.
    pub(crate) fn note(&self, webhook: WebhookId, at: Instant) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(webhook, at);
    }

    /// How long a Subscription has heard nothing; none if it was not spoken to since the start.
    pub(super) fn of(&self, webhook: WebhookId, now: Instant) -> Option<Duration> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&webhook).copied();
        last.map(|last| now.saturating_duration_since(last))
    }

    /// Forgets Subscriptions that are there no more.
    pub(super) fn keep(&self, is_there: impl Fn(WebhookId) -> bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| is_there(*id));
    }
}
