use serde_json::{Value, json};

use crate::harness::{Gate, Hit, Hook, Obx, Oru, Reply, Setting};

/// A laboratory that reports on one patient, and a webhook that hears everything.
struct Laboratory {
    story: Setting,
    integration: String,
    port: std::net::SocketAddr,
    hook: Hook,
    sent: usize,
}

impl Laboratory {
    fn new() -> Laboratory {
        Laboratory::with(&json!({}))
    }

    fn with(more: &Value) -> Laboratory {
        let story = Setting::new();
        let (integration, port) = story.hl7v2();
        let hook = story.hook(&integration, more);
        Laboratory { story, integration, port, hook, sent: 0 }
    }

    /// Reports results of the one specimen, and tells the events that this raised about results.
    #[track_caller]
    fn report(&mut self, status: &'static str, results: &[Obx]) -> Vec<Value> {
        let before = self.events().len();
        self.sent += 1;
        let mut message = Oru::new(&format!("MSG-{}", self.sent), "1001", results);
        message.status = status;
        self.story.mllp(self.port, &message.bytes());
        self.events().split_off(before)
    }

    /// All events about results, the oldest first.
    fn events(&self) -> Vec<Value> {
        let listed = self.story.api.all(&format!("/admin/events?integrationId={}", self.integration));
        let is_result = |event: &Value| {
            let kind = event["type"].as_str().unwrap();
            kind.starts_with("lab.result.") && kind != "lab.result.available"
        };
        listed.into_iter().rev().filter(is_result).collect()
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[test]
fn n4_a_preliminary_critical_result_fires_and_finalising_it_unchanged_does_not_fire_again() {
    let mut lab = Laboratory::new();
    let first = lab.report("P", &[Obx::potassium("6.9", "HH", "P")]);
    assert_eq!(types(&first), ["lab.result.critical"]);
    let body = lab.story.receiver.wait_for(1)[0].json();
    assert_eq!(body["data"]["status"], "preliminary", "the event says what it stands on");
    let then = lab.report("F", &[Obx::potassium("6.9", "HH", "F")]);
    assert_eq!(types(&then), Vec::<&str>::new(), "nobody is called twice for one value");
}

#[test]
fn n5_a_correction_from_normal_to_critical_is_critical() {
    let mut lab = Laboratory::new();
    assert_eq!(types(&lab.report("F", &[Obx::potassium("4.4", "N", "F")])), Vec::<&str>::new());
    let corrected = lab.report("C", &[Obx::potassium("6.9", "HH", "C")]);
    assert!(types(&corrected).contains(&"lab.result.critical"), "{:?}", types(&corrected));
    assert_eq!(corrected[0]["lane"], "critical");
}

#[test]
fn n5_a_correction_travels_in_the_lane_of_what_it_replaces_and_names_it() {
    let mut lab = Laboratory::new();
    let first = lab.report("F", &[Obx::potassium("6.9", "HH", "F")]);
    let corrected = lab.report("C", &[Obx::potassium("4.4", "N", "C")]);
    assert_eq!(types(&corrected), ["lab.result.corrected"]);
    assert_eq!(corrected[0]["lane"], "critical", "who was alarmed is told at once");
    assert_eq!(corrected[0]["replaces"], first[0]["id"]);
    assert!(corrected[0]["sequence"].as_u64() > first[0]["sequence"].as_u64());
    let hits = lab.story.receiver.wait_for(2);
    assert_eq!(hits[0].json()["id"], first[0]["id"], "the original goes first");
    assert_eq!(hits[1].json()["replaces"], first[0]["id"]);
}

#[test]
fn n5_a_retraction_reaches_who_got_the_original_though_it_never_asked_for_retractions() {
    let mut lab = Laboratory::new();
    let narrow = json!({ "eventTypes": ["lab.result.critical"], "url": lab.story.receiver.url("/narrow") });
    let narrow = lab.story.hook(&lab.integration, &narrow);
    lab.hook.ask("pause", &json!({}), 200);
    lab.report("F", &[Obx::potassium("6.9", "HH", "F")]);
    let retracted = lab.report("C", &[Obx::potassium("", "", "X")]);
    assert_eq!(types(&retracted), ["lab.result.cancelled"]);
    let event = retracted[0]["id"].as_str().unwrap();
    assert_eq!(lab.story.reason(event, &narrow).as_deref(), Some("matched"));
    let hits = lab.story.receiver.wait_for(2);
    assert_eq!(hits.iter().map(|hit| hit.path()).collect::<Vec<_>>(), ["/narrow", "/narrow"]);
}

#[test]
fn n5_a_correction_waits_for_an_original_that_is_still_owed() {
    let mut lab = Laboratory::new();
    lab.story.receiver.answer({
        let mut asked = 0;
        move |_| {
            asked += 1;
            crate::harness::Reply::status(if asked == 1 { 500 } else { 200 })
        }
    });
    let first = lab.report("F", &[Obx::potassium("6.9", "HH", "F")]);
    let corrected = lab.report("C", &[Obx::potassium("4.4", "N", "C")]);
    let hits = lab.story.receiver.wait_for(3);
    let order: Vec<Value> = hits.iter().map(|hit| hit.json()["id"].clone()).collect();
    let expected = [&first[0]["id"], &first[0]["id"], &corrected[0]["id"]];
    assert_eq!(order.iter().collect::<Vec<_>>(), expected, "failed, delivered, and only then corrected");
}

/// The first attempt fails, and the next one in its own lane is an hour away.
fn fails_once() -> impl FnMut(&Hit) -> Reply + Send {
    let mut asked = 0;
    move |_| {
        asked += 1;
        Reply::status(if asked == 1 { 500 } else { 200 })
    }
}

#[test]
fn n5_a_critical_correction_of_a_normal_result_comes_after_its_original_and_waits_for_no_lower_lane() {
    let mut lab = Laboratory::with(&json!({ "retry": { "schedule": ["1h"], "horizon": "72h" } }));
    lab.story.receiver.answer(fails_once());
    lab.report("F", &[Obx::potassium("4.4", "N", "F")]);
    let original = lab.hook.until_deliveries("waiting", 1).remove(0);
    assert_eq!(
        (&original["eventType"], &original["lane"]),
        (&json!("lab.result.available"), &json!("routine"))
    );
    let corrected = lab.report("C", &[Obx::potassium("6.9", "HH", "C")]);
    assert_eq!(types(&corrected), ["lab.result.critical"]);
    let hits = lab.story.receiver.wait_for(3);
    let order: Vec<String> = hits.iter().map(Hit::event_type).collect();
    assert_eq!(order, ["lab.result.available", "lab.result.available", "lab.result.critical"]);
    assert_eq!(hits[2].json()["replaces"], original["eventId"]);
    assert_eq!(hits[0].body, hits[1].body, "raised, it says the same");
    let lineage = lab.story.lineage(original["eventId"].as_str().unwrap());
    assert_eq!(
        (&lineage["lane"], &lineage["deliveries"][0]["lane"]),
        (&json!("routine"), &json!("critical"))
    );
}

#[test]
fn n5_an_original_under_way_is_raised_when_its_attempt_fails() {
    let mut lab =
        Laboratory::with(&json!({ "timeout": "60s", "retry": { "schedule": ["1h"], "horizon": "72h" } }));
    let gate = Gate::default();
    lab.story.receiver.answer({
        let (held, mut asked) = (gate.clone(), 0);
        move |_| {
            asked += 1;
            if asked == 1 { Reply::StatusAfter(500, held.clone()) } else { Reply::status(200) }
        }
    });
    lab.report("F", &[Obx::potassium("4.4", "N", "F")]);
    lab.story.receiver.wait_for(1);
    lab.report("C", &[Obx::potassium("6.9", "HH", "C")]);
    let held = lab.hook.until_deliveries("held", 1).remove(0);
    let deliveries = lab.hook.deliveries();
    let original = deliveries.iter().find(|one| one["eventType"] == "lab.result.available").unwrap();
    assert_eq!((&held["held"], &held["waitsFor"]), (&json!("ordering"), &original["id"]));
    gate.open();
    let hits = lab.story.receiver.wait_for(3);
    let order: Vec<String> = hits.iter().map(Hit::event_type).collect();
    assert_eq!(order, ["lab.result.available", "lab.result.available", "lab.result.critical"]);
}

#[test]
fn n5_a_correction_keeps_its_place_over_a_pause_and_a_crash() {
    let mut lab = Laboratory::new();
    lab.hook.ask("pause", &json!({}), 200);
    lab.report("F", &[Obx::potassium("4.4", "N", "F")]);
    lab.report("C", &[Obx::potassium("6.9", "HH", "C")]);
    lab.story.server.restart();
    lab.hook.ask("resume", &json!({}), 200);
    let hits = lab.story.receiver.wait_for(2);
    let order: Vec<String> = hits.iter().map(Hit::event_type).collect();
    assert_eq!(order, ["lab.result.available", "lab.result.critical"]);
    let lanes: Vec<Value> = lab.hook.deliveries().iter().map(|one| one["lane"].clone()).collect();
    assert_eq!(lanes, ["critical", "critical"]);
}

#[test]
fn n5_a_preliminary_after_a_final_fires_nothing() {
    let mut lab = Laboratory::new();
    lab.report("F", &[Obx::potassium("4.4", "N", "F")]);
    let late = lab.report("P", &[Obx::potassium("6.9", "HH", "P")]);
    assert_eq!(types(&late), Vec::<&str>::new(), "a status never moves back");
    let listed = lab.story.raised(&lab.integration);
    assert!(
        listed.last().is_some_and(|kind| kind.starts_with("x.hl7v2.")),
        "it is listed all the same: {listed:?}"
    );
}

#[test]
fn n6_a_wildcard_gets_the_most_severe_event_and_two_critical_values_are_two_events() {
    let mut lab = Laboratory::new();
    let named = json!({ "eventTypes": ["lab.result.available"], "url": lab.story.receiver.url("/named") });
    let named = lab.story.hook(&lab.integration, &named);
    let raised = lab.report("F", &[Obx::potassium("6.9", "HH", "F"), Obx::sodium("112", "LL", "F")]);
    assert_eq!(types(&raised), ["lab.result.critical", "lab.result.critical"]);
    let listed = lab.story.api.all(&format!("/admin/events?integrationId={}", lab.integration));
    let available =
        listed.iter().find(|event| event["type"] == "lab.result.available").expect("one for each report");
    let available = available["id"].as_str().unwrap();
    assert_eq!(lab.story.reason(available, &lab.hook).as_deref(), Some("superseded"));
    assert_eq!(
        lab.story.reason(available, &named).as_deref(),
        Some("matched"),
        "a type that is named is delivered"
    );
    let hits = lab.story.receiver.wait_for(3);
    let wild: Vec<Value> = hits.iter().filter(|hit| hit.path() == "/hook").map(|hit| hit.json()).collect();
    assert_eq!(wild.len(), 2);
    assert_eq!(wild[0]["data"]["reportRef"], wild[1]["data"]["reportRef"], "both name their report");
    assert_ne!(wild[0]["id"], wild[1]["id"]);
}

#[test]
fn an_abnormal_result_is_not_also_critical() {
    let mut lab = Laboratory::new();
    let raised = lab.report("F", &[Obx::potassium("5.6", "H", "F"), Obx::sodium("140", "N", "F")]);
    assert_eq!(types(&raised), ["lab.result.abnormal"]);
    assert_eq!(raised[0]["lane"], "urgent");
}
