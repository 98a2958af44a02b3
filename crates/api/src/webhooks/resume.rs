//! `POST /admin/integration/{id}/webhooks/{webhookId}/resume`

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{Code, HookState, IntegrationId, Problem, Right, SubscriptionStatus, Webhook, WebhookId};

use super::find;
use super::shown::{Shown, answer};
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::etag::IfMatch;
use crate::refused::Result;

/// Calls a paused or disabled webhook again, once its receiver has shown that it is one if it owes that. Dead
/// letters stay until they are recovered.
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
    is_client_ready(&webhook)?;
    let webhook = match webhook.state {
        HookState::Active | HookState::Pending { .. } => webhook,
        HookState::Paused { .. } | HookState::Disabled { .. } => {
            let active = Webhook { state: HookState::Active, ..webhook.doc.clone() };
            let state = active.standing(api.options.proof(), api.clock.now()).state;
            api.turn(&caller, &webhook, state, "resumed").await?
        }
    };
    Ok(answer(&webhook))
}

/// What a FHIR Subscription missed is for its client to ask for: the server wakes none by itself.
fn is_client_ready(webhook: &Webhook) -> Result<()> {
    let status = webhook.subscription.as_deref().map(|facet| facet.status);
    if status.is_none_or(|status| status == SubscriptionStatus::Active) {
        return Ok(());
    }
    let why = "The webhook is a FHIR Subscription that is not active.";
    Err(Problem::new(Code::WrongState, why).fix("Its client sets it to requested at /fhir.").into())
}
