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

#[test]
fn what_cannot_be_done_is_refused_with_the_place_and_nothing_is_made() {
    let client = Client::new();
    let unsupported = |place| ("not-supported", place);
    // shall_74, shall_75, should_8: a topic that nobody knows, or a query in its place.
    refused(
        &client,
        |w| w["criteria"] = "http://example.org/topic".into(),
        unsupported("Subscription.criteria"),
    );
    refused(
        &client,
        |w| w["criteria"] = "Encounter?status=finished".into(),
        unsupported("Subscription.criteria"),
    );
    // shall_63, should_9: a filter that the topic does not offer.
    refused(
        &client,
        |w| filtered(w, &["Encounter?length=1"]),
        unsupported("Subscription.criteria.extension[0]"),
    );
    refused(
        &client,
        |w| filtered(w, &["Encounter?patient=Patient/1", "Observation?code=1"]),
        unsupported("Subscription.criteria.extension[1]"),
    );
    // shall_60, should_10: a channel of one's own, and one that is not served.
    let coding = json!({ "system": "urn:x", "code": "fax" });
    let own = json!({ "extension": [{ "url": guide("backport-channel-type"), "valueCoding": coding }] });
    refused(&client, |w| w["channel"]["_type"] = own, unsupported("Subscription.channel.type"));
    refused(&client, |w| w["channel"]["type"] = "email".into(), unsupported("Subscription.channel"));
    // shall_66, should_12: a level of content that nobody knows.
    let level = json!({ "extension": [{ "url": guide("backport-payload-content"), "valueCode": "all" }] });
    refused(&client, |w| w["channel"]["_payload"] = level, unsupported("Subscription.channel.payload"));
    // shall_90: a version of FHIR that is not spoken here; should_13: a format that is not sent.
    let payload = |kind: &'static str| move |w: &mut Value| w["channel"]["payload"] = kind.into();
    refused(
        &client,
        payload("application/fhir+json; fhirVersion=5.0"),
        unsupported("Subscription.channel.payload"),
    );
    refused(&client, payload("application/fhir+xml"), unsupported("Subscription.channel.payload"));
    // should_11: an address that cannot be called.
    refused(
        &client,
        |w| w["channel"]["endpoint"] = "nowhere".into(),
        ("value", "Subscription.channel.endpoint"),
    );
    refused(
        &client,
        |w| w["channel"]["endpoint"] = "https://u:p@h.example/".into(),
        ("value", "Subscription.channel.endpoint"),
    );
    // shall_27: a header that would break out of the request, or replace one of ours.
    refused(
        &client,
        |w| w["channel"]["header"] = json!(["Host: other.example"]),
        ("value", "Subscription.channel.header"),
    );
    // A client asks; how it stands, the server says.
    refused(&client, |w| w["status"] = "active".into(), ("business-rule", "Subscription.status"));
    refused(&client, |w| w["end"] = "2001-01-01T00:00:00Z".into(), ("business-rule", "Subscription.end"));
    let none = client.get("Subscription").json(200);
    assert_eq!(none["total"], 0, "{none}");
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
fn should_125_126_127_a_client_makes_changes_and_removes_a_subscription_under_its_own_id() {
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
