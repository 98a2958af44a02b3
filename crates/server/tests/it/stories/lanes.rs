use serde_json::{Value, json};

use crate::harness::{Gate, Hit, Obx, Oru, Reply, Setting, adt, critical, event, until};

/// An event with a lane that its sender wishes.
fn wished(event_type: &str, id: &str, lane: &str) -> Value {
    let mut wished = event(event_type, id, "1001");
    wished["lane"] = json!(lane);
    wished
}

#[test]
fn n7_a_lane_can_only_be_raised() {
    let story = Setting::new();
    let integration = story.events();
    let lane_of = |event: &Value| {
        story.lineage(&story.accept(&integration, event))["lane"].as_str().unwrap().to_owned()
    };
    assert_eq!(lane_of(&wished("lab.result.available", "a", "bulk")), "routine");
    assert_eq!(lane_of(&wished("lab.result.available", "b", "urgent")), "urgent");
    assert_eq!(lane_of(&wished("lab.result.critical", "c", "bulk")), "critical");
}

#[test]
fn n7_raising_to_critical_needs_a_right_of_its_own() {
    let story = Setting::new();
    let integration = story.events();
    let path = format!("/ingest/{integration}/events");
    let sender = |scopes: &Value| {
        let wish = json!({ "name": "lab", "role": "sender", "integrationId": integration, "scopes": scopes });
        let made = story.api.post("/admin/keys", &wish).json(201);
        story.api.with_key(made["key"].as_str().unwrap())
    };
    let plain = sender(&json!([]));
    let refused = plain.post(&path, &wished("lab.result.available", "a", "critical")).json(403);
    assert_eq!(refused["field"], "/lane");
    plain.post(&path, &wished("lab.result.critical", "b", "critical")).is(202);
    sender(&json!(["lane:critical"])).post(&path, &wished("lab.result.available", "c", "critical")).is(202);
}

#[test]
fn n7_a_webhook_raises_its_deliveries_and_never_lowers_them() {
    let story = Setting::new();
    let integration = story.events();
    let raising = story.hook(&integration, &json!({ "lane": "urgent" }));
    story.accept(&integration, &event("lab.result.available", "a", "1001"));
    story.accept(&integration, &event("lab.result.critical", "b", "1001"));
    story.until_settled(&raising);
    let lanes: Vec<Value> = raising.deliveries().iter().map(|delivery| delivery["lane"].clone()).collect();
    assert_eq!(lanes, ["critical", "urgent"]);
}

#[test]
fn n8_deliveries_of_one_subject_wait_for_each_other_and_others_flow() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({ "ordering": "subject" }));
    let gate = Gate::default();
    let held = gate.clone();
    story.receiver.answer(move |hit| match hit.json()["subject"]["id"].as_str() {
        Some("slow") => Reply::After(held.clone()),
        _ => Reply::status(200),
    });
    let first = story.accept(&integration, &event("lab.result.available", "a", "slow"));
    story.receiver.wait_for(1);
    let second = story.accept(&integration, &event("lab.result.available", "b", "slow"));
    let other = story.accept(&integration, &event("lab.result.available", "c", "quick"));
    let about = |hit: &Hit| hit.json()["id"].as_str().unwrap().to_owned();
    let hits = story.receiver.wait_for(2);
    assert_eq!(hits.iter().map(about).collect::<Vec<_>>(), [first.clone(), other.clone()]);
    let waiting = hook.until_deliveries("held", 1);
    assert_eq!((&waiting[0]["eventId"], &waiting[0]["held"]), (&json!(second), &json!("ordering")));
    gate.open();
    let hits = story.receiver.wait_for(3);
    assert_eq!(hits.iter().map(about).collect::<Vec<_>>(), [first, other, second]);
}

#[test]
fn n8_a_critical_delivery_never_waits_for_a_lower_lane_of_its_subject() {
    let story = Setting::new();
    let integration = story.events();
    story.hook(&integration, &json!({ "ordering": "subject" }));
    let gate = Gate::default();
    let held = gate.clone();
    story.receiver.answer(move |hit| match hit.event_type().as_str() {
        "lab.result.critical" => Reply::status(200),
        _ => Reply::After(held.clone()),
    });
    story.accept(&integration, &event("lab.result.available", "a", "1001"));
    story.receiver.wait_for(1);
    story.accept(&integration, &critical("b", "1001"));
    let hits = story.receiver.wait_for(2);
    assert_eq!(hits[1].event_type(), "lab.result.critical", "past the routine one that is still under way");
    gate.open();
}

#[test]
fn n8_a_critical_delivery_probes_a_tripped_breaker() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    story.receiver.answer(|hit| match hit.event_type().as_str() {
        "lab.result.critical" => Reply::status(200),
        _ => Reply::status(500),
    });
    let many: Vec<Value> = (0..30).map(|n| event("lab.result.available", &format!("r{n}"), "1001")).collect();
    story.send(&integration, &json!(many)).is(202);
    hook.until("the breaker trips", |status| status["breaker"] == "tripped");
    let urgent = story.accept(&integration, &critical("c", "1001"));
    let arrived = story.receiver.wait(|hits| {
        hits.iter().find(|hit| hit.event_type() == "lab.result.critical").cloned().ok_or("none")
    });
    assert_eq!(arrived.json()["id"], urgent);
    until("the critical one is delivered, others are still owed", || {
        let lineage = story.lineage(&urgent);
        if lineage["deliveries"][0]["state"] == "delivered" { Ok(()) } else { Err(lineage.to_string()) }
    });
    assert!(hook.deliveries().iter().any(|delivery| delivery["state"] != "delivered"));
}

/// An `A40`: `from` is given up for `into`.
fn merged(control: &str, from: &str, into: &str) -> Vec<u8> {
    let mut message = adt("A40", control, into, "I");
    message.extend(format!("MRG|{from}^^^NORTH^MR\r").into_bytes());
    message
}

#[test]
fn n8_hostile_45_a_merged_patients_two_identifiers_share_one_order() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let wanted = json!({ "ordering": "subject", "eventTypes": ["lab.result.critical"], "timeout": "60s" });
    let hook = story.hook(&integration, &wanted);
    let gate = Gate::default();
    let held = gate.clone();
    story.receiver.answer(move |_| Reply::After(held.clone()));
    let report = |control: &str, mrn: &str| {
        let mut message = Oru::new(control, mrn, &[Obx::potassium("6.9", "HH", "F")]);
        message.report = control.to_owned();
        story.mllp(port, &message.bytes());
    };
    report("LAB-1", "1002");
    story.receiver.wait_for(1);
    report("LAB-2", "1001");
    story.receiver.wait_for(2);
    story.mllp(port, &merged("ADT-1", "1002", "1001"));
    report("LAB-3", "1001");
    report("LAB-4", "1002");
    let waiting = hook.until_deliveries("held", 2);
    assert!(waiting.iter().all(|one| one["held"] == "ordering"), "{waiting:?}");
    assert_eq!(story.receiver.hits().len(), 2, "what was under way before the merge goes first");
    gate.open();
    let hits = story.receiver.wait_for(4);
    let reports: Vec<Value> = hits[2..].iter().map(|hit| hit.json()["data"]["reportRef"].clone()).collect();
    assert_eq!(reports, ["LAB-3", "LAB-4"], "one line, whichever identifier the sender uses");
}

#[test]
fn n5_a_correction_under_the_other_identifier_of_a_merged_patient_follows_its_original() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    story.hook(&integration, &json!({ "eventTypes": ["lab.result.critical", "lab.result.corrected"] }));
    let report = |control: &str, mrn: &str, result: Obx| {
        let mut message = Oru::new(control, mrn, &[result]);
        // A number without an assigner: it counts within one patient.
        message.report = "LAB-1".to_owned();
        story.mllp(port, &message.bytes());
    };
    report("MSG-1", "1002", Obx::potassium("6.9", "HH", "F"));
    let original = story.receiver.wait_for(1)[0].json();
    report("MSG-2", "1003", Obx::potassium("6.8", "HH", "F"));
    story.mllp(port, &merged("ADT-1", "1002", "1001"));
    report("MSG-3", "1001", Obx::potassium("4.4", "N", "C"));
    report("MSG-4", "1002", Obx::potassium("4.5", "N", "C"));
    let hits = story.receiver.wait_for(4);
    assert_eq!(hits[1].json()["replaces"], Value::Null, "another patient's report is another report");
    let first = hits[2].json();
    assert_eq!((&first["type"], &first["lane"]), (&json!("lab.result.corrected"), &json!("critical")));
    assert_eq!(first["replaces"], original["id"]);
    assert_eq!(hits[3].json()["replaces"], first["id"], "under whichever identifier, it is one report");
}

#[test]
fn n8_a_merge_that_is_told_as_an_event_joins_the_order_too() {
    let story = Setting::new();
    let integration = story.events();
    let wanted = json!({ "ordering": "subject", "eventTypes": ["lab.*"], "timeout": "60s" });
    let hook = story.hook(&integration, &wanted);
    let mut merge = event("patient.merged", "m", "1001");
    let record = |id: &str| json!({ "system": "urn:north:mrn", "id": id });
    merge["data"] = json!({ "mergedFrom": record("1002"), "mergedInto": record("1001") });
    story.accept(&integration, &merge);
    let gate = Gate::default();
    let held = gate.clone();
    story.receiver.answer(move |_| Reply::After(held.clone()));
    story.accept(&integration, &critical("a", "1002"));
    story.receiver.wait_for(1);
    story.accept(&integration, &critical("b", "1001"));
    story.accept(&integration, &critical("c", "1003"));
    story.receiver.wait_for(2);
    assert_eq!(hook.until_deliveries("held", 1)[0]["held"], "ordering", "only the merged patient waits");
    gate.open();
    story.receiver.wait_for(3);
}

#[test]
fn c8_echoes_stop() {
    let story = Setting::new();
    let integration = story.events();
    let portal = story.hook(&integration, &json!({ "url": story.receiver.url("/portal") }));
    let archive = story.hook(&integration, &json!({ "url": story.receiver.url("/archive") }));
    let first = story.accept(&integration, &critical("a", "1001"));
    let hits = story.receiver.wait_for(2);
    let trace_of = |path: &str, hits: &[Hit]| {
        let hit = hits.iter().rev().find(|hit| hit.path() == path).unwrap();
        hit.header("traceparent").to_owned()
    };
    let report = |id: &str, trace: &str| {
        let path = format!("/ingest/{integration}/events");
        let headers = [("content-type", "application/json"), ("traceparent", trace)];
        let taken =
            story.api.send("POST", &path, &headers, critical(id, "1001").to_string().as_bytes()).unwrap();
        taken.json(202)["id"].as_str().unwrap().to_owned()
    };
    let back = report("b", &trace_of("/portal", &hits));
    let lineage = story.lineage(&back);
    assert_eq!((&lineage["causedBy"], &lineage["hops"]), (&json!(first), &json!(1)));
    assert_eq!(story.reason(&back, &portal).as_deref(), Some("echo"), "who reported it is not told");
    assert_eq!(story.reason(&back, &archive).as_deref(), Some("matched"), "others are");
    let hits = story.receiver.wait_for(3);
    let again = report("c", &trace_of("/archive", &hits));
    assert_eq!(story.reason(&again, &portal).as_deref(), Some("echo"), "there and back is far enough");
    assert_eq!(story.reason(&again, &archive).as_deref(), Some("echo"));
    let stranger = report("d", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_eq!(
        story.reason(&stranger, &portal).as_deref(),
        Some("matched"),
        "a trace of somebody else says nothing"
    );
}
