//! Polling: what changed, once, in order, from where it was left.

use serde_json::{Value, json};

use super::ehr::{World, page, result};

const FIRST: &str = "Observation?_lastUpdated=ge2026-01-01T11:00:00.000Z&_sort=_lastUpdated&_count=100";

#[tokio::test]
async fn a_round_reads_page_after_page_and_the_next_goes_on_from_there() {
    let world = World::reading(json!({})).await;
    let mut reader = world.reader();
    world.ehr.says(page(
        &[result("1", 1, "2026-01-01T11:10:00Z"), result("2", 1, "2026-01-01T11:11:00Z")],
        Some("?page=2"),
    ));
    world.ehr.says(page(&[result("3", 1, "2026-01-01T11:12:00Z")], None));
    assert_eq!(reader.round().await.unwrap(), 3);
    assert_eq!(world.ehr.paths(), [FIRST, "Observation?page=2"]);
    let raised = world.events().await;
    assert_eq!(raised.iter().filter(|name| *name == "lab.result.critical").count(), 3, "{raised:?}");
    assert_eq!(world.position("Observation").await.as_deref(), Some("2026-01-01T11:12:00.000Z"));

    // The next search looks back a little: what it finds again raises nothing, a new version does.
    world
        .ehr
        .says(page(&[result("3", 1, "2026-01-01T11:12:00Z"), result("1", 2, "2026-01-01T11:20:00Z")], None));
    assert_eq!(reader.round().await.unwrap(), 1);
    assert_eq!(world.ehr.paths(), [FIRST.replace("11:00:00", "11:07:00")]);
    assert_eq!(world.position("Observation").await.as_deref(), Some("2026-01-01T11:20:00.000Z"));
}

#[tokio::test]
async fn after_a_restart_nothing_is_missed_and_nothing_comes_twice() {
    let mut world = World::reading(json!({})).await;
    world.ehr.says(page(&[result("1", 1, "2026-01-01T11:10:00Z")], Some("?page=2")));
    assert!(world.reader().round().await.is_err(), "the second page is not answered");
    let before = world.events().await;
    world.restart().await;
    let again = [result("1", 1, "2026-01-01T11:10:00Z"), result("2", 1, "2026-01-01T11:10:00Z")];
    world.ehr.says(page(&again, None));
    assert_eq!(world.reader().round().await.unwrap(), 1, "only the second is new");
    assert_eq!(world.ehr.paths().last().unwrap(), &FIRST.replace("11:00:00", "11:05:00"));
    assert_eq!(world.events().await.len(), before.len() * 2);
}

#[tokio::test]
async fn pages_that_are_not_in_order_move_the_position_only_when_all_were_read() {
    let world = World::reading(json!({})).await;
    world.ehr.says(page(
        &[result("1", 1, "2026-01-01T11:30:00Z"), result("2", 1, "2026-01-01T11:10:00Z")],
        Some("?page=2"),
    ));
    assert!(world.reader().round().await.is_err());
    assert_eq!(world.position("Observation").await, None, "an older one may be on the page that is missing");
    assert!(!world.events().await.is_empty(), "what was read is taken all the same");
    world.ehr.says(page(&[result("1", 1, "2026-01-01T11:30:00Z")], Some("?page=2")));
    world.ehr.says(page(&[result("3", 1, "2026-01-01T11:20:00Z")], None));
    world.reader().round().await.unwrap();
    assert_eq!(world.position("Observation").await.as_deref(), Some("2026-01-01T11:30:00.000Z"));
}

#[tokio::test]
async fn each_search_has_its_own_position_and_its_own_parameters() {
    let searches = json!([{ "resourceType": "Observation", "query": "category=laboratory" }, { "resourceType": "Encounter" }]);
    let world = World::reading(json!({ "searches": searches, "since": "2025-01-01T00:00:00Z" })).await;
    world.ehr.says(page(&[result("1", 1, "2026-01-01T11:10:00Z")], None));
    world.ehr.says(page(&[], None));
    world.reader().round().await.unwrap();
    let since = "_lastUpdated=ge2025-01-01T00:00:00.000Z&_sort=_lastUpdated&_count=100";
    let asked = [format!("Observation?category=laboratory&{since}"), format!("Encounter?{since}")];
    assert_eq!(world.ehr.paths(), asked);
    assert!(world.position("Observation?category=laboratory").await.is_some());
    assert_eq!(world.position("Encounter").await, None);
}

#[tokio::test]
async fn a_version_without_a_number_is_known_by_its_content() {
    let world = World::reading(json!({})).await;
    let unnumbered = |value: f64| {
        let mut result = result("1", 1, "2026-01-01T11:10:00Z");
        result["meta"] = Value::Null;
        result.as_object_mut().unwrap().remove("meta");
        result["valueQuantity"]["value"] = json!(value);
        result
    };
    for (value, taken) in [(6.8, 1), (6.8, 0), (7.1, 1)] {
        world.ehr.says(page(&[unnumbered(value)], None));
        assert_eq!(world.reader().round().await.unwrap(), taken);
    }
    assert_eq!(world.position("Observation").await, None, "nobody knows how far that was");
}
