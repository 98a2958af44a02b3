use fhir::notification::{Content, check};
use model::FhirVersion;
use serde_json::{Value, json};

use crate::harness::{Hit, Obx, Oru, Reply, Setting, critical};

/// A laboratory that reports a critical potassium, and what a webhook of these settings hears of it.
fn heard(more: &Value) -> (Hit, Vec<u8>) {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let mut settings = json!({ "eventTypes": ["lab.result.critical"] });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    story.hook(&integration, &settings);
    let message = Oru::new("MSG-1", "1001", &[Obx::potassium("6.90", "HH", "F")]).bytes();
    story.mllp(port, &message);
    (story.receiver.wait_for(1).remove(0), message)
}

#[test]
fn a_v2_result_reaches_a_fhir_receiver_as_the_notification_of_an_observation() {
    for (format, version, media) in [
        ("fhir-r4", FhirVersion::R4, "application/fhir+json; fhirVersion=4.0"),
        ("fhir-r4b", FhirVersion::R4B, "application/fhir+json; fhirVersion=4.3"),
    ] {
        let (hit, _) = heard(&json!({ "format": format }));
        assert_eq!(hit.header("content-type"), media);
        let bundle = hit.json();
        assert_eq!(check(&bundle, version, Content::FullResource), []);
        let result = &bundle["entry"][1]["resource"];
        assert_eq!((&result["resourceType"], &result["status"]), (&json!("Observation"), &json!("final")));
        assert!(String::from_utf8_lossy(&hit.body).contains(r#""value":6.90"#), "to the letter");
        assert_eq!(result["interpretation"][0]["coding"][0]["code"], "HH");
    }
}

#[test]
fn a_receiver_that_may_see_references_gets_addresses_made_of_its_own_stand_ins() {
    let (hit, _) = heard(&json!({ "format": "fhir-r5", "profile": "reference", "justification": null }));
    assert_eq!(check(&hit.json(), FhirVersion::R5, Content::IdOnly), []);
    let text = String::from_utf8(hit.body).unwrap();
    assert!(text.contains("/Observation/psn-") && text.contains("/Patient/psn-"), "{text}");
    for secret in ["1001", "6.90", "Potassium", "HH"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn what_is_told_as_fhir_is_counted_for_each_webhook_without_a_gap_and_across_a_kill() {
    let mut story = Setting::new();
    let integration = story.events();
    let counted =
        story.hook(&integration, &json!({ "format": "fhir-r4", "url": story.receiver.url("/counted") }));
    story.hook(&integration, &json!({ "url": story.receiver.url("/other") }));
    story.accept(&integration, &critical("a", "1001"));
    story.until_settled(&counted);
    story.receiver.answer(|_| Reply::HangUp);
    story.accept(&integration, &critical("b", "1001"));
    story.server.kill();
    story.receiver.recover();
    story.server.restart();
    story.accept(&integration, &critical("c", "1001"));
    story.until_settled(&counted);
    let numbers = |hit: &Hit| -> String {
        let parts = hit.json()["entry"][0]["resource"]["parameter"].to_string();
        parts
            .split("\"event-number\",\"valueString\":\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned()
    };
    let hits = story.receiver.hits();
    let mut told: Vec<String> =
        hits.iter().filter(|hit| hit.line.contains("/counted")).map(numbers).collect();
    told.sort_unstable();
    told.dedup();
    assert_eq!(told, ["1", "2", "3"], "an attempt that failed told the same number");
}

#[test]
fn a_cloud_event_can_be_sent_in_again() {
    let story = Setting::new();
    let integration = story.events();
    story.hook(&integration, &json!({ "format": "cloudevents", "acceptTest": true }));
    story.accept(&integration, &critical("a", "1001"));
    let hit = story.receiver.wait_for(1).remove(0);
    assert_eq!(hit.header("content-type"), "application/cloudevents+json");
    let event = hit.json();
    assert_eq!((&event["specversion"], &event["type"]), (&json!("1.0"), &json!("lab.result.critical")));
    let other = story.integration("events", &json!({ "environment": "test" }));
    let path = format!("/ingest/{other}/events");
    let media = [("content-type", "application/cloudevents+json")];
    story.api.send("POST", &path, &media, &hit.body).unwrap().is(202);
}

#[test]
fn raw_is_the_message_byte_for_byte_and_every_attempt_sends_the_same() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    story.hook(&integration, &json!({ "format": "raw", "eventTypes": ["lab.result.critical"] }));
    let mut asked = 0;
    story.receiver.answer(move |_| {
        asked += 1;
        Reply::status(if asked == 1 { 500 } else { 200 })
    });
    let message = Oru::new("MSG-1", "1001", &[Obx::potassium("6.9", "HH", "F")]).bytes();
    story.mllp(port, &message);
    for hit in story.receiver.wait_for(2) {
        assert_eq!((&hit.body, hit.header("content-type")), (&message, "application/hl7-v2"));
    }
}

#[test]
fn what_no_resource_raised_is_told_as_a_basic_resource() {
    let story = Setting::new();
    let integration = story.events();
    story.hook(&integration, &json!({ "format": "fhir-r5" }));
    story.accept(&integration, &critical("a", "1001"));
    let bundle = story.receiver.wait_for(1)[0].json();
    assert_eq!(check(&bundle, FhirVersion::R5, Content::FullResource), []);
    let said = &bundle["entry"][1]["resource"];
    assert_eq!(said["code"]["coding"][0]["code"], "lab.result.critical");
    assert_eq!(said["subject"]["identifier"]["value"], "1001");
}

#[test]
fn a_resource_is_never_told_as_one_of_another_version() {
    let story = Setting::new();
    let (integration, _) = story.hl7v2();
    let path = format!("/admin/integration/{integration}/webhooks");
    let url = story.receiver.url("/r5");
    let wish = json!({ "name": "R5", "url": url, "eventTypes": ["lab.*"], "format": "fhir-r5",
        "profile": "full", "justification": "treats the patient" });
    let refused = story.api.post(&path, &wish).json(422);
    assert_eq!((&refused["code"], &refused["field"]), (&json!("not_supported"), &json!("/format")));
}

#[test]
fn a_preview_tells_what_does_not_fit_a_receivers_schema() {
    let story = Setting::new();
    let integration = story.events();
    let path = format!("/admin/integration/{integration}/webhooks/preview");
    let mut wish = json!({ "url": story.receiver.url("/x"), "eventTypes": ["lab.result.critical"], "profile": "ping",
        "schema": { "type": "object", "required": ["id"], "properties": { "lane": { "const": "routine" }, "test": { "type": "string" } } } });
    let told = story.api.post(&path, &wish).json(200);
    let mut places: Vec<&str> =
        told["misfits"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    places.sort_unstable();
    assert_eq!(places, ["/lane", "/test"]);
    wish["schema"] = json!({ "type": "object", "required": ["id"] });
    assert_eq!(story.api.post(&path, &wish).json(200)["misfits"], json!([]));
    wish["schema"] = json!({ "type": "objekt" });
    assert_eq!(story.api.post(&path, &wish).json(422)["field"], "/schema");
    assert!(story.receiver.hits().is_empty(), "nothing is sent");
}
