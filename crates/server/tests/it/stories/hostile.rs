//! Messages that nobody should send, through the whole path: each comes to the end that it is promised.
//!
//! Numbers in names, such as `n44`, are those of the list of hostile input.

use serde_json::{Value, json};

use crate::harness::{Mllp, Obx, Oru, Setting, adt};

/// A message with one of its segments changed.
fn with(message: &[u8], segment: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let text = String::from_utf8(message.to_vec()).unwrap();
    let changed = |line: &str| if line.starts_with(segment) { change(line) } else { line.to_owned() };
    text.split_terminator('\r').map(|line| changed(line) + "\r").collect::<String>().into_bytes()
}

#[test]
fn hostile_44_46_48_odd_contents_are_taken_or_refused_by_name_and_leave_as_they_came() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let ordered = story.hook(
        &integration,
        &json!({ "url": story.receiver.url("/ordered"), "eventTypes": ["lab.result.critical"], "ordering": "subject" }),
    );

    // 44: nobody is named.
    let nameless = |message: &[u8]| with(message, "PID", |_| "PID|1||||Doe^Jo".to_owned());
    let told = Mllp::dial(port).unwrap().send(&nameless(&adt("A01", "44a", "x", "I"))).unwrap();
    assert_eq!(told.verdict(), ("AE", "44a"), "an admission is somebody's: {}", told.0);
    assert!(told.0.contains("ERR|") && told.0.contains("PID"), "{}", told.0);
    let potassium = [Obx::potassium("6.90", "HH", "F")];
    for control in ["44b", "44c"] {
        let mut report = Oru::new(control, "x", &potassium);
        report.report = control.to_owned();
        story.mllp(port, &nameless(&report.bytes()));
    }
    story.until_settled(&ordered);
    let critical = story.receiver.hits();
    assert_eq!(critical.len(), 2, "without a subject none waits for another, and none is lost");
    assert!(critical.iter().all(|hit| hit.json()["subject"].is_null()));

    // 46: text that would be a command elsewhere.
    let template = json!({ "said": { "$path": "data.value" } });
    let wish = json!({ "url": story.receiver.url("/shaped"), "eventTypes": ["lab.result.critical"], "template": template });
    let shaped = story.hook(&integration, &wish);
    let hostile = "=1+1 {{7*7}} ${jndi:ldap://x} <script>alert(1)</script> '; DROP TABLE event;--";
    let report = with(&Oru::new("46", "4601", &potassium).bytes(), "OBX", |line| {
        line.replace("|NM|", "|TX|").replace("6.90", hostile)
    });
    let named = with(&report, "PID", |line| line.replace("Doe^4601", hostile));
    story.mllp(port, &named);
    story.until_settled(&shaped);
    let hits = story.receiver.hits();
    let told: Vec<Value> = hits.iter().filter(|hit| hit.path() == "/shaped").map(|hit| hit.json()).collect();
    assert_eq!(told, [json!({ "said": hostile })], "as it came");

    // 48: a document where nobody looks for one.
    let document = "JVBERi0x".repeat(200 * 1_024 / 6);
    let attached = format!("OBX|1|ED|PDF^Letter^L||^application^pdf^Base64^{document}||||||F\r");
    story.mllp(port, &[adt("A01", "48", "4801", "I"), attached.into()].concat());
    assert_eq!(story.raised(&integration).last().unwrap(), "encounter.admitted");
    let log = std::fs::read_to_string(story.server.home.log()).unwrap();
    let metrics = String::from_utf8(story.api.get("/metrics").body).unwrap();
    for place in [&log, &metrics] {
        assert!(!place.contains("jndi") && !place.contains("JVBERi0x"));
    }
}

#[test]
fn hostile_45_changes_before_their_beginning_and_what_is_taken_back_are_told_as_what_they_are() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    story.mllp(port, &adt("A08", "1", "1001", "I"));
    assert_eq!(story.raised(&integration), ["source.data_quality"], "of a visit that nobody began");
    story.mllp(port, &adt("A01", "2", "1001", "I"));
    story.mllp(port, &adt("A11", "3", "1001", "I"));
    let raised = story.raised(&integration);
    assert_eq!(raised[1..], ["encounter.admitted", "encounter.cancelled"]);
    let merge = with(&adt("A40", "4", "1001", "I"), "PV1", |_| "MRG|1002^^^NORTH^MR".to_owned());
    story.mllp(port, &merge);
    assert_eq!(story.raised(&integration).last().unwrap(), "patient.merged");
}
