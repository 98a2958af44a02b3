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
