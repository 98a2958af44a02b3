use serde_json::{Value, json};

use super::hooks;
use crate::harness::{Hook, Setting};

const ANSWERED: &str = "clinic.survey.answered";
const NEGATIVE: &str = "clinic.feedback.negative";

/// A clinic whose surveys come as JSON of its own types, and a trigger that tells of low scores.
struct Clinic {
    story: Setting,
    integration: String,
    hook: Hook,
    trigger: String,
}

impl Clinic {
    /// A clinic with a trigger; `more` goes over the usual one.
    fn with(more: &Value) -> Clinic {
        let story = Setting::new();
        for (name, members) in [(ANSWERED, json!({ "score": {} })), (NEGATIVE, json!({}))] {
            let own = json!({
                "type": name, "objectType": "survey", "title": "Of a survey.", "sample": { "score": 3 },
                "schema": { "type": "object", "properties": members },
            });
            story.api.post("/admin/event-types", &own).is(201);
        }
        let integration = story.events();
        let trigger = story.api.post("/admin/triggers", &wish(more)).json(201);
        let hook = story.hook(&integration, &json!({ "eventTypes": [NEGATIVE, "trigger.indeterminate"] }));
        let trigger = trigger["id"].as_str().unwrap().to_owned();
        Clinic { story, integration, hook, trigger }
    }

    /// Sends events that must be taken, new or known; what the door answers.
    fn send(&self, event: &Value) -> Value {
        self.story.send(&self.integration, event).json(202)
    }

    fn post(&self, headers: &[(&str, &str)], body: &Value) {
        let path = format!("/ingest/{}/events", self.integration);
        let answer = self.story.api.send("POST", &path, headers, body.to_string().as_bytes()).unwrap();
        answer.is(202);
    }

    /// What the trigger raised, the oldest first.
    fn raised(&self) -> Vec<Value> {
        let all = self.story.api.all("/admin/events");
        all.into_iter().rev().filter(|event| !event["causedBy"].is_null()).collect()
    }

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

fn wish(more: &Value) -> Value {
    let mut wish = json!({
        "name": "Low score", "onEventTypes": [ANSWERED], "eventType": NEGATIVE,
        "fhirPath": "data.score <= 6", "enrich": { "score": "data.score" },
    });
    for (name, value) in more.as_object().unwrap() {
        wish[name] = value.clone();
    }
    wish
}

fn answered(id: &str, patient: &str, score: Value) -> Value {
    json!({
        "id": id, "type": ANSWERED, "subject": { "system": "urn:clinic:mrn", "id": patient },
        "data": { "score": score },
    })
}

fn cloud(id: &str, score: i64) -> Value {
    json!({ "specversion": "1.0", "id": id, "source": "urn:clinic", "type": ANSWERED, "subject": "P-1",
        "data": { "score": score } })
}

#[test]
fn a_low_score_raises_an_event_at_every_door_for_events_once_and_says_why() {
    let clinic = Clinic::with(&json!({}));
    let first = clinic.send(&answered("n1", "P-1", json!(6)))["id"].clone();
    clinic.send(&json!([answered("n2", "P-1", json!(3)), answered("n3", "P-2", json!(9))]));
    clinic.post(&[("content-type", "application/cloudevents+json")], &cloud("c1", 2));
    let batch = [("content-type", "application/cloudevents-batch+json")];
    clinic.post(&batch, &json!([cloud("c2", 7), cloud("c3", 1)]));
    let binary = [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "c4"),
        ("ce-source", "urn:clinic"),
        ("ce-type", ANSWERED),
    ];
    clinic.post(&binary, &json!({ "score": 0 }));
    let raised = clinic.raised();
    assert_eq!(raised.len(), 5, "{raised:?}");

    // What is sent again raises nothing again.
    assert_eq!(clinic.send(&answered("n1", "P-1", json!(6)))["duplicate"], true);
    clinic.post(&batch, &json!([cloud("c2", 7), cloud("c3", 1)]));
    assert_eq!(clinic.raised().len(), 5);

    let body = clinic.story.receiver.wait_for(5)[0].json();
    assert_eq!((&body["type"], &body["lane"]), (&json!(NEGATIVE), &json!("urgent")));
    assert_eq!(body["causedBy"], first);
    assert_eq!((&body["data"]["score"], &body["data"]["onEventType"]), (&json!(6), &json!(ANSWERED)));
    assert_eq!(body["data"]["rule"]["id"], clinic.trigger.as_str());
    let told = clinic.explanation(&body["causedBy"]);
    assert_eq!((&told["judgement"], &told["raised"]), (&json!("fired"), &body["id"]));
    assert_eq!(told["clauses"], json!([{ "text": "data.score <= 6", "result": "holds" }]));
    assert_eq!(clinic.counts(), json!({ "fired": 5, "not_matched": 2 }));
    let of_raised = clinic.explanation(&body["id"]);
    assert_eq!(of_raised["judgement"], "fired", "what it raised is told by what it was raised from");
    clinic.story.until_settled(&clinic.hook);

    let past = json!({ "triggerId": clinic.trigger, "backTest": { "from": "2026-01-01T00:00:00Z" } });
    let past = clinic.story.api.post("/admin/triggers/test", &past).json(200)["backTest"].clone();
    assert_eq!((&past["changes"], &past["matched"]), (&json!(7), &json!(5)), "{past}");
    let stricter = json!({ "trigger": { "id": clinic.trigger, "settings": wish(&json!({ "fhirPath": "data.score <= 2" })) } });
    let told = clinic.story.api.post("/admin/changes/preview", &stricter).json(200);
    assert_eq!((&told["gone"], &told["differences"]), (&json!(0), &json!(2)), "{told}");
    let after = &told["samples"][0]["triggers"][0]["after"];
    assert_eq!((&after["outcome"], &after["clauses"][0]["result"]), (&json!("not_matched"), &json!("fails")));
}

#[test]
fn a_third_partys_call_fires_a_trigger_once_and_what_it_raised_survives_a_kill() {
    let mut story = Setting::new();
    let integration = hooks::surveymonkey(&story);
    let wish = json!({
        "name": "Post-op survey", "integrationId": integration, "eventType": "survey.response.unfavourable",
        "onEventTypes": ["survey.response.completed"], "fhirPath": "data.surveyRef = '418000001'",
    });
    let trigger = story.api.post("/admin/triggers", &wish).json(201);
    assert_eq!((&trigger["topic"], &trigger["hints"]), (&Value::Null, &Value::Null));
    let hook = story.hook(&integration, &json!({ "eventTypes": ["survey.response.unfavourable"] }));
    let mut never = wish.clone();
    never["onEventTypes"] = json!(["order.placed"]);
    let refused = story.api.post("/admin/triggers", &never).json(422);
    assert_eq!(refused["field"], "/onEventTypes", "the third party never raises it: {refused}");

    let body = json!({
        "name": "Post-op day 3", "filter_type": "survey", "filter_id": "418000001",
        "event_type": "response_completed", "event_id": "10012345678", "object_type": "response",
        "object_id": "5007154401", "event_datetime": "2026-01-01T09:30:00.000000+00:00",
        "resources": { "respondent_id": "5007154401", "recipient_id": "77001", "collector_id": "4410001",
            "survey_id": "418000001", "user_id": "9001" },
    })
    .to_string();
    for _ in 0..3 {
        hooks::call(&story, &integration, hooks::SECRET, &body).is(200);
    }
    story.server.restart();
    let told = story.receiver.wait_for(1)[0].json();
    story.until_settled(&hook);
    assert_eq!(story.receiver.hits().len(), 1);
    assert_eq!(told["type"], "survey.response.unfavourable");
    assert_eq!(told["data"]["responseRef"], "5007154401", "the object's own reference goes along");
    let mut types = story.raised(&integration);
    types.sort();
    assert_eq!(types, ["survey.response.completed", "survey.response.unfavourable"]);
}

#[test]
fn c8_what_a_trigger_raised_is_looked_at_by_none_so_no_two_of_them_chase_each_other() {
    let clinic = Clinic::with(&json!({}));
    let back =
        json!({ "name": "Back", "onEventTypes": [NEGATIVE], "eventType": ANSWERED, "fhirPath": "true" });
    let back = clinic.story.api.post("/admin/triggers", &back).json(201);
    clinic.send(&answered("n1", "P-1", json!(1)));
    let raised = clinic.raised();
    assert_eq!(raised.len(), 1, "{raised:?}");
    let lineage = clinic.story.lineage(raised[0]["id"].as_str().unwrap());
    let told = lineage["triggers"].as_array().unwrap().iter().find(|one| one["triggerId"] == back["id"]);
    assert_eq!(told.map(|one| &one["judgement"]), None, "what it raised is told by what it was raised from");
    // A type that only comes in as an event is looked at all the same.
    clinic.send(&json!({ "id": "n2", "type": NEGATIVE, "data": {} }));
    assert_eq!(clinic.raised().len(), 2);

    // A receiver that answers what it is told fires once more, and hears no echo of itself.
    let told = clinic.story.receiver.wait_for(1)[0].clone();
    let headers = [("content-type", "application/json"), ("traceparent", told.header("traceparent"))];
    clinic.post(&headers, &answered("n3", "P-1", json!(1)));
    let last = clinic.story.api.all(&format!("/admin/events?eventType={NEGATIVE}")).remove(0);
    let last = last["id"].as_str().unwrap();
    assert_eq!(clinic.story.lineage(last)["hops"], 1);
    assert_eq!(clinic.story.reason(last, &clinic.hook).as_deref(), Some("echo"));
}

#[test]
fn p4_a_trigger_whose_member_no_event_has_is_told_with_the_clause_and_in_the_worklist() {
    let clinic = Clinic::with(&json!({ "fhirPath": "data.scroe <= 6 and test.not()" }));
    let hint =
        clinic.story.api.get(&format!("/admin/triggers/{}", clinic.trigger)).json(200)["hints"].clone();
    assert!(hint[0].as_str().unwrap().ends_with("Did you mean `score`?"), "{hint}");
    clinic.send(&json!([answered("n1", "P-1", json!(1)), answered("n2", "P-1", json!(2))]));
    let lacks = json!([{ "clause": "data.scroe <= 6", "events": 2 }]);
    let path = format!("/admin/triggers/{}/judgements", clinic.trigger);
    assert_eq!(clinic.story.api.get(&path).json(200)["lacks"], lacks);
    let worklist = format!("/admin/integration/{}/worklist", clinic.integration);
    let silent = json!([{ "id": clinic.trigger, "name": "Low score", "lacks": lacks }]);
    assert_eq!(clinic.story.api.get(&worklist).json(200)["silent"], silent);
}

#[test]
fn n7_a_trigger_that_raises_what_it_looks_at_makes_that_as_urgent_as_it_is() {
    let clinic = Clinic::with(&json!({ "eventType": ANSWERED }));
    let low = clinic.send(&answered("n1", "P-1", json!(1)))["id"].clone();
    let high = clinic.send(&answered("n2", "P-1", json!(9)))["id"].clone();
    let lane = |event: &Value| clinic.story.lineage(event.as_str().unwrap())["lane"].clone();
    assert_eq!((lane(&low), lane(&high)), (json!("urgent"), json!("routine")));
    assert_eq!(clinic.explanation(&low)["judgement"], "unchanged");
    assert_eq!(clinic.raised(), Vec::<Value>::new());
}

#[test]
fn p5_a_score_that_is_no_number_is_told_to_people_and_is_never_a_no() {
    let clinic = Clinic::with(&json!({ "lane": "critical" }));
    let sent = clinic.send(&answered("n1", "P-1", json!("six")))["id"].clone();
    let body = clinic.story.receiver.wait_for(1)[0].json();
    assert_eq!((&body["type"], &body["lane"]), (&json!("trigger.indeterminate"), &json!("critical")));
    assert_eq!((&body["causedBy"], &body["data"]["type"]), (&sent, &json!(NEGATIVE)));
    assert_eq!(clinic.counts(), json!({ "indeterminate": 1 }));
    let overview = clinic.story.api.get("/admin/overview").json(200);
    let is_it = |one: &Value| one["kind"] == "trigger_indeterminate" && one["severity"] == "critical";
    assert!(overview["attention"].as_array().unwrap().iter().any(is_it), "{overview}");
}

#[test]
fn t1_what_a_trigger_raises_of_a_test_is_one_and_counts_for_nothing() {
    let clinic = Clinic::with(&json!({}));
    let mut test = answered("n1", "P-1", json!(1));
    test["test"] = json!(true);
    clinic.send(&test);
    assert_eq!(clinic.raised()[0]["test"], true);
    assert_eq!(clinic.counts(), json!({}));
    assert_eq!(clinic.story.receiver.hits().len(), 0, "the webhook takes no tests");
}

#[test]
fn p7_low_scores_of_one_patient_are_counted_within_one_call_and_across_calls() {
    let clinic = Clinic::with(&json!({ "state": { "kind": "count", "times": 3, "of": 5 } }));
    let low = |id: &str, patient: &str| answered(id, patient, json!(2));
    clinic.send(&json!([low("a1", "P-1"), low("a2", "P-1"), low("b1", "P-2")]));
    assert_eq!(clinic.raised().len(), 0);
    // A known event in the same call counts once; the third of the patient fires.
    clinic.send(&json!([low("a2", "P-1"), low("a3", "P-1"), low("b2", "P-2")]));
    let raised = clinic.raised();
    assert_eq!(raised.len(), 1, "{raised:?}");
    assert_eq!(clinic.counts(), json!({ "fired": 1, "not_yet": 4 }));
    // Of whom nobody knows whose it is, nobody can tell how often it held.
    clinic.send(&json!({ "id": "x1", "type": ANSWERED, "data": { "score": 2 } }));
    let told = clinic.raised().pop().unwrap();
    assert_eq!(told["type"], "trigger.indeterminate");
    assert_eq!(clinic.explanation(&told["causedBy"])["reason"], "no_subject");
}

#[test]
fn an_integration_that_no_longer_answers_surveys_is_told_after_the_time_that_was_said() {
    let clinic = Clinic::with(&json!({
        "fhirPath": "data.score.exists()", "enrich": {}, "state": { "kind": "absence", "within": "2s", "until": [] },
    }));
    clinic.send(&answered("n1", "P-1", json!(8)));
    let body = clinic.story.receiver.wait_for(1)[0].json();
    assert_eq!((&body["type"], &body["data"]["within"]), (&json!(NEGATIVE), &json!("2s")));
    assert_eq!(clinic.counts(), json!({ "fired": 1, "waiting": 1 }));
    let preview =
        json!({ "trigger": { "id": clinic.trigger, "settings": wish(&json!({ "active": false })) } });
    let told = clinic.story.api.post("/admin/changes/preview", &preview).json(200);
    assert_eq!(
        (&told["retold"], &told["gone"]),
        (&json!(1), &json!(0)),
        "what did not come came from nowhere: {told}"
    );
}
