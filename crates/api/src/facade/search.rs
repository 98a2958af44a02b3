//! `GET /fhir/{integration}/Subscription`

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use model::{Subscription, Versioned, Webhook};
use serde_json::{Value, json};

use super::document::Document;
use super::given::Given;
use super::outcome::Outcome;
use super::shown::{Headers, resource};
use super::visit::Visit;
use super::{answer, find};
use crate::Api;

/// The Subscriptions of the caller that fit all parameters.
pub(super) async fn search(
    State(api): State<Api>,
    visit: Visit,
    request: Request,
) -> Result<Response, Outcome> {
    let (parts, _) = request.into_parts();
    found(&api, &visit, &Given::of(&parts))
}

/// The same, with the parameters in a form.
pub(super) async fn search_by_post(
    State(api): State<Api>,
    visit: Visit,
    document: Document,
) -> Result<Response, Outcome> {
    found(&api, &visit, &Given::of_form(document.form()))
}

fn found(api: &Api, visit: &Visit, given: &Given) -> Result<Response, Outcome> {
    given.only(&PARAMETERS)?;
    let now = api.settings.now();
    let fits = |webhook: &&std::sync::Arc<Versioned<Webhook>>| {
        let facet = webhook.subscription.as_deref();
        facet.is_some_and(|facet| given.pairs().all(|(name, value)| fits(webhook, facet, (name, value))))
    };
    let found: Vec<Value> =
        find::all(&now, visit).filter(fits).map(|one| resource(visit, one, Headers::Masked)).collect();
    Ok(answer::resource(StatusCode::OK, &searchset(visit, "Subscription", given, found)))
}

/// Whether one parameter fits; values joined by commas are alternatives.
fn fits(webhook: &Webhook, facet: &Subscription, (name, value): (&str, &str)) -> bool {
    let is = |text: &str| value.split(',').any(|wanted| wanted == text);
    let is_code = |text: &str| value.split(',').any(|wanted| wanted.rsplit('|').next() == Some(text));
    match name {
        "_id" => is(&facet.id),
        "status" => is_code(facet.status.code()),
        "url" => !webhook.is_listening() && is(webhook.url.as_url().as_str()),
        "criteria" | "topic" | "Subscription-topic" => is(&facet.topic),
        "payload" | "content-type" => is_code(&facet.payload),
        "payload-type" | "content-level" => is_code(facet.content.code()),
        "filter-criteria" => facet.filters.iter().any(|filter| is(filter)),
        "type" => is_code(facet.channel.code()),
        // There are no channels of one's own.
        "custom-channel" => false,
        "contact" => facet.contact.iter().any(|contact| contact["value"].as_str().is_some_and(is_code)),
        _ => false,
    }
}

/// A Bundle of what a search found.
pub(super) fn searchset(visit: &Visit, kind: &str, given: &Given, found: Vec<Value>) -> Value {
    let query: Vec<String> =
        given.pairs().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let total = found.len();
    let entries = found.into_iter().map(|resource| {
        let id = resource["id"].as_str().unwrap_or_default();
        json!({
            "fullUrl": format!("{}/{kind}/{id}", visit.base), "resource": resource, "search": { "mode": "match" },
        })
    });
    let entries: Vec<Value> = entries.collect();
    let mut bundle = json!({
        "resourceType": "Bundle", "type": "searchset", "total": total,
        "link": [{ "relation": "self", "url": format!("{}/{kind}{query}", visit.base) }],
    });
    if !entries.is_empty() {
        bundle["entry"] = entries.into();
    }
    bundle
}

fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

pub(super) const PARAMETERS: [&str; 14] = [
    "_id",
    "status",
    "url",
    "criteria",
    "topic",
    "Subscription-topic",
    "payload",
    "content-type",
    "payload-type",
    "content-level",
    "filter-criteria",
    "type",
    "custom-channel",
    "contact",
];
