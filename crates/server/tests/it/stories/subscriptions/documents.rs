//! Submission sets and folders of IHE's document sharing (MHD), by the topics of `DSUBm`.

use serde_json::{Value, json};

use super::client::{Client, filtered, number, parts};

const TOPICS: &str = "https://profiles.ihe.net/ITI/DSUBm/SubscriptionTopic/DSUBm-SubscriptionTopic-";
const TYPES: &str = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes";
const EXTENSION: &str = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/";

fn list(code: &str, id: &str, documents: &[&str]) -> Value {
    let item = |id: &&str| json!({ "item": { "reference": format!("DocumentReference/{id}") } });
    json!({
        "resourceType": "List", "id": id, "status": "current", "mode": "working",
        "code": { "coding": [{ "system": TYPES, "code": code }] }, "subject": { "reference": "Patient/p1" },
        "extension": [
            { "url": format!("{EXTENSION}ihe-sourceId"), "valueIdentifier": { "value": "urn:oid:1.2.3" } },
            { "url": format!("{EXTENSION}ihe-designationType"),
              "valueCodeableConcept": { "coding": [{ "system": "http://loinc.org", "code": "34133-9" }] } },
        ],
        "date": "2026-01-01T10:00:00Z", "entry": documents.iter().map(item).collect::<Vec<_>>(),
    })
}

fn patient(client: &Client) {
    let patient = json!({
        "resourceType": "Patient", "id": "p1", "identifier": [{ "system": "urn:oid:1.9", "value": "1001" }],
    });
    client.bring("Patient", "p1", &patient);
}

/// The ids of what notifications are about.
fn focuses(bundles: &[Value]) -> Vec<String> {
    let reference = |bundle: &Value| parts(bundle, "focus").remove(0)["valueReference"]["reference"].clone();
    let ids = bundles.iter().map(reference);
    ids.map(|id| id.as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect()
}

/// How many events were counted for a Subscription.
fn count(client: &Client, id: &str) -> u64 {
    number(&client.get(&format!("Subscription/{id}/$status")).json(200))
}

#[test]
fn each_topic_of_folders_tells_of_the_changes_that_it_is_about() {
    let client = Client::new();
    patient(&client);
    let subscribe = |topic: &str| {
        client.active(&client.wish(&format!("{TOPICS}{topic}"), "id-only", |wish| {
            filtered(wish, &["List?code=folder&patient.identifier=urn:oid:1.9|1001"]);
        }))
    };
    let topics = [
        "Basic-Folder-Subscription",
        "Folder-Subscription-MinUpdateOpt",
        "Folder-Subscription-UpdateOpt",
        "Folder-Subscription-for-Full-Events",
        "Folder-MultiPatient-AllEvents",
        "SubmissionSet-PatientDependent",
    ];
    let [basic, minimal, update, full, many, sets] = topics.map(subscribe);
    let mut folder = list("folder", "f1", &["a", "b"]);
    client.bring("List", "f1", &folder);
    folder = list("folder", "f1", &["b", "c"]); // One put in, one taken out: one change.
    client.bring("List", "f1", &folder);
    client.bring("List", "f1", &folder); // Nothing new.
    folder["title"] = "Cardiology".into();
    client.bring("List", "f1", &folder);
    folder["status"] = "retired".into();
    client.bring("List", "f1", &folder);
    folder["entry"] = json!([{ "item": { "reference": "DocumentReference/c" } }]);
    client.bring("List", "f1", &folder);
    let counted = [&basic, &minimal, &update, &full, &many, &sets].map(|id| count(&client, id));
    assert_eq!(counted, [2, 4, 5, 5, 5, 0]);
    client.events(21);

    client.remove("List", "f1");
    assert_eq!((count(&client, &full), count(&client, &many)), (6, 6), "what is deleted is told as well");
}

#[test]
fn submission_sets_are_found_by_their_filters_and_other_lists_are_told_to_nobody() {
    let client = Client::new();
    patient(&client);
    let subscribe = |filter: &str| {
        client.active(&client.wish(&format!("{TOPICS}SubmissionSet-MultiPatient"), "full-resource", |wish| {
            filtered(wish, &[filter]);
        }))
    };
    let fitting = subscribe(&format!("List?code={TYPES}|submissionset&sourceId=urn:oid:1.2.3"));
    let designated = subscribe("List?designationType=http://loinc.org|34133-9&date=ge2026-01-01");
    let other = subscribe("List?sourceId=urn:oid:9");
    client.bring("List", "s1", &list("submissionset", "s1", &["a"]));
    let told = client.events(2);
    assert_eq!(focuses(&told), ["s1", "s1"]);
    assert_eq!(told[0]["entry"][1]["resource"]["extension"][0]["valueIdentifier"]["value"], "urn:oid:1.2.3");

    let mut allergies = list("submissionset", "l1", &["a"]);
    allergies["code"] = json!({ "coding": [{ "system": "http://loinc.org", "code": "48765-2" }] });
    client.bring("List", "l1", &allergies);
    assert_eq!([&fitting, &designated, &other].map(|id| count(&client, id)), [1, 1, 0]);
    let listed = client.story.api.all("/admin/events");
    let types = listed.iter().map(|event| event["type"].as_str().unwrap());
    let count_of = |name| types.clone().filter(|known| *known == name).count();
    assert_eq!(count_of("document.submission_set.created"), 1);
    assert_eq!(count_of("x.fhir.list"), 1, "what fired for nobody is listed as well");
}

#[test]
fn the_topic_of_one_patient_asks_for_that_patient() {
    let client = Client::new();
    let topic = format!("{TOPICS}SubmissionSet-PatientDependent");
    let refused = client.post("Subscription", &client.wish(&topic, "empty", |_| {})).json(422);
    let why = refused.to_string();
    assert!(why.contains("patient or patient.identifier"), "{why}");
    let chained = client.wish(&topic, "empty", |wish| {
        filtered(wish, &["List?patient=Patient/p1&source.given=Ada"]);
    });
    let refused = client.post("Subscription", &chained).json(422);
    assert!(refused.to_string().contains("source.given"), "{refused}");
}
