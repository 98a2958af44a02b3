//! Signing in, and what a cookie may do.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, header};
use model::{Code, limits};
use serde_json::{Value, json};

use super::desk::{Answer, Desk, settings};

/// A browser with a cookie, on a page of ours.
struct Browser {
    cookie: String,
    csrf: String,
}

impl Browser {
    async fn signed_in(desk: &Desk, who: &str) -> (Browser, Value) {
        let answer = desk.post("nobody", "/session", json!({ "key": desk.text(who) })).await;
        let shown = answer.ok(200);
        (Browser::of(&answer, &shown), shown)
    }

    fn of(answer: &Answer, shown: &Value) -> Browser {
        let line = answer.headers[header::SET_COOKIE].to_str().unwrap();
        let cookie = line.split(';').next().unwrap().to_owned();
        Browser { cookie, csrf: shown["csrf"].as_str().unwrap().to_owned() }
    }

    async fn get(&self, desk: &Desk, path: &str) -> Answer {
        self.call(desk, Method::GET, path, None).await
    }

    async fn call(&self, desk: &Desk, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.send(
            desk,
            (method, path),
            &[("x-csrf-token", &self.csrf), ("sec-fetch-site", "same-origin")],
            body,
        )
        .await
    }

    async fn send(
        &self,
        desk: &Desk,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::COOKIE, &self.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        desk.send(request.body(body).unwrap()).await
    }
}

async fn audited(desk: &Desk) -> Vec<(String, String)> {
    let listed = desk.get("admin", "/admin/audit").await.ok(200);
    let word = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    listed["data"].as_array().unwrap().iter().map(|row| (word(row, "action"), word(row, "detail"))).collect()
}

#[tokio::test]
async fn a_key_is_exchanged_for_a_cookie_that_does_what_the_key_does() {
    let desk = Desk::open().await;
    let answer = desk.post("nobody", "/session", json!({ "key": desk.text("engineer") })).await;
    let shown = answer.ok(200);
    let line = answer.headers[header::SET_COOKIE].to_str().unwrap();
    let (pair, attributes) = line.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-carehook="), "{line}");
    assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Strict");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let bytes = String::from_utf8_lossy(&answer.bytes).into_owned();
    assert!(!bytes.contains(pair.split_once('=').unwrap().1), "the cookie is for the browser alone");
    assert_eq!((&shown["role"], &shown["name"]), (&json!("engineer"), &json!("engineer")));
    assert_eq!(shown["organisation"], json!({ "id": desk.ours().to_string(), "name": "a" }));
    assert_eq!((&shown["dev"], &shown["expiresAt"]), (&json!(false), &json!("2026-01-01T10:00:00.120Z")));

    let browser = Browser::of(&answer, &shown);
    assert_eq!(browser.get(&desk, "/session").await.ok(200), shown);
    for path in ["/admin/integration", "/stream", "/openapi.json", "/admin/live"] {
        assert_eq!(browser.get(&desk, path).await.status, 200, "{path}");
    }
    assert_eq!(browser.get(&desk, "/metrics").await.status, 200);
    browser.call(&desk, Method::POST, &desk.webhooks(), Some(settings(json!({})))).await.ok(201);
    browser.get(&desk, "/admin/keys").await.refused(Code::Forbidden, None);
    assert_eq!(audited(&desk).await[1], ("sign_in".to_owned(), "key".to_owned()));
    assert_eq!(audited(&desk).await[0].0, "create", "what a session does stands under its key");
}

#[tokio::test]
async fn a_write_that_another_site_may_have_caused_is_refused() {
    let desk = Desk::open().await;
    let (browser, _) = Browser::signed_in(&desk, "engineer").await;
    let (token, ours) = (("x-csrf-token", browser.csrf.as_str()), ("sec-fetch-site", "same-origin"));
    let wish = || Some(settings(json!({})));
    let path = desk.webhooks();
    for headers in [
        &[][..],
        &[token],
        &[ours],
        &[("x-csrf-token", "guessed"), ours],
        &[token, ("sec-fetch-site", "cross-site")],
        &[token, ("sec-fetch-site", "same-site")],
        &[token, ("origin", "https://evil.example")],
    ] {
        let answer = browser.send(&desk, (Method::POST, &path), headers, wish()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (403, &json!("csrf")), "{headers:?}");
        // Asking for a repeatable answer is no way around it.
        let again = [headers, &[("idempotency-key", "one")]].concat();
        let answer = browser.send(&desk, (Method::POST, &path), &again, wish()).await;
        assert_eq!(answer.json()["code"], "csrf", "{headers:?}");
    }
    assert!(desk.get("admin", &path).await.ok(200).as_array().unwrap().is_empty());
    let again = [token, ours, ("idempotency-key", "one")];
    let first = browser.send(&desk, (Method::POST, &path), &again, wish()).await;
    first.ok(201);
    assert_eq!(browser.send(&desk, (Method::POST, &path), &again, wish()).await.bytes, first.bytes);
    // Another site cannot sign its own user in here either.
    let request = Request::post("/session").header("origin", "https://evil.example");
    let body = json!({ "key": desk.text("admin") }).to_string();
    desk.send(request.body(body.into()).unwrap()).await.refused(Code::Csrf, None);
}

#[tokio::test]
async fn a_session_ends_when_nobody_does_anything_and_after_its_age_in_any_case() {
    let desk = Desk::open().await;
    let (browser, _) = Browser::signed_in(&desk, "viewer").await;
    let nearly = limits::SESSION_IDLE - Duration::from_secs(1);
    desk.clock.advance(nearly);
    browser.get(&desk, "/admin/integration").await.ok(200);
    desk.clock.advance(nearly);
    // What an open page asks for by itself does not count.
    browser.get(&desk, "/session").await.ok(200);
    assert_eq!(browser.get(&desk, "/admin/live").await.status, 200);
    desk.clock.advance(Duration::from_secs(2));
    browser.get(&desk, "/admin/integration").await.refused(Code::Unauthorized, None);

    let (browser, _) = Browser::signed_in(&desk, "viewer").await;
    for _ in 0..(limits::SESSION_AGE.as_secs() / nearly.as_secs()) {
        desk.clock.advance(nearly);
        browser.get(&desk, "/admin/integration").await.ok(200);
    }
    desk.clock.advance(nearly);
    browser.get(&desk, "/admin/integration").await.refused(Code::Unauthorized, None);
}

#[tokio::test]
async fn signing_out_and_revoking_the_key_end_a_session_at_once() {
    let mut desk = Desk::open().await;
    let (browser, _) = Browser::signed_in(&desk, "viewer").await;
    let answer = browser.call(&desk, Method::DELETE, "/session", None).await;
    assert_eq!(answer.status, 204);
    let line = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__Host-carehook=;") && line.ends_with("Max-Age=0"), "{line}");
    browser.get(&desk, "/session").await.refused(Code::Unauthorized, None);
    assert_eq!(audited(&desk).await[0].0, "sign_out");

    let made = desk.post("admin", "/admin/keys", json!({ "name": "Ana", "role": "engineer" })).await.ok(201);
    desk.learn("ana", made["key"].as_str().unwrap());
    let (one, _) = Browser::signed_in(&desk, "ana").await;
    let (other, _) = Browser::signed_in(&desk, "ana").await;
    assert_eq!(
        desk.delete("admin", &format!("/admin/keys/{}", made["id"].as_str().unwrap())).await.status,
        204
    );
    for browser in [one, other] {
        browser.get(&desk, "/admin/integration").await.refused(Code::Unauthorized, None);
    }
}

#[tokio::test]
async fn a_one_time_link_signs_its_maker_in_once() {
    let desk = Desk::open().await;
    let request = Request::post("/session/links").header("host", "127.0.0.1:8080");
    let made = desk.send_as("viewer", request.body(Body::empty()).unwrap()).await.ok(201);
    let (address, text) = made["url"].as_str().unwrap().split_once('#').unwrap();
    assert_eq!(
        (address, &made["expiresAt"]),
        ("http://127.0.0.1:8080/signin", &json!("2026-01-01T09:40:00.120Z"))
    );
    let redeem = || desk.post("nobody", "/session", json!({ "link": text }));
    assert_eq!(redeem().await.ok(200)["role"], "viewer");
    redeem().await.refused(Code::Unauthorized, None);
    desk.post("sender", "/session/links", json!({})).await.refused(Code::Forbidden, None);
}

#[tokio::test]
async fn who_cannot_sign_in_hears_why_and_after_ten_failures_waits() {
    let desk = Desk::open().await;
    let sign_in = |wish: Value| desk.post("nobody", "/session", wish);
    sign_in(json!({ "key": desk.text("sender") })).await.refused(Code::Forbidden, None);
    sign_in(json!({})).await.refused(Code::InvalidField, Some("/key"));
    sign_in(json!({ "key": "chk_x", "link": "x" })).await.refused(Code::InvalidField, Some("/key"));
    for _ in 0..limits::SIGN_IN_FAILURES {
        sign_in(json!({ "key": "chk_01arz3ndektsv4rrffq69g5fav_guess" }))
            .await
            .refused(Code::Unauthorized, None);
    }
    let answer = sign_in(json!({ "key": desk.text("admin") })).await;
    answer.refused(Code::RateLimited, None);
    assert_eq!(answer.headers[header::RETRY_AFTER], "901");
    desk.clock.advance(limits::SIGN_IN_WINDOW);
    sign_in(json!({ "key": desk.text("admin") })).await.ok(200);
}

#[tokio::test]
async fn a_viewers_session_changes_nothing() {
    let desk = Desk::open().await;
    let (browser, _) = Browser::signed_in(&desk, "viewer").await;
    let path = desk.webhooks();
    browser.call(&desk, Method::POST, &path, Some(settings(json!({})))).await.refused(Code::Forbidden, None);
    let integration = format!("/admin/integration/{}", desk.integration());
    browser.call(&desk, Method::DELETE, &integration, None).await.refused(Code::Forbidden, None);
}
