//! The life of a webhook.

use http::{Method, Request};
use model::Code;
use serde_json::{Value, json};

use super::desk::{Desk, settings};
use crate::Options;

#[tokio::test]
async fn a_webhook_is_made_with_the_defaults_of_the_contract_and_shows_its_secret_once() {
    let desk = Desk::open().await;
    let (path, mut made) = desk.webhook(json!({ "url": "  https://portal.example/\thooks \n" })).await;
    assert_eq!(made["urlChanges"], json!(["trimmed", "removedTab"]));
    let secret = made["signing"]["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");

    let read = desk.get("viewer", &path).await;
    assert!(!String::from_utf8_lossy(&read.bytes).contains("whsec_"));
    let read = read.ok(200);
    made.as_object_mut().unwrap().remove("urlChanges");
    made["signing"].as_object_mut().unwrap().remove("secret");
    assert_eq!(made, read);
    assert_eq!(desk.get("viewer", &desk.webhooks()).await.ok(200), json!([read]));
    assert_eq!(
        read,
        json!({
            "id": read["id"], "integrationId": desk.integration(), "name": "Portal",
            "url": "https://portal.example/hooks", "sources": "own",
            "eventTypes": ["lab.*"], "objectTypes": [], "objectIds": [], "filter": null,
            "format": "native", "template": null, "templateVersion": null,
            "profile": "reference", "justification": null,
            "purpose": "TREAT", "recipientClass": "provider",
            "lane": null, "ordering": "none", "acceptTest": false, "ack": null,
            "auth": { "kind": "none" },
            "tls": { "minVersion": "1.2", "clientCertificate": null, "ca": null, "pins": [] },
            "signing": { "kind": "hmac-sha256", "publicKey": null },
            "retry": null, "timeout": "15s", "rateLimit": null, "maxInFlight": 16,
            "escalation": null, "encryption": { "jwk": null, "fields": [] },
            "active": true, "status": "active", "createdAt": super::desk::NOW,
        })
    );
}

#[tokio::test]
async fn put_takes_what_get_gave_and_credentials_that_are_left_out_stay() {
    let desk = Desk::open().await;
    let auth = json!({ "kind": "headers", "headers": { "x-key": "secret-1", "x-tenant": "t" } });
    let retry = json!({ "schedule": ["5s", "20s"], "horizon": "72h" });
    let more = json!({
        "auth": auth, "signing": { "kind": "ed25519" }, "retry": retry, "timeout": "2s",
        "rateLimit": { "perSecond": 50 }, "lane": "urgent", "ordering": "subject", "sources": [desk.integration()],
        "filter": "type = 'lab.result.critical'",
    });
    let (path, made) = desk.webhook(more).await;
    assert!(made["signing"]["publicKey"].as_str().unwrap().starts_with("whpk_"));
    assert!(made["signing"].get("secret").is_none());
    let before = desk.get("admin", &path).await.ok(200);
    assert_eq!(before["auth"], json!({ "kind": "headers", "headers": { "x-key": null, "x-tenant": null } }));

    let mut after = desk.put("admin", &path, before.clone()).await.ok(200);
    assert_eq!(after.as_object_mut().unwrap().remove("urlChanges"), Some(json!([])));
    assert_eq!(after, before);
    let kept = |desk: &Desk| desk.api.settings.now().config.webhooks.values().next().unwrap().doc.clone();
    let Value::String(text) = serde_json::to_value(kept(&desk).auth).unwrap()["headers"][0][1].clone() else {
        panic!("no header");
    };
    assert_eq!(text, "secret-1");

    // Left out altogether, auth and signing stay; what else is left out goes back to its default.
    let after = desk.put("admin", &path, settings(json!({}))).await.ok(200);
    assert_eq!((&after["auth"], &after["signing"]), (&before["auth"], &before["signing"]));
    assert_eq!((&after["timeout"], &after["lane"]), (&json!("15s"), &Value::Null));
    let changed = json!({ "auth": { "kind": "bearer" } });
    desk.put("admin", &path, settings(changed)).await.refused(Code::InvalidField, Some("/auth/token"));
    let changed = json!({ "signing": { "kind": "hmac-sha256" } });
    desk.put("admin", &path, settings(changed)).await.refused(Code::InvalidField, Some("/signing/kind"));
}

#[tokio::test]
async fn a_default_timeout_that_comes_back_stays_a_default() {
    let desk = Desk::open().await;
    let (path, made) = desk.webhook(json!({})).await;
    desk.put("admin", &path, made).await.ok(200);
    let timeout = |desk: &Desk| desk.api.settings.now().config.webhooks.values().next().unwrap().timeout;
    assert_eq!(timeout(&desk), None);
    desk.put("admin", &path, settings(json!({ "timeout": "20s" }))).await.ok(200);
    desk.put("admin", &path, settings(json!({ "timeout": "15s" }))).await.ok(200);
    assert_eq!(timeout(&desk), Some(model::Span::secs(15)));
}

#[tokio::test]
async fn a_stale_change_is_refused() {
    let desk = Desk::open().await;
    let (path, _) = desk.webhook(json!({})).await;
    let tag = desk.get("admin", &path).await.headers["etag"].clone();
    desk.put("admin", &path, settings(json!({ "name": "Other" }))).await.ok(200);
    for (method, body) in [(Method::PUT, settings(json!({})).to_string()), (Method::DELETE, String::new())] {
        let request = Request::builder().method(method).uri(&path).header("if-match", &tag);
        let answer = desk.send_as("admin", request.body(body.into()).unwrap()).await;
        answer.refused(Code::PreconditionFailed, None);
    }
    let tag = desk.get("admin", &path).await.headers["etag"].clone();
    let request = Request::builder().method(Method::DELETE).uri(&path).header("if-match", &tag);
    assert_eq!(desk.send_as("admin", request.body(String::new().into()).unwrap()).await.status, 204);
    desk.get("admin", &path).await.refused(Code::NotFound, None);
    assert_eq!(desk.get("admin", &desk.webhooks()).await.ok(200), json!([]));
}

#[tokio::test]
async fn a_paused_webhook_stays_paused_until_it_is_resumed() {
    let desk = Desk::open().await;
    let (path, _) = desk.webhook(json!({})).await;
    let paused = desk.call("engineer", Method::POST, &format!("{path}/pause"), None).await.ok(200);
    assert_eq!((&paused["active"], &paused["status"]), (&json!(false), &json!("paused")));
    assert_eq!(desk.put("admin", &path, paused).await.ok(200)["active"], false);
    assert_eq!(desk.put("admin", &path, settings(json!({}))).await.ok(200)["active"], false);
    assert_eq!(desk.get("admin", &format!("{path}/status")).await.ok(200)["status"], "paused");
    let resumed = desk.call("engineer", Method::POST, &format!("{path}/resume"), None).await.ok(200);
    assert_eq!(resumed["active"], true);
    assert_eq!(
        desk.put("admin", &path, settings(json!({ "active": false }))).await.ok(200)["status"],
        "paused"
    );
    assert_eq!(
        desk.put("admin", &path, settings(json!({ "active": true }))).await.ok(200)["status"],
        "active"
    );
}

#[tokio::test]
async fn a_rotation_shows_the_new_secret_and_lets_the_old_one_overlap() {
    let desk = Desk::open().await;
    let (path, made) = desk.webhook(json!({})).await;
    let rotate = format!("{path}/rotate-secret");
    let rotated = desk.post("admin", &rotate, json!({ "overlap": "1h" })).await.ok(200);
    assert!(rotated["signing"]["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_ne!(rotated["signing"]["secret"], made["signing"]["secret"]);
    let keys = |desk: &Desk| desk.api.settings.now().config.webhooks.values().next().unwrap().signing.clone();
    assert_eq!(keys(&desk).active(model::Clock::now(&*desk.clock)).count(), 2);
    let rotated = desk.call("admin", Method::POST, &rotate, None).await.ok(200);
    desk.post("admin", &rotate, json!({ "overlap": "9999h" }))
        .await
        .refused(Code::InvalidField, Some("/overlap"));
    // The answer of a rotation can be sent back: its secret is the present one.
    desk.put("admin", &path, rotated).await.ok(200);
    desk.put("admin", &path, made).await.refused(Code::InvalidField, Some("/signing/secret"));
}

#[tokio::test]
async fn a_test_send_takes_a_webhook_or_settings_or_both() {
    let desk = Desk::open().await;
    let (_, made) = desk.webhook(json!({ "auth": { "kind": "bearer", "token": "t" } })).await;
    let path = format!("{}/test", desk.webhooks());
    let id = &made["id"];
    let found =
        desk.post("engineer", &path, json!({ "webhookId": id, "eventType": "lab.result.critical" })).await;
    assert_eq!(
        found.ok(200),
        json!({
            "ok": false,
            "steps": [{ "name": "dns", "ok": false, "ms": 1.5, "error": "dns", "detail": "no such host" }],
            "status": null, "requestHeaders": { "webhook-id": "dlv_1" }, "response": null,
        })
    );
    desk.post("engineer", &path, json!({ "url": "https://new.example/" })).await.ok(200);
    let both = settings(json!({ "webhookId": id, "url": "https://moved.example/" }));
    desk.post("engineer", &path, both).await.ok(200);
    let rehearsed = std::mem::take(&mut *desk.outside.rehearsed.lock().unwrap());
    let seen: Vec<(&str, &str)> = rehearsed
        .iter()
        .map(|(webhook, of)| (webhook.url.as_url().host_str().unwrap(), of.as_str()))
        .collect();
    assert_eq!(seen[0], ("portal.example", "lab.result.critical"));
    assert_eq!((seen[1].0, seen[2].0), ("new.example", "moved.example"));
    assert!(seen[2].1.starts_with("lab."));
    // Changed settings are tried with the credentials there are.
    assert_eq!(rehearsed[2].0.auth, rehearsed[0].0.auth);

    let unknown = json!({ "webhookId": id, "eventType": "lab.exploded" });
    desk.post("engineer", &path, unknown).await.refused(Code::UnknownEventType, Some("/eventType"));
    desk.post("engineer", &path, json!({ "webhookId": "whk_1" }))
        .await
        .refused(Code::InvalidField, Some("/webhookId"));
    desk.post("engineer", &path, json!({})).await.refused(Code::InvalidField, Some("/url"));
    assert_eq!(desk.get("admin", &desk.webhooks()).await.ok(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn dev_allows_plain_http_and_full_still_needs_a_justification() {
    let desk = Desk::with(Options { dev: true, ..Options::default() }).await;
    let full = json!({ "url": "http://127.0.0.1:9/", "profile": "full" });
    let refused = desk.post("admin", &desk.webhooks(), settings(full.clone())).await;
    refused.refused(Code::JustificationRequired, Some("/justification"));
    let mut full = full;
    full["justification"] = json!("The portal shows results.");
    let (_, made) = desk.webhook(full).await;
    assert_eq!(made["profile"], "full");
    let audit = desk.get("admin", "/admin/audit").await.ok(200);
    let row = &audit["data"][0];
    assert_eq!((&row["action"], &row["target"]), (&json!("create"), &made["id"]));
    assert_eq!(row["detail"], "profile full: The portal shows results.");
}

#[tokio::test]
async fn a_change_is_audited_by_the_names_of_what_changed() {
    let desk = Desk::open().await;
    let (path, _) = desk.webhook(json!({ "auth": { "kind": "bearer", "token": "one" } })).await;
    let changed = json!({ "name": "Other", "auth": { "kind": "bearer", "token": "two" } });
    desk.put("admin", &path, settings(changed)).await.ok(200);
    let audit = desk.get("admin", "/admin/audit?limit=1").await;
    assert_eq!(audit.ok(200)["data"][0]["detail"], "name (credentials)");
    assert!(audit.ok(200)["next"].is_string());
    let shaped = json!({ "name": "Other", "template": { "kind": { "$path": "type" } } });
    let shaped = desk.put("admin", &path, settings(shaped)).await.ok(200);
    let audit = desk.get("admin", "/admin/audit?limit=1").await.ok(200);
    let version = shaped["templateVersion"].as_str().unwrap();
    assert_eq!(audit["data"][0]["detail"], format!("template,templateVersion (now {version})"));
}
