use serde_json::{Value, json};

use crate::harness::{Gate, Hit, Obx, Oru, Reply, Setting, adt, critical};

fn pseudonym(hit: &Hit) -> String {
    hit.json()["subject"]["pseudonym"].as_str().expect("a pseudonym").to_owned()
}

#[test]
fn p1_two_hospitals_with_the_same_number_never_share_a_pseudonym() {
    let story = Setting::new();
    let integration = story.events();
    let other = story.events();
    let hook = story.hook(&integration, &json!({ "profile": "reference", "sources": "*" }));
    let of = |id: &str, system: Option<&str>| {
        let mut event = critical(id, "1001");
        event["subject"] = match system {
            Some(system) => json!({ "system": system, "id": "1001" }),
            None => json!({ "id": "1001" }),
        };
        event
    };
    story.accept(&integration, &of("north", Some("urn:north:mrn")));
    story.accept(&integration, &of("south", Some("urn:south:mrn")));
    story.accept(&integration, &of("north-again", Some("urn:north:mrn")));
    story.accept(&integration, &of("own", None));
    story.accept(&other, &of("other", None));
    story.until_settled(&hook);
    let mut hits = story.receiver.wait_for(5);
    let text = String::from_utf8_lossy(&hits[0].body).into_owned();
    assert!(!text.contains("1001"), "a reference carries no identifier: {text}");
    let order = |hit: &Hit| hit.json()["received"].as_str().unwrap().to_owned();
    hits.sort_by_key(|hit| (order(hit), hit.id().to_owned()));
    let names: Vec<String> = hits.iter().map(pseudonym).collect();
    assert_eq!(names[0], names[2], "the same person keeps a pseudonym");
    let different: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(different.len(), 4, "two assigners, and two integrations of their own: {names:?}");
}

#[test]
fn p1_two_recipients_know_a_patient_by_different_pseudonyms() {
    let story = Setting::new();
    let integration = story.events();
    story.hook(&integration, &json!({ "profile": "reference", "url": story.receiver.url("/one") }));
    story.hook(&integration, &json!({ "profile": "reference", "url": story.receiver.url("/two") }));
    story.accept(&integration, &critical("lab-1", "1001"));
    let hits = story.receiver.wait_for(2);
    assert_ne!(pseudonym(&hits[0]), pseudonym(&hits[1]));
}

#[test]
fn p1_the_assigner_of_a_v2_number_is_part_of_it() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    story.hook(&integration, &json!({ "eventTypes": ["lab.result.critical"] }));
    for facility in ["NORTH", "SOUTH"] {
        let mut message = Oru::new(&format!("MSG-{facility}"), "1001", &[Obx::potassium("6.9", "HH", "F")]);
        message.facility = facility;
        story.mllp(port, &message.bytes());
    }
    let hits = story.receiver.wait_for(2);
    let systems: Vec<Value> = hits.iter().map(|hit| hit.json()["subject"]["system"].clone()).collect();
    assert_ne!(systems[0], systems[1], "one number, two people: {systems:?}");
}

#[test]
fn p1_a_report_number_without_an_assigner_belongs_to_one_patient_of_one_facility() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    story.hook(&integration, &json!({ "profile": "reference", "eventTypes": ["lab.result.critical"] }));
    for (facility, mrn) in [("NORTH", "1001"), ("NORTH", "1002"), ("SOUTH", "1001")] {
        let control = format!("MSG-{facility}-{mrn}");
        let mut message = Oru::new(&control, mrn, &[Obx::potassium("6.9", "HH", "F")]);
        message.facility = facility;
        message.report = "LAB-1".to_owned();
        story.mllp(port, &message.bytes());
    }
    let hits = story.receiver.wait_for(3);
    let objects: std::collections::BTreeSet<String> =
        hits.iter().map(|hit| hit.json()["object"]["pseudonym"].to_string()).collect();
    assert_eq!(objects.len(), 3, "three reports of one number");
    assert!(hits.iter().all(|hit| hit.json()["sequence"] == 1), "and none continues another");
}

/// Sends a resource to a FHIR integration.
#[track_caller]
fn put(story: &Setting, integration: &str, resource: &Value) {
    let path = format!(
        "/ingest/{integration}/fhir/{}/{}",
        resource["resourceType"].as_str().unwrap(),
        resource["id"].as_str().unwrap()
    );
    let json = [("content-type", "application/fhir+json")];
    let taken = story.api.send("PUT", &path, &json, resource.to_string().as_bytes()).unwrap();
    assert!(matches!(taken.status, 200 | 201), "{}", taken.status);
}

fn person(id: &str, mrn: &str) -> Value {
    let number = json!({
        "type": { "coding": [{ "code": "MR" }] }, "system": "urn:north:mrn", "value": mrn
    });
    json!({ "resourceType": "Patient", "id": id, "identifier": [number] })
}

fn potassium_of(id: &str, patient: &str) -> Value {
    json!({
        "resourceType": "Observation", "id": id, "status": "final",
        "category": [{ "coding": [{ "code": "laboratory" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
        "subject": { "reference": format!("Patient/{patient}") },
        "valueQuantity": { "value": 6.9, "unit": "mmol/L" },
        "interpretation": [{ "coding": [{ "code": "HH" }] }]
    })
}

#[test]
fn p1_a_reference_to_a_patient_who_came_before_is_the_patients_own_number() {
    let story = Setting::new();
    let integration = story.integration("fhir", &json!({}));
    let wanted = json!({ "profile": "reference", "sources": "*", "eventTypes": ["lab.result.critical"] });
    story.hook(&integration, &wanted);
    put(&story, &integration, &person("1", "1001"));
    put(&story, &integration, &potassium_of("k-1", "1"));
    let other = story.events();
    story.accept(&other, &critical("lab-1", "1001"));
    story.accept(&other, &critical("lab-2", "1"));
    let hits = story.receiver.wait_for(3);
    let of = |integration: &str| {
        let names = hits.iter().filter(|hit| hit.json()["integrationId"] == integration).map(pseudonym);
        names.collect::<std::collections::BTreeSet<String>>()
    };
    assert!(of(&other).is_superset(&of(&integration)), "by whichever door, one person has one pseudonym");
    assert_eq!(of(&other).len(), 2, "and the id of a resource is nobody's number");
}

#[test]
fn p1_a_patient_who_comes_later_is_linked_to_what_was_known_by_the_id() {
    let story = Setting::new();
    let integration = story.integration("fhir", &json!({}));
    let wanted = json!({ "ordering": "subject", "eventTypes": ["lab.result.*"], "timeout": "60s" });
    let hook = story.hook(&integration, &wanted);
    let gate = Gate::default();
    let held = gate.clone();
    story.receiver.answer(move |_| Reply::After(held.clone()));
    put(&story, &integration, &potassium_of("k-1", "1"));
    let first = story.receiver.wait_for(1).remove(0).json();
    assert_eq!(first["subject"]["id"], "1", "until then the id is all that is known");
    put(&story, &integration, &person("1", "1001"));
    put(&story, &integration, &potassium_of("k-2", "1"));
    assert_eq!(hook.until_deliveries("held", 1)[0]["held"], "ordering", "one person, one order");
    let mut corrected = potassium_of("k-1", "1");
    corrected["status"] = json!("corrected");
    corrected["valueQuantity"]["value"] = json!(4.4);
    corrected["interpretation"] = json!([{ "coding": [{ "code": "N" }] }]);
    put(&story, &integration, &corrected);
    gate.open();
    let hits = story.receiver.wait_for(3);
    assert_eq!(hits[1].json()["subject"]["id"], "1001");
    assert_eq!(
        hits[2].json()["replaces"],
        first["id"],
        "what was told under the id is corrected under the number"
    );
}

/// Sends a Bundle to a FHIR integration; what it is answered.
#[track_caller]
fn bundle(story: &Setting, integration: &str, kind: &str, entries: &Value) -> Value {
    let bundle = json!({ "resourceType": "Bundle", "type": kind, "entry": entries });
    story.api.post(&format!("/ingest/{integration}/fhir"), &bundle).json(200)
}

#[test]
fn p1_an_entry_that_names_its_patient_by_a_placeholder_is_about_that_patient_and_no_other() {
    let story = Setting::new();
    let integration = story.integration("fhir", &json!({}));
    let hook = story.hook(&integration, &json!({ "eventTypes": ["lab.result.critical", "patient.created"] }));
    let new = |full_url: &str, resource: Value| {
        let request = json!({ "method": "POST", "url": resource["resourceType"] });
        json!({ "fullUrl": full_url, "resource": resource, "request": request })
    };
    let result = |n: u8| {
        let mut result = potassium_of("any", "x");
        result["subject"]["reference"] = json!("urn:uuid:9b");
        new(&format!("urn:uuid:k{n}"), result)
    };
    for n in 1..=2 {
        let nameless = new("urn:uuid:9b", json!({ "resourceType": "Patient" }));
        bundle(&story, &integration, "transaction", &json!([nameless, result(n)]));
    }
    story.until_settled(&hook);
    let hits = story.receiver.wait_for(4);
    let of = |name: &str| {
        let told = hits.iter().filter(|hit| hit.event_type() == name);
        told.map(|hit| hit.json()["subject"]["id"].to_string())
            .collect::<std::collections::BTreeSet<String>>()
    };
    assert_eq!(of("patient.created").len(), 2, "two transactions, two people");
    assert_eq!(of("patient.created"), of("lab.result.critical"), "and each result is about its own");
}

#[test]
fn p1_an_entry_that_names_its_patient_by_an_address_is_about_the_patients_own_number() {
    let story = Setting::new();
    let integration = story.integration("fhir", &json!({}));
    let hook = story.hook(&integration, &json!({ "eventTypes": ["lab.result.critical"] }));
    let put = |full_url: &str, url: &str, mut resource: Value| {
        resource.as_object_mut().unwrap().remove("id");
        json!({ "fullUrl": full_url, "resource": resource, "request": { "method": "PUT", "url": url } })
    };
    let patient = put("http://x.example/fhir/Patient/77", "Patient/77", person("77", "M77"));
    for (n, reference) in ["http://x.example/fhir/Patient/77", "Patient/77"].into_iter().enumerate() {
        let mut result = potassium_of("any", "x");
        result["subject"]["reference"] = json!(reference);
        let result = put(&format!("urn:uuid:{n}"), &format!("Observation/k-{n}"), result);
        bundle(&story, &integration, "transaction", &json!([patient, result]));
    }
    story.until_settled(&hook);
    let subjects = story.receiver.wait_for(2);
    let subjects: Vec<Value> = subjects.iter().map(|hit| hit.json()["subject"]["id"].clone()).collect();
    assert_eq!(subjects, [json!("M77"), json!("M77")]);
}

#[test]
fn what_is_wrong_in_a_batch_is_answered_in_its_place_and_kept_while_the_rest_is_taken() {
    let story = Setting::new();
    let integration = story.integration("fhir", &json!({}));
    let put = |resource: Value| {
        let url =
            format!("{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
        json!({ "resource": resource, "request": { "method": "PUT", "url": url } })
    };
    let mut broken = potassium_of("k-1", "1");
    broken["status"] = json!("done");
    let entries = json!([put(person("1", "1001")), put(broken), put(potassium_of("k-2", "1"))]);
    let answer = bundle(&story, &integration, "batch", &entries);
    let status = |n: usize| answer["entry"][n]["response"]["status"].as_str().unwrap().to_owned();
    assert_eq!([status(0), status(1), status(2)], ["201 Created", "422", "201 Created"]);
    let why = answer["entry"][1]["response"]["outcome"]["issue"][0]["diagnostics"].as_str().unwrap();
    assert!(why.starts_with("Bundle.entry[1].resource.Observation.status"), "{why}");
    assert!(story.raised(&integration).contains(&"lab.result.critical".to_owned()));
    assert_eq!(story.api.all(&format!("/admin/rejections?integrationId={integration}")).len(), 1);
}

#[test]
fn p2_the_event_of_a_message_is_msh_9_whatever_evn_says() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    // The message says A08 in EVN-1, as many senders do.
    story.mllp(port, &adt("A01", "ADT-1", "1001", "I"));
    let raised = story.raised(&integration);
    assert!(raised.contains(&"encounter.admitted".to_owned()), "{raised:?}");
}

#[test]
fn p3_an_emergency_arrival_is_an_admission_and_other_a04_a_registration() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    story.mllp(port, &adt("A04", "ADT-1", "1001", "E"));
    let raised = story.raised(&integration);
    assert!(raised.contains(&"encounter.admitted".to_owned()), "{raised:?}");
    assert!(!raised.contains(&"encounter.registered".to_owned()), "{raised:?}");
    story.mllp(port, &adt("A04", "ADT-2", "1002", "O"));
    let raised = story.raised(&integration);
    assert!(raised.contains(&"encounter.registered".to_owned()), "{raised:?}");
}

#[test]
fn p3_a_pre_admission_a_change_of_class_and_a_persons_record_are_told() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    for (number, trigger) in ["A28", "A05", "A01", "A07", "A06"].into_iter().enumerate() {
        let class = if trigger == "A07" { "O" } else { "I" };
        story.mllp(port, &adt(trigger, &format!("ADT-{number}"), "1001", class));
    }
    let moved = String::from_utf8(adt("A31", "ADT-9", "1001", "N")).unwrap().replace("Doe^1001", "Roe^1001");
    story.mllp(port, moved.as_bytes());
    let expected = [
        "patient.created",
        "encounter.pre_admitted",
        "encounter.admitted",
        "encounter.class_changed",
        "encounter.class_changed",
        "patient.updated",
    ];
    assert_eq!(story.raised(&integration), expected);
}

#[test]
fn p3_an_update_that_changes_nothing_raises_no_update() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    story.mllp(port, &adt("A01", "ADT-1", "1001", "I"));
    let count = |kind: &str| story.raised(&integration).iter().filter(|raised| *raised == kind).count();
    story.mllp(port, &adt("A08", "ADT-2", "1001", "I"));
    assert_eq!(count("patient.updated"), 0, "{:?}", story.raised(&integration));
    let moved = String::from_utf8(adt("A08", "ADT-3", "1001", "I")).unwrap().replace("Doe^1001", "Roe^1001");
    story.mllp(port, moved.as_bytes());
    assert_eq!(count("patient.updated"), 1, "{:?}", story.raised(&integration));
    assert_eq!(count("encounter.admitted"), 1, "an update begins no stay");
}

#[test]
fn t1_test_messages_go_only_to_webhooks_that_accept_tests() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let strict = story.hook(&integration, &json!({ "url": story.receiver.url("/live") }));
    let open = story.hook(&integration, &json!({ "url": story.receiver.url("/open"), "acceptTest": true }));
    let mut message = Oru::new("MSG-1", "1001", &[Obx::potassium("6.9", "HH", "F")]);
    message.processing = "T";
    story.mllp(port, &message.bytes());
    let hit = story.receiver.wait_for(1).remove(0);
    assert_eq!((hit.path(), &hit.json()["test"]), ("/open", &json!(true)));
    let event = hit.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(story.reason(&event, &strict).as_deref(), Some("test_refused"));

    let trial = story.integration("events", &json!({ "environment": "test" }));
    let trial_hook = story.hook(&trial, &json!({ "url": story.receiver.url("/trial") }));
    let event = story.accept(&trial, &critical("lab-1", "1001"));
    assert_eq!(
        story.reason(&event, &trial_hook).as_deref(),
        Some("test_refused"),
        "an integration for tests"
    );
    let live = story.events();
    let live_hook = story.hook(&live, &json!({ "url": story.receiver.url("/marked") }));
    let mut marked = critical("lab-1", "1001");
    marked["test"] = json!(true);
    let event = story.accept(&live, &marked);
    assert_eq!(
        story.reason(&event, &live_hook).as_deref(),
        Some("test_refused"),
        "an event marked by its sender"
    );

    story.until_settled(&open);
    assert!(story.receiver.hits().iter().all(|hit| hit.path() == "/open"));
    assert_eq!(open.status()["delivered24h"], 0, "tests stay out of the statistics");
}
