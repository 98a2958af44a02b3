use serde_json::json;

use crate::harness::{Gate, Hit, Reply, Setting, critical, event};

#[test]
fn a_pause_holds_what_comes_and_outlives_a_crash() {
    let mut story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    hook.ask("pause", &json!({}), 200);
    assert_eq!(hook.status()["status"], "paused");
    let event = story.accept(&integration, &critical("a", "1001"));
    let held = hook.until_deliveries("held", 1);
    assert_eq!(held[0]["held"], "paused");
    story.server.restart();
    let held = hook.until_deliveries("held", 1);
    assert_eq!((&held[0]["held"], &held[0]["eventId"]), (&json!("paused"), &json!(event)));
    assert!(story.receiver.hits().is_empty());
    hook.ask("resume", &json!({}), 200);
    story.until_settled(&hook);
    assert_eq!(story.receiver.hits().len(), 1);
}

#[test]
fn a_tripped_breaker_holds_and_says_so() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    story.receiver.answer(|_| Reply::status(500));
    let many: Vec<_> =
        (0..40).map(|n| event("lab.result.available", &format!("r{n}"), &n.to_string())).collect();
    story.send(&integration, &json!(many)).is(202);
    hook.until("the breaker trips", |status| status["breaker"] == "tripped");
    let tried = story.receiver.hits().len();
    assert!(tried < 40, "the breaker spares the receiver: {tried} of 40");
    story.accept(&integration, &event("lab.result.available", "late", "late"));
    let held = story.api.all(&format!("/admin/deliveries?state=held&webhookId={}", hook.id));
    assert!(held.iter().any(|delivery| delivery["held"] == "breaker"), "{held:?}");
}

#[test]
fn routine_deliveries_beyond_what_memory_takes_are_held_sealed_and_drained() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({ "maxInFlight": 4, "timeout": "60s" }));
    let gate = Gate::default();
    let held = gate.clone();
    story.receiver.answer(move |_| Reply::After(held.clone()));
    for call in 0..2 {
        let one = |n: u32| event("lab.result.available", &format!("r{call}-{n}"), &format!("CANARY-{n}"));
        let many: Vec<_> = (0..600).map(one).collect();
        story.send(&integration, &json!(many)).is(202);
    }
    let urgent = story.accept(&integration, &event("lab.result.abnormal", "u", "1001"));
    let buffered = story.api.all(&format!("/admin/deliveries?state=held&webhookId={}", hook.id));
    assert!(buffered.len() > 200, "{} of 1200", buffered.len());
    assert!(buffered.iter().all(|one| one["held"] == "buffered" && one["lane"] == "routine"));
    let listed = hook.deliveries();
    let of = |state: &str| listed.iter().filter(|one| one["state"] == state).count();
    assert_eq!(
        (of("held"), of("pending")),
        (buffered.len(), 1_201 - buffered.len()),
        "list and filter agree"
    );
    let pending = story.api.all(&format!("/admin/deliveries?state=pending&webhookId={}", hook.id));
    assert_eq!(pending.len(), of("pending"));
    let one = buffered[0]["id"].as_str().unwrap();
    let read = story.api.get(&format!("/admin/deliveries/{one}")).json(200);
    assert_eq!((&read["state"], &read["held"]), (&json!("held"), &json!("buffered")));
    let status = hook.status();
    assert_eq!((&status["held"], &status["pending"]), (&json!(buffered.len()), &json!(1_201)));
    let lineage = story.lineage(&urgent);
    assert_eq!(lineage["deliveries"][0]["state"], "pending", "no load holds back what is urgent");
    let is_clear = |bytes: &[u8]| bytes.windows(7).any(|window| window == b"CANARY-");
    assert!(!story.server.home.data_files().iter().any(|(_, bytes)| is_clear(bytes)), "it rests sealed");
    gate.open();
    story.until_settled(&hook);
    assert_eq!(hook.status()["held"], 0);
}

#[test]
fn one_webhook_that_stalls_holds_up_nobody_else() {
    let story = Setting::new();
    let integration = story.events();
    let stalled =
        story.hook(&integration, &json!({ "url": story.receiver.url("/stalled"), "maxInFlight": 4 }));
    let quick = story.hook(&integration, &json!({ "url": story.receiver.url("/quick") }));
    let gate = Gate::default();
    let held = gate.clone();
    story.receiver.answer(move |hit| match hit.path() {
        "/stalled" => Reply::After(held.clone()),
        _ => Reply::status(200),
    });
    let many: Vec<_> =
        (0..100).map(|n| event("lab.result.available", &format!("r{n}"), &n.to_string())).collect();
    story.send(&integration, &json!(many)).is(202);
    story.until_settled(&quick);
    let at = |path: &str, hits: &[Hit]| hits.iter().filter(|hit| hit.path() == path).count();
    let hits = story.receiver.hits();
    assert_eq!(at("/quick", &hits), 100);
    assert!(at("/stalled", &hits) <= 4, "its cap holds: {}", at("/stalled", &hits));
    gate.open();
    story.until_settled(&stalled);
}
