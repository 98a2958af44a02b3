use serde_json::{Value, json};

use crate::harness::{Hook, Setting, adt, until};

/// A ward whose measurements come by FHIR, and a webhook that hears what its trigger raises.
struct Ward {
    story: Setting,
    integration: String,
    hook: Hook,
    trigger: String,
    sent: usize,
}

impl Ward {
    /// A ward with a trigger; `more` goes over the crossing of a saturation.
    fn with(more: &Value) -> Ward {
        let story = Setting::new();
        let integration = story.integration("fhir", &json!({}));
        let types = ["vital.threshold_crossed", "lab.result.abnormal", "trigger.*", "encounter.admitted"];
        let hook = story.hook(&integration, &json!({ "eventTypes": types }));
        let mut wish = json!({
            "name": "Saturation below 90", "resourceType": "Observation", "eventType": "vital.threshold_crossed",
            "threshold": { "code": "http://loinc.org|59408-5", "comparator": "<", "value": 90, "unit": "%" },
        });
        for (name, value) in more.as_object().unwrap() {
            wish[name] = value.clone();
        }
        let made = story.api.post("/admin/triggers", &wish).json(201);
        let trigger = made["id"].as_str().unwrap().to_owned();
        Ward { story, integration, hook, trigger, sent: 0 }
    }

    /// Lets a measurement of a patient come in at a minute, as an object of its own.
    fn measure(&mut self, patient: &str, minute: u32, value: Value) {
        self.sent += 1;
        let id = format!("m-{}", self.sent);
        self.put(&id, &saturation(&id, patient, (minute, "final"), value));
    }

    fn put(&self, id: &str, observation: &Value) {
        let path = format!("/ingest/{}/fhir/Observation/{id}", self.integration);
        let json = [("content-type", "application/fhir+json")];
        let answer = self.story.api.send("PUT", &path, &json, observation.to_string().as_bytes()).unwrap();
        assert!(answer.status < 300, "{answer:?}");
    }

    /// What the trigger raised, the oldest first.
    fn raised(&self) -> Vec<Value> {
        let all = self.story.api.all(&format!("/admin/events?integrationId={}", self.integration));
        let is_own = |event: &Value| !event["causedBy"].is_null();
        all.into_iter().rev().filter(is_own).collect()
    }

    fn types(&self) -> Vec<String> {
        self.raised().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// What the trigger made of the change that an event tells of.
    fn explanation(&self, event: &Value) -> Value {
        let lineage = self.story.lineage(event.as_str().unwrap());
        let of = |one: &&Value| one["triggerId"] == self.trigger.as_str();
        lineage["triggers"].as_array().unwrap().iter().find(of).unwrap().clone()
    }

    fn counts(&self) -> Value {
        let path = format!("/admin/triggers/{}/judgements", self.trigger);
        self.story.api.get(&path).json(200)["counts"].clone()
    }
}

fn saturation(id: &str, patient: &str, (minute, status): (u32, &str), value: Value) -> Value {
    json!({
        "resourceType": "Observation", "id": id, "status": status,
        "category": [{ "coding": [{ "code": "vital-signs" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "59408-5" }] },
        "subject": { "reference": format!("Patient/{patient}") },
        "effectiveDateTime": format!("2026-01-01T09:{minute:02}:00Z"),
        "valueQuantity": value,
    })
}

fn percent(value: f64) -> Value {
    json!({ "value": value, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%" })
}

#[test]
fn p7_two_interleaved_patients_cross_twice_each_and_a_late_value_re_arms_nobody() {
    let mut ward = Ward::with(&json!({}));
    for (minute, value) in [(1, 91.0), (2, 89.0), (3, 88.0), (4, 91.0), (5, 89.0)] {
        ward.measure("one", minute, percent(value));
        ward.measure("other", minute, percent(value));
    }
    let crossed = ward.raised();
    assert_eq!(crossed.len(), 4, "{crossed:?}");
    ward.measure("one", 4, percent(91.0));
    ward.measure("one", 6, percent(88.0));
    assert_eq!(ward.raised().len(), 4, "an older 91 that comes late does not re-arm");
    // 0.84 with the unit 1 is 84 %, and a patient of her own.
    ward.measure("third", 1, json!({ "value": 0.84, "system": "http://unitsofmeasure.org", "code": "1" }));
    assert_eq!(ward.raised().len(), 5);

    let body = ward.story.receiver.wait_for(5)[0].json();
    assert_eq!(body["data"]["rule"]["id"], ward.trigger.as_str());
    assert_eq!(body["data"]["threshold"], json!({ "comparator": "<", "value": 90, "unit": "%" }));
    assert_eq!((&body["data"]["direction"], &body["lane"]), (&json!("below"), &json!("urgent")));
    let origin = ward.story.lineage(body["causedBy"].as_str().unwrap());
    assert_eq!(origin["type"], "vital.recorded", "the originating event is named");
    let told = ward.explanation(&body["causedBy"]);
    assert_eq!((&told["judgement"], &told["raised"]), (&json!("fired"), &body["id"]));
    assert_eq!(told["clauses"][0]["result"], "holds");
    assert_eq!(ward.counts(), json!({ "fired": 5, "not_matched": 5, "not_rearmed": 3 }));

    let past = json!({ "triggerId": ward.trigger, "backTest": { "from": "2026-01-01T00:00:00Z" } });
    let past = ward.story.api.post("/admin/triggers/test", &past).json(200)["backTest"].clone();
    assert_eq!(
        (&past["changes"], &past["matched"], &past["complete"]),
        (&json!(13), &json!(8), &json!(true))
    );
}

#[test]
fn n4_n5_a_preliminary_value_fires_and_a_correction_replaces_it_or_takes_it_back() {
    let fires_each = json!({ "state": { "kind": "each" } });
    let ward = Ward::with(&fires_each);
    let say = |status: &str, value: f64| {
        ward.put("x", &saturation("x", "one", (1, status), percent(value)));
        ward.types()
    };
    let crossed = "vital.threshold_crossed";
    assert_eq!(say("preliminary", 85.0), [crossed]);
    assert_eq!(say("final", 85.0), [crossed], "finalising unchanged fires nothing");
    assert_eq!(say("corrected", 84.0), [crossed, crossed]);
    assert_eq!(say("corrected", 95.0), [crossed, crossed, "trigger.retracted"]);
    assert_eq!(say("corrected", 83.0).len(), 4, "what was taken back can come again");
    let raised = ward.raised();
    assert_eq!((&raised[0]["replaces"], &raised[1]["replaces"]), (&Value::Null, &raised[0]["id"]));
    assert_eq!(raised[2]["replaces"], raised[1]["id"]);
    assert_eq!(raised[2]["lane"], raised[1]["lane"], "taken back as urgently as it was told");
    ward.story.receiver.wait_for(4);
    ward.story.until_settled(&ward.hook);
}

#[test]
fn p5_a_unit_that_nobody_knows_is_told_to_people_and_is_never_a_no() {
    let mut ward = Ward::with(&json!({}));
    ward.measure("one", 1, json!({ "value": 80, "unit": "furlong" }));
    assert_eq!(ward.types(), ["trigger.indeterminate"]);
    let body = ward.story.receiver.wait_for(1)[0].json();
    let told = ward.explanation(&body["causedBy"]);
    assert_eq!((&told["judgement"], &told["raised"]), (&json!("indeterminate"), &body["id"]));
    assert_eq!(told["reason"], "unknown_unit");
    assert_eq!(ward.counts(), json!({ "indeterminate": 1 }));
    let listed = format!("/admin/triggers/{}/judgements?judgement=indeterminate", ward.trigger);
    assert_eq!(ward.story.api.get(&listed).json(200)["data"], json!([body["causedBy"]]));
}

#[test]
fn p5_a_critical_trigger_that_cannot_be_decided_stands_on_the_first_page_and_opens_an_alert() {
    let mut ward = Ward::with(&json!({ "lane": "critical" }));
    ward.measure("one", 1, json!({ "value": 80, "unit": "furlong" }));
    let overview = ward.story.api.get("/admin/overview").json(200);
    let shown = overview["attention"].as_array().unwrap();
    let is_it = |one: &&Value| one["kind"] == "trigger_indeterminate";
    let found = shown.iter().find(is_it).unwrap_or_else(|| panic!("{shown:?}"));
    assert_eq!((&found["severity"], &found["count"]), (&json!("critical"), &json!(1)));
    let rules = ward.story.api.all("/admin/alert-rules");
    let rule = rules.iter().find(|rule| rule["on"] == "undecided_triggers").expect("a rule of its own");
    let alert = until("an alert is open", || {
        let alerts = ward.story.api.all("/admin/alerts");
        alerts.into_iter().find(|alert| alert["ruleId"] == rule["id"]).ok_or("none yet")
    });
    assert_eq!((&alert["severity"], &alert["value"]), (&json!("critical"), &json!(1.0)));
}

#[test]
fn a_trigger_upon_v2_events_is_tried_on_the_messages_that_are_stored() {
    let story = Setting::new();
    let (_, port) = story.hl7v2();
    for (number, code) in ["A01", "A02", "A03", "A01"].into_iter().enumerate() {
        let (control, mrn) = (format!("C{number}"), format!("{}", 1_000 + number));
        story.mllp(port, &adt(code, &control, &mrn, "I"));
    }
    let trigger = json!({
        "name": "Arrivals", "resourceType": "Encounter", "eventType": "alert.clinical.raised", "eventCodes": ["A01"],
    });
    let past = json!({ "trigger": trigger, "backTest": { "from": "2026-01-01T00:00:00Z" } });
    let past = story.api.post("/admin/triggers/test", &past).json(200)["backTest"].clone();
    assert_eq!((&past["changes"], &past["matched"]), (&json!(4), &json!(2)), "{past}");
}

#[test]
fn what_does_not_come_is_told_though_the_server_was_killed_meanwhile() {
    let state = json!({
        "state": { "kind": "absence", "within": "8s" }, "threshold": null, "resourceType": "Observation",
        "fhirPath": "category.coding.exists(code = 'vital-signs')",
    });
    let mut ward = Ward::with(&state);
    let trigger = format!("/admin/triggers/{}", ward.trigger);
    // What was measured when the trigger was made, by the clock of the server.
    let made = ward.story.api.get(&trigger).json(200)["createdAt"].clone();
    let mut observation = saturation("x", "one", (1, "final"), percent(97.0));
    observation["effectiveDateTime"] = made;
    ward.put("x", &observation);
    assert_eq!(ward.counts(), json!({ "waiting": 1 }));
    ward.story.server.restart();
    let told = until("the absence is told", || {
        let all = ward.story.api.all(&format!("/admin/events?integrationId={}", ward.integration));
        all.into_iter().find(|event| event["type"] == "vital.threshold_crossed").ok_or("nothing yet")
    });
    assert_eq!(ward.counts(), json!({ "waiting": 1, "fired": 1 }));
    assert_eq!(ward.explanation(&told["id"])["judgement"], "fired");
}
