//! `GET /admin/presets/{name}`

use axum::Json;
use axum::extract::State;
use model::Right;

use super::shown::Shown;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// One third party that can be connected.
#[utoipa::path(get, path = "/admin/presets/{name}", tag = "presets",
    responses((status = 200, body = Shown)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(name): At<String>,
) -> Result<Json<Shown>> {
    caller.needs(Right::Look)?;
    let preset = api.presets.find(&name).ok_or_else(Refused::not_found)?;
    let now = api.settings.now();
    Ok(Json(Shown::of(preset, &api.presets, (&now, caller.organisation()))))
}
