//! `GET /admin/integration`

use axum::Json;
use axum::extract::State;
use model::{Id, Right};

use super::shown::Shown;
use crate::Api;
use crate::caller::Caller;
use crate::page::{List, Listed, Plain, Window};
use crate::params::Params;
use crate::refused::Result;

/// The integrations of the organisation, newest first.
#[utoipa::path(get, path = "/admin/integration", tag = "integrations",
    params(Plain), responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(plain): Params<Plain>,
) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let window = Window::of(List::Integrations, &plain)?;
    let now = api.settings.now();
    let own = |found: &&_| organisation_of(found) == caller.organisation();
    let all = now.config.integrations.values().rev().filter(own);
    Ok(Json(window.cut(all, |found| found.id.row(), |found| Shown::of(found, (&api.presets, &now)))))
}

fn organisation_of(found: &std::sync::Arc<model::Versioned<model::Integration>>) -> model::OrganisationId {
    found.organisation_id
}
