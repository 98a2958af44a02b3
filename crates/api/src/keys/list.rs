//! `GET /admin/keys`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use model::{ApiKey, Id, Right, Versioned};

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Plain, Window};
use crate::params::Params;
use crate::refused::Result;

/// The keys of the organisation, newest first, without their texts.
#[utoipa::path(get, path = "/admin/keys", tag = "keys",
    params(Plain), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(plain): Params<Plain>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Administer)?;
    let window = Window::of(List::Keys, &plain)?;
    let now = api.settings.now();
    let own = |found: &&Arc<Versioned<ApiKey>>| found.organisation_id == caller.organisation();
    let all = now.config.keys.values().rev().filter(own);
    Ok(Json(window.cut(all, |found| found.id.row(), |found| Shown::of(found))))
}
