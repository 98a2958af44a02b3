//! Bodies, methods, headers, repeated calls.

use axum::body::Body;
use http::{Method, Request};
use model::{Code, limits};
use serde_json::json;

use super::desk::{Answer, Desk, settings};

#[tokio::test]
async fn a_body_is_json_and_bounded() {
    let desk = Desk::open().await;
    let post = |kind: &str, body: Vec<u8>| {
        Request::post(desk.webhooks()).header("content-type", kind).body(Body::from(body)).unwrap()
    };
    let large = vec![b' '; limits::ADMIN_BODY_BYTES + 1];
    desk.send_as("admin", post("application/json", large)).await.refused(Code::BodyTooLarge, None);
    let form = post("application/x-www-form-urlencoded", b"name=x".to_vec());
    desk.send_as("admin", form).await.refused(Code::UnsupportedMediaType, None);
    let body = settings(json!({})).to_string().into_bytes();
    desk.send_as("admin", post("Application/JSON; charset=utf-8", body)).await.ok(201);
}

#[tokio::test]
async fn wrong_methods_and_addresses_are_problems_with_safe_headers() {
    let desk = Desk::open().await;
    let answer = desk.call("admin", Method::PATCH, "/admin/keys", None).await;
    answer.refused(Code::MethodNotAllowed, None);
    assert_eq!(answer.headers["allow"], "GET,HEAD,POST");
    let answer = desk.get("admin", "/admin/").await;
    answer.refused(Code::NotFound, None);
    assert_eq!(answer.json()["type"], "/docs/errors/not_found");
    for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
        assert_eq!(answer.headers[name], value);
    }
}

#[tokio::test]
async fn health_needs_no_key_and_says_what_is_missing() {
    let desk = Desk::open().await;
    assert_eq!(desk.get("nobody", "/healthz").await.ok(200), json!({ "status": "alive" }));
    assert_eq!(
        desk.get("nobody", "/readyz").await.ok(200),
        json!({ "ready": true, "missing": [], "warnings": [] })
    );
    desk.api.stop.stop();
    assert_eq!(
        desk.get("nobody", "/readyz").await.ok(503),
        json!({ "ready": false, "missing": ["stopping"], "warnings": [] })
    );
    let page = desk.get("sender", "/metrics").await;
    assert!(String::from_utf8_lossy(&page.bytes).contains("# TYPE carehook_"));
    assert_eq!(desk.get("sender", "/openapi.json").await.ok(200)["info"]["title"], "Carehook");
    assert_eq!(desk.get("viewer", "/admin/egress").await.ok(200)["sourceAddresses"], json!(["192.0.2.1"]));
}

async fn repeated(desk: &Desk, key: &str, body: serde_json::Value) -> Answer {
    let request = Request::post(desk.webhooks()).header("idempotency-key", key);
    desk.send_as("admin", request.body(body.to_string().into()).unwrap()).await
}

#[tokio::test]
async fn a_write_with_a_key_is_done_once_and_answered_byte_for_byte() {
    let desk = Desk::open().await;
    let first = repeated(&desk, "one", settings(json!({}))).await;
    first.ok(201);
    let second = repeated(&desk, "one", settings(json!({}))).await;
    assert_eq!((first.status, &first.bytes), (second.status, &second.bytes));
    assert_eq!(first.headers["etag"], second.headers["etag"]);
    assert_eq!(first.headers["content-type"], second.headers["content-type"]);
    repeated(&desk, "one", settings(json!({ "name": "x" })))
        .await
        .refused(Code::IdempotencyMismatch, Some("Idempotency-Key"));
    repeated(&desk, "", settings(json!({}))).await.refused(Code::InvalidField, Some("Idempotency-Key"));
    assert_eq!(desk.get("admin", &desk.webhooks()).await.ok(200).as_array().unwrap().len(), 1);

    // What was refused may be mended under the same key.
    repeated(&desk, "two", settings(json!({ "name": "" }))).await.refused(Code::InvalidField, Some("/name"));
    repeated(&desk, "two", settings(json!({}))).await.ok(201);
    // Another caller's key of the same text is another key.
    let request = Request::post("/admin/integration").header("idempotency-key", "one");
    let body = json!({ "name": "x", "kind": "fhir" }).to_string();
    desk.send_as("engineer", request.body(body.into()).unwrap()).await.ok(201);
}

#[tokio::test]
async fn an_answer_outlives_the_server_and_what_was_not_answered_is_not_run_again() {
    let mut desk = Desk::open().await;
    let first = repeated(&desk, "one", settings(json!({}))).await;
    let secret = first.ok(201)["signing"]["secret"].clone();
    desk.restart();
    let second = repeated(&desk, "one", settings(json!({}))).await;
    assert_eq!((first.status, &first.bytes), (second.status, &second.bytes));
    assert!(secret.as_str().unwrap().starts_with("whsec_"), "a secret that was shown once is shown again");

    // The server ends in the middle of a call.
    let mut asked = desk.asked("admin", "two", &desk.webhooks(), &settings(json!({}))).await;
    assert_eq!(desk.api.store.begin(asked).await.unwrap(), store::Begun::Now);
    desk.restart();
    let unknown = repeated(&desk, "two", settings(json!({}))).await;
    unknown.refused(Code::OutcomeUnknown, None);
    assert_eq!(desk.get("admin", &desk.webhooks()).await.ok(200).as_array().unwrap().len(), 1);
    asked.print = [0; 16];
    let other = desk.api.store.begin(asked).await.unwrap();
    assert!(matches!(other, store::Begun::Before(_)));
    repeated(&desk, "two", settings(json!({ "name": "x" })))
        .await
        .refused(Code::IdempotencyMismatch, Some("Idempotency-Key"));
    desk.clock.advance(limits::ANSWER_KEPT);
    repeated(&desk, "two", settings(json!({}))).await.ok(201);
}

#[tokio::test]
async fn public_keys_are_there_for_everybody_as_long_as_they_sign() {
    let desk = Desk::open().await;
    let (path, webhook) = desk.webhook(json!({ "signing": { "kind": "ed25519" } })).await;
    desk.webhook(json!({ "name": "shared secret" })).await;
    let listed = async || desk.get("nobody", "/.well-known/jwks.json").await;
    let answer = listed().await;
    assert_eq!(answer.headers["cache-control"], "public, max-age=300");
    let keys = answer.ok(200)["keys"].clone();
    let expected = (json!("OKP"), json!("Ed25519"), json!("sig"), 1);
    let key = keys[0].clone();
    assert_eq!(
        (key["kty"].clone(), key["crv"].clone(), key["use"].clone(), keys.as_array().unwrap().len()),
        expected
    );
    let kid = key["kid"].as_str().unwrap();
    assert_eq!(kid.split_once('.').unwrap().0, webhook["id"].as_str().unwrap());
    let x = key["x"].as_str().unwrap().replace('-', "+").replace('_', "/");
    assert_eq!(format!("whpk_{x}="), webhook["signing"]["publicKey"].as_str().unwrap());

    desk.post("admin", &format!("{path}/rotate-secret"), json!({ "overlap": "1h" })).await.ok(200);
    let both = listed().await.ok(200)["keys"].clone();
    assert_eq!((both.as_array().unwrap().len(), &both[1]), (2, &key), "the old one overlaps");
    desk.clock.advance(std::time::Duration::from_secs(3_600));
    let left = listed().await.ok(200)["keys"].clone();
    assert_eq!(left, json!([both[0]]), "and then only the new one signs");
}
