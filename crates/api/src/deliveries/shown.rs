//! A delivery as it is answered, with what only the senders know.

use model::{DeliveryState, HoldReason, Lane, Timestamp};
use serde::Serialize;
use store::DeliveryRow;
use utoipa::ToSchema;

use crate::Api;
use crate::caller::Caller;
use crate::refused::{Refused, Result};
use crate::webhooks::logs::Entry;

/// A delivery.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub(crate) struct Shown {
    /// Its id; also its `webhook-id`.
    id: String,
    event_id: String,
    event_type: String,
    webhook_id: String,
    /// Null once the webhook is gone.
    webhook_name: Option<String>,
    /// The integration that the webhook belongs to; null once the webhook is gone.
    integration_id: Option<String>,
    #[schema(value_type = String)]
    lane: Lane,
    #[schema(value_type = String)]
    state: DeliveryState,
    /// What it waits for: `ordering`, `breaker`, `buffered`, `paused` or `unproven`.
    #[schema(value_type = Option<String>)]
    held: Option<HoldReason>,
    /// The delivery that must end first, where that is a particular one: what this one replaces, for example.
    waits_for: Option<String>,
    /// Attempts made.
    attempts: u16,
    /// What its last failed attempt brought.
    error: Option<&'static str>,
    #[schema(value_type = String)]
    accepted_at: Timestamp,
    #[schema(value_type = Option<String>)]
    next_attempt_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    ended_at: Option<Timestamp>,
}

/// A delivery with every attempt, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TracedDelivery)]
pub(crate) struct Traced {
    #[serde(flatten)]
    delivery: Shown,
    log: Vec<Entry>,
}

impl Api {
    /// A delivery of the caller's organisation.
    pub(super) async fn delivery(&self, caller: &Caller, id: model::DeliveryId) -> Result<DeliveryRow> {
        let found = self.store.find_delivery(id).await?;
        found.filter(|row| row.organisation == caller.organisation()).ok_or_else(Refused::not_found)
    }

    /// A delivery with its attempts.
    pub(crate) async fn traced(&self, row: DeliveryRow) -> Result<Traced> {
        let attempts = self.store.attempts_of(row.id).await?;
        let log = attempts.iter().map(|attempt| Entry::of(attempt, &row.event_type)).collect();
        Ok(Traced { delivery: self.shown(row), log })
    }

    /// What there is to see of a delivery.
    pub(super) fn shown(&self, row: DeliveryRow) -> Shown {
        let (state, held) = self.stands(&row);
        let now = self.settings.now();
        let webhook = now.webhook(row.organisation, row.webhook);
        Shown {
            id: row.id.to_string(),
            event_id: row.event.to_string(),
            event_type: row.event_type.to_string(),
            webhook_id: row.webhook.to_string(),
            webhook_name: webhook.map(|found| found.name.clone()),
            integration_id: webhook.map(|found| found.integration_id.to_string()),
            lane: row.lane,
            state,
            held,
            waits_for: row.follows.map(|id| id.to_string()),
            attempts: row.attempts,
            error: row.error.map(model::Category::name),
            accepted_at: row.accepted,
            next_attempt_at: row.due.filter(|_| state == DeliveryState::Waiting),
            ended_at: row.ended,
        }
    }

    /// Whether a person may have it sent again: it ended, and its webhook and content are still there.
    pub(crate) fn can_go_again(&self, row: &DeliveryRow) -> bool {
        let ended = matches!(row.state, DeliveryState::Delivered | DeliveryState::DeadLettered);
        ended && self.settings.now().webhook(row.organisation, row.webhook).is_some()
    }
}
