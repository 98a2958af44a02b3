//! `POST /admin/integration/{id}/webhooks/test`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use matching::{Catalogue, Compiled};
use model::{
    Code, EventType, Integration, IntegrationId, Pattern, Problem, Rehearsal, Right, UrlChange, Versioned,
    Webhook, WebhookId,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::accept::{self, Base, signing};
use super::find;
use super::wish::Wish;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::integrations::Offer;
use crate::refused::Result;
use crate::{Api, strict};

/// What a test send found, step by step, up to the first that failed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TestResult)]
pub(crate) struct Found {
    ok: bool,
    steps: Vec<FoundStep>,
    status: Option<u16>,
    /// The headers that were sent, credentials masked.
    request_headers: Map<String, Value>,
    /// What came back; null if nothing did.
    response: Option<Answered>,
}

/// What the receiver of a test send answered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TestResponse)]
struct Answered {
    /// Its headers; what could be a credential is masked.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    headers: Map<String, Value>,
    /// The first 4 KiB of its body.
    body: String,
}

/// One step of a test send.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TestStep)]
struct FoundStep {
    /// `dns`, `connect`, `tls`, `request` or `response`.
    name: &'static str,
    ok: bool,
    ms: f64,
    /// What went wrong: an error category of attempts, or a problem code; each has a page.
    error: Option<&'static str>,
    /// Why, in this case.
    detail: Option<String>,
}

/// Sends one sample event, marked as a test, with the very request that a delivery would make.
///
/// The body is `{"webhookId"}`, or the settings of a webhook that is not saved,
/// or both for changed settings; and `eventType`, by default one that is wanted.
#[utoipa::path(post, path = "/admin/integration/{id}/webhooks/test", tag = "webhooks",
    request_body = Value, responses((status = 200, body = Found)))]
pub(crate) async fn test(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<IntegrationId>,
    doc: Doc,
) -> Result<Json<Found>> {
    caller.needs(Right::Configure)?;
    let now = api.settings.now();
    let integration = find::integration(&now, &caller, id)?;
    let asked = Asked::read(doc.read()?, (&now, &caller))?;
    let (rehearsed, event_type, _) = asked.webhook(&api, (&now, integration), &caller)?;
    if rehearsed.is_listening() {
        let why = "The client of this FHIR Subscription listens at a websocket, so there is nothing to call.";
        return Err(Problem::new(Code::NotSupported, why).fix("Bind a socket, and send an event.").into());
    }
    Ok(Json(api.rehearse.rehearse(rehearsed, event_type).await.into()))
}

impl Api {
    /// The webhook that settings would make: of one that is there, or a new one.
    pub(crate) fn webhook_of(
        &self,
        caller: &Caller,
        (integration, id): (IntegrationId, Option<WebhookId>),
        wish: Wish,
    ) -> Result<Webhook> {
        let now = self.settings.now();
        let found = find::integration(&now, caller, integration)?;
        let present = id.map(|id| find::webhook(&now, caller, (integration, id))).transpose()?;
        self.made_of(wish, (&now, found, present), caller).map(|(webhook, _)| webhook)
    }

    fn unsaved(
        &self,
        mut settings: Map<String, Value>,
        event_type: Option<&EventType>,
        (now, integration, present): (&Compiled, &Integration, Option<&Arc<Versioned<Webhook>>>),
        caller: &Caller,
    ) -> Result<(Webhook, Vec<UrlChange>)> {
        settings.entry("name").or_insert_with(|| Value::from("Test"));
        let types = || Value::from(vec![event_type.map_or("*", EventType::as_str)]);
        settings.entry("eventTypes").or_insert_with(types);
        let wish: Wish = strict::read_value(Value::Object(settings))?;
        self.made_of(wish, (now, integration, present), caller)
    }

    fn made_of(
        &self,
        mut wish: Wish,
        (now, integration, present): (&Compiled, &Integration, Option<&Arc<Versioned<Webhook>>>),
        caller: &Caller,
    ) -> Result<(Webhook, Vec<UrlChange>)> {
        let signing = match present {
            Some(present) => signing::kept(wish.signing.as_ref(), &present.signing)?,
            None => signing::made(wish.signing.take())?,
        };
        let desk = self.desk(now, integration, caller);
        let id = present.map_or_else(|| self.ids.next(desk.now), |present| present.id);
        let base = Base { id, signing, present: present.map(|present| &present.doc) };
        Ok(accept::accept(wish, base, &desk)?)
    }
}

/// Which webhook is meant, saved or not.
pub(super) struct Asked {
    webhook: Option<WebhookId>,
    event_type: Option<EventType>,
    settings: Option<Map<String, Value>>,
}

impl Asked {
    pub(super) fn read(
        mut body: Map<String, Value>,
        (now, caller): (&Compiled, &Caller),
    ) -> Result<Self, Problem> {
        let is_known = |name: &str| now.find_type(caller.organisation(), name).is_some();
        let webhook = match body.remove("webhookId") {
            None | Some(Value::Null) => None,
            Some(id) => Some(strict::read_value(id).map_err(|problem| problem.at("/webhookId"))?),
        };
        let event_type = match body.remove("eventType") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) if is_known(&name) => Some(EventType::from(name.as_str())),
            Some(_) => return Err(Problem::from(Code::UnknownEventType).at("/eventType")),
        };
        Ok(Asked { webhook, event_type, settings: (!body.is_empty()).then_some(body) })
    }

    /// The webhook, the type of the sample, and what sanitising took out of a URL that is not saved.
    pub(super) fn webhook(
        self,
        api: &Api,
        (now, integration): (&Compiled, &Integration),
        caller: &Caller,
    ) -> Result<(Webhook, EventType, Vec<UrlChange>)> {
        let ids = self.webhook.map(|webhook| (integration.id, webhook));
        let present = ids.map(|ids| find::webhook(now, caller, ids)).transpose()?;
        let (webhook, changes) = match (self.settings, present) {
            (None, Some(present)) => (present.doc.clone(), Vec::new()),
            (settings, present) => {
                let settings = settings.unwrap_or_default();
                api.unsaved(settings, self.event_type.as_ref(), (now, integration, present), caller)?
            }
        };
        let event_type = self.event_type.unwrap_or_else(|| {
            let around = (now, integration.organisation_id);
            wanted(&webhook, &Offer::of(&integration.kind, &api.presets, around))
        });
        Ok((webhook, event_type, changes))
    }
}

/// A type that the webhook would get: the first that it names, or the first that its integration raises.
fn wanted(webhook: &Webhook, offer: &Offer<'_>) -> EventType {
    let named = webhook.event_types.iter().find_map(|pattern| match pattern {
        Pattern::Exact(name) => Some(EventType::from(name.as_str())),
        Pattern::Any | Pattern::Below(_) => None,
    });
    let catalogue = Catalogue::embedded();
    let is_wanted =
        |name: &EventType| webhook.event_types.iter().any(|pattern| pattern.matches(name.as_str()));
    let offered = || offer.types().map(|info| &info.name).find(|name| is_wanted(name));
    let any = || catalogue.types().map(|info| &info.name).find(|name| is_wanted(name));
    named
        .or_else(|| offered().cloned())
        .or_else(|| any().cloned())
        .unwrap_or_else(|| "lab.result.available".into())
}

impl From<Rehearsal> for Found {
    fn from(rehearsal: Rehearsal) -> Self {
        let step = |step: model::Step| {
            let model::Step { name, ok, ms, error, detail } = step;
            FoundStep { name, ok, ms, error, detail }
        };
        let object = |headers: Vec<(String, String)>| {
            headers.into_iter().map(|(name, value)| (name, Value::from(value))).collect()
        };
        let answered =
            |answer: model::Answer| Answered { headers: object(answer.headers), body: answer.body };
        Found {
            ok: rehearsal.ok,
            steps: rehearsal.steps.into_iter().map(step).collect(),
            status: rehearsal.status,
            request_headers: object(rehearsal.request_headers),
            response: rehearsal.answer.map(answered),
        }
    }
}
