use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Hit, Reply, Setting, event, until};

/// Slow on the way to the portal, quick for everything else.
fn slow(millis: u64) -> impl FnMut(&Hit) -> Reply + Send {
    move |hit| {
        if hit.path() == "/hook" { Reply::Late(Duration::from_millis(millis)) } else { Reply::status(200) }
    }
}

fn alerts(story: &Setting, rule: &str) -> Vec<Value> {
    story.api.all("/admin/alerts").into_iter().filter(|alert| alert["rule"] == rule).collect()
}

fn until_open(story: &Setting, rule: &str) -> Value {
    until(&format!("“{rule}” is open"), || {
        let found = alerts(story, rule).into_iter().find(|alert| alert["state"] == "open");
        found.ok_or_else(|| story.api.all("/admin/alerts"))
    })
}

const CONFIRMATIONS: &str = "Appointment confirmations slower than 800 ms";

#[test]
fn confirmations_of_900_ms_open_one_alert_with_its_event_and_those_of_700_ms_none() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    let desk = story
        .hook(&integration, &json!({ "url": story.receiver.url("/desk"), "eventTypes": ["webhook.slow"] }));
    let mut tighter = json!({ "name": "Tighter", "on": "latency", "threshold": 600, "window": "1m" });
    tighter["notify"] = json!([{ "kind": "webhook", "webhookId": desk.id }]);
    story.api.post("/admin/alert-rules", &tighter).json(201);

    story.receiver.answer(slow(700));
    story.accept(&integration, &event("appointment.confirmed", "a", "1001"));
    // The tighter rule has looked at 700 ms; the one of 800 ms looks in the same round.
    until_open(&story, "Tighter");
    assert_eq!(alerts(&story, CONFIRMATIONS), [] as [Value; 0]);

    story.receiver.answer(slow(900));
    for id in ["b", "c", "d"] {
        story.accept(&integration, &event("appointment.confirmed", id, "1001"));
    }
    let alert = until_open(&story, CONFIRMATIONS);
    assert_eq!((&alert["target"]["webhookId"], &alert["threshold"]), (&json!(hook.id), &json!(800.0)));
    assert!(alert["value"].as_f64().unwrap() > 800.0, "{alert}");

    let told = until("the desk hears of both", || {
        let hits = story.receiver.hits();
        let told: Vec<Value> = hits.iter().filter(|hit| hit.path() == "/desk").map(Hit::json).collect();
        if told.len() == 2 { Ok(told) } else { Err(told) }
    });
    assert!(told.iter().all(|told| told["type"] == "webhook.slow" && told["data"]["webhookRef"] == hook.id));
    assert_eq!(alerts(&story, CONFIRMATIONS).len(), 1, "one outage is one alert");

    let acknowledge = format!("/admin/alerts/{}/acknowledge", alert["id"].as_str().unwrap());
    let acknowledged = story.api.post(&acknowledge, &json!({})).json(200);
    assert!(acknowledged["acknowledgedAt"].is_string() && acknowledged["state"] == "open");

    let wish = json!({ "rule": { "name": "?", "on": "latency", "threshold": 800, "window": "1m" } });
    let preview = story.api.post("/admin/alert-rules/preview", &wish).json(200);
    let firings = preview["firings"].as_array().unwrap();
    assert!(firings.iter().any(|firing| firing["webhookId"] == hook.id), "{preview}");
}

#[test]
fn t1_a_slow_test_event_is_no_alert() {
    let story = Setting::new();
    let integration = story.events();
    let wish = json!({ "eventTypes": ["appointment.confirmed"], "acceptTest": true });
    let tester = story.hook(&integration, &wish);
    let other = story.hook(&integration, &json!({ "eventTypes": ["appointment.booked"] }));
    for (name, hook) in [("Tester", &tester), ("Other", &other)] {
        let scope = json!({ "webhookId": hook.id });
        let rule = json!({ "name": name, "on": "latency", "threshold": 100, "window": "1m", "scope": scope });
        story.api.post("/admin/alert-rules", &rule).json(201);
    }
    story.receiver.answer(slow(300));
    let mut test = event("appointment.confirmed", "a", "1001");
    test["test"] = json!(true);
    story.accept(&integration, &test);
    tester.until_deliveries("delivered", 1);
    story.accept(&integration, &event("appointment.booked", "b", "1001"));
    // The round that saw the real call saw the test call too.
    until_open(&story, "Other");
    assert_eq!(alerts(&story, "Tester"), [] as [Value; 0]);
}

#[test]
fn an_alert_outlives_a_restart_and_is_not_told_twice() {
    let mut story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    let desk = json!({ "url": story.receiver.url("/desk"), "eventTypes": ["webhook.paused"] });
    story.hook(&integration, &desk);
    story.receiver.answer(|hit| Reply::status(if hit.path() == "/hook" { 410 } else { 200 }));
    story.accept(&integration, &event("appointment.booked", "a", "1001"));
    hook.until("410 pauses", |status| status["status"] == "paused");
    let before = until_open(&story, "A webhook is no longer called");
    story.server.restart();
    story.receiver.recover();
    hook.through(&story.api).ask("resume", &json!({}), 200);
    let after = until("it is over", || {
        let found = alerts(&story, "A webhook is no longer called").remove(0);
        if found["state"] == "resolved" { Ok(found) } else { Err(found) }
    });
    assert_eq!(before["id"], after["id"]);
    let told = story.receiver.hits().iter().filter(|hit| hit.path() == "/desk").count();
    assert_eq!(told, 1);
}
