use serde_json::{Value, json};

use crate::harness::{Obx, Oru, Setting};

const PREVIEW: &str = "/admin/changes/preview";

/// A laboratory with a webhook, and three results of which one is critical.
struct Laboratory {
    story: Setting,
    integration: String,
    hook: crate::harness::Hook,
}

impl Laboratory {
    fn new() -> Laboratory {
        let story = Setting::new();
        let (integration, port) = story.hl7v2();
        let hook = story.hook(&integration, &json!({ "eventTypes": ["lab.result.*", "vital.*"] }));
        for (number, patient, value, flag) in
            [("1", "A", "4.1", ""), ("2", "B", "6.2", "H"), ("3", "C", "7.1", "HH")]
        {
            let result = Obx { code: "K^Potassium^L", ..Obx::potassium(value, flag, "F") };
            story.mllp(port, &Oru::new(number, patient, &[result]).bytes());
        }
        story.until_settled(&hook);
        Laboratory { story, integration, hook }
    }

    fn preview(&self, change: &Value) -> Value {
        self.story.api.post(PREVIEW, change).json(200)
    }
}

fn trigger(limit: &str) -> Value {
    json!({
        "name": "Potassium", "resourceType": "Observation", "eventType": "vital.threshold_crossed",
        "fhirPath": format!("value > {limit} 'mmol/L'"), "state": { "kind": "each" },
    })
}

/// The kinds of the differences, in order.
fn kinds(told: &Value) -> Vec<&str> {
    told["samples"].as_array().unwrap().iter().filter_map(|one| one["kind"].as_str()).collect()
}

#[test]
fn what_a_change_would_make_of_yesterdays_messages_is_told_before_it_is_made() {
    let laboratory = Laboratory::new();
    let (api, integration) = (&laboratory.story.api, &laboratory.integration);
    let before = api.all("/admin/events").len();
    let delivered = laboratory.story.receiver.hits().len();

    let told = laboratory.preview(&json!({ "trigger": { "settings": trigger("6.0") } }));
    assert_eq!((&told["messages"], &told["complete"]), (&json!(3), &json!(true)), "{told}");
    assert_eq!(kinds(&told), ["anew", "anew"], "6.2 and 7.1");
    assert_eq!(told["samples"][0]["triggers"][0]["after"]["clauses"][0]["result"], "holds");
    assert!(told["samples"][0]["triggers"][0]["triggerName"].is_null(), "it is not saved yet");
    assert_eq!(told["samples"][0]["webhooks"][0]["after"]["outcome"], "matched");
    assert_eq!(told["deliveries"]["anew"], 2);

    let id = api.post("/admin/triggers", &trigger("6.0")).json(201)["id"].clone();
    let same = laboratory.preview(&json!({ "trigger": { "id": id, "settings": trigger("6.0") } }));
    assert_eq!((&same["differences"], &same["messages"]), (&json!(0), &json!(3)), "{same}");
    let stricter = laboratory.preview(&json!({ "trigger": { "id": id, "settings": trigger("7.0") } }));
    assert_eq!(kinds(&stricter), ["no_longer"], "{stricter}");

    let tables = json!({
        "codes": [{ "from": "K", "to": "2823-3" }], "flags": [{ "from": "H", "to": "HH" }],
    });
    let told = laboratory.preview(&json!({ "mapping": { "integrationId": integration, "tables": tables } }));
    let changed = told["samples"].as_array().unwrap().iter().filter(|one| one["kind"] == "changed");
    let types: Vec<(&str, &str)> = changed
        .filter_map(|one| Some((one["before"]["type"].as_str()?, one["after"]["type"].as_str()?)))
        .collect();
    assert!(types.contains(&("lab.result.abnormal", "lab.result.critical")), "{told}");

    let path = format!("/admin/integration/{integration}/webhooks/{}", laboratory.hook.id);
    let mut settings = api.get(&path).json(200);
    let webhook = |settings: &Value| {
        let (id, settings) = (&laboratory.hook.id, settings.clone());
        json!({ "webhook": { "integrationId": integration, "id": id, "settings": settings } })
    };
    assert_eq!(laboratory.preview(&webhook(&settings))["differences"], 0);
    settings["filter"] = json!("lane = 'critical'");
    let told = laboratory.preview(&webhook(&settings));
    assert_eq!(told["deliveries"]["same"], 1, "{told}");
    let routed = told["samples"].as_array().unwrap().iter().find(|one| one["kind"] == "routed").unwrap();
    assert_eq!(routed["webhooks"][0]["after"]["outcome"], "filtered");
    assert_eq!(routed["webhooks"][0]["webhookName"], settings["name"]);
    assert_eq!(
        routed["webhooks"][0]["after"]["clauses"][0],
        json!({ "text": "lane = 'critical'", "result": "fails" })
    );

    assert_eq!(api.all("/admin/events").len(), before, "nothing was stored");
    assert_eq!(laboratory.story.receiver.hits().len(), delivered, "nothing was sent");
    let listed = told["samples"].to_string();
    assert!(
        !listed.contains("Doe") && !listed.contains("6.2"),
        "nothing that a message says is told: {listed}"
    );
}

#[test]
fn fhir_resources_are_taken_in_again_as_what_they_were() {
    let story = Setting::new();
    let integration = story.integration("fhir", &json!({}));
    let result = |id: Option<&str>, value: f64| {
        let mut result = json!({
            "resourceType": "Observation", "status": "final", "subject": { "reference": "Patient/p" },
            "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
            "valueQuantity": { "value": value, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" },
        });
        if let Some(id) = id {
            result["id"] = json!(id);
        }
        result
    };
    let send = |method: &str, path: &str, body: &Value| {
        let json = [("content-type", "application/fhir+json")];
        let path = format!("/ingest/{integration}/fhir{path}");
        let answer = story.api.send(method, &path, &json, body.to_string().as_bytes()).unwrap();
        assert!(answer.status < 300, "{answer:?}");
    };
    send("POST", "/Observation", &result(None, 7.0));
    send("PUT", "/Observation/x", &result(Some("x"), 7.0));
    send("PUT", "/Observation/x", &result(Some("x"), 7.5));
    let entry =
        json!({ "resource": result(Some("y"), 7.2), "request": { "method": "PUT", "url": "Observation/y" } });
    send("POST", "", &json!({ "resourceType": "Bundle", "type": "transaction", "entry": [entry] }));
    send("DELETE", "/Observation/y", &json!({}));
    let created = json!({ "interactions": ["create"] });
    let mut settings = trigger("6.0");
    settings["interactions"] = created["interactions"].clone();
    let told = story.api.post(PREVIEW, &json!({ "trigger": { "settings": settings } })).json(200);
    assert_eq!((&told["messages"], &told["gone"]), (&json!(5), &json!(0)), "{told}");
    let anew = told["types"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["type"] == "vital.threshold_crossed")
        .unwrap();
    assert_eq!(
        anew["events"]["anew"], 3,
        "the three that were made, and not the one that was changed: {told}"
    );
}
