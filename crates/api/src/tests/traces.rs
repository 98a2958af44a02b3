//! Events, deliveries, redrives, the stream.

use model::{
    Attempt, Category, Clock, Code, Decision, DecisionReason, DeliveryId, Event, EventId, Id, Lane, Subject,
    Timestamp, Timings, WebhookId,
};
use privacy::RecordKind;
use serde_json::{Value, json};
use store::{Arrival, Batch, End, NewDelivery, NewEvent, Settled};

use super::desk::Desk;

const CONTENT: &str = r#"{"subject":{"type":"patient","system":"urn:hosp:mrn","id":"MRN-1001"},"object":null,"data":{"value":6.90}}"#;

/// An event that is owed to a webhook, through the store as intake writes it.
pub(super) async fn accepted(desk: &Desk, webhook: &Value) -> (EventId, DeliveryId) {
    let api = &desk.api;
    let now = desk.clock.now();
    let subject =
        Subject { kind: "patient".to_owned(), system: "urn:hosp:mrn".to_owned(), id: "MRN-1001".to_owned() };
    let organisation = desk.ours();
    let subject = api.keyring.organisation(organisation).await.unwrap().subject(&subject);
    let (id, delivery): (EventId, DeliveryId) = (api.ids.next(now), api.ids.next(now));
    let key = api.keyring.for_sealing(organisation, id.row(), Some(subject)).await.unwrap();
    let event = Event {
        id,
        organisation,
        integration: desk.integration(),
        event_type: "lab.result.critical".into(),
        object_type: "lab_report".into(),
        lane: Lane::Critical,
        time: now,
        received: now,
        test: false,
        subject: Some(subject),
        object: None,
        message: None,
        sequence: 1,
        replaces: None,
        caused_by: None,
        hops: 0,
    };
    let webhook: WebhookId = webhook["id"].as_str().unwrap().parse().unwrap();
    let matched = Decision { webhook, delivery: Some(delivery), reason: DecisionReason::Matched };
    let missed = Decision { webhook: Id::from_raw(7), delivery: None, reason: DecisionReason::TestRefused };
    let body = Some(key.seal(RecordKind::Event, id.row(), CONTENT.as_bytes()));
    let new = NewEvent { event, decisions: vec![matched, missed], config_version: 3, body };
    let owed = NewDelivery {
        id: delivery,
        webhook,
        lane: Lane::Critical,
        order: None,
        follows: None,
        dead: None,
        numbered: false,
    };
    let arrival = Arrival { events: vec![(new, vec![owed])], ..Arrival::default() };
    api.store.commit(Batch { arrivals: vec![arrival], ..Batch::default() }).await.unwrap();
    (id, delivery)
}

/// Fails a delivery for good.
pub(super) async fn dead(desk: &Desk, (event, delivery): (EventId, DeliveryId), webhook: &Value) {
    let store = &desk.api.store;
    let webhook: WebhookId = webhook["id"].as_str().unwrap().parse().unwrap();
    let claims = store.claim(store::Ask { webhook, lane: Lane::Critical, max: 10 }).await.unwrap();
    let claim = claims.iter().find(|claim| claim.delivery == delivery).unwrap();
    let at = desk.clock.now();
    let attempt = Attempt {
        id: desk.api.ids.next(at),
        delivery,
        event,
        webhook,
        number: 1,
        began: at,
        status: Some(503),
        error: Some(Category::Http5xx),
        timings: Timings { total: 30_100, ..Timings::default() },
        next: None,
        template: None,
    };
    let settled = Settled {
        delivery,
        epoch: claim.epoch,
        end: End::DeadLettered,
        at,
        attempts: 1,
        error: Some(Category::Http5xx),
        rendered: None,
    };
    let batch = Batch { settled: vec![settled], attempts: vec![attempt], ..Batch::default() };
    store.commit(batch).await.unwrap();
}

#[tokio::test]
async fn the_whole_life_of_an_event_is_one_answer_without_anything_personal() {
    let desk = Desk::open().await;
    let (path, webhook) = desk.webhook(json!({})).await;
    let (event, delivery) = accepted(&desk, &webhook).await;
    dead(&desk, (event, delivery), &webhook).await;

    let listed =
        desk.get("viewer", "/admin/events?eventType=lab.result.critical&lane=critical").await.ok(200);
    assert_eq!(listed["data"][0]["id"], json!(event));
    let answer = desk.get("viewer", &format!("/admin/events/{event}")).await;
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    assert!(!text.contains("MRN") && !text.contains("6.90"), "{text}");
    let life = answer.ok(200);
    assert_eq!(
        (&life["type"], &life["matched"], &life["configVersion"]),
        (&json!("lab.result.critical"), &json!(1), &json!(3))
    );
    assert_eq!(life["decisions"][0]["matched"], true);
    assert_eq!(
        life["decisions"][1],
        json!({
            "webhookId": WebhookId::from_raw(7), "webhookName": null, "integrationId": null, "matched": false,
            "reason": "test_refused", "deliveryId": null, "clauses": [], "changedSince": false,
        })
    );
    let log = &life["deliveries"][0]["log"][0];
    assert_eq!(life["deliveries"][0]["state"], "dead_lettered");
    assert_eq!(
        log,
        &json!({
            "id": log["id"], "deliveryId": delivery, "eventId": event, "eventType": "lab.result.critical",
            "attempt": 1, "at": super::desk::NOW, "outcome": "failed", "status": 503, "error": "http_5xx",
            "durationMs": 31, "nextRetryAt": null, "templateVersion": null,
            "timings": { "dnsMs": 0.0, "connectMs": 0.0, "tlsMs": 0.0, "firstByteMs": 0.0, "totalMs": 30.1 },
        })
    );
    for (query, count) in [
        ("", 1),
        ("?status=503", 1),
        ("?status=5xx&eventType=lab.result.critical", 1),
        ("?status=delivered", 0),
        ("?status=404", 0),
    ] {
        let logs = desk.get("viewer", &format!("{path}/logs{query}")).await.ok(200);
        assert_eq!(logs["data"].as_array().unwrap().len(), count, "{query}");
    }
    let status = desk.get("viewer", &format!("{path}/status")).await.ok(200);
    assert_eq!((&status["failed24h"], &status["deadLettered"]), (&json!(1), &json!(1)));
    desk.get("stranger", &format!("/admin/events/{event}")).await.refused(Code::NotFound, None);
    desk.get("stranger", &format!("/admin/deliveries/{delivery}")).await.refused(Code::NotFound, None);
}

#[tokio::test]
async fn a_content_is_shown_only_with_a_right_and_a_reason_that_is_kept() {
    let desk = Desk::open().await;
    let (_, webhook) = desk.webhook(json!({})).await;
    let (event, _) = accepted(&desk, &webhook).await;
    let path = format!("/admin/events/{event}/reveal");
    let why = json!({ "reason": "Ticket 42" });
    desk.post("viewer", &path, why.clone()).await.refused(Code::Forbidden, None);
    desk.post("engineer", &path, json!({ "reason": " " })).await.refused(Code::InvalidField, Some("/reason"));
    desk.post("engineer", &path, json!({})).await.refused(Code::InvalidField, Some("/reason"));
    desk.post("stranger", &path, why.clone()).await.refused(Code::NotFound, None);
    let shown = desk.post("engineer", &path, why).await;
    assert!(String::from_utf8_lossy(&shown.bytes).contains("\"data\":{\"value\":6.90}"));
    assert_eq!(shown.ok(200)["subject"]["id"], "MRN-1001");
    let row = &desk.get("admin", "/admin/audit?limit=1").await.ok(200)["data"][0];
    assert_eq!(
        (&row["action"], &row["target"], &row["detail"]),
        (&json!("reveal"), &json!(event), &json!("Ticket 42"))
    );

    let subject = desk.api.store.find_event(event).await.unwrap().unwrap().event.subject.unwrap();
    desk.api.keyring.forget_subject(desk.ours(), subject).await.unwrap();
    desk.post("engineer", &path, json!({ "reason": "Ticket 42" })).await.refused(Code::NotFound, None);
}

#[tokio::test]
async fn events_of_a_person_are_found_by_body_and_the_search_is_audited() {
    let desk = Desk::open().await;
    let (_, webhook) = desk.webhook(json!({})).await;
    let (event, _) = accepted(&desk, &webhook).await;
    let search = |subject: Value| json!({ "subject": subject, "type": "lab.result.critical" });
    let path = "/admin/events/search";
    let whom = json!({ "system": "urn:hosp:mrn", "id": "MRN-1001" });
    desk.post("viewer", path, search(whom.clone())).await.refused(Code::Forbidden, None);
    desk.post("viewer", path, json!({ "type": "lab.result.critical" })).await.ok(200);
    let found = desk.post("engineer", path, search(whom.clone())).await.ok(200);
    assert_eq!(found["data"][0]["id"], json!(event));
    let other = json!({ "system": "urn:other", "id": "MRN-1001" });
    assert_eq!(desk.post("engineer", path, search(other)).await.ok(200)["data"], json!([]));
    assert_eq!(desk.post("stranger", path, search(whom)).await.ok(200)["data"], json!([]));
    let nameless = search(json!({ "id": "MRN-1001" }));
    desk.post("engineer", path, nameless).await.refused(Code::InvalidField, Some("/subject/system"));
    let rows = desk.get("admin", "/admin/audit").await;
    assert!(!String::from_utf8_lossy(&rows.bytes).contains("MRN"));
    assert_eq!(rows.ok(200)["data"][0]["target"], "events/search");
}

#[tokio::test]
async fn a_dead_letter_is_retried_replayed_redriven_recovered_or_cancelled() {
    let desk = Desk::open().await;
    let (path, webhook) = desk.webhook(json!({})).await;
    let state = async |id: DeliveryId| {
        desk.get("viewer", &format!("/admin/deliveries/{id}")).await.ok(200)["state"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let one = accepted(&desk, &webhook).await;
    dead(&desk, one, &webhook).await;
    let retry = format!("/admin/deliveries/{}/retry", one.1);
    desk.call("engineer", http::Method::POST, &retry, None).await.ok(202);
    assert_eq!(state(one.1).await, "pending");

    dead(&desk, one, &webhook).await;
    let replayed = desk.post("engineer", &format!("/admin/events/{}/replay", one.0), json!({})).await.ok(202);
    assert_eq!(replayed, json!({ "eventId": one.0, "count": 1, "deliveries": [one.1] }));
    assert_eq!(state(one.1).await, "pending");

    dead(&desk, one, &webhook).await;
    let filter = json!({ "webhookId": webhook["id"], "error": "http_5xx" });
    let plan =
        desk.post("engineer", "/admin/redrives", json!({ "filter": filter, "dryRun": true })).await.ok(200);
    assert_eq!((&plan["count"], &plan["id"]), (&json!(1), &Value::Null));
    let begun = desk.post("engineer", "/admin/redrives", json!({ "filter": filter })).await.ok(202);
    assert_eq!((&begun["count"], &begun["state"]), (&json!(1), &json!("running")));
    let redrive = format!("/admin/redrives/{}", begun["id"].as_str().unwrap());
    assert_eq!(desk.get("viewer", &redrive).await.ok(200), begun);
    desk.get("stranger", &redrive).await.refused(Code::NotFound, None);
    assert_eq!(desk.delete("engineer", &redrive).await.status, 204);
    assert_eq!(desk.get("viewer", &redrive).await.ok(200)["state"], "cancelled");

    let recover = json!({ "since": "2026-01-01T00:00:00Z" });
    assert_eq!(desk.post("engineer", &format!("{path}/recover"), recover).await.ok(202)["count"], 1);
    let late = json!({ "since": "2026-01-02T00:00:00Z" });
    assert_eq!(desk.post("engineer", &format!("{path}/recover"), late).await.ok(202)["count"], 0);

    let cancel = format!("/admin/deliveries/{}/cancel", one.1);
    assert_eq!(desk.call("engineer", http::Method::POST, &cancel, None).await.ok(200)["state"], "cancelled");
    desk.call("engineer", http::Method::POST, &cancel, None).await.ok(200);
    desk.call("engineer", http::Method::POST, &retry, None).await.refused(Code::WrongState, None);
    let wrong = json!({ "filter": { "webhookId": WebhookId::from_raw(9) } });
    desk.post("engineer", "/admin/redrives", wrong)
        .await
        .refused(Code::InvalidField, Some("/filter/webhookId"));
    let wrong = json!({ "filter": { "lanes": [] } });
    desk.post("engineer", "/admin/redrives", wrong).await.refused(Code::UnknownField, Some("/filter/lanes"));
}

#[tokio::test]
async fn what_a_pause_or_a_breaker_holds_is_listed_as_held() {
    let desk = Desk::open().await;
    let (path, webhook) = desk.webhook(json!({})).await;
    let (_, delivery) = accepted(&desk, &webhook).await;
    let listed = async |state: &str| {
        desk.get("viewer", &format!("/admin/deliveries?state={state}")).await.ok(200)["data"].clone()
    };
    assert_eq!(
        (listed("pending").await[0]["id"].clone(), listed("held").await),
        (json!(delivery), json!([]))
    );
    *desk.outside.tripped.lock().unwrap() = true;
    assert_eq!(
        (listed("pending").await, listed("held").await[0]["held"].clone()),
        (json!([]), json!("breaker"))
    );
    desk.call("admin", http::Method::POST, &format!("{path}/pause"), None).await.ok(200);
    assert_eq!(listed("held").await[0]["held"], "paused");
    desk.delete("admin", &path).await.ok(204);
    assert_eq!(listed("cancelled").await[0]["id"], json!(delivery));
    desk.get("viewer", "/admin/deliveries?state=lost").await.refused(Code::InvalidField, Some("state"));
}

#[tokio::test]
async fn the_stream_gives_what_the_webhooks_are_sent_from_a_cursor_on() {
    let desk = Desk::open().await;
    let (_, webhook) = desk.webhook(json!({})).await;
    let one = accepted(&desk, &webhook).await;
    let two = accepted(&desk, &webhook).await;
    let first = desk.get("viewer", "/stream?limit=1").await.ok(200);
    assert_eq!(first["data"][0]["deliveryId"], json!(one.1));
    let body = &first["data"][0]["body"];
    assert_eq!((&body["id"], &body["profile"]), (&json!(one.0), &json!("reference")));
    assert!(body["subject"]["pseudonym"].is_string() && body.get("data").is_none());
    let after = |page: &Value| format!("/stream?after={}", page["next"].as_str().unwrap());
    let second = desk.get("viewer", &after(&first)).await.ok(200);
    assert_eq!(second["data"].as_array().unwrap().len(), 1);
    assert_eq!(second["data"][0]["deliveryId"], json!(two.1));
    let idle = desk.get("viewer", &after(&second)).await.ok(200);
    assert_eq!((&idle["data"], &idle["next"]), (&json!([]), &second["next"]));
    assert_eq!(desk.get("stranger", "/stream").await.ok(200), json!({ "data": [], "next": null }));

    // Where people are shown, the right to read is needed, and the reading is kept.
    let (_, full) = desk.webhook(json!({ "profile": "full", "justification": "Direct care.", "auth": { "kind": "bearer", "token": "t" } })).await;
    let three = accepted(&desk, &full).await;
    desk.get("viewer", &after(&second)).await.refused(Code::Forbidden, None);
    let only = format!("/stream?webhookId={}", webhook["id"].as_str().unwrap());
    assert_eq!(desk.get("viewer", &only).await.ok(200)["data"].as_array().unwrap().len(), 2);
    let shown = desk.get("engineer", &after(&second)).await;
    assert!(String::from_utf8_lossy(&shown.bytes).contains("\"data\":{\"value\":6.90}"));
    let row = &desk.get("admin", "/admin/audit?limit=1").await.ok(200)["data"][0];
    assert_eq!(
        (&row["target"], &row["detail"]),
        (&json!("stream"), &json!(format!("1 contents, {0} to {0}", three.1)))
    );
    let _: Timestamp = serde_json::from_value(shown.ok(200)["data"][0]["acceptedAt"].clone()).unwrap();
}
