//! `/healthz`, `/readyz`, `/metrics` and `/openapi.json`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::caller::Caller;
use crate::refused::Result;
use crate::sources::list::{is_certificate_ending, is_in_clear};

/// The server runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alive {
    /// `alive`.
    status: &'static str,
}

/// Whether the server may take traffic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    ready: bool,
    /// What is missing: `store`, `stopping`.
    missing: Vec<&'static str>,
    /// What needs somebody to look, though traffic may come: `retention_clock`, `port_certificate`,
    /// `port_in_clear`.
    warnings: Vec<&'static str>,
}

/// Whether the process lives. Takes no key.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, body = Alive)))]
pub(crate) async fn healthz() -> Json<Alive> {
    Json(Alive { status: "alive" })
}

/// Whether the server may take traffic; names what is missing. Takes no key.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()),
    responses((status = 200, body = Ready), (status = 503, body = Ready)))]
pub(crate) async fn readyz(State(api): State<Api>) -> (StatusCode, Json<Ready>) {
    let mut missing = Vec::new();
    if let Some(reason) = api.store.health().await.failed {
        tracing::warn!(reason, "not ready: the store cannot write");
        missing.push("store");
    }
    if api.stop.is_stopped() {
        missing.push("stopping");
    }
    let status = if missing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut warnings = Vec::new();
    if api.metrics.is_retention_stopped() {
        warnings.push("retention_clock");
    }
    let (now, settings) = (api.clock.now(), api.settings.now());
    if settings.config.integrations.values().any(|known| is_certificate_ending(known, now)) {
        warnings.push("port_certificate");
    }
    if settings.config.integrations.values().any(|known| is_in_clear(known, &api.options)) {
        warnings.push("port_in_clear");
    }
    (status, Json(Ready { ready: missing.is_empty(), missing, warnings }))
}

/// What is counted, for Prometheus. Takes any key.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, content_type = "application/openmetrics-text", body = String)))]
pub(crate) async fn metrics(State(api): State<Api>, _: Caller) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], api.metrics.encode()).into_response()
}

/// This description. Takes any key.
#[utoipa::path(get, path = "/openapi.json", tag = "health",
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn openapi(State(api): State<Api>, _: Caller) -> Result<Response> {
    Ok(Json(crate::openapi((*api.doors).clone())).into_response())
}
