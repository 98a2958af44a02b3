//! A day of traffic: its surge, a receiver that comes and goes, and at the end nothing lost and nothing grown.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::harness::{Patience, Reply, Setting, event, number};
use crate::ledger::Ledger;

/// Of each ten parts of a day, the receiver is away for one.
const AWAY: u64 = 10;
/// In one part of 48 there is ten times as much to do: half an hour around eleven.
const PARTS: u64 = 48;
const SURGE_AT: u64 = 22;
const SURGE: u64 = 10;
/// How much more memory a day may leave behind, in KiB: caches fill, nothing else.
const GROWTH_KIB: u64 = 96 << 10;

#[test]
fn a_day_of_traffic_loses_nothing_and_leaves_no_memory_behind() {
    let events = number("CAREHOOK_SOAK_EVENTS", 600);
    let day = Duration::from_secs(3_600 * number("CAREHOOK_SOAK_HOURS", 0));
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({ "eventTypes": ["lab.result.critical", "appointment.*"] }));
    let ledger = Arc::new(Ledger::default());
    let part = Arc::new(AtomicU64::new(0));
    listen(&story, &ledger, part.clone());
    let mut sent = 0;
    let mut memory = 0;
    for now in 0..PARTS {
        part.store(now, Ordering::SeqCst);
        let end = Patience::of(day / u32::try_from(PARTS).expect("a small number"));
        let count = share(now, events);
        for one in 0..count {
            let id = format!("s-{sent}");
            let taken = story.accept(&integration, &event("lab.result.critical", &id, &id));
            ledger.acknowledge(id, Some(taken));
            sent += 1;
            let left = u32::try_from(count - one).expect("a part has fewer events");
            pause(end.left() / left);
        }
        if now == PARTS / 4 {
            memory = story.server.memory_kib();
        }
    }
    part.store(PARTS, Ordering::SeqCst);
    let patience = Patience::of(Duration::from_secs(180 + events / 500));
    while ledger.pages().owed() > 0 && patience.breathe() {}
    let faults = ledger.pages().faults();
    assert!(faults.is_empty(), "{} of {sent}: {faults:?}", faults.len());
    hook.until("nothing is owed", |status| status["pending"] == 0 && status["deadLettered"] == 0);
    let grown = story.server.memory_kib().saturating_sub(memory);
    eprintln!("{sent} events in {day:?}, 0 lost, {grown} KiB more memory than after a quarter of the day");
    assert!(grown < GROWTH_KIB, "{grown} KiB more than after a quarter of the day");
}

/// How many events fall into a part of the day.
fn share(part: u64, events: u64) -> u64 {
    let quiet = (events / (PARTS - 1 + SURGE)).max(1);
    if part == SURGE_AT { quiet * SURGE } else { quiet }
}

/// The receiver keeps the ledger, and is away now and then, but not at the end.
fn listen(story: &Setting, ledger: &Arc<Ledger>, part: Arc<AtomicU64>) {
    let ledger = ledger.clone();
    story.receiver.forget_and(move |hit| {
        if part.load(Ordering::SeqCst) % AWAY == AWAY - 1 {
            return Reply::status(503);
        }
        let body = hit.json();
        ledger.arrive(body["subject"]["id"].as_str().unwrap(), body["id"].as_str().unwrap());
        Reply::status(200)
    });
}

// The pace of a day is the one thing here that waits for no state; a short day has none.
fn pause(length: Duration) {
    if !length.is_zero() {
        std::thread::sleep(length);
    }
}
