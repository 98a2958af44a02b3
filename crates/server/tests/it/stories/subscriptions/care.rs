//! What belongs to care: patients, teams, appointments, plans, tasks and consents as topics.

use serde_json::{Value, json};

use super::client::{Client, parts, said};

fn resource(kind: &str, id: &str, more: Value) -> Value {
    let mut resource = json!({ "resourceType": kind, "id": id });
    resource.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    resource
}

#[test]
fn every_change_of_what_belongs_to_care_reaches_whoever_asked_for_it() {
    let client = Client::new();
    let patient = json!({ "reference": "Patient/p1" });
    let by_patient = |topic: &str| {
        client.active(&client.wish(&format!("urn:carehook:topic:{topic}"), "id-only", |wish| {
            if topic != "patient" {
                super::client::filtered(wish, &["patient=Patient/p1"]);
            }
        }))
    };
    for topic in ["patient", "care-team", "appointment", "care-plan", "task", "consent"] {
        by_patient(topic);
    }
    let brought = [
        resource("Patient", "p1", json!({ "identifier": [{ "system": "urn:a", "value": "1" }] })),
        resource("CareTeam", "t1", json!({ "status": "active", "subject": patient })),
        resource(
            "Appointment",
            "a1",
            json!({ "status": "booked", "participant": [{ "actor": patient, "status": "accepted" }] }),
        ),
        resource("CarePlan", "c1", json!({ "status": "active", "intent": "plan", "subject": patient })),
        resource("Goal", "g1", json!({ "lifecycleStatus": "active", "subject": patient })),
        resource(
            "Task",
            "k1",
            json!({ "status": "requested", "intent": "order", "for": patient, "owner": { "reference": "Practitioner/1" } }),
        ),
        resource("Consent", "n1", json!({ "status": "active", "patient": patient })),
    ];
    for one in &brought {
        client.bring(one["resourceType"].as_str().unwrap(), one["id"].as_str().unwrap(), one);
    }
    let mut other = brought[5].clone();
    (other["id"], other["for"]) = ("k2".into(), json!({ "reference": "Patient/p2" }));
    client.bring("Task", "k2", &other);
    client.remove("Task", "k1");
    let mut reached = brought[4].clone();
    reached["lifecycleStatus"] = "completed".into();
    client.bring("Goal", "g1", &reached);

    // The first version of a goal tells nobody, the deletion of a task whoever asked for that patient's.
    let told = client.events(brought.len() + 1);
    let mut told: Vec<String> =
        told.iter().map(|bundle| format!("{} {}", topic(bundle), kind(bundle))).collect();
    told.sort();
    let expected = [
        "appointment Appointment",
        "care-plan CarePlan",
        "care-plan Goal",
        "care-team CareTeam",
        "consent Consent",
        "patient Patient",
        "task Task",
        "task Task",
    ];
    assert_eq!(
        told, expected,
        "a task of somebody else is told to nobody, one that is gone to whoever had it"
    );
}

fn topic(bundle: &Value) -> String {
    said(bundle, "topic").rsplit(':').next().unwrap().to_owned()
}

/// The type of the resource that a notification is about.
fn kind(bundle: &Value) -> String {
    let reference = parts(bundle, "focus").remove(0)["valueReference"]["reference"].clone();
    reference.as_str().unwrap().rsplit('/').nth(1).unwrap().to_owned()
}

#[test]
fn n1_a_critical_finding_that_is_no_result_of_a_laboratory_has_a_topic() {
    let client = Client::new();
    client.active(&client.wish("urn:carehook:topic:critical-finding", "id-only", |_| {}));
    for (id, category, flag) in [("e1", "exam", "AA"), ("e2", "exam", "A"), ("v1", "vital-signs", "LL")] {
        let mut observation = client.observation(id, "p1");
        observation["category"][0]["coding"][0]["code"] = category.into();
        observation["interpretation"][0]["coding"][0]["code"] = flag.into();
        client.bring("Observation", id, &observation);
    }
    client.events(2);
    let listed = client.story.api.all("/admin/events");
    let critical = listed.iter().filter(|event| event["type"] == "observation.critical");
    assert!(critical.clone().all(|event| event["lane"] == "critical"));
    assert_eq!(critical.count(), 2);
}
