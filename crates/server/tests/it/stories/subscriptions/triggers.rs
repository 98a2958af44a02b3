//! Triggers as topics: what an organisation asks of changes, others may subscribe to.

use serde_json::{Value, json};

use super::client::{Client, filtered, number, said};

const CRITICAL: &str = "interpretation.coding.exists(code = 'HH')";

impl Client {
    /// A trigger of the organisation; `more` goes over one that looks at critical flags.
    #[track_caller]
    fn trigger(&self, more: &Value) -> Value {
        let mut wish = json!({
            "name": "Potassium, critical", "resourceType": "Observation", "fhirPath": CRITICAL,
            "eventType": "lab.result.abnormal", "lane": "critical",
        });
        for (name, value) in more.as_object().unwrap() {
            wish[name] = value.clone();
        }
        self.story.api.post("/admin/triggers", &wish).json(201)
    }

    fn change(&self, trigger: &Value, name: &str, value: Value) -> crate::harness::Answer {
        let path = format!("/admin/triggers/{}", trigger["id"].as_str().unwrap());
        let mut wish = self.story.api.get(&path).json(200);
        // What is only shown is no setting.
        for shown in ["condition", "clauses", "topic"] {
            wish.as_object_mut().unwrap().remove(shown);
        }
        wish[name] = value;
        self.story.api.put(&path, &wish)
    }
}

#[test]
fn a_trigger_is_a_topic_that_is_found_filtered_and_told_of() {
    let client = Client::new();
    let trigger = client.trigger(&json!({}));
    let topic = trigger["topic"].as_str().unwrap();
    let metadata = client.get("metadata").json(200).to_string();
    assert!(metadata.contains(topic), "metadata lists it");
    let found = client.get(&format!("Basic?url={topic}")).json(200);
    assert_eq!(found["total"], 1, "{found}");
    let basic = &found["entry"][0]["resource"];
    assert!(basic.to_string().contains(CRITICAL), "{basic}");
    assert_eq!(client.get(&format!("Basic/{}", basic["id"].as_str().unwrap())).json(200), *basic);

    let filters = ["Observation?patient=Patient/p1&code=http://loinc.org|2823-3"];
    let id = client.active(&client.wish(topic, "id-only", |wish| filtered(wish, &filters)));
    let other = client.wish(topic, "id-only", |wish| filtered(wish, &["Observation?device=Device/1"]));
    client.post("Subscription", &other).json(422);
    client.result("r1", "p2");
    client.result("r2", "p1");
    let bundle = client.events(1).remove(0);
    assert_eq!((number(&bundle), said(&bundle, "topic").as_str()), (1, topic));
    assert_eq!(client.story.receiver.hits().len(), 1, "the flag of the sender itself is another topic's");
    let status = client.get(&format!("Subscription/{id}/$status")).json(200);
    assert_eq!(number(&status), 1, "what a filter refuses is not counted");
}

#[test]
fn a_trigger_that_would_only_repeat_an_event_lets_its_subscribers_hear_that_event() {
    let client = Client::new();
    let trigger = client.trigger(&json!({ "eventType": "lab.result.critical" }));
    client.active(&client.wish(trigger["topic"].as_str().unwrap(), "id-only", |_| {}));
    client.result("r1", "p1");
    assert_eq!(number(&client.events(1)[0]), 1);
    let listed = client.story.api.all(&format!("/admin/events?integrationId={}", client.integration));
    assert_eq!(listed.len(), 1, "{listed:?}");
}

#[test]
fn a_trigger_that_somebody_hears_is_neither_removed_nor_paused_and_its_condition_may_change() {
    let client = Client::new();
    let trigger = client.trigger(&json!({}));
    let topic = trigger["topic"].as_str().unwrap();
    let id = client.active(&client.wish(topic, "id-only", |_| {}));
    let path = format!("/admin/triggers/{}", trigger["id"].as_str().unwrap());
    let delete = || client.story.api.call("DELETE", &path, None);
    let refused = delete().json(409);
    assert_eq!(refused["code"], "in_use");
    assert!(refused["detail"].as_str().unwrap().contains(&format!("Subscription/{id}")), "{refused}");
    let elsewhere = client.story.integration("fhir", &json!({}));
    for (name, value) in [
        ("active", json!(false)),
        ("eventType", json!("lab.result.corrected")),
        ("integrationId", json!(elsewhere)),
        ("state", json!({ "kind": "absence", "within": "1h" })),
    ] {
        let answer = client.change(&trigger, name, value);
        let is_free = name == "state";
        assert_eq!(answer.status == 200, is_free, "{name}: {}", String::from_utf8_lossy(&answer.body));
    }
    client.change(&trigger, "state", json!({ "kind": "each" })).json(200);
    client.change(&trigger, "fhirPath", json!("interpretation.coding.exists(code = 'LL')")).json(200);
    client.result("r1", "p1");
    client.change(&trigger, "fhirPath", json!(CRITICAL)).json(200);
    client.result("r2", "p1");
    let bundle = client.events(1).remove(0);
    assert_eq!(number(&bundle), 1, "the condition of the first was another: {bundle}");

    let mut wish = client.get(&format!("Subscription/{id}")).json(200);
    wish["status"] = "off".into();
    client.put(&format!("Subscription/{id}"), &wish).json(200);
    delete().is(204);
    client.post("Subscription", &client.wish(topic, "id-only", |_| {})).json(422);
}

#[test]
fn a_client_sees_no_text_of_a_condition_and_no_trigger_that_cannot_fire_for_it() {
    let mut client = Client::speaking("5.0.0");
    let trigger = client.trigger(&json!({ "fhirPath": "subject.reference = 'Patient/MRN-1001'" }));
    let topic = trigger["topic"].as_str().unwrap().to_owned();
    let found = |client: &Client| client.get(&format!("SubscriptionTopic?url={topic}")).json(200);
    assert!(found(&client).to_string().contains("MRN-1001"), "staff see what they wrote");
    let key = json!({ "name": "app", "role": "subscriber", "integrationId": client.integration });
    let key = client.story.api.post("/admin/keys", &key).json(201);
    client.api = client.story.api.with_key(key["key"].as_str().unwrap());
    let shown = found(&client);
    assert_eq!(shown["total"], 1);
    assert!(!shown.to_string().contains("MRN-1001"), "{shown}");
    client.api = client.story.api.clone();
    for more in [
        json!({ "active": false }),
        json!({ "integrationId": client.story.integration("fhir", &json!({})) }),
        json!({ "fhirPath": null, "eventCodes": ["R01"] }),
    ] {
        let other = client.trigger(&more)["topic"].as_str().unwrap().to_owned();
        let found = client.get(&format!("SubscriptionTopic?url={other}")).json(200);
        assert_eq!(found["total"], 0, "{more}");
    }
}
