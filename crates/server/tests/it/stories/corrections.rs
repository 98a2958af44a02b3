use serde_json::{Value, json};

use crate::harness::{Hook, Obx, Oru, Setting};

/// A source of FHIR resources, and a webhook that asked for little.
struct Source {
    story: Setting,
    integration: String,
    hook: Hook,
}

impl Source {
    fn with(types: &[&str]) -> Source {
        let story = Setting::new();
        let integration = story.integration("fhir", &json!({}));
        let hook = story.hook(&integration, &json!({ "eventTypes": types }));
        Source { story, integration, hook }
    }

    /// Lets a resource come in, with what is new of it.
    #[track_caller]
    fn bring(&self, resource: &mut Value, news: &Value) {
        for (name, value) in news.as_object().unwrap() {
            resource[name] = value.clone();
        }
        let (kind, id) = (resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
        let path = format!("/ingest/{}/fhir/{kind}/{id}", self.integration);
        let answer = self.story.api.put(&path, resource);
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    }

    /// Everything that was raised, the oldest first.
    fn events(&self) -> Vec<Value> {
        let all = self.story.api.all(&format!("/admin/events?integrationId={}", self.integration));
        all.into_iter().rev().collect()
    }

    /// The types that the webhook is told of, the oldest first.
    fn told(&self) -> Vec<String> {
        let is_told = |event: &Value| {
            self.story.reason(event["id"].as_str().unwrap(), &self.hook).as_deref() == Some("matched")
        };
        let told = self.events().into_iter().filter(is_told);
        told.map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn n5_whoever_got_one_of_the_two_events_of_a_change_hears_that_it_is_taken_back() {
    let source = Source::with(&["document.available"]);
    let mut summary = json!({
        "resourceType": "DocumentReference", "id": "d1", "status": "current", "docStatus": "final",
        "type": { "coding": [{ "system": "http://loinc.org", "code": "18842-5" }] },
        "subject": { "reference": "Patient/p1" }, "date": "2026-01-01T10:00:00Z",
    });
    source.bring(&mut summary, &json!({}));
    assert_eq!(source.told(), ["document.available"]);
    source.bring(&mut summary, &json!({ "status": "entered-in-error" }));
    assert_eq!(source.told(), ["document.available", "document.cancelled"]);
    source.story.receiver.wait_for(2);
}

#[test]
fn n5_a_cancellation_that_raises_two_events_is_heard_once_by_who_got_the_original() {
    let source = Source::with(&["prescription.created"]);
    let mut prescription = json!({
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
        "medicationCodeableConcept": { "text": "Amoxicillin" }, "subject": { "reference": "Patient/p1" },
    });
    source.bring(&mut prescription, &json!({}));
    source.bring(&mut prescription, &json!({ "status": "cancelled" }));
    let raised: Vec<Value> = source.events().into_iter().map(|event| event["type"].clone()).collect();
    assert!(raised.contains(&json!("prescription.status_changed")), "{raised:?}");
    assert_eq!(source.told(), ["prescription.created", "prescription.cancelled"]);
}

#[test]
fn n5_a_correction_is_as_urgent_as_a_trigger_made_its_original() {
    let source = Source::with(&["lab.result.*"]);
    let trigger = json!({
        "name": "Potassium above 5.5", "resourceType": "Observation", "eventType": "lab.result.abnormal",
        "lane": "critical",
        "threshold": { "code": "http://loinc.org|2823-3", "comparator": ">", "value": 5.5, "unit": "mmol/L" },
    });
    source.story.api.post("/admin/triggers", &trigger).json(201);
    let flag = |code: &str| json!([{ "coding": [{ "code": code }] }]);
    let mut potassium = json!({
        "resourceType": "Observation", "id": "k1", "status": "final", "subject": { "reference": "Patient/p1" },
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
        "valueQuantity": { "value": 5.9, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" },
        "interpretation": flag("H"),
    });
    source.bring(&mut potassium, &json!({}));
    let mut quantity = potassium["valueQuantity"].clone();
    quantity["value"] = json!(4.4);
    let corrected = json!({ "status": "corrected", "valueQuantity": quantity, "interpretation": flag("N") });
    source.bring(&mut potassium, &corrected);
    let events = source.events();
    let lanes: Vec<&Value> = events.iter().map(|event| &event["lane"]).collect();
    assert_eq!(lanes, [&json!("critical"), &json!("critical")], "{events:?}");
}

#[test]
fn n4_a_critical_finding_of_a_radiology_message_is_critical_and_its_retraction_follows_it() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let hook = story.hook(&integration, &json!({ "eventTypes": ["imaging.result.critical"] }));
    let send = |control: &str, flag: &'static str, status: &'static str| {
        let finding = Obx { code: "36643-5^Chest^LN", value: "1", unit: "1", flag, status };
        let text = String::from_utf8(Oru::new(control, "1001", &[finding]).bytes()).unwrap();
        let text = text.replace("20260101093000|||F\r", "20260101093000||RAD|F\r");
        story.mllp(port, text.as_bytes());
    };
    send("MSG-1", "AA", "P");
    send("MSG-2", "AA", "F");
    send("MSG-3", "AA", "W");
    let listed = story.api.all(&format!("/admin/events?integrationId={integration}"));
    let is_told =
        |event: &&Value| story.reason(event["id"].as_str().unwrap(), &hook).as_deref() == Some("matched");
    let told: Vec<&Value> = listed.iter().rev().filter(is_told).collect();
    let types: Vec<&Value> = told.iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["imaging.result.critical", "imaging.result.available"], "{listed:?}");
    assert_eq!((&told[1]["lane"], &told[1]["replaces"]), (&json!("critical"), &told[0]["id"]));
}

#[test]
fn n5_a_history_that_brings_a_critical_result_with_its_correction_tells_both_in_their_order() {
    let source = Source::with(&["lab.result.critical"]);
    let version = |status: &str, value: f64, flag: &str| {
        let resource = json!({
            "resourceType": "Observation", "id": "k1", "status": status, "subject": { "reference": "Patient/p1" },
            "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
            "valueQuantity": { "value": value, "unit": "mmol/L", "code": "mmol/L" },
            "interpretation": [{ "coding": [{ "code": flag }] }],
        });
        json!({ "resource": resource, "request": { "method": "PUT", "url": "Observation/k1" } })
    };
    let bundle = json!({
        "resourceType": "Bundle", "type": "history",
        "entry": [version("final", 4.4, "N"), version("preliminary", 6.9, "HH")],
    });
    source.story.api.post(&format!("/ingest/{}/fhir", source.integration), &bundle).json(200);
    assert_eq!(source.told(), ["lab.result.critical", "lab.result.corrected"]);
    let events = source.events();
    assert_eq!((&events[1]["replaces"], &events[1]["lane"]), (&events[0]["id"], &json!("critical")));
    let hits = source.story.receiver.wait_for(2);
    assert_eq!(hits[0].json()["id"], events[0]["id"], "the original goes first");
}
