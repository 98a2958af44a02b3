//! `POST /admin/deliveries/{id}/retry`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{Code, DeliveryId, DeliveryState, HoldReason, Problem, Right};
use serde::Deserialize;
use store::Batch;
use utoipa::ToSchema;

use super::Traced;
use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;

/// How it is sent again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Retry)]
pub(crate) struct Wanted {
    /// As a new delivery with an id of its own, rendered by today's settings. A dead letter ends as
    /// cancelled: the new one stands for it.
    #[serde(default)]
    fresh: bool,
}

/// Sends a delivery now, with the same `webhook-id` and body: one that ended is owed again, one that
/// waits for its next attempt is due. What is held goes when what holds it ends.
#[utoipa::path(post, path = "/admin/deliveries/{id}/retry", tag = "deliveries",
    request_body = Wanted, responses((status = 202, body = Traced)))]
pub(crate) async fn retry(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<DeliveryId>,
    doc: Doc,
) -> Result<(StatusCode, Json<Traced>)> {
    caller.needs(Right::Configure)?;
    let row = api.delivery(&caller, id).await?;
    let wanted: Wanted = doc.read_or_default()?;
    if wanted.fresh {
        let made = api.retry_fresh(&caller, &row).await?;
        let row = api.delivery(&caller, made).await?;
        return Ok((StatusCode::ACCEPTED, Json(api.traced(row).await?)));
    }
    refuse_held(api.stands(&row))?;
    match row.state {
        DeliveryState::Pending | DeliveryState::Waiting | DeliveryState::Held => {
            let entry = api.entry(&caller, Action::Redrive, id, "retry now");
            let batch = Batch { revived: vec![id], audit: vec![entry], ..Batch::default() };
            api.store.commit(batch).await?;
        }
        DeliveryState::Delivered | DeliveryState::DeadLettered if api.can_go_again(&row) => {
            let entry = api.entry(&caller, Action::Redrive, id, "retry");
            let batch = Batch { revived: vec![id], audit: vec![entry], ..Batch::default() };
            api.store.commit(batch).await?;
        }
        DeliveryState::Delivered
        | DeliveryState::DeadLettered
        | DeliveryState::Cancelled
        | DeliveryState::Withheld
        | DeliveryState::Expired => {
            let why = "The delivery was cancelled, withheld or expired, or its webhook is gone.";
            let fix = "Send {\"fresh\": true} for a new delivery, or replay its event.";
            return Err(Problem::new(Code::WrongState, why).fix(fix).into());
        }
    }
    let row = api.delivery(&caller, id).await?;
    Ok((StatusCode::ACCEPTED, Json(api.traced(row).await?)))
}

/// A retry does not let through what a pause, a breaker, load or an order holds back.
fn refuse_held((_, held): (DeliveryState, Option<HoldReason>)) -> Result<(), Problem> {
    let Some(held) = held else { return Ok(()) };
    let (why, fix) = match held {
        HoldReason::Ordering => {
            ("It waits for an earlier delivery of its order.", "Retry or cancel the earlier one.")
        }
        HoldReason::Breaker => (
            "The breaker of its webhook is tripped.",
            "It goes by itself once a probe is answered; mend the receiver.",
        ),
        HoldReason::Buffered => {
            ("It waits on disk until the server has room.", "It goes by itself within minutes.")
        }
        HoldReason::Paused => ("Its webhook is paused.", "Resume the webhook."),
        HoldReason::Unproven => (
            "Its receiver has not shown yet that it is the one that was meant.",
            "Let the receiver answer the challenge, and send another to it.",
        ),
    };
    Err(Problem::new(Code::WrongState, why).fix(fix))
}
