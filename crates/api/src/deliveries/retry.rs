//! `POST /admin/deliveries/{id}/retry`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{Code, DeliveryId, DeliveryState, Problem, Right};
use serde::Deserialize;
use store::Batch;
use utoipa::ToSchema;

use super::Traced;
use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;
use crate::strict::not_supported;

/// How it is sent again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Retry)]
pub(crate) struct Wanted {
    /// As a new delivery with an id of its own. Not yet.
    #[serde(default)]
    fresh: bool,
}

/// Sends an ended delivery again, with the same `webhook-id` and body. One that is still owed is left alone.
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
        return Err(not_supported("/fresh", "New deliveries of an old event are not supported yet.").into());
    }
    match row.state {
        DeliveryState::Pending | DeliveryState::Waiting | DeliveryState::Held => {}
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
            return Err(Problem::new(Code::Conflict, why).into());
        }
    }
    let row = api.delivery(&caller, id).await?;
    Ok((StatusCode::ACCEPTED, Json(api.traced(row).await?)))
}
