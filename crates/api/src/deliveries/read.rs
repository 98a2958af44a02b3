//! `GET /admin/deliveries/{id}`

use axum::Json;
use axum::extract::State;
use model::{DeliveryId, Right};

use super::Traced;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;

/// One delivery with every attempt.
#[utoipa::path(get, path = "/admin/deliveries/{id}", tag = "deliveries",
    responses((status = 200, body = Traced)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<DeliveryId>,
) -> Result<Json<Traced>> {
    caller.needs(Right::Look)?;
    let row = api.delivery(&caller, id).await?;
    api.traced(row).await.map(Json)
}
