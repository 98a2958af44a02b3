//! `POST /admin/events/{id}/replay`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{DeliveryId, EventId, Right, WebhookId};
use serde::{Deserialize, Serialize};
use store::Batch;
use utoipa::ToSchema;

use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;

/// What is sent again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Replay)]
pub(crate) struct Wanted {
    /// Only to this webhook.
    #[schema(value_type = Option<String>)]
    webhook_id: Option<WebhookId>,
    /// As new deliveries with ids of their own, rendered and matched by today's settings. A dead
    /// letter to the same webhook ends as cancelled.
    #[serde(default)]
    fresh: bool,
}

/// What is owed again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Replayed)]
pub(crate) struct Replayed {
    event_id: String,
    /// How many deliveries are owed again.
    count: usize,
    /// Their ids; `webhook-id` and body are those of before, unless they are fresh.
    deliveries: Vec<String>,
}

/// Sends an event again to whom it was sent before. What is still owed is left alone. With
/// `fresh`, whoever gets it by today's settings gets a new delivery beside what there is.
#[utoipa::path(post, path = "/admin/events/{id}/replay", tag = "events",
    request_body = Wanted, responses((status = 202, body = Replayed)))]
pub(crate) async fn replay(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<EventId>,
    doc: Doc,
) -> Result<(StatusCode, Json<Replayed>)> {
    caller.needs(Right::Configure)?;
    let row = api.event(&caller, id).await?;
    let wanted: Wanted = doc.read_or_default()?;
    if wanted.fresh {
        let made = api.replay_fresh(&caller, &row, wanted.webhook_id).await?;
        return Ok((StatusCode::ACCEPTED, Json(Replayed::of(id, &made))));
    }
    let mut revived = Vec::new();
    for decision in &row.decisions {
        let is_wanted = wanted.webhook_id.is_none_or(|webhook| webhook == decision.webhook);
        let Some(delivery) = decision.delivery.filter(|_| is_wanted) else { continue };
        if api.store.find_delivery(delivery).await?.is_some_and(|found| api.can_go_again(&found)) {
            revived.push(delivery);
        }
    }
    let replayed = Replayed::of(id, &revived);
    let entry = api.entry(&caller, Action::Redrive, id, &format!("replay of {}", revived.len()));
    api.store.commit(Batch { revived, audit: vec![entry], ..Batch::default() }).await?;
    Ok((StatusCode::ACCEPTED, Json(replayed)))
}

impl Replayed {
    fn of(event: EventId, deliveries: &[DeliveryId]) -> Self {
        Replayed {
            event_id: event.to_string(),
            count: deliveries.len(),
            deliveries: deliveries.iter().map(ToString::to_string).collect(),
        }
    }
}
