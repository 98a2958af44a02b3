//! Sent again as something new, or now.

use model::{Category, Clock, Code, Lane};
use serde_json::{Value, json};
use store::{Ask, Batch, Reschedule};

use super::desk::Desk;
use super::traces::{accepted, dead};

#[tokio::test]
async fn a_fresh_replay_is_a_delivery_of_its_own_by_todays_settings() {
    let desk = Desk::open().await;
    let (path, webhook) = desk.webhook(json!({})).await;
    let (event, first) = accepted(&desk, &webhook).await;
    let (_, late) = desk.webhook(json!({ "name": "late" })).await;
    let (_, other) = desk.webhook(json!({ "name": "other", "eventTypes": ["appointment.*"] })).await;
    let replay = format!("/admin/events/{event}/replay");
    let fresh = |more: Value| {
        let mut wanted = json!({ "fresh": true });
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        wanted
    };
    let made = desk.post("engineer", &replay, fresh(json!({}))).await.ok(202);
    assert_eq!(made["count"], 2, "who got it before, and who wants it by now: {made}");
    let lineage = desk.get("viewer", &format!("/admin/events/{event}")).await.ok(200);
    let told = lineage["decisions"].as_array().unwrap().iter().filter(|one| one["matched"] == true);
    let told: Vec<(&Value, &Value)> = told.map(|one| (&one["webhookId"], &one["reason"])).collect();
    let (old, new) = (json!("matched"), json!("replayed"));
    assert_eq!(told, [(&webhook["id"], &old), (&webhook["id"], &new), (&late["id"], &new)]);
    assert_eq!((&lineage["matched"], lineage["deliveries"].as_array().unwrap().len()), (&json!(2), 3));
    let disclosed = lineage["disclosures"].as_array().unwrap();
    let disclosed: Vec<_> =
        disclosed.iter().map(|one| (&one["webhookId"], &one["profile"], &one["leftOut"])).collect();
    let (reference, data) = (json!("reference"), json!(["data"]));
    assert_eq!(disclosed, [(&webhook["id"], &reference, &data), (&late["id"], &reference, &data)]);
    let audited = desk.get("admin", "/admin/audit?limit=1").await.ok(200);
    assert_eq!(audited["data"][0]["detail"], "2 fresh");

    let one = desk.post("engineer", &replay, fresh(json!({ "webhookId": late["id"] }))).await.ok(202);
    assert_eq!(one["count"], 1);
    let refused = desk.post("engineer", &replay, fresh(json!({ "webhookId": other["id"] }))).await;
    refused.refused(Code::InvalidField, Some("/webhookId"));
    desk.post("stranger", &replay, fresh(json!({}))).await.refused(Code::NotFound, None);

    dead(&desk, (event, first), &webhook).await;
    let retry = format!("/admin/deliveries/{first}/retry");
    let made = desk.post("engineer", &retry, fresh(json!({}))).await.ok(202);
    assert_eq!((&made["eventId"], &made["state"]), (&json!(event), &json!("pending")));
    let gone = desk.get("viewer", &format!("/admin/deliveries/{first}")).await.ok(200);
    assert_eq!(gone["state"], "cancelled", "its new delivery stands for it");
    desk.delete("admin", &path).await.ok(204);
    desk.post("engineer", &retry, fresh(json!({}))).await.refused(Code::WrongState, None);
}

#[tokio::test]
async fn a_retry_makes_due_what_waits_and_lets_nothing_through_that_is_held() {
    let desk = Desk::open().await;
    let (path, webhook) = desk.webhook(json!({})).await;
    let (_, delivery) = accepted(&desk, &webhook).await;
    let webhook_id = webhook["id"].as_str().unwrap().parse().unwrap();
    let ask = Ask { webhook: webhook_id, lane: Lane::Critical, max: 9 };
    let claim = desk.api.store.claim(ask).await.unwrap().remove(0);
    let again = Reschedule {
        delivery,
        epoch: claim.epoch,
        due: desk.clock.now() + std::time::Duration::from_secs(600),
        attempts: 1,
        error: Some(Category::Http5xx),
        rendered: None,
        keep: false,
    };
    desk.api.store.commit(Batch { again: vec![again], ..Batch::default() }).await.unwrap();
    let retry = format!("/admin/deliveries/{delivery}/retry");
    let told = desk.call("engineer", http::Method::POST, &retry, None).await.ok(202);
    assert_eq!((&told["state"], &told["nextAttemptAt"]), (&json!("pending"), &Value::Null));
    desk.call("admin", http::Method::POST, &format!("{path}/pause"), None).await.ok(200);
    let held = desk.call("engineer", http::Method::POST, &retry, None).await;
    held.refused(Code::WrongState, None);
    assert_eq!(held.json()["fix"], "Resume the webhook.");
}
