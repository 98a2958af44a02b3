//! `POST /admin/integration/{id}/webhooks/{webhookId}/resume`

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{HookState, IntegrationId, Right, WebhookId};

use super::find;
use super::shown::{Shown, answer};
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::refused::Result;

/// Calls a paused or disabled webhook again. Dead letters stay until they are recovered.
#[utoipa::path(post, path = "/admin/integration/{id}/webhooks/{webhookId}/resume", tag = "webhooks",
    responses((status = 200, body = Shown)))]
pub(crate) async fn resume(
    State(api): State<Api>,
    caller: Caller,
    At(ids): At<(IntegrationId, WebhookId)>,
    if_match: IfMatch,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let webhook = find::webhook(&api.settings.now(), &caller, ids)?.clone();
    if_match.check(webhook.version)?;
    let webhook = match webhook.state {
        HookState::Active => webhook,
        HookState::Paused { .. } | HookState::Disabled { .. } => {
            api.turn(&caller, &webhook, HookState::Active, "resumed").await?
        }
    };
    Ok(answer(&webhook))
}
