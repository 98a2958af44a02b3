//! `PATCH /fhir/{integration}/Subscription/{id}`

use axum::extract::{Path, State};
use axum::response::Response;
use fhir::{patch, subscription};
use http::{HeaderMap, StatusCode};

use super::document::Document;
use super::find;
use super::outcome::Outcome;
use super::shown::{Headers, wish};
use super::update::{if_match, replace};
use super::visit::Visit;
use crate::Api;

/// Changes parts of a Subscription, by JSON Patch (RFC 6902).
pub(super) async fn patch(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
    headers: HeaderMap,
    document: Document,
) -> Result<Response, Outcome> {
    visit.may_subscribe()?;
    if document.kind() != "application/json-patch+json" {
        let why =
            "A Subscription is patched by application/json-patch+json; FHIRPath Patch is not supported.";
        return Err(Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, "not-supported", why));
    }
    let present = find::one(&api.settings.now(), &visit, &id)?;
    if_match(&headers, present.version)?;
    let steps = document.json()?;
    let facet = present.subscription.as_deref().ok_or_else(Outcome::not_found)?;
    // The patch works on what the client once wrote, its headers included; nobody sees that.
    let before = wish(&present, facet, Headers::Echoed);
    let shown = subscription::Shown { id: &facet.id, version: present.version, wish: &before, error: None };
    let mut resource = subscription::write(visit.version(), shown);
    patch::apply(&mut resource, &steps)
        .map_err(|fault| Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, "processing", fault.to_string()))?;
    let after = subscription::read(visit.version(), &resource)?;
    if after.id.as_deref() != Some(id.as_str()) {
        return Err(Outcome::refused("value", "Subscription.id", "cannot be changed"));
    }
    replace(&api, &visit, after, present).await
}
