//! What a server's Subscription tells: taken in whole, fetched, and healed.

use fhir::notified;
use model::{Code, Problem};
use serde_json::{Value, json};

use super::ehr::{World, result};

/// A notification as R4 servers send it; events as (number, focus).
fn told(kind: &str, so_far: u64, events: &[(u64, &str)], resources: &[Value]) -> Value {
    let events = events.iter().map(|(number, focus)| {
        json!({"name": "notification-event", "part": [
            {"name": "event-number", "valueString": number.to_string()},
            {"name": "focus", "valueReference": {"reference": focus}}]})
    });
    let mut parameters = vec![
        json!({"name": "subscription", "valueReference": {"reference": "https://ehr.example/fhir/Subscription/s"}}),
        json!({"name": "status", "valueCode": "active"}),
        json!({"name": "type", "valueCode": kind}),
        json!({"name": "events-since-subscription-start", "valueString": so_far.to_string()}),
    ];
    parameters.extend(events);
    let mut entries = vec![json!({"resource": {"resourceType": "Parameters", "parameter": parameters}})];
    entries.extend(resources.iter().map(|resource| json!({"resource": resource})));
    json!({"resourceType": "Bundle", "type": "history", "entry": entries})
}

fn event(number: u64, focus: &str) -> Value {
    told("event-notification", number, &[(number, focus)], &[])
}

async fn hears(world: &World, notification: Value) -> Result<u64, Problem> {
    world.intake.take_notice(&world.integration, notified::read(&notification).unwrap()).await
}

async fn position(world: &World) -> Option<String> {
    world.position("notified:https://ehr.example/fhir/Subscription/s").await
}

#[tokio::test]
async fn what_is_only_named_is_fetched_and_what_came_along_is_not() {
    let world = World::reading(json!({})).await;
    hears(&world, told("handshake", 0, &[], &[])).await.unwrap();
    world.ehr.says(result("1", 1, "2026-01-01T11:10:00Z"));
    assert_eq!(hears(&world, event(1, "Observation/1")).await.unwrap(), 1);
    assert_eq!(world.ehr.paths(), ["Observation/1"]);

    let whole =
        told("event-notification", 2, &[(2, "Observation/2")], &[result("2", 1, "2026-01-01T11:11:00Z")]);
    assert_eq!(hears(&world, whole.clone()).await.unwrap(), 1);
    assert_eq!(hears(&world, whole).await.unwrap(), 0, "a notification may come twice");
    assert!(world.ehr.asked().is_empty());
    assert_eq!(position(&world).await.as_deref(), Some("2"));
    let raised = world.events().await;
    assert_eq!(raised.iter().filter(|name| *name == "lab.result.critical").count(), 2, "{raised:?}");
}

#[tokio::test]
async fn a_gap_is_healed_before_what_came_after_it() {
    let world = World::reading(json!({})).await;
    hears(&world, told("handshake", 4, &[], &[])).await.unwrap();
    world.ehr.says(told("query-event", 7, &[(5, "Observation/5"), (6, "Observation/6")], &[]));
    world.ehr.says(result("5", 1, "2026-01-01T11:10:00Z"));
    world.ehr.says(result("6", 1, "2026-01-01T11:11:00Z"));
    world.ehr.says(result("7", 1, "2026-01-01T11:12:00Z"));
    assert_eq!(hears(&world, event(7, "Observation/7")).await.unwrap(), 3);
    let healed = "Subscription/s/$events?eventsSinceNumber=5&eventsUntilNumber=6";
    assert_eq!(world.ehr.paths(), [healed, "Observation/5", "Observation/6", "Observation/7"]);
    assert_eq!(position(&world).await.as_deref(), Some("7"));
}

#[tokio::test]
async fn a_gap_that_cannot_be_healed_now_is_healed_by_the_next_heartbeat() {
    let world = World::reading(json!({})).await;
    hears(&world, told("handshake", 0, &[], &[])).await.unwrap();
    let whole =
        told("event-notification", 3, &[(3, "Observation/3")], &[result("3", 1, "2026-01-01T11:12:00Z")]);
    assert_eq!(hears(&world, whole).await.unwrap(), 1, "what came is taken although something is missing");
    assert_eq!(position(&world).await.as_deref(), Some("0"), "the server did not answer $events");
    world.ehr.asked();
    world.ehr.says(told(
        "query-event",
        3,
        &[(1, "Observation/1"), (2, "Observation/1"), (3, "Observation/3")],
        &[],
    ));
    world.ehr.says(result("1", 2, "2026-01-01T11:11:00Z"));
    world.ehr.says(result("3", 1, "2026-01-01T11:12:00Z"));
    assert_eq!(hears(&world, told("heartbeat", 3, &[], &[])).await.unwrap(), 1);
    assert_eq!(position(&world).await.as_deref(), Some("3"));
}

#[tokio::test]
async fn a_gap_at_a_server_without_events_is_left_to_the_searches_and_asked_for_once() {
    let world = World::reading(json!({})).await;
    hears(&world, told("handshake", 0, &[], &[])).await.unwrap();
    let whole = |n: u64| {
        let id = n.to_string();
        let focus = format!("Observation/{id}");
        told("event-notification", n, &[(n, &focus)], &[result(&id, 1, "2026-01-01T11:12:00Z")])
    };
    world.ehr.replies(501, None, String::new());
    assert_eq!(hears(&world, whole(3)).await.unwrap(), 1);
    world.intake.client(&world.integration).unwrap().nudged.notified().await;
    assert_eq!(hears(&world, whole(4)).await.unwrap(), 1);
    assert_eq!(world.ehr.paths(), ["Subscription/s/$events?eventsSinceNumber=1&eventsUntilNumber=2"]);
    assert_eq!(position(&world).await.as_deref(), Some("4"));

    let blind = World::reading(json!({"searches": []})).await;
    hears(&blind, told("handshake", 0, &[], &[])).await.unwrap();
    blind.ehr.replies(404, None, String::new());
    assert_eq!(hears(&blind, whole(3)).await.unwrap(), 1);
    assert_eq!(position(&blind).await.as_deref(), Some("3"));
    assert!(blind.events().await.contains(&"source.failed".to_owned()), "what is lost is told");
}

#[tokio::test]
async fn a_sender_hears_when_it_must_send_again_and_when_that_would_not_help() {
    let world = World::reading(json!({})).await;
    let refused = async |notification: Value| hears(&world, notification).await.unwrap_err();
    let problem = refused(event(1, "Observation/1")).await;
    assert_eq!(
        (problem.code, problem.retry_after),
        (Code::Overloaded, Some(30)),
        "the server does not answer"
    );
    assert_eq!(position(&world).await, None);
    let elsewhere = refused(event(1, "https://evil.example/fhir/Observation/1")).await;
    assert_eq!(elsewhere.code, Code::InvalidFhir);
    let conditional = refused(event(1, "Observation?code=1")).await;
    assert_eq!(conditional.code, Code::InvalidFhir);
    assert_eq!(world.ehr.paths(), ["Observation/1"], "nobody else was asked");

    world.ehr.replies(404, None, String::new());
    assert_eq!(hears(&world, event(1, "Observation/gone")).await.unwrap(), 0);
    assert_eq!(world.rejections().await, ["a notification names a resource that its server does not show"]);
}

#[tokio::test]
async fn a_notification_that_names_nothing_wakes_the_searches() {
    let world = World::reading(json!({})).await;
    let mut empty = told("event-notification", 1, &[(1, "")], &[]);
    empty["entry"][0]["resource"]["parameter"][4]["part"].as_array_mut().unwrap().pop();
    assert_eq!(hears(&world, empty.clone()).await.unwrap(), 0);
    let client = world.intake.client(&world.integration).unwrap();
    client.nudged.notified().await;

    let blind = World::reading(json!({"searches": []})).await;
    assert_eq!(hears(&blind, empty).await.unwrap_err().code, Code::NotSupported);
}
