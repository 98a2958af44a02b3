//! A FHIR server that is not ours (`helios-hfs` 0.2.7, R4): read by polling, followed by its Subscription, probed.
//!
//! Every day as it was recorded; `cargo xtask nightly fhir-server` builds it and asks it itself.

mod conversation; // What it says, now or then.
mod live; // The server as a child.

use serde_json::{Value, json};

use self::conversation::Conversation;
use crate::harness::{Api, Setting, run, until};

fn patient() -> Value {
    json!({
        "resourceType": "Patient", "id": "ada", "name": [{ "family": "Synthetic", "given": ["Ada"] }],
        "identifier": [{ "system": "urn:north:mrn", "value": "MRN-1001" }]
    })
}

/// A potassium of a laboratory.
fn potassium(id: &str, status: &str, value: f64, flag: &str) -> Value {
    let coded = |system: &str, code: &str| json!([{ "coding": [{ "system": system, "code": code }] }]);
    json!({
        "resourceType": "Observation", "id": id, "status": status, "subject": { "reference": "Patient/ada" },
        "effectiveDateTime": "2026-01-01T09:30:00Z",
        "category": coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"),
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
        "valueQuantity": { "value": value, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" },
        "interpretation": coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", flag)
    })
}

#[track_caller]
fn put(server: &Api, resource: &Value) {
    let path =
        format!("/{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
    let answer = server.send(
        "PUT",
        &path,
        &[("content-type", "application/fhir+json")],
        resource.to_string().as_bytes(),
    );
    let answer = answer.unwrap();
    assert!(answer.status < 300, "{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
}

/// An integration that reads the server.
fn reading(story: &Setting, server: &Conversation, every: &str, searches: &[&str]) -> String {
    let poll = json!({
        "url": server.url(""), "searches": searches, "every": every, "since": "2025-01-01T00:00:00Z",
        "auth": { "kind": "none" }
    });
    story.integration("fhir", &json!({ "poll": poll, "fhirVersion": "4.0.1" }))
}

fn until_raised(story: &Setting, integration: &str, expected: &[&str]) {
    until("what the server holds was raised", || {
        let raised = story.raised(integration);
        if raised == expected { Ok(()) } else { Err(raised) }
    });
}

#[test]
fn what_a_real_server_holds_is_read_once_and_its_corrections_replace_it() {
    let (story, server) = (Setting::new(), Conversation::begin("polled"));
    server.scene("a critical result", |live| {
        put(live, &patient());
        put(live, &potassium("k-1", "final", 6.9, "HH"));
    });
    let integration = reading(&story, &server, "10s", &["Patient", "Observation"]);
    let hook = story.hook(&integration, &json!({ "eventTypes": ["lab.result.*"] }));
    until_raised(&story, &integration, &["patient.created", "lab.result.critical"]);
    server.scene("its correction", |live| put(live, &potassium("k-1", "corrected", 4.1, "N")));
    until_raised(&story, &integration, &["patient.created", "lab.result.critical", "lab.result.corrected"]);
    story.until_settled(&hook);
    server.end();
}

/// A topic of results as R4 has it: a Basic with the extensions of the Backport guide 1.1.0.
fn topic() -> Value {
    let of = |release: &str, name: &str| {
        format!("http://hl7.org/fhir/{release}/StructureDefinition/extension-SubscriptionTopic.{name}")
    };
    json!({
        "resourceType": "Basic", "id": "results",
        "code": { "coding": [{ "system": "http://hl7.org/fhir/fhir-types", "code": "SubscriptionTopic" }] },
        "extension": [
            { "url": of("5.0", "url"), "valueUri": RESULTS },
            { "url": of("4.3", "resourceTrigger"), "extension": [
                { "url": "resource", "valueUri": "http://hl7.org/fhir/StructureDefinition/Observation" },
                { "url": "supportedInteraction", "valueCode": "create" },
                { "url": "supportedInteraction", "valueCode": "update" }
            ] }
        ]
    })
}

const RESULTS: &str = "http://lab.example/topic/results";

fn subscription(endpoint: &str) -> Value {
    let backport =
        |name: &str| format!("http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/{name}");
    json!({
        "resourceType": "Subscription", "id": "results", "status": "requested", "reason": "results", "criteria": RESULTS,
        "meta": { "profile": [backport("backport-subscription")] },
        "channel": {
            "type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json",
            "_payload": { "extension": [{ "url": backport("backport-payload-content"), "valueCode": "id-only" }] }
        }
    })
}

#[test]
fn what_a_real_server_tells_by_its_subscription_is_followed_to_what_it_names() {
    let (story, mut server) = (Setting::new(), Conversation::begin("told"));
    let integration = reading(&story, &server, "1h", &["Observation"]);
    let endpoint = server.tells(&story.api, &format!("/ingest/{integration}/fhir-notification"));
    server.scene("a handshake", |live| {
        put(live, &patient());
        put(live, &topic());
        put(live, &subscription(&endpoint));
        until("the Subscription is active", || {
            let now = String::from_utf8(live.get("/Subscription/results").body).unwrap();
            if now.contains(r#""status":"active""#) { Ok(()) } else { Err(now) }
        });
    });
    server.scene("two results", |live| {
        put(live, &potassium("k-1", "final", 6.9, "HH"));
        put(live, &potassium("k-2", "final", 3.1, "L"));
    });
    until_raised(&story, &integration, &["lab.result.critical", "lab.result.abnormal"]);
    server.lose_next();
    server.scene("one result is lost on its way", |live| {
        put(live, &potassium("k-3", "final", 7.1, "HH"));
        put(live, &potassium("k-4", "final", 3.0, "L"));
    });
    // It keeps no events to be asked for: its searches tell what was lost.
    until("everything was raised", || {
        let mut raised = story.raised(&integration);
        raised.sort();
        let all =
            ["lab.result.abnormal", "lab.result.abnormal", "lab.result.critical", "lab.result.critical"];
        if raised == all { Ok(()) } else { Err(raised) }
    });
    server.end();
}

#[test]
fn a_probe_says_of_a_real_server_what_it_can_be_asked() {
    let (story, server) = (Setting::new(), Conversation::begin("probed"));
    server.scene("a probe", |_| {});
    let words = ["source", "probe", &server.url(""), "--output", "json"];
    let advice: Value = serde_json::from_str(&run(&story.api, &words)).unwrap();
    assert_eq!(
        (&advice["software"], &advice["way"]),
        (&json!("Helios FHIR Server"), &json!("polling-woken"))
    );
    assert_eq!(
        (&advice["pollable"], &advice["notPollable"]),
        (&json!(["Encounter", "Observation", "Patient"]), &json!([]))
    );
    server.end();
}
