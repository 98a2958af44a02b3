use serde_json::{Value, json};

use crate::harness::{Hit, Obx, Oru, Setting, adt, critical};

fn pseudonym(hit: &Hit) -> String {
    hit.json()["subject"]["pseudonym"].as_str().expect("a pseudonym").to_owned()
}

#[test]
fn p1_two_hospitals_with_the_same_number_never_share_a_pseudonym() {
    let story = Setting::new();
    let integration = story.events();
    let other = story.events();
    let hook = story.hook(&integration, &json!({ "profile": "reference", "sources": "*" }));
    let of = |id: &str, system: Option<&str>| {
        let mut event = critical(id, "1001");
        event["subject"] = match system {
            Some(system) => json!({ "system": system, "id": "1001" }),
            None => json!({ "id": "1001" }),
        };
        event
    };
    story.accept(&integration, &of("north", Some("urn:north:mrn")));
    story.accept(&integration, &of("south", Some("urn:south:mrn")));
    story.accept(&integration, &of("north-again", Some("urn:north:mrn")));
    story.accept(&integration, &of("own", None));
    story.accept(&other, &of("other", None));
    story.until_settled(&hook);
    let mut hits = story.receiver.wait_for(5);
    let text = String::from_utf8_lossy(&hits[0].body).into_owned();
    assert!(!text.contains("1001"), "a reference carries no identifier: {text}");
    let order = |hit: &Hit| hit.json()["received"].as_str().unwrap().to_owned();
    hits.sort_by_key(|hit| (order(hit), hit.id().to_owned()));
    let names: Vec<String> = hits.iter().map(pseudonym).collect();
    assert_eq!(names[0], names[2], "the same person keeps a pseudonym");
    let different: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(different.len(), 4, "two assigners, and two integrations of their own: {names:?}");
}

#[test]
fn p1_two_recipients_know_a_patient_by_different_pseudonyms() {
    let story = Setting::new();
    let integration = story.events();
    story.hook(&integration, &json!({ "profile": "reference", "url": story.receiver.url("/one") }));
    story.hook(&integration, &json!({ "profile": "reference", "url": story.receiver.url("/two") }));
    story.accept(&integration, &critical("lab-1", "1001"));
    let hits = story.receiver.wait_for(2);
    assert_ne!(pseudonym(&hits[0]), pseudonym(&hits[1]));
}

#[test]
fn p1_the_assigner_of_a_v2_number_is_part_of_it() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    story.hook(&integration, &json!({ "eventTypes": ["lab.result.critical"] }));
    for facility in ["NORTH", "SOUTH"] {
        let mut message = Oru::new(&format!("MSG-{facility}"), "1001", &[Obx::potassium("6.9", "HH", "F")]);
        message.facility = facility;
        story.mllp(port, &message.bytes());
    }
    let hits = story.receiver.wait_for(2);
    let systems: Vec<Value> = hits.iter().map(|hit| hit.json()["subject"]["system"].clone()).collect();
    assert_ne!(systems[0], systems[1], "one number, two people: {systems:?}");
}

#[test]
fn p2_the_event_of_a_message_is_msh_9_whatever_evn_says() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    // The message says A08 in EVN-1, as many senders do.
    story.mllp(port, &adt("A01", "ADT-1", "1001", "I"));
    let raised = story.raised(&integration);
    assert!(raised.contains(&"encounter.admitted".to_owned()), "{raised:?}");
}

#[test]
fn p3_an_emergency_arrival_is_an_admission_and_other_a04_a_registration() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    story.mllp(port, &adt("A04", "ADT-1", "1001", "E"));
    let raised = story.raised(&integration);
    assert!(raised.contains(&"encounter.admitted".to_owned()), "{raised:?}");
    assert!(!raised.contains(&"encounter.registered".to_owned()), "{raised:?}");
    story.mllp(port, &adt("A04", "ADT-2", "1002", "O"));
    let raised = story.raised(&integration);
    assert!(raised.contains(&"encounter.registered".to_owned()), "{raised:?}");
}

#[test]
fn p3_an_update_that_changes_nothing_raises_no_update() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    story.mllp(port, &adt("A01", "ADT-1", "1001", "I"));
    let count = |kind: &str| story.raised(&integration).iter().filter(|raised| *raised == kind).count();
    story.mllp(port, &adt("A08", "ADT-2", "1001", "I"));
    assert_eq!(count("patient.updated"), 0, "{:?}", story.raised(&integration));
    let moved = String::from_utf8(adt("A08", "ADT-3", "1001", "I")).unwrap().replace("Doe^1001", "Roe^1001");
    story.mllp(port, moved.as_bytes());
    assert_eq!(count("patient.updated"), 1, "{:?}", story.raised(&integration));
    assert_eq!(count("encounter.admitted"), 1, "an update begins no stay");
}

#[test]
fn t1_test_messages_go_only_to_webhooks_that_accept_tests() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let strict = story.hook(&integration, &json!({ "url": story.receiver.url("/live") }));
    let open = story.hook(&integration, &json!({ "url": story.receiver.url("/open"), "acceptTest": true }));
    let mut message = Oru::new("MSG-1", "1001", &[Obx::potassium("6.9", "HH", "F")]);
    message.processing = "T";
    story.mllp(port, &message.bytes());
    let hit = story.receiver.wait_for(1).remove(0);
    assert_eq!((hit.path(), &hit.json()["test"]), ("/open", &json!(true)));
    let event = hit.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(story.reason(&event, &strict).as_deref(), Some("test_refused"));

    let trial = story.integration("events", &json!({ "environment": "test" }));
    let trial_hook = story.hook(&trial, &json!({ "url": story.receiver.url("/trial") }));
    let event = story.accept(&trial, &critical("lab-1", "1001"));
    assert_eq!(
        story.reason(&event, &trial_hook).as_deref(),
        Some("test_refused"),
        "an integration for tests"
    );
    let live = story.events();
    let live_hook = story.hook(&live, &json!({ "url": story.receiver.url("/marked") }));
    let mut marked = critical("lab-1", "1001");
    marked["test"] = json!(true);
    let event = story.accept(&live, &marked);
    assert_eq!(
        story.reason(&event, &live_hook).as_deref(),
        Some("test_refused"),
        "an event marked by its sender"
    );

    story.until_settled(&open);
    assert!(story.receiver.hits().iter().all(|hit| hit.path() == "/open"));
    assert_eq!(open.status()["delivered24h"], 0, "tests stay out of the statistics");
}
