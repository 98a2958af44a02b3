//! `GET /admin/integration/{id}`

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{IntegrationId, Right};

use super::shown::{Shown, answer};
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// One integration, with the event and object types that it raises.
#[utoipa::path(get, path = "/admin/integration/{id}", tag = "integrations",
    responses((status = 200, body = Shown)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<IntegrationId>,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Look)?;
    let now = api.settings.now();
    let found = now.integration(caller.organisation(), id);
    found.map(|found| answer(found, (&api.presets, &now))).ok_or_else(Refused::not_found)
}
