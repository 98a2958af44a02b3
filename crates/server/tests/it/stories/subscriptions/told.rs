use serde_json::Value;

use super::client::{CRITICAL, Client, START, filtered, kind, number, parts, said};

fn one(client: &Client, topic: &str, content: &str) -> Value {
    client.active(&client.wish(topic, content, |_| {}));
    client.result("r1", "MRN-1001");
    client.events(1).remove(0)
}

#[test]
fn shall_38_39_and_should_99_empty_names_nothing() {
    let client = Client::new();
    let bundle = one(&client, CRITICAL, "empty");
    assert_eq!((kind(&bundle).as_str(), number(&bundle)), ("event-notification", 1));
    assert_eq!(bundle["entry"].as_array().unwrap().len(), 1);
    assert!(parts(&bundle, "focus").is_empty() && parts(&bundle, "additional-context").is_empty());
    assert_eq!(parts(&bundle, "event-number")[0]["valueString"], "1");
    assert_eq!(said(&bundle, "topic"), "");
    let text = bundle.to_string();
    for secret in ["MRN-1001", "r1", "critical", "6.9"] {
        assert!(
            !text.contains(&format!("\"{secret}\"")) && !text.contains(&format!("/{secret}\"")),
            "{text}"
        );
    }
}

#[test]
fn shall_35_40_42_id_only_names_the_resource_by_a_stand_in_and_shows_none() {
    let client = Client::new();
    let bundle = one(&client, CRITICAL, "id-only");
    let focus = parts(&bundle, "focus").remove(0)["valueReference"]["reference"].as_str().unwrap().to_owned();
    assert!(focus.contains("/Observation/psn-"), "{focus}");
    let context = parts(&bundle, "additional-context").remove(0);
    assert!(context["valueReference"]["reference"].as_str().unwrap().contains("/Patient/psn-"));
    for entry in &bundle["entry"].as_array().unwrap()[1..] {
        assert!(entry.get("resource").is_none(), "{entry}");
        assert!(entry["fullUrl"].is_string() && entry["request"].is_object());
    }
    assert!(!bundle.to_string().contains("MRN-1001"));
    assert_eq!(said(&bundle, "topic"), CRITICAL);
}

#[test]
fn shall_43_44_45_and_should_101_full_resource_brings_the_resource() {
    let client = Client::new();
    let bundle = one(&client, CRITICAL, "full-resource");
    let focus = parts(&bundle, "focus").remove(0)["valueReference"]["reference"].as_str().unwrap().to_owned();
    assert!(focus.ends_with("/Observation/r1"), "{focus}");
    let entry = &bundle["entry"][1];
    assert_eq!(entry["fullUrl"], focus.as_str());
    assert_eq!(entry["resource"]["valueQuantity"]["value"].to_string(), "6.9");
    assert_eq!(entry["resource"]["subject"]["reference"], "Patient/MRN-1001");
    let context = parts(&bundle, "additional-context");
    let patient = context.iter().find(|part| part.to_string().contains("Patient/MRN-1001"));
    assert!(patient.is_some(), "should_101: {bundle}");
}

#[test]
fn shall_14_15_28_69_70_the_status_comes_first_and_names_the_request_that_would_ask_for_it() {
    let client = Client::new();
    let id = client.active(&client.wish(CRITICAL, "id-only", |_| {}));
    client.result("r1", "p1");
    let bundle = client.events(1).remove(0);
    assert_eq!(bundle["type"], "history");
    assert!(
        bundle["meta"]["profile"][0].as_str().unwrap().ends_with("backport-subscription-notification-r4")
    );
    let first = &bundle["entry"][0];
    assert_eq!(first["resource"]["resourceType"], "Parameters");
    assert_eq!(first["request"]["method"], "GET");
    assert!(first["request"]["url"].as_str().unwrap().ends_with(&format!("Subscription/{id}/$status")));
    for entry in bundle["entry"].as_array().unwrap() {
        assert!(entry["request"].is_object() && entry["response"].is_object(), "bdl-3, bdl-4: {entry}");
    }
    assert_eq!(said(&bundle, "status"), "active");
}

#[test]
fn shall_95_135_136_all_filters_hold_in_either_written_form() {
    for filters in [
        ["Encounter?patient=Patient/p1", "Encounter?class=IMP"],
        ["Encounter.patient=Patient/p1", "class=http://terminology.hl7.org/CodeSystem/v3-ActCode|IMP"],
    ] {
        let client = Client::new();
        let id = client.active(&client.wish(START, "full-resource", |wish| filtered(wish, &filters)));
        client.admit("e1", "p2");
        client.admit("e2", "p1");
        let bundles = client.events(1);
        assert_eq!(bundles[0]["entry"][1]["resource"]["id"], "e2");
        assert_eq!(number(&bundles[0]), 1, "what a filter refuses is not counted");
        let listed = client.story.api.all(&format!("/admin/events?integrationId={}", client.integration));
        let other = listed.iter().rev().find(|event| event["type"] == "encounter.admitted").unwrap();
        let lineage = client.story.lineage(other["id"].as_str().unwrap());
        assert_eq!(lineage["decisions"][0]["reason"], "filtered", "{id}: {lineage}");
        let clauses = lineage["decisions"][0]["clauses"].as_array().unwrap();
        let failing = clauses.iter().find(|clause| clause["result"] == "fails").unwrap();
        assert_eq!(failing["text"], "Encounter?patient", "the name, never the patient: {lineage}");
    }
}

#[test]
fn shall_49_51_53_65_67_and_should_50_54_each_level_of_content_comes_by_rest_hook() {
    let client = Client::new();
    for content in ["empty", "id-only", "full-resource"] {
        client.active(&client.wish(CRITICAL, content, |_| {}));
    }
    client.result("r1", "p1");
    let mut told = client.events(3).iter().map(level).collect::<Vec<_>>();
    told.sort_unstable();
    assert_eq!(told, [(false, false), (true, false), (true, true)]);
}

/// Whether a notification names what it is about, and whether it brings it along.
fn level(bundle: &Value) -> (bool, bool) {
    let others = bundle["entry"].as_array().unwrap().iter().skip(1);
    (!parts(bundle, "focus").is_empty(), others.clone().any(|entry| entry.get("resource").is_some()))
}

#[test]
fn shall_98_a_notification_tells_of_no_more_events_than_asked_for() {
    let client = Client::new();
    let most = |wish: &mut Value| {
        let url = super::client::guide("backport-max-count");
        wish["channel"]["extension"] = serde_json::json!([{ "url": url, "valuePositiveInt": 1 }]);
    };
    client.active(&client.wish(CRITICAL, "id-only", most));
    (1..=3).for_each(|result| client.result(&format!("r{result}"), "p1"));
    let bundles = client.events(3);
    assert_eq!(bundles.iter().map(number).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(bundles.iter().all(|bundle| parts(bundle, "event-number").len() == 1));
}

#[test]
fn r4b_and_r5_are_told_in_their_own_shapes() {
    for (version, bundle_type) in [("4.3.0", "history"), ("5.0.0", "subscription-notification")] {
        let client = Client::speaking(version);
        let wish =
            if version == "5.0.0" { native(&client) } else { client.wish(CRITICAL, "id-only", |_| {}) };
        let id = client.active(&wish);
        client.result("r1", "p1");
        let bundle = client.story.receiver.wait_for(1).remove(0).json();
        assert_eq!(bundle["type"], bundle_type);
        let status = &bundle["entry"][0]["resource"];
        assert_eq!(status["resourceType"], "SubscriptionStatus");
        assert_eq!(status["eventsSinceSubscriptionStart"], "1", "a counter is a text");
        assert!(
            status["notificationEvent"][0]["focus"]["reference"].as_str().unwrap().contains("/Observation/")
        );
        let shown = client.get(&format!("Subscription/{id}")).json(200);
        assert_eq!(shown["status"], "active");
    }
}

fn native(client: &Client) -> Value {
    serde_json::json!({
        "resourceType": "Subscription", "status": "requested", "topic": CRITICAL, "content": "id-only",
        "channelType": { "system": "http://terminology.hl7.org/CodeSystem/subscription-channel-type", "code": "rest-hook" },
        "endpoint": client.story.receiver.url("/fhir-hook"), "contentType": "application/fhir+json",
        "filterBy": [{ "resourceType": "Observation", "filterParameter": "patient", "value": "Patient/p1" }],
    })
}
