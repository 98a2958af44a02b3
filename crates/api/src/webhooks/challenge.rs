//! `POST /admin/integration/{id}/webhooks/{webhookId}/challenge`

use audit::Action;
use axum::Json;
use axum::extract::State;
use model::{Category, Challenged, Change, Code, IntegrationId, Problem, Right, Timestamp, WebhookId};
use serde::Serialize;
use utoipa::ToSchema;

use super::find;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::change::webhook_is_at;
use crate::refused::Result;

/// What came of a challenge.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookChallenge)]
pub(crate) struct ShownChallenge {
    #[schema(value_type = String)]
    at: Timestamp,
    /// Whether the receiver has shown that it is one.
    ok: bool,
    /// What went wrong; each has a page.
    error: Option<&'static str>,
    /// The status that was answered.
    status: Option<u16>,
    /// When the next goes out by itself.
    #[schema(value_type = Option<String>)]
    next_at: Option<Timestamp>,
}

impl From<Challenged> for ShownChallenge {
    fn from(challenged: Challenged) -> Self {
        let Challenged { at, error, status, next } = challenged;
        let error = error.map(Category::name);
        ShownChallenge { at, ok: error.is_none(), error, status, next_at: next }
    }
}

/// Asks the receiver of a webhook now to show that it is one. It is called once; what it answers is told, and
/// if it answers well, the webhook is pending no more.
#[utoipa::path(post, path = "/admin/integration/{id}/webhooks/{webhookId}/challenge", tag = "webhooks",
    responses((status = 200, body = ShownChallenge)))]
pub(crate) async fn challenge(
    State(api): State<Api>,
    caller: Caller,
    At(ids): At<(IntegrationId, WebhookId)>,
) -> Result<Json<ShownChallenge>> {
    caller.needs(Right::Configure)?;
    let webhook = find::webhook(&api.settings.now(), &caller, ids)?.clone();
    if !webhook.owes_proof() {
        let why = "The receiver of this webhook has nothing to show: only the profile full asks for it, once for an address.";
        return Err(Problem::new(Code::WrongState, why).fix("To try the receiver, send a test.").into());
    }
    let challenged = api.challenge.challenge(&webhook).await;
    let (put, detail) = match challenged.error {
        None => (Some(webhook.doc.clone().with_proof(challenged.at)), "asked; the receiver answered"),
        Some(error) => (None, error.name()),
    };
    let changes = put.map(|doc| Change::PutWebhook(Box::new(doc))).into_iter().collect();
    let entry = api.entry(&caller, Action::Challenge, webhook.id, detail);
    api.change(webhook_is_at(webhook.id, webhook.version), changes, vec![entry]).await?;
    Ok(Json(challenged.into()))
}
