//! Receivers that show that they are some, before they see people (C13).

use http::Method;
use model::{Category, Code};
use serde_json::{Value, json};

use super::desk::{Answer, Desk, settings};
use crate::Options;

fn full(more: Value) -> Value {
    let mut all = json!({
        "profile": "full", "justification": "Direct care.", "auth": { "kind": "bearer", "token": "t" },
    });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

async fn ask(desk: &Desk, path: &str, verb: &str) -> Answer {
    desk.call("engineer", Method::POST, &format!("{path}/{verb}"), None).await
}

async fn status(desk: &Desk, path: &str) -> Value {
    desk.get("viewer", path).await.ok(200)["status"].clone()
}

#[tokio::test]
async fn c13_a_webhook_that_sees_people_is_pending_until_its_receiver_has_answered() {
    let desk = Desk::open().await;
    let (path, made) = desk.webhook(full(json!({}))).await;
    assert_eq!((&made["status"], &made["active"]), (&json!("pending"), &json!(true)));
    *desk.outside.challenged.lock().unwrap() = Some(Category::ChallengeFailed);
    let told = ask(&desk, &path, "challenge").await.ok(200);
    let expected = json!({
        "at": super::desk::NOW, "ok": false, "error": "challenge_failed", "status": 200,
        "nextAt": "2026-01-01T09:30:05.120Z",
    });
    assert_eq!(told, expected);
    assert_eq!(ask(&desk, &path, "resume").await.ok(200)["status"], "pending", "nobody resumes it past that");
    assert_eq!(status(&desk, &path).await, "pending");
    *desk.outside.challenged.lock().unwrap() = None;
    assert_eq!(ask(&desk, &path, "challenge").await.ok(200)["ok"], true);
    assert_eq!(status(&desk, &path).await, "active");
    ask(&desk, &path, "challenge").await.refused(Code::WrongState, None);
    let listed = desk.get("admin", "/admin/audit").await.ok(200);
    let rows = listed["data"].as_array().unwrap().iter().filter(|row| row["action"] == "challenge");
    let details: Vec<&Value> = rows.map(|row| &row["detail"]).collect();
    assert_eq!(details, ["asked; the receiver answered", "challenge_failed"]);
}

#[tokio::test]
async fn c13_what_was_shown_at_one_address_is_nothing_at_another() {
    let desk = Desk::open().await;
    let (path, _) = desk.webhook(full(json!({}))).await;
    ask(&desk, &path, "challenge").await.ok(200);
    let mut doc = desk.get("engineer", &path).await.ok(200);
    assert_eq!(desk.put("engineer", &path, doc.clone()).await.ok(200)["status"], "active");
    doc["url"] = json!("https://elsewhere.example/hooks");
    assert_eq!(desk.put("engineer", &path, doc.clone()).await.ok(200)["status"], "pending");
    ask(&desk, &path, "pause").await.ok(200);
    assert_eq!(status(&desk, &path).await, "paused");
    assert_eq!(ask(&desk, &path, "resume").await.ok(200)["status"], "pending");
    doc["profile"] = json!("reference");
    assert_eq!(desk.put("engineer", &path, doc.clone()).await.ok(200)["status"], "active");
    doc["profile"] = json!("full");
    assert_eq!(desk.put("engineer", &path, doc).await.ok(200)["status"], "pending");
}

#[tokio::test]
async fn c13_a_receiver_that_sees_nobody_is_not_challenged_and_dev_waives_it() {
    let desk = Desk::open().await;
    for profile in ["ping", "reference"] {
        let (path, made) = desk.webhook(json!({ "profile": profile })).await;
        assert_eq!(made["status"], "active", "{profile}");
        ask(&desk, &path, "challenge").await.refused(Code::WrongState, None);
    }
    let dev = Desk::with(Options { dev: true, ..Options::default() }).await;
    let made = dev.post("admin", &dev.webhooks(), settings(full(json!({})))).await.ok(201);
    assert_eq!(made["status"], "active");
}
