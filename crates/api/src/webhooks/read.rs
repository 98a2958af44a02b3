//! `GET /admin/integration/{id}/webhooks/{webhookId}`

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{IntegrationId, Right, WebhookId};

use super::find;
use super::shown::{Shown, answer};
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;

/// One webhook, without secrets.
#[utoipa::path(get, path = "/admin/integration/{id}/webhooks/{webhookId}", tag = "webhooks",
    responses((status = 200, body = Shown)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(ids): At<(IntegrationId, WebhookId)>,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Look)?;
    let now = api.settings.now();
    find::webhook(&now, &caller, ids).map(|webhook| answer(webhook))
}
