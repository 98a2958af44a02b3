use std::collections::BTreeSet;

use serde_json::json;

use super::client::{CRITICAL, Client, START, kind, number, said};
use crate::harness::{Reply, until};

#[test]
fn shall_20_25_26_27_29_30_a_new_subscription_is_requested_and_its_handshake_makes_it_active() {
    let client = Client::new();
    let wish = client.wish(START, "id-only", |_| {});
    let made = client.post("Subscription", &wish);
    assert_eq!(made.json(201)["status"], "requested");
    let location = made.header("location").unwrap().to_owned();
    let id = made.json(201)["id"].as_str().unwrap().to_owned();
    assert!(location.ends_with(&format!("/fhir/{}/Subscription/{id}", client.integration)), "{location}");

    // A POST of a Bundle, as asked for, with every header.
    let hit = client.story.receiver.wait_for(1).remove(0);
    assert!(hit.line.starts_with("POST /fhir-hook"), "{}", hit.line);
    assert_eq!(hit.header("content-type"), "application/fhir+json");
    assert_eq!((hit.header("authorization"), hit.header("x-tag")), ("Bearer of-the-client", "a:b"));
    let bundle = hit.json();
    assert_eq!((kind(&bundle).as_str(), number(&bundle)), ("handshake", 0));
    assert_eq!(said(&bundle, "status"), "requested");
    assert_eq!(bundle["entry"].as_array().unwrap().len(), 1);
    client.until_status(&id, "active");
}

#[test]
fn shall_21_31_and_should_16_a_handshake_that_is_refused_leaves_an_error_that_only_the_client_ends() {
    let client = Client::new();
    client.story.receiver.answer(|_| Reply::status(403));
    let id = client.subscribe(&client.wish(START, "id-only", |_| {}));
    let shown = client.until_status(&id, "error");
    assert_eq!(shown["error"], "no-response");
    client.story.receiver.recover();
    client.story.receiver.forget();

    let hook = client.story.api.get(&format!("/admin/integration/{}/webhooks", client.integration)).json(200);
    let hook = hook[0]["id"].as_str().unwrap().to_owned();
    let resume = format!("/admin/integration/{}/webhooks/{hook}/resume", client.integration);
    client.story.api.post(&resume, &json!({})).is(409);

    let mut again = shown;
    again["status"] = "requested".into();
    again.as_object_mut().unwrap().remove("error");
    assert_eq!(client.put(&format!("Subscription/{id}"), &again).json(200)["status"], "requested");
    let hit = client.story.receiver.wait_for(1).remove(0);
    assert_eq!(hit.header("authorization"), "Bearer of-the-client", "a masked header keeps its value");
    client.until_status(&id, "active");
}

#[test]
fn shall_77_78_79_a_failing_receiver_is_an_error_while_numbers_and_status_go_on() {
    let client = Client::new();
    let id = client.active(&client.wish(CRITICAL, "id-only", |_| {}));
    client.story.receiver.answer(|_| Reply::status(500));
    for result in 1..=5 {
        client.result(&format!("r{result}"), "p1");
    }
    client.until_status(&id, "error");
    let stood = client.story.receiver.hits().len();
    client.result("r6", "p1");
    let status = || client.get(&format!("Subscription/{id}/$status")).json(200);
    let shown = status();
    assert_eq!(said(&shown, "status"), "error");
    assert_eq!(number(&shown), 6, "what happens is counted");
    let error = super::client::parameters(&shown["entry"][0]["resource"], "error");
    assert_eq!(error[0]["valueCodeableConcept"]["coding"][0]["code"], "no-response");
    client.story.receiver.recover();
    client.result("r7", "p1");
    assert_eq!(client.story.receiver.hits().len(), stood, "nothing is sent before the client asks for it");
    let all = json!({ "resourceType": "Parameters" });
    client.post(&format!("Subscription/{id}/$resend"), &all).is(409);

    client.story.receiver.forget();
    let mut again = client.get(&format!("Subscription/{id}")).json(200);
    again["status"] = "requested".into();
    client.put(&format!("Subscription/{id}"), &again).json(200);
    client.until_status(&id, "active");
    let ask = json!({ "resourceType": "Parameters", "parameter": [{ "name": "eventsSinceNumber", "valueString": "1" }] });
    client.post(&format!("Subscription/{id}/$resend"), &ask).json(200);
    // At least once: what was under way when the error came may arrive twice.
    let healed = until("all seven arrive under their own numbers", || {
        let healed: BTreeSet<u64> = client.events(1).iter().map(number).collect();
        if healed.len() == 7 { Ok(healed) } else { Err(healed) }
    });
    assert_eq!(healed, (1..=7).collect());
}

#[test]
fn shall_102_103_numbers_have_no_gap_and_no_repeat_across_a_kill() {
    let mut client = Client::new();
    client.active(&client.wish(CRITICAL, "empty", |_| {}));
    client.result("r1", "p1");
    client.result("r2", "p1");
    client.events(2);
    client.story.receiver.answer(|_| Reply::HangUp);
    client.result("r3", "p1");
    client.story.server.kill();
    client.story.receiver.recover();
    client.story.server.restart();
    client.result("r4", "p1");
    let seen: BTreeSet<u64> = until("all four arrive", || {
        let bundles = client.events(2);
        let seen: BTreeSet<u64> = bundles.iter().map(number).collect();
        if seen.len() == 4 { Ok(seen) } else { Err(seen) }
    });
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[test]
fn shall_93_a_heartbeat_breaks_a_silence_and_is_not_counted() {
    let client = Client::new();
    let heartbeat = |wish: &mut serde_json::Value| {
        let url = super::client::guide("backport-heartbeat-period");
        wish["channel"]["extension"] = json!([{ "url": url, "valueUnsignedInt": 5 }]);
    };
    let id = client.active(&client.wish(START, "empty", heartbeat));
    let beat = client.story.receiver.wait_for(1).remove(0).json();
    assert_eq!((kind(&beat).as_str(), number(&beat)), ("heartbeat", 0));
    assert_eq!(said(&beat, "status"), "active");
    let status = client.get(&format!("Subscription/{id}/$status")).json(200);
    assert_eq!(number(&status), 0);
}

#[test]
fn a_subscription_that_is_off_or_gone_hears_nothing() {
    let client = Client::new();
    let (off, gone) = (
        client.active(&client.wish(START, "empty", |_| {})),
        client.active(&client.wish(START, "empty", |_| {})),
    );
    let mut wish = client.get(&format!("Subscription/{off}")).json(200);
    wish["status"] = "off".into();
    assert_eq!(client.put(&format!("Subscription/{off}"), &wish).json(200)["status"], "off");
    client.api.call("DELETE", &client.path(&format!("Subscription/{gone}")), None).is(204);
    client.get(&format!("Subscription/{gone}")).is(404);
    client.story.receiver.forget();
    let stays = client.active(&client.wish(START, "empty", |_| {}));
    client.admit("e1", "p1");
    assert_eq!(number(&client.events(1)[0]), 1);
    assert_eq!(client.story.receiver.hits().len(), 1, "only {stays} is told");
    let status = client.get(&format!("Subscription/{off}/$status")).json(200);
    assert_eq!((said(&status, "status").as_str(), number(&status)), ("off", 0));
}
