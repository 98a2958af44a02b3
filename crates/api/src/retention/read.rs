//! `GET /admin/retention/clock`

use axum::Json;
use axum::extract::State;

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::refused::Result;

/// The clock that retention goes by, and whether it is believed.
#[utoipa::path(get, path = "/admin/retention/clock", tag = "retention", responses((status = 200, body = Shown)))]
pub(crate) async fn read(State(api): State<Api>, caller: Caller) -> Result<Json<Shown>> {
    caller.needs_installation()?;
    Ok(Json(api.retention_clock().await?))
}
