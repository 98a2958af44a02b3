//! `POST /admin/integration/{id}/webhooks/{webhookId}/pause`

use std::sync::Arc;

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{Change, HookState, IntegrationId, PauseReason, Right, Versioned, Webhook, WebhookId};

use super::find;
use super::shown::{Shown, answer};
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::change::webhook_is_at;
use crate::etag::IfMatch;
use crate::refused::Result;

/// Stops calling a webhook. What comes is held until its horizon.
#[utoipa::path(post, path = "/admin/integration/{id}/webhooks/{webhookId}/pause", tag = "webhooks",
    responses((status = 200, body = Shown)))]
pub(crate) async fn pause(
    State(api): State<Api>,
    caller: Caller,
    At(ids): At<(IntegrationId, WebhookId)>,
    if_match: IfMatch,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let webhook = find::webhook(&api.settings.now(), &caller, ids)?.clone();
    if_match.check(webhook.version)?;
    let reason = PauseReason::Operator;
    let webhook = match webhook.state {
        HookState::Paused { .. } => webhook,
        HookState::Active | HookState::Pending { .. } | HookState::Disabled { .. } => {
            let state = HookState::Paused { since: api.clock.now(), reason };
            api.turn(&caller, &webhook, state, "paused").await?
        }
    };
    Ok(answer(&webhook))
}

impl Api {
    /// Puts a webhook into another state.
    pub(super) async fn turn(
        &self,
        caller: &Caller,
        webhook: &Versioned<Webhook>,
        state: HookState,
        detail: &str,
    ) -> Result<Arc<Versioned<Webhook>>> {
        let doc = Webhook { state, ..webhook.doc.clone() };
        let entry = self.entry(caller, Action::Pause, doc.id, detail);
        let put = Change::PutWebhook(Box::new(doc.clone()));
        let version = self.change(webhook_is_at(doc.id, webhook.version), vec![put], vec![entry]).await?;
        Ok(Arc::new(Versioned { version, doc }))
    }
}
