//! FHIR Subscriptions on a server that is not for trials, and what an admin may do with them.

use model::Code;
use serde_json::{Value, json};

use super::desk::Desk;

fn wish(content: &str, endpoint: &str) -> Value {
    let level = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content";
    json!({
        "resourceType": "Subscription", "status": "requested", "reason": "tests",
        "criteria": "urn:carehook:topic:critical-lab",
        "channel": {
            "type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json",
            "_payload": { "extension": [{ "url": level, "valueCode": content }] },
            "header": ["X-Key: secret"],
        },
    })
}

const HOOK: &str = "https://portal.example/fhir-hook";

async fn subscribe(desk: &Desk, content: &str, endpoint: &str) -> (u16, Value) {
    let path = format!("/fhir/{}/Subscription", desk.integration());
    let answer = desk.post("admin", &path, wish(content, endpoint)).await;
    (answer.status.as_u16(), answer.json())
}

#[track_caller]
fn refused((status, told): (u16, Value), (issue, place): (&str, &str)) {
    let found = (&told["issue"][0]["code"], &told["issue"][0]["expression"][0]);
    assert_eq!((status, found), (422, (&json!(issue), &json!(place))), "{told}");
}

#[tokio::test]
async fn should_32_an_address_without_tls_is_refused() {
    let desk = Desk::open().await;
    let place = "Subscription.channel.endpoint";
    refused(subscribe(&desk, "empty", "http://portal.example/fhir-hook").await, ("value", place));
    assert_eq!(subscribe(&desk, "empty", HOOK).await.0, 201);
}

#[tokio::test]
async fn should_36_whole_resources_stay_in_the_region_eu() {
    let desk = Desk::open().await;
    assert_eq!(subscribe(&desk, "full-resource", HOOK).await.0, 201);
    let path = format!("/admin/integration/{}", desk.integration());
    desk.put("admin", &path, json!({ "name": "EHR", "kind": "events", "region": "eu" })).await.ok(200);
    let place = "Subscription.channel.payload";
    refused(subscribe(&desk, "full-resource", HOOK).await, ("not-supported", place));
    assert_eq!(subscribe(&desk, "id-only", HOOK).await.0, 201);
}

#[tokio::test]
async fn an_admin_changes_how_a_subscription_is_sent_and_nothing_of_what_its_client_said() {
    let desk = Desk::open().await;
    subscribe(&desk, "id-only", HOOK).await;
    let shown = desk.get("admin", &desk.webhooks()).await.ok(200)[0].clone();
    let path = format!("{}/{}", desk.webhooks(), shown["id"].as_str().unwrap());
    assert_eq!((&shown["profile"], &shown["format"]), (&json!("reference"), &json!("fhir-r4")));
    let put = |change: Value| {
        let mut doc = shown.clone();
        change.as_object().unwrap().iter().for_each(|(name, value)| doc[name] = value.clone());
        doc
    };
    for (field, value) in [
        ("url", json!("https://elsewhere.example/")),
        ("eventTypes", json!(["*"])),
        ("sources", json!("*")),
        ("active", json!(true)),
    ] {
        let answer = desk.put("admin", &path, put(json!({ field: value }))).await;
        answer.refused(Code::InvalidField, Some(&format!("/{field}")));
    }
    let raised =
        put(json!({ "profile": "full", "justification": "asked for by the ward", "maxInFlight": 1 }));
    let raised = desk.put("admin", &path, raised).await.ok(200);
    assert_eq!((&raised["profile"], &raised["maxInFlight"]), (&json!("full"), &json!(1)));
    let found = desk.get("admin", &format!("/fhir/{}/Subscription", desk.integration())).await.ok(200);
    let facet = &found["entry"][0]["resource"];
    assert_eq!(facet["channel"]["header"][0], "X-Key: (masked)", "its client's words are untouched");
    desk.post("admin", &format!("{path}/resume"), json!({})).await.refused(Code::WrongState, None);
}

#[tokio::test]
async fn a_channel_that_is_not_served_is_refused() {
    let desk = Desk::open().await;
    let path = format!("/fhir/{}/Subscription", desk.integration());
    let mut socket = wish("empty", HOOK);
    socket["channel"]["type"] = "email".into();
    let told = desk.post("admin", &path, socket).await.ok(422);
    assert_eq!(told["issue"][0]["code"], "not-supported");
}
