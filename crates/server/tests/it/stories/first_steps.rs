use serde_json::{Value, json};

use crate::harness::{Obx, Oru, Setting, critical, until};

#[test]
fn an_event_goes_in_and_a_signed_webhook_comes_out_once() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    // As text: JSON of the test would write the decimal its own way.
    let sent = r#"{"id":"lab-1","type":"lab.result.critical","subject":{"system":"urn:north:mrn","id":"1001"},
        "data":{"value":{"value":6.90,"unit":"mmol/L"}}}"#;
    let path = format!("/ingest/{integration}/events");
    let json = [("content-type", "application/json")];
    let taken = story.api.send("POST", &path, &json, sent.as_bytes()).unwrap().json(202);
    assert_eq!((&taken["duplicate"], &taken["matched"]), (&json!(false), &json!(1)));

    let hit = story.receiver.wait_for(1).remove(0);
    assert!(hit.is_signed_by(&hook.secret), "the signature is an HMAC under the secret of the answer");
    assert!(!hit.is_signed_by("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), "and under no other");
    let body = hit.json();
    assert_eq!(body["id"], taken["id"]);
    assert_eq!(
        (&body["type"], &body["schema"]),
        (&json!("lab.result.critical"), &json!("lab.result.critical/1"))
    );
    assert_eq!(body["subject"], json!({ "type": "patient", "system": "urn:north:mrn", "id": "1001" }));
    assert_eq!(
        (&body["lane"], &body["environment"], &body["test"]),
        (&json!("critical"), &json!("live"), &json!(false))
    );
    assert!(String::from_utf8_lossy(&hit.body).contains(r#""value":6.90"#), "decimals keep their letters");

    story.until_settled(&hook);
    let logs = hook.logs();
    assert_eq!(logs.len(), 1, "{logs:?}");
    assert_eq!((&logs[0]["outcome"], &logs[0]["status"]), (&json!("delivered"), &json!(200)));
    assert_eq!(story.receiver.hits().len(), 1);
}

#[test]
fn no_header_and_no_url_of_a_delivery_names_a_person() {
    let story = Setting::new();
    let integration = story.events();
    story.hook(&integration, &json!({}));
    story.accept(&integration, &critical("sender-4711", "MRN-1001"));
    let hit = story.receiver.wait_for(1).remove(0);
    let head = format!("{} {:?}", hit.line, hit.headers);
    assert!(!head.contains("1001") && !head.contains("4711"), "{head}");
    assert_eq!(hit.header("content-type"), "application/json");
    assert_eq!(hit.header("content-length"), hit.body.len().to_string());
    assert!(hit.header("traceparent").starts_with("00-"));
}

#[test]
fn a_critical_potassium_over_mllp_becomes_one_critical_event() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let hook = story.hook(&integration, &json!({}));
    let message = Oru::new("MSG-1", "1001", &[Obx::potassium("6.9", "HH", "F")]);
    let mut line = crate::harness::Mllp::dial(port).unwrap();
    let told = line.send(&message.bytes()).unwrap();
    assert_eq!(told.verdict(), ("AA", "MSG-1"), "{}", told.0);

    let hit = story.receiver.wait_for(1).remove(0);
    assert!(hit.is_signed_by(&hook.secret));
    let body = hit.json();
    assert_eq!(body["type"], "lab.result.critical");
    assert_eq!(body["subject"]["id"], "1001");
    assert_eq!(body["data"]["value"]["value"].to_string(), "6.9");
    story.until_settled(&hook);
    assert_eq!(story.receiver.hits().len(), 1, "the wildcard gets the most severe event of the result only");
    let critical = story.raised(&integration).iter().filter(|kind| *kind == "lab.result.critical").count();
    assert_eq!(critical, 1);

    let again = line.send(&message.bytes()).unwrap();
    assert_eq!(again.verdict(), ("AA", "MSG-1"), "a repeated message is acknowledged again");
    let critical = story.raised(&integration).iter().filter(|kind| *kind == "lab.result.critical").count();
    assert_eq!(critical, 1, "and raises nothing");
}

#[test]
fn the_same_message_over_http_is_the_same_message() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let message = Oru::new("MSG-1", "1001", &[Obx::potassium("6.9", "HH", "F")]).bytes();
    let path = format!("/ingest/{integration}/hl7v2");
    let answer = story.api.send("POST", &path, &[("content-type", "application/hl7-v2")], &message).unwrap();
    answer.is(200);
    assert!(String::from_utf8_lossy(&answer.body).contains("MSA|AA|MSG-1"), "{answer:?}");
    let before = story.raised(&integration);
    assert!(before.contains(&"lab.result.critical".to_owned()), "{before:?}");
    story.mllp(port, &message);
    assert_eq!(story.raised(&integration), before, "both doors share one memory");
}

#[test]
fn an_observation_by_fhir_becomes_the_same_event() {
    let story = Setting::new();
    let integration = story.integration("fhir", &json!({}));
    story.hook(&integration, &json!({ "eventTypes": ["lab.result.critical"] }));
    let observation = json!({
        "resourceType": "Observation", "id": "k-1", "status": "final",
        "category": [{ "coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3", "display": "Potassium" }] },
        "subject": { "reference": "Patient/p-1" },
        "interpretation": [{ "coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "HH" }] }],
        "valueQuantity": { "value": 6.9, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" },
    });
    let path = format!("/ingest/{integration}/fhir/Observation/k-1");
    let json = [("content-type", "application/fhir+json")];
    let made = story.api.send("PUT", &path, &json, observation.to_string().as_bytes()).unwrap();
    made.is(201);
    assert!(made.header("location").is_some_and(|place| place.contains("Observation/k-1")), "{made:?}");
    let body: Value = story.receiver.wait_for(1)[0].json();
    assert_eq!(body["type"], "lab.result.critical");
    story.api.send("PUT", &path, &json, observation.to_string().as_bytes()).unwrap().is(200);
    until("the second version is listed", || {
        let raised = story.raised(&integration);
        let critical = raised.iter().filter(|kind| *kind == "lab.result.critical").count();
        if critical == 1 { Ok(()) } else { Err(raised) }
    });
}
