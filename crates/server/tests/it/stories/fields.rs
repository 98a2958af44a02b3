use serde_json::json;

use crate::harness::{Obx, Oru, Setting, critical};

#[test]
fn c7_what_an_integration_refuses_of_a_message_is_kept_nowhere() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let path = format!("/admin/integration/{integration}");
    let mut settings = story.api.get(&path).json(200);
    settings["fields"] = json!({ "drop": ["PID-5", "PID-7"] });
    let shown = story.api.put(&path, &settings).json(200);
    assert_eq!(shown["fields"]["drop"][0], "PID-5");
    for format in ["raw", "native", "fhir-r4"] {
        story.hook(&integration, &json!({ "format": format, "eventTypes": ["lab.result.critical"] }));
    }
    let message = Oru::new("MSG-1", "1001", &[Obx::potassium("6.9", "HH", "F")]).bytes();
    assert!(String::from_utf8_lossy(&message).contains("Doe^1001||19700101"));
    story.mllp(port, &message);
    for hit in story.receiver.wait_for(3) {
        let body = String::from_utf8_lossy(&hit.body).into_owned();
        assert!(body.contains("6.9"), "{body}");
        assert!(!body.contains("Doe") && !body.contains("19700101"), "{body}");
    }
    let event = &story.api.all(&format!("/admin/events?integrationId={integration}"))[0];
    let reveal = format!("/admin/events/{}/reveal", event["id"].as_str().unwrap());
    let revealed = story.api.post(&reveal, &json!({ "reason": "a look at what is kept" })).json(200);
    assert!(
        revealed["raw"].as_str().unwrap().contains("PID|1||1001^^^NORTH^MR|||||F"),
        "{}",
        revealed["raw"]
    );
}

#[test]
fn c7_what_cannot_be_read_is_told_and_not_kept() {
    let story = Setting::new();
    let integration = story.integration("events", &json!({ "fields": { "accept": ["data.status"] } }));
    story.hook(&integration, &json!({}));
    story.accept(&integration, &critical("a", "1001"));
    let data = story.receiver.wait_for(1)[0].json()["data"].clone();
    assert!(data.as_object().unwrap().keys().all(|name| name == "status"), "{data}");
    story.send(&integration, &json!({ "type": "no.such.type", "data": { "phone": "555-0100" } })).is(422);
    let refused = &story.api.all(&format!("/admin/rejections?integrationId={integration}"))[0];
    assert_eq!(refused["kept"], "nothing");
}

#[test]
fn c7_what_a_third_party_tells_beyond_need_is_kept_nowhere_even_while_nobody_understands_it() {
    let story = Setting::new();
    let fields = json!({ "drop": ["body.contact.phone"] });
    let settings = json!({ "preset": { "secret": "long-and-random-token" }, "fields": fields });
    let integration = story.integration("generic-token", &settings);
    story.hook(&integration, &json!({ "format": "raw" }));
    let bearer = [("authorization", "Bearer long-and-random-token"), ("content-type", "application/json")];
    let call = |body: &str| {
        let path = format!("/ingest/{integration}/hook");
        story.api.with_key("").send("POST", &path, &bearer, body.as_bytes()).unwrap().is(200);
    };
    call(
        r#"{"kind":"form.completed","formRef":"F-12","score":7.50,"contact":{"phone":"555-0100","kind":"home"}}"#,
    );
    call(r#"{"broken": "555-0100"#);
    let rejections = story.api.all(&format!("/admin/rejections?integrationId={integration}"));
    let kept: Vec<_> = rejections.iter().map(|one| one["kept"].as_str().unwrap()).collect();
    assert_eq!(kept, ["nothing", "whole"], "the newest first");
    let path = format!("/admin/integration/{integration}");
    let mut mended = story.api.get(&path).json(200);
    mended["preset"]["typePointer"] = json!("/kind");
    story.api.put(&path, &mended).is(200);
    let replay = format!("/admin/rejections/{}/replay", rejections[1]["id"].as_str().unwrap());
    story.api.post(&replay, &json!({})).is(202);
    let hit = story.receiver.wait_for(1).remove(0);
    let expected = r#"{"kind":"form.completed","formRef":"F-12","score":7.50,"contact":{"kind":"home"}}"#;
    assert_eq!(String::from_utf8(hit.body).unwrap(), expected, "to the letter");
    mended["fields"] = json!({ "drop": ["body.contact", "body.kind"] });
    assert_eq!(
        story.api.put(&path, &mended).json(422)["field"],
        "/fields/drop/1",
        "nobody could tell what it is"
    );
    mended["fields"] = json!({ "drop": ["data.contact"] });
    assert_eq!(story.api.put(&path, &mended).json(422)["field"], "/fields/drop/0");
}
