//! A receiver for trials, on the server itself: it takes every call, keeps nothing and says how it came.
//!
//! It stands only where `--dev` lets webhooks call this machine.

use axum::body::Bytes;
use axum::routing::post;
use axum::{Json, Router};
use http::HeaderMap;
use serde::Serialize;

use crate::Api;

/// Where it is.
pub const PATH: &str = "/test-receiver";

/// What it answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    taken: bool,
    bytes: usize,
    /// Whether the call carried a signature; only its own secret could tell whether it fits.
    signed: bool,
}

/// Its route, where there is one.
pub(crate) fn routes(api: &Api) -> Router<Api> {
    let router = Router::new();
    if api.options.test_receiver.is_some() { router.route(PATH, post(take)) } else { router }
}

async fn take(headers: HeaderMap, body: Bytes) -> Json<Taken> {
    Json(Taken { taken: true, bytes: body.len(), signed: headers.contains_key("webhook-signature") })
}
