//! What a server must not be able to do to us.

use std::time::Duration;

use model::Readings as _;
use serde_json::json;

use super::ehr::{World, page, result};
use crate::reading::fault::Fault;

#[tokio::test]
async fn a_link_to_another_server_is_not_followed() {
    let world = World::reading(json!({})).await;
    for elsewhere in [
        "https://evil.example/fhir?page=2",
        "http://ehr.example/fhir",
        "https://ehr.example:8443/",
        "file:///etc/passwd",
    ] {
        world.ehr.says(page(&[], Some(elsewhere)));
        assert_eq!(world.reader().round().await.unwrap_err().code(), "left_server", "{elsewhere}");
    }
    assert!(world.ehr.asked().iter().all(|asked| asked.url.starts_with("https://ehr.example/")));
}

#[tokio::test]
async fn pages_without_end_end() {
    let world = World::reading(json!({})).await;
    let first = "https://ehr.example/fhir/Observation?_lastUpdated=ge2026-01-01T11:00:00.000Z&_sort=_lastUpdated&_count=100";
    world.ehr.says(page(&[], Some(first)));
    assert_eq!(world.reader().round().await.unwrap(), 0, "a page that leads to itself is the last");
    for number in 0..300 {
        world.ehr.says(page(&[], Some(&format!("?page={number}"))));
    }
    world.ehr.asked();
    world.reader().round().await.unwrap();
    assert_eq!(world.ehr.asked().len(), 200);
}

#[tokio::test]
async fn an_answer_that_is_none_is_a_failure_and_not_an_empty_page() {
    let world = World::reading(json!({})).await;
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    let twice = r#"{"resourceType":"Bundle","resourceType":"Bundle","type":"searchset"}"#.to_owned();
    for (status, body, code) in [
        (200, "<html>Please sign in</html>".to_owned(), "unreadable"),
        (200, deep, "unreadable"),
        (200, twice, "unreadable"),
        (200, json!({"resourceType": "OperationOutcome"}).to_string(), "unreadable"),
        (302, String::new(), "redirect_refused"),
        (403, String::new(), "http_401_403"),
        (404, String::new(), "http_4xx"),
        (500, String::new(), "http_5xx"),
    ] {
        world.ehr.replies(status, None, body);
        assert_eq!(world.reader().round().await.unwrap_err().code(), code, "{status}");
    }
    assert_eq!(world.position("Observation").await, None);
}

#[tokio::test]
async fn a_clock_that_runs_ahead_makes_nothing_be_skipped_later() {
    let world = World::reading(json!({})).await;
    world.ehr.says(page(&[result("1", 1, "9999-12-30T00:00:00Z")], None));
    world.reader().round().await.unwrap();
    assert_eq!(world.position("Observation").await.as_deref(), Some("2026-01-01T12:05:00.000Z"));
}

#[tokio::test]
async fn what_cannot_be_taken_in_is_listed_and_holds_up_nothing() {
    let world = World::reading(json!({})).await;
    let broken = json!({"resourceType": "Observation", "id": "2", "meta": {"lastUpdated": "2026-01-01T11:11:00Z"}, "status": "final"});
    let nameless = json!({"resourceType": "Patient", "meta": {"lastUpdated": "2026-01-01T11:12:00Z"}});
    world.ehr.says(page(&[result("1", 1, "2026-01-01T11:10:00Z"), broken, nameless], None));
    let mut reader = world.reader();
    assert_eq!(reader.round().await.unwrap(), 1);
    assert_eq!(world.position("Observation").await.as_deref(), Some("2026-01-01T11:12:00.000Z"));
    let mut rejections = world.rejections().await;
    rejections.sort();
    assert_eq!(rejections, ["Observation.code is missing", "id is missing"]);
}

#[tokio::test]
async fn a_server_that_asks_for_time_gets_it_and_the_budget_holds() {
    let world = World::reading(json!({"requestsPerHour": 3})).await;
    let mut reader = world.reader();
    world.ehr.replies(429, Some(Duration::from_secs(120)), String::new());
    let busy = reader.round().await;
    assert_eq!(busy.as_ref().unwrap_err().code(), "http_429");
    let (failures, next) = reader.client.ended(&busy);
    assert_eq!(
        (failures, next.to_string().as_str()),
        (1, "2026-01-01T12:30:00.000Z"),
        "what is left is spread over the hour"
    );
    assert!(matches!(reader.round().await, Err(Fault::Quota(wait)) if wait == Duration::from_secs(120)));
    assert_eq!(world.ehr.asked().len(), 1, "it was not asked again");

    world.clock.advance(Duration::from_secs(120));
    for _ in 0..2 {
        world.ehr.says(page(&[], None));
        let quiet = reader.round().await;
        reader.client.ended(&quiet);
    }
    assert!(matches!(reader.round().await, Err(Fault::Quota(_))));
    let reading = world.intake.reading(world.integration.id).unwrap();
    assert_eq!((reading.requests_left, reading.failures, reading.error), (0, 0, None));
    assert_eq!(reading.last_success_at.unwrap().to_string(), "2026-01-01T12:02:00.000Z");
}
