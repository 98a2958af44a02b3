//! `POST /admin/integration/{id}/webhooks/{webhookId}/recover`

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{IntegrationId, Right, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};
use store::RedriveFilter;
use utoipa::ToSchema;

use super::find;
use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::redrives::Way;
use crate::refused::Result;

/// From when on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Recover)]
pub(crate) struct Since {
    /// Dead letters accepted at or after this time.
    #[schema(value_type = String)]
    since: Timestamp,
}

/// What was begun.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Recovery)]
pub(crate) struct Begun {
    redrive_id: String,
    /// How many dead letters there are.
    count: u64,
}

/// Sends again what could not be delivered since a time.
#[utoipa::path(post, path = "/admin/integration/{id}/webhooks/{webhookId}/recover", tag = "webhooks",
    request_body = Since, responses((status = 202, body = Begun)))]
pub(crate) async fn recover(
    State(api): State<Api>,
    caller: Caller,
    At(ids): At<(IntegrationId, WebhookId)>,
    doc: Doc,
) -> Result<(StatusCode, Json<Begun>)> {
    caller.needs(Right::Configure)?;
    let webhook = find::webhook(&api.settings.now(), &caller, ids)?.id;
    let Since { since } = doc.read()?;
    let filter = RedriveFilter { webhook_id: Some(webhook), from: Some(since), ..RedriveFilter::default() };
    let redrive = api.redrive(&caller, filter, Way::default()).await?;
    let begun = Begun { redrive_id: redrive.id.to_string(), count: redrive.planned };
    Ok((StatusCode::ACCEPTED, Json(begun)))
}
