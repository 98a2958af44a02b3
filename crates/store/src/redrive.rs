//! Deliveries on their way back, many at once.

use model::{Category, EventType, Lane, OrganisationId, RedriveId, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};

/// Many dead letters on their way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// Its id.
    pub id: RedriveId,
    /// Who it belongs to.
    pub organisation: OrganisationId,
    /// Which deliveries.
    pub filter: RedriveFilter,
    /// Whether each becomes a new delivery, with an id and a body of its own.
    pub fresh: bool,
    /// How many become owed again a second, at most; none for as fast as it goes.
    pub per_second: Option<u32>,
    /// How many there were at the start.
    pub planned: u64,
    /// Where it stands.
    pub state: RedriveState,
    /// How far it is.
    pub progress: Progress,
    /// When it was asked for.
    pub created: Timestamp,
}

/// Which dead letters or finished deliveries a redrive takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RedriveFilter {
    /// Of this webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<WebhookId>,
    /// Of one of these webhooks; empty means of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub webhook_ids: Vec<WebhookId>,
    /// Of this event type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<EventType>,
    /// Of this lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<Lane>,
    /// That failed like this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Category>,
    /// Accepted at or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Accepted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// Delivered ones too, not only dead letters: for a receiver that lost data.
    #[serde(default)]
    pub delivered: bool,
}

/// Where a redrive stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RedriveState {
    /// Moving.
    Running,
    /// All are owed again.
    Done,
    /// A person stopped it.
    Cancelled,
}

impl RedriveState {
    /// `running`, `done` or `cancelled`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            RedriveState::Running => "running",
            RedriveState::Done => "done",
            RedriveState::Cancelled => "cancelled",
        }
    }
}

/// How far a redrive is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Deliveries that are owed again.
    pub revived: u64,
    /// The last row looked at, so that a restart goes on from there.
    pub cursor: i64,
}
