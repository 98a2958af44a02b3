//! `GET /admin/presets`

use axum::Json;
use axum::extract::State;
use model::Right;

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::Listed;
use crate::refused::Result;

/// Third parties that can be connected, by name.
#[utoipa::path(get, path = "/admin/presets", tag = "presets",
    responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let now = api.settings.now();
    let around = (&*now, caller.organisation());
    let data = api.presets.all().map(|preset| Shown::of(preset, &api.presets, around)).collect();
    Ok(Json(Listed { data, next: None }))
}
