//! `/`: the console. Nothing else is ever answered as HTML.

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use ui_assets::{Coding, File};

use crate::refused::Refused;
use crate::{Api, error_pages};

/// The console's own addresses.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/", get(index))
        .route("/assets/{*name}", get(asset))
        .route("/docs/errors/{code}", get(error_page))
}

/// What nobody else answers: a file or a page of the console for a browser that goes there, and nothing otherwise.
pub(crate) async fn or_nothing(State(api): State<Api>, request: Request) -> Response {
    let path = request.uri().path();
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || OWNED.contains(&first) {
        return Refused::not_found().into_response();
    }
    if let Some(file) = api.console.find(path.trim_start_matches('/')) {
        return shown(file, request.headers(), NOT_KEPT);
    }
    if !wants_a_page(request.headers()) {
        return Refused::not_found().into_response();
    }
    index(State(api), request.into_parts().0.headers).await
}

async fn index(State(api): State<Api>, headers: HeaderMap) -> Response {
    let Some(file) = api.console.index() else { return Refused::not_found().into_response() };
    let mut answer = shown(file, &headers, NOT_KEPT);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    answer
}

/// A file whose name changes with what it holds.
async fn asset(State(api): State<Api>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    match api.console.find(&format!("assets/{name}")) {
        Some(file) => shown(file, &headers, KEPT_FOR_EVER),
        None => Refused::not_found().into_response(),
    }
}

/// Where `type` of every problem leads: the console for a browser that goes there, the page itself for who asks in words.
async fn error_page(State(api): State<Api>, Path(code): Path<String>, headers: HeaderMap) -> Response {
    if wants_a_page(&headers) {
        return index(State(api), headers).await;
    }
    let Some(page) = error_pages::find(&code) else { return Refused::not_found().into_response() };
    let kind = HeaderValue::from_static("text/markdown; charset=utf-8");
    ([(header::CONTENT_TYPE, kind), (header::VARY, HeaderValue::from_static("accept"))], page).into_response()
}

fn shown(file: File, headers: &HeaderMap, caching: HeaderValue) -> Response {
    let file = if takes_gzip(headers) { file } else { file.plain() };
    let mut answer = Response::new(file.bytes.into_owned().into());
    let fields = answer.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    fields.insert(header::CACHE_CONTROL, caching);
    fields.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    if file.coding == Coding::Gzip {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    words(headers, &header::ACCEPT_ENCODING).any(|(word, refused)| word == "gzip" && !refused)
}

fn wants_a_page(headers: &HeaderMap) -> bool {
    words(headers, &header::ACCEPT).any(|(word, refused)| word == "text/html" && !refused)
}

/// The words of a header of preferences, and whether each is refused by `q=0`.
fn words(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = (String, bool)> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let word = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight =
            parts.filter_map(|part| part.strip_prefix("q=")).find_map(|text| text.parse::<f32>().ok());
        (word, weight.is_some_and(|weight| weight <= 0.0))
    })
}

/// First segments of addresses that belong to programs: whoever gets one wrong hears so, in JSON.
const OWNED: [&str; 10] = [
    "admin",
    "assets",
    "fhir",
    "healthz",
    "ingest",
    "metrics",
    "openapi.json",
    "readyz",
    "session",
    "stream",
];
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");
const KEPT_FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_with_their_weights() {
        let gzip = |text: &str| {
            let value = HeaderValue::from_str(text).unwrap();
            takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]))
        };
        assert!(gzip("br, GZIP;q=0.5") && gzip("gzip"));
        assert!(!gzip("br") && !gzip("gzip;q=0") && !gzip("identity, gzip; q=0.0"));
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
