//! Killed at any moment, under load: nothing that was acknowledged is lost.

mod writers; // The load.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::harness::{Patience, Reply, Seed, Setting, critical, number};
use crate::ledger::{Fault, Ledger};
use writers::{Load, Writers};

/// The longest time that a server lives between two kills, in milliseconds.
const LIFE: u64 = 400;

#[test]
fn no_acknowledged_event_is_lost() {
    let rounds = number("CAREHOOK_KILLS", 60);
    let mut seed = Seed::of("kill::no_acknowledged_event_is_lost");
    let mut story = Setting::new();
    let events = story.events();
    let (hl7v2, port) = story.hl7v2();
    for integration in [&events, &hl7v2] {
        story.hook(integration, &json!({ "eventTypes": ["lab.result.critical", "encounter.admitted"] }));
    }
    let ledger = Arc::new(Ledger::default());
    listen(&story, &ledger, seed.part(1));
    let writers = Writers::start(&Load { api: story.api.clone(), events, port, ledger: ledger.clone() });
    for _ in 0..rounds {
        writers.go_on();
        a_while(seed.below(LIFE));
        story.server.kill();
        if seed.below(6) == 0 {
            // Killed again while it starts: recovery itself must stand it.
            story.server.spawn();
            a_while(seed.below(100));
            story.server.kill();
        }
        story.server.restart();
    }
    writers.stop();
    let patience = Patience::of(Duration::from_secs(120 + rounds));
    while ledger.pages().owed() > 0 && patience.breathe() {}
    let pages = ledger.pages().clone();
    let faults = pages.faults();
    let listed = tell(&story, &faults);
    assert!(faults.is_empty(), "{} of {}: {faults:?}\n{listed}", faults.len(), pages.acknowledged.len());
    eprintln!("{rounds} kills, {} acknowledged, 0 lost", pages.acknowledged.len());
    assert!(pages.acknowledged.len() as u64 > rounds, "there was a load");
}

/// The receiver keeps the ledger, and fails now and then.
fn listen(story: &Setting, ledger: &Arc<Ledger>, mut seed: Seed) {
    let ledger = ledger.clone();
    story.receiver.forget_and(move |hit| {
        if seed.below(50) == 0 {
            return Reply::status(500);
        }
        let body = hit.json();
        ledger.arrive(body["subject"]["id"].as_str().unwrap(), body["id"].as_str().unwrap());
        Reply::status(200)
    });
}

/// Where the lost ones stand in the listing, for whoever looks for the cause.
fn tell(story: &Setting, faults: &[Fault]) -> String {
    let lost = faults.iter().filter_map(|fault| match fault {
        Fault::Lost(id) => Some(id),
        Fault::Doubled(_) | Fault::Exchanged(_) => None,
    });
    let mut told = String::new();
    for id in lost.take(5) {
        let system = if id.starts_with('m') { "NORTH" } else { "urn:north:mrn" };
        let search = json!({ "subject": { "system": system, "id": id } });
        let found = story.api.post("/admin/events/search", &search).json(200);
        told.push_str(&format!("{id}: {found}\n"));
    }
    told
}

// The moment of a kill is the one thing here that waits for no state.
fn a_while(millis: u64) {
    std::thread::sleep(Duration::from_millis(millis));
}

#[test]
fn a_store_that_loses_what_it_acknowledged_is_caught() {
    let mut story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    // Everything so far goes into the database file; what comes then stands in the log only.
    story.server.stop();
    let checkpoint =
        |store: rusqlite::Connection| store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    for file in ["store.db", "keys.db"].map(|file| story.server.home.data().join(file)) {
        rusqlite::Connection::open(file).and_then(checkpoint).unwrap();
    }
    story.server.restart();
    let ledger = Ledger::default();
    story.receiver.answer(|_| Reply::HangUp);
    for number in 0..20 {
        let id = format!("w-{number}");
        let event = story.accept(&integration, &critical(&id, &id));
        ledger.acknowledge(id, Some(event));
    }
    story.server.kill();
    // What a machine without fsync loses when its power goes.
    std::fs::remove_file(story.server.home.data().join("store.db-wal")).unwrap();
    story.receiver.recover();
    story.receiver.forget();
    story.server.restart();
    let marker = story.accept(&integration, &critical("marker", "marker"));
    story
        .receiver
        .wait(|hits| hits.iter().find(|hit| hit.json()["id"] == marker).map(drop).ok_or(hits.len()));
    story.until_settled(&hook);
    ledger.read(&story.receiver);
    let lost = ledger.pages().faults().len();
    assert!(lost > 0, "a lossy store must be caught");
}
