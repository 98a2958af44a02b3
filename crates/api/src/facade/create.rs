//! `POST /fhir/{integration}/Subscription`

use audit::Action;
use axum::extract::State;
use axum::response::Response;
use fhir::subscription::{self, Wish};
use http::StatusCode;
use model::{Change, Code, Config, Versioned, Webhook, limits};

use super::accept::{Base, accept};
use super::answer;
use super::document::Document;
use super::offered::is_there;
use super::outcome::Outcome;
use super::shown::{Headers, resource};
use super::visit::Visit;
use crate::Api;

/// Makes a Subscription; its handshake follows at once.
pub(super) async fn create(
    State(api): State<Api>,
    visit: Visit,
    document: Document,
) -> Result<Response, Outcome> {
    visit.may_subscribe()?;
    let wish = subscription::read(visit.version(), &document.resource()?)?;
    make(&api, &visit, wish, None).await
}

/// Makes a Subscription, under an id that the client chose or under one of ours.
pub(super) async fn make(
    api: &Api,
    visit: &Visit,
    wish: Wish,
    id: Option<String>,
) -> Result<Response, Outcome> {
    let webhook: model::WebhookId = api.ids.next(api.clock.now());
    let own = webhook.to_string().trim_start_matches("whk_").to_owned();
    let id = id.unwrap_or(own);
    let made = accept(api, visit, wish, Base { webhook, id, present: None }).await?;
    let facet = made.subscription.as_deref().map(|facet| facet.id.clone()).unwrap_or_default();
    let integration = visit.integration.id;
    let has_room = |config: &Config| {
        let there = config.webhooks.values().filter(|one| one.integration_id == integration);
        let ids: Vec<&str> = there.filter_map(|one| Some(one.subscription.as_deref()?.id.as_str())).collect();
        let is_known = config.integrations.contains_key(&integration);
        match () {
            () if !is_known => Err(Code::NotFound),
            () if is_there(config, &made).is_err() => Err(Code::Conflict),
            () if ids.contains(&facet.as_str()) => Err(Code::Conflict),
            () if ids.len() >= limits::SUBSCRIPTIONS => Err(Code::Overloaded),
            () => Ok(()),
        }
    };
    let entry = api.entry(&visit.caller, Action::Create, made.id, &detail(&made));
    let put = Change::PutWebhook(Box::new(made.clone()));
    let version = api.change(has_room, vec![put], vec![entry]).await?;
    let location = format!("{}/Subscription/{facet}", visit.base);
    let shown = resource(visit, &Versioned { version, doc: made }, Headers::Echoed);
    Ok(answer::versioned(StatusCode::CREATED, &shown, (version, Some(location))))
}

/// What the audit log keeps of it: its topic is public, its filters are not.
pub(super) fn detail(webhook: &Webhook) -> String {
    webhook.subscription.as_deref().map_or_else(String::new, |facet| {
        format!("FHIR Subscription, {}, {}", facet.content.code(), facet.topic)
    })
}

/// Whether nobody changed the Subscription since it was looked at.
pub(super) fn is_at(webhook: &Versioned<Webhook>) -> impl Fn(&Config) -> Result<(), Code> {
    crate::change::webhook_is_at(webhook.id, webhook.version)
}
