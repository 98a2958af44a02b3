//! The request of a delivery: its shape for whoever may look, its content for whoever says why.

use audit::Action;
use axum::Json;
use axum::extract::State;
use model::{DeliveryId, Media, Right, TemplateVersion, Versioned, Webhook};
use privacy::{AuditReceipt, Disclosed};
use serde::Serialize;
use store::{Batch, DeliveryRow};
use utoipa::ToSchema;

use super::response::Response;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::{Refused, Result};
use crate::rendered::{self, Body};
use crate::request::{Field, Request};
use crate::why::Why;
use crate::{Api, refused};

/// The request that a delivery makes, what is about people masked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeliveryRequest)]
pub(crate) struct Shape {
    #[serde(flatten)]
    request: Request,
    /// What of the body names or describes a person.
    personal: Vec<Field>,
    /// The template that made the body; null without one.
    #[schema(value_type = Option<String>)]
    template_version: Option<TemplateVersion>,
    /// Why there is no body, where the webhook's template cannot tell the event: the place in the template and the reason.
    problem: Option<String>,
}

/// The request that a delivery makes, as it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevealedRequest)]
pub(crate) struct Revealed {
    #[serde(flatten)]
    request: Request,
    /// What the receiver answered to its last calls that failed, oldest first.
    responses: Vec<Response>,
}

/// Shows the request of a delivery with its content, once the reading stands in the audit log. Credentials stay masked.
#[utoipa::path(post, path = "/admin/deliveries/{id}/reveal", tag = "deliveries",
    request_body = Why, responses((status = 200, body = Revealed)))]
pub(crate) async fn reveal(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<DeliveryId>,
    doc: Doc,
) -> Result<Json<Revealed>> {
    caller.needs(Right::Reveal)?;
    let row = api.delivery(&caller, id).await?;
    let why: Why = doc.read()?;
    let reason = why.reason()?;
    let webhook = api.hook_of(&row).ok_or_else(Refused::not_found)?;
    let body = match api.body_of(&row, &webhook).await? {
        Body::Told(told) => told,
        Body::Unshaped(unshaped) => return Err(rendered::unshaped(unshaped).into()),
        Body::Gone => return Err(refused::gone()),
    };
    let replies = api.replies(&row).await?;
    let entry = api.entry(&caller, Action::Reveal, id, reason);
    let receipt = AuditReceipt::of(api.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await)?;
    let headers = api.headers_of(&row, &webhook, Some(&body));
    let body = Some(String::from_utf8_lossy(&body.body).into_owned());
    let request = Request::of(webhook.url.as_url().to_string(), headers, body);
    let responses = replies.iter().map(|reply| Response::revealed(reply, &receipt)).collect();
    Ok(Json(Revealed { request, responses }))
}

impl Api {
    /// The masked request of a delivery; none once its webhook is gone.
    pub(super) async fn shape(&self, row: &DeliveryRow) -> Result<Option<Shape>> {
        let Some(webhook) = self.hook_of(row) else { return Ok(None) };
        let body = self.body_of(row, &webhook).await?;
        let told = body.told();
        let mut headers = self.headers_of(row, &webhook, told);
        // A signature of the true body over a masked one would only mislead.
        for (name, value) in &mut headers {
            if name == "webhook-signature" || (told.is_none() && name == "content-length") {
                *value = "(masked)".to_owned();
            }
        }
        let template = self.settings.now().template(&webhook).ok().flatten();
        let masked = told.map(|told| rendered::masked(told, template.as_deref()));
        let personal = masked.as_ref().map(|masked| masked.personal.clone()).unwrap_or_default();
        let url = webhook.url.as_url().to_string();
        Ok(Some(Shape {
            request: Request::of(url, headers, masked.map(|masked| masked.body)),
            personal: personal.into_iter().map(Field::of).collect(),
            template_version: told.and_then(|told| told.template),
            problem: body.problem(),
        }))
    }

    fn hook_of(&self, row: &DeliveryRow) -> Option<std::sync::Arc<Versioned<Webhook>>> {
        self.settings.now().webhook(row.organisation, row.webhook).cloned()
    }

    fn headers_of(
        &self,
        row: &DeliveryRow,
        webhook: &Webhook,
        told: Option<&Disclosed>,
    ) -> Vec<(String, String)> {
        let at = row.ended.or(row.due).unwrap_or_else(|| self.clock.now());
        let (body, media) = told.map_or((&[][..], Media::Json), |told| (&*told.body, told.media));
        let planned = model::Planned { delivery: row.id, event: row.event, body, media, at };
        self.rehearse.headers(webhook, planned).unwrap_or_default()
    }

    /// The bytes that were sent, or would be with the settings of now.
    async fn body_of(&self, row: &DeliveryRow, webhook: &Versioned<Webhook>) -> Result<Body> {
        let Some(stored) = self.store.events(&[row.event]).await?.pop().flatten() else {
            return Ok(Body::Gone);
        };
        let event = &stored.event;
        if let Some(kept) = self.store.rendered(row.id).await? {
            return self.opened(event, &kept, (row.id, webhook)).await;
        }
        match self.settings.now().template(webhook) {
            Ok(template) => self.disclosed(row.id, &stored, (webhook, template.as_deref())).await,
            Err(unshaped) => Ok(Body::Unshaped(unshaped)),
        }
    }

    async fn opened(
        &self,
        event: &model::Event,
        kept: &model::Sealed,
        (id, webhook): (DeliveryId, &Webhook),
    ) -> Result<Body> {
        let key = self.keyring.for_opening(event.organisation, event.subject, kept).await;
        let Some(key) = key.map_err(|error| Refused::internal(&error))? else { return Ok(Body::Gone) };
        let bytes = key
            .open(privacy::RecordKind::Rendered, model::Id::row(id), kept)
            .map_err(|error| Refused::internal(&error))?;
        // What was sent is shown as it was sent, whatever the webhook may see by now.
        Ok(Disclosed::kept(bytes, webhook.profile).map_or(Body::Gone, |(told, _)| Body::Told(told)))
    }
}
