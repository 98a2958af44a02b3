use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Hook, Reply, Setting, critical, run, until};

/// A webhook that gives up soon, at a receiver that fails.
fn failing(story: &Setting, integration: &str) -> Hook {
    story.receiver.answer(|_| Reply::status(500));
    story.hook(integration, &json!({ "retry": { "schedule": ["1s"], "horizon": "2s" } }))
}

#[test]
fn what_is_given_up_is_parked_and_a_redrive_sends_it_as_it_was() {
    let story = Setting::new();
    let integration = story.events();
    let hook = failing(&story, &integration);
    story.accept(&integration, &critical("a", "1001"));
    story.accept(&integration, &critical("b", "1002"));
    let parked = hook.until_deliveries("dead_lettered", 2);
    assert!(parked.iter().all(|delivery| delivery["error"] == "http_5xx"), "{parked:?}");
    assert_eq!(hook.status()["deadLettered"], 2);
    let failed = story.receiver.hits();

    let filter = json!({ "webhookId": hook.id, "eventType": "lab.result.critical" });
    let plan = story.api.post("/admin/redrives", &json!({ "filter": filter, "dryRun": true })).json(200);
    assert_eq!((&plan["count"], &plan["state"], &plan["id"]), (&json!(2), &json!("planned"), &Value::Null));
    hook.until_deliveries("dead_lettered", 2);

    story.receiver.recover();
    let begun = story.api.post("/admin/redrives", &json!({ "filter": filter })).json(202);
    assert_eq!(begun["count"], 2);
    let path = format!("/admin/redrives/{}", begun["id"].as_str().unwrap());
    let done = until("the redrive is done", || {
        let redrive = story.api.get(&path).json(200);
        if redrive["state"] == "done" { Ok(redrive) } else { Err(redrive) }
    });
    assert_eq!(done["revived"], 2);
    story.until_settled(&hook);
    let hits = story.receiver.hits();
    for late in &hits[failed.len()..] {
        let early = failed.iter().find(|hit| hit.id() == late.id()).expect("the same webhook-id");
        assert_eq!(early.body, late.body);
    }
    assert_eq!(hits.len(), failed.len() + 2, "each once");
    assert_eq!(hook.status()["deadLettered"], 0);
}

#[test]
fn a_redrive_takes_only_what_its_filter_names() {
    let story = Setting::new();
    let integration = story.events();
    let hook = failing(&story, &integration);
    let other = failing(&story, &integration);
    story.accept(&integration, &critical("a", "1001"));
    hook.until_deliveries("dead_lettered", 1);
    other.until_deliveries("dead_lettered", 1);
    story.receiver.recover();
    let filter = json!({ "webhookId": hook.id });
    assert_eq!(story.api.post("/admin/redrives", &json!({ "filter": filter })).json(202)["count"], 1);
    story.until_settled(&hook);
    assert_eq!(other.deliveries()[0]["state"], "dead_lettered");
    let unknown = json!({ "filter": { "webhook": hook.id } });
    story.api.post("/admin/redrives", &unknown).is(422);
}

#[test]
fn one_dead_letter_can_be_retried_and_one_that_is_owed_cancelled() {
    let story = Setting::new();
    let integration = story.events();
    let hook = failing(&story, &integration);
    story.accept(&integration, &critical("a", "1001"));
    let parked = hook.until_deliveries("dead_lettered", 1);
    let path = format!("/admin/deliveries/{}", parked[0]["id"].as_str().unwrap());
    story.receiver.recover();
    story.api.post(&format!("{path}/retry"), &json!({})).is(202);
    story.until_settled(&hook);
    assert_eq!(story.receiver.hits().last().unwrap().id(), parked[0]["id"].as_str().unwrap());

    hook.ask("pause", &json!({}), 200);
    story.accept(&integration, &critical("b", "1002"));
    let held = hook.until_deliveries("held", 1);
    let path = format!("/admin/deliveries/{}", held[0]["id"].as_str().unwrap());
    story.api.post(&format!("{path}/cancel"), &json!({})).is(200);
    hook.ask("resume", &json!({}), 200);
    assert_eq!(hook.until_deliveries("cancelled", 1)[0]["id"], held[0]["id"]);
    story.accept(&integration, &critical("c", "1003"));
    hook.until_deliveries("delivered", 2);
    assert!(story.receiver.hits().iter().all(|hit| hit.id() != held[0]["id"].as_str().unwrap()));
}

#[test]
fn recover_sends_again_what_a_webhook_missed() {
    let story = Setting::new();
    let integration = story.events();
    let hook = failing(&story, &integration);
    story.accept(&integration, &critical("a", "1001"));
    let missed = hook.until_deliveries("dead_lettered", 1);
    story.receiver.recover();
    let begun = hook.ask("recover", &json!({ "since": missed[0]["acceptedAt"] }), 202);
    assert_eq!(begun["count"], 1);
    story.until_settled(&hook);
}

#[test]
fn recover_across_a_kill_sends_everything_since_a_moment_under_its_first_id_and_skips_nothing() {
    let mut story = Setting::new();
    let integration = story.events();
    let hook = failing(&story, &integration);
    (0..20)
        .for_each(|number| drop(story.accept(&integration, &critical(&format!("early-{number}"), "1001"))));
    let missed = hook.until_deliveries("dead_lettered", 20);
    story.server.kill();
    story.server.restart();
    story.receiver.recover();
    story.receiver.forget();
    let since = missed.iter().map(|one| one["acceptedAt"].as_str().unwrap()).min().unwrap();
    assert_eq!(hook.ask("recover", &json!({ "since": since }), 202)["count"], 20);
    story.server.kill();
    story.server.restart();
    let arrived: BTreeSet<String> =
        story.receiver.wait_for(20).iter().map(|hit| hit.id().to_owned()).collect();
    let owed: BTreeSet<String> = missed.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(arrived, owed);
}

#[test]
fn what_a_deleted_webhook_was_owed_is_cancelled() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    hook.ask("pause", &json!({}), 200);
    let event = story.accept(&integration, &critical("a", "1001"));
    hook.until_deliveries("held", 1);
    story.api.call("DELETE", &format!("/admin/integration/{integration}"), None).is(409);
    story.api.call("DELETE", &format!("/admin/integration/{integration}/webhooks/{}", hook.id), None).is(204);
    until("it is cancelled", || {
        let lineage = story.lineage(&event);
        if lineage["deliveries"][0]["state"] == "cancelled" { Ok(()) } else { Err(lineage.to_string()) }
    });
    assert!(story.receiver.hits().is_empty());
}

#[test]
fn a_replay_is_the_same_delivery_again() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    let event = story.accept(&integration, &critical("a", "1001"));
    story.until_settled(&hook);
    let replayed = story.api.post(&format!("/admin/events/{event}/replay"), &json!({})).json(202);
    assert_eq!(replayed["count"], 1);
    let hits = story.receiver.wait_for(2);
    assert_eq!((hits[0].id(), &hits[0].body), (hits[1].id(), &hits[1].body));
    story.until_settled(&hook);
}

#[test]
fn a_fresh_replay_is_another_delivery_by_todays_settings() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    let event = story.accept(&integration, &critical("a", "1001"));
    story.until_settled(&hook);
    hook.change(&json!({ "profile": "ping" }));
    let path = format!("/admin/events/{event}/replay");
    let replayed = story.api.post(&path, &json!({ "fresh": true })).json(202);
    assert_eq!(replayed["count"], 1);
    let hits = story.receiver.wait_for(2);
    assert_eq!(hits[1].id(), replayed["deliveries"][0].as_str().unwrap());
    assert_ne!(hits[0].id(), hits[1].id());
    let body = |place: usize| serde_json::from_slice::<Value>(&hits[place].body).unwrap();
    assert_eq!((body(0)["id"].clone(), body(1)["id"].clone()), (json!(event), json!(event)), "one event");
    assert_eq!((body(0)["profile"].clone(), body(1)["profile"].clone()), (json!("full"), json!("ping")));
    story.until_settled(&hook);
    let lineage = story.lineage(&event);
    let told = lineage["decisions"].as_array().unwrap().iter();
    let told: Vec<&Value> =
        told.filter(|one| one["webhookId"] == hook.id).map(|one| &one["reason"]).collect();
    assert_eq!(told, ["matched", "replayed"]);
    assert_eq!(lineage["deliveries"].as_array().unwrap().len(), 2);

    let late = story.hook(&integration, &json!({ "name": "made later" }));
    let only = json!({ "fresh": true, "webhookId": late.id });
    assert_eq!(story.api.post(&path, &only).json(202)["count"], 1, "a new webhook gets an old event");
    story.until_settled(&late);
    let other = story.hook(&integration, &json!({ "eventTypes": ["appointment.*"] }));
    let refused = story.api.post(&path, &json!({ "fresh": true, "webhookId": other.id })).json(422);
    assert_eq!(refused["field"], "/webhookId");
}

#[test]
fn a_fresh_redrive_makes_a_new_delivery_of_each_dead_letter_once() {
    let story = Setting::new();
    let integration = story.events();
    let hook = failing(&story, &integration);
    story.accept(&integration, &critical("a", "1001"));
    story.accept(&integration, &critical("b", "1002"));
    hook.until_deliveries("dead_lettered", 2);
    let failed = story.receiver.hits().len();
    story.receiver.recover();
    let asked = json!({ "filter": { "webhookId": hook.id, "delivered": true }, "fresh": true });
    let begun = story.api.post("/admin/redrives", &asked).json(202);
    assert_eq!((&begun["count"], &begun["fresh"]), (&json!(2), &json!(true)));
    let path = format!("/admin/redrives/{}", begun["id"].as_str().unwrap());
    let done = until("the redrive is done", || {
        let redrive = story.api.get(&path).json(200);
        if redrive["state"] == "done" { Ok(redrive) } else { Err(redrive) }
    });
    assert_eq!(done["revived"], 2, "what it made itself is not among what it takes");
    hook.until_deliveries("delivered", 2);
    hook.until_deliveries("cancelled", 2);
    let hits = story.receiver.hits();
    assert_eq!(hits.len(), failed + 2, "each once");
    for new in &hits[failed..] {
        assert!(hits[..failed].iter().all(|old| old.id() != new.id()), "an id of its own");
    }
    assert_eq!(hook.status()["deadLettered"], 0);
}

#[test]
fn the_command_line_sends_again_as_something_new_when_told_to() {
    let story = Setting::new();
    let integration = story.events();
    let hook = failing(&story, &integration);
    let event = story.accept(&integration, &critical("a", "1001"));
    let parked = hook.until_deliveries("dead_lettered", 1);
    story.receiver.recover();
    let all = ["dlq", "redrive", "--webhook", hook.id.as_str(), "--fresh", "--yes", "--output", "json"];
    let done: Value = serde_json::from_str(&run(&story.api, &all)).unwrap();
    assert_eq!((&done["revived"], &done["fresh"]), (&json!(1), &json!(true)));
    hook.until_deliveries("delivered", 1);
    assert_ne!(story.receiver.hits().last().unwrap().id(), parked[0]["id"].as_str().unwrap());
    assert_eq!(hook.until_deliveries("cancelled", 1)[0]["id"], parked[0]["id"], "the new one stands for it");

    let told = run(&story.api, &["replay", &event, "--fresh", "--output", "json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    hook.until_deliveries("delivered", 2);
    let last = story.receiver.hits().pop().unwrap();
    assert_eq!(last.id(), told["deliveries"][0].as_str().unwrap());
}
