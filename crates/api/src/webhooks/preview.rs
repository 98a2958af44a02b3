//! `POST /admin/integration/{id}/webhooks/preview`

use axum::Json;
use axum::extract::State;
use matching::Schema;
use model::{IntegrationId, Right, UrlChange, limits};
use privacy::Disclosed;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::find;
use super::previewed::Chosen;
use super::test::Asked;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;
use crate::request::{Field, Request};
use crate::{Api, event_types};

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
    /// What of the body does not fit the receiver's schema, where one is given; empty: all of it fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    misfits: Option<Vec<Misfit>>,
    /// What sanitising takes out of the URL.
    #[schema(value_type = Vec<String>)]
    url_changes: Vec<UrlChange>,
}

/// A place of the body that does not fit the receiver's schema.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookMisfit)]
struct Misfit {
    /// Where it stands, as a JSON pointer.
    pointer: String,
    /// Which part of the schema it breaks.
    why: String,
}

/// Shows what would be sent with settings that are not saved; sends nothing.
///
/// The body is that of a test send. The sample is about a person who does not exist, so nothing is masked but credentials.
/// With `eventId` and a `reason` it is that of a stored event, once the reading stands in the audit log.
/// With `schema`, the JSON Schema of a receiver, it tells what of the body does not fit.
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
    let mut body: Map<String, Value> = doc.read()?;
    let given = body.remove("schema").filter(|schema| !schema.is_null());
    let schema = given.map(event_types::schema).transpose()?;
    let chosen = Chosen::take(&mut body)?;
    let asked = Asked::read(body, (&now, &caller))?;
    let (webhook, event_type, url_changes) = asked.webhook(&api, (&now, integration), &caller)?;
    let url = webhook.url.as_url().to_string();
    let previewed = match chosen {
        Some(chosen) => api.preview_stored(&caller, webhook, chosen).await?,
        None => api.preview_sample(webhook, event_type).await?,
    };
    Ok(Json(Preview {
        event_type: previewed.event_type.to_string(),
        misfits: schema.map(|schema| misfits(&schema, &previewed.told)),
        request: Request::of(url, previewed.headers, Some(text(&previewed.told))),
        personal: previewed.personal.into_iter().map(Field::of).collect(),
        url_changes,
    }))
}

fn text(told: &Disclosed) -> String {
    String::from_utf8_lossy(&told.body).into_owned()
}

fn misfits(schema: &Schema, told: &Disclosed) -> Vec<Misfit> {
    let Ok(body) = serde_json::from_slice(&told.body) else {
        let why = "the body is no JSON".to_owned();
        return vec![Misfit { pointer: String::new(), why }];
    };
    let found = schema.misfits(&body, limits::MISFITS).into_iter();
    found.map(|fault| Misfit { pointer: fault.pointer, why: fault.why }).collect()
}
