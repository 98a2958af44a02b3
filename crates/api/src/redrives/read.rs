//! `GET /admin/redrives/{id}`

use axum::Json;
use axum::extract::State;
use model::{RedriveId, Right};

use super::shown::Shown;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;

/// How far a redrive is.
#[utoipa::path(get, path = "/admin/redrives/{id}", tag = "redrives",
    responses((status = 200, body = Shown)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<RedriveId>,
) -> Result<Json<Shown>> {
    caller.needs(Right::Look)?;
    Ok(Json(Shown::of(api.find_redrive(&caller, id).await?)))
}
