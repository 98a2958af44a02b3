//! `GET /fhir/{integration}/Subscription/{id}`

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::outcome::Outcome;
use super::shown::{Headers, resource};
use super::visit::Visit;
use super::{answer, find};
use crate::Api;

/// Shows a Subscription; the values of its headers are masked.
pub(super) async fn read(
    State(api): State<Api>,
    visit: Visit,
    Path((_, id)): find::Ids,
) -> Result<Response, Outcome> {
    let found = find::one(&api.settings.now(), &visit, &id)?;
    let shown = resource(&visit, &found, Headers::Masked);
    Ok(answer::versioned(StatusCode::OK, &shown, (found.version, None)))
}
