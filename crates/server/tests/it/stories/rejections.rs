//! What a door refuses is kept, and shown to those who mend it.

use serde_json::{Value, json};

use crate::harness::{Mllp, Setting, adt, critical};

/// The rejections of an integration, the oldest first.
#[track_caller]
fn rejected(story: &Setting, integration: &str) -> Vec<Value> {
    let mut listed = story.api.all(&format!("/admin/rejections?integrationId={integration}"));
    listed.reverse();
    listed
}

#[test]
fn a_refused_event_leaves_its_reason_and_its_body() {
    let story = Setting::new();
    let integration = story.events();
    let body = json!({ "type": "lab.order.placed", "data": { "patient": "MRN-1001" } });
    story.send(&integration, &body).is(422);
    let path = format!("/ingest/{integration}/events");
    let json = [("content-type", "application/json")];
    let large = format!(r#"{{"type":"lab.result.critical","data":{{"note":"{}"}}}}"#, "x".repeat(1 << 20));
    story.api.send("POST", &path, &json, large.as_bytes()).unwrap().is(413);
    story.accept(&integration, &critical("lab-1", "1001"));

    let kept = rejected(&story, &integration);
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert_eq!((&kept[0]["code"], &kept[0]["door"]), (&json!("invalid_field"), &json!("events")));
    assert_eq!(kept[0]["reason"], "orderRef is missing. (/data/orderRef)");
    assert_eq!((&kept[0]["peer"], &kept[0]["kept"]), (&json!("127.0.0.1"), &json!("whole")));
    assert_eq!((&kept[1]["code"], &kept[1]["kept"]), (&json!("body_too_large"), &json!("part")));
    assert!(!kept[0].to_string().contains("MRN-1001"), "nothing personal leaves without a reason");

    let reveal = format!("/admin/rejections/{}/reveal", kept[0]["id"].as_str().unwrap());
    let shown = story.api.post(&reveal, &json!({ "reason": "the order feed is broken" })).json(200);
    assert_eq!(shown["body"], body.to_string());
    let counts = story.api.get("/admin/rejections/counts").json(200);
    assert_eq!(counts["data"][0]["count"], 2);
    let replay = format!("/admin/rejections/{}/replay", kept[0]["id"].as_str().unwrap());
    assert_eq!(story.api.post(&replay, &json!({})).json(422)["code"], "not_quarantined");
}

#[test]
fn a_message_that_cannot_be_taken_is_kept_whatever_its_door() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let message = String::from_utf8(adt("A08", "1", "1001", "I")).unwrap();
    let without: Vec<&str> = message.split('\r').filter(|segment| !segment.starts_with("PID")).collect();
    let without = without.join("\r");
    let told = Mllp::dial(port).unwrap().send(without.as_bytes()).unwrap();
    assert_eq!(told.verdict().0, "AE");
    let path = format!("/ingest/{integration}/hl7v2");
    let kind = [("content-type", "application/hl7-v2")];
    story.api.send("POST", &path, &kind, without.as_bytes()).unwrap().is(200);
    story.api.send("POST", &path, &kind, b"nonsense").unwrap().is(400);

    let kept = rejected(&story, &integration);
    let said: Vec<(&Value, &Value)> = kept.iter().map(|one| (&one["door"], &one["code"])).collect();
    let (mllp, http) = (json!("mllp"), json!("hl7v2"));
    let (lacks, unreadable) = (json!("invalid_field"), json!("unreadable_hl7"));
    assert_eq!(said, [(&mllp, &lacks), (&http, &lacks), (&http, &unreadable)]);
    assert_eq!(kept[0]["reason"], "The message has no PID segment with an identifier. (PID)");
}

#[test]
fn a_peer_that_is_not_listed_is_refused_and_shown() {
    let story = Setting::new();
    let integration = story.integration("events", &json!({ "allow": ["192.0.2.0/24"] }));
    let refused = story.send(&integration, &critical("lab-1", "1001")).json(403);
    assert_eq!(refused["code"], "peer_not_allowed");
    let kept = rejected(&story, &integration);
    assert_eq!((&kept[0]["code"], &kept[0]["peer"]), (&json!("peer_not_allowed"), &json!("127.0.0.1")));
    assert_eq!(kept[0]["kept"], "nothing", "its body was not even read");
}
