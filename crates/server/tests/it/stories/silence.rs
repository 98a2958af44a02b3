//! Whatever a source accepted can be found, with why nobody was told of it.

use serde_json::{Value, json};

use crate::harness::{Hook, Mllp, Obx, Oru, Setting, adt, critical, event};

/// A ward that hears of critical results that are no tests, from a laboratory.
struct Ward {
    story: Setting,
    integration: String,
    port: std::net::SocketAddr,
    hook: Hook,
}

impl Ward {
    fn new() -> Ward {
        let story = Setting::new();
        let (integration, port) = story.hl7v2();
        let wish = json!({ "eventTypes": ["lab.*"], "filter": "lane = 'critical'" });
        let hook = story.hook(&integration, &wish);
        Ward { story, integration, port, hook }
    }

    fn results(&self, control: &str, results: &[Obx]) {
        self.story.mllp(self.port, &Oru::new(control, "1001", results).bytes());
    }

    /// The lineage of the newest event of what was sent last.
    fn newest(&self) -> Value {
        let found = self.story.api.all(&format!("/admin/events?integrationId={}", self.integration));
        self.story.lineage(found[0]["id"].as_str().expect("something is listed"))
    }

    /// What of a message raised nothing, as `Observation norule`.
    fn silent(&self) -> Vec<String> {
        let newest = self.newest();
        let said = newest["message"]["silent"].as_array().expect("a list").iter();
        said.map(|one| format!("{} {}", one["resource"], one["reason"]).replace('"', "")).collect()
    }

    fn worklist(&self) -> Value {
        self.story.api.get(&format!("/admin/integration/{}/worklist", self.integration)).json(200)
    }

    fn types(&self) -> Vec<String> {
        self.story.raised(&self.integration)
    }
}

#[test]
fn a_message_of_an_unknown_type_is_listed_and_counted() {
    let ward = Ward::new();
    ward.story.mllp(ward.port, b"MSH|^~\\&|LAB|NORTH|CAREHOOK|HUB|20260101||ZZZ^Z01|1|P|2.5.1\rZZ1|1\r");
    let newest = ward.newest();
    assert_eq!((&newest["type"], &newest["matched"]), (&json!("x.hl7v2.zzz_z01"), &json!(0)));
    assert!(ward.worklist()["fields"].to_string().contains("x.hl7v2.zzz_z01"));
}

#[test]
fn p4_p5_a_code_a_unit_and_a_flag_that_nobody_knows_stand_on_the_worklist() {
    let ward = Ward::new();
    let odd = Obx { code: "K^Potassium^L", unit: "furlong", ..Obx::potassium("6.9", "ZZ", "F") };
    ward.results("1", &[odd]);
    let codes = ward.worklist()["codes"].to_string();
    assert!(["\"K\"", "furlong", "ZZ"].iter().all(|code| codes.contains(code)), "{codes}");
    assert!(ward.types().iter().all(|kind| kind != "lab.result.critical"));
}

#[test]
fn what_is_refused_names_its_segment_in_the_rejections() {
    let ward = Ward::new();
    let nobody = "MSH|^~\\&|ADT|NORTH|CAREHOOK|HUB|20260101||ADT^A01|1|P|2.5.1\rPV1|1|I\r";
    let told = Mllp::dial(ward.port).unwrap().send(nobody.as_bytes()).unwrap();
    assert_eq!(told.verdict().0, "AE");
    let listed = ward.story.api.all(&format!("/admin/rejections?integrationId={}", ward.integration));
    assert!(listed[0]["reason"].as_str().is_some_and(|why| why.contains("PID")), "{listed:?}");
}

#[test]
fn n5_what_is_stale_says_so_beside_what_the_message_raised() {
    let ward = Ward::new();
    ward.results("1", &[Obx::potassium("6.9", "HH", "F")]);
    ward.results("2", &[Obx::potassium("4.0", "", "P"), Obx::sodium("120", "LL", "F")]);
    let silent = ward.silent();
    assert!(silent.contains(&"Observation stale".to_owned()), "{silent:?}");
    assert!(
        ward.types().iter().filter(|kind| *kind == "lab.result.critical").count() == 2,
        "the other is told"
    );
}

#[test]
fn a_cancelled_result_is_told_and_one_without_a_value_says_why_it_is_not() {
    let ward = Ward::new();
    ward.results("1", &[Obx::potassium("", "", "X"), Obx::sodium("", "", "I")]);
    assert!(ward.types().contains(&"lab.result.cancelled".to_owned()), "{:?}", ward.types());
    assert_eq!(ward.silent(), ["Observation notyet", "Patient norule"]);
}

#[test]
fn a_repetition_makes_no_second_event_and_is_counted() {
    let ward = Ward::new();
    for _ in 0..2 {
        ward.results("1", &[Obx::potassium("6.9", "HH", "F")]);
    }
    assert_eq!(ward.types().iter().filter(|kind| *kind == "lab.result.critical").count(), 1);
    let metrics = String::from_utf8(ward.story.api.get("/metrics").body).unwrap();
    assert!(metrics.contains("carehook_events_duplicate_total{door=\"mllp\"} 1"), "{metrics}");
    ward.story.mllp(ward.port, &Oru::new("2", "1001", &[Obx::potassium("6.9", "HH", "F")]).bytes());
    assert!(ward.silent().contains(&"Observation unchanged".to_owned()));
}

#[test]
fn a_filter_a_test_and_another_source_are_named_where_a_webhook_nearly_heard() {
    let ward = Ward::new();
    ward.results("1", &[Obx::potassium("5.9", "H", "F")]);
    let found = ward
        .story
        .api
        .all(&format!("/admin/events?integrationId={}&eventType=lab.result.abnormal", ward.integration));
    let decided = ward.story.decided(found[0]["id"].as_str().unwrap(), &ward.hook).unwrap();
    assert_eq!((&decided["reason"], &decided["clauses"][0]["result"]), (&json!("filtered"), &json!("fails")));
    let other = ward.story.events();
    let elsewhere = ward.story.accept(&other, &critical("lab-1", "1001"));
    let reason = ward.story.reason(&elsewhere, &ward.hook);
    assert!(reason.is_none_or(|why| why == "other_source"), "a webhook hears its own integration (C5)");
    ward.story.mllp(
        ward.port,
        &Oru { processing: "T", ..Oru::new("2", "1002", &[Obx::potassium("6.9", "HH", "F")]) }.bytes(),
    );
    let found = ward
        .story
        .api
        .all(&format!("/admin/events?integrationId={}&eventType=lab.result.critical", ward.integration));
    assert_eq!(
        ward.story.reason(found[0]["id"].as_str().unwrap(), &ward.hook).as_deref(),
        Some("test_refused")
    );
}

#[test]
fn an_event_that_no_webhook_asks_for_is_found_among_those_that_nobody_wanted() {
    let ward = Ward::new();
    let sent = ward.story.accept(&ward.integration, &event("appointment.booked", "a-1", "1001"));
    let found =
        ward.story.api.all(&format!("/admin/events?integrationId={}&status=unmatched", ward.integration));
    assert!(found.iter().any(|one| one["id"] == sent.as_str()), "{found:?}");
    assert_eq!(ward.story.lineage(&sent)["decisions"], json!([]), "no webhook asks for its type");
}

#[test]
fn of_a_batch_each_message_is_found_and_a_trailer_that_counts_otherwise_is_told() {
    let ward = Ward::new();
    let mut batch = b"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r".to_vec();
    batch.extend(adt("A01", "1", "1001", "I"));
    batch.extend(adt("A01", "2", "1002", "I"));
    batch.extend(b"BTS|3\rFTS|1\r");
    Mllp::dial(ward.port).unwrap().send(&batch).unwrap();
    assert_eq!(ward.types().iter().filter(|kind| *kind == "encounter.admitted").count(), 2);
    let listed = ward.story.api.all(&format!("/admin/rejections?integrationId={}", ward.integration));
    assert_eq!(listed.len(), 1, "perhaps a message was lost: {listed:?}");
}

#[test]
fn t1_what_only_the_platform_says_is_taken_from_others_as_a_test_alone() {
    let story = Setting::new();
    let integration = story.events();
    let data = json!({ "deliveryRef": "dlv_0", "attempts": 3, "reason": "failing" });
    let said = json!({ "type": "delivery.escalated", "data": data });
    assert_eq!(story.send(&integration, &said).json(422)["code"], "event_type_not_offered");
    let tried = json!({ "type": "delivery.escalated", "data": said["data"], "test": true });
    let event = story.accept(&integration, &tried);
    assert_eq!(story.lineage(&event)["test"], true);
}
