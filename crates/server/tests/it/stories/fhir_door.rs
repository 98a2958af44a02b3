//! The FHIR door answers as FHIR does.

use serde_json::{Value, json};

use crate::harness::{Answer, Setting};

struct Door {
    story: Setting,
    integration: String,
}

impl Door {
    fn new(more: &Value) -> Door {
        let story = Setting::new();
        let integration = story.integration("fhir", more);
        Door { story, integration }
    }

    fn call(&self, method: &str, place: &str, body: &str) -> Answer {
        let path = format!("/ingest/{}/fhir{place}", self.integration);
        let json = [("content-type", "application/fhir+json")];
        self.story.api.send(method, &path, &json, body.as_bytes()).unwrap()
    }

    /// The issue of a refusal: its code and where it is.
    #[track_caller]
    fn refused(&self, (method, place): (&str, &str), body: &str, status: u16) -> (String, Value) {
        let answer = self.call(method, place, body);
        let outcome = answer.json(status);
        assert_eq!(answer.header("content-type"), Some("application/fhir+json"));
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        let issue = &outcome["issue"][0];
        (issue["code"].as_str().unwrap().to_owned(), issue["expression"][0].clone())
    }
}

fn patient(id: Option<&str>, birth: &str) -> String {
    let number = json!({ "system": "urn:north:mrn", "value": "1001" });
    let mut patient = json!({ "resourceType": "Patient", "identifier": [number], "birthDate": birth });
    if let Some(id) = id {
        patient["id"] = json!(id);
    }
    patient.to_string()
}

#[test]
fn a_resource_is_made_changed_and_gone_with_the_status_that_fhir_says() {
    let door = Door::new(&json!({}));
    let made = door.call("PUT", "/Patient/p1", &patient(Some("p1"), "1980-01-01"));
    made.is(201);
    assert!(made.header("location").unwrap().contains("/fhir/Patient/p1"), "{made:?}");
    door.call("PUT", "/Patient/p1", &patient(Some("p1"), "1980-01-02")).is(200);
    let created = door.call("POST", "/Patient", &patient(None, "1990-01-01"));
    created.is(201);
    assert!(created.header("location").unwrap().contains("/fhir/Patient/"), "{created:?}");
    let gone = door.call("DELETE", "/Patient/p1", "");
    gone.is(204);
    assert!(gone.body.is_empty());
    let raised = door.story.raised(&door.integration);
    assert_eq!(raised[..2], ["patient.created", "patient.updated"], "{raised:?}");
}

#[test]
fn what_cannot_be_taken_is_answered_by_an_outcome_that_names_the_place() {
    let door = Door::new(&json!({}));
    let put = ("PUT", "/Patient/p1");
    let other = r#"{"resourceType":"Observation","id":"p1","status":"final","code":{"text":"x"}}"#;
    assert_eq!(door.refused(put, other, 422).1, "resourceType");
    assert_eq!(door.refused(put, &patient(Some("p2"), "1980-01-01"), 422).1, "id");
    assert_eq!(door.refused(put, r#"{"resourceType":"Patient","id":"p1","id":"p1"}"#, 400).0, "invalid");
    let deep = format!(r#"{{"resourceType":"Patient","x":{}1{}}}"#, "[".repeat(65), "]".repeat(65));
    assert_eq!(door.refused(put, &deep, 400).0, "invalid");
    assert_eq!(door.refused(("PUT", "/Nonsense/1"), "{}", 404).0, "not-found");
    let long = format!(r#"{{"resourceType":"Patient","x":"{}"}}"#, "x".repeat(17 << 20));
    assert_eq!(door.refused(put, &long, 413).0, "too-long");
    assert!(door.story.raised(&door.integration).is_empty());
}

#[test]
fn a_transaction_is_all_or_nothing_and_a_batch_is_answered_entry_by_entry() {
    let door = Door::new(&json!({}));
    let entry = |place: &str, resource: &str| json!({ "request": { "method": "PUT", "url": place }, "resource": serde_json::from_str::<Value>(resource).unwrap() });
    let good = entry("Patient/p1", &patient(Some("p1"), "1980-01-01"));
    let bad = entry(
        "Patient/p2",
        r#"{"resourceType":"Observation","id":"p2","status":"final","code":{"text":"x"}}"#,
    );
    let bundle =
        |kind: &str| json!({ "resourceType": "Bundle", "type": kind, "entry": [good, bad] }).to_string();
    assert_eq!(door.call("POST", "", &bundle("transaction")).json(422)["resourceType"], "OperationOutcome");
    assert!(door.story.raised(&door.integration).is_empty(), "nothing of it was taken");
    let answered = door.call("POST", "", &bundle("batch")).json(200);
    assert_eq!(answered["type"], "batch-response");
    let statuses: Vec<&str> = answered["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["response"]["status"].as_str().unwrap())
        .collect();
    assert!(statuses[0].starts_with("201") && statuses[1].starts_with('4'), "{statuses:?}");
    assert_eq!(door.story.raised(&door.integration), ["patient.created"]);
}

#[test]
fn decimals_reach_a_receiver_to_the_letter_whatever_the_version_of_fhir() {
    for version in ["4.0.1", "4.3.0", "5.0.0"] {
        let door = Door::new(&json!({ "fhirVersion": version }));
        let full =
            json!({ "eventTypes": ["lab.result.critical"], "profile": "full", "justification": "treatment" });
        door.story.hook(&door.integration, &full);
        let observation = r#"{"resourceType":"Observation","id":"k","status":"final",
            "category":[{"coding":[{"code":"laboratory"}]}],
            "code":{"coding":[{"system":"http://loinc.org","code":"2823-3"}]},
            "subject":{"reference":"Patient/1","identifier":{"system":"urn:north:mrn","value":"1001"}},
            "interpretation":[{"coding":[{"code":"HH"}]}],
            "valueQuantity":{"value":6.9000000000000000001,"unit":"mmol/L"}}"#;
        door.call("PUT", "/Observation/k", observation).is(201);
        let body = String::from_utf8(door.story.receiver.wait_for(1)[0].body.clone()).unwrap();
        assert!(body.contains("6.9000000000000000001"), "{version}: {body}");
    }
}
