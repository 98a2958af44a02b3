//! `PUT /fhir/{integration}/Subscription/{id}`

use std::sync::Arc;

use audit::Action;
use axum::extract::{Path, State};
use axum::response::Response;
use fhir::subscription::{self, Wish};
use http::{HeaderMap, StatusCode, header};
use model::{Change, Config, SubscriptionStatus, Versioned, Webhook};
use store::End;

use super::accept::{Base, accept};
use super::create::{detail, is_at, make};
use super::document::Document;
use super::offered::is_there;
use super::outcome::Outcome;
use super::shown::{Headers, resource};
use super::visit::Visit;
use super::{answer, find};
use crate::Api;

/// Replaces a Subscription, or makes it under an id that the client chose.
pub(super) async fn update(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
    headers: HeaderMap,
    document: Document,
) -> Result<Response, Outcome> {
    visit.may_subscribe()?;
    if !fhir::is_id(&id) {
        return Err(Outcome::not_found());
    }
    let wish = subscription::read(visit.version(), &document.resource()?)?;
    if wish.id.as_deref() != Some(id.as_str()) {
        return Err(Outcome::refused("value", "Subscription.id", "is another id than the address, or none"));
    }
    let now = api.settings.now();
    match find::taken(&now, &visit, &id) {
        None if headers.contains_key(header::IF_MATCH) => Err(Outcome::not_found()),
        None => make(&api, &visit, wish, Some(id)).await,
        Some(false) => {
            let why = "Another key's Subscription has this id.";
            Err(Outcome::new(StatusCode::FORBIDDEN, "forbidden", why))
        }
        Some(true) => {
            let present = find::one(&now, &visit, &id)?;
            if_match(&headers, present.version)?;
            replace(&api, &visit, wish, present).await
        }
    }
}

/// Refuses a change that builds on another version.
pub(super) fn if_match(headers: &HeaderMap, version: u64) -> Result<(), Outcome> {
    let Some(wanted) = headers.get(header::IF_MATCH) else { return Ok(()) };
    let tags = wanted.to_str().unwrap_or_default();
    let own = format!("\"{version}\"");
    if tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == own || tag.trim() == "*") {
        return Ok(());
    }
    let why = format!("The present version is {version}; read it again and repeat the change.");
    Err(Outcome::new(StatusCode::PRECONDITION_FAILED, "conflict", why))
}

/// Puts a wish in the place of a Subscription. Its handshake follows, unless it is to be off.
pub(super) async fn replace(
    api: &Api,
    visit: &Visit,
    wish: Wish,
    present: Arc<Versioned<Webhook>>,
) -> Result<Response, Outcome> {
    let id = present.subscription.as_deref().map(|facet| facet.id.clone()).unwrap_or_default();
    let is_over = wish.status == SubscriptionStatus::Off;
    let base = Base { webhook: present.id, id, present: Some(&present) };
    let webhook = accept(api, visit, wish, base).await?;
    let entry = api.entry(&visit.caller, Action::Update, webhook.id, &detail(&webhook));
    let put = Change::PutWebhook(Box::new(webhook.clone()));
    let unchanged = is_at(&present);
    let holds = |config: &Config| unchanged(config).and_then(|()| is_there(config, &webhook));
    let version = api.change(holds, vec![put], vec![entry]).await?;
    if is_over {
        api.store.end_all(present.id, End::Cancelled, api.clock.now()).await?;
    }
    let shown = resource(visit, &Versioned { version, doc: webhook }, Headers::Echoed);
    Ok(answer::versioned(StatusCode::OK, &shown, (version, None)))
}
