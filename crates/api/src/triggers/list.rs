//! `GET /admin/triggers`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use model::{Id, Right, Trigger, Versioned};

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Plain, Window};
use crate::params::Params;
use crate::refused::Result;

/// The triggers of the organisation, newest first.
#[utoipa::path(get, path = "/admin/triggers", tag = "triggers",
    params(Plain), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(plain): Params<Plain>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let window = Window::of(List::Triggers, &plain)?;
    let now = api.settings.now();
    let own = |found: &&Arc<Versioned<Trigger>>| found.organisation_id == caller.organisation();
    let all = now.config.triggers.values().rev().filter(own);
    let shown = |found: &Arc<Versioned<Trigger>>| {
        Shown::of(found, (now.triggers.find(found.id).map(AsRef::as_ref), &now))
    };
    Ok(Json(window.cut(all, |found| found.id.row(), shown)))
}
