//! Started with much to do: ready all the same, and everything is delivered.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Patience, Reply, Setting, event, number};

#[test]
fn a_restart_with_a_long_queue_is_ready_and_delivers_all_of_it() {
    let queued = number("CAREHOOK_QUEUED", 20_000);
    let mut story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({ "maxInFlight": 64 }));
    hook.ask("pause", &json!({}), 200);
    let mut owed = BTreeSet::new();
    while (owed.len() as u64) < queued {
        let from = owed.len() as u64;
        let many: Vec<Value> = (from..queued.min(from + 1_000)).map(one).collect();
        let taken = story.send(&integration, &json!(many)).json(202);
        owed.extend(
            taken["accepted"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(hook.status()["pending"], queued);
    story.server.kill();
    let arrived = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = arrived.clone();
    story.receiver.forget_and(move |hit| {
        seen.lock().unwrap().insert(hit.json()["id"].as_str().unwrap().to_owned());
        Reply::status(200)
    });
    story.server.restart();
    assert_eq!(hook.status()["pending"], queued, "the queue is known at once");
    assert!(arrived.lock().unwrap().is_empty(), "a pause outlives the restart");
    story.accept(&integration, &one(queued));
    hook.ask("resume", &json!({}), 200);
    let patience = Patience::of(Duration::from_secs(60 + queued / 500));
    while (arrived.lock().unwrap().len() as u64) <= queued {
        assert!(patience.breathe(), "{} of {queued} arrived", arrived.lock().unwrap().len());
    }
    assert!(owed.is_subset(&arrived.lock().unwrap()));
    hook.until("nothing is owed", |status| status["pending"] == 0);
}

fn one(number: u64) -> Value {
    event("lab.result.available", &format!("r{number}"), &format!("p{}", number % 500))
}
