//! `DELETE /admin/integration/{id}/webhooks/{webhookId}`

use audit::Action;
use axum::extract::State;
use http::StatusCode;
use model::{Change, IntegrationId, Right, WebhookId};
use store::End;

use super::find;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::change::webhook_is_at;
use crate::etag::IfMatch;
use crate::refused::Result;

/// Removes a webhook and cancels what is owed to it. An attempt under way ends by itself.
#[utoipa::path(delete, path = "/admin/integration/{id}/webhooks/{webhookId}", tag = "webhooks",
    responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    At(ids): At<(IntegrationId, WebhookId)>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    caller.needs(Right::Configure)?;
    let webhook = find::webhook(&api.settings.now(), &caller, ids)?.clone();
    if_match.check(webhook.version)?;
    let entry = api.entry(&caller, Action::Delete, webhook.id, "");
    // The webhook first: what arrives in between is not owed to it any more.
    api.change(
        webhook_is_at(webhook.id, webhook.version),
        vec![Change::DropWebhook(webhook.id)],
        vec![entry],
    )
    .await?;
    api.store.end_all(webhook.id, End::Cancelled, api.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
