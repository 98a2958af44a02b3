//! `POST /admin/integration/{id}/webhooks/preview`

use axum::Json;
use axum::extract::State;
use model::{IntegrationId, Problem, Right, UrlChange};
use serde::Serialize;
use utoipa::ToSchema;

use super::find;
use super::test::Asked;
use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;
use crate::request::{Field, Request};

/// The very request that a delivery of a sample would make.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookPreview)]
pub(crate) struct Preview {
    event_type: String,
    #[serde(flatten)]
    request: Request,
    /// What of the body would name or describe a person.
    personal: Vec<Field>,
    /// What sanitising takes out of the URL.
    #[schema(value_type = Vec<String>)]
    url_changes: Vec<UrlChange>,
}

/// Shows what would be sent with settings that are not saved; sends nothing.
///
/// The body is that of a test send. The sample is about a person who does not exist, so nothing is masked but credentials.
#[utoipa::path(post, path = "/admin/integration/{id}/webhooks/preview", tag = "webhooks",
    request_body = serde_json::Value, responses((status = 200, body = Preview)))]
pub(crate) async fn preview(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<IntegrationId>,
    doc: Doc,
) -> Result<Json<Preview>> {
    caller.needs(Right::Configure)?;
    let now = api.settings.now();
    let integration = find::integration(&now, &caller, id)?;
    let asked = Asked::read(doc.read()?, (&now, &caller))?;
    let (webhook, event_type, url_changes) = asked.webhook(&api, (&now, integration), &caller)?;
    let url = webhook.url.as_url().to_string();
    let shown = api.rehearse.preview(webhook, event_type.clone()).await;
    let shown = shown.map_err(|(code, why)| Problem::new(code, why))?;
    let personal = privacy::mask(shown.body.as_bytes()).personal;
    Ok(Json(Preview {
        event_type: event_type.to_string(),
        request: Request::of(url, shown.headers, Some(shown.body)),
        personal: personal.into_iter().map(Field::of).collect(),
        url_changes,
    }))
}
