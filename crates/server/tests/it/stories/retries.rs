use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::harness::{Gate, Reply, Setting, critical, free_port};

/// Answers by a list, then 200.
fn in_turn(replies: Vec<Reply>) -> impl FnMut(&crate::harness::Hit) -> Reply + Send {
    let mut replies = replies.into_iter();
    move |_| replies.next().unwrap_or(Reply::status(200))
}

fn errors(logs: &[Value]) -> Vec<&str> {
    logs.iter().rev().map(|entry| entry["error"].as_str().unwrap_or("none")).collect()
}

#[test]
fn every_attempt_has_the_same_id_and_body_and_a_fresh_signed_timestamp() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    story.receiver.answer(in_turn(vec![Reply::status(500), Reply::status(404)]));
    story.accept(&integration, &critical("a", "1001"));
    let hits = story.receiver.wait_for(3);
    for pair in hits.windows(2) {
        assert_eq!((pair[0].id(), &pair[0].body), (pair[1].id(), &pair[1].body));
        assert!(pair[0].timestamp() < pair[1].timestamp(), "a second or more lies between");
        assert_ne!(pair[0].header("webhook-signature"), pair[1].header("webhook-signature"));
    }
    assert!(hits.iter().all(|hit| hit.is_signed_by(&hook.secret)));
    story.until_settled(&hook);
    assert_eq!(errors(&hook.logs()), ["http_5xx", "http_4xx", "none"]);
    let numbers: Vec<Value> = hook.logs().iter().map(|entry| entry["attempt"].clone()).collect();
    assert_eq!(numbers, [3, 2, 1]);
}

#[test]
fn a_retry_after_a_crash_has_the_same_id_and_body() {
    let mut story = Setting::new();
    let integration = story.events();
    story.hook(&integration, &json!({}));
    story.receiver.answer(|_| Reply::status(500));
    story.accept(&integration, &critical("a", "1001"));
    let before = story.receiver.wait_for(1).remove(0);
    story.server.kill();
    story.receiver.recover();
    let seen = story.receiver.hits().len();
    story.server.restart();
    let after = story.receiver.wait_for(seen + 1).remove(seen);
    assert_eq!((before.id(), &before.body), (after.id(), &after.body));
}

#[test]
fn gone_pauses_the_webhook_and_nothing_is_lost() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    story.receiver.answer(|_| Reply::status(410));
    story.accept(&integration, &critical("a", "1001"));
    hook.until("410 pauses", |status| status["status"] == "paused");
    story.accept(&integration, &critical("b", "1002"));
    let held = hook.until_deliveries("held", 2);
    assert!(held.iter().all(|delivery| delivery["held"] == "paused"), "{held:?}");
    story.receiver.recover();
    hook.ask("resume", &json!({}), 200);
    story.until_settled(&hook);
    assert_eq!(story.receiver.hits().len(), 3);
}

#[test]
fn a_redirect_is_never_followed() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    let there = story.receiver.url("/elsewhere");
    let redirects =
        [301, 302, 303, 307, 308].map(|status| Reply::Status(status, vec![("location", there.clone())]));
    story.receiver.answer(in_turn(redirects.into_iter().take(3).collect()));
    story.accept(&integration, &critical("a", "1001"));
    story.receiver.wait_for(4);
    story.until_settled(&hook);
    assert!(story.receiver.hits().iter().all(|hit| hit.path() == "/hook"));
    assert_eq!(errors(&hook.logs()), ["redirect_refused", "redirect_refused", "redirect_refused", "none"]);
}

#[test]
fn a_receiver_that_asks_for_time_gets_it() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    story.receiver.answer(in_turn(vec![Reply::Status(503, vec![("retry-after", "4".to_owned())])]));
    story.accept(&integration, &critical("a", "1001"));
    let hits = story.receiver.wait_for(2);
    assert!(hits[1].timestamp() >= hits[0].timestamp() + 4, "asked for 4 s, the schedule says 1 s");
    story.until_settled(&hook);
    assert_eq!(errors(&hook.logs()), ["http_5xx", "none"]);
}

#[test]
fn a_receiver_that_never_answers_is_left() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({ "timeout": "1s" }));
    let gate = Gate::default();
    story.receiver.answer(in_turn(vec![Reply::After(gate.clone())]));
    story.accept(&integration, &critical("a", "1001"));
    story.receiver.wait_for(2);
    gate.open();
    story.until_settled(&hook);
    assert_eq!(errors(&hook.logs()), ["read_timeout", "none"]);
}

#[test]
fn a_receiver_that_hangs_up_is_tried_again() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    story.receiver.answer(in_turn(vec![Reply::HangUp]));
    story.accept(&integration, &critical("a", "1001"));
    story.receiver.wait_for(2);
    story.until_settled(&hook);
    assert_eq!(errors(&hook.logs()), ["connection_lost", "none"]);
}

#[test]
fn a_receiver_that_is_not_there_is_tried_again() {
    let story = Setting::new();
    let integration = story.events();
    let nobody: SocketAddr = free_port();
    let hook = story.hook(&integration, &json!({ "url": format!("http://{nobody}/hook") }));
    story.accept(&integration, &critical("a", "1001"));
    hook.until("the second refusal", |status| status["errors24h"]["connect_refused"].as_u64() >= Some(2));
    hook.change(&json!({ "url": story.receiver.url("/hook") }));
    story.until_settled(&hook);
    assert_eq!(story.receiver.hits().len(), 1, "a new address holds for what is owed already");
}

#[test]
fn a_person_has_a_waiting_delivery_sent_now_wherever_it_waits() {
    // The first waits in the sender's memory, the second on disk.
    for gap in ["45s", "2h"] {
        let story = Setting::new();
        let integration = story.events();
        let hook = story.hook(&integration, &json!({ "retry": { "schedule": [gap], "horizon": "72h" } }));
        story.receiver.answer(in_turn(vec![Reply::status(500)]));
        story.accept(&integration, &critical("a", "1001"));
        let waiting = hook.until_deliveries("waiting", 1);
        let path = format!("/admin/deliveries/{}/retry", waiting[0]["id"].as_str().unwrap());
        story.api.post(&path, &json!({})).is(202);
        hook.until_deliveries("delivered", 1);
        let hits = story.receiver.hits();
        assert_eq!((hits[0].id(), &hits[0].body), (hits[1].id(), &hits[1].body), "{gap}");
        let logs = hook.logs();
        assert_eq!(errors(&logs), ["http_5xx", "none"]);
        assert!(logs[0]["at"].as_str() < logs[1]["nextRetryAt"].as_str(), "before its time: {logs:?}");
    }
}

#[test]
fn a_retry_lets_nothing_through_that_is_held() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    hook.ask("pause", &json!({}), 200);
    story.accept(&integration, &critical("a", "1001"));
    let held = hook.until_deliveries("held", 1);
    let path = format!("/admin/deliveries/{}/retry", held[0]["id"].as_str().unwrap());
    assert_eq!(story.api.post(&path, &json!({})).json(409)["code"], "wrong_state");
    hook.ask("resume", &json!({}), 200);
    story.until_settled(&hook);
}
