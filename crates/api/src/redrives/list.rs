//! `GET /admin/redrives`

use axum::Json;
use axum::extract::State;
use model::Right;

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Plain, Window};
use crate::params::Params;
use crate::refused::Result;

/// The redrives of the organisation with their progress, newest first.
#[utoipa::path(get, path = "/admin/redrives", tag = "redrives",
    params(Plain), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(plain): Params<Plain>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let window = Window::of(List::Redrives, &plain)?;
    let page = api.store.list_redrives(caller.organisation(), window.after, window.limit).await?;
    Ok(Json(window.show(page, Shown::of)))
}
