//! The console, and that nothing else is HTML.

use axum::body::Body;
use http::{Request, header};
use model::Code;

use super::desk::{Answer, Desk};
use crate::description::operations;

async fn navigate(desk: &Desk, method: &str, path: &str, more: &[(&str, &str)]) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
    let request = more.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    desk.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_console_comes_with_headers_that_let_nothing_else_in() {
    let desk = Desk::open().await;
    for path in ["/", "/signin", "/integrations/int_1/webhooks"] {
        let answer = navigate(&desk, "GET", path, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!(answer.status, 200, "{path}");
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("content-encoding", "gzip"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                 connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
            ),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        assert!(answer.headers["permissions-policy"].to_str().unwrap().contains("camera=()"));
        assert_eq!(answer.bytes[..2], [0x1f, 0x8b], "gzip-ed");
    }
    let answer = navigate(&desk, "GET", "/", &[]).await;
    assert!(answer.headers.get("content-encoding").is_none());
    assert!(String::from_utf8_lossy(&answer.bytes).to_lowercase().starts_with("<!doctype html>"));
}

#[tokio::test]
async fn who_is_no_browser_that_goes_somewhere_hears_that_nothing_is_there() {
    let desk = Desk::open().await;
    desk.get("nobody", "/signin").await.refused(Code::NotFound, None);
    navigate(&desk, "POST", "/signin", &[]).await.refused(Code::NotFound, None);
    for path in
        ["/admin/nothing", "/ingest/int_1", "/assets/none.js", "/session/x", "/fhir", "/..%2fCargo.toml/"]
    {
        let answer = navigate(&desk, "GET", path, &[]).await;
        if path.starts_with("/..") {
            assert_eq!(answer.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        } else {
            assert_ne!(answer.headers[header::CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
            assert!(answer.status.is_client_error(), "{path}");
        }
    }
}

#[tokio::test]
async fn no_call_answers_as_html_whatever_is_asked_for_and_sent() {
    let desk = Desk::open().await;
    let mut calls = Vec::new();
    for (path, item) in &mut crate::openapi(utoipa::openapi::OpenApi::default()).paths.paths {
        let path = path.replace('{', "%3Cscript%3E").replace('}', "");
        calls.extend(operations(item).map(|(method, _)| (method, path.clone())));
    }
    assert!(calls.len() > 40, "{}", calls.len());
    for (method, path) in calls {
        for who in ["admin", "viewer", "nobody"] {
            let answer = ask_for_html(&desk, who, method, &path).await;
            let kind = answer.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap());
            let is_data = |kind: &str| DATA.iter().any(|known| kind.starts_with(known));
            assert!(kind.is_none_or(is_data), "{who} {method} {path}: {kind:?}");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        }
    }
}

async fn ask_for_html(desk: &Desk, who: &str, method: &str, path: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header(header::ACCEPT, "text/html");
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let body = if method == "GET" { "" } else { r#"{"name":"<script>alert(1)</script>","kind":"fhir"}"# };
    let request = request.body(Body::from(body)).unwrap();
    if who == "nobody" { desk.send(request).await } else { desk.send_as(who, request).await }
}

const DATA: [&str; 4] =
    ["application/json", "application/problem+json", "application/openmetrics-text", "text/event-stream"];

#[tokio::test]
async fn the_page_of_an_error_is_the_console_for_a_browser_and_its_text_for_the_console() {
    let desk = Desk::open().await;
    let page = navigate(&desk, "GET", "/docs/errors/not_found", &[]).await;
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let text = desk.get("nobody", "/docs/errors/not_found").await;
    assert_eq!(
        (text.status, &text.headers[header::CONTENT_TYPE]),
        (200.try_into().unwrap(), &"text/markdown; charset=utf-8".parse().unwrap())
    );
    assert!(text.bytes.starts_with(b"# `not_found`"));
    desk.get("nobody", "/docs/errors/nothing").await.refused(Code::NotFound, None);
}
