//! Headers of every answer, and the access log.

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};
use tokio::time::Instant;

/// Puts the headers and the access log before every door of `router`, those merged into it included.
pub fn fronted(router: Router) -> Router {
    router.layer(from_fn(front))
}

/// Logs a call by the template of its route: a path may name what nobody should read in a log.
async fn front(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let status = answer.status().as_u16();
    tracing::info!(target: "access", %method, route, status, ms = began.elapsed().as_millis() as u64, "call");
    answer
}

const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(NO_DEVICES)),
];

const NO_DEVICES: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()";
