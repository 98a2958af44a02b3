//! `GET /admin/triggers/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use matching::Compiled;
use model::{Right, Trigger, TriggerId, Versioned};

use super::shown::{Shown, answer};
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// A trigger.
#[utoipa::path(get, path = "/admin/triggers/{id}", tag = "triggers",
    responses((status = 200, body = Shown)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<TriggerId>,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Look)?;
    let now = api.settings.now();
    let found = find(&now, &caller, id)?;
    Ok(answer(&found, (now.triggers.find(id).map(AsRef::as_ref), &now)))
}

/// A trigger of the caller's organisation.
pub(super) fn find(now: &Compiled, caller: &Caller, id: TriggerId) -> Result<Arc<Versioned<Trigger>>> {
    let found = now.config.triggers.get(&id);
    let own = found.filter(|found| found.organisation_id == caller.organisation());
    own.cloned().ok_or_else(Refused::not_found)
}
