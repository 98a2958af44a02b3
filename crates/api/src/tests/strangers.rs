//! What belongs to somebody else is not there: the same bytes.

use http::Method;
use model::Id;
use serde_json::json;

use super::desk::{Desk, own_type, settings};
use super::traces::{accepted, dead};

#[tokio::test]
async fn what_belongs_to_another_organisation_is_not_there() {
    let desk = Desk::open().await;
    let (webhook, _) = desk.webhook(json!({})).await;
    let integration = format!("/admin/integration/{}", desk.integration());
    desk.post("engineer", "/admin/event-types", own_type(json!({}))).await.ok(201);
    let nowhere =
        desk.get("stranger", &format!("/admin/integration/{}", model::IntegrationId::from_raw(9))).await;
    nowhere.refused(model::Code::NotFound, None);
    let calls = [
        (Method::GET, integration.clone(), None),
        (Method::PUT, integration.clone(), Some(json!({ "name": "x", "kind": "events" }))),
        (Method::DELETE, integration.clone(), None),
        (Method::GET, format!("{integration}/webhooks"), None),
        (Method::POST, format!("{integration}/webhooks"), Some(settings(json!({})))),
        (Method::POST, format!("{integration}/webhooks/test"), Some(settings(json!({})))),
        (Method::POST, format!("{integration}/webhooks/preview"), Some(settings(json!({})))),
        (
            Method::GET,
            format!("/admin/monitoring/series?webhookId={}", webhook.rsplit('/').next().unwrap()),
            None,
        ),
        (Method::GET, "/admin/event-types/north.bed.cleaned".to_owned(), None),
        (Method::DELETE, "/admin/event-types/north.bed.cleaned".to_owned(), None),
        (Method::GET, webhook.clone(), None),
        (Method::PUT, webhook.clone(), Some(settings(json!({})))),
        (Method::DELETE, webhook.clone(), None),
        (Method::GET, format!("{webhook}/logs"), None),
        (Method::GET, format!("{webhook}/status"), None),
        (Method::POST, format!("{webhook}/pause"), None),
        (Method::POST, format!("{webhook}/rotate-secret"), None),
        (Method::POST, format!("{webhook}/recover"), Some(json!({ "since": "2026-01-01T00:00:00Z" }))),
        (Method::GET, "/admin/integration/int_1".to_owned(), None),
        (Method::GET, "/admin/integration/%FF".to_owned(), None),
        (Method::GET, "/admin/nothing".to_owned(), None),
    ];
    for (method, path, body) in calls {
        let answer = desk.call("stranger", method.clone(), &path, body).await;
        assert_eq!((answer.status, &answer.bytes), (nowhere.status, &nowhere.bytes), "{method} {path}");
    }
    // Nor is a webhook found under another integration of its own organisation.
    let other =
        desk.post("admin", "/admin/integration", json!({ "name": "Two", "kind": "fhir" })).await.ok(201);
    let moved = webhook.replace(&desk.integration().to_string(), other["id"].as_str().unwrap());
    desk.get("admin", &moved).await.refused(model::Code::NotFound, None);
    desk.get("admin", &webhook).await.ok(200);
}

#[tokio::test]
async fn nothing_of_another_organisation_is_counted_or_found() {
    let desk = Desk::open().await;
    let (_, webhook) = desk.webhook(json!({})).await;
    let (event, delivery) = accepted(&desk, &webhook).await;
    dead(&desk, (event, delivery), &webhook).await;
    desk.post("engineer", "/admin/event-types", own_type(json!({}))).await.ok(201);

    let ours = desk.get("viewer", "/admin/overview").await.ok(200);
    assert_eq!(ours["lanes"][0]["deadLettered"], 1);
    let theirs = desk.get("stranger", "/admin/overview").await.ok(200);
    assert_eq!((&theirs["lanes"][0]["deadLettered"], &theirs["attention"]), (&json!(0), &json!([])));
    assert!(theirs["hours"].as_array().unwrap().iter().all(|hour| hour["accepted"] == 0));
    for list in ["dead-letters", "redrives", "sources", "monitoring/webhooks"] {
        let found = desk.get("stranger", &format!("/admin/{list}")).await.ok(200);
        assert_eq!(found["data"], json!([]), "{list}");
    }
    for words in ["portal", "north", &event.to_string(), &delivery.to_string()] {
        let found = desk.get("stranger", &format!("/admin/search?q={words}")).await.ok(200);
        assert_eq!(found["data"], json!([]), "{words}");
        let found = desk.get("viewer", &format!("/admin/search?q={words}")).await.ok(200);
        assert_eq!(found["data"].as_array().unwrap().len(), 1, "{words}");
    }
    let mapping = format!("/admin/events/{event}/mapping");
    desk.get("stranger", &mapping).await.refused(model::Code::NotFound, None);
    assert_eq!(desk.get("viewer", &mapping).await.ok(200)["state"], "no_message");
    let reveal = format!("/admin/deliveries/{delivery}/reveal");
    let why = json!({ "reason": "curious" });
    desk.post("stranger", &reveal, why.clone()).await.refused(model::Code::NotFound, None);
    desk.post("viewer", &reveal, why).await.refused(model::Code::Forbidden, None);
}
