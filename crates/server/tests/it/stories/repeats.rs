use serde_json::{Value, json};

use crate::harness::{Answer, Api, Setting, critical, until};

/// Makes a webhook with an `Idempotency-Key`.
fn make(story: &Setting, integration: &str, key: &str, name: &str) -> Answer {
    let wish = json!({ "name": name, "url": story.receiver.url("/hook"), "eventTypes": ["lab.*"] });
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let path = format!("/admin/integration/{integration}/webhooks");
    story.api.send("POST", &path, &headers, wish.to_string().as_bytes()).unwrap()
}

#[test]
fn a_repeated_write_is_answered_the_same_after_a_kill_and_done_once() {
    let mut story = Setting::new();
    let integration = story.events();
    let first = make(&story, &integration, "one", "Portal");
    let secret = first.json(201)["signing"]["secret"].as_str().unwrap().to_owned();
    story.server.restart();
    let again = make(&story, &integration, "one", "Portal");
    assert_eq!((again.status, &again.body), (first.status, &first.body), "byte for byte");
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(make(&story, &integration, "one", "Other").json(422)["code"], "idempotency_mismatch");
    let all = story.api.get(&format!("/admin/integration/{integration}/webhooks")).json(200);
    assert_eq!(all.as_array().unwrap().len(), 1);
    assert!(secret.starts_with("whsec_"));
    for (path, bytes) in story.server.home.data_files() {
        let bare = secret.trim_start_matches("whsec_").as_bytes();
        assert!(!bytes.windows(bare.len()).any(|part| part == bare), "a secret in {}", path.display());
    }
}

/// Sends to a door with an `Idempotency-Key`.
fn keyed(story: &Setting, path: &str, kind: &str, body: &[u8]) -> Answer {
    let headers = [("content-type", kind), ("idempotency-key", "one")];
    story.api.send("POST", path, &headers, body).unwrap()
}

#[test]
fn events_under_a_key_are_taken_once_and_answered_the_same_after_a_kill() {
    let mut story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    let path = format!("/ingest/{integration}/events");
    let nameless = |mrn: &str| {
        let mut event = critical("a", mrn);
        event.as_object_mut().unwrap().remove("id");
        event
    };
    let two = json!([nameless("1001"), nameless("1002")]).to_string();
    let first = keyed(&story, &path, "application/json", two.as_bytes());
    first.json(202);
    story.server.restart();
    let again = keyed(&story, &path, "application/json", two.as_bytes());
    assert_eq!((again.status, &again.body), (first.status, &first.body), "byte for byte");
    let three = json!([nameless("1001"), nameless("1002"), nameless("1003")]).to_string();
    let other = keyed(&story, &path, "application/json", three.as_bytes()).json(409);
    assert_eq!((&other["code"], &other["field"]), (&json!("id_conflict"), &json!("Idempotency-Key")));
    assert!(other["fix"].is_string());
    assert_eq!(story.raised(&integration).len(), 2, "of the other call, nothing was taken");
    story.until_settled(&hook);
    // A delivery that the kill cut off from its settlement may come twice, under one id.
    let hits = story.receiver.wait_for(2);
    let ids: std::collections::BTreeSet<&str> = hits.iter().map(|hit| hit.id()).collect();
    assert_eq!(ids.len(), 2);
    let long = [("content-type", "application/json"), ("idempotency-key", &*"k".repeat(256))];
    let refused = story.api.send("POST", &path, &long, two.as_bytes()).unwrap().json(422);
    assert_eq!(refused["field"], "Idempotency-Key");
}

#[test]
fn messages_and_resources_under_a_key_are_taken_once_too() {
    let story = Setting::new();
    let (hl7, _) = story.hl7v2();
    let message =
        b"MSH|^~\\&|LAB|HOSP|||20260101093000||ADT^A01|q1|P|2.5.1\rPID|1||1001^^^HOSP^MR\rPV1|1|I\r";
    let path = format!("/ingest/{hl7}/hl7v2");
    let first = keyed(&story, &path, "application/hl7-v2", message);
    first.is(200);
    let again = keyed(&story, &path, "application/hl7-v2", message);
    assert_eq!(first.body, again.body, "the same acknowledgement, with its id and time");

    let fhir = story.integration("fhir", &json!({}));
    let patient = json!({ "resourceType": "Patient", "birthDate": "1970-01-01" }).to_string();
    let path = format!("/ingest/{fhir}/fhir/Patient");
    let first = keyed(&story, &path, "application/fhir+json", patient.as_bytes());
    // The key is the caller's, whatever it is sent to.
    assert_eq!(first.json(409)["resourceType"], "OperationOutcome");
    let create = |body: &str| {
        let headers = [("content-type", "application/fhir+json"), ("idempotency-key", "two")];
        story.api.send("POST", &path, &headers, body.as_bytes()).unwrap()
    };
    let (first, again) = (create(&patient), create(&patient));
    first.is(201);
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(story.raised(&fhir).len(), 1);
    create(&patient.replace("1970", "1971")).is(409);
    assert_eq!(story.raised(&fhir).len(), 1);
}

#[test]
fn every_door_answers_with_safe_headers_and_is_logged_by_its_template() {
    let story = Setting::new();
    let integration = story.events();
    let path = format!("/ingest/{integration}/events");
    let anybody = Api::new(story.api.address, "");
    let answers = [
        story.api.post(&path, &critical("a", "1001")),
        anybody.post(&path, &critical("b", "1001")),
        story.api.get(&path),
        anybody.get("/.well-known/jwks.json"),
        story.api.get("/no/such/address"),
    ];
    for (answer, status) in answers.iter().zip([202, 401, 405, 200, 404]) {
        answer.is(status);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert!(
            answer.header("cache-control").is_some() && answer.header("content-security-policy").is_some()
        );
    }
    let logged = until("the calls are logged", || {
        let log = std::fs::read_to_string(story.server.home.log()).unwrap();
        let lines: Vec<String> =
            log.lines().filter(|line| line.contains("/ingest/")).map(str::to_owned).collect();
        if lines.len() >= 3 { Ok(lines) } else { Err(log) }
    });
    assert!(logged.iter().all(|line| line.contains("/ingest/{integration}/events")), "{logged:?}");
    assert!(logged.iter().all(|line| !line.contains(&integration)), "{logged:?}");
}

#[test]
fn an_unknown_member_of_an_event_is_named_and_its_content_is_not() {
    let story = Setting::new();
    let integration = story.events();
    let mut event = critical("a", "1001");
    event["subject"]["mrn"] = json!("MRN-1001");
    let refused = story.send(&integration, &json!([critical("b", "1002"), event])).json(422);
    assert_eq!((&refused["code"], &refused["field"]), (&json!("unknown_field"), &json!("/1/subject/mrn")));
    assert!(!refused.to_string().contains("MRN-1001"));
    let refused: Value = story.send(&integration, &json!({ "type": "lab.result.critical" })).json(422);
    assert_eq!((&refused["code"], &refused["field"]), (&json!("invalid_field"), &json!("/data")));
}
