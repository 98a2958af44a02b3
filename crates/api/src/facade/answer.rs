//! Resources as answers.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

/// A resource.
pub(super) fn resource(status: StatusCode, resource: &Value) -> Response {
    text(status, resource.to_string())
}

/// A resource that is text already.
pub(super) fn text(status: StatusCode, text: String) -> Response {
    let mut response = (status, text).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(FHIR));
    response
}

/// A resource of a version: with its `ETag`, and where it is if it is new.
pub(super) fn versioned(
    status: StatusCode,
    shown: &Value,
    (version, location): (u64, Option<String>),
) -> Response {
    let mut response = resource(status, shown);
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{version}\"")) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(location) = location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    response
}

const FHIR: &str = "application/fhir+json";
