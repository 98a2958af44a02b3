//! How long things are kept.

use std::time::Duration;

use model::{Span, Timestamp, limits};
use serde::{Deserialize, Serialize};
use store::Expiry;

/// How long things are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// Contents of events that were delivered.
    pub bodies: Span,
    /// Dead letters.
    pub dead_letters: Span,
    /// Events, deliveries and attempts without their contents.
    pub log: Span,
    /// The audit log.
    pub audit: Span,
}

impl Options {
    /// The longest horizon that a webhook may ask for: the log outlives it by [`limits::RETENTION_MARGIN`].
    #[must_use]
    pub fn horizon_most(&self) -> Duration {
        self.log.0.saturating_sub(limits::RETENTION_MARGIN)
    }

    /// Up to when things are over at `now`.
    pub(crate) fn expiry(&self, now: Timestamp) -> Expiry {
        Expiry {
            bodies: now - self.bodies.0,
            dead_letters: now - self.dead_letters.0,
            log: now - self.log.0,
            audit: now - self.audit.0,
            answers: now - limits::ANSWER_KEPT,
        }
    }

    /// The first day that is not over at `now`.
    pub(crate) fn first_day(&self, now: Timestamp) -> i64 {
        (now - self.bodies.0).day()
    }
}

impl Default for Options {
    fn default() -> Self {
        let days = |days: u64| Span::secs(days * 86_400);
        Options { bodies: days(7), dead_letters: days(30), log: days(90), audit: days(6 * 366) }
    }
}
