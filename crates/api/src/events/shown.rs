//! An event as it is listed: nothing personal.

use std::collections::BTreeSet;

use model::{Decision, Lane, Timestamp, WebhookId};
use serde::Serialize;
use store::EventRow;
use utoipa::ToSchema;

/// An event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub(crate) struct Shown {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    object_type: String,
    integration_id: String,
    #[schema(value_type = String)]
    lane: Lane,
    /// When it happened, as the source says.
    #[schema(value_type = String)]
    time: Timestamp,
    /// When it was accepted.
    #[schema(value_type = String)]
    received: Timestamp,
    test: bool,
    /// Its place among the events of its object, from 1; 0 where objects are not tracked.
    sequence: u32,
    /// The event it corrects or retracts.
    replaces: Option<String>,
    /// The event that raised it.
    caused_by: Option<String>,
    hops: u8,
    /// What was received, if that is a record of its own.
    message_id: Option<String>,
    /// How many webhooks got it.
    matched: usize,
    /// Whether what it says is still kept.
    content_kept: bool,
}

impl Shown {
    /// What there is to see of an event.
    pub(super) fn of(row: &EventRow) -> Self {
        let EventRow { event, decisions, has_body, .. } = row;
        Shown {
            id: event.id.to_string(),
            event_type: event.event_type.to_string(),
            object_type: event.object_type.to_string(),
            integration_id: event.integration.to_string(),
            lane: event.lane,
            time: event.time,
            received: event.received,
            test: event.test,
            sequence: event.sequence,
            replaces: event.replaces.map(|id| id.to_string()),
            caused_by: event.caused_by.map(|id| id.to_string()),
            hops: event.hops,
            message_id: event.message.map(|id| id.to_string()),
            matched: got(decisions),
            content_kept: *has_body,
        }
    }
}

/// How many webhooks got an event, however often.
fn got(decisions: &[Decision]) -> usize {
    let got = decisions.iter().filter(|decision| decision.delivery.is_some());
    got.map(|decision| decision.webhook).collect::<BTreeSet<WebhookId>>().len()
}
