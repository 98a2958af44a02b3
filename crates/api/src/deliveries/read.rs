//! `GET /admin/deliveries/{id}`

use axum::Json;
use axum::extract::State;
use model::{DeliveryId, Right};
use serde::Serialize;
use utoipa::ToSchema;

use super::Traced;
use super::request::Shape;
use super::response::Response;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;

/// One delivery with every attempt and its request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryDetail)]
pub(crate) struct Detail {
    #[serde(flatten)]
    traced: Traced,
    /// What is sent, with what is about people masked; null once the webhook is gone.
    request: Option<Shape>,
    /// What the receiver answered to its last calls that failed, oldest first, masked alike.
    responses: Vec<Response>,
}

/// One delivery with every attempt, and its request with what is about people masked.
#[utoipa::path(get, path = "/admin/deliveries/{id}", tag = "deliveries",
    responses((status = 200, body = Detail)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<DeliveryId>,
) -> Result<Json<Detail>> {
    caller.needs(Right::Look)?;
    let row = api.delivery(&caller, id).await?;
    let request = api.shape(&row).await?;
    let responses = api.replies(&row).await?.iter().map(Response::masked).collect();
    Ok(Json(Detail { traced: api.traced(row).await?, request, responses }))
}
