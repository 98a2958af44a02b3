use serde_json::{Value, json};

use super::client::{Client, START, filtered, guide};
use crate::harness::{Gate, Reply, until};

#[track_caller]
fn refused(client: &Client, change: impl FnOnce(&mut Value), (issue, place): (&str, &str)) {
    let outcome = client.post("Subscription", &client.wish(START, "id-only", change));
    let told = outcome.json(422);
    assert_eq!(told["resourceType"], "OperationOutcome");
    assert_eq!(outcome.header("content-type"), Some("application/fhir+json"));
    assert_eq!(told["issue"][0]["code"], issue, "{told}");
    assert_eq!(told["issue"][0]["expression"][0], place, "{told}");
}

/// What is refused leaves nothing behind.
#[track_caller]
fn nothing_is_made(client: &Client) {
    let none = client.get("Subscription").json(200);
    assert_eq!(none["total"], 0, "{none}");
}

const fn unsupported(place: &str) -> (&str, &str) {
    ("not-supported", place)
}

#[test]
fn shall_72_73_74_75_and_should_8_a_topic_that_nobody_knows_is_refused() {
    let client = Client::new();
    // A query in the place of the topic is none either.
    for criteria in
        ["http://example.org/topic", "Encounter?status=finished", "urn:carehook:SubscriptionTopic:trg_0"]
    {
        refused(&client, |w| w["criteria"] = criteria.into(), unsupported("Subscription.criteria"));
    }
    nothing_is_made(&client);
}

#[test]
fn shall_63_and_should_9_a_filter_that_the_topic_does_not_offer_is_refused_with_its_place() {
    let client = Client::new();
    let second = ["Encounter?patient=Patient/1", "Observation?code=1"];
    for (filters, place) in [(&["Encounter?length=1"] as &[&str], 0), (&second, 1)] {
        let place = format!("Subscription.criteria.extension[{place}]");
        refused(&client, |w| filtered(w, filters), unsupported(&place));
    }
    nothing_is_made(&client);
}

#[test]
fn shall_60_66_90_and_should_10_to_13_a_channel_that_cannot_be_served_is_refused() {
    let client = Client::new();
    let channel = |name: &'static str, value: Value| move |w: &mut Value| w["channel"][name] = value;
    let coding = json!({ "system": "urn:x", "code": "fax" });
    let own = json!({ "extension": [{ "url": guide("backport-channel-type"), "valueCoding": coding }] });
    let level = json!({ "extension": [{ "url": guide("backport-payload-content"), "valueCode": "all" }] });
    let payload = "Subscription.channel.payload";
    let endpoint = ("value", "Subscription.channel.endpoint");
    refused(&client, channel("_type", own), unsupported("Subscription.channel.type"));
    refused(&client, channel("type", "email".into()), unsupported("Subscription.channel"));
    refused(&client, channel("_payload", level), unsupported(payload));
    for kind in ["application/fhir+json; fhirVersion=5.0", "application/fhir+xml"] {
        refused(&client, channel("payload", kind.into()), unsupported(payload));
    }
    for address in ["nowhere", "https://u:p@h.example/"] {
        refused(&client, channel("endpoint", address.into()), endpoint);
    }
    // A header that would replace one of ours.
    let header = ("value", "Subscription.channel.header");
    refused(&client, channel("header", json!(["Host: other.example"])), header);
    nothing_is_made(&client);
}

#[test]
fn a_client_asks_and_the_server_says_how_a_subscription_stands() {
    let client = Client::new();
    refused(&client, |w| w["status"] = "active".into(), ("business-rule", "Subscription.status"));
    refused(&client, |w| w["end"] = "2001-01-01T00:00:00Z".into(), ("business-rule", "Subscription.end"));
    nothing_is_made(&client);
}

#[test]
fn shall_90_the_version_that_is_spoken_may_be_named_and_is_echoed_word_for_word() {
    let client = Client::new();
    let named = "application/fhir+json; fhirVersion=4.0";
    client.subscribe(&client.wish(START, "empty", |wish| wish["channel"]["payload"] = named.into()));
    let hit = client.story.receiver.wait_for(1).remove(0);
    assert_eq!(hit.header("content-type"), named);
}

#[test]
fn shall_133_and_should_125_126_127_a_client_makes_changes_and_removes_a_subscription_under_its_own_id() {
    let client = Client::new();
    let wish = |id: &str| client.wish(START, "empty", |wish| wish["id"] = id.into());
    let made = client.put("Subscription/my-own", &wish("my-own"));
    assert_eq!(made.json(201)["id"], "my-own");
    client.put("Subscription/other", &wish("my-own")).json(422);
    let tag = made.header("etag").unwrap().to_owned();
    client.until_status("my-own", "active");

    let patch = json!([{ "op": "replace", "path": "/reason", "value": "another reason" }]);
    let send = |kind: &str, headers: &[(&str, &str)]| {
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain([("content-type", kind)]).collect();
        client
            .api
            .send("PATCH", &client.path("Subscription/my-own"), &headers, patch.to_string().as_bytes())
            .unwrap()
    };
    send("application/json-patch+json", &[("if-match", &tag)]).json(412);
    send("application/fhir+json", &[]).json(422);
    let patched = send("application/json-patch+json", &[]).json(200);
    assert_eq!((&patched["reason"], &patched["status"]), (&json!("another reason"), &json!("requested")));
    assert_eq!(
        patched["channel"]["header"][0], "Authorization: Bearer of-the-client",
        "a patch keeps the headers"
    );
    client.until_status("my-own", "active");

    let gone = || client.api.call("DELETE", &client.path("Subscription/my-own"), None);
    gone().is(204);
    client.get("Subscription/my-own").is(404);
    gone().is(204);
}

#[test]
fn should_126_a_client_patches_by_paths_and_hears_which_operation_is_wrong() {
    let client = Client::new();
    let id = client.active(&client.wish(START, "empty", |_| {}));
    let patch = |operations: Value| {
        let body = json!({ "resourceType": "Parameters", "parameter": operations }).to_string();
        let headers = [("content-type", "application/fhir+json")];
        client
            .api
            .send("PATCH", &client.path(&format!("Subscription/{id}")), &headers, body.as_bytes())
            .unwrap()
    };
    let operation = |kind: &str, path: &str, value: Value| {
        let mut parts = vec![
            json!({ "name": "type", "valueCode": kind }),
            json!({ "name": "path", "valueString": path }),
        ];
        parts.extend((!value.is_null()).then(|| json!({ "name": "value", "valueString": value })));
        json!({ "name": "operation", "part": parts })
    };
    let reason = operation("replace", "Subscription.reason", "another reason".into());
    let outcome = |answer: crate::harness::Answer| answer.json(422)["issue"][0].clone();
    let wrong =
        outcome(patch(json!([reason, operation("delete", "Subscription.channel.header", Value::Null)])));
    assert_eq!(wrong["code"], "multiple-matches", "{wrong}");
    assert_eq!(wrong["expression"][0], "Parameters.parameter[1].part.where(name = 'path')");
    let refused = outcome(patch(json!([operation("replace", "Subscription.criteria", "urn:other".into())])));
    assert_eq!(refused["expression"][0], "Subscription.criteria", "accepted like a PUT: {refused}");
    let shown = client.get(&format!("Subscription/{id}")).json(200);
    assert_eq!(
        (&shown["reason"], &shown["status"]),
        (&json!("follow up on synthetic patients"), &json!("active"))
    );

    let second = operation("delete", "Subscription.channel.header[1]", Value::Null);
    let patched = patch(json!([reason, second])).json(200);
    assert_eq!((&patched["reason"], &patched["status"]), (&json!("another reason"), &json!("requested")));
    assert_eq!(patched["channel"]["header"], json!(["Authorization: Bearer of-the-client"]));
    client.until_status(&id, "active");
}

#[test]
fn headers_are_echoed_to_whoever_says_them_and_masked_ever_after() {
    let client = Client::new();
    let made = client.post("Subscription", &client.wish(START, "empty", |_| {})).json(201);
    assert_eq!(made["channel"]["header"], json!(["Authorization: Bearer of-the-client", "X-Tag: a:b"]));
    let id = made["id"].as_str().unwrap();
    let read = client.get(&format!("Subscription/{id}")).json(200);
    assert_eq!(read["channel"]["header"], json!(["Authorization: (masked)", "X-Tag: (masked)"]));
    let found = client.get("Subscription").json(200).to_string();
    assert!(!found.contains("of-the-client"), "{found}");
}

#[test]
fn shall_97_an_attempt_ends_when_the_client_says() {
    let client = Client::new();
    let timeout = json!([{ "url": guide("backport-timeout"), "valueUnsignedInt": 1 }]);
    let id = client.active(&client.wish(START, "empty", |wish| wish["channel"]["extension"] = timeout));
    let gate = Gate::default();
    let shut = gate.clone();
    client.story.receiver.answer(move |_| Reply::After(shut.clone()));
    client.admit("e1", "p1");
    let hooks =
        client.story.api.get(&format!("/admin/integration/{}/webhooks", client.integration)).json(200);
    let hook = hooks[0]["id"].as_str().unwrap();
    let logs = format!("/admin/integration/{}/webhooks/{hook}/logs", client.integration);
    until("the attempt has ended", || {
        let logs = client.story.api.all(&logs);
        let error = logs.first().map(|entry| entry["error"].clone());
        if error == Some("read_timeout".into()) { Ok(()) } else { Err(error) }
    });
    gate.open();
    let shown = client.get(&format!("Subscription/{id}")).json(200);
    assert_eq!(shown["channel"]["extension"][0]["valueUnsignedInt"], 1);
}
