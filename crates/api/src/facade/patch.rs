//! `PATCH /fhir/{integration}/Subscription/{id}`

use axum::extract::{Path, State};
use axum::response::Response;
use fhir::{fhirpath_patch, patch, subscription};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::document::Document;
use super::find;
use super::outcome::Outcome;
use super::shown::{Headers, wish};
use super::update::{if_match, replace};
use super::visit::Visit;
use crate::Api;

/// Changes parts of a Subscription, by JSON Patch (RFC 6902) or FHIRPath Patch.
pub(super) async fn patch(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
    headers: HeaderMap,
    document: Document,
) -> Result<Response, Outcome> {
    visit.may_subscribe()?;
    let present = find::one(&api.settings.now(), &visit, &id)?;
    if_match(&headers, present.version)?;
    let facet = present.subscription.as_deref().ok_or_else(Outcome::not_found)?;
    // The patch works on what the client once wrote, its headers included; nobody sees that.
    let before = wish(&present, facet, Headers::Echoed);
    let shown = subscription::Shown { id: &facet.id, version: present.version, wish: &before, error: None };
    let mut resource = subscription::write(visit.version(), shown);
    apply(&mut resource, &document)?;
    let after = subscription::read(visit.version(), &resource)?;
    if after.id.as_deref() != Some(id.as_str()) {
        return Err(Outcome::refused("value", "Subscription.id", "cannot be changed"));
    }
    replace(&api, &visit, after, present).await
}

/// Takes the steps of a patch, of whichever kind its MIME type says.
fn apply(resource: &mut Value, document: &Document) -> Result<(), Outcome> {
    match document.kind() {
        "application/json-patch+json" => patch::apply(resource, &document.json()?)
            .map_err(|fault| Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, "processing", fault.to_string())),
        "application/fhir+json" | "application/json" => {
            Ok(fhirpath_patch::apply(resource, &document.json()?)?)
        }
        _ => {
            let why = "Send application/json-patch+json with a JSON Patch, or application/fhir+json with Parameters.";
            Err(Outcome::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-supported", why))
        }
    }
}
