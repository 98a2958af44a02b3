use serde_json::{Value, json};

use crate::harness::{Setting, critical, event};

#[test]
fn the_same_id_is_a_duplicate_and_another_body_a_conflict() {
    let story = Setting::new();
    let integration = story.events();
    let first = story.accept(&integration, &critical("lab-1", "1001"));
    let again = story.send(&integration, &critical("lab-1", "1001")).json(202);
    assert_eq!((&again["id"], &again["duplicate"]), (&json!(first), &json!(true)));

    // The same JSON values in another order and layout are the same event.
    let mut members: Vec<(String, Value)> =
        critical("lab-1", "1001").as_object().unwrap().clone().into_iter().collect();
    members.reverse();
    let turned: serde_json::Map<String, Value> = members.into_iter().collect();
    let pretty = serde_json::to_vec_pretty(&turned).unwrap();
    let path = format!("/ingest/{integration}/events");
    let json = [("content-type", "application/json")];
    let again = story.api.send("POST", &path, &json, &pretty).unwrap().json(202);
    assert_eq!((&again["id"], &again["duplicate"]), (&json!(first), &json!(true)));

    let other = story.send(&integration, &critical("lab-1", "1002")).json(409);
    assert_eq!(other["code"], "id_conflict");
    let elsewhere = story.events();
    story.accept(&elsewhere, &critical("lab-1", "1002"));
    assert_eq!(story.raised(&integration).len(), 1);
}

#[test]
fn an_array_is_taken_whole_or_not_at_all() {
    let story = Setting::new();
    let integration = story.events();
    let good = critical("lab-1", "1001");
    let bad = json!({ "id": "lab-2", "type": "no.such.type", "data": {} });
    let refused = story.send(&integration, &json!([good, bad])).json(422);
    assert_eq!(refused["field"], "/1/type");
    assert!(story.raised(&integration).is_empty(), "nothing of it was taken");

    let taken = story.send(&integration, &json!([good, critical("lab-2", "1002"), good])).json(202);
    let accepted = taken["accepted"].as_array().unwrap();
    let duplicates: Vec<&Value> = accepted.iter().map(|one| &one["duplicate"]).collect();
    assert_eq!(duplicates, [false, false, true]);
    assert_eq!(accepted[0]["id"], accepted[2]["id"], "an id twice in one array is one event");
    assert_eq!(story.raised(&integration).len(), 2);
}

#[test]
fn cloud_events_come_in_by_all_three_modes() {
    let story = Setting::new();
    let integration = story.events();
    story.hook(&integration, &json!({}));
    let cloud = |id: &str| {
        json!({ "specversion": "1.0", "id": id, "source": "/lab", "type": "lab.result.critical", "subject": "1001",
            "data": { "reportRef": "LAB-1" } })
    };
    let path = format!("/ingest/{integration}/events");
    let send = |headers: &[(&str, &str)], body: &Value| {
        story.api.send("POST", &path, headers, body.to_string().as_bytes()).unwrap().json(202)
    };
    let structured = send(&[("content-type", "application/cloudevents+json")], &cloud("a"));
    let batch =
        send(&[("content-type", "application/cloudevents-batch+json")], &json!([cloud("a"), cloud("b")]));
    assert_eq!(batch["accepted"][0], json!({ "id": structured["id"], "duplicate": true, "matched": 1 }));
    assert_eq!(batch["accepted"][1]["duplicate"], false);
    let binary = [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "b"),
        ("ce-source", "/lab"),
        ("ce-type", "lab.result.critical"),
        ("ce-subject", "1001"),
    ];
    let told = send(&binary, &json!({ "reportRef": "LAB-1" }));
    assert_eq!(told["id"], batch["accepted"][1]["id"], "source and id are the key, whatever the mode");
    let hits = story.receiver.wait_for(2);
    assert!(hits.iter().all(|hit| hit.json()["subject"]["id"] == "1001"));
}

#[test]
fn a_stranger_is_turned_away_before_a_byte_is_parsed() {
    let story = Setting::new();
    let integration = story.events();
    let path = format!("/ingest/{integration}/events");
    let nonsense = b"{".as_slice();
    let json = [("content-type", "application/json")];
    story.api.with_key("").send("POST", &path, &json, nonsense).unwrap().is(401);
    story.api.with_key("ck_wrong").send("POST", &path, &json, nonsense).unwrap().is(401);
    story.api.send("POST", &path, &json, nonsense).unwrap().is(400);
    let key = |role: &str, integration: Option<&str>| {
        let wish = json!({ "name": role, "role": role, "integrationId": integration });
        let made = story.api.post("/admin/keys", &wish).json(201);
        story.api.with_key(made["key"].as_str().expect("the text of a key stands in this answer"))
    };
    key("viewer", None).post(&path, &critical("lab-1", "1001")).is(403);
    let sender = key("sender", Some(&integration));
    sender.post(&path, &critical("lab-1", "1001")).is(202);
    sender.get("/admin/events").is(403);
    let other = story.events();
    sender.post(&format!("/ingest/{other}/events"), &critical("lab-1", "1001")).is(403);
}

#[test]
fn what_is_wrong_with_an_event_is_named() {
    let story = Setting::new();
    let integration = story.events();
    let path = format!("/ingest/{integration}/events");
    let json = [("content-type", "application/json")];
    let refused =
        |body: &str, status: u16| story.api.send("POST", &path, &json, body.as_bytes()).unwrap().json(status);
    refused(r#"{"type":"lab.result.critical","type":"lab.result.abnormal","data":{}}"#, 400);
    refused(&format!(r#"{{"type":"lab.result.critical","data":{}{}}}"#, "[".repeat(70), "]".repeat(70)), 400);
    assert_eq!(refused(r#"{"type":"lab.order.placed","data":{}}"#, 422)["field"], "/data/orderRef");
    assert_eq!(
        refused(r#"{"type":"lab.result.critical","data":{},"lane":"express"}"#, 422)["field"],
        "/lane"
    );
    let large = event("lab.result.critical", "large", &"9".repeat(300));
    assert_eq!(story.send(&integration, &large).json(422)["field"], "/subject/id");
    let data = json!({ "type": "lab.result.critical", "data": { "note": "x".repeat(1 << 20) } });
    story.send(&integration, &data).is(413);
    assert!(story.raised(&integration).is_empty());
}

#[test]
fn over_http_every_message_is_answered_whatever_it_asks_for_and_a_refusal_says_where() {
    let story = Setting::new();
    let (integration, _) = story.hl7v2();
    let path = format!("/ingest/{integration}/hl7v2");
    for (number, wishes) in ["", "AL|NE", "NE|AL", "NE|NE"].into_iter().enumerate() {
        for kind in ["application/hl7-v2", "text/plain"] {
            let send = |control: &str, more: &str| {
                let head = format!("MSH|^~\\&|A|B|C|D|20260101||ADT^A01|{control}|P|2.5.1|||{wishes}\r");
                let message = format!("{head}{more}PV1|1|I|||||||||||||||||V1^^^B^VN\r");
                let answer = story.api.send("POST", &path, &[("content-type", kind)], message.as_bytes());
                let answer = answer.unwrap();
                answer.is(200);
                String::from_utf8(answer.body).unwrap()
            };
            let good = send(&format!("good-{number}"), "PID|1||1001^^^B^MR\r");
            assert!(good.contains(&format!("MSA|AA|good-{number}")), "{wishes}: {good}");
            let bad = send(&format!("bad-{number}"), "");
            assert!(bad.contains(&format!("MSA|AE|bad-{number}")), "{wishes}: {bad}");
            assert!(bad.contains("\rERR|") && bad.contains("PID"), "{bad}");
        }
    }
    let unreadable = story.api.send("POST", &path, &[("content-type", "text/plain")], b"PID|1").unwrap();
    assert_eq!(unreadable.json(400)["code"], "unreadable_hl7");
}
