//! `GET /admin/organisations`

use axum::Json;
use axum::extract::State;
use model::Id;

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Plain, Window};
use crate::params::Params;
use crate::refused::Result;

/// The organisations of the installation, newest first.
#[utoipa::path(get, path = "/admin/organisations", tag = "organisations",
    params(Plain), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(plain): Params<Plain>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs_installation()?;
    let window = Window::of(List::Organisations, &plain)?;
    let now = api.settings.now();
    let all = now.config.organisations.values().rev();
    Ok(Json(window.cut(all, |found| found.id.row(), |found| Shown::of(found))))
}
