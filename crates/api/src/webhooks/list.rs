//! `GET /admin/integration/{id}/webhooks`

use axum::Json;
use axum::extract::State;
use model::{IntegrationId, Right};

use super::find;
use super::shown::Shown;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;

/// The webhooks of an integration, as a plain array, newest first.
#[utoipa::path(get, path = "/admin/integration/{id}/webhooks", tag = "webhooks",
    responses((status = 200, body = Vec<Shown>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<IntegrationId>,
) -> Result<Json<Vec<Shown>>> {
    caller.needs(Right::Look)?;
    let now = api.settings.now();
    find::integration(&now, &caller, id)?;
    let mut webhooks: Vec<_> = now.webhooks_of(id).collect();
    webhooks.sort_by_key(|webhook| std::cmp::Reverse(webhook.id));
    Ok(Json(webhooks.into_iter().map(|webhook| Shown::of(webhook)).collect()))
}
