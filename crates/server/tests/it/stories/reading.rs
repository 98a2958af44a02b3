//! FHIR servers that are asked: polling, what their Subscriptions tell, and what is seen of it.

use serde_json::{Value, json};

use crate::harness::{Hit, Receiver, Reply, Setting, run, until};

/// A laboratory result of a FHIR server.
fn result(id: &str) -> Value {
    let coded = |system: &str, code: &str| json!([{ "coding": [{ "system": system, "code": code }] }]);
    json!({
        "resourceType": "Observation", "id": id, "status": "final", "subject": { "reference": "Patient/p-1" },
        "meta": { "versionId": "1", "lastUpdated": "2026-01-01T09:30:00Z" },
        "category": coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"),
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
        "valueQuantity": { "value": 6.9, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" },
        "interpretation": coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "HH")
    })
}

/// An EHR that has one result, on two pages, and shows others by their address.
fn ehr() -> Receiver {
    let ehr = Receiver::start();
    let base = ehr.url("");
    ehr.answer(move |hit: &Hit| {
        let page = |resources: &[Value], next: Option<String>| {
            let entries: Vec<Value> = resources.iter().map(|one| json!({ "resource": one })).collect();
            let links: Vec<Value> = next.iter().map(|url| json!({ "relation": "next", "url": url })).collect();
            Reply::Says(json!({ "resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries }))
        };
        match hit.path() {
            "/fhir/Observation/named" => Reply::Says(result("named")),
            "/fhir/page-2" => page(&[result("polled")], None),
            "/fhir/metadata" => Reply::Says(json!({
                "resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{ "mode": "server", "resource": [{
                    "type": "Observation", "interaction": [{ "code": "search-type" }], "searchParam": [{ "name": "_lastUpdated" }]
                }] }]
            })),
            search if search.starts_with("/fhir/Observation?code=2823-3&_lastUpdated=ge") => {
                page(&[], Some(format!("{base}/fhir/page-2")))
            }
            _ => Reply::status(404),
        }
    });
    ehr
}

fn connected(story: &Setting, ehr: &Receiver) -> String {
    let poll = json!({
        "url": ehr.url("/fhir"), "searches": ["Observation?code=2823-3"], "every": "10s", "since": "2025-01-01T00:00:00Z",
        "auth": { "kind": "bearer", "token": "letmein" }
    });
    story.integration("fhir", &json!({ "poll": poll }))
}

#[test]
fn what_a_server_answers_is_delivered_once_and_shown_without_its_secret() {
    let (mut story, ehr) = (Setting::new(), ehr());
    let integration = connected(&story, &ehr);
    let hook = story.hook(&integration, &json!({ "eventTypes": ["lab.result.critical"] }));
    until("the server was read", || {
        let raised = story.raised(&integration);
        if raised.iter().any(|name| name == "lab.result.critical") { Ok(()) } else { Err(raised) }
    });
    assert!(ehr.hits().iter().all(|hit| hit.header("authorization") == "Bearer letmein"));

    let shown = story.api.get(&format!("/admin/integration/{integration}")).json(200);
    assert_eq!(
        (&shown["poll"]["every"], &shown["poll"]["auth"]),
        (&json!("10s"), &json!({ "kind": "bearer" }))
    );
    let sources = story.api.all("/admin/sources");
    let source = sources.iter().find(|one| one["integrationId"] == integration.as_str()).unwrap();
    assert_eq!((&source["state"], &source["reading"]["failures"]), (&json!("active"), &json!(0)));

    // What was set can be sent back: the token that nobody sees stays.
    story.api.put(&format!("/admin/integration/{integration}"), &shown).json(200);
    let before = story.raised(&integration);
    ehr.forget();
    story.server.restart();
    ehr.wait_for(2);
    assert!(ehr.hits().iter().all(|hit| hit.header("authorization") == "Bearer letmein"));
    assert_eq!(story.raised(&integration), before, "a version is taken in once");
    drop(hook);
}

#[test]
fn a_subscription_is_followed_to_what_it_names() {
    let (story, ehr) = (Setting::new(), ehr());
    let integration = connected(&story, &ehr);
    let path = format!("/ingest/{integration}/fhir-notification");
    let told = |kind: &str, number: u64, focus: &str| {
        json!({ "resourceType": "Bundle", "type": "subscription-notification", "entry": [{ "resource": {
            "resourceType": "SubscriptionStatus", "type": kind, "status": "active",
            "subscription": { "reference": "Subscription/s" }, "eventsSinceSubscriptionStart": number.to_string(),
            "notificationEvent": if focus.is_empty() { json!([]) } else { json!([{ "eventNumber": number.to_string(), "focus": { "reference": focus } }]) }
        } }] })
    };
    assert_eq!(story.api.post(&path, &told("handshake", 0, "")).status, 200);
    assert_eq!(story.api.post(&path, &told("heartbeat", 0, "")).status, 200);
    assert_eq!(story.api.post(&path, &told("event-notification", 1, "Observation/named")).status, 200);
    assert!(ehr.hits().iter().any(|hit| hit.path() == "/fhir/Observation/named"));
    assert!(story.raised(&integration).iter().any(|name| name == "lab.result.critical"));

    let refused = story.api.post(&path, &json!({ "resourceType": "Bundle", "type": "history" })).json(422);
    assert_eq!(refused["issue"][0]["expression"], json!(["Bundle.entry[0]"]));
    let elsewhere = told("event-notification", 2, "https://evil.example/fhir/Observation/1");
    assert_eq!(story.api.post(&path, &elsewhere).status, 422);
}

#[test]
fn a_probe_says_how_to_read_a_server() {
    let (story, ehr) = (Setting::new(), ehr());
    let advice: Value =
        serde_json::from_str(&run(&story.api, &["source", "probe", &ehr.url("/fhir"), "--output", "json"]))
            .unwrap();
    assert_eq!((&advice["way"], &advice["pollable"]), (&json!("polling"), &json!(["Observation"])));
}
