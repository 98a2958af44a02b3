use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Hit, Home, Hook, Receiver, Reply, Server, Setting, Start, critical};

/// A server as in production, but that it may call this machine.
fn strict() -> Server {
    let settings = vec![("CAREHOOK__EGRESS__ALLOW", "[\"127.0.0.0/8\"]")];
    let home = Home::new();
    let mut keygen = Command::new(env!("CARGO_BIN_EXE_carehook"));
    assert!(keygen.arg("keygen").arg(home.key_file()).status().unwrap().success());
    Server::start_with(home, Start { settings, strict: true, ..Start::default() })
}

fn is_challenge(hit: &Hit) -> bool {
    hit.json()["type"] == "webhook.challenge"
}

/// What every receiver is asked to do.
fn answering(hit: &Hit) -> Reply {
    if is_challenge(hit) {
        Reply::Says(json!({ "answer": hit.json()["challenge"] }))
    } else {
        Reply::status(200)
    }
}

/// The events that a receiver was told of, in order.
fn told(receiver: &Receiver) -> Vec<Value> {
    let hits = receiver.hits();
    hits.iter().filter(|hit| !is_challenge(hit)).map(|hit| hit.json()["id"].clone()).collect()
}

fn error(hook: &Hook, wanted: &str) {
    hook.until(wanted, |status| status["challenge"]["error"] == wanted);
}

#[test]
fn c13_nothing_about_people_leaves_before_the_receiver_has_answered_its_challenge() {
    let mut story = Setting { receiver: Receiver::with_tls(), ..Setting::on(strict()) };
    let integration = story.events();
    let sees_people = json!({
        "tls": { "ca": story.receiver.certificate() }, "ordering": "subject",
        "auth": { "kind": "bearer", "token": "of-the-receiver" },
    });
    story.receiver.answer(|_| Reply::status(401));
    let hook = story.hook(&integration, &sees_people);
    let spare = story.hook(
        &integration,
        &json!({ "url": story.receiver.url("/none"), "profile": "ping",
        "tls": { "ca": story.receiver.certificate() }, "eventTypes": ["appointment.booked"] }),
    );
    assert_eq!((&hook.read()["status"], &spare.read()["status"]), (&json!("pending"), &json!("active")));
    error(&hook, "http_401_403");

    let events: Vec<Value> =
        ["a", "b", "c"].map(|id| json!(story.accept(&integration, &critical(id, "1001")))).into();
    assert!(hook.until_deliveries("held", 3).iter().all(|one| one["held"] == "unproven"));
    let attention = story.api.get("/admin/overview").json(200)["attention"].clone();
    assert!(attention.to_string().contains("\"kind\":\"webhook_pending\""), "{attention}");

    story.server.restart();
    assert!(hook.until_deliveries("held", 3).iter().all(|one| one["held"] == "unproven"));
    assert_eq!((hook.status()["pending"].as_u64(), hook.status()["held"].as_u64()), (Some(3), Some(3)));
    assert_eq!(told(&story.receiver), Vec::<Value>::new());
    let asked = story.receiver.wait_for(1);
    assert!(asked.iter().all(|hit| hit.is_signed_by(&hook.secret)));
    assert!(asked.iter().all(|hit| hit.header("authorization") == "Bearer of-the-receiver"));

    story.receiver.answer(|_| Reply::Echo);
    assert_eq!(hook.ask("challenge", &json!({}), 200)["error"], "challenge_failed", "a mirror shows nothing");
    story.receiver.answer(answering);
    assert_eq!(hook.ask("challenge", &json!({}), 200)["ok"], true);
    story.until_settled(&hook);
    assert_eq!(told(&story.receiver), events, "in the order of their subject");
    assert_eq!(hook.status()["status"], "active");

    // By itself, at another address, and after a time with `--dev`.
    hook.change(&json!({ "url": story.receiver.url("/moved") }));
    hook.until("it answers at the new address too", |status| status["status"] == "active");
    story.receiver.answer(|_| Reply::status(503));
    hook.change(&json!({ "url": story.receiver.url("/again") }));
    error(&hook, "http_5xx");
    story.server.be_strict(false);
    story.server.restart();
    hook.until("--dev waives it", |status| status["status"] == "active");
    story.server.be_strict(true);
    story.server.restart();
    hook.until("what --dev waived is owed", |status| status["status"] == "pending");
    let rows = story.api.all(&format!("/admin/audit?target={}", hook.id));
    let details: Vec<&Value> =
        rows.iter().filter(|row| row["action"] == "challenge").map(|row| &row["detail"]).collect();
    assert_eq!(
        details,
        [
            "pending since the server started",
            "active since the server started",
            "the receiver answered the challenge",
            "asked; the receiver answered",
            "challenge_failed"
        ]
    );
}
